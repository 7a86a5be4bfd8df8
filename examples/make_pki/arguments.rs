//! The command line.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;

use lexopt::prelude::*;
use portcullis::PeerName;

pub(crate) const HELP: &str = "\
Makes a PKI to try things with: a root, an intermediate, certificates below it, and their CRLs.

USAGE
    make_pki DIR [OPTIONS]

DIR must be new or empty. For each name, two files are written to it: NAME.pem, the chain without
the root, and NAME.key, the private key. The CRLs go to DIR/crls, in DER: root.crl covers the
intermediate, and intermediate.crl the certificates below it.
The example mtls_server makes a PKI of its own. It does not take this one.

OPTIONS
    --host NAME         a DNS name or IP address of the server (repeatable; default: localhost)
    --client NAME       a client below the intermediate (repeatable; default: alice)
    --revoked NAME      a revoked client below the intermediate (repeatable; default: mallory)
    --none-revoked      revoke nobody
    --self-signed NAME  a client with a self-signed certificate (repeatable; default: device)
    --days N            how long server, clients and CRLs are valid, 1 to 3650 (default: 90);
                        the intermediate is valid for 10 years, the root for 20
    --crl-url URL       where the certificates say that their CRLs are
                        (default: http://127.0.0.1:8000/)
    -h, --help          print this help

A client's name becomes a file name, a mailbox and a SPIFFE ID. So it may have letters, digits,
dots, underscores and hyphens only.

EXIT STATUS
    0  everything was written
    2  the command line is wrong, or the folder is not empty or cannot be written
";

/// Names that are taken: the files of these three are always written.
pub(crate) const ROOT: &str = "root";
pub(crate) const INTERMEDIATE: &str = "intermediate";
pub(crate) const SERVER: &str = "server";

/// The folder of the CRLs.
pub(crate) const CRL_FOLDER: &str = "crls";

/// The default address of Python's web server, which the page on making certificates starts.
const URL: &str = "http://127.0.0.1:8000/";

/// The upper bound of X.520 for a common name.
const LONGEST_NAME: usize = 64;

const MOST_DAYS: u32 = 3650;

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Make(Options),
}

/// What to make.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) folder: PathBuf,
    pub(crate) hosts: Vec<Host>,
    pub(crate) clients: Vec<String>,
    pub(crate) revoked: Vec<String>,
    pub(crate) self_signed: Vec<String>,
    pub(crate) days: u32,
    /// Ends with a slash.
    pub(crate) crl_url: String,
}

/// How clients reach the server.
#[derive(Clone, Debug)]
pub(crate) enum Host {
    Name(String),
    Address(IpAddr),
}

/// Reads the command line of this process.
pub(crate) fn parse() -> Result<Command, String> {
    let mut parser = lexopt::Parser::from_env();
    let mut folder = None;
    let (mut hosts, mut clients) = (Vec::new(), Vec::new());
    let (mut revoked, mut self_signed) = (Vec::new(), Vec::new());
    let mut none_revoked = false;
    let (mut days, mut crl_url) = (90, URL.to_owned());
    while let Some(argument) = parser.next().map_err(usage)? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("host") => hosts.push(host(text(&mut parser)?)?),
            Long("client") => clients.push(name("--client", text(&mut parser)?)?),
            Long("revoked") => revoked.push(name("--revoked", text(&mut parser)?)?),
            Long("none-revoked") => none_revoked = true,
            Long("self-signed") => self_signed.push(name("--self-signed", text(&mut parser)?)?),
            Long("days") => days = number_of_days(&text(&mut parser)?)?,
            Long("crl-url") => crl_url = url(text(&mut parser)?)?,
            Value(value) if folder.is_none() => folder = Some(PathBuf::from(value)),
            other => return Err(usage(other.unexpected())),
        }
    }
    let folder = folder.ok_or_else(|| usage("name the folder to make"))?;
    let or = |given: Vec<String>, default: &str| match given.is_empty() {
        true => vec![default.to_owned()],
        false => given,
    };
    if none_revoked && !revoked.is_empty() {
        return Err(usage("--none-revoked and --revoked contradict each other"));
    }
    if hosts.is_empty() {
        hosts.push(Host::Name("localhost".into()));
    }
    distinct(Options {
        folder,
        hosts,
        clients: or(clients, "alice"),
        revoked: match none_revoked {
            true => revoked,
            false => or(revoked, "mallory"),
        },
        self_signed: or(self_signed, "device"),
        days,
        crl_url,
    })
}

/// Refuses names that would share a file. On some systems, names that differ in case only do.
fn distinct(options: Options) -> Result<Command, String> {
    let mut seen = HashMap::from([ROOT, INTERMEDIATE, SERVER].map(|name| (name.to_owned(), name)));
    for (option, names) in [
        ("--client", &options.clients),
        ("--revoked", &options.revoked),
        ("--self-signed", &options.self_signed),
    ] {
        for name in names {
            if let Some(other) = seen.insert(name.to_lowercase(), option) {
                return Err(usage(format_args!(
                    "{option} {name}: {other} has this name already; choose another"
                )));
            }
        }
    }
    Ok(Command::Make(options))
}

fn text(parser: &mut lexopt::Parser) -> Result<String, String> {
    parser
        .value()
        .and_then(|value| value.string())
        .map_err(usage)
}

fn usage(error: impl ToString) -> String {
    format!("{} (--help shows the options)", error.to_string())
}

fn host(text: String) -> Result<Host, String> {
    if let Ok(address) = text.parse() {
        return Ok(Host::Address(address));
    }
    match PeerName::dns(&text) {
        Ok(_) if !text.ends_with('.') => Ok(Host::Name(text)),
        Ok(_) => Err(usage(format_args!(
            "--host {text:?}: leave out the last dot"
        ))),
        Err(error) => Err(usage(format_args!("--host {text:?}: {error}"))),
    }
}

fn name(option: &str, text: String) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    // A mailbox does not end with a dot, and has no two dots in a row.
    let dots = text.ends_with('.') || text.contains("..");
    if !begins || dots || !text.chars().all(is_plain) || text.len() > LONGEST_NAME {
        return Err(usage(format_args!(
            "{option} {text:?}: write up to {LONGEST_NAME} letters, digits, single dots, \
             underscores and hyphens, a letter or digit first"
        )));
    }
    Ok(text)
}

/// CRLs are signed, so http is enough. Over https, the server's certificate would have to be
/// checked for revocation before its CRL could be fetched.
fn url(mut text: String) -> Result<String, String> {
    let rest = text.strip_prefix("http://");
    let has_host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    if !has_host || !text.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(usage(format_args!(
            "--crl-url {text:?}: write http://HOST/ or http://HOST:PORT/PATH/"
        )));
    }
    if !text.ends_with('/') {
        text.push('/');
    }
    Ok(text)
}

fn number_of_days(text: &str) -> Result<u32, String> {
    let days = text.parse().ok();
    days.filter(|days| (1..=MOST_DAYS).contains(days))
        .ok_or_else(|| usage(format_args!("--days {text:?}: write 1 to {MOST_DAYS}")))
}

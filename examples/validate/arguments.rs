//! The command line.

use std::ffi::OsString;
use std::net::IpAddr;
use std::time::SystemTime;

use lexopt::prelude::*;
use portcullis::revocation::{RevocationFlag, RevocationMode};
use portcullis::{ObjectIdentifier, PeerName, Pin, Profile, Purpose, Time, oid};

use crate::Problem;
use crate::samples::Detail;

pub(crate) const HELP: &str = "\
Validates a certificate chain and explains the verdict.

USAGE
    validate [--verbose]              validate the samples in testdata/: one line for each, or the
                                      whole report with --verbose
    validate FILE... TRUST [OPTIONS]  validate the chain in these files

FILE is PEM or DER; `-` is standard input. The first certificate of the first file is the leaf, the
certificate to validate. All others count as sent along with it, in any order.

TRUST: whom to trust. Give at least one of
    --roots FILE              the roots in FILE, a PEM bundle or DER. Other certificates in it are
                              intermediates (repeatable)
    --anchors FILE            every certificate in FILE, root or not: its revocation is not checked,
                              and it needs no root above it (repeatable)
    --system-roots            the roots of the operating system
    --allow-self-signed PIN   one self-signed certificate, by its SHA-256 (`cert:HEX` or `HEX`) or
                              that of its public key (`spki:HEX`) (repeatable)

OPTIONS
    --intermediates FILE      more intermediate certificates (repeatable)
    --time TIME               validate at this time: 2026-01-31T12:00:00Z, or seconds since 1970
                              (default: now)
    --purpose PURPOSE         what the leaf is used for: any (default), client, server, or
                              identifiers of extended key usages: OID[,OID...]
    --profile PROFILE         how strict to be with issuers: default, rfc5280 or webpki
    --name NAME               a name that the leaf must have: dns:HOST, ip:ADDRESS or email:MAILBOX.
                              Without a prefix the form is guessed (repeatable: all are required)
    --json                    print a report for programs

REVOCATION
    --revocation MODE         online (default): use the files below, and fetch what they lack from
                              the http URLs in the certificates; offline: use the files only; off:
                              do not check. Unless it is off, a certificate whose status cannot be
                              found out is rejected
    --revocation-flag FLAG    whose status to check: exclude-root (default; all but the root), chain
                              (all) or end (the leaf only)
    --crl FILE                CRLs, PEM or DER (repeatable)
    --ocsp FILE               an OCSP response, DER (repeatable)
    --stapled FILE            the OCSP response that was stapled to the handshake, DER
    --allow-private           fetch from addresses that are not public, too

    -h, --help                print this help

EXIT STATUS
    0  accepted
    1  rejected
    2  the input cannot be read, or the command line is wrong
";

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Samples(Detail),
    Validate(Box<Options>),
}

/// How to validate.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) files: Vec<OsString>,
    pub(crate) roots: Vec<OsString>,
    pub(crate) anchors: Vec<OsString>,
    pub(crate) system_roots: bool,
    pub(crate) intermediates: Vec<OsString>,
    pub(crate) at: Time,
    pub(crate) purpose: Purpose,
    pub(crate) profile: Profile,
    pub(crate) names: Vec<PeerName>,
    pub(crate) pins: Vec<Pin>,
    pub(crate) revocation: RevocationMode,
    pub(crate) revocation_flag: RevocationFlag,
    pub(crate) crls: Vec<OsString>,
    pub(crate) responses: Vec<OsString>,
    pub(crate) stapled: Option<OsString>,
    pub(crate) allow_private: bool,
    pub(crate) json: bool,
}

impl Options {
    fn new() -> Self {
        Self {
            files: Vec::new(),
            roots: Vec::new(),
            anchors: Vec::new(),
            system_roots: false,
            intermediates: Vec::new(),
            at: Time::from(SystemTime::now()),
            purpose: Purpose::Any,
            profile: Profile::Default,
            names: Vec::new(),
            pins: Vec::new(),
            revocation: RevocationMode::default(),
            revocation_flag: RevocationFlag::default(),
            crls: Vec::new(),
            responses: Vec::new(),
            stapled: None,
            allow_private: false,
            json: false,
        }
    }
}

impl Options {
    /// Whether anything but pinned certificates is trusted.
    pub(crate) fn trusts_anchors(&self) -> bool {
        self.system_roots || !self.roots.is_empty() || !self.anchors.is_empty()
    }
}

/// Reads the command line of this process.
pub(crate) fn parse() -> Result<Command, Problem> {
    let mut parser = lexopt::Parser::from_env();
    let mut options = Options::new();
    let mut detail = Detail::Line;
    let mut any = false;
    while let Some(argument) = parser.next().map_err(usage)? {
        if matches!(argument, Long("verbose")) {
            detail = Detail::Report;
            continue;
        }
        any = true;
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("roots") => options.roots.push(file(&mut parser)?),
            Long("anchors") => options.anchors.push(file(&mut parser)?),
            Long("system-roots") => options.system_roots = true,
            Long("intermediates") => options.intermediates.push(file(&mut parser)?),
            Long("time") => options.at = time(&text(&mut parser)?)?,
            Long("purpose") => options.purpose = purpose(&text(&mut parser)?)?,
            Long("profile") => options.profile = profile(&text(&mut parser)?)?,
            Long("name") => options.names.push(name(&text(&mut parser)?)?),
            Long("allow-self-signed") => options.pins.push(pin(&text(&mut parser)?)?),
            Long("revocation") => options.revocation = revocation(&text(&mut parser)?)?,
            Long("revocation-flag") => options.revocation_flag = flag(&text(&mut parser)?)?,
            Long("crl") => options.crls.push(file(&mut parser)?),
            Long("ocsp") => options.responses.push(file(&mut parser)?),
            Long("stapled") => options.stapled = Some(file(&mut parser)?),
            Long("allow-private") => options.allow_private = true,
            Long("json") => options.json = true,
            Value(file) => options.files.push(file),
            other => return Err(usage(other.unexpected())),
        }
    }
    if !any {
        return Ok(Command::Samples(detail));
    }
    check(options).map(|options| Command::Validate(Box::new(options)))
}

fn file(parser: &mut lexopt::Parser) -> Result<OsString, Problem> {
    parser.value().map_err(usage)
}

fn text(parser: &mut lexopt::Parser) -> Result<String, Problem> {
    file(parser)?.string().map_err(usage)
}

fn check(options: Options) -> Result<Options, Problem> {
    if options.files.is_empty() {
        return Err(usage(
            "name a file with the certificate to validate, or `-` for standard input",
        ));
    }
    if !options.trusts_anchors() && options.pins.is_empty() {
        return Err(usage(
            "nobody is trusted, so nothing can be accepted; say whom to trust: --roots FILE \
             (your CA), --system-roots (the CAs of the operating system) or --allow-self-signed \
             PIN (one certificate)",
        ));
    }
    let has_evidence = [&options.crls, &options.responses]
        .into_iter()
        .flatten()
        .chain(&options.stapled)
        .next()
        .is_some();
    if has_evidence && options.revocation == RevocationMode::NoCheck {
        return Err(usage(
            "--crl, --ocsp and --stapled are for checking revocation, and --revocation off does \
             not check it; leave it out, or write --revocation offline to use these files only",
        ));
    }
    let inputs = [
        &options.files,
        &options.roots,
        &options.anchors,
        &options.intermediates,
        &options.crls,
        &options.responses,
    ];
    let inputs = inputs.into_iter().flatten().chain(&options.stapled);
    let stdin = inputs.filter(|file| *file == "-");
    if stdin.count() > 1 {
        return Err(usage("`-` can stand in one place only"));
    }
    Ok(options)
}

fn usage(error: impl ToString) -> Problem {
    Problem::new(format!("{} (--help shows the options)", error.to_string()))
}

fn time(text: &str) -> Result<Time, Problem> {
    let seconds = text.parse().map(Time::from_unix).ok();
    seconds.or_else(|| text.parse().ok()).ok_or_else(|| {
        usage(format_args!(
            "--time {text:?}: write 2026-01-31T12:00:00Z (UTC, with the Z) or seconds since 1970"
        ))
    })
}

fn purpose(text: &str) -> Result<Purpose, Problem> {
    match text {
        "any" => Ok(Purpose::Any),
        "client" => Ok(Purpose::ClientAuth),
        "server" => Ok(Purpose::ServerAuth),
        _ => {
            let parsed = text.split(',').map(|item| match item {
                "client" => Ok(oid::CLIENT_AUTH),
                "server" => Ok(oid::SERVER_AUTH),
                dotted => ObjectIdentifier::new(dotted),
            });
            parsed
                .collect::<Result<_, _>>()
                .map(Purpose::All)
                .map_err(|_| {
                    usage(format_args!(
                        "--purpose {text:?}: write any, client, server, or identifiers such as \
                     1.3.6.1.5.5.7.3.4"
                    ))
                })
        }
    }
}

fn profile(text: &str) -> Result<Profile, Problem> {
    match text {
        "default" => Ok(Profile::Default),
        "rfc5280" => Ok(Profile::Rfc5280),
        "webpki" => Ok(Profile::WebPki),
        _ => Err(usage(format_args!(
            "--profile {text:?}: write default, rfc5280 or webpki"
        ))),
    }
}

fn revocation(text: &str) -> Result<RevocationMode, Problem> {
    match text {
        "off" => Ok(RevocationMode::NoCheck),
        "online" => Ok(RevocationMode::Online),
        "offline" => Ok(RevocationMode::Offline),
        _ => Err(usage(format_args!(
            "--revocation {text:?}: write online, offline or off"
        ))),
    }
}

fn flag(text: &str) -> Result<RevocationFlag, Problem> {
    match text {
        "end" => Ok(RevocationFlag::EndCertificateOnly),
        "chain" => Ok(RevocationFlag::EntireChain),
        "exclude-root" => Ok(RevocationFlag::ExcludeRoot),
        _ => Err(usage(format_args!(
            "--revocation-flag {text:?}: write end, chain or exclude-root"
        ))),
    }
}

fn name(text: &str) -> Result<PeerName, Problem> {
    let parsed = if let Some(host) = text.strip_prefix("dns:") {
        PeerName::dns(host).map_err(|error| error.to_string())
    } else if let Some(address) = text.strip_prefix("ip:") {
        let address = address.parse::<IpAddr>();
        address.map(PeerName::ip).map_err(|error| error.to_string())
    } else if let Some(mailbox) = text.strip_prefix("email:") {
        PeerName::email(mailbox).map_err(|error| error.to_string())
    } else {
        guess_name(text)
    };
    parsed.map_err(|error| {
        usage(format_args!(
            "--name {text:?}: {error}; write dns:HOST, ip:ADDRESS or email:MAILBOX"
        ))
    })
}

fn guess_name(text: &str) -> Result<PeerName, String> {
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(PeerName::ip(address)),
        Err(_) if text.contains('@') => PeerName::email(text).map_err(|error| error.to_string()),
        Err(_) => PeerName::dns(text).map_err(|error| error.to_string()),
    }
}

fn pin(text: &str) -> Result<Pin, Problem> {
    text.parse()
        .map_err(|error| usage(format_args!("--allow-self-signed {text:?}: {error}")))
}

//! The command line.

use std::error::Error;
use std::fmt::Display;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lexopt::prelude::*;
use portcullis::authentication::forwarded::ProxySecret;

/// The header with the secret of the proxy.
const PROXY_SECRET: &str = "X-Proxy-Secret";

use super::address::Address;

const USAGE: &str = "\
A server that knows its clients by their certificates.

  mtls_server [--tls ADDRESS] [--plain ADDRESS] [--pki DIR]
              [--trust-proxy IP]... [--proxy-secret FILE]
              [--refresh SECONDS] [--until-stdin-closes]
  mtls_server --load SECONDS

  --tls ADDRESS      where clients come (127.0.0.1:8443)
  --plain ADDRESS    without TLS: for a proxy that forwards certificates, for the authority's CRLs
                     and for metrics (127.0.0.1:8080); reachable by the proxy and nobody else
  --pki DIR          an authority to try it with, made where there is none (target/mtls_server)
  --trust-proxy IP   from where forwarded certificates are believed, with the secret; may be given
                     again (nowhere)
  --proxy-secret FILE
                     the secret that the proxy sends in X-Proxy-Secret, which tells it from other
                     programs at its address; make one with: umask 077; openssl rand -hex 32 > FILE
  --refresh SECONDS  how often evidence of revocation is renewed (5)
  --until-stdin-closes
                     ends when standard input does, for programs that start it
  --load SECONDS     starts a server of its own, sends it requests for so long and measures its
                     memory

A port of 0 takes a free one; the addresses are printed.";

/// What the program was asked to do.
#[derive(Clone, Debug)]
pub struct Options {
    pub tls: SocketAddr,
    pub plain: SocketAddr,
    pub pki: PathBuf,
    pub trusted_proxies: Vec<Address>,
    pub proxy_secret: Option<ProxySecret>,
    pub refresh: Duration,
    pub until_stdin_closes: bool,
    pub load: Option<Duration>,
}

/// The checkout, two folders above the package.
fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package)
}

impl Options {
    /// Reads the command line of this process; `None` where it asked for help, and has got it.
    pub fn read() -> Result<Option<Self>, Box<dyn Error>> {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut options = Self {
            tls: local(8443),
            plain: local(8080),
            pki: workspace().join("target/mtls_server"),
            trusted_proxies: Vec::new(),
            proxy_secret: None,
            refresh: Duration::from_secs(5),
            until_stdin_closes: false,
            load: None,
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("tls") => options.tls = parser.value()?.parse()?,
                Long("plain") => options.plain = parser.value()?.parse()?,
                Long("pki") => options.pki = parser.value()?.into(),
                Long("trust-proxy") => {
                    let proxy = parser.value()?.parse();
                    let proxy = proxy.map_err(|error| format!("--trust-proxy: {error}"))?;
                    options.trusted_proxies.push(proxy);
                }
                Long("proxy-secret") => {
                    options.proxy_secret = Some(proxy_secret(&PathBuf::from(parser.value()?))?);
                }
                Long("refresh") => options.refresh = seconds(parser.value()?.parse()?)?,
                Long("until-stdin-closes") => options.until_stdin_closes = true,
                Long("load") => options.load = Some(seconds(parser.value()?.parse()?)?),
                Short('h') | Long("help") => {
                    println!("{USAGE}");
                    return Ok(None);
                }
                _ => return Err(format!("{}\n\n{USAGE}", argument.unexpected()).into()),
            }
        }
        if !options.trusted_proxies.is_empty() && options.proxy_secret.is_none() {
            return Err("--trust-proxy needs --proxy-secret FILE: every program of that machine has its address".into());
        }
        Ok(Some(options))
    }
}

/// From a file: the command line is there for every user of the machine to read.
fn proxy_secret(file: &Path) -> Result<ProxySecret, Box<dyn Error>> {
    let of_file = |error: &dyn Display| format!("--proxy-secret {}: {error}", file.display());
    let secret = fs::read_to_string(file).map_err(|error| of_file(&error))?;
    let secret = ProxySecret::new(PROXY_SECRET, secret.trim_end());
    Ok(secret.map_err(|error| of_file(&error))?)
}

fn seconds(number: u32) -> Result<Duration, Box<dyn Error>> {
    match number {
        0 => Err("a time of 0 seconds".into()),
        _ => Ok(Duration::from_secs(number.into())),
    }
}

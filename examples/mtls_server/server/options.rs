//! The command line.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

const USAGE: &str = "\
A server that knows its clients by their certificates.

  mtls_server [--tls ADDRESS] [--plain ADDRESS] [--pki DIR] [--trust-proxy IP] [--refresh SECONDS]
              [--until-stdin-closes]
  mtls_server --load SECONDS

  --tls ADDRESS      where clients come (127.0.0.1:8443)
  --plain ADDRESS    without TLS: for a proxy that forwards certificates, for the authority's lists and for metrics
                     (127.0.0.1:8080); reachable by the proxy and nobody else
  --pki DIR          an authority to try it with, made where there is none (target/mtls_server)
  --trust-proxy IP   whose forwarded certificates are believed; may be given again (nobody's). Every program at that
                     address is believed: name 127.0.0.1 only where no stranger's program runs on this machine
  --refresh SECONDS  how often evidence of revocation is renewed (5)
  --until-stdin-closes
                     ends when standard input does, for programs that start it
  --load SECONDS     starts a server of its own, sends it requests for so long and measures its memory

A port of 0 takes a free one; the addresses are printed.";

/// What the program was asked to do.
#[derive(Clone, Debug)]
pub struct Options {
    pub tls: SocketAddr,
    pub plain: SocketAddr,
    pub pki: PathBuf,
    pub trusted_proxies: Vec<IpAddr>,
    pub refresh: Duration,
    pub until_stdin_closes: bool,
    pub load: Option<Duration>,
}

impl Options {
    /// Reads the command line of this process; `None` where it asked for help, and has got it.
    pub fn read() -> Result<Option<Self>, Box<dyn Error>> {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut options = Self {
            tls: local(8443),
            plain: local(8080),
            pki: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/mtls_server")),
            trusted_proxies: Vec::new(),
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
                Long("trust-proxy") => options.trusted_proxies.push(parser.value()?.parse()?),
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
        Ok(Some(options))
    }
}

fn seconds(number: u32) -> Result<Duration, Box<dyn Error>> {
    match number {
        0 => Err("a time of 0 seconds".into()),
        _ => Ok(Duration::from_secs(number.into())),
    }
}

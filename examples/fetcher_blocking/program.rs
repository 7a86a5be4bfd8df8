//! The command line and the report, which `fetcher_async` shares.

use std::env;
use std::error::Error;
use std::fs;
use std::process::ExitCode;
use std::time::SystemTime;

use portcullis::revocation::{EvidenceKind, RevocationFlag, RevocationMode, RevocationStatus};
use portcullis::{
    Accepted, ChainElement, Presented, Rejected, Time, TrustMode, TrustStore, Validator,
};

use crate::rules::Rules;

const USAGE: &str = "\
usage: CHAIN ROOTS [--allow-private]

Validates the chain in CHAIN (PEM, the leaf first) against the roots in ROOTS (PEM), and checks
revocation online. With --allow-private it also connects to addresses that are not public, as your
own CA may have.";

/// What the command line asks for.
pub struct Task {
    pub validator: Validator,
    pub presented: Presented,
    pub now: Time,
    pub rules: Rules,
}

impl Task {
    /// Reads the command line of this process, and the files that it names.
    pub fn from_arguments() -> Result<Self, Box<dyn Error>> {
        let mut arguments: Vec<_> = env::args_os().skip(1).collect();
        let count = arguments.len();
        arguments.retain(|argument| argument != "--allow-private");
        let rules = Rules {
            allow_private: arguments.len() < count,
            ..Rules::default()
        };
        let [chain, roots] = &arguments[..] else {
            return Err(USAGE.into());
        };
        let roots = TrustStore::from_pem(&fs::read(roots)?)?;
        let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
            .revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot)
            .build()?;
        Ok(Self {
            validator,
            presented: Presented::from_pem(&fs::read(chain)?)?,
            now: Time::from(SystemTime::now()),
            rules,
        })
    }
}

/// Prints the verdict, and the revocation status of each certificate with its evidence.
pub fn report(verdict: &Result<Accepted, Rejected>) -> ExitCode {
    match verdict {
        Ok(accepted) => {
            println!("accepted until {}", accepted.not_after());
            accepted.chain().iter().for_each(element);
            ExitCode::SUCCESS
        }
        Err(rejected) => {
            println!("rejected: {rejected}");
            rejected.chain().iter().for_each(element);
            ExitCode::FAILURE
        }
    }
}

fn element(element: &ChainElement) {
    if let Some(subject) = element.subject() {
        println!("  {subject:.200}: {}", status(element.revocation.as_ref()));
    }
}

fn status(status: Option<&RevocationStatus>) -> String {
    let kind = |kind| match kind {
        EvidenceKind::Crl => "a CRL",
        EvidenceKind::Ocsp => "an OCSP response",
        _ => "other evidence",
    };
    match status {
        Some(RevocationStatus::Good(used)) => {
            format!("good by {} of {}", kind(used.kind), used.this_update)
        }
        Some(RevocationStatus::Revoked(revocation, used)) => {
            format!("revoked {revocation}, by {}", kind(used.kind))
        }
        Some(RevocationStatus::Unknown(reason)) => format!("unknown: {reason}"),
        _ => "not asked".into(),
    }
}

//! Refuses clients by a deny list of your own, in addition to CRLs and OCSP.
//!
//! ```text
//! cargo run --example deny_list
//! cargo run --example deny_list -- chain.pem roots.pem denied.txt
//! ```
//!
//! Without arguments it validates a client of `testdata/` with three deny lists. With files, the
//! exit status is 0 if the client is accepted. `list.rs` is there to be copied, and describes the
//! lines of `denied.txt`.

mod list;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs};

use list::{Denied, DenyList, sha256};
use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode, RevocationPolicy};
use portcullis::{Presented, Purpose, Time, TrustMode, TrustStore, UnknownStatus, Validator};

const CHAIN: &[u8] = include_bytes!("../../testdata/chains/good-d2.pem");
const ROOTS: &[u8] = include_bytes!("../../testdata/roots/root.pem");

/// A validator with this deny list, and without CRLs and responders.
fn validator(roots: &[u8], list: &Arc<DenyList>) -> Result<Validator, Box<dyn Error>> {
    let policy = RevocationPolicy::default()
        .accept_unknown(UnknownStatus::NoSource)
        .accept_unknown(UnknownStatus::NotFetched);
    let builder = Validator::builder(TrustMode::CustomRootTrust(TrustStore::from_pem(roots)?))
        .purpose(Purpose::ClientAuth)
        .revocation(RevocationMode::Offline, RevocationFlag::ExcludeRoot)
        .revocation_policy(policy)
        .status_source(Arc::clone(list) as _);
    Ok(builder.build()?)
}

/// Validates this chain and prints the verdict. True if it is accepted.
fn show(validator: &Validator, presented: &Presented, now: Time) -> bool {
    let verdict = validator.validate(presented, now, &NoFetcher);
    match &verdict {
        Ok(_) => println!("accepted"),
        Err(rejected) => println!("rejected: {rejected}"),
    }
    verdict.is_ok()
}

fn samples() -> Result<(), Box<dyn Error>> {
    let list = Arc::<DenyList>::default();
    let validator = validator(ROOTS, &list)?;
    let presented = Presented::from_pem(CHAIN)?;
    let now = Time::from_civil(2026, 1, 1, 0, 0, 0).ok_or("no such day")?;
    print!("an empty list: ");
    let accepted = validator.validate(&presented, now, &NoFetcher)?;
    show(&validator, &presented, now);

    let hex = |octets: &[u8]| -> String { octets.iter().map(|b| format!("{b:02x}")).collect() };
    let mut chain = accepted.certificates();
    let (leaf, issuer) = (
        chain.next().ok_or("no leaf")?,
        chain.next().ok_or("no issuer")?,
    );
    let key = format!("key {}", hex(&sha256(leaf.spki_der())));
    let issuer = hex(&sha256(issuer.spki_der()));
    let serial = format!("serial {issuer} {}", hex(leaf.serial()));
    for line in [key, serial] {
        println!("\n{line}");
        list.replace(Denied::parse(&line)?);
        show(&validator, &presented, now);
    }
    Ok(())
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [chain, roots, denied] = &arguments[..] else {
        samples()?;
        return Ok(ExitCode::SUCCESS);
    };
    let list = Arc::<DenyList>::default();
    list.replace(Denied::parse(&fs::read_to_string(denied)?)?);
    let validator = validator(&fs::read(roots)?, &list)?;
    let presented = Presented::from_pem(&fs::read(chain)?)?;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let now = Time::from_unix(i64::try_from(seconds)?);
    Ok(match show(&validator, &presented, now) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

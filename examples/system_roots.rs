//! Loads the roots of the operating system (rustls-native-certs) and those of Mozilla
//! (webpki-roots).
//!
//! The library reads no files, so the caller loads the roots. A root that does not parse is skipped
//! with a note, because one odd root should not keep a server from starting.
//!
//! ```text
//! cargo run --release --example system_roots              # counts the roots
//! cargo run --release --example system_roots chain.pem    # validates a server's chain, leaf first
//! cargo run --release --example system_roots chain.pem 2026-01-31T12:00:00Z
//! ```

use std::env;
use std::error::Error;
use std::fs;
use std::time::SystemTime;

use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{
    AnchorConstraints, Certificate, Presented, Purpose, Time, TrustAnchor, TrustMode, TrustStore,
    TrustStoreError, Validator,
};

/// The tag of a SEQUENCE in DER.
const SEQUENCE: u8 = 0x30;

fn main() -> Result<(), Box<dyn Error>> {
    let native = native_roots().unwrap_or_else(|error| {
        eprintln!("operating system: {error}");
        TrustStore::default()
    });
    let mozilla = mozilla_roots();
    println!("operating system: {} anchors", native.anchors().len());
    println!("Mozilla: {} anchors", mozilla.anchors().len());

    let mut arguments = env::args().skip(1);
    let Some(file) = arguments.next() else {
        println!("pass a PEM file with a server's chain, leaf first, to validate it with both");
        return Ok(());
    };
    let at = match arguments.next() {
        Some(text) => text.parse()?,
        None => Time::from(SystemTime::now()),
    };
    let presented = Presented::from_pem(&fs::read(file)?)?;
    for (whose, roots) in [("operating system", native), ("Mozilla", mozilla)] {
        println!("{whose}: {}", verdict(roots, &presented, at)?);
    }
    Ok(())
}

/// The roots of the operating system, as certificates.
fn native_roots() -> Result<TrustStore, TrustStoreError> {
    let loaded = rustls_native_certs::load_native_certs();
    for error in &loaded.errors {
        eprintln!("operating system: {error}");
    }
    let parsed = loaded.certs.iter().filter_map(|der| {
        Certificate::from_der(der)
            .inspect_err(|error| eprintln!("operating system: a root is skipped: {error}"))
            .ok()
    });
    TrustStore::from_certificates(parsed)
}

/// Mozilla's roots for TLS servers, which are compiled in: names, keys and name constraints, but no
/// certificates.
fn mozilla_roots() -> TrustStore {
    let anchors = webpki_roots::TLS_SERVER_ROOTS.iter().filter_map(|root| {
        anchor(
            &root.subject,
            &root.subject_public_key_info,
            root.name_constraints.as_deref(),
        )
        .inspect_err(|error| eprintln!("Mozilla: a root is skipped: {error}"))
        .ok()
    });
    TrustStore::new(anchors)
}

/// A trust anchor from webpki-roots, which has the contents of three SEQUENCEs without their
/// headers.
fn anchor(
    subject: &[u8],
    public_key: &[u8],
    name_constraints: Option<&[u8]>,
) -> Result<TrustAnchor, Box<dyn Error>> {
    let anchor = TrustAnchor::from_name_and_key(&sequence(subject), &sequence(public_key))?;
    let Some(constraints) = name_constraints else {
        return Ok(anchor);
    };
    // Constraints on a root must hold here too. If they do not decode, the root is not trusted.
    let constraints = AnchorConstraints::default().name_constraints(&sequence(constraints))?;
    Ok(anchor.with_constraints(constraints))
}

/// Puts the header of a SEQUENCE before its contents (X.690 section 8.1.3): the tag, then the
/// length. A length below 128 is one octet; before a longer one stands the number of its octets.
fn sequence(contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let mut der = vec![SEQUENCE];
    match u8::try_from(contents.len()) {
        Ok(short) if short < 0x80 => der.push(short),
        _ => {
            let octets = length.iter().skip_while(|octet| **octet == 0);
            // No length has more octets than a usize.
            der.push(0x80 | octets.clone().count() as u8);
            der.extend(octets);
        }
    }
    der.extend_from_slice(contents);
    der
}

fn verdict(roots: TrustStore, presented: &Presented, at: Time) -> Result<String, Box<dyn Error>> {
    let validator = Validator::builder(TrustMode::System(roots))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .purpose(Purpose::ServerAuth)
        .build()?;
    Ok(match validator.validate(presented, at, &NoFetcher) {
        Ok(accepted) => match accepted.anchor() {
            Some(anchor) => format!("accepted, trusted by {}", anchor.subject()),
            None => "accepted".into(),
        },
        Err(rejected) => format!("rejected: {rejected}"),
    })
}

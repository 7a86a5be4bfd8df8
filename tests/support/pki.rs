//! A builder of certificates for tests: the one that `testdata/` is generated with.
//!
//! Keys follow from labels, so that all tests see the same octets in each run. What the builder is
//! told to write it writes, right or wrong.

#[path = "../../examples/make_testdata/asn1.rs"]
pub mod asn1;
#[path = "../../examples/make_testdata/certificate.rs"]
pub mod certificate;
#[path = "../../examples/make_testdata/extensions.rs"]
pub mod extensions;
#[path = "../../examples/make_testdata/keys.rs"]
pub mod keys;
#[path = "../../examples/make_testdata/names.rs"]
pub mod names;

pub use certificate::{Authority, Certificate as Made, Template};

/// The certificate with its signature changed: `change` gets the octets of the BIT STRING after its
/// first.
pub fn with_signature(made: &Made, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Made {
    let certificate = portcullis::Certificate::from_der(&made.der).unwrap();
    let algorithm = certificate.signature_algorithm();
    let signature = change(certificate.signature().to_vec());
    let parts = [
        certificate.tbs(),
        algorithm.as_der(),
        &asn1::bit_string(&signature),
    ];
    Made {
        label: made.label.clone(),
        der: asn1::sequence(&parts),
    }
}

/// The certificate with one bit of its signature turned over.
pub fn with_broken_signature(made: &Made) -> Made {
    with_signature(made, |mut signature| {
        if let Some(last) = signature.last_mut() {
            *last ^= 1;
        }
        signature
    })
}

/// The certificate with `from`, which must be in it, changed to `to`, which is as long.
pub fn tampered(made: &Made, from: &[u8], to: &[u8]) -> Made {
    assert_eq!(from.len(), to.len());
    let mut der = made.der.clone();
    let mut places = der.windows(from.len());
    let start = places.rposition(|window| window == from).unwrap();
    der[start..start + to.len()].copy_from_slice(to);
    Made {
        label: made.label.clone(),
        der,
    }
}

/// Layers of authorities, all cross-signed, and a client below the last one.
///
/// Each authority of a layer is signed by each of the layer above; those of a layer have one name
/// and no key identifiers, so that nothing but signatures tells them apart.
pub struct Mesh {
    /// The first of the roots is the one that is meant to be trusted.
    pub roots: Vec<Authority>,
    /// A root of the same name that signed nothing.
    pub wrong_root: Authority,
    pub pool: Vec<Made>,
    pub client: Made,
}

impl Mesh {
    /// `name` gives the subject of a layer, 0 for the roots.
    pub fn new(label: &str, layers: usize, width: usize, name: impl Fn(usize) -> String) -> Self {
        let bare = |place: &str, layer: usize| {
            Template::ca(&format!("{label} {place}"))
                .subject(names::house(&name(layer)))
                .without_key_identifiers()
        };
        let root = |n: usize| Authority::self_signed(bare(&format!("root {n}"), 0));
        let roots: Vec<Authority> = (0..width).map(root).collect();
        let wrong_root = root(width);
        let mut pool = Vec::new();
        let mut above = roots.clone();
        for layer in 1..=layers {
            let mut members = Vec::new();
            for column in 0..width {
                let key = keys::Key::p256(&format!("{label} {layer}.{column}"));
                for (signer, issuer) in above.iter().enumerate() {
                    let place = format!("{layer}.{column} by {signer}");
                    let member = issuer.issue_ca(bare(&place, layer).key(key.clone()));
                    pool.push(member.certificate.clone());
                    if signer == 0 {
                        members.push(member);
                    }
                }
            }
            above = members;
        }
        let template = Template::client(&format!("{label} client")).without_key_identifiers();
        let client = above[width - 1].issue(template);
        Self {
            roots,
            wrong_root,
            pool,
            client,
        }
    }
}

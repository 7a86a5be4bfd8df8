//! Many authorities of few names.

use crate::certificate::{Authority, Made, Template};
use crate::keys::Key;
use crate::names::common_name;

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
                .subject(common_name(&name(layer)))
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
                let key = Key::p256(&format!("{label} {layer}.{column}"));
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

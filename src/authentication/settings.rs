//! What of an authenticator's options decides no verdict, and the namespaces that follow from it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::forwarded::Provenance;
#[cfg(feature = "std")]
use super::memory::AuthenticationCache;

/// Options that decide no verdict.
pub(super) struct Settings {
    pub(super) scheme: Arc<str>,
    /// Who issues the claims, if not the default issuer.
    pub(super) issuer: Option<Arc<str>>,
    pub(super) replace_failures: bool,
    #[cfg_attr(not(feature = "std"), allow(dead_code))]
    pub(super) events_on_each_request: bool,
    #[cfg(feature = "std")]
    pub(super) cache: Option<Arc<AuthenticationCache>>,
    /// By which an authenticator and its clones know what their own events decided: another one's
    /// events decide for that one only, and no bytes could tell them apart.
    #[cfg(feature = "std")]
    pub(super) whose: Arc<()>,
    /// Under which verdicts are remembered, by provenance.
    handshake: Vec<u8>,
    forwarded: Vec<u8>,
}

impl Settings {
    /// An empty issuer is the default one.
    pub(super) fn new(
        scheme: &str,
        issuer: &str,
        replace_failures: bool,
        events_on_each_request: bool,
        #[cfg(feature = "std")] cache: Option<Arc<AuthenticationCache>>,
    ) -> Self {
        let namespace = |provenance| namespace(provenance, replace_failures, scheme, issuer);
        Self {
            scheme: Arc::from(scheme),
            issuer: (!issuer.is_empty()).then(|| Arc::from(issuer)),
            handshake: namespace(Provenance::Handshake),
            forwarded: namespace(Provenance::Forwarded),
            replace_failures,
            events_on_each_request,
            #[cfg(feature = "std")]
            cache,
            #[cfg(feature = "std")]
            whose: Arc::new(()),
        }
    }

    pub(super) fn namespace(&self, provenance: Provenance) -> &[u8] {
        match provenance {
            Provenance::Handshake => &self.handshake,
            Provenance::Forwarded => &self.forwarded,
        }
    }
}

/// What tells remembered verdicts apart, besides the digest of the validator: where the certificate
/// came from, whether a result may be one that was replaced, the scheme, and who issues the claims
/// that are kept. The scheme stands behind its length, so that no two of these give the same bytes.
fn namespace(
    provenance: Provenance,
    replace_failures: bool,
    scheme: &str,
    issuer: &str,
) -> Vec<u8> {
    let provenance = match provenance {
        Provenance::Handshake => b'h',
        Provenance::Forwarded => b'f',
    };
    let mut bytes = Vec::from([provenance, u8::from(replace_failures)]);
    bytes.extend((scheme.len() as u64).to_be_bytes());
    bytes.extend(scheme.as_bytes());
    bytes.extend(issuer.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::*;

    /// Short texts over few letters, so that joined ones meet.
    fn any_parts() -> impl Strategy<Value = (bool, bool, String, String)> {
        (any::<bool>(), any::<bool>(), "[a\0h]{0,3}", "[a\0h]{0,3}")
    }

    fn of(parts: &(bool, bool, String, String)) -> Vec<u8> {
        let provenance = match parts.0 {
            true => Provenance::Handshake,
            false => Provenance::Forwarded,
        };
        namespace(provenance, parts.1, &parts.2, &parts.3)
    }

    proptest! {
        #[test]
        fn no_two_share_a_namespace(one in any_parts(), other in any_parts()) {
            prop_assert_eq!(of(&one) == of(&other), one == other);
        }
    }
}

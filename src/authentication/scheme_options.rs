//! The options of a scheme that do not affect verdicts, and what depends on them: the principal for
//! a verdict, and the namespaces under which verdicts are cached.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::dotnet_claims::dotnet_claims;
use super::forwarded::Provenance;
use super::principal::Principal;
use super::result::AuthenticationError;
use crate::validator::{Accepted, Rejected};

pub(super) struct SchemeOptions {
    pub(super) scheme: Arc<str>,
    /// `None` for the default issuer.
    claims_issuer: Option<Arc<str>>,
    pub(super) replace_failures: bool,
    #[cfg_attr(not(feature = "std"), allow(dead_code))]
    pub(super) events_on_each_request: bool,
    handshake_namespace: Vec<u8>,
    forwarded_namespace: Vec<u8>,
}

impl SchemeOptions {
    /// An empty issuer stands for the default one.
    pub(super) fn new(
        scheme: &str,
        claims_issuer: &str,
        replace_failures: bool,
        events_on_each_request: bool,
    ) -> Self {
        let namespace = |provenance| namespace(provenance, replace_failures, scheme, claims_issuer);
        Self {
            scheme: Arc::from(scheme),
            claims_issuer: (!claims_issuer.is_empty()).then(|| Arc::from(claims_issuer)),
            handshake_namespace: namespace(Provenance::Handshake),
            forwarded_namespace: namespace(Provenance::Forwarded),
            replace_failures,
            events_on_each_request,
        }
    }

    /// The namespace under which verdicts are cached.
    pub(super) fn namespace(&self, provenance: Provenance) -> &[u8] {
        match provenance {
            Provenance::Handshake => &self.handshake_namespace,
            Provenance::Forwarded => &self.forwarded_namespace,
        }
    }

    pub(super) fn principal(&self, provenance: Provenance, accepted: Accepted) -> Principal {
        let claims = dotnet_claims(accepted.leaf(), self.claims_issuer.as_ref());
        let leaf = accepted.leaf().clone();
        Principal::new(&self.scheme, provenance, leaf, claims, Some(accepted))
    }

    /// The outcome of a verdict before any event has run.
    pub(super) fn outcome(
        &self,
        provenance: Provenance,
        verdict: Result<Accepted, Rejected>,
    ) -> Result<Principal, AuthenticationError> {
        match verdict {
            Ok(accepted) => Ok(self.principal(provenance, accepted)),
            Err(rejected) => Err(AuthenticationError::from(rejected)),
        }
    }
}

/// Separates cached verdicts by what the validator's digest does not cover: the provenance of the
/// certificate, whether events may have replaced the result, the scheme, and the issuer of the
/// claims. The length before the scheme ensures that different inputs give different bytes.
fn namespace(
    provenance: Provenance,
    replace_failures: bool,
    scheme: &str,
    claims_issuer: &str,
) -> Vec<u8> {
    let provenance = match provenance {
        Provenance::Handshake => b'h',
        Provenance::Forwarded => b'f',
    };
    let mut bytes = Vec::from([provenance, u8::from(replace_failures)]);
    bytes.extend((scheme.len() as u64).to_be_bytes());
    bytes.extend(scheme.as_bytes());
    bytes.extend(claims_issuer.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::*;

    /// Short texts with few letters, so that concatenations often collide.
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

//! The principal: an authenticated client.
//!
//! Only an authenticator creates one. An event may replace its claims, but not its certificate or
//! provenance. It is shared, so a cache returns it without copying.

use alloc::sync::Arc;

use super::claims::Claims;
use super::escaped_text::EscapedText;
use super::forwarded::Provenance;
use super::identity::Identity;
use crate::certificate::Certificate;
use crate::validator::Accepted;

/// The `AuthenticationType` of ASP.NET Core's identity, which does not depend on the scheme.
pub const AUTHENTICATION_TYPE: &str = "Certificate";

/// An authenticated client: its claims, its typed identity, and the provenance of its certificate.
/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Principal(Arc<PrincipalData>);

#[derive(Clone, Debug)]
struct PrincipalData {
    scheme: Arc<str>,
    provenance: Provenance,
    identity: Identity,
    claims: Claims,
    accepted: Option<Accepted>,
}

impl Principal {
    /// The principal of this certificate. `accepted` is `None` if it was rejected and an event let
    /// the client in.
    pub(super) fn new(
        scheme: &Arc<str>,
        provenance: Provenance,
        certificate: Certificate,
        claims: Claims,
        accepted: Option<Accepted>,
    ) -> Self {
        let vouched_for = accepted
            .as_ref()
            .is_some_and(Accepted::names_are_vouched_for);
        Self(Arc::new(PrincipalData {
            scheme: Arc::clone(scheme),
            provenance,
            identity: Identity::new(certificate, vouched_for),
            claims,
            accepted,
        }))
    }

    /// The same client with other claims.
    pub(super) fn with_claims(&self, claims: Claims) -> Self {
        let data = PrincipalData {
            claims,
            ..(*self.0).clone()
        };
        Self(Arc::new(data))
    }

    /// Whether both are handles of the same principal, rather than equal ones.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    getters! {
        /// The claims from the certificate, or those with which an event replaced them.
        ref[0] claims: Claims;

        /// The contents of the certificate, typed. Events never change it.
        ///
        /// **It exists even if nobody vouches for it**: for a client that an event let in although
        /// its certificate was rejected ([`accepted`](Self::accepted) is `None`), and for one that
        /// is trusted only because of its key. [`Identity::names_are_vouched_for`] is false for
        /// both.
        ref[0] identity: Identity;

        /// Where the certificate came from.
        copy[0] provenance: Provenance;

        /// The name of the scheme that authenticated the client.
        ref[0] scheme: str;
    }

    getters! { |self|
        /// The name claim: `Identity.Name`. The claims themselves are raw.
        ///
        /// **Do not use it to decide what a client may do**, unless an event set it. It is a common
        /// name, which name constraints do not cover, so any CA below a trusted root can write any
        /// name there. [`identity`](Self::identity) has the names that are covered:
        /// [`Identity::dns_names`], [`Identity::spiffe_id`] and others.
        name: Option<EscapedText<&str>> = self.claims().name().map(EscapedText::new);

        /// [`AUTHENTICATION_TYPE`].
        authentication_type: &'static str = AUTHENTICATION_TYPE;

        /// The path by which the certificate was accepted.
        ///
        /// With a cache it may be the path of an earlier request with the same certificate. If
        /// several paths are valid, a stranger who knows the certificate can choose between them.
        /// So let a client's identity depend on its certificate, and the accepted CAs on the trust
        /// store, but nothing on which of several paths was taken.
        ///
        /// `None` if it was **not** accepted and an event let the client in, which requires
        /// [`dangerously_let_failed_event_replace_result`](super::CertificateAuthenticatorBuilder::dangerously_let_failed_event_replace_result).
        accepted: Option<&Accepted> = self.0.accepted.as_ref();
    }
}

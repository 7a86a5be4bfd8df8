//! The principal: an authenticated client.
//!
//! Only an authenticator makes one. An event may give it other claims, but neither another
//! certificate nor another provenance. It is shared, so that a cache returns it without copying.

use alloc::sync::Arc;

use super::claims::Claims;
use super::escaped_text::EscapedText;
use super::forwarded::Provenance;
use super::identity::Identity;
use crate::certificate::Certificate;
use crate::validator::Accepted;

/// `AuthenticationType` of ASP.NET Core's identity, whatever the name of the scheme.
pub const AUTHENTICATION_TYPE: &str = "Certificate";

/// An authenticated client: its claims, its typed identity, and where its certificate came from.
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
    /// Of this certificate; without `accepted` an event lets it in that was not accepted.
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

    /// Is it the very same principal, shared, and not merely one like it?
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    getters! {
        /// The claims: those of the certificate, or those that an event put in their place.
        ref[0] claims: Claims;

        /// What the certificate says, typed. Events never change it.
        ///
        /// **It is there even where nobody vouches for it**: for a client that an event let in although
        /// its certificate was rejected ([`accepted`](Self::accepted) is `None`), and for one that is
        /// trusted by its key alone. There [`Identity::names_are_vouched_for`] is false.
        ref[0] identity: Identity;

        /// Where the certificate came from.
        copy[0] provenance: Provenance;

        /// The name of the scheme that authenticated the client.
        ref[0] scheme: str;
    }

    getters! { |self|
        /// The name among the claims: `Identity.Name`. [`EscapedText`] shows it escaped and compares it
        /// as it is; the claims themselves are raw.
        ///
        /// **Do not decide by it what a client may do**, unless an event put it there: it is a common
        /// name, which no name constraint covers, so that any CA below a trusted root can write any
        /// name there. The names that are covered are in [`identity`](Self::identity):
        /// [`Identity::dns_names`], [`Identity::spiffe_id`] and others.
        name: Option<EscapedText<&str>> = self.claims().name().map(EscapedText::new);

        /// [`AUTHENTICATION_TYPE`].
        authentication_type: &'static str = AUTHENTICATION_TYPE;

        /// The path by which the certificate was accepted.
        ///
        /// With a cache it may be the path of an earlier request with the same certificate: where
        /// several paths are valid, a stranger who knows the certificate can choose between them.
        /// So let the client's identity depend on its certificate, and the accepted CAs on the
        /// trust store, never on which of several paths was taken.
        ///
        /// `None` where it was **not** accepted and an event let the client in, which takes
        /// [`dangerously_let_failed_event_replace_result`](super::CertificateAuthenticatorBuilder::dangerously_let_failed_event_replace_result).
        accepted: Option<&Accepted> = self.0.accepted.as_ref();
    }
}

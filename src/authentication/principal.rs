//! Who a client is, once a verdict says that it may come in.
//!
//! Only an authenticator makes a principal. An event may give it other claims, but not another
//! certificate, nor another provenance: whoever reads one knows that this certificate was decided
//! about, and how it came. It is shared, so that a cache hands it out without copying.

use alloc::sync::Arc;

use super::claims::Claims;
use super::escaped_text::EscapedText;
use super::forwarded::Provenance;
use super::identity::Identity;
use crate::certificate::Certificate;
use crate::validator::Accepted;

/// The constant that .NET gives as `AuthenticationType`, whatever the scheme is called.
pub const AUTHENTICATION_TYPE: &str = "Certificate";

/// An authenticated client: its claims, its typed identity, and where its certificate came from.
/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Principal(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    scheme: Arc<str>,
    provenance: Provenance,
    identity: Identity,
    claims: Claims,
    accepted: Option<Accepted>,
}

impl Principal {
    pub(super) fn new(
        scheme: &Arc<str>,
        provenance: Provenance,
        accepted: Accepted,
        claims: Claims,
    ) -> Self {
        Self(Arc::new(Inner {
            scheme: Arc::clone(scheme),
            provenance,
            identity: Identity::new(accepted.leaf().clone(), accepted.names_are_vouched_for()),
            claims,
            accepted: Some(accepted),
        }))
    }

    /// Of a certificate that was not accepted, and that an event lets in.
    pub(super) fn let_in(
        scheme: &Arc<str>,
        provenance: Provenance,
        certificate: Certificate,
        claims: Claims,
    ) -> Self {
        Self(Arc::new(Inner {
            scheme: Arc::clone(scheme),
            provenance,
            identity: Identity::new(certificate, false),
            claims,
            accepted: None,
        }))
    }

    /// The same client with other claims.
    pub(super) fn with_claims(&self, claims: Claims) -> Self {
        let inner = Inner {
            claims,
            ..(*self.0).clone()
        };
        Self(Arc::new(inner))
    }

    /// Is it the very same principal, shared, and not merely one like it?
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What is claimed of the client: what the certificate gives, or what an event put in its
    /// place.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.0.claims
    }

    /// The name among the claims: `Identity.Name` of .NET. [`EscapedText`] shows it escaped and
    /// compares it as it is; the claims themselves are raw.
    ///
    /// **Do not decide by it what a client may do**, unless an event put it there: it is a common
    /// name, which no name constraint covers, so that any authority below a trusted root can
    /// write any name there. The names that are covered are in [`identity`](Self::identity):
    /// [`Identity::dns_names`], [`Identity::spiffe_id`] and others.
    #[must_use]
    pub fn name(&self) -> Option<EscapedText<&str>> {
        self.claims().name().map(EscapedText::new)
    }

    /// What the certificate says, typed. Events never change it.
    ///
    /// **It says so even where nobody vouches for it**: of a client that an event let in although
    /// its certificate was rejected ([`accepted`](Self::accepted) is `None`), and of one that
    /// is trusted by its key alone. There [`Identity::names_are_vouched_for`] is false.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// Where the certificate came from.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        self.0.provenance
    }

    /// The name of the scheme that authenticated the client.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.0.scheme
    }

    /// [`AUTHENTICATION_TYPE`], as in .NET.
    #[must_use]
    pub fn authentication_type(&self) -> &'static str {
        AUTHENTICATION_TYPE
    }

    /// The path by which the certificate was accepted.
    ///
    /// With a cache it may be one that was found for another presentation of the same certificate,
    /// by whoever sent it first: where several paths hold, a stranger who knows the certificate
    /// can choose between them. So let who the client is depend on its certificate, and which
    /// authorities count on the trust store, never on which of several paths was taken.
    ///
    /// `None` where it was **not**, and an event let the client in all the
    /// same, which takes
    /// [`dangerously_let_failed_event_replace_result`](super::CertificateAuthenticatorBuilder::dangerously_let_failed_event_replace_result).
    #[must_use]
    pub fn accepted(&self) -> Option<&Accepted> {
        self.0.accepted.as_ref()
    }
}

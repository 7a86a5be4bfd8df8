//! Principals typed by the provenance of their certificate. A function can require a client that
//! proved possession of its key to this server; passing a forwarded one does not compile.

use core::ops::Deref;

use super::forwarded::Provenance;
use super::principal::Principal;
use crate::table::errors;

/// A client with an accepted certificate that proved possession of its key in a handshake with this
/// server.
///
/// ```
/// use portcullis::authentication::{HandshakePrincipal, Principal, WrongProvenance};
///
/// fn sign_off(approver: &HandshakePrincipal) -> String {
///     format!("approved by {}", approver.identity().subject())
/// }
///
/// fn handle(principal: Principal) -> Result<String, WrongProvenance> {
///     // A forwarded certificate is an error here.
///     let approver = HandshakePrincipal::try_from(principal)?;
///     Ok(sign_off(&approver))
/// }
/// # let _ = handle;
/// ```
#[derive(Clone, Debug)]
pub struct HandshakePrincipal(Principal);

/// A client with an accepted certificate that a trusted proxy forwarded.
#[derive(Clone, Debug)]
pub struct ForwardedPrincipal(Principal);

errors! {
    /// Why a principal cannot be converted.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum WrongProvenance {
        /// The certificate has this provenance instead.
        Found(provenance: Provenance) =>
            "the certificate has another provenance: {provenance:?}";
        /// The certificate was rejected, but an event let the client in.
        NotAccepted => "the certificate was not accepted: an event let the client in";
    }
}

macro_rules! principals {
    ($($principal:ident: $provenance:ident),*) => {$(
        impl TryFrom<Principal> for $principal {
            type Error = WrongProvenance;

            fn try_from(principal: Principal) -> Result<Self, WrongProvenance> {
                if principal.accepted().is_none() {
                    return Err(WrongProvenance::NotAccepted);
                }
                match principal.provenance() {
                    Provenance::$provenance => Ok(Self(principal)),
                    found => Err(WrongProvenance::Found(found)),
                }
            }
        }

        impl From<$principal> for Principal {
            fn from(principal: $principal) -> Self {
                principal.0
            }
        }

        impl Deref for $principal {
            type Target = Principal;

            fn deref(&self) -> &Principal {
                &self.0
            }
        }
    )*};
}

principals!(HandshakePrincipal: Handshake, ForwardedPrincipal: Forwarded);

//! Principals typed by the provenance of their certificate, so that a function can require a client
//! that proved to this very server that it holds its key: a forwarded one does not compile.

use core::ops::Deref;

use super::forwarded::Provenance;
use super::principal::Principal;
use crate::table::errors;

/// A client that proved to hold its key in a handshake with this server, and whose certificate was
/// accepted.
///
/// ```
/// use portcullis::authentication::{HandshakePrincipal, Principal, WrongProvenance};
///
/// fn sign_off(approver: &HandshakePrincipal) -> String {
///     format!("approved by {}", approver.identity().subject())
/// }
///
/// fn handle(principal: Principal) -> Result<String, WrongProvenance> {
///     // No certificate that a proxy vouches for gets past this line.
///     let approver = HandshakePrincipal::try_from(principal)?;
///     Ok(sign_off(&approver))
/// }
/// # let _ = handle;
/// ```
#[derive(Clone, Debug)]
pub struct HandshakePrincipal(Principal);

/// A client whose certificate a trusted proxy forwarded, and which was accepted.
#[derive(Clone, Debug)]
pub struct ForwardedPrincipal(Principal);

errors! {
    /// Why a principal is not of this kind.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum WrongProvenance {
        /// The certificate has another provenance: this one.
        Found(provenance: Provenance) =>
            "the certificate has another provenance: {provenance:?}";
        /// The certificate was not accepted, and an event let the client in all the same.
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

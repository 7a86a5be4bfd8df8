//! Principals by where their certificate came from, as types: so that a function can ask for a
//! client who proved to hold its key to this very server, and a forwarded one does not compile into
//! it.

use core::fmt;
use core::ops::Deref;

use super::forwarded::Provenance;
use super::principal::Principal;

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

/// Why a principal is not one of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WrongProvenance {
    /// The certificate came from elsewhere: from here.
    Found(Provenance),
    /// The certificate was not accepted, and an event let the client in all the same.
    NotAccepted,
}

impl fmt::Display for WrongProvenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Found(Provenance::Handshake) => {
                "the certificate came from the handshake, not from a proxy"
            }
            Self::Found(Provenance::Forwarded) => {
                "the certificate came from a proxy, not from the handshake"
            }
            Self::NotAccepted => "the certificate was not accepted: an event let the client in",
        })
    }
}

impl core::error::Error for WrongProvenance {}

macro_rules! sourced {
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

sourced!(HandshakePrincipal: Handshake, ForwardedPrincipal: Forwarded);

#![doc = include_str!("guide.md")]

mod authenticator;
mod builder;
mod challenge;
mod claims;
mod distinguished_name;
mod dotnet_claims;
mod escaped_text;
mod events;
pub mod forwarded;
mod identity;
mod judgement;
#[doc = include_str!("making_certificates.md")]
pub mod making_certificates {}
#[cfg(feature = "std")]
mod memory;
pub mod negotiation;
mod principal;
mod problem;
mod request;
mod result;
mod settings;
mod simple_name;
mod sourced;
mod spiffe;
#[cfg(test)]
mod testing;
#[doc = include_str!("wrong_clients.md")]
pub mod wrong_clients {}

pub use authenticator::CertificateAuthenticator;
pub use builder::{
    AuthenticatorBuildError, CertificateAuthenticatorBuilder, ChainTrustValidationMode,
    DEFAULT_SCHEME,
};
pub use challenge::{Challenge, InvalidChallenge};
pub use claims::{Claim, Claims, DEFAULT_ISSUER, claim_types, claim_value_types};
pub use distinguished_name::DistinguishedName;
pub use escaped_text::EscapedText;
pub use events::{
    AsyncEvents, AuthenticationFailed, CertificateValidated, ChallengeAsked, ChallengeDecision,
    Decision, EventError, Events, FailureDecision, NoEvents,
};
pub use identity::Identity;
#[cfg(feature = "std")]
pub use memory::{AuthenticationCache, Kept};
pub use principal::{AUTHENTICATION_TYPE, Principal};
pub use request::{AuthenticationRequest, RequestScheme};
pub use result::{AuthenticationResult, Denied, FORBIDDEN, Failure, NoResult, SharedError};
pub use sourced::{ForwardedPrincipal, HandshakePrincipal, WrongProvenance};
pub use spiffe::{SpiffeError, SpiffeId};

#![doc = include_str!("guide.md")]

mod authenticator;
mod builder;
mod challenge;
mod claims;
mod distinguished_name;
mod dotnet_claims;
mod escaped_text;
mod event_outcome;
mod events;
pub mod forwarded;
mod identity;
#[doc = include_str!("making_certificates.md")]
pub mod making_certificates {}
pub mod negotiation;
mod principal;
mod problem;
mod provenance;
mod request;
mod result;
mod scheme_options;
mod simple_name;
mod spiffe;
#[cfg(test)]
mod testing;
#[cfg(feature = "std")]
mod verdict_cache;
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
    Events, FailureDecision, NoEvents, ValidatedDecision,
};
pub use identity::Identity;
pub use principal::{AUTHENTICATION_TYPE, Principal};
pub use provenance::{ForwardedPrincipal, HandshakePrincipal, WrongProvenance};
pub use request::{AuthenticationRequest, RequestScheme};
pub use result::{
    AuthenticationError, AuthenticationResult, Denied, EventError, FORBIDDEN, NoResult,
};
pub use spiffe::{SpiffeError, SpiffeId};
#[cfg(feature = "std")]
pub use verdict_cache::{AuthenticationCache, CachedPrincipal};

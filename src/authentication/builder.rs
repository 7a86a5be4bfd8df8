//! Options of an authenticator: .NET's, with its names and defaults, and ours.
//!
//! In .NET a combination that cannot work is found out by the first request, or never. Here it is
//! an error when the authenticator is built. Mode and stores are set apart as there, so that
//! settings can be carried over one by one.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::authenticator::CertificateAuthenticator;
use super::events::{AsyncEvents, NoEvents};
#[cfg(feature = "std")]
use super::memory::AuthenticationCache;
use super::settings::Settings;
use crate::certificate::Certificate;
use crate::path::Purpose;
use crate::revocation::{RevocationFlag, RevocationMode};
use crate::table::errors;
use crate::trust::TrustStore;
use crate::validator::{BuildError, CertificateTypes, Pin, TrustMode, Validator, ValidatorBuilder};

/// The name of a scheme that is given no other:
/// `CertificateAuthenticationDefaults.AuthenticationScheme`.
pub const DEFAULT_SCHEME: &str = "Certificate";

/// Which of the two stores is trusted: `X509ChainTrustMode` of .NET.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ChainTrustValidationMode {
    /// The roots of the operating system, given by
    /// [`CertificateAuthenticatorBuilder::system_trust_store`].
    #[default]
    System,
    /// The roots given by [`CertificateAuthenticatorBuilder::custom_trust_store`], and no others.
    CustomRootTrust,
}

errors! {
    /// Why options do not make an authenticator.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum AuthenticatorBuildError {
        /// There is a custom store, and the mode is [`ChainTrustValidationMode::System`], which
        /// never looks at it.
        CustomStoreUnderSystemTrust
            => "a custom trust store is given, and the system's roots are trusted";
        /// The mode is [`ChainTrustValidationMode::System`], and no roots of the system were given.
        NoSystemStore => "the system's roots are trusted, and none were given";
        /// The scheme has no name.
        NoScheme => "the scheme has no name";
        /// Events are not to run for remembered verdicts, and no cache remembers any.
        NoCache => "events run for new verdicts only, and no cache remembers any";
        /// The options of the validation do not go together.
        Validator(error: BuildError) => "{error}", source error, from BuildError;
    }
}

/// Options of a [`CertificateAuthenticator`]. Each method says its default; where .NET has the
/// option, it is .NET's.
#[must_use]
pub struct CertificateAuthenticatorBuilder<E = NoEvents> {
    scheme: String,
    mode: ChainTrustValidationMode,
    custom: TrustStore,
    system: Option<TrustStore>,
    additional: Vec<Certificate>,
    types: CertificateTypes,
    pins: Vec<Pin>,
    any_self_signed: bool,
    validate_use: bool,
    validate_period: bool,
    revocation_mode: RevocationMode,
    revocation_flag: RevocationFlag,
    claims_issuer: String,
    dotnet: bool,
    replace_failures: bool,
    events_on_each_request: bool,
    #[cfg(feature = "std")]
    cache: Option<Arc<AuthenticationCache>>,
    configure: Option<Box<dyn FnOnce(ValidatorBuilder) -> ValidatorBuilder>>,
    events: Arc<E>,
}

impl CertificateAuthenticatorBuilder {
    pub(super) fn new() -> Self {
        Self {
            scheme: DEFAULT_SCHEME.into(),
            mode: ChainTrustValidationMode::default(),
            custom: TrustStore::default(),
            system: None,
            additional: Vec::new(),
            types: CertificateTypes::default(),
            pins: Vec::new(),
            any_self_signed: false,
            validate_use: true,
            validate_period: true,
            revocation_mode: RevocationMode::Online,
            revocation_flag: RevocationFlag::ExcludeRoot,
            claims_issuer: String::new(),
            dotnet: false,
            replace_failures: false,
            events_on_each_request: true,
            #[cfg(feature = "std")]
            cache: None,
            configure: None,
            events: Arc::new(NoEvents),
        }
    }
}

impl<E> CertificateAuthenticatorBuilder<E> {
    /// The name of the scheme. Schemes that share a cache have names of their own. Default:
    /// [`DEFAULT_SCHEME`].
    pub fn scheme(mut self, name: impl Into<String>) -> Self {
        self.scheme = name.into();
        self
    }

    /// Which types of leaf may be accepted: `AllowedCertificateTypes`. Default: chained ones.
    ///
    /// In .NET a self-signed leaf is accepted as soon as its type is; here it must be among the
    /// [`pins`](Self::pins), unless [any is trusted](Self::dangerously_trust_any_self_signed).
    pub fn allowed_certificate_types(mut self, types: CertificateTypes) -> Self {
        self.types = types;
        self
    }

    /// Self-signed certificates that are trusted. Default: none.
    pub fn pins(mut self, pins: impl IntoIterator<Item = Pin>) -> Self {
        self.pins.extend(pins);
        self
    }

    /// Trusts **any** self-signed certificate, as .NET does once the type is allowed: whoever can
    /// run a command to make a certificate is accepted under whichever name they like. Only
    /// where an event checks the certificate against a list. Default: none but those pinned.
    pub fn dangerously_trust_any_self_signed(mut self) -> Self {
        self.any_self_signed = true;
        self
    }

    /// Which store is trusted: `ChainTrustValidationMode`. Default:
    /// [`ChainTrustValidationMode::System`].
    pub fn chain_trust_validation_mode(mut self, mode: ChainTrustValidationMode) -> Self {
        self.mode = mode;
        self
    }

    /// Roots of the caller's own: `CustomTrustStore`, for
    /// [`ChainTrustValidationMode::CustomRootTrust`] only. Default: empty.
    ///
    /// .NET wants all issuing certificates in it, and so they may be in this one: those that are no
    /// roots are candidates, which are checked like any intermediate, revocation included. See
    /// [`TrustStore`] for what makes an anchor.
    pub fn custom_trust_store(mut self, store: TrustStore) -> Self {
        self.custom = store;
        self
    }

    /// The roots of the operating system, which the caller loads (`examples/system_roots.rs`), for
    /// [`ChainTrustValidationMode::System`]; under the other mode they are not looked at. Default:
    /// none.
    ///
    /// **These roots vouch for the whole world.** Public authorities give certificates that are
    /// good for clients to whoever asks (for a mailbox, a domain, a company), and each of these
    /// people is authenticated. Only where an event checks the client against a list; clients
    /// of one's own want a root of one's own.
    pub fn system_trust_store(mut self, store: TrustStore) -> Self {
        self.system = Some(store);
        self
    }

    /// Certificates that may stand between a leaf and a root, beside those that the client sends:
    /// `AdditionalChainCertificates`. They are not trusted. Default: none.
    pub fn additional_chain_certificates(
        mut self,
        certificates: impl IntoIterator<Item = Certificate>,
    ) -> Self {
        self.additional.extend(certificates);
        self
    }

    /// Must the certificate be meant for client authentication: `ValidateCertificateUse`? Default:
    /// yes.
    pub fn validate_certificate_use(mut self, yes: bool) -> Self {
        self.validate_use = yes;
        self
    }

    /// Are the periods of the certificates looked at, those of CAs and roots included:
    /// `ValidateValidityPeriod`? Default: yes.
    pub fn validate_validity_period(mut self, yes: bool) -> Self {
        self.validate_period = yes;
        self
    }

    /// Which certificates are checked for revocation: `RevocationFlag`. Default:
    /// [`RevocationFlag::ExcludeRoot`].
    pub fn revocation_flag(mut self, flag: RevocationFlag) -> Self {
        self.revocation_flag = flag;
        self
    }

    /// Is revocation checked: `RevocationMode`. Default: [`RevocationMode::Online`].
    pub fn revocation_mode(mut self, mode: RevocationMode) -> Self {
        self.revocation_mode = mode;
        self
    }

    /// Who issues the claims: `ClaimsIssuer`. Default, and for an empty text:
    /// [`DEFAULT_ISSUER`](super::DEFAULT_ISSUER).
    pub fn claims_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.claims_issuer = issuer.into();
        self
    }

    /// What a program of the caller's own decides: `Events`. Whatever is [`Events`](super::Events)
    /// and shared between threads will do, and [`AsyncEvents`]. Default: [`NoEvents`].
    pub fn events<F: AsyncEvents>(self, events: F) -> CertificateAuthenticatorBuilder<F> {
        self.shared_events(Arc::new(events))
    }

    /// As [`events`](Self::events), with events that others share. Default: [`NoEvents`].
    pub fn shared_events<F: AsyncEvents>(
        self,
        events: Arc<F>,
    ) -> CertificateAuthenticatorBuilder<F> {
        CertificateAuthenticatorBuilder {
            scheme: self.scheme,
            mode: self.mode,
            custom: self.custom,
            system: self.system,
            additional: self.additional,
            types: self.types,
            pins: self.pins,
            any_self_signed: self.any_self_signed,
            validate_use: self.validate_use,
            validate_period: self.validate_period,
            revocation_mode: self.revocation_mode,
            revocation_flag: self.revocation_flag,
            claims_issuer: self.claims_issuer,
            dotnet: self.dotnet,
            replace_failures: self.replace_failures,
            events_on_each_request: self.events_on_each_request,
            #[cfg(feature = "std")]
            cache: self.cache,
            configure: self.configure,
            events,
        }
    }

    /// Do events run on every request? Otherwise they run for new verdicts only, as in .NET, and
    /// what they decided is remembered with the verdict: a client that was taken off a list
    /// stays in until then. What an event decides must then depend on scheme and certificate
    /// alone. Default: yes.
    pub fn events_on_each_request(mut self, yes: bool) -> Self {
        self.events_on_each_request = yes;
        self
    }

    /// Lets [`Events::authentication_failed`](super::Events::authentication_failed) put another
    /// result in the place of a failure, **even success**, as in .NET: a mistake in that event
    /// then lets in whoever has any certificate at all. Default: a failure stays one.
    pub fn dangerously_let_failed_event_replace_result(mut self) -> Self {
        self.replace_failures = true;
        self
    }

    /// Where verdicts are remembered: `AddCertificateCache`. Default: nowhere, so that each request
    /// is validated.
    #[cfg(feature = "std")]
    pub fn cache(mut self, cache: Arc<AuthenticationCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Reads certificates as .NET on Linux does, where that differs: see
    /// [`ValidatorBuilder::dotnet_compatible`](crate::ValidatorBuilder::dotnet_compatible).
    /// Default: no.
    pub fn dotnet_compatible(mut self, yes: bool) -> Self {
        self.dotnet = yes;
        self
    }

    /// Sets what .NET's handler has no option for: profile, limits, algorithms, evidence, fetching
    /// of issuers, and more. The options of this builder are set after it, and count, the trust
    /// store among them. A purpose counts where
    /// [`validate_certificate_use`](Self::validate_certificate_use) sets none: that makes no check
    /// looser. Default: as the methods of [`ValidatorBuilder`] say.
    ///
    /// ```
    /// use portcullis::authentication::{CertificateAuthenticator, ChainTrustValidationMode};
    /// use portcullis::{Profile, TrustStore};
    ///
    /// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
    /// let authenticator = CertificateAuthenticator::builder()
    ///     .chain_trust_validation_mode(ChainTrustValidationMode::CustomRootTrust)
    ///     .custom_trust_store(roots)
    ///     .configure_validator(|validator| validator.profile(Profile::Rfc5280).clock_skew(60))
    ///     .build()?;
    /// # let _ = authenticator;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn configure_validator(
        mut self,
        configure: impl FnOnce(ValidatorBuilder) -> ValidatorBuilder + 'static,
    ) -> Self {
        self.configure = Some(match self.configure.take() {
            Some(first) => Box::new(move |builder| configure(first(builder))),
            None => Box::new(configure),
        });
        self
    }

    /// Makes the authenticator.
    ///
    /// # Errors
    /// When options contradict each other, or would let anyone in without having been asked to.
    pub fn build(mut self) -> Result<CertificateAuthenticator<E>, AuthenticatorBuildError> {
        if self.scheme.is_empty() {
            return Err(AuthenticatorBuildError::NoScheme);
        }
        #[cfg(feature = "std")]
        let has_cache = self.cache.is_some();
        #[cfg(not(feature = "std"))]
        let has_cache = false;
        if !self.events_on_each_request && !has_cache {
            return Err(AuthenticatorBuildError::NoCache);
        }
        let trust = self.trust()?;
        let validator = self.validator(trust)?;
        let settings = Settings::new(
            &self.scheme,
            &self.claims_issuer,
            self.replace_failures,
            self.events_on_each_request,
            #[cfg(feature = "std")]
            self.cache,
        );
        Ok(CertificateAuthenticator::new(
            validator,
            settings,
            self.events,
        ))
    }

    fn trust(&mut self) -> Result<TrustMode, AuthenticatorBuildError> {
        let custom = core::mem::take(&mut self.custom);
        match (self.mode, self.system.take()) {
            (ChainTrustValidationMode::CustomRootTrust, _) => {
                Ok(TrustMode::CustomRootTrust(custom))
            }
            (ChainTrustValidationMode::System, _)
                if !(custom.anchors().is_empty() && custom.candidates().is_empty()) =>
            {
                Err(AuthenticatorBuildError::CustomStoreUnderSystemTrust)
            }
            (ChainTrustValidationMode::System, Some(store)) => Ok(TrustMode::System(store)),
            // Whoever allows pinned certificates only has no use for roots.
            (ChainTrustValidationMode::System, None)
                if self.types == CertificateTypes::SelfSigned =>
            {
                Ok(TrustMode::System(TrustStore::default()))
            }
            (ChainTrustValidationMode::System, None) => Err(AuthenticatorBuildError::NoSystemStore),
        }
    }

    fn validator(&mut self, trust: TrustMode) -> Result<Validator, BuildError> {
        let mut builder = Validator::builder(trust.clone());
        if let Some(configure) = self.configure.take() {
            // It may have answered another builder, over roots of its own.
            builder = configure(builder).trust(trust);
        }
        builder = builder
            .additional_chain_certificates(self.additional.drain(..))
            .certificate_types(self.types)
            .pins(self.pins.drain(..))
            .validate_leaf_period(self.validate_period)
            .validate_issuers_period(self.validate_period)
            .revocation(self.revocation_mode, self.revocation_flag)
            .dotnet_compatible(self.dotnet);
        if self.any_self_signed {
            builder = builder.dangerously_trust_any_self_signed();
        }
        if self.validate_use {
            builder = builder.purpose(Purpose::ClientAuth);
        }
        builder.build()
    }
}

impl<E> fmt::Debug for CertificateAuthenticatorBuilder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateAuthenticatorBuilder")
            .field("scheme", &self.scheme)
            .field("mode", &self.mode)
            .field("types", &self.types)
            .finish_non_exhaustive()
    }
}

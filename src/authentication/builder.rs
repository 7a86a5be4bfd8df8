//! The options of an authenticator. Names and defaults are those of ASP.NET Core's
//! `CertificateAuthenticationOptions`; some options are additions.
//!
//! [`CertificateAuthenticatorBuilder::build`] rejects options that conflict, so the first request
//! does not have to. Mode and stores are separate options, as in ASP.NET Core, so that a
//! configuration can be ported option by option.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::authenticator::CertificateAuthenticator;
use super::events::{AsyncEvents, NoEvents};
use super::scheme_options::SchemeOptions;
#[cfg(feature = "std")]
use super::verdict_cache::{AuthenticationCache, AuthenticatorCache};
use crate::certificate::Certificate;
use crate::path::Purpose;
use crate::revocation::{RevocationFlag, RevocationMode};
use crate::table::errors;
use crate::trust::TrustStore;
use crate::validator::{BuildError, CertificateTypes, Pin, TrustMode, Validator, ValidatorBuilder};

/// The default name of a scheme: `CertificateAuthenticationDefaults.AuthenticationScheme`.
pub const DEFAULT_SCHEME: &str = "Certificate";

/// Which of the two stores is trusted: .NET's `X509ChainTrustMode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ChainTrustValidationMode {
    /// The roots of the operating system, passed to
    /// [`CertificateAuthenticatorBuilder::system_trust_store`].
    #[default]
    System,
    /// Only the roots passed to [`CertificateAuthenticatorBuilder::custom_trust_store`].
    CustomRootTrust,
}

errors! {
    /// Why an authenticator cannot be built.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum AuthenticatorBuildError {
        /// There is a custom store, but the mode is [`ChainTrustValidationMode::System`], which
        /// ignores it.
        CustomStoreUnderSystemTrust =>
            "a custom trust store is set, but the mode trusts only the system's roots";
        /// The mode is [`ChainTrustValidationMode::System`], but no system roots were passed.
        NoSystemStore => "the mode trusts the system's roots, but none are set";
        /// The name of the scheme is empty.
        NoScheme => "the name of the scheme is empty";
        /// Events run only for new verdicts, but there is no cache.
        NoCache => "events run only for new verdicts, but there is no cache";
        /// The options of the validator conflict.
        Validator(error: BuildError) => "{error}", source error, from BuildError;
    }
}

/// Options of a [`CertificateAuthenticator`]. Each method states its default, which is ASP.NET
/// Core's where ASP.NET Core has the option.
#[must_use]
pub struct CertificateAuthenticatorBuilder<E = NoEvents> {
    options: Options,
    #[cfg(feature = "std")]
    cache: Option<Arc<AuthenticationCache>>,
    events: Arc<E>,
}

defaults! {
    struct Options;
    default;
    scheme: String = DEFAULT_SCHEME.into();
    chain_trust_validation_mode: ChainTrustValidationMode = ChainTrustValidationMode::System;
    custom_trust_store: TrustStore = TrustStore::default();
    system_trust_store: Option<TrustStore> = None;
    additional_chain_certificates: Vec<Certificate> = Vec::new();
    allowed_certificate_types: CertificateTypes = CertificateTypes::default();
    pins: Vec<Pin> = Vec::new();
    any_self_signed: bool = false;
    validate_certificate_use: bool = true;
    validate_validity_period: bool = true;
    revocation_mode: RevocationMode = RevocationMode::Online;
    revocation_flag: RevocationFlag = RevocationFlag::ExcludeRoot;
    claims_issuer: String = String::new();
    dotnet_compatible: bool = false;
    replace_failures: bool = false;
    events_on_each_request: bool = true;
    configure: Option<ConfigureValidator> = None;
}

type ConfigureValidator = Box<dyn FnOnce(ValidatorBuilder) -> ValidatorBuilder>;

impl CertificateAuthenticator {
    /// A builder with the defaults that the methods of [`CertificateAuthenticatorBuilder`] state.
    pub fn builder() -> CertificateAuthenticatorBuilder {
        CertificateAuthenticatorBuilder {
            options: Options::default(),
            #[cfg(feature = "std")]
            cache: None,
            events: Arc::new(NoEvents),
        }
    }
}

impl<E> CertificateAuthenticatorBuilder<E> {
    setters! {
        /// The name of the scheme. Schemes that share a cache must have different names. Default:
        /// [`DEFAULT_SCHEME`].
        [options] scheme: impl Into<String> = scheme.into();

        /// Which types of leaf may be accepted: `AllowedCertificateTypes`. Default: chained.
        ///
        /// A self-signed leaf must also be [pinned](Self::pins), unless [any is
        /// trusted](Self::dangerously_trust_any_self_signed). ASP.NET Core accepts it as soon as
        /// its type is allowed.
        [options] allowed_certificate_types: CertificateTypes;

        /// Which store is trusted: `ChainTrustValidationMode`. Default:
        /// [`ChainTrustValidationMode::System`].
        [options] chain_trust_validation_mode: ChainTrustValidationMode;

        /// Your own roots: `CustomTrustStore`. Used only with
        /// [`ChainTrustValidationMode::CustomRootTrust`]. Default: empty.
        ///
        /// It may contain all issuing certificates, as ASP.NET Core requires. Those that are not
        /// roots are candidates for paths and are checked like any intermediate, including for
        /// revocation. See [`TrustStore`] for what makes an anchor.
        [options] custom_trust_store: TrustStore;

        /// The roots of the operating system, which the caller loads (`examples/system_roots.rs`).
        /// Used only with [`ChainTrustValidationMode::System`]. Default: none.
        ///
        /// **These roots authenticate strangers.** Public CAs issue client certificates to anyone
        /// who asks for one (for a mailbox, a domain, a company), and all of these clients are
        /// authenticated. Use them only if an event checks the client against an allow list. For
        /// your own clients, run your own root.
        [options] system_trust_store: TrustStore = Some(system_trust_store);

        /// Whether the certificate must be issued for client authentication:
        /// `ValidateCertificateUse`. Default: true.
        [options] validate_certificate_use: bool;

        /// Whether the validity periods are checked, including those of CAs and roots:
        /// `ValidateValidityPeriod`. Default: true.
        [options] validate_validity_period: bool;

        /// Which certificates are checked for revocation: `RevocationFlag`. Default:
        /// [`RevocationFlag::ExcludeRoot`].
        [options] revocation_flag: RevocationFlag;

        /// How revocation is checked: `RevocationMode`. Default: [`RevocationMode::Online`].
        [options] revocation_mode: RevocationMode;

        /// The issuer of the claims: `ClaimsIssuer`. Default, also for an empty string:
        /// [`DEFAULT_ISSUER`](super::DEFAULT_ISSUER).
        [options] claims_issuer: impl Into<String> = claims_issuer.into();

        /// Whether events run on every request. Otherwise they run only for new verdicts, as in
        /// ASP.NET Core, and their decision is cached with the verdict: a client that is removed
        /// from an allow list is accepted until the verdict ends. An event's decision must then
        /// depend only on the scheme and the certificate. Default: true.
        [options] events_on_each_request: bool;

        /// Follows .NET on Linux where it differs: see
        /// [`ValidatorBuilder::dotnet_compatible`](crate::ValidatorBuilder::dotnet_compatible).
        /// Default: false.
        [options] dotnet_compatible: bool;
    }

    setters! { extend
        /// Self-signed certificates that are trusted. Default: none.
        [options] pins: Pin;

        /// Certificates that may stand between a leaf and a root, in addition to those that the
        /// client sends: `AdditionalChainCertificates`. They are not trusted. Default: none.
        [options] additional_chain_certificates: Certificate;
    }

    /// Trusts **any** self-signed certificate, as ASP.NET Core does once the type is allowed.
    /// Anyone can create one with any name. Use this only if an event checks the certificate
    /// against an allow list. Default: only pinned ones are trusted.
    pub fn dangerously_trust_any_self_signed(mut self) -> Self {
        self.options.any_self_signed = true;
        self
    }

    /// The application's decisions: `Events`. Accepts any [`Events`](super::Events) that threads
    /// can share, and [`AsyncEvents`]. Default: [`NoEvents`].
    pub fn events<F: AsyncEvents>(self, events: F) -> CertificateAuthenticatorBuilder<F> {
        self.shared_events(Arc::new(events))
    }

    /// Like [`events`](Self::events), with shared events. Default: [`NoEvents`].
    pub fn shared_events<F: AsyncEvents>(
        self,
        events: Arc<F>,
    ) -> CertificateAuthenticatorBuilder<F> {
        CertificateAuthenticatorBuilder {
            options: self.options,
            #[cfg(feature = "std")]
            cache: self.cache,
            events,
        }
    }

    /// Lets [`Events::authentication_failed`](super::Events::authentication_failed) replace a
    /// failure with another result, **even success**, as in ASP.NET Core. A mistake in that event
    /// then accepts anyone with any certificate. Default: a failure stays a failure.
    pub fn dangerously_let_failed_event_replace_result(mut self) -> Self {
        self.options.replace_failures = true;
        self
    }

    /// The cache of verdicts: `AddCertificateCache`. Default: none, so every request is validated.
    #[cfg(feature = "std")]
    pub fn cache(mut self, cache: Arc<AuthenticationCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Sets options of the validator that this builder lacks: profile, limits, algorithms,
    /// evidence, fetching of issuers, and more. The builder's own options, including the trust
    /// store, are set afterwards and override these. A purpose set here applies only if
    /// [`validate_certificate_use`](Self::validate_certificate_use) is false. Default: see the
    /// methods of [`ValidatorBuilder`].
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
        self.options.configure = Some(match self.options.configure.take() {
            Some(first) => Box::new(move |builder| configure(first(builder))),
            None => Box::new(configure),
        });
        self
    }

    /// Builds the authenticator.
    ///
    /// # Errors
    /// If options conflict, or would accept anyone without an explicit request to do so.
    pub fn build(mut self) -> Result<CertificateAuthenticator<E>, AuthenticatorBuildError> {
        let options = &mut self.options;
        if options.scheme.is_empty() {
            return Err(AuthenticatorBuildError::NoScheme);
        }
        #[cfg(feature = "std")]
        let has_cache = self.cache.is_some();
        #[cfg(not(feature = "std"))]
        let has_cache = false;
        if !options.events_on_each_request && !has_cache {
            return Err(AuthenticatorBuildError::NoCache);
        }
        let trust = options.trust()?;
        Ok(CertificateAuthenticator {
            validator: options.validator(trust)?,
            options: Arc::new(SchemeOptions::new(
                &options.scheme,
                &options.claims_issuer,
                options.replace_failures,
                options.events_on_each_request,
            )),
            #[cfg(feature = "std")]
            cache: self.cache.map(AuthenticatorCache::new),
            events: self.events,
        })
    }
}

impl Options {
    fn trust(&mut self) -> Result<TrustMode, AuthenticatorBuildError> {
        let custom = core::mem::take(&mut self.custom_trust_store);
        if self.chain_trust_validation_mode == ChainTrustValidationMode::CustomRootTrust {
            return Ok(TrustMode::CustomRootTrust(custom));
        }
        if !(custom.anchors().is_empty() && custom.candidates().is_empty()) {
            return Err(AuthenticatorBuildError::CustomStoreUnderSystemTrust);
        }
        match self.system_trust_store.take() {
            Some(store) => Ok(TrustMode::System(store)),
            // If only pinned certificates are allowed, no roots are needed.
            None if self.allowed_certificate_types == CertificateTypes::SelfSigned => {
                Ok(TrustMode::System(TrustStore::default()))
            }
            None => Err(AuthenticatorBuildError::NoSystemStore),
        }
    }

    fn validator(&mut self, trust: TrustMode) -> Result<Validator, BuildError> {
        let mut builder = Validator::builder(trust.clone());
        if let Some(configure) = self.configure.take() {
            // The closure may have returned another builder with other roots.
            builder = configure(builder).trust(trust);
        }
        builder = builder
            .additional_chain_certificates(self.additional_chain_certificates.drain(..))
            .certificate_types(self.allowed_certificate_types)
            .pins(self.pins.drain(..))
            .validate_leaf_period(self.validate_validity_period)
            .validate_issuers_period(self.validate_validity_period)
            .revocation(self.revocation_mode, self.revocation_flag)
            .dotnet_compatible(self.dotnet_compatible);
        if self.any_self_signed {
            builder = builder.dangerously_trust_any_self_signed();
        }
        if self.validate_certificate_use {
            builder = builder.purpose(Purpose::ClientAuth);
        }
        builder.build()
    }
}

debug! {
    impl[E] CertificateAuthenticatorBuilder<E>: "CertificateAuthenticatorBuilder", |self|
    "scheme": self.options.scheme, "mode": self.options.chain_trust_validation_mode
}

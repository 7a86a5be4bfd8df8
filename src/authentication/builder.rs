//! The options of an authenticator: names and defaults are those of ASP.NET Core's
//! `CertificateAuthenticationOptions`, and there are some more.
//!
//! Options that cannot work together are an error of [`CertificateAuthenticatorBuilder::build`],
//! not of the first request. Mode and stores are separate options, as there, so that a
//! configuration can be carried over option by option.

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
        CustomStoreUnderSystemTrust =>
            "a custom trust store is given, and the system's roots are trusted";
        /// The mode is [`ChainTrustValidationMode::System`], and no roots of the system were given.
        NoSystemStore => "the system's roots are trusted, and none were given";
        /// The scheme has no name.
        NoScheme => "the scheme has no name";
        /// Events are to run for new verdicts only, and there is no cache.
        NoCache => "events run for new verdicts only, and no cache remembers any";
        /// The options of the validation do not go together.
        Validator(error: BuildError) => "{error}", source error, from BuildError;
    }
}

/// Options of a [`CertificateAuthenticator`]. Each method says its default; where ASP.NET Core has
/// the option, the default is the same.
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
    additional: Vec<Certificate> = Vec::new();
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
    /// Starts from the defaults, which the methods of [`CertificateAuthenticatorBuilder`] name.
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
        /// The name of the scheme. Schemes that share a cache need different names. Default:
        /// [`DEFAULT_SCHEME`].
        [options] scheme: impl Into<String> = scheme.into();

        /// Which types of leaf may be accepted: `AllowedCertificateTypes`. Default: chained ones.
        ///
        /// A self-signed leaf must also be among the [`pins`](Self::pins), unless [any is
        /// trusted](Self::dangerously_trust_any_self_signed). ASP.NET Core accepts it as soon as
        /// its type is allowed.
        [options] allowed_certificate_types: CertificateTypes;

        /// Which store is trusted: `ChainTrustValidationMode`. Default:
        /// [`ChainTrustValidationMode::System`].
        [options] chain_trust_validation_mode: ChainTrustValidationMode;

        /// The caller's own roots: `CustomTrustStore`, for
        /// [`ChainTrustValidationMode::CustomRootTrust`] only. Default: empty.
        ///
        /// It may hold all issuing certificates, as ASP.NET Core demands: those that are no roots
        /// are candidates, which are checked like any intermediate, revocation included. See
        /// [`TrustStore`] for what makes an anchor.
        [options] custom_trust_store: TrustStore;

        /// The roots of the operating system, which the caller loads (`examples/system_roots.rs`),
        /// for [`ChainTrustValidationMode::System`]; under the other mode they are not used.
        /// Default: none.
        ///
        /// **These roots vouch for the whole context.** Public authorities issue certificates that
        /// are good for clients to anybody who asks (for a mailbox, a domain, a company), and each
        /// of these people is authenticated. Use them only where an event checks the client against
        /// an allow list; for clients of your own, run a root of your own.
        [options] system_trust_store: TrustStore = Some(system_trust_store);

        /// Must the certificate be meant for client authentication: `ValidateCertificateUse`?
        /// Default: yes.
        [options] validate_certificate_use: bool;

        /// Are the validity periods checked, those of CAs and roots included:
        /// `ValidateValidityPeriod`? Default: yes.
        [options] validate_validity_period: bool;

        /// Which certificates are checked for revocation: `RevocationFlag`. Default:
        /// [`RevocationFlag::ExcludeRoot`].
        [options] revocation_flag: RevocationFlag;

        /// Is revocation checked: `RevocationMode`. Default: [`RevocationMode::Online`].
        [options] revocation_mode: RevocationMode;

        /// The issuer of the claims: `ClaimsIssuer`. Default, and for an empty text:
        /// [`DEFAULT_ISSUER`](super::DEFAULT_ISSUER).
        [options] claims_issuer: impl Into<String> = claims_issuer.into();

        /// Do events run on every request? Otherwise they run for new verdicts only, as in ASP.NET
        /// Core, and their decision is cached with the verdict: a client that was removed from an
        /// allow list is let in until then. An event's decision must then depend on scheme and
        /// certificate alone. Default: yes.
        [options] events_on_each_request: bool;

        /// Reads certificates as .NET on Linux does, where that differs: see
        /// [`ValidatorBuilder::dotnet_compatible`](crate::ValidatorBuilder::dotnet_compatible).
        /// Default: no.
        [options] dotnet_compatible: bool;
    }

    /// Self-signed certificates that are trusted. Default: none.
    pub fn pins(mut self, pins: impl IntoIterator<Item = Pin>) -> Self {
        self.options.pins.extend(pins);
        self
    }

    /// Trusts **any** self-signed certificate, as ASP.NET Core does once the type is allowed:
    /// anybody can make one under any name. Use it only where an event checks the certificate
    /// against an allow list. Default: none but the pinned ones.
    pub fn dangerously_trust_any_self_signed(mut self) -> Self {
        self.options.any_self_signed = true;
        self
    }

    /// Certificates that may stand between a leaf and a root, besides those that the client sends:
    /// `AdditionalChainCertificates`. They are not trusted. Default: none.
    pub fn additional_chain_certificates(
        mut self,
        certificates: impl IntoIterator<Item = Certificate>,
    ) -> Self {
        self.options.additional.extend(certificates);
        self
    }

    /// The application's own decisions: `Events`. It takes any [`Events`](super::Events) that
    /// threads can share, and [`AsyncEvents`]. Default: [`NoEvents`].
    pub fn events<F: AsyncEvents>(self, events: F) -> CertificateAuthenticatorBuilder<F> {
        self.shared_events(Arc::new(events))
    }

    /// As [`events`](Self::events), with events that are shared. Default: [`NoEvents`].
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
    /// failure by another result, **even by success**, as in ASP.NET Core: a mistake in that event
    /// then lets in anybody with any certificate. Default: a failure stays one.
    pub fn dangerously_let_failed_event_replace_result(mut self) -> Self {
        self.options.replace_failures = true;
        self
    }

    /// Where verdicts are cached: `AddCertificateCache`. Default: nowhere, so that each request is
    /// validated.
    #[cfg(feature = "std")]
    pub fn cache(mut self, cache: Arc<AuthenticationCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Sets options of the validator that this builder does not have: profile, limits, algorithms,
    /// evidence, fetching of issuers, and more. This builder's own options, the trust store among
    /// them, are set afterwards and win. A purpose counts where
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
        self.options.configure = Some(match self.options.configure.take() {
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
            // Where only pinned certificates are allowed, no roots are needed.
            None if self.allowed_certificate_types == CertificateTypes::SelfSigned => {
                Ok(TrustMode::System(TrustStore::default()))
            }
            None => Err(AuthenticatorBuildError::NoSystemStore),
        }
    }

    fn validator(&mut self, trust: TrustMode) -> Result<Validator, BuildError> {
        let mut builder = Validator::builder(trust.clone());
        if let Some(configure) = self.configure.take() {
            // It may have returned another builder, over roots of its own.
            builder = configure(builder).trust(trust);
        }
        builder = builder
            .additional_chain_certificates(self.additional.drain(..))
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

//! The validator, and a validation from its start to its verdict.
//!
//! The builder checks the options, which are prepared once and shared by all validations. A
//! validation decides the type of the leaf, searches for paths and checks revocation (`engine.rs`).
//! It ends with an [`Accepted`] or a [`Rejected`]. An accepted verdict can be sealed for other
//! servers.

mod authentic;
mod builder;
mod digest;
mod engine;
mod inputs;
mod issuers;
mod options;
mod prepared;
mod presented;
mod record;
mod refresh;
mod rejection;
mod revoked;
mod seal;
mod self_signed;
mod types;
mod validation;
mod verdict;

use alloc::sync::Arc;

pub use builder::{BuildError, TrustMode, ValidatorBuilder};
pub use presented::Presented;
pub(crate) use seal::Subject;
pub use seal::{MAX_SEALED, OpenError, OpenedVerdict, SealError, SealingKey, ShortSecret};
pub use types::{CertificateTypes, InvalidPin, Pin};
pub use validation::{Progress, Validation};
pub use verdict::{Accepted, ChainElement, Rejected, TriedPath, ValidPolicies};

use crate::certificate::sha256;
use crate::crypto::Provider;
use crate::path::{PeerName, Purpose};
use crate::revocation::{AsyncRevocationFetcher, RevocationFetcher, fetch_all, fetch_one};
use crate::time::Time;
use crate::trust::TrustStore;
use engine::{Engine, Step};
use inputs::ValidationInputs;
use options::ValidatorOptions;
use prepared::PreparedOptions;

/// Decides whether a certificate is accepted.
///
/// A validator is immutable, cheap to clone, and can be shared between threads.
///
/// ```
/// use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
/// use portcullis::{Presented, Purpose, Time, TrustMode, TrustStore, Validator};
///
/// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
/// let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
///     .purpose(Purpose::ClientAuth)
///     .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
///     .build()?;
///
/// let presented = Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
/// let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
/// let accepted = validator.validate(&presented, now, &NoFetcher)?;
/// assert_eq!(accepted.certificates().count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Validator {
    shared: Arc<PreparedOptions>,
}

impl Validator {
    /// A builder with this source of trust. All other options have defaults, which the methods of
    /// [`ValidatorBuilder`] state.
    pub fn builder(trust: TrustMode) -> ValidatorBuilder {
        ValidatorBuilder::new(trust)
    }

    /// The same validator with another store. Use it to change the anchors of a running server. The
    /// memo of signatures is shared, since it does not depend on the anchors.
    ///
    /// Unlike [`ValidatorBuilder::build`], this accepts an empty store. Every chained leaf is then
    /// rejected.
    #[must_use]
    pub fn with_store(&self, store: TrustStore) -> Self {
        let options = (**self.shared).clone();
        ValidatorOptions { store, ..options }.into()
    }

    /// The same validator with this purpose, to validate servers and clients with the same options.
    /// The memo of signatures and the evidence store are shared.
    ///
    /// # Errors
    /// [`BuildError::NoPurpose`] and [`BuildError::AnchorPurposesNotAsked`], as for
    /// [`ValidatorBuilder::build`].
    ///
    /// ```
    /// use portcullis::{Purpose, TrustMode, TrustStore, Validator};
    ///
    /// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
    /// let of_any_purpose = Validator::builder(TrustMode::CustomRootTrust(roots)).build()?;
    /// let of_clients = of_any_purpose.with_purpose(Purpose::ClientAuth)?;
    /// assert_eq!(*of_any_purpose.purpose(), Purpose::Any);
    /// assert_eq!(*of_clients.purpose(), Purpose::ClientAuth);
    /// assert_ne!(of_any_purpose.digest(), of_clients.digest());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_purpose(&self, purpose: Purpose) -> Result<Self, BuildError> {
        builder::check_purpose(&purpose, self.shared.certificate_types, &self.shared.store)?;
        let mut options = (**self.shared).clone();
        options.path.purpose = purpose;
        Ok(options.into())
    }

    getters! {
        /// SHA-256 over a stable form of everything that affects this validator's verdicts: its
        /// options, its anchors and candidates, and its additional certificates. Cached verdicts
        /// are bound to it. It is the same in every process that builds the same validator, and
        /// changes with every change of these.
        copy[shared] digest: [u8; 32];

        /// The trust store.
        ref[shared] store: TrustStore;
    }

    /// The subject of a sealed verdict of this validator: this scope, leaf and expected names.
    pub(crate) fn subject<'a>(
        &'a self,
        scope: [u8; 32],
        leaf: &[u8],
        expected: &'a [PeerName],
    ) -> Subject<'a> {
        Subject {
            validator: &self.shared,
            scope,
            expected,
            leaf: sha256(leaf),
        }
    }

    getters! { |self|
        /// The purpose that leaves must be issued for.
        purpose: &Purpose = &self.shared.path.purpose;

        /// The provider, which verifies signatures.
        ///
        /// A certificate is public. A peer proves that it is the holder by signing data that is
        /// unique to the connection with its key. TLS libraries let their users verify this
        /// signature; other protocols sign a challenge. The provider can verify both:
        ///
        /// ```
        /// use portcullis::certificate::AlgorithmIdentifier;
        /// use portcullis::{Certificate, KeyUsage, Validator};
        ///
        /// /// Whether the holder of this certificate signed the message. `algorithm` is the
        /// /// AlgorithmIdentifier of the signature in DER.
        /// fn is_holder(
        ///     validator: &Validator,
        ///     certificate: &Certificate,
        ///     algorithm: &[u8],
        ///     message: &[u8],
        ///     signature: &[u8],
        /// ) -> Result<bool, Box<dyn std::error::Error>> {
        ///     // Without the extension, all usages are allowed (RFC 5280 section 4.2.1.3).
        ///     if let Some(usage) = certificate.get::<KeyUsage>()?
        ///         && !usage.contains(KeyUsage::DIGITAL_SIGNATURE)
        ///     {
        ///         return Ok(false);
        ///     }
        ///     let algorithm = AlgorithmIdentifier::from_der(algorithm)?;
        ///     let key = validator.provider().prepare(&certificate.public_key(), None)?;
        ///     Ok(key.verify(&algorithm, message, signature).is_ok())
        /// }
        /// # use portcullis::{TrustMode, TrustStore};
        /// # let pem = include_bytes!("../../testdata/chains/good-d2.pem");
        /// # let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
        /// # let validator = Validator::builder(TrustMode::CustomRootTrust(roots)).build()?;
        /// # let chain = Certificate::from_pem_bundle(pem)?;
        /// # let (leaf, ca) = (&chain[0], &chain[1]);
        /// # // What the authority signed is the leaf; it may not sign handshakes.
        /// # let algorithm = leaf.signature_algorithm();
        /// # let (tbs, signature) = (leaf.tbs(), leaf.signature());
        /// # let signed = |by| is_holder(&validator, by, algorithm.as_der(), tbs, signature);
        /// # assert!(!signed(ca)?);
        /// # assert!(!signed(leaf)?);
        /// # let key = validator.provider().prepare(&ca.public_key(), None)?;
        /// # key.verify(&algorithm, leaf.tbs(), leaf.signature())?;
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        ///
        /// [`SupportedPair::of`](crate::crypto::SupportedPair::of) tells which algorithms it
        /// supports.
        provider: &Arc<dyn Provider> = &self.shared.provider;
    }

    /// Validates what a peer presents, at this time. `fetcher` fetches missing revocation evidence
    /// and may block. [`NoFetcher`](crate::revocation::NoFetcher) does not fetch.
    ///
    /// # Errors
    /// [`Rejected`] names the certificate and the rule that it violates, and the paths that were
    /// tried.
    pub fn validate(
        &self,
        presented: &Presented,
        at: Time,
        fetcher: &impl RevocationFetcher,
    ) -> Result<Accepted, Rejected> {
        let inputs = ValidationInputs {
            shared: &self.shared,
            presented,
            at,
        };
        let mut engine = Engine::new(&self.shared);
        if self.shared.revocation.is_checked() {
            engine.nonce = fetcher.nonce();
        }
        loop {
            match engine.advance(inputs) {
                Step::Done(verdict) => return verdict,
                Step::Missing(requests) => {
                    for request in requests {
                        let answer = fetch_one(fetcher, &request);
                        engine.provide(inputs, request.id(), answer);
                    }
                }
            }
        }
    }

    /// Like [`Validator::validate`], with a fetcher that does not block. All requests of a round
    /// run concurrently, on any runtime.
    ///
    /// # Errors
    /// As for [`Validator::validate`].
    pub async fn validate_async<F: AsyncRevocationFetcher>(
        &self,
        presented: &Presented,
        at: Time,
        fetcher: &F,
    ) -> Result<Accepted, Rejected> {
        let mut validation = self.begin(presented, at);
        if let Some(nonce) = fetcher.nonce() {
            validation = validation.with_nonce(nonce);
        }
        loop {
            match validation.advance() {
                Progress::Done(verdict) => return verdict,
                Progress::Fetch(requests) => {
                    let answers = fetch_all(fetcher, &requests).await;
                    for (request, answer) in requests.iter().zip(answers) {
                        validation.provide(request.id(), answer);
                    }
                }
            }
        }
    }

    /// Starts a validation that runs step by step, as the evidence that it requests becomes
    /// available.
    pub fn begin(&self, presented: &Presented, at: Time) -> Validation {
        Validation::new(Arc::clone(&self.shared), presented.clone(), at)
    }
}

impl From<ValidatorOptions> for Validator {
    fn from(options: ValidatorOptions) -> Self {
        let shared = options.prepare();
        Self { shared }
    }
}

impl ValidatorBuilder {
    /// Builds the validator. This decodes the keys of the anchors, once.
    ///
    /// # Errors
    /// If options conflict, or would accept anyone without an explicit request to do so.
    pub fn build(self) -> Result<Validator, BuildError> {
        self.settle().map(Validator::from)
    }
}

//! A store of trust anchors and candidates: which certificates become which.
//!
//! It is immutable. Anchors and candidates are found by their subjects ([`Named`]).

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::anchor::TrustAnchor;
use super::named::{Named, Pool};
use crate::certificate::extensions::{AuthorityKeyIdentifier, BasicConstraints};
use crate::certificate::{Certificate, CertificateError, InputError, Name, Version};
use crate::table::errors;

/// An immutable set of trust anchors, and of candidates: certificates that may stand between a leaf
/// and an anchor.
///
/// **Which certificates become anchors.** Made from certificates, a store makes anchors of the
/// roots among them ([`TrustStore::is_root`]). The others become candidates: each is trusted only
/// where a path leads from it to an anchor, and it is checked like any intermediate, revocation
/// included. So a bundle of a root and its intermediates can be given as it is, and .NET's
/// `CustomTrustStore` can be taken over. An anchor's own period and constraints are checked too;
/// its revocation is only under `RevocationFlag::EntireChain`.
///
/// To trust a certificate that is no root takes [`TrustStore::anchoring_each`] or
/// [`TrustAnchor::from_certificate`]. A self-signed certificate of a single client or server is no
/// root either: it is accepted by a `Pin`.
///
/// A store is cheap to clone, so that a server swaps it under load by replacing its handle. The
/// default store is empty: for validators that accept pinned certificates alone.
///
/// ```
/// use portcullis::TrustStore;
///
/// let store = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
/// assert_eq!(store.anchors().len(), 1);
///
/// // A leaf, and the intermediate that issued it: nobody in this file is trusted by itself.
/// let no_root = include_bytes!("../../testdata/chains/good-d2.pem");
/// let error = TrustStore::from_pem(no_root).unwrap_err();
/// assert!(error.to_string().starts_with("none of the 2 certificates is a root"));
/// # Ok::<(), portcullis::TrustStoreError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    inner: Arc<Inner>,
}

#[derive(Clone, Debug, Default)]
struct Inner {
    anchors: Named<TrustAnchor>,
    candidates: Pool,
}

errors! {
    /// Why certificates make no store.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum TrustStoreError {
        /// The certificates cannot be read.
        Input(error: InputError) => "{error}", source error, from InputError;
        /// None of the certificates is a root ([`TrustStore::is_root`]): nobody would be trusted.
        NoRoot {
            /// How many certificates there are.
            certificates: usize,
        } => (|f| no_root(*certificates, f));
    }
}

impl From<CertificateError> for TrustStoreError {
    fn from(error: CertificateError) -> Self {
        Self::Input(error.into())
    }
}

fn no_root(certificates: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match certificates {
        0 => return f.write_str(
            "there is no certificate, so nobody would be trusted; a store that trusts nobody is \
             TrustStore::default()",
        ),
        1 => f.write_str("the certificate is not a root")?,
        n => write!(f, "none of the {n} certificates is a root")?,
    }
    f.write_str(
        " (a CA that issued itself), so nobody would be trusted; add the root, or call \
         TrustStore::anchoring_each to trust a certificate that is no root, \
         TrustStore::of_candidates for candidates alone, or ValidatorBuilder::pins for a \
         self-signed certificate of one holder",
    )
}

impl TrustStore {
    /// Is this certificate a root, a CA that issued itself? Subject and issuer are equal, byte for
    /// byte, and not empty; it names no other key or serial number than its own as its issuer's
    /// (a CA that changes its key certifies the new one under its own name, RFC 5280 section 6.1);
    /// and, from version 3 on, its basicConstraints say that it is a CA. The signature is not
    /// verified: it proves nothing about who gave the certificate.
    #[must_use]
    pub fn is_root(certificate: &Certificate) -> bool {
        certificate.has_identical_names()
            && !certificate.subject().is_empty()
            && names_own_key(certificate)
            && may_be_ca(certificate)
    }

    /// A store of these anchors.
    pub fn new(anchors: impl IntoIterator<Item = TrustAnchor>) -> Self {
        Self {
            inner: Arc::new(Inner {
                anchors: Named::new(anchors.into_iter().collect()),
                candidates: Pool::default(),
            }),
        }
    }

    /// The same store with these candidates added to those that are there.
    #[must_use]
    pub fn with_candidates(self, candidates: impl IntoIterator<Item = Certificate>) -> Self {
        let known = self.candidates().iter().cloned();
        let candidates = Pool::new(known.chain(candidates).collect());
        let inner = Arc::try_unwrap(self.inner).unwrap_or_else(|shared| Inner::clone(&shared));
        Self {
            inner: Arc::new(Inner {
                candidates,
                ..inner
            }),
        }
    }

    /// A store in which the roots are anchors and the other certificates candidates.
    ///
    /// # Errors
    /// When none is a root.
    pub fn from_certificates(
        certificates: impl IntoIterator<Item = Certificate>,
    ) -> Result<Self, TrustStoreError> {
        let (anchors, candidates): (Vec<_>, Vec<_>) =
            certificates.into_iter().partition(Self::is_root);
        if anchors.is_empty() {
            return Err(TrustStoreError::NoRoot {
                certificates: candidates.len(),
            });
        }
        Ok(Self::anchoring_each(anchors).with_candidates(candidates))
    }

    /// As [`TrustStore::from_certificates`], from a PEM bundle.
    ///
    /// # Errors
    /// When the text is not PEM, a certificate in it does not parse, or none is a root.
    pub fn from_pem(text: &[u8]) -> Result<Self, TrustStoreError> {
        let certificates = Certificate::from_pem_bundle(text)?;
        Self::from_certificates(certificates)
    }

    /// As [`TrustStore::from_certificates`], from certificates in DER.
    ///
    /// # Errors
    /// When one does not parse, or none is a root. To pass over those that do not parse (system
    /// stores hold such), parse them one by one.
    pub fn from_der<D: AsRef<[u8]>>(
        certificates: impl IntoIterator<Item = D>,
    ) -> Result<Self, TrustStoreError> {
        let parsed = certificates.into_iter().enumerate().map(|(index, der)| {
            Certificate::from_der(der.as_ref())
                .map_err(|error| InputError::Certificate { index, error })
        });
        Self::from_certificates(parsed.collect::<Result<Vec<_>, _>>()?)
    }

    /// A store in which each of these certificates is an anchor, root or not: an intermediate, say.
    ///
    /// The revocation of an anchor that is no root is never checked, and a path ends at the first
    /// anchor that it meets.
    pub fn anchoring_each(certificates: impl IntoIterator<Item = Certificate>) -> Self {
        Self::new(certificates.into_iter().map(TrustAnchor::from_certificate))
    }

    /// A store without anchors: nobody is trusted by it, and these certificates only help to tell
    /// why.
    pub fn of_candidates(certificates: impl IntoIterator<Item = Certificate>) -> Self {
        Self::default().with_candidates(certificates)
    }

    /// The anchors, in the order in which they were given.
    #[must_use]
    pub fn anchors(&self) -> &[TrustAnchor] {
        self.inner.anchors.items()
    }

    /// The certificates that are not anchors, in the order in which they were given.
    #[must_use]
    pub fn candidates(&self) -> &[Certificate] {
        self.inner.candidates.certificates()
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.inner.candidates
    }

    /// Indices of the anchors whose name has these very bytes.
    pub(crate) fn anchors_named(&self, name: Name<'_>) -> impl Iterator<Item = usize> + use<> {
        self.inner.anchors.named(name)
    }

    /// Indices of the anchors whose name is equal by RFC 5280 section 7.1 but has other bytes.
    pub(crate) fn anchors_named_alike(&self, name: Name<'_>) -> impl Iterator<Item = usize> {
        self.inner.anchors.named_alike(name)
    }
}

/// An authorityKeyIdentifier that does not decode names nobody, and the path check refuses it.
fn names_own_key(certificate: &Certificate) -> bool {
    let Some(issuer) = certificate.readable::<AuthorityKeyIdentifier<'_>>() else {
        return true;
    };
    let own_key = |id: &[u8]| certificate.subject_key_id() == Some(id);
    let own_serial = |serial: &[u8]| serial == certificate.serial();
    issuer.key_id.is_none_or(own_key) && issuer.serial.is_none_or(own_serial)
}

/// Before version 3 no certificate says whether it is a CA.
fn may_be_ca(certificate: &Certificate) -> bool {
    match certificate.get::<BasicConstraints>() {
        Ok(Some(basic)) => basic.ca,
        Ok(None) => certificate.version() != Version::V3,
        Err(_) => false,
    }
}

//! Trust anchors and stores of them (RFC 5280 section 6.1.1 (d)).
//!
//! An anchor is a name and a key; a certificate is one way to write it down. Only this module makes
//! anchors, out of what the caller configures: nothing that a peer presents becomes one. A store is
//! immutable and cheap to clone, so that a server swaps it under load by replacing its handle.
//! Finding the anchors of a name costs one hash of the name, however many anchors there are.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{BuildHasher, Hasher};

use const_oid::ObjectIdentifier;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::certificate::extensions::NameConstraints;
use crate::certificate::{Certificate, CertificateError, InputError, Name, SubjectPublicKeyInfo};
use crate::crypto::{KeyError, PreparedKey, Provider};
use crate::der;
use crate::time::Time;

/// A name and a key that are trusted because the caller says so.
#[derive(Clone)]
pub struct TrustAnchor {
    subject: Arc<[u8]>,
    public_key: Arc<[u8]>,
    key_id: Option<Arc<[u8]>>,
    certificate: Option<Certificate>,
    constraints: AnchorConstraints,
}

impl fmt::Debug for TrustAnchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustAnchor")
            .field("subject", &format_args!("{:.200}", self.subject()))
            .field("has_certificate", &self.certificate.is_some())
            .field("constraints", &self.constraints)
            .finish_non_exhaustive()
    }
}

/// What an anchor may vouch for, beyond what its certificate says. Nothing is constrained by
/// default.
///
/// ```
/// use portcullis::{AnchorConstraints, Time, oid};
///
/// let constraints = AnchorConstraints::default()
///     .purposes([oid::CLIENT_AUTH])
///     .not_after(Time::from_civil(2030, 1, 1, 0, 0, 0).unwrap());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct AnchorConstraints {
    pub(crate) purposes: Option<Vec<ObjectIdentifier>>,
    pub(crate) name_constraints: Option<Arc<[u8]>>,
    pub(crate) not_after: Option<Time>,
}

impl AnchorConstraints {
    /// The anchor vouches for these extended key usages only. A validator that asks for no purpose
    /// ([`Purpose::Any`](crate::Purpose::Any)) asks nothing of the anchor either.
    pub fn purposes(mut self, purposes: impl IntoIterator<Item = ObjectIdentifier>) -> Self {
        self.purposes = Some(purposes.into_iter().collect());
        self
    }

    /// The anchor vouches for these names only: a `NameConstraints` in DER (RFC 5280 section
    /// 4.2.1.10), which holds as if it stood in the anchor's certificate and beside what stands
    /// there.
    ///
    /// # Errors
    /// When `der` does not decode.
    pub fn name_constraints(mut self, der: &[u8]) -> Result<Self, der::Error> {
        NameConstraints::from_der(der)?;
        self.name_constraints = Some(Arc::from(der));
        Ok(self)
    }

    /// The anchor vouches for nothing after this moment.
    pub fn not_after(mut self, last: Time) -> Self {
        self.not_after = Some(last);
        self
    }
}

/// Why a bare name and key are no anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnchorError {
    /// The name is not a `Name` in DER.
    Subject(der::Error),
    /// The key is not a `SubjectPublicKeyInfo` in DER.
    PublicKey(der::Error),
}

impl fmt::Display for AnchorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject(error) => {
                write!(f, "the anchor's name: {error} [RFC 5280 section 4.1.2.6]")
            }
            Self::PublicKey(error) => {
                write!(f, "the anchor's key: {error} [RFC 5280 section 4.1.2.7]")
            }
        }
    }
}

impl core::error::Error for AnchorError {}

impl TrustAnchor {
    /// An anchor from a certificate, self-signed or not. Its period, its constraints on paths,
    /// names and policies, and its critical extensions are honoured; the policies that it
    /// names, and its own signature, are not looked at.
    #[must_use]
    pub fn from_certificate(certificate: Certificate) -> Self {
        let key_id = certificate.subject_key_id().map(Arc::from);
        Self {
            subject: Arc::from(certificate.subject().as_der()),
            public_key: Arc::from(certificate.spki_der()),
            key_id,
            certificate: Some(certificate),
            constraints: AnchorConstraints::default(),
        }
    }

    /// An anchor from a bare name and key, both in DER: `Name` and `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// When one of them does not decode.
    pub fn from_name_and_key(subject: &[u8], public_key: &[u8]) -> Result<Self, AnchorError> {
        Name::from_der(subject).map_err(AnchorError::Subject)?;
        SubjectPublicKeyInfo::from_der(public_key).map_err(AnchorError::PublicKey)?;
        Ok(Self {
            subject: Arc::from(subject),
            public_key: Arc::from(public_key),
            key_id: None,
            certificate: None,
            constraints: AnchorConstraints::default(),
        })
    }

    /// The same anchor with constraints of the caller's.
    #[must_use]
    pub fn with_constraints(mut self, constraints: AnchorConstraints) -> Self {
        self.constraints = constraints;
        self
    }

    /// The anchor's name.
    #[must_use]
    pub fn subject(&self) -> Name<'_> {
        Name::from_checked(&self.subject)
    }

    /// The anchor's key as it was received: what identifies it, parameters included.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.public_key
    }

    /// The anchor's key.
    #[must_use]
    pub fn public_key(&self) -> SubjectPublicKeyInfo<'_> {
        match &self.certificate {
            Some(certificate) => certificate.public_key(),
            None => SubjectPublicKeyInfo::from_checked(&self.public_key),
        }
    }

    /// The certificate that the anchor was made from.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// The caller's constraints.
    pub fn constraints(&self) -> &AnchorConstraints {
        &self.constraints
    }

    /// The subject key identifier of the anchor's certificate.
    #[must_use]
    pub fn key_id(&self) -> Option<&[u8]> {
        self.key_id.as_deref()
    }
}

/// An immutable set of trust anchors, and of certificates that may stand between a leaf and them.
///
/// ```
/// use portcullis::TrustStore;
///
/// let store = TrustStore::from_pem(include_bytes!("../testdata/roots/root.pem"))?;
/// assert_eq!(store.anchors().len(), 1);
/// # Ok::<(), portcullis::InputError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    anchors: Vec<TrustAnchor>,
    anchors_by_name: NameIndex,
    pool: Pool,
}

impl TrustStore {
    /// A store of these anchors.
    pub fn new(anchors: impl IntoIterator<Item = TrustAnchor>) -> Self {
        Self::with_pool(anchors.into_iter().collect(), Vec::new())
    }

    /// A store in which each of these certificates is an anchor, self-issued or not.
    pub fn from_certificates(certificates: impl IntoIterator<Item = Certificate>) -> Self {
        Self::new(certificates.into_iter().map(TrustAnchor::from_certificate))
    }

    /// A store in which only self-issued certificates are anchors; the others may stand between a
    /// leaf and an anchor.
    ///
    /// This is how .NET reads its `CustomTrustStore`. Self-issued means that subject and issuer are
    /// equal byte for byte.
    pub fn from_certificates_anchoring_self_issued_only(
        certificates: impl IntoIterator<Item = Certificate>,
    ) -> Self {
        let (anchors, pool): (Vec<_>, Vec<_>) = certificates
            .into_iter()
            .partition(Certificate::has_identical_names);
        let anchors = anchors.into_iter().map(TrustAnchor::from_certificate);
        Self::with_pool(anchors.collect(), pool)
    }

    /// A store in which each certificate of a PEM bundle is an anchor.
    ///
    /// # Errors
    /// When the text is not PEM, a certificate in it does not parse, or there is none.
    pub fn from_pem(text: &[u8]) -> Result<Self, InputError> {
        Ok(Self::from_certificates(Certificate::from_pem_bundle(text)?))
    }

    /// A store in which each of these certificates in DER is an anchor.
    ///
    /// # Errors
    /// When one does not parse. To pass over those that do not (system stores hold such), parse
    /// them one by one.
    pub fn from_der<D: AsRef<[u8]>>(
        certificates: impl IntoIterator<Item = D>,
    ) -> Result<Self, CertificateError> {
        let parsed = certificates
            .into_iter()
            .map(|der| Certificate::from_der(der.as_ref()));
        Ok(Self::from_certificates(
            parsed.collect::<Result<Vec<_>, _>>()?,
        ))
    }

    fn with_pool(anchors: Vec<TrustAnchor>, pool: Vec<Certificate>) -> Self {
        let mut anchors_by_name = NameIndex::default();
        for (i, anchor) in anchors.iter().enumerate() {
            anchors_by_name.insert(i, anchor.subject());
        }
        let pool = Pool::new(pool);
        Self {
            inner: Arc::new(Inner {
                anchors,
                anchors_by_name,
                pool,
            }),
        }
    }

    /// The anchors, in the order in which they were given.
    #[must_use]
    pub fn anchors(&self) -> &[TrustAnchor] {
        &self.inner.anchors
    }

    /// The certificates that are no anchors.
    #[must_use]
    pub fn intermediates(&self) -> &[Certificate] {
        self.inner.pool.certificates()
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.inner.pool
    }

    /// Indices of the anchors whose name has these very bytes.
    pub(crate) fn anchors_named(&self, name: Name<'_>) -> impl Iterator<Item = usize> + use<> {
        let anchors = &self.inner.anchors;
        let same = |&i: &usize| {
            let anchor: Option<&TrustAnchor> = anchors.get(i);
            anchor.is_some_and(|anchor| *anchor.subject == *name.as_der())
        };
        // A few names are compared as fast as one is hashed.
        if anchors.len() <= FEW {
            return Positions::of((0..anchors.len()).filter(same));
        }
        self.inner.anchors_by_name.same_bytes(name, same)
    }

    /// Indices of the anchors whose name is equal by RFC 5280 section 7.1 but has other bytes.
    pub(crate) fn anchors_named_alike(&self, name: Name<'_>) -> impl Iterator<Item = usize> {
        let anchors = &self.inner.anchors;
        let found = self.inner.anchors_by_name.alike(name);
        found.filter(move |&i| {
            anchors
                .get(i)
                .is_some_and(|anchor| is_alike(anchor.subject(), name))
        })
    }
}

/// The keys of a store's anchors, decoded once.
pub(crate) struct AnchorKeys(Vec<Result<Arc<dyn PreparedKey>, KeyError>>);

impl AnchorKeys {
    pub(crate) fn prepare(provider: &dyn Provider, store: &TrustStore) -> Self {
        let anchors = store.anchors().iter();
        Self(
            anchors
                .map(|anchor| provider.prepare(&anchor.public_key(), None))
                .collect(),
        )
    }

    pub(crate) fn get(&self, index: usize) -> Result<&dyn PreparedKey, KeyError> {
        match self.0.get(index) {
            Some(Ok(key)) => Ok(&**key),
            Some(Err(error)) => Err(*error),
            None => Err(KeyError::Malformed),
        }
    }

    /// Did the key of the anchor at this place make the signature of its certificate? Where subject
    /// and issuer are one name that is not looked into, since it would cost a signature for
    /// every root.
    pub(crate) fn signs_itself(&self, index: usize, anchor: &TrustAnchor) -> bool {
        let Some(certificate) = anchor.certificate() else {
            return false;
        };
        let by_own_key = |key: &dyn PreparedKey| {
            let algorithm = certificate.signature_algorithm();
            key.verify(&algorithm, certificate.tbs(), certificate.signature())
        };
        certificate.is_self_issued() || self.get(index).is_ok_and(|key| by_own_key(key).is_ok())
    }
}

impl fmt::Debug for AnchorKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnchorKeys").field(&self.0.len()).finish()
    }
}

/// Certificates that may stand between a leaf and an anchor, indexed by subject.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    certificates: Vec<Certificate>,
    by_subject: NameIndex,
}

impl Pool {
    pub(crate) fn new(certificates: Vec<Certificate>) -> Self {
        let mut by_subject = NameIndex::default();
        for (i, certificate) in certificates.iter().enumerate() {
            by_subject.insert(i, certificate.subject());
        }
        Self {
            certificates,
            by_subject,
        }
    }

    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    pub(crate) fn named(&self, name: Name<'_>) -> impl Iterator<Item = usize> {
        let same = move |c: &Certificate| c.subject().as_der() == name.as_der();
        let same = |&i: &usize| self.certificates.get(i).is_some_and(same);
        self.by_subject.same_bytes(name, same)
    }

    pub(crate) fn named_alike(&self, name: Name<'_>) -> impl Iterator<Item = usize> {
        let alike = move |c: &Certificate| is_alike(c.subject(), name);
        let found = self.by_subject.alike(name);
        found.filter(move |&i| self.certificates.get(i).is_some_and(alike))
    }
}

/// Equal by RFC 5280 section 7.1, not byte for byte.
pub(crate) fn is_alike(a: Name<'_>, b: Name<'_>) -> bool {
    a.as_der() != b.as_der() && a.matches(&b)
}

/// Most anchors whose names are compared one by one.
const FEW: usize = 4;

/// Names to positions in a list: by their bytes, which is what nearly every chain needs, and by
/// their normal form.
#[derive(Clone, Debug, Default)]
struct NameIndex {
    hasher: DefaultHashBuilder,
    bytes: HashTable<(u64, usize)>,
    normal: HashTable<(u64, usize)>,
}

impl NameIndex {
    fn insert(&mut self, position: usize, name: Name<'_>) {
        let bytes = self.hash_bytes(name);
        let normal = self.hash_normal(name);
        let rehash = |entry: &(u64, usize)| entry.0;
        self.bytes.insert_unique(bytes, (bytes, position), rehash);
        self.normal
            .insert_unique(normal, (normal, position), rehash);
    }

    fn same_bytes(&self, name: Name<'_>, same: impl Fn(&usize) -> bool) -> Positions {
        Self::ordered(&self.bytes, || self.hash_bytes(name), same)
    }

    fn alike(&self, name: Name<'_>) -> Positions {
        Self::ordered(&self.normal, || self.hash_normal(name), |_| true)
    }

    fn ordered(
        table: &HashTable<(u64, usize)>,
        hash: impl FnOnce() -> u64,
        same: impl Fn(&usize) -> bool,
    ) -> Positions {
        if table.is_empty() {
            return Positions::None;
        }
        let hash = hash();
        let found = table.iter_hash(hash).filter(|entry| entry.0 == hash);
        Positions::of(found.map(|entry| entry.1).filter(same))
    }

    fn hash_bytes(&self, name: Name<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(name.as_der());
        hasher.finish()
    }

    fn hash_normal(&self, name: Name<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        name.write_key(&mut hasher);
        hasher.finish()
    }
}

/// The usual case of one anchor to a name takes no memory.
enum Positions {
    None,
    One(usize),
    /// Descending: taken from the end.
    Many(Vec<usize>),
}

impl Positions {
    /// In the order of insertion, which a table does not keep.
    #[inline]
    fn of(mut found: impl Iterator<Item = usize>) -> Self {
        let Some(first) = found.next() else {
            return Self::None;
        };
        let Some(second) = found.next() else {
            return Self::One(first);
        };
        let mut many: Vec<usize> = [first, second].into_iter().chain(found).collect();
        many.sort_unstable_by(|a, b| b.cmp(a));
        Self::Many(many)
    }
}

impl Iterator for Positions {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::One(position) => {
                let position = *position;
                *self = Self::None;
                Some(position)
            }
            Self::Many(positions) => positions.pop(),
        }
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::certificate::testing::{Parts, common_name, sequence, tlv};
    use crate::crypto::RustCrypto;

    /// Does an anchor of the first key, signed by the second, count as signed by itself?
    fn signs_itself(key: &SigningKey, signer: &SigningKey, edit: impl FnOnce(&mut Parts)) -> bool {
        let mut parts = Parts::default();
        let bits = [&[0][..], key.verifying_key().as_bytes()].concat();
        parts.spki = sequence(&[parts.inner_algorithm.clone(), tlv(3, &bits)]);
        edit(&mut parts);
        let signature = signer.sign(&parts.tbs()).to_bytes();
        parts.signature = tlv(3, &[&[0][..], &signature].concat());
        let store = TrustStore::from_certificates([Certificate::from_der(&parts.der()).unwrap()]);
        AnchorKeys::prepare(&RustCrypto, &store).signs_itself(0, &store.anchors()[0])
    }

    #[test]
    fn an_anchor_signs_itself_by_key_or_by_name() {
        let [own, other] = [[1; 32], [2; 32]].map(|seed| SigningKey::from_bytes(&seed));
        assert!(signs_itself(&own, &own, |_| ()));
        assert!(!signs_itself(&own, &other, |_| ()));
        let one_name = |parts: &mut Parts| parts.issuer = common_name("subject");
        assert!(signs_itself(&own, &other, one_name));
    }
}

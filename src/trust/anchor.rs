//! One trust anchor (RFC 5280 section 6.1.1 (d)): a name and a key, and what the caller lets it
//! vouch for. A certificate is one way to write it down.

use alloc::sync::Arc;
use alloc::vec::Vec;

use const_oid::ObjectIdentifier;

use crate::certificate::extensions::NameConstraints;
use crate::certificate::{Certificate, Name, SubjectPublicKeyInfo};
use crate::der;
use crate::table::errors;
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

debug! {
    impl[] TrustAnchor: "TrustAnchor", |self|
        "subject": format_args!("{:.200}", self.subject()),
        "has_certificate": self.certificate.is_some(),
        "constraints": self.constraints
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
    /// The anchor vouches for these extended key usages only. Under a validator that asks for no
    /// purpose (`Purpose::Any`), where any would pass, it vouches for
    /// nothing; one with such an anchor is not built.
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

    setters! {
        /// The anchor vouches for nothing after this moment.
        not_after: Time = Some(not_after);
    }
}

errors! {
    /// Why a bare name and key are no anchor.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum AnchorError with section {
        /// The name is not a `Name` in DER.
        Subject(error: der::Error) => "the anchor's name: {error}" ["RFC 5280 section 4.1.2.6"],
            source error;
        /// The key is not a `SubjectPublicKeyInfo` in DER.
        PublicKey(error: der::Error) => "the anchor's key: {error}" ["RFC 5280 section 4.1.2.7"],
            source error;
    }
}

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

//! What a peer presents: a leaf, other certificates, perhaps a stapled response. They are parsed
//! here and trusted in nothing.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::certificate::{Certificate, CertificateError, InputError};
use crate::few::Few;
use crate::path::PeerName;
use crate::revocation::{OcspError, OcspResponse};

/// Most certificates that did not parse that are noted: a peer may send thousands.
const MAX_UNREADABLE: usize = 16;

/// A leaf, the certificates that came with it, a stapled OCSP response if there was one, and the
/// names that the leaf is expected to have.
///
/// The order of what came with it means nothing, and what does not belong to its path does no harm.
///
/// ```
/// use portcullis::Presented;
///
/// let presented = Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
/// assert_eq!(presented.certificates().len(), 1);
/// # Ok::<(), portcullis::InputError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Presented {
    pub(super) leaf: Certificate,
    certificates: Few<Certificate>,
    /// What most peers do without stands apart, so that the rest is short to move.
    rare: Option<Box<Rare>>,
}

#[derive(Clone, Debug, Default)]
struct Rare {
    expected: Vec<PeerName>,
    stapled: Option<Result<OcspResponse, OcspError>>,
    unreadable: Vec<(usize, CertificateError)>,
}

impl Presented {
    /// A leaf alone.
    pub const fn new(leaf: Certificate) -> Self {
        Self {
            leaf,
            certificates: Few::None,
            rare: None,
        }
    }

    /// Certificates in DER as TLS brings them, the leaf first. Others than the leaf that do not
    /// parse are left out and listed in [`Presented::unreadable`].
    ///
    /// # Errors
    /// When there is none, or the leaf does not parse.
    pub fn from_der<D: AsRef<[u8]>>(
        chain: impl IntoIterator<Item = D>,
    ) -> Result<Self, InputError> {
        let chain = chain.into_iter();
        Self::from_parsed(chain.map(|der| Certificate::from_der(der.as_ref())))
    }

    /// The certificates of PEM text, the leaf first. Others than the leaf that do not parse are
    /// left out and listed in [`Presented::unreadable`].
    ///
    /// # Errors
    /// When the text is not PEM, there is no certificate in it, or the leaf does not parse.
    pub fn from_pem(text: &[u8]) -> Result<Self, InputError> {
        Self::from_parsed(Certificate::from_pem_blocks(text)?)
    }

    /// What became of certificates that the caller parsed, the leaf first, as
    /// [`Certificate::from_pem_blocks`] gives it. Others than the leaf that did not parse are
    /// listed in [`Presented::unreadable`].
    ///
    /// # Errors
    /// When there is none, or the leaf did not parse.
    pub fn from_parsed(
        chain: impl IntoIterator<Item = Result<Certificate, CertificateError>>,
    ) -> Result<Self, InputError> {
        let mut chain = chain.into_iter();
        let leaf = chain.next().ok_or(InputError::Empty)?;
        let mut presented = Self::new(leaf?);
        for (i, parsed) in chain.enumerate() {
            match parsed {
                Ok(certificate) => presented.certificates.push(certificate),
                Err(error) => presented.note_unreadable(i + 1, error),
            }
        }
        Ok(presented)
    }

    fn note_unreadable(&mut self, place: usize, error: CertificateError) {
        let unreadable = &mut self.rare_mut().unreadable;
        if unreadable.len() < MAX_UNREADABLE {
            unreadable.push((place, error));
        }
    }

    fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Adds certificates that came with the leaf.
    pub fn with_certificates(
        mut self,
        certificates: impl IntoIterator<Item = Certificate>,
    ) -> Self {
        self.certificates.extend(certificates);
        self
    }

    /// Expects the leaf to have this name, besides those that the validator expects. Called again,
    /// it expects all of them.
    ///
    /// ```
    /// use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
    /// use portcullis::{PeerName, Presented, Purpose, Time, TrustMode, TrustStore, Validator};
    ///
    /// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
    /// let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
    ///     .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
    ///     .purpose(Purpose::ServerAuth)
    ///     .build()?;
    ///
    /// let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
    /// let presented = Presented::from_pem(include_bytes!("../../testdata/chains/san-dns.pem"))?
    ///     .expecting(PeerName::dns("host.example.test")?);
    /// assert!(validator.validate(&presented, now, &NoFetcher).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn expecting(mut self, name: PeerName) -> Self {
        self.rare_mut().expected.push(name);
        self
    }

    /// Adds the OCSP response that was stapled to the handshake, in DER. One that does not parse
    /// does no harm beyond being missing; [`Presented::stapled`] tells.
    pub fn with_stapled_ocsp(mut self, response: &[u8]) -> Self {
        self.rare_mut().stapled = Some(OcspResponse::from_der(response));
        self
    }

    getters! { |self|
        /// The names that the leaf is expected to have, beside those that the validator expects.
        expected: &[PeerName] = self.rare.as_ref().map_or(&[], |rare| &rare.expected);

        /// The stapled OCSP response, or why it is none.
        stapled: Option<&Result<OcspResponse, OcspError>> = self.rare.as_ref()?.stapled.as_ref();

        /// The certificate in question.
        leaf: &Certificate = &self.leaf;

        /// What came with it.
        certificates: &[Certificate] = self.certificates.as_slice();

        /// What came with it and did not parse: its place among all that was presented (the leaf is 0),
        /// and why. Of more than 16 the first are noted. A path that does not need them is not
        /// affected; a [rejection](crate::Rejected::unreadable) names them.
        unreadable: &[(usize, CertificateError)] = self.rare.as_ref().map_or(&[], |rare| &rare.unreadable);
    }
}

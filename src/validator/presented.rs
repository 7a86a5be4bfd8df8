//! What a peer presents: a leaf, other certificates, and perhaps a stapled response. They are
//! parsed here but not trusted.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::certificate::{Certificate, CertificateError, InputError};
use crate::few::Few;
use crate::path::PeerName;
use crate::revocation::{OcspError, OcspResponse};

/// The maximum number of unreadable certificates that are recorded. A peer may send thousands.
const MAX_UNREADABLE: usize = 16;

/// A leaf, the certificates that came with it, a stapled OCSP response if there is one, and the
/// names that the leaf is expected to have.
///
/// The order of the other certificates does not matter, and those that do not belong to the path
/// are ignored.
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
    /// What most peers lack is boxed, to keep this type small.
    rare: Option<Box<Rare>>,
}

#[derive(Clone, Debug, Default)]
struct Rare {
    expected: Vec<PeerName>,
    stapled: Option<Result<OcspResponse, OcspError>>,
    unreadable: Vec<(usize, CertificateError)>,
}

impl Presented {
    /// A leaf without other certificates.
    pub const fn new(leaf: Certificate) -> Self {
        Self {
            leaf,
            certificates: Few::None,
            rare: None,
        }
    }

    /// Certificates in DER as received from TLS, leaf first. Certificates other than the leaf that
    /// cannot be parsed are skipped and listed in [`Presented::unreadable`].
    ///
    /// # Errors
    /// If there are no certificates, or the leaf cannot be parsed.
    pub fn from_der<D: AsRef<[u8]>>(
        chain: impl IntoIterator<Item = D>,
    ) -> Result<Self, InputError> {
        let chain = chain.into_iter();
        Self::from_parsed(chain.map(|der| Certificate::from_der(der.as_ref())))
    }

    /// The certificates of PEM text, leaf first. Certificates other than the leaf that cannot be
    /// parsed are skipped and listed in [`Presented::unreadable`].
    ///
    /// # Errors
    /// If the text is not PEM, if it has no certificates, or if the leaf cannot be parsed.
    pub fn from_pem(text: &[u8]) -> Result<Self, InputError> {
        Self::from_parsed(Certificate::from_pem_blocks(text)?)
    }

    /// The results of parsing certificates, leaf first, as returned by
    /// [`Certificate::from_pem_blocks`]. Errors for certificates other than the leaf are listed in
    /// [`Presented::unreadable`].
    ///
    /// # Errors
    /// If there are no certificates, or the leaf was not parsed.
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

    /// Requires the leaf to have this name, in addition to those that the validator expects.
    /// Several calls require all the names.
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

    /// Adds the OCSP response that was stapled to the handshake, in DER. One that cannot be parsed
    /// counts as missing; [`Presented::stapled`] returns the error.
    pub fn with_stapled_ocsp(mut self, response: &[u8]) -> Self {
        self.rare_mut().stapled = Some(OcspResponse::from_der(response));
        self
    }

    getters! { |self|
        /// The names that the leaf is expected to have, in addition to those that the validator
        /// expects.
        expected: &[PeerName] = self.rare.as_ref().map_or(&[], |rare| &rare.expected);

        /// The stapled OCSP response, or the error from parsing it.
        stapled: Option<&Result<OcspResponse, OcspError>> = self.rare.as_ref()?.stapled.as_ref();

        /// The certificate to be validated.
        leaf: &Certificate = &self.leaf;

        /// The certificates that came with it.
        certificates: &[Certificate] = self.certificates.as_slice();
    }

    /// The certificates that came with it but could not be parsed: the index of each among all that
    /// were presented (the leaf is 0), and the error. At most the first 16. A path that does not
    /// need them is not affected. A [rejection](crate::Rejected::unreadable) lists them.
    #[must_use]
    pub fn unreadable(&self) -> &[(usize, CertificateError)] {
        self.rare.as_ref().map_or(&[], |rare| &rare.unreadable)
    }
}

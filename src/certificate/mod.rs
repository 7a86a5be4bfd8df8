//! A certificate as received bytes (RFC 5280 section 4): parsed once, then read through views.
//!
//! A [`Certificate`] is the bytes that came in and the offsets of its fields. Everything else
//! (names, extensions, keys) is a view into these bytes, so that what is compared, hashed and
//! verified is what was received.

mod convert;
mod error;
pub mod extensions;
mod general_name;
mod layout;
mod name;
mod name_compare;
mod name_text;
pub(crate) mod pem;
pub(crate) mod raw_extension;
mod spki;
pub(crate) mod string;
mod string_prep;
#[cfg(test)]
pub(crate) mod testing;
mod thumbprint;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

pub use convert::ConversionError;
pub use error::{CertificateError, Field};
pub use extensions::{ExtensionKind, KnownExtension};
pub(crate) use general_name::dns_is_well_formed;
pub use general_name::{GeneralName, GeneralNames};
pub use layout::Version;
pub use name::{Attribute, Name, Rdn};
pub(crate) use name_text::is_invisible;
pub use name_text::{Dotnet, MESSAGE_LIMIT, Rfc4514};
pub use pem::PemError;
pub use spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};
pub(crate) use string::Teletex;
pub use thumbprint::{Hex, sha1, sha256};

use crate::der::{self, Failed, ReadBefore, ReadError, Reader};
use crate::oid::Oid;
use crate::table::errors;
use crate::time::Time;
use extensions::{AuthorityKeyIdentifier, DecodedExtensions, SubjectKeyIdentifier};
use layout::Layout;
use raw_extension::RawExtension;

/// An X.509 certificate (RFC 5280 section 4.1).
///
/// Parsing checks the frame, the names, the dates and that no extension occurs twice; it does not
/// decode extensions and trusts nothing. Cloning shares the bytes.
///
/// ```
/// use portcullis::{Certificate, Time};
///
/// let pem = include_bytes!("../../testdata/chains/good-d2.pem");
/// let chain = Certificate::from_pem_bundle(pem)?;
/// assert_eq!(chain.len(), 2);
/// assert!(chain[0].issuer().matches(&chain[1].subject()));
/// # Ok::<(), portcullis::InputError>(())
/// ```
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

/// What stays where it is while certificates are handed around: offsets are long to move.
struct Parsed {
    bytes: Box<[u8]>,
    layout: Layout,
    /// All known extensions have been decoded before, and did.
    decodes: AtomicBool,
}

/// An extension as it stands in the certificate, known to this library or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// What it is.
    pub oid: Oid<'a>,
    /// Must a validator that does not know the extension refuse the certificate?
    pub critical: bool,
    /// The content of the OCTET STRING.
    pub value: &'a [u8],
}

errors! {
    /// Why PEM text gave no certificates.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum InputError {
        /// The text is not PEM.
        Pem(error: PemError) => "{error}", source error, from PemError;
        /// A certificate does not parse.
        Certificate {
            /// Its place in the input, from 0.
            index: usize,
            /// Why.
            error: CertificateError,
        } => "certificate {index}: {error}", source error;
        /// There is no certificate in the input.
        Empty => "there is no certificate in the input";
    }
}

impl From<CertificateError> for InputError {
    /// The only certificate of an input is the first one.
    fn from(error: CertificateError) -> Self {
        Self::Certificate { index: 0, error }
    }
}

/// Accessors: what the layout says, and views of the bytes.
macro_rules! views {
    (|$layout:ident, $bytes:ident| $(
        $(#[$doc:meta])* $visibility:vis $name:ident: $type:ty = $view:expr;
    )*) => {$(
        $(#[$doc])*
        #[must_use]
        $visibility fn $name(&self) -> $type {
            #[allow(unused_variables, reason = "each accessor takes one or both")]
            let ($layout, $bytes) = (&self.0.layout, &*self.0.bytes);
            $view
        }
    )*};
}

impl Certificate {
    /// Most bytes of a certificate. The largest in use carry post-quantum keys and signatures of
    /// some 60 KB.
    pub const MAX_BYTES: usize = layout::MAX_BYTES;

    /// Most extensions of a certificate. Those in use have up to 15.
    pub const MAX_EXTENSIONS: usize = layout::MAX_EXTENSIONS;

    /// Parses one certificate in DER and keeps a copy of its bytes.
    ///
    /// # Errors
    /// When the bytes are not exactly one certificate in DER, break a rule of RFC 5280 section 4.1
    /// that nothing can be concluded without, or exceed [`Certificate::MAX_BYTES`] or
    /// [`Certificate::MAX_EXTENSIONS`].
    #[inline]
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > Self::MAX_BYTES {
            return Err(CertificateError::TooLarge { bytes: der.len() });
        }
        Self::from_owned(Box::from(der))
    }

    /// As [`Certificate::from_der`], keeping the bytes themselves and no copy.
    ///
    /// # Errors
    /// As [`Certificate::from_der`].
    #[inline]
    pub fn from_owned(der: Box<[u8]>) -> Result<Self, CertificateError> {
        let mut layout = Layout::default();
        layout.fill(&der)?;
        Ok(Self(Arc::new(Parsed {
            bytes: der,
            layout,
            decodes: AtomicBool::new(false),
        })))
    }

    /// All certificates of a PEM bundle, in order; text between blocks and blocks of other kinds
    /// are skipped.
    ///
    /// # Errors
    /// When a block is broken, a certificate does not parse, or there is none.
    pub fn from_pem_bundle(text: &[u8]) -> Result<Vec<Self>, InputError> {
        let blocks = Self::from_pem_blocks(text)?;
        if blocks.is_empty() {
            return Err(InputError::Empty);
        }
        let parsed = blocks.into_iter().enumerate();
        let parsed = parsed.map(|(index, parsed)| {
            parsed.map_err(|error| InputError::Certificate { index, error })
        });
        parsed.collect()
    }

    /// As [`Certificate::from_pem_bundle`], with what became of each block: for bundles in which
    /// some certificates may be beyond what this library reads, as the stores of operating
    /// systems are.
    ///
    /// # Errors
    /// When a block is broken.
    pub fn from_pem_blocks(text: &[u8]) -> Result<Vec<Result<Self, CertificateError>>, PemError> {
        let blocks = pem::decode(text, pem::CERTIFICATE)?;
        Ok(blocks
            .into_iter()
            .map(|der| Self::from_owned(der.into()))
            .collect())
    }

    /// The first certificate of PEM text; those behind it must parse too.
    ///
    /// # Errors
    /// As [`Certificate::from_pem_bundle`].
    pub fn from_pem(text: &[u8]) -> Result<Self, InputError> {
        let bundle = Self::from_pem_bundle(text)?;
        bundle.into_iter().next().ok_or(InputError::Empty)
    }

    /// The certificate as PEM text (RFC 7468).
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(&self.0.bytes, pem::CERTIFICATE)
    }

    views! { |layout, bytes|
        /// The received bytes.
        pub as_der: &[u8] = bytes;
        /// The version.
        pub version: Version = layout.version;
        /// What the issuer signed: the exact `TBSCertificate`.
        pub tbs: &[u8] = layout.tbs.slice(bytes);
        /// The serial number: big endian, two's complement, minimal. May be zero or negative outside
        /// of strict profiles.
        pub serial: &[u8] = layout.serial.slice(bytes);
        /// The name of the issuer, who signed the certificate (RFC 5280 section 4.1.2.4).
        pub issuer: Name<'_> = Name::from_checked(layout.issuer.slice(bytes));
        /// The name of the certificate's holder (RFC 5280 section 4.1.2.6).
        pub subject: Name<'_> = Name::from_checked(layout.subject.slice(bytes));
        /// notBefore: the first second of the validity period.
        pub not_before: Time = layout.validity.not_before;
        /// notAfter: the last second of the validity period.
        pub not_after: Time = layout.validity.not_after;
        /// The whole SubjectPublicKeyInfo as received.
        pub spki_der: &[u8] = layout.spki.slice(bytes);
        /// The whole AlgorithmIdentifier of the signature as received.
        pub(crate) signature_algorithm_der: &[u8] = layout.signature_algorithm.slice(bytes);
        /// The certified key.
        pub public_key: SubjectPublicKeyInfo<'_> =
            SubjectPublicKeyInfo::from_checked(layout.spki.slice(bytes));
        /// The algorithm of the signature.
        pub signature_algorithm: AlgorithmIdentifier<'_> =
            AlgorithmIdentifier::from_checked(layout.signature_algorithm.slice(bytes));
        /// The octets of the signature.
        pub signature: &[u8] = layout.signature.slice(bytes);
        /// SHA-1 of the whole certificate: its customary name, on which no trust rests.
        pub sha1_thumbprint: [u8; 20] = sha1(bytes);
        /// SHA-256 of the whole certificate.
        pub sha256_thumbprint: [u8; 32] = sha256(bytes);
        /// Is a date before 2050 encoded as GeneralizedTime? RFC 5280 section 4.1.2.5 forbids it to
        /// issuers.
        pub has_early_generalized_time: bool = layout.validity.early_generalized_time;
        /// Does an extension write `critical FALSE` out? DER forbids it to issuers (X.690 section
        /// 11.5).
        pub has_explicit_not_critical: bool = layout.says_not_critical;
        /// Are there unique identifiers? RFC 5280 section 4.1.2.8 forbids them to issuers.
        pub has_unique_identifiers: bool = layout.has_unique_identifiers;
    }

    /// Are subject and issuer the same name, byte for byte?
    ///
    /// This is .NET's test for a self-signed certificate; it says nothing about who signed.
    #[must_use]
    pub fn has_identical_names(&self) -> bool {
        self.subject().as_der() == self.issuer().as_der()
    }

    /// Is it self-issued (RFC 5280 section 6.1): are subject and issuer the same name by section
    /// 7.1?
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject().matches(&self.issuer())
    }

    /// All extensions in order.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'_>> {
        let mut reader = Reader::quick(self.0.layout.extensions.slice(&self.0.bytes));
        core::iter::from_fn(move || {
            let raw = RawExtension::read(&mut reader).ok()?;
            Some(Extension {
                oid: raw.oid,
                critical: raw.critical,
                value: raw.value.value,
            })
        })
    }

    /// A known extension, decoded; `None` where it is absent.
    ///
    /// ```
    /// use portcullis::Certificate;
    /// use portcullis::certificate::extensions::{KeyUsage, SubjectAltName};
    ///
    /// let leaf = Certificate::from_pem(include_bytes!("../../testdata/chains/san-dns.pem"))?;
    /// let names = leaf.get::<SubjectAltName>()?.unwrap();
    /// let mut hosts = names.dns_names(); // as received, in any case
    /// assert!(hosts.any(|host| host.eq_ignore_ascii_case("host.example.test")));
    ///
    /// let usage = leaf.get::<KeyUsage>()?;
    /// assert!(usage.is_none_or(|usage| !usage.contains(KeyUsage::KEY_CERT_SIGN)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the extension does not decode, which it does in an accepted certificate.
    pub fn get<'a, T: KnownExtension<'a>>(&'a self) -> der::Result<Option<T>> {
        let Some(value) = self.0.layout.known(&self.0.bytes, T::KIND) else {
            return Ok(None);
        };
        T::decode(value).map(Some)
    }

    /// As [`Certificate::get`]; an extension that does not decode counts as absent. What
    /// [`Certificate::decode_extensions`] has accepted before is not checked again.
    #[inline]
    pub(crate) fn readable<'a, T: KnownExtension<'a>>(&'a self) -> Option<T> {
        let (layout, bytes) = (&self.0.layout, &self.0.bytes);
        if self.0.decodes.load(Ordering::Relaxed) {
            return T::decode(layout.known::<ReadBefore>(bytes, T::KIND)?).ok();
        }
        T::decode(layout.known::<Failed>(bytes, T::KIND)?).ok()
    }

    /// Decodes all known extensions.
    #[inline]
    pub(crate) fn decode_extensions<'a>(
        &'a self,
        decoded: &mut DecodedExtensions<'a>,
    ) -> Result<(), Failed> {
        for (kind, value) in self.known_extensions() {
            decoded.add(kind, value)?;
        }
        self.0.decodes.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The value of a known extension, not decoded.
    #[must_use]
    pub fn extension(&self, kind: ExtensionKind) -> Option<&[u8]> {
        let value = self.0.layout.known::<Failed>(&self.0.bytes, kind)?;
        Some(value.rest())
    }

    /// Is this known extension there?
    pub(crate) fn has(&self, kind: ExtensionKind) -> bool {
        self.0.layout.is_present(kind)
    }

    /// Readers over the values of all known extensions, by kind.
    #[inline]
    pub(crate) fn known_extensions<E: ReadError>(
        &self,
    ) -> impl Iterator<Item = (ExtensionKind, Reader<'_, E>)> {
        self.0.layout.all_known(&self.0.bytes)
    }

    /// The subject key identifier, if there is one that decodes.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        let identifier = self.readable::<SubjectKeyIdentifier<'_>>()?;
        Some(identifier.as_bytes())
    }

    /// The key identifier by which the certificate names its issuer's key, if there is one that
    /// decodes.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.readable::<AuthorityKeyIdentifier<'_>>()?.key_id
    }

    /// Is this known extension there and marked critical?
    #[must_use]
    pub fn is_critical(&self, kind: ExtensionKind) -> bool {
        self.0.layout.is_critical(kind)
    }

    /// The first critical extension that this library does not know.
    #[must_use]
    pub fn unknown_critical_extension(&self) -> Option<Oid<'_>> {
        let extension = self.0.layout.unknown_critical(&self.0.bytes)?;
        extension.reader().oid().ok().map(Oid::new)
    }
}

impl PartialEq for Certificate {
    /// Equality of the received bytes.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.bytes == other.0.bytes
    }
}

impl Eq for Certificate {}

impl AsRef<[u8]> for Certificate {
    fn as_ref(&self) -> &[u8] {
        &self.0.bytes
    }
}

debug! {
    impl[] Certificate: "Certificate", |self|
        "subject": format_args!("{:.200}", self.subject()),
        "issuer": format_args!("{:.200}", self.issuer()),
        "bytes": self.0.bytes.len()
}

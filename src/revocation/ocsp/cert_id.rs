//! Of which certificate a statement speaks (RFC 6960 section 4.1.1).
//!
//! ```text
//! CertID ::= SEQUENCE {
//!     hashAlgorithm   AlgorithmIdentifier,
//!     issuerNameHash  OCTET STRING, -- Hash of issuer's DN
//!     issuerKeyHash   OCTET STRING, -- Hash of issuer's public key
//!     serialNumber    CertificateSerialNumber }
//! ```
//!
//! The name that is hashed is the whole `issuer` of the certificate in question, the key is the
//! content of the BIT STRING of its issuer's key without the count of unused bits. The hash only
//! names the issuer; that SHA-1 is weak lets nobody forge a statement, since the statement is
//! signed by who may speak for this issuer.

use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::error::{OcspError, OcspField};
use super::issuer_hashes::IssuerHashes;
use super::layout::at;
use crate::certificate::AlgorithmIdentifier;
use crate::der::{Reader, tag};
use crate::oid::Oid;

/// The hash by which a `CertID` names an issuer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CertIdHash {
    /// SHA-1: what every responder knows (RFC 5019 section 2.1.1).
    #[default]
    Sha1 = 0,
    /// SHA-256.
    Sha256 = 1,
    /// SHA-384.
    Sha384 = 2,
    /// SHA-512.
    Sha512 = 3,
}

impl CertIdHash {
    pub(super) const COUNT: usize = 4;
    pub(crate) const ALL: [Self; Self::COUNT] =
        [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The hash that an `AlgorithmIdentifier` names, whose parameters must be absent or NULL.
    #[must_use]
    pub fn from_algorithm(algorithm: &AlgorithmIdentifier<'_>) -> Option<Self> {
        if !matches!(algorithm.parameters(), None | Some([tag::NULL, 0])) {
            return None;
        }
        let all = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];
        all.into_iter().find(|hash| hash.oid() == algorithm.oid())
    }

    /// Its identifier.
    #[must_use]
    pub const fn oid(self) -> Oid<'static> {
        Oid::new(match self {
            Self::Sha1 => &[0x2b, 0x0e, 3, 2, 26],
            Self::Sha256 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1],
            Self::Sha384 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2],
            Self::Sha512 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3],
        })
    }

    /// How many octets a digest has.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(super) fn digest(self, bytes: &[u8]) -> Digest {
        match self {
            Self::Sha1 => Digest::new(&Sha1::digest(bytes)),
            Self::Sha256 => Digest::new(&Sha256::digest(bytes)),
            Self::Sha384 => Digest::new(&Sha384::digest(bytes)),
            Self::Sha512 => Digest::new(&Sha512::digest(bytes)),
        }
    }
}

/// A digest of any of these hashes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digest {
    octets: [u8; 64],
    length: usize,
}

impl Digest {
    fn new(digest: &[u8]) -> Self {
        let mut octets = [0; 64];
        let copied = octets.iter_mut().zip(digest);
        let length = copied.map(|(to, from)| *to = *from).count();
        Self { octets, length }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }
}

/// The `CertID` of a response, as received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertIdRef<'a> {
    /// `hashAlgorithm`
    pub hash_algorithm: AlgorithmIdentifier<'a>,
    /// `issuerNameHash`
    pub issuer_name_hash: &'a [u8],
    /// `issuerKeyHash`
    pub issuer_key_hash: &'a [u8],
    /// The content octets of `serialNumber`: big endian, two's complement, minimal.
    pub serial: &'a [u8],
}

impl<'a> CertIdRef<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, OcspError> {
        const FIELD: OcspField = OcspField::CertId;
        let mut fields = at(FIELD, reader.sequence())?;
        let algorithm = at(FIELD, fields.element())?;
        let hash_algorithm = at(FIELD, AlgorithmIdentifier::from_element(&algorithm))?;
        let issuer_name_hash = at(FIELD, fields.expect(tag::OCTET_STRING))?.value;
        let issuer_key_hash = at(FIELD, fields.expect(tag::OCTET_STRING))?.value;
        let serial = at(FIELD, fields.integer())?;
        at(FIELD, fields.finish())?;
        Ok(Self {
            hash_algorithm,
            issuer_name_hash,
            issuer_key_hash,
            serial,
        })
    }

    /// The hash that it names, if it is one of those that are known here.
    #[must_use]
    pub fn hash(&self) -> Option<CertIdHash> {
        CertIdHash::from_algorithm(&self.hash_algorithm)
    }

    /// Does it speak of the certificate that this issuer gave this serial number?
    ///
    /// All fields are compared; under an unknown hash, it speaks of none. The issuer is hashed only
    /// if the serial number is the one, and once for each hash.
    #[must_use]
    pub fn matches(&self, serial: &[u8], issuer: &IssuerHashes<'_>) -> bool {
        if self.serial != serial {
            return false;
        }
        let Some(hash) = self.hash() else {
            return false;
        };
        issuer.name_hash(hash) == self.issuer_name_hash
            && issuer.key_hash(hash) == self.issuer_key_hash
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::super::testing::{algorithm, octets};
    use super::*;
    use crate::certificate::testing::{Parts, sequence, tlv};
    use crate::certificate::{Certificate, sha1, sha256};
    use crate::der::ErrorKind;

    const ALL: [CertIdHash; CertIdHash::COUNT] = [
        CertIdHash::Sha1,
        CertIdHash::Sha256,
        CertIdHash::Sha384,
        CertIdHash::Sha512,
    ];

    fn read(der: &[u8]) -> CertIdRef<'_> {
        let mut reader = Reader::new(der);
        let id = CertIdRef::read(&mut reader).unwrap();
        assert!(reader.is_empty());
        id
    }

    fn fault(der: &[u8]) -> ErrorKind {
        match CertIdRef::read(&mut Reader::new(der)) {
            Err(OcspError::Encoding {
                field: OcspField::CertId,
                error,
            }) => error.kind,
            other => panic!("{other:?}"),
        }
    }

    fn encode(algorithm: Vec<u8>, name: &[u8], key: &[u8], serial: &[u8]) -> Vec<u8> {
        sequence(&[algorithm, octets(name), octets(key), tlv(0x02, serial)])
    }

    #[test]
    fn identifiers_and_lengths() {
        use const_oid::AssociatedOid;
        assert_eq!(CertIdHash::default(), CertIdHash::Sha1);
        for (hash, oid) in [
            (CertIdHash::Sha1, Sha1::OID),
            (CertIdHash::Sha256, Sha256::OID),
            (CertIdHash::Sha384, Sha384::OID),
            (CertIdHash::Sha512, Sha512::OID),
        ] {
            assert_eq!(hash.oid(), oid);
            assert_eq!(hash.digest(b"abc").as_bytes().len(), hash.length());
        }
        assert_eq!(CertIdHash::Sha1.digest(b"abc").as_bytes(), sha1(b"abc"));
        assert_eq!(CertIdHash::Sha256.digest(b"abc").as_bytes(), sha256(b"abc"));
    }

    #[test]
    fn parameters_are_absent_or_null() {
        let hash = |der: &[u8]| {
            let algorithm = AlgorithmIdentifier::from_der(der).unwrap();
            CertIdHash::from_algorithm(&algorithm)
        };
        for known in ALL {
            let oid = tlv(0x06, known.oid().as_bytes());
            let with = |parameters: &[u8]| sequence(&[oid.clone(), parameters.to_vec()]);
            assert_eq!(hash(&with(&[])), Some(known));
            assert_eq!(hash(&with(&[5, 0])), Some(known));
            assert_eq!(hash(&with(&[5, 1, 0])), None);
            assert_eq!(hash(&with(&[0x30, 0])), None);
        }
        // SHA-224 and MD5.
        assert_eq!(
            hash(&algorithm(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4])),
            None
        );
        assert_eq!(
            hash(&algorithm(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5])),
            None
        );
    }

    #[test]
    fn speaks_of_one_certificate() {
        let certificate = Certificate::from_der(&Parts::default().der()).unwrap();
        let (name, key) = (certificate.issuer(), certificate.public_key());
        let issuer = IssuerHashes::new(&name, &key);
        let (name, key) = (name.as_der(), key.key_bits());
        let serial = certificate.serial();
        for hash in ALL {
            let algorithm = algorithm(hash.oid().as_bytes());
            let digests = (hash.digest(name), hash.digest(key));
            let (name, key) = (digests.0.as_bytes(), digests.1.as_bytes());
            let matches = |name: &[u8], key: &[u8], serial_: &[u8]| {
                let der = encode(algorithm.clone(), name, key, serial_);
                read(&der).matches(serial, &issuer)
            };
            assert!(matches(name, key, serial));
            assert!(!matches(name, key, &[1, 2, 4]));
            assert!(!matches(name, key, &serial[1..]));
            assert!(!matches(key, key, serial));
            assert!(!matches(name, name, serial));
            assert!(!matches(key, name, serial));
            assert!(!matches(&name[1..], key, serial));
            assert!(!matches(name, &key[1..], serial));
            assert!(!matches(&[], &[], serial));
        }
        // Digests of one hash under the name of another.
        let mixed = encode(
            algorithm(CertIdHash::Sha256.oid().as_bytes()),
            issuer.name_hash(CertIdHash::Sha1),
            issuer.key_hash(CertIdHash::Sha1),
            serial,
        );
        assert!(!read(&mixed).matches(serial, &issuer));
        let unknown = encode(algorithm(&[0x2a, 3]), &[], &[], serial);
        assert_eq!(read(&unknown).hash(), None);
        assert!(!read(&unknown).matches(serial, &issuer));
    }

    #[test]
    fn faults() {
        let sha1 = || algorithm(CertIdHash::Sha1.oid().as_bytes());
        let good = encode(sha1(), &[1; 20], &[2; 20], &[3]);
        assert_eq!(read(&good).serial, [3]);
        let id = |parts: &[Vec<u8>]| sequence(parts);
        let (hash, serial) = (octets(&[1; 20]), tlv(0x02, &[3]));
        for (der, kind) in [
            (tlv(0x31, &[]), ErrorKind::UnexpectedTag),
            (id(&[]), ErrorKind::Truncated),
            (tlv(0x30, &serial), ErrorKind::UnexpectedTag),
            (id(&[sha1(), serial.clone()]), ErrorKind::UnexpectedTag),
            (
                id(&[sha1(), hash.clone(), serial.clone()]),
                ErrorKind::UnexpectedTag,
            ),
            (
                id(&[sha1(), hash.clone(), hash.clone()]),
                ErrorKind::Truncated,
            ),
            (
                encode(sha1(), &[1; 20], &[2; 20], &[0, 3]),
                ErrorKind::BadValue,
            ),
            (encode(sha1(), &[1; 20], &[2; 20], &[]), ErrorKind::BadValue),
            (
                id(&[sha1(), hash.clone(), hash.clone(), serial.clone(), serial]),
                ErrorKind::TrailingData,
            ),
        ] {
            assert_eq!(fault(&der), kind, "{der:x?}");
        }
    }
}

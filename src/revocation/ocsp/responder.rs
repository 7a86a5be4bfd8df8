//! Who signed a response (RFC 6960 section 4.2.1).
//!
//! ```text
//! ResponderID ::= CHOICE {
//!     byName  [1] Name,
//!     byKey   [2] KeyHash }
//! KeyHash ::= OCTET STRING -- SHA-1 hash of responder's public key (excluding the tag and length fields)
//! ```
//!
//! It is a hint of where to find the key, never a reason to trust it.

use crate::certificate::{Name, SubjectPublicKeyInfo, sha1};
use crate::der::{self, ErrorKind, Reader, tag};

/// Whose key a response says it is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponderId<'a> {
    /// The subject of the responder's certificate.
    ByName(Name<'a>),
    /// SHA-1 of the content of the BIT STRING of its key.
    ByKey(&'a [u8; 20]),
}

impl<'a> ResponderId<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> der::Result<Self> {
        let choice = reader.element()?;
        let mut inner = choice.reader();
        let id = match choice.tag {
            BY_NAME => Self::ByName(Name::from_element(&inner.element()?)?),
            BY_KEY => {
                let hash = inner.expect(tag::OCTET_STRING)?;
                let octets = hash.value.try_into();
                Self::ByKey(octets.map_err(|_| hash.error(ErrorKind::BadValue))?)
            }
            _ => return Err(choice.error(ErrorKind::UnexpectedTag)),
        };
        inner.finish()?;
        Ok(id)
    }

    /// Does it name the holder of this name and this key? Names are compared by RFC 5280 section
    /// 7.1.
    #[must_use]
    pub fn matches(&self, subject: &Name<'_>, key: &SubjectPublicKeyInfo<'_>) -> bool {
        match self {
            Self::ByName(name) => name.matches(subject),
            Self::ByKey(hash) => sha1(key.key_bits()) == **hash,
        }
    }
}

const BY_NAME: u8 = tag::context_constructed(1);
const BY_KEY: u8 = tag::context_constructed(2);

#[cfg(test)]
mod tests {
    use super::super::testing::{context, octets};
    use super::*;
    use crate::certificate::Certificate;
    use crate::certificate::testing::{Parts, common_name, sequence, tlv};

    fn fault(der: &[u8]) -> ErrorKind {
        ResponderId::read(&mut Reader::new(der)).unwrap_err().kind
    }

    #[test]
    fn names_a_holder_or_a_key() {
        let certificate = Certificate::from_der(&Parts::default().der()).unwrap();
        let (subject, key) = (certificate.subject(), certificate.public_key());
        let other_name = certificate.issuer();
        let other_key = sequence(&[key.algorithm().as_der().to_vec(), tlv(3, &[0, 1])]);
        let other_key = SubjectPublicKeyInfo::from_der(&other_key).unwrap();

        // In other letters and another string type.
        let name = common_name("SUBJECT");
        let by_name = context(1, &name);
        let by_name = ResponderId::read(&mut Reader::new(&by_name)).unwrap();
        assert!(by_name.matches(&subject, &other_key));
        assert!(!by_name.matches(&other_name, &key));

        let by_key = context(2, &octets(&sha1(&[7; 32])));
        let by_key = ResponderId::read(&mut Reader::new(&by_key)).unwrap();
        assert!(by_key.matches(&other_name, &key));
        assert!(!by_key.matches(&subject, &other_key));
    }

    #[test]
    fn faults() {
        for (der, kind) in [
            (context(0, &[0x30, 0]), ErrorKind::UnexpectedTag),
            (tlv(0x81, &[0x30, 0]), ErrorKind::UnexpectedTag),
            (tlv(0x82, &[1; 20]), ErrorKind::UnexpectedTag),
            (context(1, &[]), ErrorKind::Truncated),
            (context(1, &octets(&[1; 20])), ErrorKind::UnexpectedTag),
            (context(1, &[0x30, 2, 0x31, 0]), ErrorKind::BadValue),
            (context(1, &[0x30, 0, 5, 0]), ErrorKind::TrailingData),
            (context(2, &[]), ErrorKind::Truncated),
            (context(2, &[0x30, 0]), ErrorKind::UnexpectedTag),
            (context(2, &octets(&[1; 19])), ErrorKind::BadValue),
            (context(2, &octets(&[1; 32])), ErrorKind::BadValue),
            (
                context(2, &[&octets(&[1; 20])[..], &[5, 0]].concat()),
                ErrorKind::TrailingData,
            ),
            (alloc::vec![], ErrorKind::Truncated),
        ] {
            assert_eq!(fault(&der), kind, "{der:x?}");
        }
    }
}

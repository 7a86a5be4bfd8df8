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

    /// Does it name the holder of this name and this key? Names are compared by RFC 5280 section 7.1.
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

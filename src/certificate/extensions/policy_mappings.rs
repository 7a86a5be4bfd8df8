//! Policy mappings (RFC 5280 section 4.2.1.5).
//!
//! ```text
//! PolicyMappings ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
//!     issuerDomainPolicy   OBJECT IDENTIFIER,
//!     subjectDomainPolicy  OBJECT IDENTIFIER }
//! ```
//!
//! A mapping from or to anyPolicy decodes: path validation refuses it (section 6.1.4 (a)).

use super::list::{Item, Iter, List};
use crate::der::{self, Failure, Reader};
use crate::oid::Oid;

/// A policy of the issuer's domain and the one of the subject's domain that is equal to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyMapping<'a> {
    /// The policy in the issuer's domain.
    pub issuer_domain: Oid<'a>,
    /// The policy in the subject's domain.
    pub subject_domain: Oid<'a>,
}

/// Which policies of two domains are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyMappings<'a>(List<'a, PolicyMapping<'a>>);

impl<'a> PolicyMappings<'a> {
    /// Decodes the value of the extension, with nothing behind it.
    ///
    /// # Errors
    /// When the value is not well-formed DER of this type.
    pub fn from_der(input: &'a [u8]) -> der::Result<Self> {
        Self::from_reader(Reader::new(input))
    }

    /// As [`PolicyMappings::from_der`], with offsets of the reader's outermost input.
    ///
    /// # Errors
    /// As [`PolicyMappings::from_der`].
    pub fn from_reader<E: Failure>(reader: Reader<'a, E>) -> Result<Self, E> {
        List::read_only_sequence(reader).map(Self)
    }

    /// The pairs, in the order of the certificate.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, PolicyMapping<'a>> {
        self.0.iter()
    }

    /// True when there is no pair.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &PolicyMappings<'a> {
    type Item = PolicyMapping<'a>;
    type IntoIter = Iter<'a, PolicyMapping<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> Item<'a> for PolicyMapping<'a> {
    fn read<E: Failure>(reader: &mut Reader<'a, E>) -> Result<Self, E> {
        let mut fields = reader.sequence()?;
        let issuer_domain = Oid::new(fields.oid()?);
        let subject_domain = Oid::new(fields.oid()?);
        fields.finish()?;
        Ok(Self {
            issuer_domain,
            subject_domain,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::ErrorKind;

    #[test]
    fn pairs() {
        let der = [
            0x30, 16, 0x30, 6, 6, 1, 0x2a, 6, 1, 0x2b, 0x30, 6, 6, 1, 0x2a, 6, 1, 0x2c,
        ];
        let mappings = PolicyMappings::from_der(&der).unwrap();
        let pairs = mappings
            .iter()
            .map(|m| (m.issuer_domain.as_bytes(), m.subject_domain.as_bytes()));
        assert!(pairs.eq([(&[0x2a][..], &[0x2b][..]), (&[0x2a], &[0x2c])]));
    }

    #[test]
    fn empty_and_faulty() {
        assert!(PolicyMappings::from_der(&[0x30, 0]).unwrap().is_empty());
        for (der, kind) in [
            (&[0x30, 5, 0x30, 3, 6, 1, 0x2a][..], ErrorKind::Truncated),
            (&[0x30, 7, 0x30, 5, 6, 1, 0x2a, 6, 0], ErrorKind::BadValue),
            (
                &[0x30, 11, 0x30, 9, 6, 1, 0x2a, 6, 1, 0x2b, 6, 1, 0x2c],
                ErrorKind::TrailingData,
            ),
            (&[0x30, 3, 6, 1, 0x2a], ErrorKind::UnexpectedTag),
            (&[0x30, 0, 0], ErrorKind::TrailingData),
        ] {
            assert_eq!(
                PolicyMappings::from_der(der).unwrap_err().kind,
                kind,
                "{der:x?}"
            );
        }
    }
}

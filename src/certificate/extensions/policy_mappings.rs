//! Policy mappings (RFC 5280 section 4.2.1.5).
//!
//! ```text
//! PolicyMappings ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
//!     issuerDomainPolicy   OBJECT IDENTIFIER,
//!     subjectDomainPolicy  OBJECT IDENTIFIER }
//! ```
//!
//! A mapping from or to anyPolicy decodes: path validation refuses it (section 6.1.4 (a)).

use super::list::{sequence, sequence_of};
use crate::oid::Oid;

sequence! {
    'a:
    /// A policy of the issuer's domain and the one of the subject's domain that is equal to it.
    pub struct PolicyMapping<'a> {
        /// The policy in the issuer's domain.
        pub issuer_domain: Oid<'a> = Oid::read;
        /// The policy in the subject's domain.
        pub subject_domain: Oid<'a> = Oid::read;
    }
}

sequence_of! {
    /// Which policies of two domains are alike.
    PolicyMappings<'a> of PolicyMapping<'a>
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

//! Subject and issuer alternative names (RFC 5280 sections 4.2.1.6 and 4.2.1.7): GeneralNames both.

use super::list::same_syntax;
use crate::certificate::general_name::GeneralNames;

same_syntax! {
    /// Further names of the subject. An empty list decodes and names nobody.
    SubjectAltName: GeneralNames,
    /// The names.
    names
}

same_syntax! {
    /// Further names of the issuer. They take no part in building or checking paths.
    IssuerAltName: GeneralNames,
    /// The names.
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::ErrorKind;

    #[test]
    fn names() {
        let der = [0x30, 6, 0x82, 1, b'a', 0x82, 1, b'b'];
        assert!(
            SubjectAltName::from_der(&der)
                .unwrap()
                .dns_names()
                .eq(["a", "b"])
        );
        let issuer = IssuerAltName::from_der(&der).unwrap();
        assert_eq!(issuer.names().dns_names().next(), Some("a"));
    }

    #[test]
    fn empty_and_faulty() {
        assert!(SubjectAltName::from_der(&[0x30, 0]).unwrap().is_empty());
        for (der, kind) in [
            (&[0x30, 3, 1][..], ErrorKind::Truncated),
            (&[0x30, 2, 0x87, 0], ErrorKind::BadValue),
            (&[0x30, 2, 0x89, 0], ErrorKind::UnexpectedTag),
            (&[0x30, 0, 0], ErrorKind::TrailingData),
        ] {
            assert_eq!(SubjectAltName::from_der(der).unwrap_err().kind, kind);
            assert_eq!(IssuerAltName::from_der(der).unwrap_err().kind, kind);
        }
    }
}

//! Subject and issuer alternative names (RFC 5280 sections 4.2.1.6 and 4.2.1.7): GeneralNames both.

use core::ops::Deref;

use super::Decode;
use crate::certificate::general_name::GeneralNames;
use crate::der::{ReadError, Reader};

/// Further names of the subject. An empty list decodes and names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectAltName<'a>(GeneralNames<'a>);

/// Further names of the issuer. They take no part in building or checking paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerAltName<'a>(GeneralNames<'a>);

macro_rules! general_names {
    ($($name:ident)*) => {$(
        impl<'a> $name<'a> {
            /// The names.
            #[must_use]
            pub const fn names(&self) -> GeneralNames<'a> {
                self.0
            }
        }

        impl<'a> Decode<'a> for $name<'a> {
            fn decode<E: ReadError>(value: Reader<'a, E>) -> Result<Self, E> {
                Decode::decode(value).map(Self)
            }
        }

        impl<'a> Deref for $name<'a> {
            type Target = GeneralNames<'a>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    )*};
}

general_names! { SubjectAltName IssuerAltName }

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

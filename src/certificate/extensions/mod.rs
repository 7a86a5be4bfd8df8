//! The extensions that this crate decodes, one file per ASN.1 type, and the table of them.
//!
//! Each decoder borrows, allocates nothing and checks the whole value at once: framing, alphabets,
//! ranges, DER's rules, and that nothing is left over. What decoded once can be walked without
//! errors. A decoder says what a value *is*, not whether a path may contain it: what RFC 5280 asks
//! of issuers beyond the syntax (an empty list, a path length without the CA bit, a minimum in a
//! subtree) decodes and can be asked of the value, so that profiles can differ.
//!
//! [`Certificate::get`](super::Certificate::get) finds an extension by its type:
//! `certificate.get::<KeyUsage>()`. A new extension takes a file with its type and decoder, and a
//! row in the table below.

mod application_policies;
mod authority_info_access;
mod authority_key_identifier;
mod basic_constraints;
mod certificate_policies;
mod crl_distribution_points;
mod extended_key_usage;
mod fast;
mod inhibit_any_policy;
mod key_usage;
pub(crate) mod list;
mod name_constraints;
mod number;
mod ocsp_no_check;
mod policy_constraints;
mod policy_mappings;
pub(crate) mod policy_qualifier;
mod reason_flags;
mod revocation_reason;
mod subject_alt_name;
mod subject_key_identifier;
mod tls_feature;

pub use application_policies::ApplicationPolicies;
pub use authority_info_access::{AccessDescription, AuthorityInfoAccess};
pub use authority_key_identifier::AuthorityKeyIdentifier;
pub use basic_constraints::BasicConstraints;
pub use certificate_policies::{CertificatePolicies, MAX_POLICIES, PolicyInformation};
pub use crl_distribution_points::{
    CrlDistributionPoints, DistributionPoint, DistributionPointName, FreshestCrl,
};
pub use extended_key_usage::ExtendedKeyUsage;
pub use inhibit_any_policy::InhibitAnyPolicy;
pub use key_usage::KeyUsage;
pub use list::Iter;
pub use name_constraints::{NameConstraints, Subtree};
pub use ocsp_no_check::OcspNoCheck;
pub use policy_constraints::PolicyConstraints;
pub use policy_mappings::{PolicyMapping, PolicyMappings};
pub use reason_flags::ReasonFlags;
pub use revocation_reason::RevocationReason;
pub use subject_alt_name::{IssuerAltName, SubjectAltName};
pub use subject_key_identifier::SubjectKeyIdentifier;
pub use tls_feature::TlsFeature;

pub(crate) use sealed::Decode;

use crate::der::{self, ReadError, Reader};
use crate::oid::Oid;

/// The type of a known extension. Sealed.
pub trait KnownExtension<'a>: sealed::Decode<'a> {
    /// Which extension it is.
    const KIND: ExtensionKind;
}

mod sealed {
    use crate::der::{ReadError, Reader};

    pub trait Decode<'a>: Sized {
        /// Decodes a value with nothing behind it; offsets are those of the outermost input.
        fn decode<E: ReadError>(value: Reader<'a, E>) -> Result<Self, E>;
    }
}

/// Makes all that is known of extensions from one table: what it is for; the kind; its place among
/// [`DecodedExtensions`] and its type; the content octets of its identifier; the name that its
/// specification gives it; where that is.
macro_rules! known_extensions {
    ($a:lifetime: $(
        $(#[$doc:meta])*
        $kind:ident, $field:ident: $type:ty,
            [$($octet:literal),*], $name:literal, $section:literal;
    )*) => {
        /// An extension that this crate understands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum ExtensionKind {
            $($(#[$doc])* $kind,)*
        }

        impl ExtensionKind {
            /// How many kinds there are; each kind's number is below it.
            pub(crate) const COUNT: usize = [$($name),*].len();

            /// All kinds, in the order of their numbers.
            pub const ALL: [Self; Self::COUNT] = [$(Self::$kind),*];

            /// The kind with this identifier (content octets), if it is one that this crate
            /// understands.
            #[must_use]
            #[inline]
            pub const fn from_oid(content: &[u8]) -> Option<Self> {
                match *content {
                    $([$($octet),*] => Some(Self::$kind),)*
                    _ => None,
                }
            }

            /// The identifier.
            #[must_use]
            pub const fn oid(self) -> Oid<'static> {
                match self {
                    $(Self::$kind => Oid::new(&[$($octet),*]),)*
                }
            }

            /// The name that its specification gives it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// Where it is specified.
            #[must_use]
            pub const fn section(self) -> &'static str {
                match self {
                    $(Self::$kind => $section,)*
                }
            }

            /// Decodes a value of this kind in full, for its errors only. `value` stands at the
            /// content of the extension's OCTET STRING, and offsets are those of its outermost
            /// input.
            ///
            /// # Errors
            /// When the value is malformed.
            pub fn check<E: ReadError>(self, value: Reader<'_, E>) -> Result<(), E> {
                DecodedExtensions::default().add(self, value)
            }
        }

        $(
            impl<$a> $type {
                /// Decodes the value of the extension, with nothing behind it.
                ///
                /// # Errors
                /// When the value is not well-formed DER of this type.
                pub fn from_der(value: &$a [u8]) -> der::Result<Self> {
                    Self::decode(Reader::new(value))
                }
            }

            impl<$a> KnownExtension<$a> for $type {
                const KIND: ExtensionKind = ExtensionKind::$kind;
            }
        )*

        /// Every known extension of a certificate, decoded; `None` for one that is absent.
        #[derive(Debug, Default)]
        pub(crate) struct DecodedExtensions<$a> {
            $(pub(crate) $field: Option<$type>,)*
        }

        impl<$a> DecodedExtensions<$a> {
            /// Decodes one and keeps it.
            #[inline(always)]
            pub(crate) fn add<E: ReadError>(
                &mut self,
                kind: ExtensionKind,
                value: Reader<$a, E>,
            ) -> Result<(), E> {
                match kind {
                    $(ExtensionKind::$kind => self.$field = Some(Decode::decode(value)?),)*
                }
                Ok(())
            }
        }
    };
}

known_extensions! { 'a:
    /// May the subject issue certificates, and how long may paths below it be.
    BasicConstraints, basic_constraints: BasicConstraints,
        [0x55, 0x1d, 19], "basicConstraints", "RFC 5280 section 4.2.1.9";
    /// What the key may do.
    KeyUsage, key_usage: KeyUsage,
        [0x55, 0x1d, 15], "keyUsage", "RFC 5280 section 4.2.1.3";
    /// What the certificate may be used for.
    ExtendedKeyUsage, extended_key_usage: ExtendedKeyUsage<'a>,
        [0x55, 0x1d, 37], "extKeyUsage", "RFC 5280 section 4.2.1.12";
    /// Further names of the subject.
    SubjectAltName, subject_alt_name: SubjectAltName<'a>,
        [0x55, 0x1d, 17], "subjectAltName", "RFC 5280 section 4.2.1.6";
    /// Further names of the issuer.
    IssuerAltName, issuer_alt_name: IssuerAltName<'a>,
        [0x55, 0x1d, 18], "issuerAltName", "RFC 5280 section 4.2.1.7";
    /// Which names may stand in certificates below.
    NameConstraints, name_constraints: NameConstraints<'a>,
        [0x55, 0x1d, 30], "nameConstraints", "RFC 5280 section 4.2.1.10";
    /// Under which policies the certificate was issued.
    CertificatePolicies, certificate_policies: CertificatePolicies<'a>,
        [0x55, 0x1d, 32], "certificatePolicies", "RFC 5280 section 4.2.1.4";
    /// Which policies of two domains are alike.
    PolicyMappings, policy_mappings: PolicyMappings<'a>,
        [0x55, 0x1d, 33], "policyMappings", "RFC 5280 section 4.2.1.5";
    /// From where on policies are required and may not be mapped.
    PolicyConstraints, policy_constraints: PolicyConstraints,
        [0x55, 0x1d, 36], "policyConstraints", "RFC 5280 section 4.2.1.11";
    /// From where on the policy anyPolicy no longer matches.
    InhibitAnyPolicy, inhibit_any_policy: InhibitAnyPolicy,
        [0x55, 0x1d, 54], "inhibitAnyPolicy", "RFC 5280 section 4.2.1.14";
    /// Which of the issuer's keys signed.
    AuthorityKeyIdentifier, authority_key_identifier: AuthorityKeyIdentifier<'a>,
        [0x55, 0x1d, 35], "authorityKeyIdentifier", "RFC 5280 section 4.2.1.1";
    /// A short name of the subject's key.
    SubjectKeyIdentifier, subject_key_identifier: SubjectKeyIdentifier<'a>,
        [0x55, 0x1d, 14], "subjectKeyIdentifier", "RFC 5280 section 4.2.1.2";
    /// Where the CRL is.
    CrlDistributionPoints, crl_distribution_points: CrlDistributionPoints<'a>,
        [0x55, 0x1d, 31], "cRLDistributionPoints", "RFC 5280 section 4.2.1.13";
    /// Where the delta of that CRL is.
    FreshestCrl, freshest_crl: FreshestCrl<'a>,
        [0x55, 0x1d, 46], "freshestCRL", "RFC 5280 section 4.2.1.15";
    /// Where the issuer's certificate and its OCSP responder are.
    AuthorityInfoAccess, authority_info_access: AuthorityInfoAccess<'a>,
        [0x2b, 6, 1, 5, 5, 7, 1, 1], "authorityInfoAccess", "RFC 5280 section 4.2.2.1";
    /// Which TLS extensions the holder promises to answer with.
    TlsFeature, tls_feature: TlsFeature<'a>,
        [0x2b, 6, 1, 5, 5, 7, 1, 24], "tlsfeature", "RFC 7633 section 4";
    /// The OCSP responder's certificate need not be checked for revocation.
    OcspNoCheck, ocsp_no_check: OcspNoCheck,
        [0x2b, 6, 1, 5, 5, 7, 48, 1, 5], "ocsp-nocheck", "RFC 6960 section 4.2.2.2.1";
    /// Microsoft's substitute for the extended key usage.
    ApplicationPolicies, application_policies: ApplicationPolicies<'a>,
        [0x2b, 6, 1, 4, 1, 0x82, 0x37, 21, 10], "applicationCertPolicies",
        "MS-WCCE section 2.2.2.7.7.3";
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use portcullis_testkit::der::tlv;
    use proptest::prelude::*;

    use super::*;
    use crate::certificate::Certificate;
    use crate::certificate::testing::{self, Parts};
    use crate::der::{self, ErrorKind, ReadBefore, tag};

    #[test]
    fn identifiers_numbers_and_names_agree() {
        for (number, kind) in ExtensionKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
            let oid = kind.oid();
            assert_eq!(ExtensionKind::from_oid(oid.as_bytes()), Some(kind));
            assert!(der::is_oid(oid.as_bytes()));
            let owned = oid.to_owned().unwrap();
            if let Some(known) = const_oid::db::DB.by_oid(&owned) {
                let plain = |s: &str| {
                    s.bytes()
                        .filter(u8::is_ascii_alphanumeric)
                        .map(|b| b.to_ascii_lowercase())
                        .collect::<Vec<_>>()
                };
                assert!(plain(known).ends_with(&plain(kind.name())), "{known}");
            }
        }
        for unknown in [
            &[][..],
            &[0x55, 0x1d],
            &[0x55, 0x1d, 16],
            &[0x55, 0x1d, 15, 0],
            &[0x2b],
        ] {
            assert_eq!(ExtensionKind::from_oid(unknown), None);
        }
    }

    #[test]
    fn errors_count_from_the_start_of_the_certificate() {
        // A wrapper of two octets stands for the certificate.
        let wrapped = [tag::OCTET_STRING, 5, 0x30, 3, 1, 1, 1];
        let value = Reader::new(&wrapped).element().unwrap().reader();
        let error = ExtensionKind::BasicConstraints.check(value).unwrap_err();
        assert_eq!((error.kind, error.offset), (ErrorKind::BadValue, 4));
    }

    #[test]
    fn no_kind_takes_nothing_or_more_than_its_value() {
        let values: [&[u8]; ExtensionKind::COUNT] = [
            &[0x30, 0],
            &[3, 2, 7, 0x80],
            &[0x30, 0],
            &[0x30, 0],
            &[0x30, 0],
            &[0x30, 0],
            &[0x30, 0],
            &[0x30, 0],
            &[0x30, 0],
            &[2, 1, 0],
            &[0x30, 0],
            &[4, 0],
            &[0x30, 0],
            &[0x30, 0],
            &[0x30, 0],
            &[0x30, 0],
            &[5, 0],
            &[0x30, 0],
        ];
        for (kind, value) in ExtensionKind::ALL.into_iter().zip(values) {
            assert_eq!(kind.check(Reader::new(value)), Ok(()), "{kind:?}");
            let trailing = [value, &[5, 0]].concat();
            let error = kind.check(Reader::new(&trailing)).unwrap_err();
            assert_eq!(error.kind, ErrorKind::TrailingData, "{kind:?}");
            assert_eq!(error.offset as usize, value.len(), "{kind:?}");
            let error = kind.check(Reader::new(&[])).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Truncated, "{kind:?}");
            let error = kind.check(Reader::new(&[0x13, 0])).unwrap_err();
            assert_eq!(error.kind, ErrorKind::UnexpectedTag, "{kind:?}");
        }
    }

    /// Nested elements with plausible tags, so that random input gets past the first check.
    fn nested() -> impl Strategy<Value = Vec<u8>> {
        let tags = prop_oneof![
            Just(0x30u8),
            Just(0x30),
            Just(0x06),
            Just(0x02),
            Just(0x03),
            Just(0x04),
            Just(0x01),
            Just(0x31),
            0x80u8..=0x88,
            0xa0u8..=0xa5,
        ];
        let leaf = (tags.clone(), proptest::collection::vec(any::<u8>(), 0..5));
        let leaf = leaf.prop_map(|(tag, content)| tlv(tag, &content));
        leaf.prop_recursive(5, 24, 4, move |inner| {
            (tags.clone(), proptest::collection::vec(inner, 0..4))
                .prop_map(|(tag, parts)| tlv(tag | 0x20, &parts.concat()))
        })
    }

    /// Everything that can be asked of a value that decoded.
    fn walk(input: &[u8]) {
        use alloc::format;
        let _ = format!("{:?}", KeyUsage::from_der(input));
        let _ = format!("{:?}", ExtendedKeyUsage::from_der(input));
        let _ = format!(
            "{:?}",
            NameConstraints::from_der(input).map(|n| (n, n.has_empty_field()))
        );
        let _ = format!("{:?}", CertificatePolicies::from_der(input));
        let _ = format!("{:?}", PolicyMappings::from_der(input));
        let _ = format!("{:?}", AuthorityKeyIdentifier::from_der(input));
        let _ = format!("{:?}", CrlDistributionPoints::from_der(input));
        let _ = format!("{:?}", TlsFeature::from_der(input).map(|t| t.must_staple()));
        if let Ok(access) = AuthorityInfoAccess::from_der(input) {
            let _ = (access.ocsp_uris().count(), access.ca_issuer_uris().count());
        }
    }

    fn again(value: &[u8]) -> Reader<'_, ReadBefore> {
        Reader::over(value)
    }

    /// All that was read.
    fn debug<E: ReadError>(kind: ExtensionKind, value: Reader<'_, E>) -> String {
        let mut decoded = DecodedExtensions::default();
        assert!(decoded.add(kind, value).is_ok());
        alloc::format!("{decoded:?}")
    }

    #[test]
    fn an_extension_is_absent_or_malformed_or_there() {
        let certificate = |usage: &[&[u8]]| {
            let extensions: Vec<_> = usage
                .iter()
                .map(|value| testing::extension(&[0x55, 0x1d, 15], Some(0xff), value))
                .chain([testing::extension(&[0x2a, 3], None, &[])])
                .collect();
            Certificate::from_der(&Parts::default().with_extensions(&extensions).der()).unwrap()
        };
        let absent = certificate(&[]);
        assert_eq!(absent.get::<KeyUsage>(), Ok(None));
        assert!(!absent.has(ExtensionKind::KeyUsage));
        let malformed = certificate(&[&[3, 2, 7, 0]]);
        let error = malformed.get::<KeyUsage>().unwrap_err();
        assert_eq!(error.kind, ErrorKind::TrailingZeroBits);
        let at = error.offset as usize;
        assert_eq!(malformed.as_der()[at..at + 4], [3, 2, 7, 0]);
        assert_eq!(malformed.readable::<KeyUsage>(), None);
        assert!(malformed.has(ExtensionKind::KeyUsage));
        let there = certificate(&[&[3, 2, 7, 0x80]]);
        let expected = Some(KeyUsage::DIGITAL_SIGNATURE);
        assert_eq!(there.get(), Ok(expected));
        assert_eq!(there.readable(), expected);
    }

    /// Also in copies, which share what is known.
    #[test]
    fn what_was_decoded_before_reads_the_same() {
        let pem = include_bytes!("../../../testdata/chains/good-d2.pem");
        for certificate in Certificate::from_pem_bundle(pem).unwrap() {
            let copy = certificate.clone();
            let read = |certificate: &Certificate| {
                let names = certificate.readable::<SubjectAltName<'_>>();
                let usage = certificate.readable::<ExtendedKeyUsage<'_>>();
                let key = certificate.readable::<AuthorityKeyIdentifier<'_>>();
                alloc::format!("{names:?} {usage:?} {key:?}")
            };
            let before = read(&copy);
            let mut decoded = DecodedExtensions::default();
            certificate.decode_extensions(&mut decoded).unwrap();
            assert_eq!(read(&copy), before);
            assert_eq!(decoded.key_usage, copy.readable());
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(input in proptest::collection::vec(any::<u8>(), 0..64)) {
            for kind in ExtensionKind::ALL {
                let _ = kind.check(Reader::new(&input));
            }
            walk(&input);
        }

        #[test]
        fn random_structures_never_panic(input in nested()) {
            for kind in ExtensionKind::ALL {
                let exact = kind.check(Reader::new(&input));
                let quick = kind.check(Reader::quick(&input));
                prop_assert_eq!(exact.is_ok(), quick.is_ok(), "{:?}", kind);
                if exact.is_ok() {
                    prop_assert_eq!(debug(kind, Reader::new(&input)), debug(kind, again(&input)));
                }
            }
            walk(&input);
        }
    }
}

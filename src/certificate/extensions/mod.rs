//! The extensions that this crate decodes, one file per ASN.1 type.
//!
//! Each decoder borrows, allocates nothing and checks the whole value at once: framing, alphabets,
//! ranges, DER's rules, and that nothing is left over. What decoded once can be walked without
//! errors. A decoder says what a value *is*, not whether a path may contain it: what RFC 5280 asks
//! of issuers beyond the syntax (an empty list, a path length without the CA bit, a minimum in a
//! subtree) decodes and can be asked of the value, so that profiles can differ.
//!
//! A decoder is written once and compiled twice: with [`Failed`](crate::der::Failed) it only says
//! whether a value is well formed, which is what nearly every value is read for, with
//! [`Error`](crate::der::Error) also why not.
//!
//! A new extension takes a file, a variant of [`ExtensionKind`] with its place in
//! [`ExtensionKind::ALL`] and an arm in each function, and an arm in `Extensions::take` of
//! `src/path/certificate.rs`; the compiler asks for them.

mod application_policies;
mod authority_info_access;
mod authority_key_identifier;
mod basic_constraints;
mod certificate_policies;
mod crl_distribution_points;
mod extended_key_usage;
mod inhibit_any_policy;
mod key_usage;
pub(crate) mod list;
mod name_constraints;
mod number;
mod ocsp_no_check;
mod plain;
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
    CrlDistributionPoints, DistributionPoint, DistributionPointName,
};
pub use extended_key_usage::ExtendedKeyUsage;
pub use inhibit_any_policy::InhibitAnyPolicy;
pub use key_usage::KeyUsage;
pub use list::Iter;
pub use name_constraints::{ConstraintBase, NameConstraints, Subtree};
pub use ocsp_no_check::OcspNoCheck;
pub use policy_constraints::PolicyConstraints;
pub use policy_mappings::{PolicyMapping, PolicyMappings};
pub use reason_flags::ReasonFlags;
pub use revocation_reason::RevocationReason;
pub use subject_alt_name::{IssuerAltName, SubjectAltName};
pub use subject_key_identifier::SubjectKeyIdentifier;
pub use tls_feature::TlsFeature;

use crate::der::{Failure, Reader};
use crate::oid::Oid;

/// An extension that this crate understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum ExtensionKind {
    /// May the subject issue certificates, and how long may paths below it be.
    BasicConstraints,
    /// What the key may do.
    KeyUsage,
    /// What the certificate may be used for.
    ExtendedKeyUsage,
    /// Further names of the subject.
    SubjectAltName,
    /// Further names of the issuer.
    IssuerAltName,
    /// Which names may stand in certificates below.
    NameConstraints,
    /// Under which policies the certificate was issued.
    CertificatePolicies,
    /// Which policies of two domains are alike.
    PolicyMappings,
    /// From where on policies are required and may not be mapped.
    PolicyConstraints,
    /// From where on the policy anyPolicy no longer matches.
    InhibitAnyPolicy,
    /// Which of the issuer's keys signed.
    AuthorityKeyIdentifier,
    /// A short name of the subject's key.
    SubjectKeyIdentifier,
    /// Where the list of revoked certificates is.
    CrlDistributionPoints,
    /// Where the delta of that list is.
    FreshestCrl,
    /// Where the issuer's certificate and its OCSP responder are.
    AuthorityInfoAccess,
    /// Which TLS extensions the holder promises to answer with.
    TlsFeature,
    /// The OCSP responder's certificate need not be checked for revocation.
    OcspNoCheck,
    /// Microsoft's substitute for the extended key usage.
    ApplicationPolicies,
}

impl ExtensionKind {
    /// How many kinds there are; each kind's number is below it.
    pub const COUNT: usize = Self::ALL.len();

    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 18] = [
        Self::BasicConstraints,
        Self::KeyUsage,
        Self::ExtendedKeyUsage,
        Self::SubjectAltName,
        Self::IssuerAltName,
        Self::NameConstraints,
        Self::CertificatePolicies,
        Self::PolicyMappings,
        Self::PolicyConstraints,
        Self::InhibitAnyPolicy,
        Self::AuthorityKeyIdentifier,
        Self::SubjectKeyIdentifier,
        Self::CrlDistributionPoints,
        Self::FreshestCrl,
        Self::AuthorityInfoAccess,
        Self::TlsFeature,
        Self::OcspNoCheck,
        Self::ApplicationPolicies,
    ];

    /// The kind with this identifier (content octets), if it is one that this crate understands.
    #[must_use]
    pub const fn from_oid(content: &[u8]) -> Option<Self> {
        Some(match *content {
            [0x55, 0x1d, arc] => return Self::from_ce_arc(arc),
            [0x2b, 6, 1, 5, 5, 7, 1, 1] => Self::AuthorityInfoAccess,
            [0x2b, 6, 1, 5, 5, 7, 1, 24] => Self::TlsFeature,
            [0x2b, 6, 1, 5, 5, 7, 48, 1, 5] => Self::OcspNoCheck,
            [0x2b, 6, 1, 4, 1, 0x82, 0x37, 21, 10] => Self::ApplicationPolicies,
            _ => return None,
        })
    }

    /// The kind of `id-ce`, 2.5.29, with this last arc.
    #[inline]
    pub(crate) const fn from_ce_arc(arc: u8) -> Option<Self> {
        // A `get` that is const.
        match CE_KINDS.split_at_checked(arc as usize) {
            Some((_, [kind, ..])) => *kind,
            _ => None,
        }
    }

    /// The identifier.
    #[must_use]
    pub const fn oid(self) -> Oid<'static> {
        Oid::new(match self {
            Self::BasicConstraints => &[0x55, 0x1d, 19],
            Self::KeyUsage => &[0x55, 0x1d, 15],
            Self::ExtendedKeyUsage => &[0x55, 0x1d, 37],
            Self::SubjectAltName => &[0x55, 0x1d, 17],
            Self::IssuerAltName => &[0x55, 0x1d, 18],
            Self::NameConstraints => &[0x55, 0x1d, 30],
            Self::CertificatePolicies => &[0x55, 0x1d, 32],
            Self::PolicyMappings => &[0x55, 0x1d, 33],
            Self::PolicyConstraints => &[0x55, 0x1d, 36],
            Self::InhibitAnyPolicy => &[0x55, 0x1d, 54],
            Self::AuthorityKeyIdentifier => &[0x55, 0x1d, 35],
            Self::SubjectKeyIdentifier => &[0x55, 0x1d, 14],
            Self::CrlDistributionPoints => &[0x55, 0x1d, 31],
            Self::FreshestCrl => &[0x55, 0x1d, 46],
            Self::AuthorityInfoAccess => &[0x2b, 6, 1, 5, 5, 7, 1, 1],
            Self::TlsFeature => &[0x2b, 6, 1, 5, 5, 7, 1, 24],
            Self::OcspNoCheck => &[0x2b, 6, 1, 5, 5, 7, 48, 1, 5],
            Self::ApplicationPolicies => &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 21, 10],
        })
    }

    /// The name that its specification gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BasicConstraints => "basicConstraints",
            Self::KeyUsage => "keyUsage",
            Self::ExtendedKeyUsage => "extKeyUsage",
            Self::SubjectAltName => "subjectAltName",
            Self::IssuerAltName => "issuerAltName",
            Self::NameConstraints => "nameConstraints",
            Self::CertificatePolicies => "certificatePolicies",
            Self::PolicyMappings => "policyMappings",
            Self::PolicyConstraints => "policyConstraints",
            Self::InhibitAnyPolicy => "inhibitAnyPolicy",
            Self::AuthorityKeyIdentifier => "authorityKeyIdentifier",
            Self::SubjectKeyIdentifier => "subjectKeyIdentifier",
            Self::CrlDistributionPoints => "cRLDistributionPoints",
            Self::FreshestCrl => "freshestCRL",
            Self::AuthorityInfoAccess => "authorityInfoAccess",
            Self::TlsFeature => "tlsfeature",
            Self::OcspNoCheck => "ocsp-nocheck",
            Self::ApplicationPolicies => "applicationCertPolicies",
        }
    }

    /// Where it is specified.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::BasicConstraints => "RFC 5280 section 4.2.1.9",
            Self::KeyUsage => "RFC 5280 section 4.2.1.3",
            Self::ExtendedKeyUsage => "RFC 5280 section 4.2.1.12",
            Self::SubjectAltName => "RFC 5280 section 4.2.1.6",
            Self::IssuerAltName => "RFC 5280 section 4.2.1.7",
            Self::NameConstraints => "RFC 5280 section 4.2.1.10",
            Self::CertificatePolicies => "RFC 5280 section 4.2.1.4",
            Self::PolicyMappings => "RFC 5280 section 4.2.1.5",
            Self::PolicyConstraints => "RFC 5280 section 4.2.1.11",
            Self::InhibitAnyPolicy => "RFC 5280 section 4.2.1.14",
            Self::AuthorityKeyIdentifier => "RFC 5280 section 4.2.1.1",
            Self::SubjectKeyIdentifier => "RFC 5280 section 4.2.1.2",
            Self::CrlDistributionPoints => "RFC 5280 section 4.2.1.13",
            Self::FreshestCrl => "RFC 5280 section 4.2.1.15",
            Self::AuthorityInfoAccess => "RFC 5280 section 4.2.2.1",
            Self::TlsFeature => "RFC 7633 section 4",
            Self::OcspNoCheck => "RFC 6960 section 4.2.2.2.1",
            Self::ApplicationPolicies => "MS-WCCE section 2.2.2.7.7.3",
        }
    }

    /// Decodes a value of this kind in full, for its errors only. `value` stands at the content of
    /// the extension's OCTET STRING, and offsets are those of its outermost input.
    ///
    /// # Errors
    /// When the value is malformed.
    pub fn check<E: Failure>(self, value: Reader<'_, E>) -> Result<(), E> {
        match self {
            Self::BasicConstraints => BasicConstraints::from_reader(value).map(drop),
            Self::KeyUsage => KeyUsage::from_reader(value).map(drop),
            Self::ExtendedKeyUsage => ExtendedKeyUsage::from_reader(value).map(drop),
            Self::SubjectAltName => SubjectAltName::from_reader(value).map(drop),
            Self::IssuerAltName => IssuerAltName::from_reader(value).map(drop),
            Self::NameConstraints => NameConstraints::from_reader(value).map(drop),
            Self::CertificatePolicies => CertificatePolicies::from_reader(value).map(drop),
            Self::PolicyMappings => PolicyMappings::from_reader(value).map(drop),
            Self::PolicyConstraints => PolicyConstraints::from_reader(value).map(drop),
            Self::InhibitAnyPolicy => InhibitAnyPolicy::from_reader(value).map(drop),
            Self::AuthorityKeyIdentifier => AuthorityKeyIdentifier::from_reader(value).map(drop),
            Self::SubjectKeyIdentifier => SubjectKeyIdentifier::from_reader(value).map(drop),
            Self::CrlDistributionPoints | Self::FreshestCrl => {
                CrlDistributionPoints::from_reader(value).map(drop)
            }
            Self::AuthorityInfoAccess => AuthorityInfoAccess::from_reader(value).map(drop),
            Self::TlsFeature => TlsFeature::from_reader(value).map(drop),
            Self::OcspNoCheck => OcspNoCheck::from_reader(value).map(drop),
            Self::ApplicationPolicies => ApplicationPolicies::from_reader(value).map(drop),
        }
    }
}

/// The kinds of `id-ce`, 2.5.29, by their last arc: each certificate asks for some ten of them.
const CE_KINDS: [Option<ExtensionKind>; 64] = {
    let mut kinds = [None; 64];
    let mut rest = ExtensionKind::ALL.as_slice();
    while let [kind, later @ ..] = rest {
        if let [0x55, 0x1d, arc] = *kind.oid().as_bytes()
            && let Some((_, [slot, ..])) = kinds.split_at_mut_checked(arc as usize)
        {
            *slot = Some(*kind);
        }
        rest = later;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use portcullis_testkit::der::tlv;
    use proptest::prelude::*;

    use super::*;
    use crate::der::{self, ErrorKind, tag};

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
            }
            walk(&input);
        }
    }
}

//! Certificate policies (RFC 5280 section 4.2.1.4).
//!
//! ```text
//! CertificatePolicies ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
//!     policyIdentifier  OBJECT IDENTIFIER,
//!     policyQualifiers  SEQUENCE SIZE (1..MAX) OF SEQUENCE {
//!         policyQualifierId  OBJECT IDENTIFIER,
//!         qualifier          ANY DEFINED BY policyQualifierId } OPTIONAL }
//! ```
//!
//! A policy must not be named twice. Telling that costs one pass for the few policies that
//! certificates have: a filter of 64 bits over the identifiers, and only where two fall on the same
//! bit the identifiers are sorted, on the stack. An attacker can choose identifiers that always
//! fall on the same bit, and [`MAX_POLICIES`] bounds what this costs.

use const_oid::ObjectIdentifier;

use super::list::{List, optional, sequence, sequence_of};
use super::policy_qualifier::Qualifier;
use crate::der::{ReadError, Reader, tag};
use crate::oid::Oid;

/// Most policies that one certificate may name; more are malformed. RFC 5280 sets no limit: this
/// one keeps the sort at 256 slices, 4 KiB of stack.
pub const MAX_POLICIES: usize = 256;

sequence! {
    'a:
    /// One policy and what its issuer says of it.
    pub struct PolicyInformation<'a> {
        /// The policy.
        pub id: Oid<'a> = Oid::read;
        /// The qualifiers: the content octets of their SEQUENCE OF, each checked to be an identifier
        /// and one element.
        pub qualifiers: Option<&'a [u8]> = optional(tag::SEQUENCE, |qualifiers| {
            List::<Qualifier<'_>>::read(qualifiers.reader()).map(|list| list.content())
        });
    }
}

impl<'a> PolicyInformation<'a> {
    /// The kind of the first qualifier that cannot be interpreted: it is neither a CPS pointer nor
    /// a user notice, the two that RFC 5280 defines, or its value is not of that type. Where
    /// the extension is critical, whoever cannot interpret a qualifier has to refuse the
    /// certificate (section 4.2.1.4).
    #[must_use]
    pub(crate) fn uninterpretable_qualifier(&self) -> Option<Oid<'a>> {
        let content = Reader::quick(self.qualifiers?);
        let qualifiers = List::<Qualifier<'_>>::read(content).ok()?;
        let mut all = qualifiers.iter();
        let found = all.find(|qualifier| !qualifier.is_interpretable())?;
        Some(found.kind)
    }
}

sequence_of! {
    /// Under which policies the certificate was issued: none named twice. An empty list decodes and
    /// names none.
    CertificatePolicies<'a> of PolicyInformation<'a> where refuse_repetition
}

impl CertificatePolicies<'_> {
    /// True when this policy is named; anyPolicy stands for itself only.
    #[must_use]
    pub fn contains(&self, policy: &ObjectIdentifier) -> bool {
        self.iter().any(|information| information.id == *policy)
    }
}

/// Fails when there are more than [`MAX_POLICIES`] or one comes twice.
fn refuse_repetition<'a, E: ReadError>(
    list: &List<'a, PolicyInformation<'a>>,
    error: E,
) -> Result<(), E> {
    if E::READ_BEFORE || list.is_one_element() {
        return Ok(());
    }
    let mut filter = 0u64;
    let mut collision = false;
    let mut count = 0;
    for policy in list.iter() {
        let bit = 1 << (hash(policy.id.as_bytes()) & 63);
        collision |= filter & bit != 0;
        filter |= bit;
        count += 1;
    }
    if count > MAX_POLICIES || (collision && repeats(list)) {
        return Err(error);
    }
    Ok(())
}

fn hash(octets: &[u8]) -> u8 {
    octets.iter().fold(0, |hash: u8, octet| {
        hash.wrapping_mul(31).wrapping_add(*octet)
    })
}

#[cold]
fn repeats<'a>(list: &List<'a, PolicyInformation<'a>>) -> bool {
    let mut ids = [&[][..]; MAX_POLICIES];
    for (slot, policy) in ids.iter_mut().zip(list.iter()) {
        *slot = policy.id.as_bytes();
    }
    ids.sort_unstable();
    // Slots that stayed empty are equal too, but an identifier is never empty.
    ids.windows(2)
        .any(|pair| matches!(pair, [a, b] if a == b && !a.is_empty()))
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;

    use ::der::asn1::Any;
    use ::der::{Encode, Tag};
    use const_oid::db::rfc5280::ANY_POLICY;
    use proptest::prelude::*;
    use x509_cert::ext::pkix::certpolicy::{
        CertificatePolicies as Theirs, PolicyInformation as TheirInformation, PolicyQualifierInfo,
    };

    use super::*;
    use crate::der::ErrorKind;

    fn information(id: ObjectIdentifier, qualifiers: Option<usize>) -> TheirInformation {
        let qualifier = PolicyQualifierInfo {
            policy_qualifier_id: ANY_POLICY,
            qualifier: Some(Any::null()),
        };
        TheirInformation {
            policy_identifier: id,
            policy_qualifiers: qualifiers.map(|n| alloc::vec![qualifier; n]),
        }
    }

    fn list(ids: impl IntoIterator<Item = u32>) -> Vec<u8> {
        let id = |n| ObjectIdentifier::from_arcs([1, 2, n]).unwrap();
        Theirs(ids.into_iter().map(|n| information(id(n), None)).collect())
            .to_der()
            .unwrap()
    }

    #[test]
    fn policies() {
        let der = [0x30, 8, 0x30, 6, 6, 4, 0x55, 0x1d, 0x20, 0];
        let policies = CertificatePolicies::from_der(&der).unwrap();
        assert!(policies.contains(&ANY_POLICY) && !policies.is_empty());
        assert!(!policies.contains(&ObjectIdentifier::new_unwrap("1.2.3")));
        assert!(
            CertificatePolicies::from_der(&[0x30, 0])
                .unwrap()
                .is_empty()
        );
    }

    /// F6: the first qualifier counts whose kind is not known or whose value is of another type.
    #[test]
    fn qualifiers_that_cannot_be_interpreted() {
        const CPS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1");
        let text = || Any::new(Tag::Ia5String, *b"https://policy.example/").unwrap();
        let first = |qualifiers: Option<&[(ObjectIdentifier, Any)]>| {
            let qualifier = |(kind, value): &(ObjectIdentifier, Any)| PolicyQualifierInfo {
                policy_qualifier_id: *kind,
                qualifier: Some(value.clone()),
            };
            let theirs = Theirs(alloc::vec![TheirInformation {
                policy_identifier: ANY_POLICY,
                policy_qualifiers: qualifiers.map(|all| all.iter().map(qualifier).collect()),
            }]);
            let der = theirs.to_der().unwrap();
            let policies = CertificatePolicies::from_der(&der).unwrap();
            let policy = policies.iter().next().unwrap();
            let found = policy.uninterpretable_qualifier();
            found.map(|kind| kind.to_owned().unwrap())
        };
        let other = ObjectIdentifier::new_unwrap("1.2.3");
        assert_eq!(first(None), None);
        assert_eq!(first(Some(&[])), None);
        assert_eq!(first(Some(&[(CPS, text())])), None);
        assert_eq!(first(Some(&[(CPS, text()), (other, text())])), Some(other));
        assert_eq!(
            first(Some(&[(ANY_POLICY, text()), (other, text())])),
            Some(ANY_POLICY)
        );
        assert_eq!(
            first(Some(&[(CPS, Any::null()), (other, text())])),
            Some(CPS)
        );
    }

    #[test]
    fn repetition_is_an_error() {
        for ids in [&[7, 7][..], &[1, 2, 3, 1], &[5, 4, 3, 2, 1, 200_000, 1]] {
            let error = CertificatePolicies::from_der(&list(ids.iter().copied())).unwrap_err();
            assert_eq!((error.kind, error.offset), (ErrorKind::BadValue, 0));
        }
    }

    #[test]
    fn as_many_as_allowed_and_no_more() {
        let most = u32::try_from(MAX_POLICIES).unwrap();
        let full = list(0..most);
        assert_eq!(
            CertificatePolicies::from_der(&full).unwrap().iter().count(),
            MAX_POLICIES
        );
        assert!(CertificatePolicies::from_der(&list(0..=most)).is_err());
        // The last one repeats the first, in a list that is full.
        assert!(CertificatePolicies::from_der(&list((0..most - 1).chain([0]))).is_err());
    }

    #[test]
    fn faults() {
        for (der, kind) in [
            (&[0x30, 9, 1][..], ErrorKind::Truncated),
            (&[0x30, 2, 0x30, 0], ErrorKind::Truncated),
            (&[0x30, 3, 6, 1, 0x2a], ErrorKind::UnexpectedTag),
            (&[0x30, 4, 0x30, 2, 6, 0], ErrorKind::BadValue),
            (
                &[0x30, 7, 0x30, 5, 6, 1, 0x2a, 5, 0],
                ErrorKind::TrailingData,
            ),
            (
                &[0x30, 9, 0x30, 7, 6, 1, 0x2a, 0x30, 2, 0x30, 0],
                ErrorKind::Truncated,
            ),
            (
                &[0x30, 12, 0x30, 10, 6, 1, 0x2a, 0x30, 5, 0x30, 3, 6, 1, 0x2a],
                ErrorKind::Truncated,
            ),
            (
                &[0x30, 9, 0x30, 7, 6, 1, 0x2a, 0x30, 2, 5, 0],
                ErrorKind::UnexpectedTag,
            ),
            (&[0x30, 0, 0], ErrorKind::TrailingData),
            (&[], ErrorKind::Truncated),
        ] {
            assert_eq!(
                CertificatePolicies::from_der(der).unwrap_err().kind,
                kind,
                "{der:x?}"
            );
        }
    }

    proptest! {
        #[test]
        fn decodes_what_x509_cert_encodes(
            policies in proptest::collection::vec(
                (0u32..40, 0u32..9, proptest::option::of(0usize..3)),
                0..40,
            ),
        ) {
            let theirs: Vec<_> = policies
                .iter()
                .map(|&(a, b, n)| information(ObjectIdentifier::from_arcs([1, a, b]).unwrap(), n))
                .collect();
            let distinct: BTreeSet<_> = theirs.iter().map(|p| p.policy_identifier).collect();
            let der = Theirs(theirs.clone()).to_der().unwrap();
            let ours = CertificatePolicies::from_der(&der);
            prop_assert_eq!(ours.is_ok(), distinct.len() == theirs.len());
            if let Ok(ours) = ours {
                for (a, b) in ours.iter().zip(&theirs) {
                    prop_assert_eq!(a.id.to_owned(), Some(b.policy_identifier));
                    let qualifiers = b.policy_qualifiers.as_ref();
                    let qualifiers = qualifiers.map(|q| q.to_der().unwrap().split_off(2));
                    prop_assert_eq!(a.qualifiers, qualifiers.as_deref());
                }
                prop_assert_eq!(ours.iter().count(), theirs.len());
            }
        }
    }
}

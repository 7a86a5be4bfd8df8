//! What RFC 5280 section 4 obliges issuers to: each MUST that can be read off one certificate.
//!
//! Path validation (section 6) tolerates most breaches, since what is missing or badly marked
//! seldom changes who is trusted. A row is a requirement and the function that says whether it is
//! kept; all certificates of a path are asked, leaf, intermediates and the anchor's. SHOULDs are no
//! requirements: a keyUsage that is not critical, say. The cost is one pass over names and
//! extensions.
//!
//! Two requirements are not asked of anchors. Serial numbers say which certificate a list revokes,
//! and nothing revokes an anchor; trusted roots with serial number 0 exist. What an anchor's key
//! may do without keyUsage is for whoever trusts it to say (sections 6.1.4 (n) and 6.3.3 (f) ask
//! only where the extension is there).

use super::subject::{ProfileSubject, Row, requirements};
use super::{alternative_names, attributes};
use crate::certificate::ExtensionKind as Kind;
use crate::certificate::extensions::{
    BasicConstraints, CrlDistributionPoints, DistributionPointName, KeyUsage,
};
use crate::crypto::is_ecdsa_with_null;
use crate::oid::ANY_POLICY;
use crate::path::checked_certificate::Role;
use crate::path::name_constraints;

/// Most octets of a serial number.
const MAX_SERIAL_OCTETS: usize = 20;

/// The requirements that the Baseline Requirements leave in force.
pub(super) const REQUIREMENTS: &[Row] = requirements! {
    PositiveSerialNumber: has_positive_serial_number;
    ShortSerialNumber: has_short_serial_number;
    IssuerName: |c| !c.certificate().issuer().is_empty();
    NameAttributes: has_regular_names;
    DateEncoding: |c| !c.certificate().has_early_generalized_time();
    CaSubjectName: names_ca;
    NoUniqueIdentifiers: |c| !c.certificate().has_unique_identifiers();
    AuthorityKeyIdentifier: names_issuer_key;
    AuthorityKeyIdentifierPaired: |c| {
        c.extensions.authority_key_identifier.is_none_or(|identifier| identifier.is_paired())
    };
    AuthorityKeyIdentifierNotCritical: |c| !c.is_critical(Kind::AuthorityKeyIdentifier);
    SubjectKeyIdentifier: |c| !c.is_extensible_ca() || c.has(Kind::SubjectKeyIdentifier);
    SubjectKeyIdentifierNotCritical: |c| !c.is_critical(Kind::SubjectKeyIdentifier);
    CaBasicConstraints: |c| {
        c.is_leaf() || !c.is_extensible_ca() || c.has(Kind::BasicConstraints)
    };
    CaBasicConstraintsCritical: |c| !c.says_ca() || c.is_critical(Kind::BasicConstraints);
    CaKeyUsage: |c| c.check.role != Role::Intermediate || c.has(Kind::KeyUsage);
    KeyUsageNotEmpty: |c| c.extensions.key_usage.is_none_or(|usage| !usage.is_empty());
    KeyCertSignOfCaOnly: |c| !c.says_usage(KeyUsage::KEY_CERT_SIGN) || c.says_ca();
    PoliciesNotEmpty: names_policies;
    NamedHolder: names_holder;
    AlternativeNamesNotEmpty: alternative_names::are_not_empty;
    DnsNameSyntax: alternative_names::have_host_names;
    MailboxSyntax: alternative_names::have_mailboxes;
    UriSyntax: alternative_names::have_absolute_uris;
    PathLengthOfCaOnly: limits_paths_as_ca;
    NameConstraintsOfCaOnly: |c| !c.has(Kind::NameConstraints) || c.says_ca();
    NameConstraintsNotEmpty: |c| {
        c.extensions.name_constraints.is_none_or(|constraints| !constraints.has_empty_field())
    };
    NameConstraintsWholeSubtrees: |c| {
        c.subtrees().all(|subtree| subtree.minimum_is_default && !subtree.has_maximum)
    };
    NameConstraintsSyntax: |c| {
        c.subtrees().all(|subtree| name_constraints::is_well_formed(&subtree.base))
    };
    PolicyConstraintsCritical: |c| is_critical_if_present(c, Kind::PolicyConstraints);
    PolicyConstraintsNotEmpty: |c| {
        c.extensions.policy_constraints.is_none_or(|constraints| !constraints.is_empty())
    };
    ExtendedKeyUsageNotEmpty: |c| {
        c.extensions.extended_key_usage.is_none_or(|usage| !usage.is_empty())
    };
    DistributionPoints: distributes_lists;
    InhibitAnyPolicyCritical: |c| is_critical_if_present(c, Kind::InhibitAnyPolicy);
    FreshestCrlNotCritical: |c| !c.is_critical(Kind::FreshestCrl);
    AuthorityInfoAccessNotEmpty: |c| {
        c.extensions.authority_info_access.is_none_or(|access| !access.is_empty())
    };
    AuthorityInfoAccessNotCritical: |c| !c.is_critical(Kind::AuthorityInfoAccess);
    AnyPolicyNotMapped: leaves_any_policy_alone;
    DistinguishedValues: has_distinguished_values;
    EcdsaWithoutParameters: |c| {
        // Nobody verifies the signature of an anchor.
        let is_verified = c.check.role != Role::Anchor;
        !(is_verified && is_ecdsa_with_null(&c.certificate().signature_algorithm()))
    };
};

/// The requirements that the Baseline Requirements lift.
pub(super) const LIFTED_BY_BASELINE_REQUIREMENTS: &[Row] = requirements! {
    NameConstraintsCritical: |c| is_critical_if_present(c, Kind::NameConstraints);
};

fn is_critical_if_present(c: &ProfileSubject<'_>, extension: Kind) -> bool {
    !c.has(extension) || c.is_critical(extension)
}

fn has_positive_serial_number(c: &ProfileSubject<'_>) -> bool {
    let serial = c.certificate().serial();
    let negative = serial.first().is_some_and(|first| first & 0x80 != 0);
    let zero = serial.iter().all(|octet| *octet == 0);
    c.check.role == Role::Anchor || !(negative || zero)
}

/// The octets are those of the INTEGER, a leading zero for the sign included: below 2^159.
fn has_short_serial_number(c: &ProfileSubject<'_>) -> bool {
    c.check.role == Role::Anchor || c.certificate().serial().len() <= MAX_SERIAL_OCTETS
}

fn has_regular_names(c: &ProfileSubject<'_>) -> bool {
    let (subject, issuer) = (c.certificate().subject(), c.certificate().issuer());
    subject
        .attributes()
        .chain(issuer.attributes())
        .all(|attribute| attributes::is_regular(&attribute))
}

fn names_ca(c: &ProfileSubject<'_>) -> bool {
    let must = c.is_ca() || c.says_usage(KeyUsage::CRL_SIGN);
    !must || !c.certificate().subject().is_empty()
}

/// Only a certificate that its own key signed may leave it out: a name that is its own issuer's is
/// not enough.
fn names_issuer_key(c: &ProfileSubject<'_>) -> bool {
    let unreadable = || {
        let extension = Kind::AuthorityKeyIdentifier;
        c.extensions.authority_key_identifier.is_none() && c.has(extension)
    };
    let identifier = c.extensions.authority_key_identifier;
    identifier.is_some_and(|identifier| identifier.key_id.is_some())
        || unreadable()
        || (c.check.signs_itself)()
}

fn names_policies(c: &ProfileSubject<'_>) -> bool {
    let policies = c.extensions.certificate_policies;
    let mappings = c.extensions.policy_mappings;
    policies.is_none_or(|policies| !policies.is_empty())
        && mappings.is_none_or(|mappings| !mappings.is_empty())
}

/// Path validation asks this of issuers alone (section 6.1.4 (a)): what a leaf or an anchor maps is
/// not followed.
fn leaves_any_policy_alone(c: &ProfileSubject<'_>) -> bool {
    let mappings = c.extensions.policy_mappings;
    let mut mappings = mappings.into_iter().flat_map(|mappings| mappings.iter());
    !mappings
        .any(|mapping| mapping.issuer_domain == ANY_POLICY || mapping.subject_domain == ANY_POLICY)
}

fn has_distinguished_values(c: &ProfileSubject<'_>) -> bool {
    let certificate = c.certificate();
    let basic = certificate.extension(Kind::BasicConstraints);
    let usage = certificate.extension(Kind::KeyUsage);
    basic.is_none_or(BasicConstraints::is_distinguished)
        && usage.is_none_or(KeyUsage::is_distinguished)
        && !certificate.has_explicit_not_critical()
}

fn names_holder(c: &ProfileSubject<'_>) -> bool {
    !c.certificate().subject().is_empty() || c.is_critical(Kind::SubjectAltName)
}

fn limits_paths_as_ca(c: &ProfileSubject<'_>) -> bool {
    let basic = c.extensions.basic_constraints;
    let limits = basic.is_some_and(|basic| basic.path_len.is_some());
    let may_sign = c.says_usage(KeyUsage::KEY_CERT_SIGN);
    // Without keyUsage there is nothing that lacks the bit; that an intermediate has it is a
    // requirement of its own.
    let unlimited = !c.has(Kind::KeyUsage) && !c.is_leaf();
    !limits || (c.says_ca() && (may_sign || unlimited))
}

fn distributes_lists(c: &ProfileSubject<'_>) -> bool {
    let leads_to_lists = |points: CrlDistributionPoints<'_>| {
        let mut each = points.iter();
        !points.is_empty()
            && each.all(|point| match (point.name, point.crl_issuer) {
                (Some(DistributionPointName::FullName(names)), _) => !names.is_empty(),
                (Some(_), _) => true,
                (None, issuer) => issuer.is_some_and(|names| !names.is_empty()),
            })
    };
    let freshest = c.extensions.freshest_crl;
    let points = c.extensions.crl_distribution_points;
    points.is_none_or(leads_to_lists)
        && freshest.is_none_or(|freshest| leads_to_lists(freshest.points()))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::super::testing::*;
    use super::*;
    use crate::certificate::testing::{common_name, sequence, tlv, validity};
    use crate::path::{IssuerRequirement, Profile};

    fn leaf_breaks(sample: &Sample) -> Vec<IssuerRequirement> {
        sample.broken(Profile::Rfc5280, Role::Leaf)
    }

    fn ca_breaks(sample: &Sample) -> Vec<IssuerRequirement> {
        sample.broken(Profile::Rfc5280, Role::Intermediate)
    }

    fn anchor_breaks(sample: &Sample) -> Vec<IssuerRequirement> {
        sample.broken(Profile::Rfc5280, Role::Anchor)
    }

    #[test]
    fn serial_numbers_are_positive_and_short() {
        let with = |serial: &[u8]| {
            let serial = tlv(2, serial);
            Sample::ca().edit(|parts| parts.serial = serial)
        };
        let positive = [IssuerRequirement::PositiveSerialNumber];
        assert_eq!(ca_breaks(&with(&[0])), positive);
        assert_eq!(ca_breaks(&with(&[0x80])), positive);
        assert_eq!(ca_breaks(&with(&[0x7f; 20])), []);
        assert_eq!(
            ca_breaks(&with(&[0x7f; 21])),
            [IssuerRequirement::ShortSerialNumber]
        );
        assert_eq!(anchor_breaks(&with(&[0])), []);
        assert_eq!(anchor_breaks(&with(&[0x7f; 21])), []);
    }

    #[test]
    fn issuers_and_cas_have_names() {
        let empty = || sequence(&[]);
        let no_issuer = Sample::leaf().edit(|parts| parts.issuer = empty());
        assert_eq!(leaf_breaks(&no_issuer), [IssuerRequirement::IssuerName]);
        let no_subject = Sample::ca().edit(|parts| parts.subject = empty()).with(
            SAN,
            true,
            &sequence(&[tlv(0x82, b"ca.example")]),
        );
        assert_eq!(ca_breaks(&no_subject), [IssuerRequirement::CaSubjectName]);
        let signs_lists = Sample::leaf()
            .edit(|parts| parts.subject = empty())
            .with(SAN, true, &sequence(&[tlv(0x82, b"a.example")]))
            .with(KEY_USAGE, true, &[3, 2, 1, 2]);
        assert_eq!(
            leaf_breaks(&signs_lists),
            [IssuerRequirement::CaSubjectName]
        );
    }

    #[test]
    fn names_dates_and_identifiers_have_their_form() {
        let printable = tlv(0x13, b"a@b");
        let attribute = sequence(&[tlv(6, &[0x55, 4, 3]), printable]);
        let name = sequence(&[tlv(0x31, &attribute)]);
        let subject = Sample::ca().edit(|parts| parts.subject = name.clone());
        assert_eq!(ca_breaks(&subject), [IssuerRequirement::NameAttributes]);
        let issuer = Sample::ca().edit(|parts| parts.issuer = name);
        assert_eq!(ca_breaks(&issuer), [IssuerRequirement::NameAttributes]);
        let dates = validity(0x18, "20260101000000Z", 0x17, "270101000000Z");
        let dates = Sample::ca().edit(|parts| parts.validity = dates);
        assert_eq!(ca_breaks(&dates), [IssuerRequirement::DateEncoding]);
        let unique = Sample::ca().edit(|parts| parts.unique_identifiers = tlv(0x81, &[0, 1]));
        assert_eq!(ca_breaks(&unique), [IssuerRequirement::NoUniqueIdentifiers]);
    }

    #[test]
    fn the_issuers_key_is_named_unless_it_is_the_own() {
        let without = Sample::ca().without(AKI);
        let missing = [IssuerRequirement::AuthorityKeyIdentifier];
        assert_eq!(ca_breaks(&without), missing);
        assert_eq!(anchor_breaks(&without), missing);
        assert_eq!(leaf_breaks(&Sample::leaf().without(AKI)), missing);
        let own = without.signed_by_itself(true);
        assert_eq!(anchor_breaks(&own), []);
        let no_key = Sample::ca().with(AKI, false, &sequence(&[]));
        assert_eq!(ca_breaks(&no_key), missing);
    }

    #[test]
    fn key_identifiers_are_paired_and_not_critical() {
        let serial = sequence(&[tlv(0x80, &[1]), tlv(0x82, &[1])]);
        let unpaired = Sample::ca().with(AKI, false, &serial);
        assert_eq!(
            ca_breaks(&unpaired),
            [IssuerRequirement::AuthorityKeyIdentifierPaired]
        );
        let critical = Sample::ca().with(AKI, true, &sequence(&[tlv(0x80, &[1])]));
        let expected = [IssuerRequirement::AuthorityKeyIdentifierNotCritical];
        assert_eq!(ca_breaks(&critical), expected);
        let critical = Sample::ca().with(SKI, true, &[4, 1, 2]);
        let expected = [IssuerRequirement::SubjectKeyIdentifierNotCritical];
        assert_eq!(ca_breaks(&critical), expected);
        let missing = Sample::root().without(SKI);
        assert_eq!(
            anchor_breaks(&missing),
            [IssuerRequirement::SubjectKeyIdentifier]
        );
        // A CA at the end of a path is one too.
        let end = Sample::ca().without(SKI);
        assert_eq!(leaf_breaks(&end), [IssuerRequirement::SubjectKeyIdentifier]);
    }

    #[test]
    fn an_anchor_of_version_1_is_taken_as_it_is() {
        assert_eq!(anchor_breaks(&Sample::root().bare()), []);
    }

    #[test]
    fn an_extension_that_does_not_decode_is_not_missing() {
        for arc in [AKI, SKI, BASIC, KEY_USAGE] {
            let critical = arc == BASIC;
            let spoiled = Sample::ca().with(arc, critical, &[5, 0]);
            let broken = ca_breaks(&spoiled);
            assert!(broken.len() <= 1, "{arc}: {broken:?}");
            assert!(!broken.contains(&IssuerRequirement::AuthorityKeyIdentifier));
            assert!(!broken.contains(&IssuerRequirement::SubjectKeyIdentifier));
            assert!(!broken.contains(&IssuerRequirement::CaBasicConstraints));
            assert!(!broken.contains(&IssuerRequirement::CaKeyUsage));
        }
    }

    #[test]
    fn key_usage_is_there_and_says_something() {
        let without = Sample::ca().without(KEY_USAGE);
        assert_eq!(ca_breaks(&without), [IssuerRequirement::CaKeyUsage]);
        assert_eq!(anchor_breaks(&without), []);
        assert_eq!(leaf_breaks(&Sample::leaf().without(KEY_USAGE)), []);
        let empty = Sample::leaf().with(KEY_USAGE, true, &[3, 1, 0]);
        assert_eq!(leaf_breaks(&empty), [IssuerRequirement::KeyUsageNotEmpty]);
        let signs = Sample::leaf().with(KEY_USAGE, true, &[3, 2, 2, 4]);
        assert_eq!(
            leaf_breaks(&signs),
            [IssuerRequirement::KeyCertSignOfCaOnly]
        );
    }

    #[test]
    fn basic_constraints_of_a_ca_are_there_and_critical() {
        let without = Sample::root().without(BASIC);
        let expected = [
            IssuerRequirement::CaBasicConstraints,
            IssuerRequirement::KeyCertSignOfCaOnly,
        ];
        assert_eq!(anchor_breaks(&without), expected);
        let lax = Sample::root().with(BASIC, false, &CA);
        assert_eq!(
            anchor_breaks(&lax),
            [IssuerRequirement::CaBasicConstraintsCritical]
        );
        let no_ca = Sample::leaf().with(BASIC, false, &sequence(&[]));
        assert_eq!(leaf_breaks(&no_ca), []);
    }

    #[test]
    fn only_a_signing_ca_limits_paths() {
        let limit = [0x30, 6, 1, 1, 0xff, 2, 1, 0];
        assert_eq!(ca_breaks(&Sample::ca().with(BASIC, true, &limit)), []);
        let lists_only =
            Sample::ca()
                .with(BASIC, true, &limit)
                .with(KEY_USAGE, true, &[3, 2, 1, 2]);
        assert_eq!(
            ca_breaks(&lists_only),
            [IssuerRequirement::PathLengthOfCaOnly]
        );
        let leaf = Sample::leaf().with(BASIC, true, &[0x30, 3, 2, 1, 0]);
        assert_eq!(leaf_breaks(&leaf), [IssuerRequirement::PathLengthOfCaOnly]);
        let unsaid = Sample::root().with(BASIC, true, &limit).without(KEY_USAGE);
        assert_eq!(anchor_breaks(&unsaid), []);
    }

    /// F7: ECDSA has no parameters, and those of anchors are nobody's business.
    #[test]
    fn ecdsa_signatures_have_no_parameters() {
        let signed = |sample: Sample, parameters: &[u8]| {
            let ecdsa = tlv(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);
            let algorithm = sequence(&[ecdsa, parameters.to_vec()]);
            sample.edit(|parts| {
                parts.inner_algorithm = algorithm.clone();
                parts.outer_algorithm = algorithm;
            })
        };
        let broken = [IssuerRequirement::EcdsaWithoutParameters];
        assert_eq!(leaf_breaks(&signed(Sample::leaf(), &[5, 0])), broken);
        assert_eq!(ca_breaks(&signed(Sample::ca(), &[5, 0])), broken);
        assert_eq!(anchor_breaks(&signed(Sample::root(), &[5, 0])), []);
        assert_eq!(leaf_breaks(&signed(Sample::leaf(), &[])), []);
    }

    #[test]
    fn values_are_der_to_the_last_bit() {
        let broken = [IssuerRequirement::DistinguishedValues];
        let said = Sample::leaf().with(BASIC, true, &[0x30, 3, 1, 1, 0]);
        assert_eq!(leaf_breaks(&said), broken);
        let nine_bits = Sample::leaf().with(KEY_USAGE, true, &[3, 3, 7, 0x80, 0]);
        assert_eq!(leaf_breaks(&nine_bits), broken);
        let nine_bits = Sample::ca().with(KEY_USAGE, true, &[3, 3, 7, 0x04, 0]);
        assert_eq!(ca_breaks(&nine_bits), broken);
        let ninth = Sample::leaf().with(KEY_USAGE, true, &[3, 3, 7, 0x08, 0x80]);
        assert_eq!(leaf_breaks(&ninth), []);
    }

    #[test]
    fn policies_are_named_and_constraints_critical() {
        let empty = sequence(&[]);
        let policies = Sample::ca().with(POLICIES, false, &empty);
        assert_eq!(ca_breaks(&policies), [IssuerRequirement::PoliciesNotEmpty]);
        let mappings = Sample::ca().with(MAPPINGS, true, &empty);
        assert_eq!(ca_breaks(&mappings), [IssuerRequirement::PoliciesNotEmpty]);
        let one = tlv(6, &[0x2a, 3]);
        let any = tlv(6, &[0x55, 0x1d, 0x20, 0]);
        for (from, to, broken) in [
            (&one, &any, &[IssuerRequirement::AnyPolicyNotMapped][..]),
            (&any, &one, &[IssuerRequirement::AnyPolicyNotMapped]),
            (&one, &one, &[]),
        ] {
            let mappings = sequence(&[sequence(&[from.clone(), to.clone()])]);
            let ca = Sample::ca().with(MAPPINGS, true, &mappings);
            assert_eq!(ca_breaks(&ca), broken);
            let leaf = Sample::leaf().with(MAPPINGS, true, &mappings);
            assert_eq!(leaf_breaks(&leaf), broken);
        }
        let constraints = Sample::ca().with(POLICY_CONSTRAINTS, true, &empty);
        assert_eq!(
            ca_breaks(&constraints),
            [IssuerRequirement::PolicyConstraintsNotEmpty]
        );
        let explicit = sequence(&[tlv(0x80, &[0])]);
        let constraints = Sample::ca().with(POLICY_CONSTRAINTS, false, &explicit);
        assert_eq!(
            ca_breaks(&constraints),
            [IssuerRequirement::PolicyConstraintsCritical]
        );
        let inhibit = Sample::ca().with(INHIBIT_ANY, false, &[2, 1, 0]);
        assert_eq!(
            ca_breaks(&inhibit),
            [IssuerRequirement::InhibitAnyPolicyCritical]
        );
    }

    #[test]
    fn a_holder_without_subject_has_critical_names() {
        let nameless = |sample: Sample| sample.edit(|parts| parts.subject = sequence(&[]));
        let lax = nameless(Sample::leaf());
        assert_eq!(leaf_breaks(&lax), [IssuerRequirement::NamedHolder]);
        let missing = nameless(Sample::leaf().without(SAN));
        assert_eq!(leaf_breaks(&missing), [IssuerRequirement::NamedHolder]);
        let names = sequence(&[tlv(0x82, b"a.example")]);
        let sound = nameless(Sample::leaf().with(SAN, true, &names));
        assert_eq!(leaf_breaks(&sound), []);
    }

    #[test]
    fn alternative_names_can_name_someone() {
        let cases: [(Vec<u8>, &[IssuerRequirement]); 13] = [
            (tlv(0x82, b"*.example.com"), &[]),
            (
                tlv(0x82, b"a_b.example.com"),
                &[IssuerRequirement::DnsNameSyntax],
            ),
            (
                tlv(0x82, b"a*.example.com"),
                &[IssuerRequirement::DnsNameSyntax],
            ),
            (tlv(0x82, b"8.8.8.8"), &[IssuerRequirement::DnsNameSyntax]),
            (
                tlv(0x82, b".example.com"),
                &[IssuerRequirement::DnsNameSyntax],
            ),
            (tlv(0x82, b" "), &[IssuerRequirement::DnsNameSyntax]),
            (
                tlv(0x82, b""),
                &[
                    IssuerRequirement::AlternativeNamesNotEmpty,
                    IssuerRequirement::DnsNameSyntax,
                ],
            ),
            (
                tlv(0x81, b"a@b@example.com"),
                &[IssuerRequirement::MailboxSyntax],
            ),
            (tlv(0x81, b"a@example.com"), &[]),
            (tlv(0x86, b"spiffe://td/a"), &[]),
            (tlv(0x86, b"/relative"), &[IssuerRequirement::UriSyntax]),
            (
                tlv(0xa4, &sequence(&[])),
                &[IssuerRequirement::AlternativeNamesNotEmpty],
            ),
            (tlv(0xa4, &common_name("a")), &[]),
        ];
        for (name, expected) in &cases {
            let list = [name.clone()];
            let subject = Sample::leaf().with_san(&list);
            assert_eq!(leaf_breaks(&subject), *expected, "{name:?}");
            let issuer = Sample::leaf().with(IAN, false, &sequence(&list));
            assert_eq!(leaf_breaks(&issuer), *expected, "{name:?}");
        }
        let empty = Sample::leaf().with_san(&[]);
        assert_eq!(
            leaf_breaks(&empty),
            [IssuerRequirement::AlternativeNamesNotEmpty]
        );
    }

    fn permitting(subtrees: &[Vec<u8>]) -> Vec<u8> {
        sequence(&[tlv(0xa0, &subtrees.concat())])
    }

    #[test]
    fn name_constraints_are_critical_and_of_cas() {
        let value = permitting(&[sequence(&[tlv(0x82, b"example.com")])]);
        assert_eq!(ca_breaks(&Sample::ca().with(NAMES, true, &value)), []);
        let lax = Sample::ca().with(NAMES, false, &value);
        assert_eq!(
            ca_breaks(&lax),
            [IssuerRequirement::NameConstraintsCritical]
        );
        assert_eq!(lax.broken(Profile::WebPki, Role::Intermediate), []);
        let leaf = Sample::leaf().with(NAMES, true, &value);
        assert_eq!(
            leaf_breaks(&leaf),
            [IssuerRequirement::NameConstraintsOfCaOnly]
        );
    }

    #[test]
    fn name_constraints_can_be_applied() {
        for empty in [sequence(&[]), permitting(&[])] {
            let sample = Sample::ca().with(NAMES, true, &empty);
            assert_eq!(
                ca_breaks(&sample),
                [IssuerRequirement::NameConstraintsNotEmpty]
            );
        }
        for more in [tlv(0x80, &[1]), tlv(0x81, &[1])] {
            let subtree = sequence(&[tlv(0x82, b"example.com"), more]);
            let sample = Sample::ca().with(NAMES, true, &permitting(&[subtree]));
            assert_eq!(
                ca_breaks(&sample),
                [IssuerRequirement::NameConstraintsWholeSubtrees]
            );
        }
        let sound = [
            tlv(0x82, b""),
            tlv(0x81, b".example.com"),
            tlv(0x81, b"*@example.com"),
            tlv(0x86, b".example.com"),
            tlv(0x87, &[192, 0, 2, 0, 255, 255, 255, 0]),
            tlv(0xa4, &common_name("a")),
        ];
        let malformed = [
            tlv(0x82, b".example.com"),
            tlv(0x82, b"*.example.com"),
            tlv(0x81, b"a@b@example.com"),
            tlv(0x86, b"https://example.com"),
            tlv(0x87, &[192, 0, 2, 0]),
            tlv(0x87, &[192, 0, 2, 0, 255, 0, 255, 0]),
        ];
        for (base, expected) in sound.iter().map(|base| (base, &[][..])).chain(
            malformed
                .iter()
                .map(|base| (base, &[IssuerRequirement::NameConstraintsSyntax][..])),
        ) {
            let subtree = sequence(core::slice::from_ref(base));
            let sample = Sample::ca().with(NAMES, true, &permitting(&[subtree]));
            assert_eq!(ca_breaks(&sample), expected, "{base:?}");
        }
    }

    #[test]
    fn lists_of_places_and_purposes_are_not_empty() {
        let empty = sequence(&[]);
        let purposes = Sample::leaf().with(EKU, false, &empty);
        assert_eq!(
            leaf_breaks(&purposes),
            [IssuerRequirement::ExtendedKeyUsageNotEmpty]
        );
        let access = Sample::leaf().with_other(&ACCESS, false, &empty);
        assert_eq!(
            leaf_breaks(&access),
            [IssuerRequirement::AuthorityInfoAccessNotEmpty]
        );
        let uri = sequence(&[
            tlv(6, &[0x2b, 6, 1, 5, 5, 7, 48, 1]),
            tlv(0x86, b"http://a.example"),
        ]);
        let access = Sample::leaf().with_other(&ACCESS, true, &sequence(&[uri]));
        assert_eq!(
            leaf_breaks(&access),
            [IssuerRequirement::AuthorityInfoAccessNotCritical]
        );
    }

    #[test]
    fn distribution_points_lead_somewhere() {
        let full = |names: &[Vec<u8>]| tlv(0xa0, &tlv(0xa0, &names.concat()));
        let uri = tlv(0x86, b"http://a.example/crl");
        let reasons = tlv(0x81, &[6, 0x40]);
        let issuer = tlv(0xa2, &tlv(0xa4, &common_name("a")));
        let sound = [
            sequence(&[full(core::slice::from_ref(&uri))]),
            sequence(&[issuer]),
        ];
        for point in sound {
            let sample = Sample::leaf().with(CRL_POINTS, false, &sequence(&[point]));
            assert_eq!(leaf_breaks(&sample), []);
        }
        let nowhere = [
            sequence(&[]),
            sequence(&[sequence(&[])]),
            sequence(&[sequence(&[reasons])]),
            sequence(&[sequence(&[full(&[])])]),
        ];
        for value in nowhere {
            for arc in [CRL_POINTS, FRESHEST] {
                let sample = Sample::leaf().with(arc, false, &value);
                assert_eq!(
                    leaf_breaks(&sample),
                    [IssuerRequirement::DistributionPoints]
                );
            }
        }
        let value = sequence(&[sequence(&[full(&[uri])])]);
        let critical = Sample::leaf().with(FRESHEST, true, &value);
        assert_eq!(
            leaf_breaks(&critical),
            [IssuerRequirement::FreshestCrlNotCritical]
        );
    }
}

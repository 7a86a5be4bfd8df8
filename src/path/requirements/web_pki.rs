//! What the CA/Browser Forum's Baseline Requirements for TLS server certificates oblige public CAs
//! to (section 7.1), as far as it can be read off one certificate.
//!
//! They stand on RFC 5280 and lift one of its requirements (nameConstraints need not be critical,
//! section 7.1.2.10.8). Left out is what depends on when a certificate was issued (periods, section
//! 6.3.2) or on the context outside (whether an address is reserved, who is validated), what most
//! private copies of the profile do without (certificatePolicies, authorityInfoAccess and CRL
//! distribution points need not be there, keyUsage need not be critical), and serial numbers of
//! anchors. Keys and signatures are the algorithm policy's business.

use const_oid::ObjectIdentifier;

use super::public_suffix::is_public_suffix;
use super::subject::{ProfileSubject, Row, requirements};
use super::{attributes, common_name};
use crate::certificate::extensions::{
    AuthorityInfoAccess, DistributionPoint, DistributionPointName, ExtensionKind as Kind, KeyUsage,
};
use crate::certificate::{AlgorithmIdentifier, GeneralName, Version};
use crate::oid;
use crate::path::checked_certificate::Role;

/// What a server's certificate must not be for.
const FORBIDDEN_PURPOSES: [ObjectIdentifier; 6] = [
    oid::ANY_EXTENDED_KEY_USAGE,
    oid::CODE_SIGNING,
    oid::EMAIL_PROTECTION,
    oid::TIME_STAMPING,
    oid::OCSP_SIGNING,
    oid::PRECERTIFICATE_SIGNING,
];
/// pkcs-1 in octets: the identifiers of RSA keys and signatures have one more.
const PKCS1: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
const NULL: [u8; 2] = [0x05, 0x00];

/// The requirements beside those of RFC 5280.
pub(super) const REQUIREMENTS: &[Row] = requirements! {
    Version3: |c| c.certificate().version() == Version::V3;
    RootAuthorityKeyIdentifier: names_own_key_as_root;
    RootWithoutExtendedKeyUsage: |c| !c.is_root() || !c.has(Kind::ExtendedKeyUsage);
    PublicCaKeyUsage: |c| c.check.role != Role::Anchor || c.has(Kind::KeyUsage);
    AuthorityKeyIdentifierAlone: |c| {
        c.extensions.authority_key_identifier
            .is_none_or(|id| id.key_id.is_some() && id.issuer.is_none() && id.serial.is_none())
    };
    ExtendedKeyUsageNotCritical: |c| !c.is_critical(Kind::ExtendedKeyUsage);
    AccessByHttp: is_accessed_by_http;
    AlgorithmParameters: has_usual_parameters;
};

/// The requirements that concern leaves only.
pub(super) const LEAF_REQUIREMENTS: &[Row] = requirements! {
    LeafExtendedKeyUsage: |c| c.has(Kind::ExtendedKeyUsage);
    LeafServerAuth: serves;
    LeafPurposes: has_no_forbidden_purpose;
    LeafNotCa: |c| !c.says_ca();
    LeafKeyUsage: has_usage_of_server;
    LeafAlternativeNames: has_names_of_server;
    LeafAlternativeNamesNotCritical: |c| {
        c.certificate().subject().is_empty() || !c.is_critical(Kind::SubjectAltName)
    };
    LeafDnsLabels: |c| c.dns_names().all(|name| !name.split('.').any(is_reserved_label));
    LeafWildcards: |c| {
        let mut parents = c.dns_names().filter_map(|name| name.strip_prefix("*."));
        !parents.any(is_public_suffix)
    };
    LeafCommonName: common_name::repeats_alternative_name;
    LeafNameAttributes: |c| {
        let subject = c.certificate().subject();
        subject.attributes().all(|attribute| attributes::is_current(&attribute))
    };
    LeafPolicies: |c| {
        let policies = c.extensions.certificate_policies;
        policies.is_none_or(|policies| !policies.contains(&oid::ANY_POLICY))
    };
    LeafDistributionPoints: |c| {
        let points = c.extensions.crl_distribution_points;
        points.is_none_or(|points| points.iter().all(|point| is_http_list(&point)))
    };
};

fn names_own_key_as_root(c: &ProfileSubject<'_>) -> bool {
    let own = c.extensions.subject_key_identifier.map(|id| id.as_bytes());
    let issuers = c.extensions.authority_key_identifier;
    !c.is_root() || issuers.is_none_or(|id| id.key_id.is_some() && id.key_id == own)
}

fn is_accessed_by_http(c: &ProfileSubject<'_>) -> bool {
    let access = c.extensions.authority_info_access;
    let mut all = access.iter().flat_map(AuthorityInfoAccess::iter);
    all.all(|access| {
        (access.method == oid::OCSP_ACCESS || access.method == oid::CA_ISSUERS_ACCESS)
            && is_http(access.location)
    })
}

fn is_http(name: GeneralName<'_>) -> bool {
    const SCHEME: &str = "http://";
    let GeneralName::Uri(uri) = name else {
        return false;
    };
    uri.get(..SCHEME.len())
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
}

/// The encodings of section 7.1.3, as far as the algorithm policy leaves them open.
fn has_usual_parameters(c: &ProfileSubject<'_>) -> bool {
    let key = c.certificate().public_key().algorithm();
    let signature = c.certificate().signature_algorithm();
    // Nobody verifies the signature of an anchor.
    are_usual(key) && (c.check.role == Role::Anchor || are_usual(signature))
}

fn are_usual(algorithm: AlgorithmIdentifier<'_>) -> bool {
    match algorithm.oid().as_bytes().split_last() {
        // rsaEncryption and PKCS #1 signatures over SHA-2.
        Some((1 | 11..=13, arcs)) if arcs == PKCS1 => algorithm.parameters() == Some(&NULL),
        _ => true,
    }
}

fn serves(c: &ProfileSubject<'_>) -> bool {
    let usage = c.extensions.extended_key_usage;
    let asked_otherwise = !c.check.options.purpose.required().is_empty();
    asked_otherwise || usage.is_none_or(|usage| usage.contains(&oid::SERVER_AUTH))
}

fn has_no_forbidden_purpose(c: &ProfileSubject<'_>) -> bool {
    let usage = c.extensions.extended_key_usage;
    usage.is_none_or(|usage| {
        let mut forbidden = FORBIDDEN_PURPOSES.iter();
        !forbidden.any(|purpose| usage.contains(purpose))
    })
}

fn has_usage_of_server(c: &ProfileSubject<'_>) -> bool {
    let Some(usage) = c.extensions.key_usage else {
        return true;
    };
    let is_ec = c.certificate().public_key().algorithm().oid() == oid::algorithms::EC_PUBLIC_KEY;
    let (required, allowed) = if is_ec {
        let agreement = KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_AGREEMENT;
        (KeyUsage::DIGITAL_SIGNATURE, agreement)
    } else {
        let encipherment = KeyUsage::KEY_ENCIPHERMENT | KeyUsage::DATA_ENCIPHERMENT;
        (
            KeyUsage::default(),
            KeyUsage::DIGITAL_SIGNATURE | encipherment,
        )
    };
    usage.contains(required) && allowed.contains(usage)
}

fn has_names_of_server(c: &ProfileSubject<'_>) -> bool {
    let unreadable = c.extensions.subject_alt_name.is_none() && c.has(Kind::SubjectAltName);
    let of_server = |name| matches!(name, GeneralName::Dns(_) | GeneralName::Ip(_));
    let names = c.alternative_names();
    unreadable || names.is_some_and(|names| !names.is_empty() && names.iter().all(of_server))
}

/// Hyphens in the third and fourth place (RFC 5890 section 2.3.1), of which only `xn--` has a
/// meaning.
fn is_reserved_label(label: &str) -> bool {
    let hyphens = label.get(2..4) == Some("--");
    let punycode = label.get(..2).is_some_and(|p| p.eq_ignore_ascii_case("xn"));
    hyphens && !(punycode && label.len() > 4)
}

fn is_http_list(point: &DistributionPoint<'_>) -> bool {
    let Some(DistributionPointName::FullName(names)) = point.name else {
        return false;
    };
    point.reasons.is_none() && point.crl_issuer.is_none() && names.iter().all(is_http)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::super::testing::*;
    use super::*;
    use crate::certificate::testing::{common_name, sequence, tlv};
    use crate::path::options::Purpose;
    use crate::path::{IssuerRequirement, Profile};

    fn leaf_breaks(sample: &Sample) -> Vec<IssuerRequirement> {
        sample.broken(Profile::WebPki, Role::Leaf)
    }

    fn ca_breaks(sample: &Sample) -> Vec<IssuerRequirement> {
        sample.broken(Profile::WebPki, Role::Intermediate)
    }

    fn anchor_breaks(sample: &Sample) -> Vec<IssuerRequirement> {
        sample.broken(Profile::WebPki, Role::Anchor)
    }

    fn purpose(arcs: &[u8]) -> Vec<u8> {
        tlv(6, arcs)
    }

    #[test]
    fn version_1_is_refused() {
        let root = Sample::root().bare();
        let expected = [
            IssuerRequirement::Version3,
            IssuerRequirement::PublicCaKeyUsage,
        ];
        assert_eq!(anchor_breaks(&root), expected);
    }

    #[test]
    fn a_root_names_its_own_key_or_none() {
        let with = |fields: &[Vec<u8>]| Sample::root().with(AKI, false, &sequence(fields));
        let (own, other) = (tlv(0x80, &[2]), tlv(0x80, &[3]));
        assert_eq!(anchor_breaks(&with(core::slice::from_ref(&own))), []);
        let expected = [IssuerRequirement::RootAuthorityKeyIdentifier];
        assert_eq!(anchor_breaks(&with(&[other])), expected);
        let issuer = tlv(0xa1, &tlv(0xa4, &common_name("subject")));
        let serial = tlv(0x82, &[1]);
        let all = with(&[own, issuer.clone(), serial.clone()]);
        assert_eq!(
            anchor_breaks(&all),
            [IssuerRequirement::AuthorityKeyIdentifierAlone]
        );
        let no_key = with(&[issuer, serial]);
        let expected = [
            IssuerRequirement::RootAuthorityKeyIdentifier,
            IssuerRequirement::AuthorityKeyIdentifierAlone,
        ];
        assert_eq!(anchor_breaks(&no_key), expected);
        // An anchor that another CA issued is no root.
        assert_eq!(anchor_breaks(&Sample::ca()), []);
    }

    #[test]
    fn only_a_root_has_no_purposes() {
        let value = tlv(0x30, &SERVER_AUTH);
        let root = Sample::root().with(EKU, false, &value);
        assert_eq!(
            anchor_breaks(&root),
            [IssuerRequirement::RootWithoutExtendedKeyUsage]
        );
        let ca = Sample::ca().with(EKU, false, &value);
        assert_eq!(ca_breaks(&ca), []);
        assert_eq!(anchor_breaks(&ca), []);
        let critical = Sample::ca().with(EKU, true, &value);
        assert_eq!(
            ca_breaks(&critical),
            [IssuerRequirement::ExtendedKeyUsageNotCritical]
        );
    }

    #[test]
    fn every_ca_says_what_its_key_may_do() {
        let root = Sample::root().without(KEY_USAGE);
        assert_eq!(anchor_breaks(&root), [IssuerRequirement::PublicCaKeyUsage]);
        let ca = Sample::ca().without(KEY_USAGE);
        assert_eq!(ca_breaks(&ca), [IssuerRequirement::CaKeyUsage]);
    }

    #[test]
    fn issuers_are_accessed_by_http() {
        let access = |method: u8, location: Vec<u8>| {
            let method = tlv(6, &[0x2b, 6, 1, 5, 5, 7, 48, method]);
            let value = sequence(&[sequence(&[method, location])]);
            Sample::leaf().with_other(&ACCESS, false, &value)
        };
        assert_eq!(leaf_breaks(&access(1, tlv(0x86, b"HTTP://a.example"))), []);
        assert_eq!(leaf_breaks(&access(2, tlv(0x86, b"http://a.example"))), []);
        let expected = [IssuerRequirement::AccessByHttp];
        for wrong in [
            access(2, tlv(0x86, b"ldap://a.example")),
            access(2, tlv(0x86, b"http")),
            access(2, tlv(0x82, b"a.example")),
            access(3, tlv(0x86, b"http://a.example")),
        ] {
            assert_eq!(leaf_breaks(&wrong), expected);
        }
    }

    #[test]
    fn algorithms_have_the_parameters_of_old() {
        let null = tlv(5, &[]);
        let identifier =
            |arcs: &[u8], parameters: &[Vec<u8>]| sequence(&[&[tlv(6, arcs)], parameters].concat());
        let signed = |algorithm: Vec<u8>| {
            Sample::leaf().edit(|parts| {
                parts.inner_algorithm = algorithm.clone();
                parts.outer_algorithm = algorithm;
            })
        };
        let rsa = [&PKCS1[..], &[11]].concat();
        let ecdsa = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
        let sound = [
            identifier(&rsa, core::slice::from_ref(&null)),
            identifier(&ecdsa, &[]),
        ];
        for algorithm in sound {
            assert_eq!(leaf_breaks(&signed(algorithm)), []);
        }
        let with_null = identifier(&ecdsa, core::slice::from_ref(&null));
        let odd = [
            (
                identifier(&rsa, &[]),
                IssuerRequirement::AlgorithmParameters,
            ),
            (with_null, IssuerRequirement::EcdsaWithoutParameters),
        ];
        for (algorithm, broken) in odd {
            assert_eq!(leaf_breaks(&signed(algorithm.clone())), [broken]);
            let mut root = Sample::root();
            root.parts.inner_algorithm = algorithm.clone();
            root.parts.outer_algorithm = algorithm;
            assert_eq!(anchor_breaks(&root), []);
        }
        let key = identifier(&[&PKCS1[..], &[1]].concat(), &[]);
        let key = Sample::leaf().edit(|parts| {
            parts.spki = sequence(&[key, tlv(3, &[0, 1])]);
        });
        assert_eq!(leaf_breaks(&key), [IssuerRequirement::AlgorithmParameters]);
    }

    #[test]
    fn a_leaf_is_for_servers() {
        let without = Sample::leaf().without(EKU);
        assert_eq!(
            leaf_breaks(&without),
            [IssuerRequirement::LeafExtendedKeyUsage]
        );
        let with = |purposes: &[Vec<u8>]| Sample::leaf().with(EKU, false, &sequence(purposes));
        let server = SERVER_AUTH.to_vec();
        let client = purpose(&[0x2b, 6, 1, 5, 5, 7, 3, 2]);
        assert_eq!(leaf_breaks(&with(&[server.clone(), client.clone()])), []);
        let of_client = with(&[client]);
        assert_eq!(leaf_breaks(&of_client), [IssuerRequirement::LeafServerAuth]);
        let asked = of_client.asked_for(Purpose::ClientAuth);
        assert_eq!(leaf_breaks(&asked), []);
        for forbidden in FORBIDDEN_PURPOSES {
            let both = with(&[server.clone(), purpose(forbidden.as_bytes())]);
            assert_eq!(
                leaf_breaks(&both),
                [IssuerRequirement::LeafPurposes],
                "{forbidden}"
            );
        }
    }

    #[test]
    fn a_leaf_is_no_ca() {
        let ca = Sample::leaf()
            .with(BASIC, true, &CA)
            .with(SKI, false, &[4, 1, 2]);
        assert_eq!(leaf_breaks(&ca), [IssuerRequirement::LeafNotCa]);
        let no_ca = Sample::leaf().with(BASIC, true, &sequence(&[]));
        assert_eq!(leaf_breaks(&no_ca), []);
    }

    #[test]
    fn a_leafs_key_usage_suits_its_key() {
        let curve = tlv(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
        let ec = sequence(&[
            sequence(&[tlv(6, oid::algorithms::EC_PUBLIC_KEY.as_bytes()), curve]),
            tlv(3, &[0, 4]),
        ]);
        let of_ec = |usage: &[u8]| {
            let ec = ec.clone();
            Sample::leaf()
                .with(KEY_USAGE, true, usage)
                .edit(|parts| parts.spki = ec)
        };
        let of_rsa = |usage: &[u8]| Sample::leaf().with(KEY_USAGE, true, usage);
        let (signature, encipherment, agreement) =
            ([3, 2, 7, 0x80], [3, 2, 5, 0x20], [3, 2, 3, 0x88]);
        let (non_repudiation, lists) = ([3, 2, 6, 0xc0], [3, 2, 1, 0x82]);
        let expected = [IssuerRequirement::LeafKeyUsage];
        assert_eq!(leaf_breaks(&of_ec(&signature)), []);
        assert_eq!(leaf_breaks(&of_rsa(&signature)), []);
        assert_eq!(leaf_breaks(&of_ec(&encipherment)), expected);
        assert_eq!(leaf_breaks(&of_rsa(&encipherment)), []);
        assert_eq!(leaf_breaks(&of_ec(&agreement)), []);
        assert_eq!(leaf_breaks(&of_rsa(&agreement)), expected);
        for usage in [non_repudiation, lists] {
            assert_eq!(leaf_breaks(&of_ec(&usage)), expected);
            assert_eq!(leaf_breaks(&of_rsa(&usage)), expected);
        }
    }

    #[test]
    fn a_leaf_has_names_of_servers() {
        let host = || tlv(0x82, b"example.com");
        let missing = Sample::leaf().without(SAN);
        let broken = leaf_breaks(&missing);
        assert!(broken.contains(&IssuerRequirement::LeafAlternativeNames));
        let mail = Sample::leaf().with_san(&[host(), tlv(0x81, b"a@example.com")]);
        assert_eq!(
            leaf_breaks(&mail),
            [IssuerRequirement::LeafAlternativeNames]
        );
        let address = Sample::leaf().with_san(&[host(), tlv(0x87, &[192, 0, 2, 1])]);
        assert_eq!(leaf_breaks(&address), []);
        let critical = Sample::leaf().with(SAN, true, &sequence(&[host()]));
        let expected = [IssuerRequirement::LeafAlternativeNamesNotCritical];
        assert_eq!(leaf_breaks(&critical), expected);
        let nameless = critical.edit(|parts| parts.subject = sequence(&[]));
        assert_eq!(leaf_breaks(&nameless), []);
    }

    #[test]
    fn labels_with_two_hyphens_are_a_labels() {
        for (name, is_sound) in [
            ("xn--bcher-kva.example.com", true),
            ("XN--bcher-kva.example.com", true),
            ("a-b.example.com", true),
            ("a--b.example.com", true),
            ("ab--c.example.com", false),
            ("xn--.example.com", false),
        ] {
            let names = [tlv(0x82, b"example.com"), tlv(0x82, name.as_bytes())];
            let broken = leaf_breaks(&Sample::leaf().with_san(&names));
            let refused = broken.contains(&IssuerRequirement::LeafDnsLabels)
                || broken == [IssuerRequirement::DnsNameSyntax];
            assert_eq!(refused, !is_sound, "{name}: {broken:?}");
        }
    }

    #[test]
    fn a_wildcard_does_not_speak_for_a_public_suffix() {
        let with = |name: &[u8]| {
            let names = [tlv(0x82, b"example.com"), tlv(0x82, name)];
            leaf_breaks(&Sample::leaf().with_san(&names))
        };
        assert_eq!(with(b"*.example.org"), []);
        assert_eq!(with(b"*.com"), [IssuerRequirement::LeafWildcards]);
        assert_eq!(with(b"*"), [IssuerRequirement::DnsNameSyntax]);
        let known = cfg!(feature = "public-suffix");
        assert_eq!(with(b"*.co.uk").is_empty(), !known);
    }

    #[test]
    fn a_common_name_is_one_of_the_names() {
        let named = |name: Vec<u8>| Sample::leaf().edit(|parts| parts.subject = name);
        let other = named(common_name("other.example"));
        assert_eq!(leaf_breaks(&other), [IssuerRequirement::LeafCommonName]);
        let attribute = |tag: u8| {
            let attribute = sequence(&[tlv(6, &[0x55, 4, 3]), tlv(tag, b"example.com")]);
            tlv(0x31, &attribute)
        };
        let twice = named(sequence(&[attribute(0x0c), attribute(0x0c)]));
        assert_eq!(leaf_breaks(&twice), [IssuerRequirement::LeafCommonName]);
        let printable = named(sequence(&[attribute(0x13)]));
        assert_eq!(leaf_breaks(&printable), []);
        let teletex = named(sequence(&[attribute(0x14)]));
        let expected = [
            IssuerRequirement::LeafCommonName,
            IssuerRequirement::LeafNameAttributes,
        ];
        assert_eq!(leaf_breaks(&teletex), expected);
        assert_eq!(ca_breaks(&Sample::ca()), []);
    }

    #[test]
    fn a_leaf_names_no_any_policy_and_lists_by_http() {
        let any = sequence(&[tlv(6, oid::ANY_POLICY.as_bytes())]);
        let any = sequence(&[any]);
        let policies = Sample::leaf().with(POLICIES, false, &any);
        assert_eq!(leaf_breaks(&policies), [IssuerRequirement::LeafPolicies]);
        let ca = Sample::ca().with(POLICIES, false, &any);
        assert_eq!(ca_breaks(&ca), []);
        let point = |uri: &[u8], more: &[Vec<u8>]| {
            let name = tlv(0xa0, &tlv(0xa0, &tlv(0x86, uri)));
            let value = sequence(&[sequence(&[&[name], more].concat())]);
            leaf_breaks(&Sample::leaf().with(CRL_POINTS, false, &value))
        };
        assert_eq!(point(b"http://a.example/crl", &[]), []);
        let expected = [IssuerRequirement::LeafDistributionPoints];
        assert_eq!(point(b"ldap://a.example/crl", &[]), expected);
        let reasons = [tlv(0x81, &[6, 0x40])];
        assert_eq!(point(b"http://a.example/crl", &reasons), expected);
    }
}

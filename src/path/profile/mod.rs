//! Profiles: which duties of issuers are insisted on.
//!
//! Path validation asks what a relying party must know to be safe; a profile asks whether issuers
//! did what their rules oblige them to. Each duty is a row of a table (the duty, and a function
//! that says whether a certificate keeps it), and every certificate of a path is held against each
//! row. A bare anchor has no certificate, and so no duties.

mod alternative_names;
mod attributes;
mod common_name;
mod public_suffix;
mod rfc5280;
mod subject;
#[cfg(test)]
mod testing;
mod web_pki;

pub(crate) use super::duty::Duty;

use self::subject::{ProfileSubject, Row};
use super::certificate::CertificateCheck;
use super::fault::{Fault, Findings, Rule};
use crate::certificate::extensions::DecodedExtensions;

/// Which duties of issuers are insisted on.
///
/// What each adds; duties are held against every certificate of a path, that of the anchor
/// included, unless the row says otherwise. Serial numbers of anchors are not looked at, nor is
/// what a CA of version 1 cannot have. What these profiles do not ask is said at the head of their
/// files: SHOULDs, periods, what has to be looked up.
///
/// | no. | duty | `Rfc5280` | `WebPki` | section |
/// |---|---|---|---|---|
/// | 1 | [`PositiveSerialNumber`](Duty::PositiveSerialNumber): the serial number is above zero | yes | yes | RFC 5280 section 4.1.2.2 |
/// | 2 | [`ShortSerialNumber`](Duty::ShortSerialNumber): the serial number has at most 20 octets | yes | yes | RFC 5280 section 4.1.2.2 |
/// | 3 | [`IssuerName`](Duty::IssuerName): the issuer has a name | yes | yes | RFC 5280 section 4.1.2.4 |
/// | 4 | [`NameAttributes`](Duty::NameAttributes): each attribute of subject and issuer has a string type, alphabet and length of its type | yes | yes | RFC 5280 section 4.1.2.4 and appendix A.1 |
/// | 5 | [`DateEncoding`](Duty::DateEncoding): a date before 2050 is a UTCTime | yes | yes | RFC 5280 section 4.1.2.5 |
/// | 6 | [`CaSubjectName`](Duty::CaSubjectName): the subject of a CA or of a signer of CRLs has a name | yes | yes | RFC 5280 section 4.1.2.6 |
/// | 7 | [`NoUniqueIdentifiers`](Duty::NoUniqueIdentifiers): there are no unique identifiers | yes | yes | RFC 5280 section 4.1.2.8 |
/// | 8 | [`AuthorityKeyIdentifier`](Duty::AuthorityKeyIdentifier): the issuer's key is named, unless the certificate is signed by its own key | yes | yes | RFC 5280 section 4.2.1.1 |
/// | 9 | [`AuthorityKeyIdentifierPaired`](Duty::AuthorityKeyIdentifierPaired): issuer and serial number in authorityKeyIdentifier are both there or both absent | yes | yes | RFC 5280 appendix A.2 |
/// | 10 | [`AuthorityKeyIdentifierNotCritical`](Duty::AuthorityKeyIdentifierNotCritical): authorityKeyIdentifier is not critical | yes | yes | RFC 5280 section 4.2.1.1 |
/// | 11 | [`SubjectKeyIdentifier`](Duty::SubjectKeyIdentifier): the key of a CA has a name | yes | yes | RFC 5280 section 4.2.1.2 |
/// | 12 | [`SubjectKeyIdentifierNotCritical`](Duty::SubjectKeyIdentifierNotCritical): subjectKeyIdentifier is not critical | yes | yes | RFC 5280 section 4.2.1.2 |
/// | 13 | [`CaKeyUsage`](Duty::CaKeyUsage): an intermediate says what its key may do | yes | yes | RFC 5280 section 4.2.1.3 |
/// | 14 | [`KeyUsageNotEmpty`](Duty::KeyUsageNotEmpty): keyUsage names at least one usage | yes | yes | RFC 5280 section 4.2.1.3 |
/// | 15 | [`KeyCertSignOfCaOnly`](Duty::KeyCertSignOfCaOnly): only a CA may sign certificates | yes | yes | RFC 5280 section 4.2.1.9 |
/// | 16 | [`PoliciesNotEmpty`](Duty::PoliciesNotEmpty): certificatePolicies and policyMappings name at least one policy | yes | yes | RFC 5280 sections 4.2.1.4 and 4.2.1.5 |
/// | 17 | [`NamedHolder`](Duty::NamedHolder): a certificate whose subject has no name has alternative names, and they are critical | yes | yes | RFC 5280 section 4.2.1.6 |
/// | 18 | [`AlternativeNamesNotEmpty`](Duty::AlternativeNamesNotEmpty): alternative names are not empty: neither their list nor a name in it | yes | yes | RFC 5280 section 4.2.1.6 |
/// | 19 | [`DnsNameSyntax`](Duty::DnsNameSyntax): a dNSName is a host name, or a wildcard for a whole leftmost label | yes | yes | RFC 5280 section 4.2.1.6 |
/// | 20 | [`MailboxSyntax`](Duty::MailboxSyntax): an rfc822Name is a mailbox | yes | yes | RFC 5280 section 4.2.1.6 |
/// | 21 | [`UriSyntax`](Duty::UriSyntax): a URI among the alternative names is absolute and its authority, if any, has a host | yes | yes | RFC 5280 section 4.2.1.6 |
/// | 22 | [`CaBasicConstraints`](Duty::CaBasicConstraints): a CA says that it is one | yes | yes | RFC 5280 section 4.2.1.9 |
/// | 23 | [`CaBasicConstraintsCritical`](Duty::CaBasicConstraintsCritical): basicConstraints of a CA is critical | yes | yes | RFC 5280 section 4.2.1.9 |
/// | 24 | [`PathLengthOfCaOnly`](Duty::PathLengthOfCaOnly): only a CA that may sign certificates limits the length of paths | yes | yes | RFC 5280 section 4.2.1.9 |
/// | 25 | [`NameConstraintsOfCaOnly`](Duty::NameConstraintsOfCaOnly): only a CA constrains names | yes | yes | RFC 5280 section 4.2.1.10 |
/// | 26 | [`NameConstraintsCritical`](Duty::NameConstraintsCritical): nameConstraints is critical | yes |  | RFC 5280 section 4.2.1.10 |
/// | 27 | [`NameConstraintsNotEmpty`](Duty::NameConstraintsNotEmpty): nameConstraints has subtrees, and no list of them is empty | yes | yes | RFC 5280 section 4.2.1.10 |
/// | 28 | [`NameConstraintsWholeSubtrees`](Duty::NameConstraintsWholeSubtrees): subtrees have no minimum and no maximum | yes | yes | RFC 5280 section 4.2.1.10 |
/// | 29 | [`NameConstraintsSyntax`](Duty::NameConstraintsSyntax): constraints on DNS names, mailboxes, URIs and addresses have the form that names are compared with | yes | yes | RFC 5280 section 4.2.1.10 |
/// | 30 | [`PolicyConstraintsCritical`](Duty::PolicyConstraintsCritical): policyConstraints is critical | yes | yes | RFC 5280 section 4.2.1.11 |
/// | 31 | [`PolicyConstraintsNotEmpty`](Duty::PolicyConstraintsNotEmpty): policyConstraints has at least one field | yes | yes | RFC 5280 section 4.2.1.11 |
/// | 32 | [`ExtendedKeyUsageNotEmpty`](Duty::ExtendedKeyUsageNotEmpty): extKeyUsage names at least one purpose | yes | yes | RFC 5280 section 4.2.1.12 |
/// | 33 | [`DistributionPoints`](Duty::DistributionPoints): distribution points of CRLs say where the list is or who issues it | yes | yes | RFC 5280 section 4.2.1.13 |
/// | 34 | [`InhibitAnyPolicyCritical`](Duty::InhibitAnyPolicyCritical): inhibitAnyPolicy is critical | yes | yes | RFC 5280 section 4.2.1.14 |
/// | 35 | [`FreshestCrlNotCritical`](Duty::FreshestCrlNotCritical): freshestCRL is not critical | yes | yes | RFC 5280 section 4.2.1.15 |
/// | 36 | [`AuthorityInfoAccessNotEmpty`](Duty::AuthorityInfoAccessNotEmpty): authorityInfoAccess names at least one place | yes | yes | RFC 5280 section 4.2.2.1 |
/// | 37 | [`AuthorityInfoAccessNotCritical`](Duty::AuthorityInfoAccessNotCritical): authorityInfoAccess is not critical | yes | yes | RFC 5280 section 4.2.2.1 |
/// | 38 | [`AnyPolicyNotMapped`](Duty::AnyPolicyNotMapped): no policy is mapped to anyPolicy or from it | yes | yes | RFC 5280 section 4.2.1.5 |
/// | 39 | [`DistinguishedValues`](Duty::DistinguishedValues): extensions, basicConstraints and keyUsage are DER to the last bit: no `critical FALSE`, no `cA FALSE`, no trailing zero bits | yes | yes | RFC 5280 section 4.2 and appendix B |
/// | 40 | [`EcdsaWithoutParameters`](Duty::EcdsaWithoutParameters): the algorithm of an ECDSA signature has no parameters, not even NULL | yes | yes | RFC 5758 section 3.2 |
/// | 101 | [`Version3`](Duty::Version3): the version is 3 |  | yes | BR section 7.1.1 |
/// | 102 | [`RootAuthorityKeyIdentifier`](Duty::RootAuthorityKeyIdentifier): a root that names its issuer's key names its own |  | yes | BR section 7.1.2.1.3 |
/// | 103 | [`RootWithoutExtendedKeyUsage`](Duty::RootWithoutExtendedKeyUsage): a root has no extKeyUsage |  | yes | BR section 7.1.2.1.2 |
/// | 104 | [`PublicCaKeyUsage`](Duty::PublicCaKeyUsage): a CA, an anchor's certificate included, says what its key may do |  | yes | BR section 7.1.2.10.7 |
/// | 105 | [`AuthorityKeyIdentifierAlone`](Duty::AuthorityKeyIdentifierAlone): authorityKeyIdentifier is a key identifier and nothing else |  | yes | BR section 7.1.2.11.1 |
/// | 106 | [`ExtendedKeyUsageNotCritical`](Duty::ExtendedKeyUsageNotCritical): extKeyUsage is not critical |  | yes | BR section 7.1.2.7.6 |
/// | 107 | [`AccessByHttp`](Duty::AccessByHttp): authorityInfoAccess leads to OCSP responders and issuers' certificates, by HTTP |  | yes | BR sections 7.1.2.7.7 and 7.1.2.10.3 |
/// | 108 | [`AlgorithmParameters`](Duty::AlgorithmParameters): algorithm identifiers of RSA have NULL parameters |  | yes | BR section 7.1.3 |
/// | 109 | [`LeafExtendedKeyUsage`](Duty::LeafExtendedKeyUsage): a leaf says what it is for |  | yes | BR section 7.1.2.7.6 |
/// | 110 | [`LeafServerAuth`](Duty::LeafServerAuth): a leaf is for servers; where the caller asks for another purpose, that one decides |  | yes | BR section 7.1.2.7.10 |
/// | 111 | [`LeafPurposes`](Duty::LeafPurposes): a leaf is not for any purpose, code, e-mail, time stamps, OCSP responses or precertificates |  | yes | BR section 7.1.2.7.10 |
/// | 112 | [`LeafNotCa`](Duty::LeafNotCa): a leaf is no CA |  | yes | BR section 7.1.2.7.8 |
/// | 113 | [`LeafKeyUsage`](Duty::LeafKeyUsage): a leaf's keyUsage, if there is one, suits a server and its type of key |  | yes | BR section 7.1.2.7.11 |
/// | 114 | [`LeafAlternativeNames`](Duty::LeafAlternativeNames): a leaf has alternative names, dNSNames and iPAddresses only |  | yes | BR section 7.1.2.7.12 |
/// | 115 | [`LeafAlternativeNamesNotCritical`](Duty::LeafAlternativeNamesNotCritical): alternative names of a leaf are not critical where its subject has a name |  | yes | BR section 7.1.2.7.12 |
/// | 116 | [`LeafDnsLabels`](Duty::LeafDnsLabels): a label with hyphens in its third and fourth place is an A-label |  | yes | BR section 7.1.2.7.12 |
/// | 117 | [`LeafWildcards`](Duty::LeafWildcards): a wildcard does not stand directly below a public suffix |  | yes | BR section 3.2.2.6 |
/// | 118 | [`LeafCommonName`](Duty::LeafCommonName): the common name, if there is one, repeats an alternative name, character by character |  | yes | BR section 7.1.4.3 |
/// | 119 | [`LeafNameAttributes`](Duty::LeafNameAttributes): attributes of a leaf's subject are PrintableStrings or UTF8Strings where the RFC leaves the choice |  | yes | BR section 7.1.4.2 |
/// | 120 | [`LeafPolicies`](Duty::LeafPolicies): a leaf does not name anyPolicy |  | yes | BR section 7.1.2.7.9 |
/// | 121 | [`LeafDistributionPoints`](Duty::LeafDistributionPoints): CRLs of a leaf are to be had by HTTP, for all reasons, from its own issuer |  | yes | BR section 7.1.2.11.2 |
///
/// [`Profile::WebPki`] also sets [`AlgorithmPolicy::web_pki`](crate::AlgorithmPolicy::web_pki)
/// unless the caller chose another policy. Public suffixes are known with the feature
/// `public-suffix`; without it only a wildcard directly below a single label (`*.com`) is refused.
///
/// [`Profile::Rfc5280`] also passes over CRLs without a crlNumber, or with a critical one (section
/// 5.2.3).
///
/// # What the default lets pass
///
/// Of the 200 cases of [x509-limbo](https://github.com/C2SP/x509-limbo) without CRLs, each held against the profile that it
/// is written for, all 200 come out as they should. [`Profile::Default`] agrees with 149 and
/// accepts the other 51; it rejects none that is valid.
///
/// | accepted | cases | why |
/// |---|---|---|
/// | key identifiers missing or critical | 7 | they help to find an issuer and prove nothing |
/// | nameConstraints or policyConstraints not critical | 2 | they are enforced all the same |
/// | a constraint on DNS names with a leading dot | 1 | issuers write it, and mean all names below |
/// | nameConstraints in a leaf | 2 | it issues nothing that they could constrain |
/// | empty nameConstraints | 2 | they constrain nothing |
/// | alternative names not critical without subject, or critical with one | 2 | they are read all the same |
/// | an underscore in a dNSName | 1 | private networks use it |
/// | a serial number that is zero or too long | 2 | section 4.1.2.2 asks users of certificates to cope |
/// | a CA without a subject | 1 | the empty name chains like any other |
/// | an anchor without basicConstraints | 1 | it is a CA because the caller says so |
/// | basicConstraints that is not critical | 1 | it is read all the same; the PKITS suite demands it |
/// | keyCertSign in a leaf that is no CA | 1 | it issues nothing on this path |
/// | a critical authorityInfoAccess | 1 | it is known |
/// | an authorityKeyIdentifier of a root that is not its own | 5 | a root has no issuer to look for |
/// | a common name that is no alternative name | 9 | nobody is recognised by a common name |
/// | a leaf whose extKeyUsage is absent, critical, or has the any-purpose beside the one asked for | 3 | RFC 5280 allows all three |
/// | a root with extKeyUsage | 1 | it has what was asked for |
/// | a wildcard below a public suffix | 3 | private networks have suffixes of their own |
/// | DSA | 2 | only where the caller allows it and brings a provider |
/// | an RSA modulus of 2,052 bits | 2 | it is long enough |
/// | a CA where a leaf should stand | 2 | RFC 5280 does not mind |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// What careful servers accept in practice: no duties.
    #[default]
    Default = 0,
    /// The duties of RFC 5280 section 4 too.
    Rfc5280 = 1,
    /// The CA/Browser Forum's Baseline Requirements too.
    WebPki = 2,
}

impl Profile {
    fn duties(self) -> &'static [&'static [Row]] {
        match self {
            Self::Default => &[],
            Self::Rfc5280 => &[rfc5280::DUTIES, rfc5280::LIFTED_BY_BASELINE_REQUIREMENTS],
            Self::WebPki => &[rfc5280::DUTIES, web_pki::DUTIES],
        }
    }

    fn leaf_duties(self) -> &'static [Row] {
        match self {
            Self::WebPki => web_pki::LEAF_DUTIES,
            _ => &[],
        }
    }
}

/// Holds a certificate against the duties of the profile.
pub(super) fn check(
    check: &CertificateCheck<'_>,
    extensions: &DecodedExtensions<'_>,
    findings: &mut impl Findings,
) -> Result<(), Fault> {
    let profile = check.options.profile;
    let subject = ProfileSubject { check, extensions };
    let of_leaves = if subject.is_leaf() {
        profile.leaf_duties()
    } else {
        &[]
    };
    for (duty, is_kept) in profile.duties().iter().copied().flatten().chain(of_leaves) {
        if !is_kept(&subject) {
            check.note(findings, Rule::Duty(*duty))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::testing::Sample;
    use super::*;
    use crate::certificate::testing::tlv;
    use crate::path::certificate::Role;

    fn insists(profile: Profile, duty: Duty) -> bool {
        let mut rows = profile.duties().iter().copied().flatten();
        let mut of_leaves = profile.leaf_duties().iter();
        rows.any(|row| row.0 == duty) || of_leaves.any(|row| row.0 == duty)
    }

    #[test]
    fn the_table_in_the_docs_is_the_table_in_the_code() {
        let mark = |yes| if yes { "yes" } else { "" };
        let source = include_str!("mod.rs");
        let documented: Vec<Vec<&str>> = source
            .lines()
            .filter(|line| line.contains("](Duty::"))
            .filter_map(|line| line.strip_prefix("/// | ")?.strip_suffix(" |"))
            .map(|line| line.split(" | ").map(str::trim).collect())
            .collect();
        assert_eq!(documented.len(), Duty::ALL.len());
        for (row, duty) in documented.iter().zip(Duty::ALL) {
            let number: String = format!("{}", duty.number());
            let link = format!("[`{duty:?}`](Duty::{duty:?}): ");
            let section = duty.section().trim_start_matches("CA/Browser Forum ");
            assert_eq!(row[0], number);
            assert!(row[1].starts_with(&link), "{row:?}");
            assert_eq!(row[2], mark(insists(Profile::Rfc5280, *duty)), "{duty:?}");
            assert_eq!(row[3], mark(insists(Profile::WebPki, *duty)), "{duty:?}");
            assert_eq!(row[4], section);
            assert!(!insists(Profile::Default, *duty));
        }
    }

    #[test]
    fn no_duty_stands_in_two_rows() {
        for profile in [Profile::Rfc5280, Profile::WebPki] {
            let rows = profile.duties().iter().copied().flatten();
            let mut numbers: Vec<u16> = rows
                .chain(profile.leaf_duties())
                .map(|row| row.0.number())
                .collect();
            numbers.sort_unstable();
            assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn sound_certificates_keep_every_duty() {
        for profile in [Profile::Default, Profile::Rfc5280, Profile::WebPki] {
            assert_eq!(Sample::leaf().broken(profile, Role::Leaf), []);
            assert_eq!(Sample::ca().broken(profile, Role::Intermediate), []);
            assert_eq!(Sample::ca().broken(profile, Role::Anchor), []);
            assert_eq!(Sample::root().broken(profile, Role::Anchor), []);
        }
    }

    proptest! {
        #[test]
        fn no_extension_makes_a_duty_panic(
            arc in 14u8..=54,
            critical in any::<bool>(),
            tag in prop_oneof![Just(0x30u8), Just(0x03), Just(0x04), Just(0x02)],
            content in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let value = tlv(tag, &content);
            for role in [Role::Leaf, Role::Intermediate, Role::Anchor] {
                let sample = Sample::leaf().with(arc, critical, &value);
                let rfc = sample.broken(Profile::Rfc5280, role);
                let web = sample.broken(Profile::WebPki, role);
                let lifted = |duty: &Duty| *duty == Duty::NameConstraintsCritical;
                prop_assert!(rfc.iter().all(|duty| web.contains(duty) || lifted(duty)));
            }
        }

        #[test]
        fn no_name_makes_a_duty_panic(kind in 0u8..9, text in "[ -~]{0,40}") {
            let name = tlv(0x80 | kind, text.as_bytes());
            let sample = Sample::leaf().with_san(&[name]);
            let rfc = sample.broken(Profile::Rfc5280, Role::Leaf);
            prop_assert!(rfc.len() <= 2, "{:?}", rfc);
        }
    }

    #[test]
    fn the_default_asks_for_nothing() {
        let bare = Sample::leaf().bare();
        assert_eq!(bare.broken(Profile::Default, Role::Leaf), []);
        assert!(!bare.broken(Profile::Rfc5280, Role::Leaf).is_empty());
    }
}

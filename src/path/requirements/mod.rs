//! The requirements on issuers that a profile insists on.
//!
//! Path validation asks what a relying party must know to be safe; a profile asks whether issuers
//! did what their rules oblige them to. Each requirement is a row of a table (the requirement, and
//! a function that says whether a certificate keeps it), and every certificate of a path is held
//! against each row. A bare anchor has no certificate, and so no requirements.

mod alternative_names;
mod attributes;
mod common_name;
mod public_suffix;
mod rfc5280;
mod subject;
#[cfg(test)]
mod testing;
mod web_pki;

use self::subject::{ProfileSubject, Row};
use super::checked_certificate::CertificateCheck;
use super::profile::Profile;
use super::violation::{Findings, Rule, Violation};
use crate::certificate::extensions::DecodedExtensions;

/// The requirements of a profile on every certificate.
fn of_all(profile: Profile) -> &'static [&'static [Row]] {
    match profile {
        Profile::Default => &[],
        Profile::Rfc5280 => &[
            rfc5280::REQUIREMENTS,
            rfc5280::LIFTED_BY_BASELINE_REQUIREMENTS,
        ],
        Profile::WebPki => &[rfc5280::REQUIREMENTS, web_pki::REQUIREMENTS],
    }
}

/// The requirements of a profile on leaves.
fn of_leaf(profile: Profile) -> &'static [Row] {
    match profile {
        Profile::WebPki => web_pki::LEAF_REQUIREMENTS,
        _ => &[],
    }
}

/// Holds a certificate against the requirements of the profile.
pub(super) fn check(
    check: &CertificateCheck<'_>,
    extensions: &DecodedExtensions<'_>,
    findings: &mut impl Findings,
) -> Result<(), Violation> {
    let profile = check.options.profile;
    let subject = ProfileSubject { check, extensions };
    let of_leaves = if subject.is_leaf() {
        of_leaf(profile)
    } else {
        &[]
    };
    for (requirement, is_kept) in of_all(profile).iter().copied().flatten().chain(of_leaves) {
        if !is_kept(&subject) {
            check.note(findings, Rule::IssuerRequirement(*requirement))?;
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
    use crate::path::IssuerRequirement;
    use crate::path::checked_certificate::Role;

    fn insists(profile: Profile, requirement: IssuerRequirement) -> bool {
        let mut rows = of_all(profile).iter().copied().flatten();
        let mut of_leaves = of_leaf(profile).iter();
        rows.any(|row| row.0 == requirement) || of_leaves.any(|row| row.0 == requirement)
    }

    #[test]
    fn the_table_in_the_docs_is_the_table_in_the_code() {
        let mark = |yes| if yes { "yes" } else { "" };
        let source = include_str!("../profile.rs");
        let documented: Vec<Vec<&str>> = source
            .lines()
            .filter(|line| line.contains("](IssuerRequirement::"))
            .filter_map(|line| line.strip_prefix("/// | ")?.strip_suffix(" |"))
            .map(|line| line.split(" | ").map(str::trim).collect())
            .collect();
        assert_eq!(documented.len(), IssuerRequirement::ALL.len());
        for (row, requirement) in documented.iter().zip(IssuerRequirement::ALL) {
            let number: String = format!("{}", requirement.number());
            let link = format!("[`{requirement:?}`](IssuerRequirement::{requirement:?}): ");
            let section = requirement
                .section()
                .trim_start_matches("CA/Browser Forum ");
            assert_eq!(row[0], number);
            assert!(row[1].starts_with(&link), "{row:?}");
            assert_eq!(
                row[2],
                mark(insists(Profile::Rfc5280, *requirement)),
                "{requirement:?}"
            );
            assert_eq!(
                row[3],
                mark(insists(Profile::WebPki, *requirement)),
                "{requirement:?}"
            );
            assert_eq!(row[4], section);
            assert!(!insists(Profile::Default, *requirement));
        }
    }

    #[test]
    fn no_requirement_stands_in_two_rows() {
        for profile in [Profile::Rfc5280, Profile::WebPki] {
            let rows = of_all(profile).iter().copied().flatten();
            let mut numbers: Vec<u16> = rows
                .chain(of_leaf(profile))
                .map(|row| row.0.number())
                .collect();
            numbers.sort_unstable();
            assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn sound_certificates_keep_every_requirement() {
        for profile in [Profile::Default, Profile::Rfc5280, Profile::WebPki] {
            assert_eq!(Sample::leaf().broken(profile, Role::Leaf), []);
            assert_eq!(Sample::ca().broken(profile, Role::Intermediate), []);
            assert_eq!(Sample::ca().broken(profile, Role::Anchor), []);
            assert_eq!(Sample::root().broken(profile, Role::Anchor), []);
        }
    }

    proptest! {
        #[test]
        fn no_extension_makes_a_requirement_panic(
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
                let lifted = |requirement: &IssuerRequirement| *requirement == IssuerRequirement::NameConstraintsCritical;
                prop_assert!(rfc.iter().all(|requirement| web.contains(requirement) || lifted(requirement)));
            }
        }

        #[test]
        fn no_name_makes_a_requirement_panic(kind in 0u8..9, text in "[ -~]{0,40}") {
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

//! The byte form of an accepted verdict, for a store that several servers share.
//!
//! A record contains what the reader lacks: the issuers between leaf and anchor with their origins,
//! the index of the anchor, what was forgiven, and the revocation statuses. The reader has the leaf
//! with its expected names, and the validator has the anchors and options. The seal binds the
//! record to all of them.
//!
//! Only an [`Authentic`] record is read: one that the caller's key authenticates. So only code that
//! checked a path creates an accepted one, here or on another server. Each list follows its length.
//! A violation is written as the number of its rule, and only rules that can be forgiven have a
//! form. Bytes that cannot be decoded are an error.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::authentic::Authentic;
use super::prepared::PreparedOptions;
use super::verdict::Accepted;
use crate::certificate::Certificate;
use crate::path::{Origin, PeerName, Rule, Violation};
use crate::recorded::{Octets, Recorded};
use crate::revocation::{EvidenceUsed, RevocationStatus};

/// Appends a verdict. `None` if a part of it has no form.
pub(super) fn write(accepted: &Accepted, out: &mut Vec<u8>) -> Option<()> {
    write_list(accepted.issuers.as_slice(), out, write_issuer)?;
    // No store has so many anchors that the maximum is the index of one.
    accepted.anchor.unwrap_or(u32::MAX).write(out);
    write_list(&accepted.forgiven, out, write_violation)?;
    write_list(&accepted.revocation, out, write_status)
}

fn write_list<T>(
    list: &[T],
    out: &mut Vec<u8>,
    mut write: impl FnMut(&T, &mut Vec<u8>) -> Option<()>,
) -> Option<()> {
    out.push(u8::try_from(list.len()).ok()?);
    list.iter().try_for_each(|one| write(one, out))
}

fn write_issuer((certificate, origin): &(Certificate, Origin), out: &mut Vec<u8>) -> Option<()> {
    origin.write(out);
    u32::try_from(certificate.as_der().len()).ok()?.write(out);
    out.extend(certificate.as_der());
    Some(())
}

fn write_violation(violation: &Violation, out: &mut Vec<u8>) -> Option<()> {
    out.push(u8::try_from(violation.position).ok()?);
    violation.rule.write(out)
}

fn write_status(status: &Option<RevocationStatus>, out: &mut Vec<u8>) -> Option<()> {
    match status {
        None => out.push(0),
        Some(RevocationStatus::Good(used)) => {
            out.push(1);
            used.kind.write(out);
            used.this_update.write(out);
            used.until.write(out);
        }
        Some(RevocationStatus::Unknown(reason)) => {
            out.push(2);
            reason.write(out);
        }
        // A revoked certificate is not accepted.
        Some(RevocationStatus::Revoked(..)) => return None,
    }
    Some(())
}

/// Reads a verdict for this leaf with these expected names. `None` if the bytes are invalid.
pub(super) fn read(
    shared: &Arc<PreparedOptions>,
    (leaf, expected): (Certificate, &[PeerName]),
    record: Authentic<'_>,
) -> Option<Accepted> {
    let mut octets = Octets(record.bytes());
    let issuers = read_list(&mut octets, read_issuer)?;
    let anchor = match u32::read(&mut octets)? {
        u32::MAX => None,
        anchor if (anchor as usize) < shared.store.anchors().len() => Some(anchor),
        _ => return None,
    };
    let forgiven = read_list(&mut octets, read_violation)?;
    let revocation = read_list(&mut octets, read_status)?;
    octets.0.is_empty().then(|| Accepted {
        shared: Arc::clone(shared),
        leaf,
        expected: Box::from(expected),
        issuers: issuers.into_iter().collect(),
        anchor,
        forgiven,
        revocation,
    })
}

fn read_list<T>(
    octets: &mut Octets<'_>,
    mut read: impl FnMut(&mut Octets<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let count = u8::read(octets)?;
    (0..count).map(|_| read(octets)).collect()
}

fn read_issuer(octets: &mut Octets<'_>) -> Option<(Certificate, Origin)> {
    let origin = Origin::read(octets)?;
    let length = u32::read(octets)? as usize;
    let der = Box::from(octets.take(length)?);
    Some((Certificate::from_owned(der).ok()?, origin))
}

fn read_violation(octets: &mut Octets<'_>) -> Option<Violation> {
    let position = usize::from(u8::read(octets)?);
    let rule = Rule::read(octets)?;
    Some(Violation { position, rule })
}

fn read_status(octets: &mut Octets<'_>) -> Option<Option<RevocationStatus>> {
    Some(match u8::read(octets)? {
        0 => None,
        1 => Some(RevocationStatus::Good(EvidenceUsed {
            kind: Recorded::read(octets)?,
            this_update: Recorded::read(octets)?,
            until: Recorded::read(octets)?,
        })),
        2 => Some(RevocationStatus::Unknown(Recorded::read(octets)?)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::{NameForm, NameViolation, PolicyViolation, UnknownStatus};
    use crate::revocation::EvidenceKind;
    use crate::time::Time;

    fn written(rule: Rule) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        write_violation(&Violation { position: 3, rule }, &mut out)?;
        Some(out)
    }

    /// Servers of different versions read each other's records, so the bytes must not change.
    #[test]
    fn records_stay_what_they_are() {
        let time = Time::from_unix(-5);
        let unix = [255, 255, 255, 255, 255, 255, 255, 251];
        let of = |number: u8, value: &[u8]| Some([&[3, 0, number], value].concat());
        let cases = [
            (Rule::NotYetValid { not_before: time }, of(4, &unix)),
            (Rule::Expired { not_after: time }, of(5, &unix)),
            (Rule::NotACa, of(6, &[])),
            (Rule::PathTooLong { allowed: 7 }, of(7, &[0, 0, 0, 7])),
            (Rule::MayNotSignCertificates, of(8, &[])),
            (Rule::KeyUsageMissing, of(9, &[])),
            (Rule::WrongUsage, of(10, &[])),
            (Rule::NoExtendedKeyUsage, of(11, &[])),
            (
                Rule::Name(NameViolation::NotPermitted(NameForm::Directory)),
                of(13, &[0, 0]),
            ),
            (
                Rule::Name(NameViolation::Excluded(NameForm::Dns)),
                of(13, &[1, 1]),
            ),
            (
                Rule::Name(NameViolation::NotSupported(NameForm::Rfc822)),
                of(13, &[2, 2]),
            ),
            (
                Rule::Name(NameViolation::Invalid(NameForm::Uri)),
                of(13, &[3, 3]),
            ),
            (
                Rule::Name(NameViolation::Excluded(NameForm::Ip)),
                of(13, &[1, 4]),
            ),
            (
                Rule::Name(NameViolation::Excluded(NameForm::Upn)),
                of(13, &[1, 5]),
            ),
            (
                Rule::Name(NameViolation::Excluded(NameForm::OtherName)),
                of(13, &[1, 6]),
            ),
            (
                Rule::Name(NameViolation::Excluded(NameForm::X400)),
                of(13, &[1, 7]),
            ),
            (
                Rule::Name(NameViolation::Excluded(NameForm::EdiParty)),
                of(13, &[1, 8]),
            ),
            (
                Rule::Name(NameViolation::Excluded(NameForm::RegisteredId)),
                of(13, &[1, 9]),
            ),
            (Rule::Policy(PolicyViolation::DuplicatePolicy), of(14, &[0])),
            (Rule::Policy(PolicyViolation::MappedAnyPolicy), of(14, &[1])),
            (Rule::Policy(PolicyViolation::NoValidPolicy), of(14, &[2])),
            (
                Rule::Policy(PolicyViolation::NoAcceptablePolicy),
                of(14, &[3]),
            ),
            (Rule::NoIssuer, of(19, &[])),
            (Rule::UntrustedRoot, of(20, &[])),
            (
                Rule::RevocationUnknown(UnknownStatus::PathFell),
                of(30, &[0]),
            ),
            (
                Rule::RevocationUnknown(UnknownStatus::IssuerRevoked),
                of(30, &[1]),
            ),
            (
                Rule::RevocationUnknown(UnknownStatus::NoSource),
                of(30, &[2]),
            ),
            (
                Rule::RevocationUnknown(UnknownStatus::NotFetched),
                of(30, &[3]),
            ),
            (
                Rule::RevocationUnknown(UnknownStatus::Unreachable),
                of(30, &[4]),
            ),
            (
                Rule::RevocationUnknown(UnknownStatus::Malformed),
                of(30, &[5]),
            ),
            (
                Rule::RevocationUnknown(UnknownStatus::NotAuthoritative),
                of(30, &[6]),
            ),
            (
                Rule::RevocationUnknown(UnknownStatus::Partial),
                of(30, &[7]),
            ),
            (
                Rule::RevocationUnknown(UnknownStatus::UnknownToResponder),
                of(30, &[8]),
            ),
            (Rule::RevocationUnknown(UnknownStatus::Stale), of(30, &[9])),
            (Rule::KeyUsageAgainstPurpose, of(34, &[])),
            (Rule::StapleMissing, None),
            (Rule::SelfSignedNotPinned, None),
            (Rule::AnchorPurpose, None),
            (Rule::AnchorExpired { not_after: time }, None),
            (Rule::TooDeep { allowed: 1 }, None),
        ];
        for (rule, octets) in cases {
            assert_eq!(written(rule), octets, "{rule:?}");
        }
        let origins = [
            Origin::Leaf,
            Origin::Presented,
            Origin::Additional,
            Origin::Store,
            Origin::Anchor,
            Origin::Fetched,
        ];
        assert!(origins.iter().map(|origin| origin.number()).eq(0..6));
        assert_eq!(
            [
                EvidenceKind::Crl,
                EvidenceKind::Ocsp,
                EvidenceKind::StatusSource,
                EvidenceKind::NoRevAvail,
                EvidenceKind::ShortLife,
            ]
            .map(EvidenceKind::number),
            [0, 1, 2, 3, 4]
        );
    }

    /// Every violation that can be forgiven survives writing and reading, and no other can be
    /// written.
    #[test]
    fn violations_keep_their_form() {
        let time = Time::from_unix(-5);
        let mut rules = Vec::from([
            Rule::NotYetValid { not_before: time },
            Rule::Expired { not_after: time },
            Rule::NotACa,
            Rule::PathTooLong { allowed: 7 },
            Rule::MayNotSignCertificates,
            Rule::KeyUsageMissing,
            Rule::WrongUsage,
            Rule::NoExtendedKeyUsage,
            Rule::KeyUsageAgainstPurpose,
            Rule::NoIssuer,
            Rule::UntrustedRoot,
        ]);
        for &form in NameForm::ALL {
            rules.push(Rule::Name(NameViolation::NotPermitted(form)));
            rules.push(Rule::Name(NameViolation::Excluded(form)));
            rules.push(Rule::Name(NameViolation::NotSupported(form)));
            rules.push(Rule::Name(NameViolation::Invalid(form)));
        }
        rules.extend(PolicyViolation::ALL.iter().copied().map(Rule::Policy));
        rules.extend(
            UnknownStatus::ALL
                .iter()
                .copied()
                .map(Rule::RevocationUnknown),
        );
        for rule in rules {
            let written = written(rule).unwrap();
            let mut octets = Octets(&written);
            assert_eq!(
                read_violation(&mut octets),
                Some(Violation { position: 3, rule })
            );
            assert!(octets.0.is_empty());
            // A truncated record is invalid.
            let cut = written.len() - 1;
            assert_eq!(read_violation(&mut Octets(&written[..cut])), None);
        }
        for never in [
            Rule::StapleMissing,
            Rule::SelfSignedNotPinned,
            Rule::AnchorPurpose,
        ] {
            assert_eq!(written(never), None);
        }
    }

    #[test]
    fn statuses_keep_their_form() {
        let used = |kind, until| EvidenceUsed {
            kind,
            this_update: Time::from_unix(1),
            until,
        };
        let mut statuses = Vec::from([None]);
        for &kind in EvidenceKind::ALL {
            for until in [None, Some(Time::from_unix(9))] {
                statuses.push(Some(RevocationStatus::Good(used(kind, until))));
            }
        }
        let unknown = UnknownStatus::ALL.iter().copied();
        statuses.extend(unknown.map(|reason| Some(RevocationStatus::Unknown(reason))));
        for status in statuses {
            let mut written = Vec::new();
            write_status(&status, &mut written).unwrap();
            assert_eq!(read_status(&mut Octets(&written)), Some(status));
        }
    }
}

//! An accepted verdict as bytes, for a store that several servers share.
//!
//! What is written is what the verdict does not find where it is read: the issuers between leaf and
//! anchor with where they came from, the place of the anchor, what was forgiven, and what
//! revocation came to. The leaf and the names that it has are at hand where a verdict is asked for,
//! the anchors and options are the validator's; whoever reads has bound the bytes to all of them.
//!
//! Only an [`Authentic`] record is read: one that a key of the caller's vouches for, so that an
//! accepted path is still made only by code that checked it, here or on another server. Numbers are
//! big endian, lists stand behind their lengths. A fault is written by the number of its rule; only
//! what can be forgiven has a form. What does not decode is an error.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Shared;
use super::seal::Authentic;
use super::verdict::Accepted;
use crate::certificate::Certificate;
use crate::few::Few;
use crate::path::{Fault, NameFault, NameForm, Origin, PeerName, PolicyFault, Rule, UnknownStatus};
use crate::revocation::{EvidenceKind, EvidenceUsed, RevocationStatus};
use crate::time::Time;

/// Origins by number, which is their place.
const ORIGINS: [Origin; 6] = [
    Origin::Leaf,
    Origin::Presented,
    Origin::Additional,
    Origin::Store,
    Origin::Anchor,
    Origin::Fetched,
];

const FORMS: [NameForm; 10] = [
    NameForm::Directory,
    NameForm::Dns,
    NameForm::Rfc822,
    NameForm::Uri,
    NameForm::Ip,
    NameForm::Upn,
    NameForm::OtherName,
    NameForm::X400,
    NameForm::EdiParty,
    NameForm::RegisteredId,
];

const POLICY_FAULTS: [PolicyFault; 4] = [
    PolicyFault::DuplicatePolicy,
    PolicyFault::MappedAnyPolicy,
    PolicyFault::NoValidPolicy,
    PolicyFault::NoAcceptablePolicy,
];

const KINDS: [EvidenceKind; 2] = [EvidenceKind::Crl, EvidenceKind::Ocsp];

/// Appends a verdict; `None` where a part of it has no form.
pub(super) fn write(accepted: &Accepted, out: &mut Vec<u8>) -> Option<()> {
    let issuers = accepted.issuers.as_slice();
    out.push(u8::try_from(issuers.len()).ok()?);
    for (certificate, origin) in issuers {
        out.push(place(&ORIGINS, origin)?);
        let length = u32::try_from(certificate.as_der().len()).ok()?;
        out.extend(length.to_be_bytes());
        out.extend(certificate.as_der());
    }
    // No store has so many anchors that the last number is one of theirs.
    out.extend(accepted.anchor.unwrap_or(u32::MAX).to_be_bytes());
    out.push(u8::try_from(accepted.forgiven.len()).ok()?);
    for fault in &accepted.forgiven {
        out.push(u8::try_from(fault.position).ok()?);
        write_rule(&fault.rule, out)?;
    }
    out.push(u8::try_from(accepted.revocation.len()).ok()?);
    for status in &accepted.revocation {
        write_status(status.as_ref(), out)?;
    }
    Some(())
}

fn write_rule(rule: &Rule, out: &mut Vec<u8>) -> Option<()> {
    out.extend(rule.number().to_be_bytes());
    match rule {
        Rule::NotYetValid { not_before: time } | Rule::Expired { not_after: time } => {
            out.extend(time.unix().to_be_bytes());
        }
        Rule::PathTooLong { allowed } => out.extend(allowed.to_be_bytes()),
        Rule::Name(fault) => {
            let (number, form) = match fault {
                NameFault::NotPermitted(form) => (0, form),
                NameFault::Excluded(form) => (1, form),
                NameFault::NotSupported(form) => (2, form),
                NameFault::Invalid(form) => (3, form),
            };
            out.extend([number, place(&FORMS, form)?]);
        }
        Rule::Policy(fault) => out.push(place(&POLICY_FAULTS, fault)?),
        Rule::RevocationUnknown(reason) => out.push(reason.number()),
        Rule::NotACa
        | Rule::MayNotSignCertificates
        | Rule::KeyUsageMissing
        | Rule::WrongUsage
        | Rule::NoExtendedKeyUsage
        | Rule::KeyUsageAgainstPurpose
        | Rule::NoIssuer
        | Rule::UntrustedRoot => {}
        // Nothing else is ever forgiven.
        _ => return None,
    }
    Some(())
}

fn write_status(status: Option<&RevocationStatus>, out: &mut Vec<u8>) -> Option<()> {
    match status {
        None => out.push(0),
        Some(RevocationStatus::Good(used)) => {
            out.extend([1, place(&KINDS, &used.kind)?]);
            out.extend(used.this_update.unix().to_be_bytes());
            out.push(u8::from(used.until.is_some()));
            if let Some(until) = used.until {
                out.extend(until.unix().to_be_bytes());
            }
        }
        Some(RevocationStatus::Unknown(reason)) => out.extend([2, reason.number()]),
        // Who is revoked is not accepted.
        Some(RevocationStatus::Revoked(..)) => return None,
    }
    Some(())
}

fn place<T: PartialEq>(all: &[T], one: &T) -> Option<u8> {
    let place = all.iter().position(|known| known == one)?;
    u8::try_from(place).ok()
}

/// Reads a verdict about this leaf, which has these names; `None` where the bytes are none.
pub(super) fn read(
    shared: &Arc<Shared>,
    (leaf, expected): (Certificate, &[PeerName]),
    record: Authentic<'_>,
) -> Option<Accepted> {
    let mut bytes = Bytes(record.bytes());
    let mut issuers = Few::None;
    for _ in 0..bytes.octet()? {
        issuers.push(bytes.issuer()?);
    }
    let anchor = match u32::from_be_bytes(bytes.array()?) {
        u32::MAX => None,
        anchor if (anchor as usize) < shared.store.anchors().len() => Some(anchor),
        _ => return None,
    };
    let forgiven = bytes.list(Bytes::fault)?;
    let revocation = bytes.list(Bytes::status)?;
    bytes.0.is_empty().then(|| Accepted {
        shared: Arc::clone(shared),
        leaf,
        expected: Box::from(expected),
        issuers,
        anchor,
        forgiven,
        revocation,
    })
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.first_chunk().copied()
    }

    fn octet(&mut self) -> Option<u8> {
        self.array().map(|[octet]| octet)
    }

    fn time(&mut self) -> Option<Time> {
        Some(Time::from_unix(i64::from_be_bytes(self.array()?)))
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::from(self.octet()?)).copied()
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.octet()?;
        (0..count).map(|_| one(self)).collect()
    }

    fn issuer(&mut self) -> Option<(Certificate, Origin)> {
        let origin = self.one_of(&ORIGINS)?;
        let length = u32::from_be_bytes(self.array()?) as usize;
        let der = Box::from(self.take(length)?);
        Some((Certificate::from_owned(der).ok()?, origin))
    }

    fn fault(&mut self) -> Option<Fault> {
        let position = usize::from(self.octet()?);
        let number = u16::from_be_bytes(self.array()?);
        let rule = self.rule(number)?;
        Some(Fault { position, rule })
    }

    fn rule(&mut self, number: u16) -> Option<Rule> {
        Some(match number {
            4 => Rule::NotYetValid {
                not_before: self.time()?,
            },
            5 => Rule::Expired {
                not_after: self.time()?,
            },
            6 => Rule::NotACa,
            7 => Rule::PathTooLong {
                allowed: u32::from_be_bytes(self.array()?),
            },
            8 => Rule::MayNotSignCertificates,
            9 => Rule::KeyUsageMissing,
            10 => Rule::WrongUsage,
            11 => Rule::NoExtendedKeyUsage,
            13 => {
                let fault = self.octet()?;
                let form = self.one_of(&FORMS)?;
                Rule::Name(match fault {
                    0 => NameFault::NotPermitted(form),
                    1 => NameFault::Excluded(form),
                    2 => NameFault::NotSupported(form),
                    3 => NameFault::Invalid(form),
                    _ => return None,
                })
            }
            14 => Rule::Policy(self.one_of(&POLICY_FAULTS)?),
            19 => Rule::NoIssuer,
            20 => Rule::UntrustedRoot,
            30 => Rule::RevocationUnknown(self.one_of(&UnknownStatus::ALL)?),
            34 => Rule::KeyUsageAgainstPurpose,
            _ => return None,
        })
    }

    fn status(&mut self) -> Option<Option<RevocationStatus>> {
        Some(match self.octet()? {
            0 => None,
            1 => {
                let kind = self.one_of(&KINDS)?;
                let this_update = self.time()?;
                let until = match self.octet()? {
                    0 => None,
                    1 => Some(self.time()?),
                    _ => return None,
                };
                Some(RevocationStatus::Good(EvidenceUsed {
                    kind,
                    this_update,
                    until,
                }))
            }
            2 => Some(RevocationStatus::Unknown(self.one_of(&UnknownStatus::ALL)?)),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every fault that can be forgiven is the same after it was written and read, and no other one
    /// is written.
    #[test]
    fn faults_keep_their_form() {
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
        for form in FORMS {
            rules.push(Rule::Name(NameFault::NotPermitted(form)));
            rules.push(Rule::Name(NameFault::Excluded(form)));
            rules.push(Rule::Name(NameFault::NotSupported(form)));
            rules.push(Rule::Name(NameFault::Invalid(form)));
        }
        rules.extend(POLICY_FAULTS.map(Rule::Policy));
        rules.extend(UnknownStatus::ALL.map(Rule::RevocationUnknown));
        for rule in rules {
            let mut written = Vec::from([3]);
            write_rule(&rule, &mut written).unwrap();
            let mut bytes = Bytes(&written);
            assert_eq!(bytes.fault(), Some(Fault { position: 3, rule }));
            assert!(bytes.0.is_empty());
            // Cut short it is none.
            let cut = written.len() - 1;
            assert_eq!(Bytes(&written[..cut]).fault(), None);
        }
        for never in [
            Rule::StapleMissing,
            Rule::SelfSignedNotPinned,
            Rule::AnchorPurpose,
        ] {
            assert_eq!(write_rule(&never, &mut Vec::new()), None);
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
        for kind in KINDS {
            for until in [None, Some(Time::from_unix(9))] {
                statuses.push(Some(RevocationStatus::Good(used(kind, until))));
            }
        }
        statuses.extend(UnknownStatus::ALL.map(|reason| Some(RevocationStatus::Unknown(reason))));
        for status in statuses {
            let mut written = Vec::new();
            write_status(status.as_ref(), &mut written).unwrap();
            assert_eq!(Bytes(&written).status(), Some(status));
        }
    }
}

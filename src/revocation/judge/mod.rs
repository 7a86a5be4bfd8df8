//! Which statement speaks about a certificate, for how long, and which of two speaks.
//!
//! A statement is a CRL together with its delta CRLs, or a single response. Validations, the store
//! and the refresh ask here, and nothing else compares dates of evidence.
//!
//! | decided here | by | in |
//! |---|---|---|
//! | is the CRL about this certificate, and for which reasons | RFC 5280 6.3.3 (b), (d), last paragraph | [`scope`] |
//! | may anything be concluded from a CRL | RFC 5280 5.2, 5.3; the profile's requirements | [`Judge::can_use`] |
//! | which delta CRLs belong to a CRL, and what both say together | RFC 5280 5.2.4, 6.3.3 (c), (h) to (j) | [`crl`] |
//! | are all reasons covered | RFC 5280 6.3.3 (e), (k), (l) | [`crl`] |
//! | who may sign a response | RFC 6960 4.2.2.2 | [`responder`] |
//! | what a response says | RFC 6960 3.2, 4.2.2.1 | [`response`] |
//! | is it too early or too late for a statement | RFC 5280 6.3.3 (a), RFC 6960 4.2.2.1, the policy | [`Judge::dates`] |
//! | which of two statements speaks | see [`Statement::is_silenced_by`] | here |
//!
//! Who signed a CRL, and whether that signer's certificates are good, is found out elsewhere and
//! told to the judge: it verifies no signature, and its answers depend on its arguments alone.

pub(crate) mod crl;
pub(crate) mod responder;
pub(crate) mod response;
pub(crate) mod scope;
#[cfg(test)]
mod testing;

use super::crl::{Crl, CrlNumber};
use super::policy::RevocationPolicy;
use super::status::{EvidenceKind, EvidenceUsed, Finding};
use crate::path::UnknownStatus;
use crate::time::Time;

/// Seconds by which thisUpdate may lie in the future in any case: responders sign when they are
/// asked, and clocks differ.
const EARLY: u32 = 60;

/// Judges evidence by a policy, at a moment.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'p> {
    pub(crate) policy: &'p RevocationPolicy,
    /// The moment that is asked for.
    pub(crate) at: Time,
    /// When the last evidence came: fetching takes time, and what was issued meanwhile is not from
    /// the future.
    pub(crate) heard: Time,
}

/// Where a moment lies within the period for which a statement was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dates {
    /// The statement is about the future: it says nothing yet.
    Early,
    /// It is current.
    Current,
    /// It has run out: it clears nobody, but what it revokes stays revoked.
    RanOut,
}

/// How new a statement is: its thisUpdate, then the number of the CRL.
pub(crate) type Order<'a> = (Time, Option<CrlNumber<'a>>);

/// What one speaker says about one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Statement<'a> {
    pub(crate) order: Order<'a>,
    /// Good while it is current; revoked; otherwise unknown.
    pub(crate) finding: Finding,
}

impl Statement<'_> {
    pub(crate) const fn revokes(&self) -> bool {
        matches!(self.finding, Finding::Revoked(..))
    }

    /// Does it decide anything? What has run out, and "unknown", do not.
    pub(crate) const fn holds(&self) -> bool {
        matches!(self.finding, Finding::Good(_) | Finding::Revoked(..))
    }

    /// What it comes to at a later moment.
    pub(crate) fn later(self, at: Time) -> Self {
        let ran_out = matches!(self.finding, Finding::Good(used) if !used.counts_at(at));
        let finding = match ran_out {
            true => Finding::Unknown(UnknownStatus::Stale),
            false => self.finding,
        };
        Self { finding, ..self }
    }

    /// Does a newer statement of the same speaker take this one's word away? What clears makes way
    /// for whatever is newer, so that nobody brings back the time before a revocation. What revokes
    /// makes way only for what holds.
    pub(crate) fn is_silenced_by(&self, newer: &Self) -> bool {
        newer.order > self.order && (newer.holds() || !self.revokes())
    }
}

impl<'p> Judge<'p> {
    pub(crate) const fn new(policy: &'p RevocationPolicy, at: Time) -> Self {
        Self {
            policy,
            at,
            heard: at,
        }
    }

    /// Until when a statement of these dates counts; `None`: for ever.
    pub(crate) fn until(&self, this_update: Time, next_update: Option<Time>) -> Option<Time> {
        let policy = self.policy;
        let aged = |seconds: Option<u32>| Some(this_update.plus(i64::from(seconds?)));
        let skew = i64::from(policy.clock_skew);
        let end = match next_update {
            Some(next) => Some(next.plus(skew)),
            None => aged(policy.max_age_without_next_update),
        };
        end.into_iter().chain(aged(policy.max_age)).min()
    }

    pub(crate) fn dates(&self, this_update: Time, next_update: Option<Time>) -> Dates {
        if self.is_early(this_update) {
            return Dates::Early;
        }
        match self.until(this_update, next_update) {
            Some(until) if self.at > until => Dates::RanOut,
            _ => Dates::Current,
        }
    }

    /// Is it too early for what was said at this moment?
    pub(crate) fn is_early(&self, said: Time) -> bool {
        said > self
            .heard
            .plus(i64::from(self.policy.clock_skew.max(EARLY)))
    }

    /// Can anything be concluded from this CRL? An unknown critical extension of the CRL or of any
    /// entry makes all of it unusable (RFC 5280 sections 5.2 and 5.3), and so does what the profile
    /// asks of issuers and this one does not do.
    pub(crate) fn can_use(&self, crl: &Crl) -> bool {
        crl.unusable().is_none() && (!self.policy.strict_crls || crl::follows_the_profile(crl))
    }

    pub(crate) fn crl_dates(&self, crl: &Crl) -> Dates {
        self.dates(crl.this_update(), crl.next_update())
    }

    /// Does this CRL take the place of that one, of the same speaker and scope? Then nothing that
    /// the older one says counts any more, about any certificate. `complete` is the newest complete
    /// CRL of theirs that is current.
    ///
    /// A complete CRL leaves delta CRLs where they are, though it says what they said: their URL
    /// is asked for their successors.
    pub(crate) fn replaces(&self, new: &Crl, old: &Crl, complete: Option<&Crl>) -> bool {
        let holds = self.crl_dates(new) == Dates::Current || old.is_empty();
        let is_newer = crl::order(new) > crl::order(old) && holds;
        match (new.delta_base(), old.delta_base()) {
            (None, None) => is_newer,
            // A delta on a newer base does not contain what one on an older base says. Where there
            // is a complete CRL that it goes with, it need not.
            (Some(new_base), Some(old_base)) => {
                let is_based = complete.is_some_and(|crl| crl.crl_number() >= Some(new_base));
                is_newer && (new_base <= old_base || is_based)
            }
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    fn used(
        &self,
        kind: EvidenceKind,
        (this_update, next_update): (Time, Option<Time>),
        signer_until: Option<Time>,
    ) -> EvidenceUsed {
        let used = EvidenceUsed {
            kind,
            this_update,
            until: self.until(this_update, next_update),
        };
        signer_until.map_or(used, |end| used.signed_until(end, self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_unix(seconds)
    }

    fn until(policy: &RevocationPolicy, next: Option<i64>) -> Option<Time> {
        Judge::new(policy, at(0)).until(at(0), next.map(at))
    }

    #[test]
    fn evidence_ends_at_the_first_of_its_dates() {
        let policy = RevocationPolicy::default();
        assert_eq!(until(&policy, Some(50)), Some(at(50)));
        assert_eq!(until(&policy, None), Some(at(259_200)));
        let for_ever = policy.clone().max_age_without_next_update(None);
        assert_eq!(until(&for_ever, None), None);
        let aged = for_ever.max_age(Some(10));
        assert_eq!(until(&aged, Some(50)), Some(at(10)));
        assert_eq!(until(&aged, None), Some(at(10)));
        let skewed = policy.clock_skew(5);
        assert_eq!(until(&skewed, Some(50)), Some(at(55)));
    }

    #[test]
    fn a_minute_of_the_future_is_granted_in_any_case() {
        for (skew, last) in [(0, 60), (5, 60), (90, 90)] {
            let policy = RevocationPolicy::default().clock_skew(skew);
            let judge = Judge::new(&policy, at(0));
            assert!(!judge.is_early(at(last)));
            assert!(judge.is_early(at(last + 1)));
        }
    }
}

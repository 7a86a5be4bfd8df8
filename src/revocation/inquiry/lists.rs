//! What the lists at hand say of a certificate (RFC 5280 section 6.3.3 (c) to (l)).
//!
//! Each list that speaks of the certificate, and is signed by whom it must be, adds the reasons
//! that it covers; with all of them covered by current lists and none naming the certificate, it is
//! good. A list that names it revokes it even if it has run out. Of several lists of one issuer and
//! scope the newest speaks alone. A delta is laid over a list that it fits: its numbers, its scope,
//! its issuer's key.

use alloc::vec::Vec;

use super::parties::{key_of, subject_of};
use super::signers::{Authority, Signer};
use super::{Inquiry, NOTHING, Setting, Tools, paid};
use crate::certificate::extensions::ReasonFlags;
use crate::path::context::PathContext;
use crate::path::violation::Rule;
use crate::path::{Revocation, UnknownStatus};
use crate::revocation::RevocationReason;
use crate::revocation::crl::{Crl, RevokedEntry};
use crate::revocation::policy::RevocationPolicy;
use crate::revocation::scope::{Subject, reasons_covered};
use crate::revocation::status::{EvidenceKind, EvidenceUsed, Finding};
use crate::time::Time;

/// A list that speaks of the certificate with authority.
#[derive(Clone, Copy)]
struct Speaking {
    list: usize,
    reasons: ReasonFlags,
    signer: Signer,
}

/// What one list says, with its delta.
struct Statement {
    revocation: Option<Revocation>,
    used: EvidenceUsed,
    is_current: bool,
}

impl Inquiry {
    pub(super) fn by_lists(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        question: usize,
        is_last_word: bool,
    ) -> Result<Finding, Rule> {
        let nothing = Finding::Unknown(NOTHING);
        let party = self
            .questions
            .get(question)
            .map(|question| question.subject);
        let Some(subject) = party.and_then(|party| subject_of(setting.context, party)) else {
            return Ok(nothing);
        };
        let mut lacking = NOTHING;
        let mut waits = false;
        let mut waiting_names_it = false;
        let mut speaking = Vec::new();
        for place in 0..self.lists.len() {
            let Some(held) = self.lists.get(place) else {
                continue;
            };
            let list = held.list.clone();
            if list.is_delta() {
                continue;
            }
            let for_this = held.asked_by.contains(&question);
            let Some(reasons) = paid(reasons_covered(&list, subject, tools.budget))? else {
                if for_this {
                    lacking = lacking.max(UnknownStatus::NotAuthoritative);
                }
                continue;
            };
            if !setting.policy.can_use(&list) {
                lacking = lacking.max(UnknownStatus::NotAuthoritative);
                continue;
            }
            if setting
                .policy
                .is_early(list.this_update(), setting.context.at)
            {
                lacking = lacking.max(UnknownStatus::Stale);
                continue;
            }
            match self.authority(setting, tools, place, question)? {
                Authority::Yes(signer) => speaking.push(Speaking {
                    list: place,
                    reasons,
                    signer,
                }),
                Authority::No => lacking = lacking.max(UnknownStatus::NotAuthoritative),
                Authority::Pending => {
                    let (serial, issuer) =
                        (subject.certificate.serial(), subject.certificate.issuer());
                    waits = true;
                    waiting_names_it |= list.find(serial, issuer).is_some();
                }
            }
        }
        self.keep_newest(setting.context, &mut speaking);
        let finding = self.weigh(setting, tools, subject, &speaking, lacking)?;
        if let Some(question) = self.questions.get_mut(question) {
            question.lists = speaking.iter().map(|speaking| speaking.list).collect();
        }
        Ok(match finding {
            // A list that is waited for may name it.
            Finding::Unknown(_) | Finding::Good(_) if waits && !is_last_word => Finding::Pending,
            Finding::Good(_) if waiting_names_it => {
                Finding::Unknown(UnknownStatus::NotAuthoritative)
            }
            Finding::Unknown(reason) if waits => {
                Finding::Unknown(reason.max(UnknownStatus::NotAuthoritative))
            }
            finding => finding,
        })
    }

    /// Of lists of one issuer, key and scope, only those speak than which none is newer. What
    /// another key of the same name signed takes nobody's word away.
    fn keep_newest(&self, context: &PathContext<'_>, speaking: &mut Vec<Speaking>) {
        let all = speaking.clone();
        let list = |speaking: &Speaking| self.lists.get(speaking.list).map(|held| &held.list);
        let key = |speaking: &Speaking| key_of(context, speaking.signer.party());
        speaking.retain(|old| {
            let Some(old_list) = list(old) else {
                return false;
            };
            let newer = |new: &Speaking| {
                let is_newer = |list: &Crl| order(list) > order(old_list);
                let same_scope = |list: &Crl| is_same_scope(old_list, list);
                list(new).is_some_and(|new| is_newer(new) && same_scope(new))
                    && key(new) == key(old)
            };
            !all.iter().any(newer)
        });
    }

    fn weigh(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        subject: Subject<'_>,
        speaking: &[Speaking],
        mut lacking: UnknownStatus,
    ) -> Result<Finding, Rule> {
        let mut covered = None;
        let mut good: Option<EvidenceUsed> = None;
        let mut revoked: Option<(Revocation, EvidenceUsed)> = None;
        for one in speaking {
            let Some(statement) = self.statement(setting, tools, subject, *one)? else {
                continue;
            };
            if let Some(revocation) = statement.revocation {
                let used = statement.used;
                let is_told_before = |(known, by): (Revocation, EvidenceUsed)| {
                    (known, used.rank()) <= (revocation, by.rank())
                };
                if !revoked.is_some_and(is_told_before) {
                    revoked = Some((revocation, used));
                }
            } else if statement.is_current {
                covered = Some(covered.map_or(one.reasons, |all| all | one.reasons));
                good = Some(good.map_or(statement.used, |all| both(all, statement.used)));
            } else {
                lacking = lacking.max(UnknownStatus::Stale);
            }
        }
        Ok(match (revoked, covered, good) {
            (Some((revocation, used)), ..) => Finding::Revoked(revocation, used),
            (None, Some(covered), Some(used)) if covered.contains(ReasonFlags::ALL) => {
                Finding::Good(used)
            }
            (None, Some(_), _) => Finding::Unknown(lacking.max(UnknownStatus::Partial)),
            (None, None, _) => Finding::Unknown(lacking),
        })
    }

    fn statement(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        subject: Subject<'_>,
        speaking: Speaking,
    ) -> Result<Option<Statement>, Rule> {
        let (policy, at) = (setting.policy, setting.context.at);
        let Some(list) = self.lists.get(speaking.list).map(|held| held.list.clone()) else {
            return Ok(None);
        };
        let deltas = self.deltas_of(setting, tools, &list, speaking.signer)?;
        let serial = subject.certificate.serial();
        let look_up = |list: &Crl| {
            let entry = list.find(serial, subject.certificate.issuer());
            entry.map(|entry: RevokedEntry<'_>| {
                Revocation::new(entry.revocation_date(), entry.reason())
            })
        };
        let mut used = used(policy, &list);
        let mut is_current = is_current(used.until, at);
        let mut revocation = look_up(&list);
        let entries: Vec<_> = deltas.iter().map(look_up).collect();
        let is_removal = |entry: &Revocation| entry.reason == Some(RevocationReason::RemoveFromCrl);
        let named = entries.iter().flatten().filter(|entry| !is_removal(entry));
        let ends = deltas.iter().map(|delta| self::used(policy, delta));
        let ends: Vec<_> = ends
            .filter(|used| self::is_current(used.until, at))
            .collect();
        let all_current = !deltas.is_empty() && ends.len() == deltas.len();
        let released = all_current && entries.iter().flatten().count() == entries.len();
        match named.min() {
            Some(entry) => revocation = Some(*entry),
            None if released => revocation = None,
            None => {}
        }
        if all_current && let Some(of_deltas) = ends.into_iter().reduce(both) {
            used = if is_current {
                both(used, of_deltas)
            } else {
                of_deltas
            };
            is_current = true;
        }
        if policy.at_validation_time {
            revocation = revocation.filter(|revocation| revocation.date <= at);
        }
        if let Some(end) = self.end_of(setting.context, speaking.signer) {
            used = used.signed_until(end, at);
        }
        Ok(Some(Statement {
            revocation,
            used,
            is_current,
        }))
    }

    /// The newest delta that fits a list (section 5.2.4); several where the issuer gave them one
    /// date and number.
    fn deltas_of(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        list: &Crl,
        signer: Signer,
    ) -> Result<Vec<Crl>, Rule> {
        let mut newest: Vec<Crl> = Vec::new();
        for place in 0..self.lists.len() {
            let Some(delta) = self.lists.get(place).map(|held| held.list.clone()) else {
                continue;
            };
            let known = newest.first().map(order);
            let fits = fits(list, &delta)
                && setting.policy.can_use(&delta)
                && !setting
                    .policy
                    .is_early(delta.this_update(), setting.context.at)
                && known.is_none_or(|known| order(&delta) >= known);
            if fits && self.is_signed_by(setting, tools, place, signer)? {
                if newest
                    .first()
                    .is_some_and(|known| order(&delta) > order(known))
                {
                    newest.clear();
                }
                newest.push(delta);
            }
        }
        Ok(newest)
    }

    /// Is there a delta at hand that fits a list, is current, and has a signature that holds?
    pub(super) fn has_delta(&self, setting: Setting<'_, '_>, list: &Crl) -> bool {
        let (policy, at) = (setting.policy, setting.context.at);
        self.lists.iter().any(|held| {
            fits(list, &held.list)
                && held.signed_by.is_some()
                && !policy.is_early(held.list.this_update(), at)
                && is_current(used(policy, &held.list).until, at)
        })
    }
}

fn is_same_scope(a: &Crl, b: &Crl) -> bool {
    a.idp_der() == b.idp_der() && a.is_delta() == b.is_delta() && a.issuer().matches(&b.issuer())
}

/// By what lists of one issuer and scope are newer or older.
fn order(list: &Crl) -> (Time, Option<crate::revocation::crl::CrlNumber<'_>>) {
    (list.this_update(), list.crl_number())
}

/// May this delta be laid over this list?
fn fits(list: &Crl, delta: &Crl) -> bool {
    let (Some(base), Some(number)) = (delta.delta_base(), list.crl_number()) else {
        return false;
    };
    let is_newer = delta.crl_number().is_some_and(|delta| delta > number);
    !list.is_delta()
        && base <= number
        && is_newer
        && list.idp_der() == delta.idp_der()
        && list.authority_key_identifier() == delta.authority_key_identifier()
        && list.issuer().matches(&delta.issuer())
}

fn used(policy: &RevocationPolicy, list: &Crl) -> EvidenceUsed {
    EvidenceUsed {
        kind: EvidenceKind::Crl,
        this_update: list.this_update(),
        until: policy.valid_until(list.this_update(), list.next_update()),
    }
}

fn is_current(until: Option<Time>, at: Time) -> bool {
    until.is_none_or(|until| at <= until)
}

/// Evidence that takes both: it is as old as the older and ends with the first.
fn both(a: EvidenceUsed, b: EvidenceUsed) -> EvidenceUsed {
    EvidenceUsed {
        kind: a.kind,
        this_update: a.this_update.min(b.this_update),
        until: a.until.into_iter().chain(b.until).min(),
    }
}

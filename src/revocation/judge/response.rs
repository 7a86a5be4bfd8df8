//! What OCSP responses say about a certificate (RFC 6960 sections 3.2 and 4.2.2.1).
//!
//! A statement counts if all fields of its CertID are those of the certificate, and the response is
//! signed by somebody who may answer for its issuer ([`responder`](super::responder) says who). Of
//! several statements the newest speaks; of those of one moment the least favourable. Revoked
//! stands after nextUpdate; good does not, and neither does what was produced in the future.

use super::responder::ResponseSigner;
use super::{Dates, Judge, Statement};
use crate::certificate::Certificate;
use crate::path::{Revocation, UnknownStatus};
use crate::revocation::ocsp::{CertStatus, IssuerHashes, OcspResponse, SingleResponse};
use crate::revocation::status::{EvidenceKind, Finding};

impl Judge<'_> {
    /// What a response says about a certificate of this issuer, if this signer may speak: one
    /// statement for each of its singles that are about it, or why that one says nothing.
    pub(crate) fn statements<'r>(
        &self,
        response: &'r OcspResponse,
        certificate: &'r Certificate,
        issuer: &'r IssuerHashes<'_>,
        signer: ResponseSigner,
    ) -> impl Iterator<Item = Result<Statement<'static>, UnknownStatus>> {
        let singles = response.singles_for(certificate.serial(), issuer);
        let produced_early = self.is_early(response.produced_at());
        let known = response.unknown_critical_extension().is_none();
        singles.map(move |single| {
            let dates = self.dates(single.this_update, single.next_update);
            if !known || single.unknown_critical_extension.is_some() {
                return Err(UnknownStatus::NotAuthoritative);
            }
            if produced_early || dates == Dates::Early {
                return Err(UnknownStatus::Stale);
            }
            Ok(Statement {
                order: (single.this_update, None),
                finding: self.single(&single, dates, signer),
            })
        })
    }

    fn single(&self, single: &SingleResponse<'_>, dates: Dates, by: ResponseSigner) -> Finding {
        let is_current = dates == Dates::Current;
        let said = (single.this_update, single.next_update);
        let used = self.used(EvidenceKind::Ocsp, said, by.until());
        match single.status {
            CertStatus::Revoked { time, reason }
                if !self.policy.revoked_only_from_its_date_on || time <= self.at =>
            {
                Finding::Revoked(Revocation::new(time, reason), used)
            }
            CertStatus::Unknown if is_current => {
                Finding::Unknown(UnknownStatus::UnknownToResponder)
            }
            CertStatus::Good | CertStatus::Revoked { .. } if is_current => Finding::Good(used),
            _ => Finding::Unknown(UnknownStatus::Stale),
        }
    }
}

/// What statements of responders about one certificate come to together; `None` of none.
///
/// Each is heard unless a newer one silences it ([`Statement::is_silenced_by`]). There may be many
/// thousands, so it is asked only whether the newest does, or the newest that holds.
pub(crate) fn together(statements: &[Statement<'static>]) -> Option<Statement<'static>> {
    let newest = |all: &mut dyn Iterator<Item = &Statement<'static>>| {
        all.max_by_key(|statement| statement.order).copied()
    };
    let newest_of_all = newest(&mut statements.iter());
    let newest_that_holds = newest(&mut statements.iter().filter(|statement| statement.holds()));
    let newest = [newest_of_all, newest_that_holds];
    let speaks = |old: &&Statement<'_>| !newest.iter().flatten().any(|new| old.is_silenced_by(new));
    let speaking = statements.iter().filter(speaks).copied();
    speaking.reduce(|a, b| Statement {
        order: a.order.max(b.order),
        finding: least_favourable(a.finding, b.finding),
    })
}

/// Of two findings of one moment.
fn least_favourable(a: Finding, b: Finding) -> Finding {
    match (a, b) {
        (Finding::Good(_), Finding::Unknown(_)) => b,
        (Finding::Unknown(_), Finding::Good(_)) => a,
        _ => a.and(b),
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;
    use crate::revocation::status::EvidenceUsed;
    use crate::time::Time;

    fn any_statement() -> impl Strategy<Value = Statement<'static>> {
        (0..6_i64, 0..4_u8).prop_map(|(this_update, kind)| {
            let this_update = Time::from_unix(this_update);
            let used = EvidenceUsed {
                kind: EvidenceKind::Ocsp,
                this_update,
                until: None,
            };
            let finding = match kind {
                0 => Finding::Good(used),
                1 => Finding::Revoked(Revocation::new(this_update, None), used),
                2 => Finding::Unknown(UnknownStatus::UnknownToResponder),
                _ => Finding::Unknown(UnknownStatus::Stale),
            };
            Statement {
                order: (this_update, None),
                finding,
            }
        })
    }

    proptest! {
        /// Two of many tell who is silenced.
        #[test]
        fn those_are_heard_whom_no_newer_one_silences(
            all in proptest::collection::vec(any_statement(), 0..12),
        ) {
            let heard = all.iter().filter(|old| !all.iter().any(|new| old.is_silenced_by(new)));
            let heard: Vec<Statement<'static>> = heard.copied().collect();
            // Nothing silences one of those that are heard.
            prop_assert_eq!(together(&all).map(|one| one.finding), together(&heard).map(|one| one.finding));
            prop_assert_eq!(together(&all).map(|one| one.order), together(&heard).map(|one| one.order));
            let least = heard.iter().map(|one| one.finding).reduce(least_favourable);
            prop_assert_eq!(together(&all).map(|one| one.finding), least);
        }
    }

    /// Each compared with each would take minutes.
    #[test]
    fn a_hundred_thousand_statements_are_read_once() {
        let used = |this_update| EvidenceUsed {
            kind: EvidenceKind::Ocsp,
            this_update,
            until: None,
        };
        let all = (0..100_000).map(|number| {
            let this_update = Time::from_unix(number);
            Statement {
                order: (this_update, None),
                finding: Finding::Good(used(this_update)),
            }
        });
        let all: Vec<Statement<'static>> = all.collect();
        let last = Time::from_unix(99_999);
        assert_eq!(together(&all).map(|one| one.order), Some((last, None)));
    }
}

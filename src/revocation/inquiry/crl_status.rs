//! What the CRLs at hand say about a certificate.
//!
//! Those are collected that are about it and whose signer may speak; the judge says what they come
//! to. A CRL whose signer is not known to be good yet is waited for.

use alloc::vec::Vec;

use super::cert_ref::{key_of, subject_of};
use super::evidence::EvidenceCrl;
use super::numbered::Id;
use super::signers::{Authority, Signer};
use super::{Inquiry, NOTHING, Question, Resources, RevocationInputs, paid};
use crate::path::UnknownStatus;
use crate::path::violation::Rule;
use crate::revocation::crl::Crl;
use crate::revocation::judge::Dates;
use crate::revocation::judge::crl::{ApplicableCrl, Coverage};
use crate::revocation::judge::scope::Subject;
use crate::revocation::status::Finding;

/// A CRL that is about a certificate, and what came of its signer.
struct Candidate {
    crl: Id<EvidenceCrl>,
    coverage: Coverage,
    authority: Authority,
}

impl Inquiry {
    pub(super) fn by_crls(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        question: Id<Question>,
        is_last_word: bool,
    ) -> Result<Finding, Rule> {
        let asked = self.questions.get(question);
        let subject = asked.and_then(|asked| subject_of(inputs.context, asked.subject));
        let Some(subject) = subject else {
            return Ok(Finding::Unknown(NOTHING));
        };
        let mut lacking = NOTHING;
        let mut waits = false;
        let mut waiting_names_it = false;
        let mut speaking: Vec<(Id<EvidenceCrl>, Coverage, Signer)> = Vec::new();
        for crl in self.crls.ids() {
            let candidate = self.candidate(inputs, resources, subject, crl, question)?;
            match candidate {
                Ok(None) => {}
                Err(reason) => lacking = lacking.max(reason),
                Ok(Some(Candidate {
                    crl,
                    coverage,
                    authority,
                })) => match authority {
                    Authority::Yes(signer) => speaking.push((crl, coverage, signer)),
                    Authority::No => lacking = lacking.max(UnknownStatus::NotAuthoritative),
                    Authority::Pending => {
                        waits = true;
                        waiting_names_it |= self.names(crl, subject);
                    }
                },
            }
        }
        let finding = self.judged(inputs, resources, subject, &speaking)?;
        if let Some(question) = self.questions.get_mut(question) {
            question.crls = speaking.iter().map(|(crl, ..)| *crl).collect();
        }
        let unsigned = lacking.max(UnknownStatus::NotAuthoritative);
        Ok(match finding {
            // A CRL that is waited for may name it.
            Finding::Unknown(_) | Finding::Good(_) if waits && !is_last_word => Finding::Pending,
            Finding::Good(_) if waiting_names_it => {
                Finding::Unknown(UnknownStatus::NotAuthoritative)
            }
            Finding::Unknown(reason) if waits => Finding::Unknown(reason.max(unsigned)),
            Finding::Unknown(reason) => Finding::Unknown(reason.max(lacking)),
            finding => finding,
        })
    }

    /// A CRL, if it is about a certificate; `Err` says why nothing follows from it.
    fn candidate(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        subject: Subject<'_>,
        crl: Id<EvidenceCrl>,
        question: Id<Question>,
    ) -> Result<Result<Option<Candidate>, UnknownStatus>, Rule> {
        let Some(held) = self.crls.get(crl).filter(|held| !held.crl.is_delta()) else {
            return Ok(Ok(None));
        };
        let was_asked_for = held.asked_by.contains(&question);
        let Some(coverage) = paid(self.judge(inputs).coverage(
            &held.crl,
            subject,
            resources.budget,
        ))?
        else {
            return Ok(match was_asked_for {
                true => Err(UnknownStatus::NotAuthoritative),
                false => Ok(None),
            });
        };
        let judge = self.judge(inputs);
        if !judge.can_use(&held.crl) {
            return Ok(Err(UnknownStatus::NotAuthoritative));
        }
        if judge.crl_dates(&held.crl) == Dates::Early {
            return Ok(Err(UnknownStatus::Stale));
        }
        let authority = self.authority(inputs, resources, crl, question)?;
        Ok(Ok(Some(Candidate {
            crl,
            coverage,
            authority,
        })))
    }

    fn names(&self, crl: Id<EvidenceCrl>, subject: Subject<'_>) -> bool {
        let (serial, issuer) = (subject.certificate.serial(), subject.certificate.issuer());
        let held = self.crls.get(crl);
        held.is_some_and(|held| held.crl.find(serial, issuer).is_some())
    }

    /// What the CRLs that speak come to.
    fn judged(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        subject: Subject<'_>,
        speaking: &[(Id<EvidenceCrl>, Coverage, Signer)],
    ) -> Result<Finding, Rule> {
        let mut deltas = Vec::with_capacity(speaking.len());
        for &(crl, _, signer) in speaking {
            deltas.push(self.deltas_of(inputs, resources, crl, signer)?);
        }
        let mut applicable = Vec::with_capacity(speaking.len());
        for (&(crl, coverage, signer), deltas) in speaking.iter().zip(&deltas) {
            let (Some(held), Some(key)) =
                (self.crls.get(crl), key_of(inputs.context, signer.holder()))
            else {
                continue;
            };
            applicable.push(ApplicableCrl {
                crl: &held.crl,
                coverage,
                key: key.as_der(),
                signer_until: self.end_of(inputs, signer),
                deltas: deltas.iter().collect(),
            });
        }
        Ok(self.judge(inputs).by_crls(subject.certificate, &applicable))
    }

    /// The delta CRLs that fit a CRL and that its signer signed.
    fn deltas_of(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        base: Id<EvidenceCrl>,
        signer: Signer,
    ) -> Result<Vec<Crl>, Rule> {
        let mut signed = Vec::new();
        let Some(base) = self.crls.get(base).map(|held| held.crl.clone()) else {
            return Ok(signed);
        };
        for id in self.crls.ids() {
            let Some(delta) = self.crls.get(id).map(|held| &held.crl) else {
                continue;
            };
            if !self.judge(inputs).fits(&base, delta) {
                continue;
            }
            let delta = delta.clone();
            if self.is_signed_by(inputs, resources, id, signer)? {
                signed.push(delta);
            }
        }
        Ok(signed)
    }

    /// Is there a delta at hand that fits a CRL, is current, and was signed by the CRL's own key?
    pub(super) fn has_delta(&self, inputs: RevocationInputs<'_, '_>, base: &EvidenceCrl) -> bool {
        let judge = self.judge(inputs);
        self.crls.iter().any(|(_, held)| {
            judge.fits(&base.crl, &held.crl)
                && base.signed_by.is_some()
                && held.signed_by == base.signed_by
                && judge.crl_dates(&held.crl) == Dates::Current
        })
    }
}

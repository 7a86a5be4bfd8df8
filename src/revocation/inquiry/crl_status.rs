//! What the CRLs at hand say about a certificate.
//!
//! Those are collected that are about it and whose signer may speak; the judge says what they come
//! to. A CRL whose signer is not known to be good yet is waited for.

use alloc::vec::Vec;

use super::cert_ref::Position;
use super::evidence::EvidenceCrl;
use super::numbered::Id;
use super::signers::Authority;
use super::{Asked, Inquiry, NOTHING};
use crate::path::UnknownStatus;
use crate::path::violation::Rule;
use crate::revocation::crl::Crl;
use crate::revocation::judge::Dates;
use crate::revocation::judge::crl::{ApplicableCrl, names};
use crate::revocation::status::Finding;

/// What a CRL has to do with a question.
enum Candidate<'s> {
    NotAbout,
    /// Nothing follows from it, for this reason.
    Lacking(UnknownStatus),
    /// That depends on whether its signer is revoked, which is not known yet.
    Pending,
    Speaking(ApplicableCrl<'s>),
}

impl<'s> Inquiry<'s> {
    pub(super) fn by_crls(
        &mut self,
        asked: &Asked<'s>,
        is_last_word: bool,
    ) -> Result<Finding, Rule> {
        let certificate = asked.subject.certificate;
        let mut lacking = NOTHING;
        let (mut waits, mut waiting_names_it) = (false, false);
        let (mut crls, mut speaking) = (Vec::new(), Vec::new());
        for id in self.state.crls.ids() {
            match self.candidate(id, asked)? {
                Candidate::NotAbout => {}
                Candidate::Lacking(reason) => lacking = lacking.max(reason),
                Candidate::Pending => {
                    waits = true;
                    let held = self.state.crls.get(id);
                    waiting_names_it |= held.is_some_and(|held| names(&held.item, certificate));
                }
                Candidate::Speaking(applicable) => {
                    crls.push(id);
                    speaking.push(applicable);
                }
            }
        }
        if let Some(question) = self.state.questions.get_mut(asked.id) {
            question.crls = crls;
        }
        let unsigned = lacking.max(UnknownStatus::NotAuthoritative);
        Ok(match self.judge().by_crls(certificate, &speaking) {
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

    fn candidate(&mut self, id: Id<EvidenceCrl>, asked: &Asked<'s>) -> Result<Candidate<'s>, Rule> {
        let held = self.state.crls.get(id);
        let Some(held) = held.filter(|held| !held.item.is_delta()) else {
            return Ok(Candidate::NotAbout);
        };
        let (crl, judge) = (held.item.clone(), self.judge());
        let Some(coverage) = judge.coverage(&crl, asked.subject, self.budget)? else {
            return Ok(match held.asked_by.contains(&asked.id) {
                true => Candidate::Lacking(UnknownStatus::NotAuthoritative),
                false => Candidate::NotAbout,
            });
        };
        if !judge.can_use(&crl) {
            return Ok(Candidate::Lacking(UnknownStatus::NotAuthoritative));
        }
        if judge.crl_dates(&crl) == Dates::Early {
            return Ok(Candidate::Lacking(UnknownStatus::Stale));
        }
        let signer = match self.authority(id, asked)? {
            Authority::Yes(signer) => signer,
            Authority::No => return Ok(Candidate::Lacking(UnknownStatus::NotAuthoritative)),
            Authority::Pending => return Ok(Candidate::Pending),
        };
        let Some(key) = self.context.key_of(signer.holder()) else {
            return Ok(Candidate::NotAbout);
        };
        Ok(Candidate::Speaking(ApplicableCrl {
            coverage,
            key: key.as_der(),
            signer_until: self.end_of(&signer),
            deltas: self.deltas_of(&crl, &signer)?,
            crl,
        }))
    }

    /// The delta CRLs that fit a CRL and that its signer signed.
    fn deltas_of(&mut self, base: &Crl, signer: &Position) -> Result<Vec<Crl>, Rule> {
        let judge = self.judge();
        let all = self.state.crls.iter();
        let fits = all.filter(|(_, held)| judge.fits(base, &held.item));
        let fits: Vec<_> = fits.map(|(id, held)| (id, held.item.clone())).collect();
        let mut signed = Vec::new();
        for (id, delta) in fits {
            if self.is_signed_by(id, signer)? {
                signed.push(delta);
            }
        }
        Ok(signed)
    }

    /// Is there a delta at hand that fits a CRL, is current, and was signed by the CRL's own key?
    pub(super) fn has_delta(&self, base: &EvidenceCrl) -> bool {
        let judge = self.judge();
        self.state.crls.iter().any(|(_, held)| {
            judge.fits(&base.item, &held.item)
                && base.more.signed_by.is_some()
                && held.more.signed_by == base.more.signed_by
                && judge.crl_dates(&held.item) == Dates::Current
        })
    }
}

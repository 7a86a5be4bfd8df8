//! Evidence is renewed before it runs out, apart from any validation.
//!
//! What comes for something that is [`Due`] must be signed by whom the held evidence was: for a list by the very key, for
//! a response by whoever may answer for the issuer with the very key. That this issuer leads to an anchor was found when the
//! held evidence was kept, and is found again by each validation that uses its successor; here nothing becomes trusted that
//! a validation would not trust. Then the rules of the store decide: nothing takes the place of something newer.
//!
//! Signatures are verified outside of the store's lock, within the limits of one validation.

use alloc::string::String;
use alloc::vec::Vec;

use super::crl::Crl;
use super::ocsp::{IssuerHashes, OcspResponse};
use super::policy::RevocationPolicy;
use super::request::{Answer, FetchFailure};
use super::responder::{Judge, Signatures};
use super::status::Finding;
use super::store::{Due, EvidenceStore, Kept, Subject, note_answers};
use crate::certificate::{Certificate, SubjectPublicKeyInfo};
use crate::crypto::Provider;
use crate::path::fault::Rule;
use crate::path::options::PathOptions;
use crate::path::signatures::Signed;
use crate::path::{Budget, UnknownStatus};
use crate::time::Time;

/// What an answer for something that was due came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshOutcome {
    /// The store holds it now.
    Renewed,
    /// It is not newer than what is held.
    NothingNew,
    /// There was no answer. Unless nobody asked, the URLs wait before they are due again.
    Failed(FetchFailure),
    /// What came is of no use: it does not parse, is not signed by whom it must be, speaks of something else, is not
    /// valid yet, or is too large.
    Refused(UnknownStatus),
}

/// What a refresh is told.
#[derive(Clone, Copy)]
pub(crate) struct Refresh<'s> {
    pub(crate) store: &'s dyn EvidenceStore,
    pub(crate) provider: &'s dyn Provider,
    pub(crate) policy: &'s RevocationPolicy,
    /// What the certificate of somebody who signed evidence must satisfy.
    pub(crate) signer: &'s PathOptions,
    pub(crate) at: Time,
}

impl Refresh<'_> {
    /// Takes in what came for something that was due.
    pub(crate) fn take(&self, due: &Due, answer: Answer) -> RefreshOutcome {
        let urls = due.request().urls();
        let store = Some((self.store, self.at));
        let (url, bytes) = match answer {
            Answer::Body { url, bytes } => (url, bytes),
            Answer::Failed(failure) => {
                if failure.is_of_transport() {
                    note_answers(store, urls, None);
                } else {
                    self.note_no_news(due, None);
                }
                return RefreshOutcome::Failed(failure);
            }
        };
        let before = urls.get(..url).unwrap_or_default();
        note_answers(store, before, urls.get(url));
        let kept = match due.subject() {
            Subject::List { list, key } => self.list(due, (list, key), bytes),
            Subject::Response {
                certificate,
                issuer_key,
            } => self.response(due, (certificate, issuer_key), &bytes),
        };
        match kept {
            Ok(Kept::New) => return RefreshOutcome::Renewed,
            Ok(Kept::Known) => self.note_no_news(due, None),
            _ => self.note_no_news(due, urls.get(url)),
        }
        match kept {
            Ok(Kept::TooLarge) => RefreshOutcome::Refused(UnknownStatus::NotFetched),
            Ok(_) => RefreshOutcome::NothingNew,
            Err(reason) => RefreshOutcome::Refused(reason),
        }
    }

    fn list(
        &self,
        due: &Due,
        (old, key): (&Crl, &[u8]),
        bytes: Vec<u8>,
    ) -> Result<Kept, UnknownStatus> {
        let mut budget = self.budget(bytes.len())?;
        let list = Crl::from_vec(bytes).map_err(|_| UnknownStatus::Malformed)?;
        let same_kind = list.is_delta() == old.is_delta();
        if !same_kind || !list.issuer().matches(&old.issuer()) || !self.policy.can_use(&list) {
            return Err(UnknownStatus::NotAuthoritative);
        }
        if self.policy.is_early(list.this_update(), self.at) {
            return Err(UnknownStatus::Stale);
        }
        let signed = Signed {
            algorithm: list.signature_algorithm(),
            message: list.tbs(),
            signature: list.signature(),
        };
        let key = SubjectPublicKeyInfo::from_checked(key);
        if list != *old && !self.is_signed(&mut budget, &key, &signed) {
            return Err(UnknownStatus::NotAuthoritative);
        }
        let mut kept = Kept::Known;
        self.store
            .with(&mut |evidence| kept = evidence.renew_list(due, &list, self.at));
        Ok(kept)
    }

    fn response(
        &self,
        due: &Due,
        (certificate, issuer_key): (&Certificate, &[u8]),
        bytes: &[u8],
    ) -> Result<Kept, UnknownStatus> {
        let budget = self.budget(bytes.len())?;
        let response = OcspResponse::from_der(bytes).map_err(|_| UnknownStatus::Malformed)?;
        let key = SubjectPublicKeyInfo::from_checked(issuer_key);
        let judge = Judge {
            policy: self.policy,
            signer: self.signer,
            at: self.at,
        };
        let hashes = IssuerHashes::new(&certificate.issuer(), &key);
        let singles = response.singles_for(certificate.serial(), &hashes);
        let usable = singles.filter(|single| single.unknown_critical_extension.is_none());
        let nothing = Finding::Unknown(UnknownStatus::NotAuthoritative);
        let said = usable
            .map(|single| judge.statement(&single))
            .fold(nothing, Finding::and);
        if response.unknown_critical_extension().is_some() {
            return Err(UnknownStatus::NotAuthoritative);
        }
        match said {
            Finding::Good(_) | Finding::Revoked(..) => {}
            Finding::Unknown(reason) => return Err(reason),
            Finding::Pending => return Err(UnknownStatus::NotAuthoritative),
        }
        let mut signatures = UnderKey {
            refresh: self,
            budget,
            key,
        };
        let issuer = (certificate.issuer(), key);
        let holds = judge.is_authoritative(&response, issuer, &mut signatures);
        if !holds.unwrap_or(false) {
            return Err(UnknownStatus::NotAuthoritative);
        }
        let mut kept = Kept::Known;
        self.store
            .with(&mut |evidence| kept = evidence.renew_response(due, &response, self.at));
        Ok(kept)
    }

    /// What one validation may spend, after so many bytes.
    fn budget(&self, bytes: usize) -> Result<Budget, UnknownStatus> {
        let mut budget = Budget::new(&self.signer.limits);
        let paid = budget.spend_evidence(bytes);
        paid.map_err(|_| UnknownStatus::NotFetched)?;
        Ok(budget)
    }

    fn is_signed(
        &self,
        budget: &mut Budget,
        key: &SubjectPublicKeyInfo<'_>,
        signed: &Signed<'_>,
    ) -> bool {
        let algorithms = &self.signer.algorithms;
        if algorithms.check_signature(&signed.algorithm).is_err()
            || budget.spend_signature().is_err()
        {
            return false;
        }
        let prepared = self.provider.prepare(key, None);
        prepared.is_ok_and(|key| {
            let verified = key.verify(&signed.algorithm, signed.message, signed.signature);
            verified.is_ok()
        })
    }

    fn note_no_news(&self, due: &Due, url: Option<&String>) {
        self.store
            .with(&mut |evidence| evidence.note_no_news(due, url, self.at));
    }
}

/// Signatures under the key that the issuer is known to have.
struct UnderKey<'r, 's, 'k> {
    refresh: &'r Refresh<'s>,
    budget: Budget,
    key: SubjectPublicKeyInfo<'k>,
}

impl Signatures for UnderKey<'_, '_, '_> {
    fn by_issuer(&mut self, signed: &Signed<'_>) -> Result<bool, Rule> {
        let Self { refresh, key, .. } = *self;
        Ok(refresh.is_signed(&mut self.budget, &key, signed))
    }

    fn by_responder(&mut self, responder: &Certificate, signed: &Signed<'_>) -> Result<bool, Rule> {
        let key = responder.public_key();
        Ok(self.refresh.is_signed(&mut self.budget, &key, signed))
    }

    fn is_listed(&mut self, responder: &Certificate) -> bool {
        let mut lists = Vec::new();
        self.refresh
            .store
            .with(&mut |evidence| lists = evidence.lists_for(responder));
        lists.iter().any(|(list, signed_by)| {
            let found = list.find(responder.serial(), responder.issuer());
            signed_by.is_some() && !list.is_delta() && found.is_some()
        })
    }
}

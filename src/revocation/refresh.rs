//! Evidence is renewed before it runs out, apart from any validation.
//!
//! What comes for something that is [`Due`] must be signed by whom the held evidence was: for a
//! list by the very key, for a response by whoever may answer for the issuer with the very key.
//! That this issuer leads to an anchor was found when the held evidence was kept, and is found
//! again by each validation that uses its successor; here nothing becomes trusted that a validation
//! would not trust. Then the rules of the store decide: nothing takes the place of something newer.
//!
//! Signatures are verified outside of the store's lock, within the limits of one validation.

use alloc::vec::Vec;

use super::crl::Crl;
use super::judge::crl::Coverage;
use super::judge::responder::{ResponseSigner, ResponseVerifier, Signatures};
use super::judge::scope;
use super::judge::{Dates, Judge};
use super::ocsp::{IssuerHashes, OcspResponse};
use super::policy::RevocationPolicy;
use super::request::{Answer, FetchFailure};
use super::status::Finding;
use super::store::{Due, EvidenceStore, Held, Kept, is_listed_in, trim};
use crate::certificate::{Certificate, SubjectPublicKeyInfo};
use crate::crypto::Provider;
use crate::path::options::PathOptions;
use crate::path::signatures::Signed;
use crate::path::violation::Rule;
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
    /// There was no answer. It is due again after a pause, from 1 second to 5 minutes; at once if
    /// nobody asked.
    Failed(FetchFailure),
    /// What came is of no use: it does not parse, is not signed by whom it must be, speaks of
    /// something else, is not valid yet, or is too large.
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
        if answer.came == Err(FetchFailure::NotAsked) {
            // Nothing is known of the URL.
            return RefreshOutcome::Failed(FetchFailure::NotAsked);
        }
        let url = due.request().url();
        self.store
            .with(&mut |evidence| evidence.note_answer(url, due.key(), &answer, self.at));
        let judge = Judge::new(self.policy, self.at);
        let outcome = match answer.came {
            Err(failure) => RefreshOutcome::Failed(failure),
            Ok(bytes) => match self.check(judge, due, bytes) {
                Err(reason) => RefreshOutcome::Refused(reason),
                Ok(new) => self.renew(judge, due, &new),
            },
        };
        // That a current CRL is still the newest is no reason to ask less often.
        let is_expected = due.is_poll && outcome == RefreshOutcome::NothingNew;
        if outcome != RefreshOutcome::Renewed && !is_expected {
            self.store
                .with(&mut |evidence| evidence.note_no_news(due, self.at));
        }
        trim(self.store);
        outcome
    }

    /// What came, if it may take the place of what was due: within the limits of one validation.
    fn check(&self, judge: Judge<'_>, due: &Due, bytes: Vec<u8>) -> Result<Held, UnknownStatus> {
        let mut check = Check {
            refresh: self,
            judge,
            budget: Budget::new(&self.signer.limits),
            certificate: due.request().certificate(),
            key: SubjectPublicKeyInfo::from_checked(due.key()),
        };
        let paid = check.budget.spend_evidence(bytes.len());
        paid.map_err(|_| UnknownStatus::NotFetched)?;
        match &due.held {
            Held::Crl(old) => check.crl(old, bytes).map(Held::Crl),
            Held::Response(_) => check.response(&bytes).map(Held::Response),
        }
    }

    fn renew(&self, judge: Judge<'_>, due: &Due, new: &Held) -> RefreshOutcome {
        let mut kept = Kept::Known;
        self.store
            .with(&mut |evidence| kept = evidence.renew(judge, due, new));
        match kept {
            Kept::New => RefreshOutcome::Renewed,
            Kept::Known => RefreshOutcome::NothingNew,
            Kept::TooLarge => RefreshOutcome::Refused(UnknownStatus::NotFetched),
        }
    }
}

/// The check of what came for something that was due.
struct Check<'r> {
    refresh: &'r Refresh<'r>,
    judge: Judge<'r>,
    budget: Budget,
    /// The certificate about which the held evidence was asked for, and the key that vouches for
    /// that evidence.
    certificate: &'r Certificate,
    key: SubjectPublicKeyInfo<'r>,
}

impl Check<'_> {
    fn crl(&mut self, old: &Crl, bytes: Vec<u8>) -> Result<Crl, UnknownStatus> {
        let crl = Crl::from_vec(bytes).map_err(|_| UnknownStatus::Malformed)?;
        let same_kind = crl.is_delta() == old.is_delta();
        if !same_kind || !crl.issuer().matches(&old.issuer()) || !self.judge.can_use(&crl) {
            return Err(UnknownStatus::NotAuthoritative);
        }
        if self.judge.crl_dates(&crl) == Dates::Early {
            return Err(UnknownStatus::Stale);
        }
        // Another part of the issuer's CRL is no successor, unless it is about the certificate for
        // which the old one was fetched.
        if crl.idp_der() != old.idp_der() {
            let subject = scope::Subject::of(self.certificate);
            let covered = self.judge.coverage(&crl, subject, &mut self.budget);
            if !matches!(covered, Ok(Some(Coverage::Reasons(_)))) {
                return Err(UnknownStatus::NotAuthoritative);
            }
        }
        let signed = Signed {
            algorithm: crl.signature_algorithm(),
            message: crl.tbs(),
            signature: crl.signature(),
            document: None,
        };
        if crl != *old && !self.is_signed(self.key, &signed) {
            return Err(UnknownStatus::NotAuthoritative);
        }
        Ok(crl)
    }

    fn response(&mut self, bytes: &[u8]) -> Result<OcspResponse, UnknownStatus> {
        let response = OcspResponse::from_der(bytes).map_err(|_| UnknownStatus::Malformed)?;
        let (certificate, key) = (self.certificate, self.key);
        let name = certificate.issuer();
        let hashes = IssuerHashes::new(&name, &key);
        // For how long it counts is asked when it is used.
        let signer = ResponseSigner::Issuer;
        let said = self
            .judge
            .statements(&response, certificate, &hashes, signer);
        let mut lacking = Some(UnknownStatus::NotAuthoritative);
        for statement in said {
            lacking = match statement.map(|statement| statement.finding) {
                Ok(Finding::Unknown(reason)) | Err(reason) => {
                    lacking.map(|known| known.max(reason))
                }
                Ok(_) => None,
            };
        }
        if let Some(reason) = lacking {
            return Err(reason);
        }
        let verifier = ResponseVerifier {
            policy: self.refresh.policy,
            options: self.refresh.signer,
            at: self.refresh.at,
            subject: certificate,
        };
        match verifier.signer(&response, (name, key), self) {
            Ok(Some(_)) => Ok(response),
            _ => Err(UnknownStatus::NotAuthoritative),
        }
    }

    fn is_signed(&mut self, key: SubjectPublicKeyInfo<'_>, signed: &Signed<'_>) -> bool {
        let algorithms = &self.refresh.signer.algorithms;
        if algorithms.check_signature(&signed.algorithm).is_err()
            || self.budget.spend_signature().is_err()
        {
            return false;
        }
        let prepared = self.refresh.provider.prepare(&key, None);
        prepared.is_ok_and(|key| {
            let verified = key.verify(&signed.algorithm, signed.message, signed.signature);
            verified.is_ok()
        })
    }
}

/// Signatures under the key that the issuer is known to have.
impl Signatures for Check<'_> {
    fn by_issuer(&mut self, signed: &Signed<'_>) -> Result<bool, Rule> {
        Ok(self.is_signed(self.key, signed))
    }

    fn by_responder(&mut self, responder: &Certificate, signed: &Signed<'_>) -> Result<bool, Rule> {
        Ok(self.is_signed(responder.public_key(), signed))
    }

    fn is_listed(&mut self, responder: &Certificate) -> bool {
        is_listed_in(self.refresh.store, responder, self.key.as_der())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::crypto::RustCrypto;
    use crate::revocation::store::testing::{
        ListParts, RESPONDER, ResponseParts, at, certificate, judge, key, party, responder, source,
        urls,
    };
    use crate::revocation::{Evidence, RefreshSchedule};

    const NOW: i64 = 990;

    /// As a caller without `std` would make one.
    #[derive(Debug)]
    struct Store(Mutex<Evidence>);

    impl Store {
        fn edit<T>(&self, work: impl FnOnce(&mut Evidence) -> T) -> T {
            work(&mut self.0.lock().unwrap())
        }
    }

    impl EvidenceStore for Store {
        fn with(&self, work: &mut dyn FnMut(&mut Evidence)) {
            self.edit(work);
        }
    }

    /// A store with a list and a response that end at 1,000.
    fn store() -> Store {
        let mut evidence = Evidence::new();
        let cert = certificate("issuer", 7, &[]);
        let request = source(&cert, None, "crl.example");
        let list = ListParts::default().list();
        evidence.keep_crl(judge(0), &list, &party(&[1]), Some(&request));
        let request = source(&cert, Some(1), "ocsp.example");
        let response = ResponseParts::default().response();
        evidence.keep_response(judge(0), &response, &cert, &party(&[1]), Some(&request));
        Store(Mutex::new(evidence))
    }

    fn take(store: &Store, due: &Due, answer: impl Into<Answer>) -> RefreshOutcome {
        let refresh = Refresh {
            store,
            provider: &RustCrypto,
            policy: &RevocationPolicy::default(),
            signer: &PathOptions::default(),
            at: at(NOW),
        };
        refresh.take(due, answer.into())
    }

    fn due(store: &Store, now: i64) -> Vec<Due> {
        super::super::store::due(store, judge(now), RefreshSchedule::from(100))
    }

    fn offer_list(parts: &ListParts) -> RefreshOutcome {
        let store = store();
        let list = &due(&store, NOW)[0];
        assert!(matches!(list.held, Held::Crl(_)));
        take(&store, list, Answer::body(parts.der()))
    }

    fn offer_response(parts: &ResponseParts) -> RefreshOutcome {
        let store = store();
        let response = &due(&store, NOW)[1];
        assert!(matches!(response.held, Held::Response(_)));
        take(&store, response, Answer::body(parts.der()))
    }

    fn list() -> ListParts {
        ListParts {
            this: 980,
            next: Some(2_000),
            number: Some(2),
            ..ListParts::default()
        }
    }

    fn response() -> ResponseParts {
        ResponseParts {
            this: 980,
            next: Some(2_000),
            ..ResponseParts::default()
        }
    }

    const NOT_ITS_OWN: RefreshOutcome = RefreshOutcome::Refused(UnknownStatus::NotAuthoritative);

    #[test]
    fn a_list_of_the_same_key_and_name_renews() {
        assert_eq!(offer_list(&list()), RefreshOutcome::Renewed);
        let revoking = ListParts {
            serials: Vec::from([9]),
            ..list()
        };
        assert_eq!(offer_list(&revoking), RefreshOutcome::Renewed);
    }

    #[test]
    fn any_other_list_is_refused() {
        let cases = [
            (ListParts { key: 2, ..list() }, NOT_ITS_OWN),
            (
                ListParts {
                    issuer: "other",
                    ..list()
                },
                NOT_ITS_OWN,
            ),
            (
                ListParts {
                    base: Some(1),
                    ..list()
                },
                NOT_ITS_OWN,
            ),
            (
                ListParts {
                    unknown: true,
                    ..list()
                },
                NOT_ITS_OWN,
            ),
            (
                ListParts {
                    this: NOW + 61,
                    ..list()
                },
                RefreshOutcome::Refused(UnknownStatus::Stale),
            ),
            // The same one, and an older one.
            (ListParts::default(), RefreshOutcome::NothingNew),
            (ListParts { this: -1, ..list() }, RefreshOutcome::NothingNew),
        ];
        for (parts, outcome) in cases {
            assert_eq!(offer_list(&parts), outcome, "{parts:?}");
        }
    }

    #[test]
    fn a_response_of_the_issuer_or_its_delegate_renews() {
        assert_eq!(offer_response(&response()), RefreshOutcome::Renewed);
        let delegated = ResponseParts {
            signer: 5,
            responder: "responder",
            certificate: Some(responder("responder", 5, ("issuer", 1), true)),
            revoked: true,
            ..response()
        };
        assert_eq!(offer_response(&delegated), RefreshOutcome::Renewed);
    }

    #[test]
    fn any_other_response_is_refused() {
        let by = |certificate: Option<Vec<u8>>| ResponseParts {
            signer: 5,
            responder: "responder",
            certificate,
            ..response()
        };
        let cases = [
            (by(None), NOT_ITS_OWN),
            // Certified by somebody else, by another issuer's name, for another key.
            (
                by(Some(responder("responder", 5, ("issuer", 6), true))),
                NOT_ITS_OWN,
            ),
            (
                by(Some(responder("responder", 5, ("other", 1), true))),
                NOT_ITS_OWN,
            ),
            (
                by(Some(responder("responder", 6, ("issuer", 1), true))),
                NOT_ITS_OWN,
            ),
            (
                ResponseParts {
                    signer: 2,
                    ..response()
                },
                NOT_ITS_OWN,
            ),
            (
                ResponseParts {
                    serials: Vec::from([8]),
                    ..response()
                },
                NOT_ITS_OWN,
            ),
            (
                ResponseParts {
                    issuer_key: 2,
                    ..response()
                },
                NOT_ITS_OWN,
            ),
            (
                ResponseParts {
                    next: Some(985),
                    ..response()
                },
                RefreshOutcome::Refused(UnknownStatus::Stale),
            ),
            (ResponseParts::default(), RefreshOutcome::NothingNew),
        ];
        for (parts, outcome) in cases {
            assert_eq!(offer_response(&parts), outcome, "{parts:?}");
        }
    }

    #[test]
    fn a_delegate_that_a_list_names_is_refused() {
        let delegated = |no_check| ResponseParts {
            signer: 5,
            responder: "responder",
            certificate: Some(responder("responder", 5, ("issuer", 1), no_check)),
            ..response()
        };
        assert_eq!(offer_response(&delegated(false)), RefreshOutcome::Renewed);
        let store = store();
        let revoking = ListParts {
            serials: Vec::from([RESPONDER]),
            ..list()
        };
        let all = due(&store, NOW);
        let outcome = take(&store, &all[0], Answer::body(revoking.der()));
        assert_eq!(outcome, RefreshOutcome::Renewed);
        let offer = |no_check| {
            let der = delegated(no_check).der();
            take(&store, &all[1], Answer::body(der))
        };
        assert_eq!(offer(false), NOT_ITS_OWN);
        // RFC 6960 section 4.2.2.2.1: this one is not to be looked up.
        assert_eq!(offer(true), RefreshOutcome::Renewed);
    }

    #[test]
    fn what_is_renewed_is_not_due_and_what_is_not_waits() {
        let store = store();
        let all = due(&store, NOW);
        assert_eq!(all.len(), 2);
        let outcome = take(&store, &all[0], Answer::body(list().der()));
        assert_eq!(outcome, RefreshOutcome::Renewed);
        let outcome = take(&store, &all[1], Answer::body(b"<html>".as_slice()));
        assert_eq!(outcome, RefreshOutcome::Refused(UnknownStatus::Malformed));
        assert!(due(&store, NOW).is_empty());
        // The URL that sent nonsense is asked last; it is not paused.
        let again = due(&store, NOW + 1);
        assert_eq!(
            urls(&again[0]),
            ["http://ocsp.example/b", "http://ocsp.example/a"]
        );
    }

    #[test]
    fn a_url_that_fails_waits_and_its_answer_ends_that() {
        let store = store();
        let first = &due(&store, NOW)[0];
        let outcome = take(&store, first, FetchFailure::Unreachable);
        assert_eq!(outcome, RefreshOutcome::Failed(FetchFailure::Unreachable));
        let paused = |url| store.edit(|evidence| evidence.is_paused(url, &key(1), at(NOW)));
        assert!(paused("http://crl.example/a") && !paused("http://crl.example/b"));
        let second = first.clone().next_url().unwrap();
        let outcome = take(&store, &second, FetchFailure::Status(404));
        assert_eq!(outcome, RefreshOutcome::Failed(FetchFailure::Status(404)));
        assert!(!paused("http://crl.example/b"));
        let outcome = take(&store, first, Answer::body(b"nonsense".as_slice()));
        assert_eq!(outcome, RefreshOutcome::Refused(UnknownStatus::Malformed));
        assert!(!paused("http://crl.example/a"));
        let outcome = take(&store, &second, Answer::body(list().der()));
        assert_eq!(outcome, RefreshOutcome::Renewed);
    }
}

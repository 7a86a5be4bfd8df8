//! Renews a validator's evidence before it expires, so that no handshake waits for it.
//!
//! The caller fetches. This module decides what is due, and whether an answer may replace existing
//! evidence.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::Validator;
use crate::revocation::judge::Judge;
use crate::revocation::{
    Answer, Due, FetchFailure, Refresh, RefreshOutcome, RefreshSchedule, RevocationFetcher, due,
    fetch_one,
};
use crate::time::Time;

impl Validator {
    /// The evidence that expires soon according to this schedule, or has expired. A background task
    /// should fetch it, so that no handshake waits. A number of seconds is a schedule: evidence is
    /// due that long before it expires.
    ///
    /// CAs alternate in the order. For each CA, evidence that is about to expire comes before what
    /// has expired. Evidence for which nothing newer was found is left out for a while, up to an
    /// hour. Without an evidence store the list is empty.
    ///
    /// ```
    /// use portcullis::revocation::{Answer, RefreshOutcome, Request};
    /// use portcullis::{Time, Validator};
    ///
    /// /// Call this regularly. `fetch` is your HTTP client.
    /// fn keep_current(validator: &Validator, now: Time, fetch: impl Fn(&Request) -> Answer) {
    ///     for due in validator.due(now, 3600) {
    ///         let answer = fetch(due.request());
    ///         match validator.refresh(&due, answer, now) {
    ///             RefreshOutcome::Renewed | RefreshOutcome::NothingNew => {}
    ///             outcome => eprintln!("{}: {outcome:?}", due.request().url()),
    ///         }
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn due(&self, now: Time, schedule: impl Into<RefreshSchedule>) -> Vec<Due> {
        let Some(store) = &self.shared.evidence else {
            return Vec::new();
        };
        let judge = Judge::new(&self.shared.revocation, now);
        due(&**store, judge, schedule.into())
    }

    /// Accepts the answer for evidence that was due. It must have the same signer as the evidence
    /// that it replaces, and be newer.
    pub fn refresh(&self, due: &Due, answer: impl Into<Answer>, now: Time) -> RefreshOutcome {
        let Some(store) = &self.shared.evidence else {
            return RefreshOutcome::NothingNew;
        };
        let refresh = Refresh {
            store: &**store,
            provider: &*self.shared.provider,
            policy: &self.shared.revocation,
            signer: &self.shared.signer,
            at: now,
        };
        refresh.take(due, answer.into())
    }

    /// Fetches everything that is due, one after the other, and returns how much of it was renewed.
    /// If a URL has nothing new, the next one is tried in the same round, after the first URLs of
    /// all others: slow URLs of one CA cost the others one turn each. Answers are validated at the
    /// time of their arrival if the fetcher reports it, otherwise at `now`.
    ///
    /// A [`deadline`](RevocationFetcher::deadline) of the fetcher ends the round. What was not
    /// asked for stays due.
    pub fn refresh_due(
        &self,
        now: Time,
        schedule: impl Into<RefreshSchedule>,
        fetcher: &impl RevocationFetcher,
    ) -> usize {
        let mut turns = VecDeque::from(self.due(now, schedule));
        let mut renewed = 0;
        while let Some(due) = turns.pop_front() {
            let answer = fetch_one(fetcher, due.request());
            let at = answer.at.unwrap_or(now);
            match self.refresh(&due, answer, at) {
                RefreshOutcome::Renewed => renewed += 1,
                RefreshOutcome::Failed(FetchFailure::NotAsked) => break,
                _ => turns.extend(due.next_url()),
            }
        }
        renewed
    }
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;
    use core::cell::{Cell, RefCell};
    use std::sync::Mutex;

    use super::*;
    use crate::revocation::testing::{ListParts, at, certificate, key};
    use crate::revocation::{
        Evidence, EvidenceStore, FetchFailure, Request, RevocationFlag, RevocationMode,
    };
    use crate::trust::{TrustAnchor, TrustStore};
    use crate::validator::{Presented, TrustMode};

    const URL: &str = "http://crl.example/list";

    #[derive(Debug, Default)]
    struct Store(Mutex<Evidence>);

    impl EvidenceStore for Store {
        fn with(&self, work: &mut dyn FnMut(&mut Evidence)) {
            work(&mut self.0.lock().unwrap());
        }
    }

    /// A server with one CRL that counts how often it is asked.
    #[derive(Default)]
    struct CrlServer {
        list: RefCell<Option<Vec<u8>>>,
        asked: Cell<usize>,
    }

    impl CrlServer {
        fn publish(&self, parts: &ListParts) {
            self.list.replace(Some(parts.der()));
        }
    }

    impl RevocationFetcher for CrlServer {
        fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
            assert_eq!(request.url(), URL);
            self.asked.set(self.asked.get() + 1);
            match &*self.list.borrow() {
                Some(list) => Ok(list.clone()),
                None => Err(FetchFailure::Unreachable),
            }
        }
    }

    fn list(this: i64, serials: &[u8]) -> ListParts {
        ListParts {
            this,
            next: Some(this + 1_000),
            serials: serials.into(),
            ..ListParts::default()
        }
    }

    fn validator(store: &Arc<Store>) -> Validator {
        let list = ListParts::default().list();
        let anchor = TrustAnchor::from_name_and_key(list.issuer().as_der(), &key(1));
        let roots = TrustStore::new([anchor.unwrap()]);
        let builder = Validator::builder(TrustMode::CustomRootTrust(roots))
            .revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot)
            .evidence(Arc::clone(store) as Arc<dyn EvidenceStore>);
        builder.build().unwrap()
    }

    fn is_accepted(validator: &Validator, server: &CrlServer, now: i64) -> bool {
        let leaf = Presented::new(certificate("issuer", 9, &[URL]));
        validator.validate(&leaf, at(now), server).is_ok()
    }

    #[test]
    fn no_handshake_waits_while_a_task_refreshes() {
        let store = Arc::new(Store::default());
        let (validator, server) = (validator(&store), CrlServer::default());
        server.publish(&list(0, &[]));
        assert!(is_accepted(&validator, &server, 10));
        assert_eq!(server.asked.get(), 1);
        assert!(validator.due(at(10), 100).is_empty());
        server.publish(&list(900, &[]));
        assert_eq!(validator.refresh_due(at(950), 100, &server), 1);
        assert_eq!(server.asked.get(), 2);
        assert!(validator.due(at(950), 100).is_empty());
        // The first CRL has expired by now.
        assert!(is_accepted(&validator, &server, 1_500));
        assert_eq!(server.asked.get(), 2);
        server.publish(&list(1_600, &[9]));
        assert_eq!(validator.refresh_due(at(1_850), 100, &server), 1);
        assert!(!is_accepted(&validator, &server, 1_851));
        assert_eq!(server.asked.get(), 3);
    }

    #[test]
    fn whom_a_stale_list_revokes_stays_revoked_and_a_replay_changes_nothing() {
        let store = Arc::new(Store::default());
        let (validator, server) = (validator(&store), CrlServer::default());
        server.publish(&list(50, &[9]));
        assert!(!is_accepted(&validator, &server, 100));
        // An attacker in the middle sends the previous CRL, which is still current.
        server.publish(&list(0, &[]));
        assert!(!is_accepted(&validator, &server, 101));
        assert_eq!(validator.refresh_due(at(960), 100, &server), 0);
        assert!(!is_accepted(&validator, &server, 990));
        server.list.replace(None);
        assert!(!is_accepted(&validator, &server, 5_000));
        server.publish(&list(5_001, &[]));
        assert_eq!(validator.refresh_due(at(5_400), 0, &server), 1);
        assert!(is_accepted(&validator, &server, 5_400));
    }

    #[test]
    fn an_emergency_list_counts_once_it_is_verified() {
        let store = Arc::new(Store::default());
        let (validator, server) = (validator(&store), CrlServer::default());
        server.publish(&list(0, &[]));
        assert!(is_accepted(&validator, &server, 10));
        let insert = |parts: &ListParts| {
            let list = parts.list();
            store.with(&mut |evidence| evidence.insert_crl(list.clone()).unwrap());
        };
        // A CRL signed by another key is ignored.
        insert(&ListParts {
            key: 3,
            ..list(20, &[9])
        });
        assert!(is_accepted(&validator, &server, 30));
        insert(&list(20, &[9]));
        assert!(!is_accepted(&validator, &server, 30));
        assert_eq!(server.asked.get(), 1);
        let mut verified = 0;
        store.with(&mut |evidence| {
            verified = evidence.crls().filter(|kept| kept.is_verified()).count();
        });
        assert_eq!(verified, 1);
    }

    #[test]
    fn a_dead_server_is_asked_now_and_then() {
        let store = Arc::new(Store::default());
        let (validator, server) = (validator(&store), CrlServer::default());
        for now in [0, 0, 0, 1, 1, 2, 3, 3, 6, 7] {
            assert!(!is_accepted(&validator, &server, now));
        }
        // At 0, 1, 3 and 7.
        assert_eq!(server.asked.get(), 4);
        server.publish(&list(0, &[]));
        assert!(!is_accepted(&validator, &server, 14));
        assert!(is_accepted(&validator, &server, 15));
        // The clock is corrected: there is no pause of years.
        let server = CrlServer::default();
        assert!(!is_accepted(&validator, &server, 5_000));
        assert_eq!(server.asked.get(), 1);
    }
}

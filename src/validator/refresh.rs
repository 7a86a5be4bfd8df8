//! A validator's evidence, renewed before it runs out.

use alloc::vec::Vec;

use super::Validator;
use crate::revocation::{Answer, Due, Refresh, RefreshOutcome, RevocationFetcher};
use crate::time::Time;

impl Validator {
    /// What of the evidence at hand has run out or does so within `ahead` seconds, the most urgent first: what a
    /// background task fetches, so that no handshake waits for it. Nothing without an evidence store.
    ///
    /// ```
    /// use portcullis::revocation::{Answer, RefreshOutcome, Request};
    /// use portcullis::{Time, Validator};
    ///
    /// /// To be called now and then. `fetch` is the HTTP client of the caller.
    /// fn keep_current(validator: &Validator, now: Time, fetch: impl Fn(&Request) -> Answer) {
    ///     for due in validator.due(now, 3600) {
    ///         let answer = fetch(due.request());
    ///         match validator.refresh(&due, answer, now) {
    ///             RefreshOutcome::Renewed | RefreshOutcome::NothingNew => {}
    ///             outcome => eprintln!("{:?}: {outcome:?}", due.request().urls()),
    ///         }
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn due(&self, now: Time, ahead: u32) -> Vec<Due> {
        let mut due = Vec::new();
        if let Some(store) = &self.shared.evidence {
            let policy = &self.shared.revocation;
            store.with(&mut |evidence| due = evidence.due(now, ahead, policy));
        }
        due
    }

    /// Takes in what came for something that was due. It must be signed by whom the evidence was that it replaces, and be
    /// newer.
    pub fn refresh(&self, due: &Due, answer: Answer, now: Time) -> RefreshOutcome {
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
        refresh.take(due, answer)
    }

    /// Fetches all that is due, one after the other, and says how much of it was renewed.
    pub fn refresh_due(&self, now: Time, ahead: u32, fetcher: &impl RevocationFetcher) -> usize {
        let due = self.due(now, ahead);
        let renewed = due.iter().filter(|due| {
            let answer = fetcher.fetch(due.request());
            self.refresh(due, answer, now) == RefreshOutcome::Renewed
        });
        renewed.count()
    }
}

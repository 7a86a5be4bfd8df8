//! The inputs of a validation: what was presented, the options, and the time.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::prepared::PreparedOptions;
use super::presented::Presented;
use super::verdict::Accepted;
use crate::certificate::Certificate;
use crate::few::Few;
use crate::path::Origin;
use crate::path::context::PathContext;
use crate::path::violation::{FirstViolation, Violation};
use crate::revocation::RevocationStatus;
use crate::time::Time;

/// The inputs of a validation.
#[derive(Clone, Copy)]
pub(super) struct ValidationInputs<'a> {
    pub(super) shared: &'a Arc<PreparedOptions>,
    pub(super) presented: &'a Presented,
    pub(super) at: Time,
}

impl<'a> ValidationInputs<'a> {
    /// The certificates and options for building paths. `fetched` are certificates fetched so far.
    pub(super) fn context(self, fetched: &'a [Certificate]) -> PathContext<'a> {
        let (shared, presented) = (self.shared, self.presented);
        PathContext {
            leaf: &presented.leaf,
            presented: presented.certificates(),
            additional: &shared.additional,
            store: &shared.store,
            fetched,
            anchor_keys: &shared.anchor_keys,
            anchor_summaries: &shared.anchor_summaries,
            provider: &*shared.provider,
            memo: &*shared.memo,
            options: &shared.path,
            expected: presented.expected(),
            at: self.at,
        }
    }

    /// Whether the options forgive this violation.
    pub(super) fn forgives(self, violation: &Violation) -> bool {
        FirstViolation(self.shared.path.forgiven).is_forgiven(violation)
    }

    /// A verdict that accepts the leaf. Without an anchor, the leaf itself is trusted.
    pub(super) fn accepted(
        self,
        issuers: Few<(Certificate, Origin)>,
        anchor: Option<u32>,
        forgiven: Vec<Violation>,
        revocation: Vec<Option<RevocationStatus>>,
    ) -> Accepted {
        Accepted {
            shared: Arc::clone(self.shared),
            leaf: self.presented.leaf.clone(),
            expected: Box::from(self.presented.expected()),
            issuers,
            anchor,
            forgiven,
            revocation,
        }
    }
}

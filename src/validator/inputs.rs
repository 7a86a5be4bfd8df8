//! What a validation is given: what was presented, the options, and the time.

use alloc::sync::Arc;

use super::prepared::PreparedOptions;
use super::presented::Presented;
use crate::certificate::Certificate;
use crate::path::context::PathContext;
use crate::time::Time;

/// What a validation is given.
#[derive(Clone, Copy)]
pub(super) struct ValidationInputs<'a> {
    pub(super) shared: &'a Arc<PreparedOptions>,
    pub(super) presented: &'a Presented,
    pub(super) at: Time,
}

impl<'a> ValidationInputs<'a> {
    /// What paths may be made of: these certificates were fetched.
    pub(super) fn context(self, fetched: &'a [Certificate]) -> PathContext<'a> {
        let Self {
            shared,
            presented,
            at,
        } = self;
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
            at,
        }
    }
}

//! A validation that runs step by step, for async programs, embedded targets and tests. It owns the
//! engine and its inputs.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::engine::{Engine, Step};
use super::inputs::ValidationInputs;
use super::prepared::PreparedOptions;
use super::presented::Presented;
use super::verdict::{Accepted, Rejected};
use crate::revocation::{Answer, Nonce, Request, RequestId};
use crate::time::Time;

/// The result of a step of a validation.
#[derive(Debug)]
#[must_use]
// Every validation ends with a verdict. Boxing it would cost each of them an allocation.
#[allow(clippy::large_enum_variant)]
pub enum Progress {
    /// These requests need answers. The validation continues with the next [`Validation::advance`].
    /// A request that has not been answered by then counts as failed.
    Fetch(Vec<Request>),
    /// The verdict. Further calls return it again.
    Done(Result<Accepted, Rejected>),
}

/// A validation in progress. It does no I/O: it requests what is missing, and the caller advances
/// it.
///
/// ```
/// use portcullis::revocation::{FetchFailure, RevocationFlag, RevocationMode};
/// use portcullis::{Presented, Progress, Time, TrustMode, TrustStore, Validator};
///
/// let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"))?;
/// let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
///     .revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot)
///     .build()?;
/// let presented = Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
/// let now = Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap();
///
/// let mut validation = validator.begin(&presented, now);
/// let verdict = loop {
///     match validation.advance() {
///         Progress::Fetch(requests) => {
///             for request in requests {
///                 // Fetch one of request.urls() here, and hand over what came.
///                 validation.provide(request.id(), FetchFailure::Unreachable);
///             }
///         }
///         Progress::Done(verdict) => break verdict,
///     }
/// };
/// assert!(verdict.is_err()); // the revocation status is unknown
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct Validation {
    input: Input,
    engine: Engine,
    verdict: Option<Result<Accepted, Rejected>>,
}

/// The inputs of a validation, which it owns.
struct Input {
    shared: Arc<PreparedOptions>,
    presented: Presented,
    at: Time,
}

impl Input {
    fn borrow(&self) -> ValidationInputs<'_> {
        ValidationInputs {
            shared: &self.shared,
            presented: &self.presented,
            at: self.at,
        }
    }
}

impl Validation {
    pub(super) fn new(shared: Arc<PreparedOptions>, presented: Presented, at: Time) -> Self {
        Self {
            engine: Engine::new(&shared),
            input: Input {
                shared,
                presented,
                at,
            },
            verdict: None,
        }
    }

    /// Adds a nonce to the OCSP requests of this validation. Default: none.
    pub fn with_nonce(mut self, nonce: Nonce) -> Self {
        self.engine.nonce = Some(nonce);
        self
    }

    /// Continues until something is missing or there is a verdict.
    pub fn advance(&mut self) -> Progress {
        if let Some(verdict) = &self.verdict {
            return Progress::Done(verdict.clone());
        }
        match self.engine.advance(self.input.borrow()) {
            Step::Missing(requests) => Progress::Fetch(requests),
            Step::Done(verdict) => {
                self.verdict = Some(verdict.clone());
                Progress::Done(verdict)
            }
        }
    }

    /// Accepts the answer to a request: in any order, more than once, or after further steps. A
    /// second answer with other bytes is additional evidence. A failure after bytes has no effect,
    /// nor does an ID that no request of this validation has. IDs are unique only within a
    /// validation.
    ///
    /// Answers after the verdict are dropped and do not reach the evidence store. To get a verdict
    /// at once and the evidence later, start a second validation.
    pub fn provide(&mut self, request: RequestId, answer: impl Into<Answer>) {
        if self.verdict.is_none() {
            let inputs = self.input.borrow();
            self.engine.provide(inputs, request, answer.into());
        }
    }
}

debug! {
    impl[] Validation: "Validation", |self|
    "leaf": self.input.presented.leaf, "at": self.input.at, "is_done": self.verdict.is_some()
}

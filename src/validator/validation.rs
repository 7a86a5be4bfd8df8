//! A validation step by step, for async programs, embedded targets and tests: the engine, with the
//! options and what was presented kept beside it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::engine::{Engine, Step};
use super::inputs::ValidationInputs;
use super::prepared::PreparedOptions;
use super::presented::Presented;
use super::verdict::{Accepted, Rejected};
use crate::revocation::{Answer, Nonce, Request, RequestId};
use crate::time::Time;

/// What a step of a validation came to.
#[derive(Debug)]
#[must_use]
// A verdict is what every validation ends with; boxing it would cost all of them an allocation.
#[allow(clippy::large_enum_variant)]
pub enum Progress {
    /// This is missing. The validation goes on with the next [`Validation::advance`]; what has not
    /// been answered by then counts as not to be had.
    Fetch(Vec<Request>),
    /// The verdict, which further calls repeat.
    Done(Result<Accepted, Rejected>),
}

/// A validation that has begun: it does no I/O, says what is missing, and goes on when it is told
/// to.
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
/// assert!(verdict.is_err()); // nobody could say that it is not revoked
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct Validation {
    input: Input,
    engine: Engine,
    verdict: Option<Result<Accepted, Rejected>>,
}

/// What a validation is given, as it keeps it between steps.
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

    /// Puts a nonce into the OCSP requests of this validation. Default: none.
    pub fn with_nonce(mut self, nonce: Nonce) -> Self {
        self.engine.nonce = Some(nonce);
        self
    }

    /// Goes on until something is missing or there is a verdict.
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

    /// Takes in the answer to a request: in any order, more than once, or after further steps. A
    /// second answer with other bytes is more evidence; a failure beside bytes changes nothing,
    /// nor does a number that no request of this validation has. Numbers are told apart within
    /// a validation only.
    ///
    /// What comes after the verdict is lost, for the evidence store too. For a verdict at once and
    /// the evidence later, begin a second validation.
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

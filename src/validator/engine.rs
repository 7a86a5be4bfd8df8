//! The engine of a validation: the type of the leaf, the checks of the leaf alone, the search, the
//! revocation checks of each valid path, and the verdict.
//!
//! It is a state machine. It pauses for evidence only at a path that is otherwise valid, and for
//! issuers only if the caller allows it. If a path is revoked, the search continues with the next.
//! It keeps no references: each step borrows its inputs.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::inputs::ValidationInputs;
use super::issuers::IssuerFetch;
use super::prepared::PreparedOptions;
use super::rejection::{Rejecting, RevokedPath, refuse, violations_of};
use super::self_signed::{self, Class};
use super::verdict::{Accepted, Rejected};
use crate::certificate::Certificate;
use crate::certificate::extensions::TlsFeature;
use crate::crypto::SignatureError;
use crate::path::Budget;
use crate::path::context::PathContext;
use crate::path::explain::{all_violations, primary};
use crate::path::role_checks::check_leaf;
use crate::path::search::{FoundPath, Progress as SearchProgress, Search};
use crate::path::tried::Tried;
use crate::path::violation::{Rule, Violation};
use crate::revocation::inquiry::{Inquiry, InquiryState, Outcome};
use crate::revocation::{Answer, Nonce, Request, RequestId, RevocationStatus};

/// The result of a step.
// As for `Progress`.
#[allow(clippy::large_enum_variant)]
pub(super) enum Step {
    Missing(Vec<Request>),
    Done(Result<Accepted, Rejected>),
}

/// The state of a validation.
#[derive(Default)]
enum State {
    #[default]
    Beginning,
    Searching,
    /// This path is valid except for revocation.
    Inquiring(Box<FoundPath>),
    FetchingIssuers,
}

/// The state of one validation.
#[derive(Default)]
pub(super) struct Engine {
    state: State,
    search: Search,
    /// Why a leaf with identical names is not self-signed.
    own_flaw: Option<SignatureError>,
    inquiry: Option<Box<InquiryState>>,
    issuers: Option<Box<IssuerFetch>>,
    revoked: Option<Box<RevokedPath>>,
    pub(super) nonce: Option<Nonce>,
}

/// Charges the budget for what was presented.
fn admit(inputs: ValidationInputs<'_>, budget: &mut Budget) -> Result<(), Rule> {
    let presented = inputs.presented;
    let all = core::iter::once(&presented.leaf).chain(presented.certificates());
    for certificate in all {
        let paid = budget.spend_certificate(certificate.as_der().len());
        paid.map_err(Rule::Exhausted)?;
    }
    Ok(())
}

/// The certificates that have been fetched.
fn fetched(issuers: Option<&IssuerFetch>) -> &[Certificate] {
    issuers.map_or(&[], IssuerFetch::certificates)
}

fn inquiry<'s>(
    state: &'s mut InquiryState,
    inputs: ValidationInputs<'s>,
    context: &'s PathContext<'s>,
    search: &'s mut Search,
    nonce: Option<&'s Nonce>,
) -> Inquiry<'s> {
    let shared = inputs.shared;
    Inquiry {
        state,
        context,
        policy: &shared.revocation,
        signer: &shared.signer,
        store: shared.evidence.as_deref(),
        statuses: shared.status_source.as_deref(),
        nonce: nonce.map(Nonce::as_bytes),
        signatures: &mut search.signatures,
        budget: &mut search.budget,
    }
}

/// The verdict for a path that is valid except for what is forgiven.
fn accepted(
    inputs: ValidationInputs<'_>,
    context: &PathContext<'_>,
    search: &mut Search,
    path: &FoundPath,
    mut unknown: Vec<Violation>,
    revocation: Vec<Option<RevocationStatus>>,
) -> Accepted {
    add_forgiven(inputs, context, search, path, &mut unknown);
    let issuers = path.certificates.iter().skip(1);
    let issuers = issuers.map(|&id| (context.certificate(id).clone(), context.origin(id)));
    inputs.accepted(issuers.collect(), Some(path.anchor.0), unknown, revocation)
}

/// Adds the violations that were forgiven on a valid path. The search did not record them.
fn add_forgiven(
    inputs: ValidationInputs<'_>,
    context: &PathContext<'_>,
    search: &mut Search,
    path: &FoundPath,
    violations: &mut Vec<Violation>,
) {
    if inputs.shared.path.forgiven.is_empty() {
        return;
    }
    let all = all_violations(context, search, &path.certificates, Some(path.anchor));
    violations.extend(all.into_iter().filter(|one| inputs.forgives(one)));
    violations.sort_by_key(|violation| violation.position);
}

impl Engine {
    /// A validation that has not started.
    pub(super) fn new(shared: &PreparedOptions) -> Self {
        let mut engine = Self::default();
        engine.search.budget = Budget::new(&shared.path.limits);
        engine
    }

    /// Continues until something is missing or there is a verdict.
    pub(super) fn advance(&mut self, inputs: ValidationInputs<'_>) -> Step {
        loop {
            let step = match core::mem::take(&mut self.state) {
                State::Beginning => self.begin(inputs),
                State::Searching => self.search(inputs),
                State::Inquiring(path) => self.inquire(inputs, path),
                State::FetchingIssuers => self.take_issuers(inputs),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// Accepts an answer.
    pub(super) fn provide(&mut self, inputs: ValidationInputs<'_>, id: RequestId, answer: Answer) {
        if let Some(issuers) = &mut self.issuers
            && issuers.provide(&mut self.search.budget, id, &answer)
        {
            return;
        }
        if let Some(state) = &mut self.inquiry {
            let context = inputs.context(fetched(self.issuers.as_deref()));
            let (search, nonce) = (&mut self.search, self.nonce.as_ref());
            inquiry(state, inputs, &context, search, nonce).provide(id, answer);
        }
    }

    fn begin(&mut self, inputs: ValidationInputs<'_>) -> Option<Step> {
        match self.decide_type(inputs) {
            Ok(None) => self.begin_search(inputs),
            Ok(Some(verdict)) => Some(Step::Done(verdict)),
            Err(rule) => Some(Step::Done(Err(refuse(inputs, rule)))),
        }
    }

    /// Decides by the type of the leaf. `None` if it needs a path.
    fn decide_type(
        &mut self,
        inputs: ValidationInputs<'_>,
    ) -> Result<Option<Result<Accepted, Rejected>>, Rule> {
        let types = inputs.shared.certificate_types;
        admit(inputs, &mut self.search.budget)?;
        match self_signed::classify(inputs, &mut self.search)? {
            Class::SelfSigned if types.allow_self_signed() => {
                Ok(Some(self_signed::decide(inputs, &mut self.search)))
            }
            Class::SelfSigned => Err(Rule::SelfSignedNotAllowed),
            Class::Chained(_) if !types.allow_chained() => Err(Rule::ChainedNotAllowed),
            Class::Chained(own_flaw) => {
                self.own_flaw = own_flaw;
                Ok(None)
            }
        }
    }

    fn begin_search(&mut self, inputs: ValidationInputs<'_>) -> Option<Step> {
        match check_leaf(&inputs.context(&[])) {
            Ok(summary) => {
                self.search.begin(summary);
            }
            Err(violation) => self.search.fall(violation),
        }
        self.search(inputs)
    }

    fn search(&mut self, inputs: ValidationInputs<'_>) -> Option<Step> {
        let context = inputs.context(fetched(self.issuers.as_deref()));
        match self.search.advance(&context) {
            SearchProgress::Found(path) if inputs.shared.revocation.is_checked() => {
                self.state = State::Inquiring(Box::new(path));
                None
            }
            SearchProgress::Found(path) => {
                let search = &mut self.search;
                let accepted = accepted(inputs, &context, search, &path, Vec::new(), Vec::new());
                Some(Step::Done(Ok(accepted)))
            }
            SearchProgress::Ended => Some(self.ended(inputs)),
        }
    }

    /// There are no further paths, but an issuer may be fetched.
    fn ended(&mut self, inputs: ValidationInputs<'_>) -> Step {
        if inputs.shared.fetch_issuers && self.revoked.is_none() && self.search.exhausted.is_none()
        {
            let context = inputs.context(fetched(self.issuers.as_deref()));
            let wanted = IssuerFetch::wanted(&context, &self.search.without_issuer);
            let issuers = self.issuers.get_or_insert_default();
            let requests = issuers.requests(wanted, &mut self.search.budget);
            if !requests.is_empty() {
                self.state = State::FetchingIssuers;
                return Step::Missing(requests);
            }
        }
        Step::Done(Err(self.reject(inputs)))
    }

    fn take_issuers(&mut self, inputs: ValidationInputs<'_>) -> Option<Step> {
        if self.issuers.as_mut().is_some_and(|i| i.take_new()) {
            let context = inputs.context(fetched(self.issuers.as_deref()));
            self.search.reconsider(&context);
            self.state = State::Searching;
            return None;
        }
        Some(self.ended(inputs))
    }

    /// RFC 5280 section 6.1.3 (a)(3): checks whether the certificates of a valid path are revoked.
    fn inquire(&mut self, inputs: ValidationInputs<'_>, path: Box<FoundPath>) -> Option<Step> {
        let shared = inputs.shared;
        let context = inputs.context(fetched(self.issuers.as_deref()));
        let state = self.inquiry.get_or_insert_with(|| {
            let mut state = Box::<InquiryState>::default();
            if let Some(Ok(response)) = inputs.presented.stapled() {
                state.staple(response.clone());
            }
            state
        });
        let (search, nonce) = (&mut self.search, self.nonce.as_ref());
        let statuses = match inquiry(state, inputs, &context, search, nonce).look_at(&path) {
            Ok(Outcome::Missing(requests)) => {
                self.state = State::Inquiring(path);
                return Some(Step::Missing(requests));
            }
            Ok(Outcome::Settled(statuses)) => statuses,
            Err(rule) => {
                self.search.exhausted = Some(rule);
                return Some(Step::Done(Err(self.reject(inputs))));
            }
        };
        let lacks_staple = shared.revocation.must_staple
            && promises_staple(&inputs.presented.leaf)
            && !state.is_stapled();
        let mut violations = violations_of(&statuses);
        if lacks_staple {
            violations.insert(0, Violation::of_leaf(Rule::StapleMissing));
        }
        let is_forgiven = |violation: &Violation| {
            let accepted = matches!(violation.rule, Rule::RevocationUnknown(reason)
                if shared.revocation.accepted.contains(reason));
            accepted || inputs.forgives(violation)
        };
        match primary(&violations, is_forgiven).copied() {
            None => {
                let search = &mut self.search;
                let accepted = accepted(inputs, &context, search, &path, violations, statuses);
                Some(Step::Done(Ok(accepted)))
            }
            Some(error) => {
                self.fall(inputs, *path, violations, statuses, error);
                self.state = State::Searching;
                None
            }
        }
    }

    /// Rejects the leaf: no path is left.
    fn reject(&mut self, inputs: ValidationInputs<'_>) -> Rejected {
        let rejecting = Rejecting {
            inputs,
            fetched: fetched(self.issuers.as_deref()),
            search: &mut self.search,
        };
        rejecting.reject(self.revoked.take(), self.own_flaw)
    }

    /// Notes a path that revocation rules out, after which the search continues. Of several such
    /// paths the one that came closest is reported, and of equals the first.
    fn fall(
        &mut self,
        inputs: ValidationInputs<'_>,
        path: FoundPath,
        mut violations: Vec<Violation>,
        statuses: Vec<Option<RevocationStatus>>,
        error: Violation,
    ) {
        self.search.tried.note(Tried {
            certificates: path.certificates.to_vec(),
            anchor: Some(path.anchor),
            violation: error,
        });
        let closeness = |error: &Violation| error.rule.closeness();
        let known = self.revoked.as_ref().map(|known| closeness(&known.error));
        if known.is_some_and(|known| inputs.shared.dotnet_compatible || known >= closeness(&error))
        {
            return;
        }
        let context = inputs.context(fetched(self.issuers.as_deref()));
        add_forgiven(inputs, &context, &mut self.search, &path, &mut violations);
        self.revoked = Some(Box::new(RevokedPath {
            path,
            violations,
            statuses,
            error,
        }));
    }
}

/// Whether a certificate promises a stapled response in every handshake (RFC 7633).
fn promises_staple(leaf: &Certificate) -> bool {
    let features = leaf.readable::<TlsFeature<'_>>();
    features.is_some_and(|features| features.must_staple())
}

//! One validation: the type of the leaf, the leaf by itself, the search, what revocation says of
//! each path that holds, and the verdict.
//!
//! It is a state that goes on when it is told to. It stops for evidence only at a path that holds
//! in everything else, and for issuers only where the caller allows it; a path that revocation
//! makes fall sends the search on to the next. What it keeps has no lifetime: what it looks at is
//! lent to it for each step.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::issuers::IssuerFetch;
use super::rejection::{Fallen, faults_of, refuse};
use super::verdict::{Accepted, Rejected};
use super::{Presented, Shared};
use crate::certificate::extensions::TlsFeature;
use crate::certificate::{Certificate, ExtensionKind};
use crate::crypto::SignatureError;
use crate::few::Few;
use crate::path::Budget;
use crate::path::by_itself::check_leaf;
use crate::path::certificate::Facts;
use crate::path::explain::{all_faults, primary};
use crate::path::fault::{Fault, FirstFault, Rule};
use crate::path::search::{FoundPath, Progress as SearchProgress, Search};
use crate::path::signatures::Signatures;
use crate::path::tried::Tried;
use crate::path::world::{Issuer, PoolId, World};
use crate::revocation::inquiry::{Inquiry, Outcome, Setting as InquirySetting, Tools};
use crate::revocation::{Answer, Nonce, Request, RequestId, RevocationStatus};
use crate::time::Time;

/// What a validation looks at.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) presented: &'a Presented,
    pub(super) at: Time,
}

/// What a step came to.
// As for `Progress`.
#[allow(clippy::large_enum_variant)]
pub(super) enum Step {
    Missing(Vec<Request>),
    Done(Result<Accepted, Rejected>),
}

/// Where a validation stands.
#[derive(Default)]
enum State {
    #[default]
    Beginning,
    Searching,
    /// This path holds but for revocation.
    Inquiring(FoundPath),
    FetchingIssuers,
}

/// The state of one validation.
#[derive(Default)]
pub(super) struct Engine {
    state: State,
    pub(super) search: Search,
    leaf: Facts,
    /// What is wrong with the signature of a leaf that bears its issuer's name, under its own key.
    own_flaw: Option<SignatureError>,
    inquiry: Option<Box<Inquiry>>,
    pub(super) issuers: Option<Box<IssuerFetch>>,
    pub(super) fallen: Option<Box<Fallen>>,
    pub(super) nonce: Option<Nonce>,
}

/// Pays for what was presented.
fn admit(setting: Setting<'_>, budget: &mut Budget) -> Result<(), Rule> {
    let presented = setting.presented;
    let all = core::iter::once(&presented.leaf).chain(presented.certificates());
    for certificate in all {
        let paid = budget.spend_certificate(certificate.as_der().len());
        paid.map_err(Rule::Exhausted)?;
    }
    Ok(())
}

/// The certificates that were fetched so far.
pub(super) fn fetched(issuers: Option<&IssuerFetch>) -> &[Certificate] {
    issuers.map_or(&[], IssuerFetch::certificates)
}

/// The verdict of a path that holds, but for what is forgiven.
fn accepted(
    setting: Setting<'_>,
    world: &World<'_>,
    search: &mut Search,
    path: &FoundPath,
    mut unknown: Vec<Fault>,
    revocation: Vec<Option<RevocationStatus>>,
) -> Accepted {
    let shared = setting.shared;
    if !shared.path.forgiven.is_empty() {
        let mut faults = all_faults(world, search, &path.certificates, Some(path.anchor));
        let forgiven = FirstFault(shared.path.forgiven);
        faults.retain(|fault| forgiven.is_forgiven(fault));
        unknown.extend(faults);
        unknown.sort_by_key(|fault| fault.position);
    }
    let issuers = path.certificates.iter().skip(1);
    let issuers = issuers.map(|&id| (world.certificate(id).clone(), world.origin(id)));
    Accepted {
        shared: Arc::clone(shared),
        leaf: setting.presented.leaf.clone(),
        expected: Box::from(setting.presented.expected()),
        issuers: issuers.collect(),
        anchor: Some(path.anchor.0),
        forgiven: unknown,
        revocation,
    }
}

impl Engine {
    /// A validation that has not begun.
    pub(super) fn new(shared: &Shared) -> Self {
        let mut engine = Self::default();
        engine.search.budget = Budget::new(&shared.path.limits);
        engine
    }

    /// Goes on until something is missing or there is a verdict.
    pub(super) fn advance(&mut self, setting: Setting<'_>) -> Step {
        loop {
            let step = match core::mem::take(&mut self.state) {
                State::Beginning => self.begin(setting),
                State::Searching => self.search(setting),
                State::Inquiring(path) => self.inquire(setting, path),
                State::FetchingIssuers => self.take_issuers(setting),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// Takes in an answer.
    pub(super) fn provide(&mut self, setting: Setting<'_>, id: RequestId, answer: Answer) {
        let store = setting.shared.evidence.as_deref();
        let store = store.map(|store| (store, setting.at));
        let budget = &mut self.search.budget;
        if let Some(issuers) = &mut self.issuers
            && issuers.provide(budget, id, &answer)
        {
            return;
        }
        if let Some(inquiry) = &mut self.inquiry {
            inquiry.provide(store, budget, id, answer);
        }
    }

    pub(super) fn world<'a>(setting: Setting<'a>, fetched: &'a [Certificate]) -> World<'a> {
        let Setting {
            shared,
            presented,
            at,
        } = setting;
        World {
            leaf: &presented.leaf,
            presented: presented.certificates(),
            additional: &shared.additional,
            store: &shared.store,
            fetched,
            anchor_keys: &shared.anchor_keys,
            anchor_facts: &shared.anchor_facts,
            provider: &*shared.provider,
            memo: &*shared.memo,
            options: &shared.path,
            expected: presented.expected(),
            at,
        }
    }

    fn begin(&mut self, setting: Setting<'_>) -> Option<Step> {
        let shared = setting.shared;
        if let Err(rule) = admit(setting, &mut self.search.budget) {
            return Some(Step::Done(Err(refuse(setting, rule))));
        }
        match self.class(setting) {
            Err(rule) => Some(Step::Done(Err(refuse(setting, rule)))),
            Ok(Class::SelfSigned) if shared.types.allow_self_signed() => {
                Some(Step::Done(self.self_signed(setting)))
            }
            Ok(Class::SelfSigned) => {
                Some(Step::Done(Err(refuse(setting, Rule::SelfSignedNotAllowed))))
            }
            Ok(Class::Chained) if shared.types.allow_chained() => self.begin_search(setting),
            Ok(Class::Chained) => Some(Step::Done(Err(refuse(setting, Rule::ChainedNotAllowed)))),
        }
    }

    /// Equal names make a certificate self-signed for .NET. Here its own key must have made the
    /// signature too: a self-issued certificate of another key has an issuer like any other.
    fn class(&mut self, setting: Setting<'_>) -> Result<Class, Rule> {
        if !setting.presented.leaf.has_identical_names() {
            return Ok(Class::Chained);
        }
        if setting.shared.dotnet {
            return Ok(Class::SelfSigned);
        }
        match self.own_signature(setting) {
            Err(rule @ Rule::Exhausted(_)) => Err(rule),
            Err(Rule::Signature(flaw)) if setting.shared.types.allow_chained() => {
                self.own_flaw = Some(flaw);
                self.search.signatures = Signatures::default();
                Ok(Class::Chained)
            }
            _ => Ok(Class::SelfSigned),
        }
    }

    /// Why a leaf that bears its issuer's name is not taken for self-signed, where that says more
    /// than that no path was found: it is pinned, or nobody could check its signature.
    pub(super) fn own_flaw(&self, setting: Setting<'_>) -> Option<Fault> {
        let pinned = || setting.shared.self_signed.pin_of(&setting.presented.leaf);
        let flaw = self.own_flaw?;
        let says_more = !flaw.is_found_wrong() || pinned().is_some();
        let (position, rule) = (0, Rule::Signature(flaw));
        says_more.then_some(Fault { position, rule })
    }

    fn own_signature(&mut self, setting: Setting<'_>) -> Result<(), Rule> {
        let world = Self::world(setting, &[]);
        let own = Issuer::Pool(PoolId::LEAF);
        let Search {
            signatures, budget, ..
        } = &mut self.search;
        signatures.verify_pair(&world, PoolId::LEAF, own, budget)
    }

    /// A self-signed leaf stands alone: its own checks, its own signature, and trust by pin. Nobody
    /// could revoke it.
    fn self_signed(&mut self, setting: Setting<'_>) -> Result<Accepted, Rejected> {
        let shared = setting.shared;
        let world = Self::world(setting, &[]);
        let path = [PoolId::LEAF];
        let mut faults = all_faults(&world, &mut self.search, &path, None);
        if let Err(rule) = self.own_signature(setting) {
            faults.insert(0, Fault { position: 0, rule });
        }
        // Trust comes from the pin and from nowhere else.
        let of_trust = |fault: &Fault| fault.rule.lacks_issuer();
        if !shared.self_signed.holds(&setting.presented.leaf) {
            let error = Fault {
                position: 0,
                rule: Rule::SelfSignedNotPinned,
            };
            faults.retain(|fault| !of_trust(fault));
            faults.push(error);
            return Err(self.rejected(setting, &path, None, faults, Some(error), &[]));
        }
        let forgiven = FirstFault(shared.path.forgiven);
        let passes = |fault: &Fault| of_trust(fault) || forgiven.is_forgiven(fault);
        match primary(&faults, passes).copied() {
            None => Ok(Accepted {
                shared: Arc::clone(shared),
                leaf: setting.presented.leaf.clone(),
                expected: Box::from(setting.presented.expected()),
                issuers: Few::None,
                anchor: None,
                forgiven: faults,
                revocation: Vec::new(),
            }),
            Some(error) => Err(self.rejected(setting, &path, None, faults, Some(error), &[])),
        }
    }

    fn begin_search(&mut self, setting: Setting<'_>) -> Option<Step> {
        match check_leaf(&Self::world(setting, &[])) {
            Ok(facts) => {
                self.leaf = facts;
                self.search.begin(facts);
            }
            Err(fault) => self.search.fall(fault),
        }
        self.search(setting)
    }

    fn search(&mut self, setting: Setting<'_>) -> Option<Step> {
        let world = Self::world(setting, fetched(self.issuers.as_deref()));
        match self.search.advance(&world) {
            SearchProgress::Found(path) if setting.shared.revocation.is_checked() => {
                self.state = State::Inquiring(path);
                None
            }
            SearchProgress::Found(path) => {
                let search = &mut self.search;
                let accepted = accepted(setting, &world, search, &path, Vec::new(), Vec::new());
                Some(Step::Done(Ok(accepted)))
            }
            SearchProgress::Ended => Some(self.ended(setting)),
        }
    }

    /// No further path: perhaps an issuer can be fetched.
    fn ended(&mut self, setting: Setting<'_>) -> Step {
        if setting.shared.fetch_issuers && self.fallen.is_none() && self.search.exhausted.is_none()
        {
            let Search {
                without_issuer,
                budget,
                ..
            } = &mut self.search;
            let world = Self::world(setting, fetched(self.issuers.as_deref()));
            let wanted = IssuerFetch::wanted(&world, without_issuer);
            let issuers = self.issuers.get_or_insert_default();
            let requests = issuers.requests(wanted, budget);
            if !requests.is_empty() {
                self.state = State::FetchingIssuers;
                return Step::Missing(requests);
            }
        }
        Step::Done(Err(self.reject(setting)))
    }

    fn take_issuers(&mut self, setting: Setting<'_>) -> Option<Step> {
        if self.issuers.as_mut().is_some_and(|i| i.take_new()) {
            let world = Self::world(setting, fetched(self.issuers.as_deref()));
            self.search.reconsider(&world, self.leaf);
            self.state = State::Searching;
            return None;
        }
        Some(self.ended(setting))
    }

    /// Asks whether the certificates of a path that holds are revoked.
    fn inquire(&mut self, setting: Setting<'_>, path: FoundPath) -> Option<Step> {
        let shared = setting.shared;
        let world = Self::world(setting, fetched(self.issuers.as_deref()));
        let inquiry = self.inquiry.get_or_insert_with(|| {
            let mut inquiry = Box::<Inquiry>::default();
            if let Some(Ok(response)) = setting.presented.stapled() {
                inquiry.staple(response.clone());
            }
            inquiry
        });
        inquiry.give_up_waiting();
        let Search {
            signatures, budget, ..
        } = &mut self.search;
        let inquiry_setting = InquirySetting {
            world: &world,
            policy: &shared.revocation,
            signer: &shared.signer,
            store: shared.evidence.as_deref(),
            nonce: self.nonce.as_ref().map(Nonce::as_bytes),
        };
        let looked = inquiry.look_at(inquiry_setting, &mut Tools { signatures, budget }, &path);
        let statuses = match looked {
            Ok(Outcome::Missing(requests)) => {
                self.state = State::Inquiring(path);
                return Some(Step::Missing(requests));
            }
            Ok(Outcome::Settled(statuses)) => statuses,
            Err(rule) => {
                self.search.exhausted = Some(rule);
                return Some(Step::Done(Err(self.reject(setting))));
            }
        };
        let lacks_staple = shared.revocation.must_staple
            && promises_staple(&setting.presented.leaf)
            && !inquiry.is_stapled();
        let mut faults = faults_of(&statuses);
        if lacks_staple {
            let (position, rule) = (0, Rule::StapleMissing);
            faults.insert(0, Fault { position, rule });
        }
        let forgiven = FirstFault(shared.path.forgiven);
        let is_forgiven = |fault: &Fault| {
            let accepted = matches!(fault.rule, Rule::RevocationUnknown(reason)
                if shared.revocation.accepted.contains(reason));
            accepted || forgiven.is_forgiven(fault)
        };
        match primary(&faults, is_forgiven).copied() {
            None => {
                let search = &mut self.search;
                let accepted = accepted(setting, &world, search, &path, faults, statuses);
                Some(Step::Done(Ok(accepted)))
            }
            Some(error) => {
                self.fall(setting, path, faults, statuses, error);
                self.state = State::Searching;
                None
            }
        }
    }

    /// A path fell to revocation: the search goes on. Of several the one that came closest is
    /// reported, and the first of equals.
    fn fall(
        &mut self,
        setting: Setting<'_>,
        path: FoundPath,
        mut faults: Vec<Fault>,
        statuses: Vec<Option<RevocationStatus>>,
        error: Fault,
    ) {
        self.search.tried.note(Tried {
            certificates: path.certificates.to_vec(),
            anchor: Some(path.anchor),
            fault: error,
        });
        let closeness = |error: &Fault| error.rule.closeness();
        let known = self.fallen.as_ref().map(|fallen| closeness(&fallen.error));
        if known.is_some_and(|known| setting.shared.dotnet || known >= closeness(&error)) {
            return;
        }
        let world = Self::world(setting, fetched(self.issuers.as_deref()));
        let certificates = &path.certificates;
        let mut all = all_faults(&world, &mut self.search, certificates, Some(path.anchor));
        // On a path that held, only what was forgiven is left to find.
        let forgiven = FirstFault(setting.shared.path.forgiven);
        all.retain(|fault| forgiven.is_forgiven(fault));
        faults.extend(all);
        faults.sort_by_key(|fault| fault.position);
        self.fallen = Some(Box::new(Fallen {
            path,
            faults,
            statuses,
            error,
        }));
    }
}

/// Does a certificate promise that a response is stapled to every handshake (RFC 7633)?
fn promises_staple(leaf: &Certificate) -> bool {
    let value = leaf.extension(ExtensionKind::TlsFeature);
    let features = value.and_then(|value| TlsFeature::from_der(value).ok());
    features.is_some_and(|features| features.must_staple())
}

/// The type of a leaf.
enum Class {
    Chained,
    SelfSigned,
}

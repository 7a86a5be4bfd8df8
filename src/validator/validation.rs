//! One validation: the type of the leaf, the leaf by itself, the search, and the verdict.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::verdict::{Accepted, Rejected, Rejection, TriedPath, chain};
use super::{Presented, Shared};
use crate::certificate::Certificate;
use crate::path::explain::{Choice, Explanation, all_faults, explain, primary};
use crate::path::fault::{Fault, FirstFault, Rule};
use crate::path::search::{FoundPath, Progress, Search, check_leaf};
use crate::path::signatures::Signatures;
use crate::path::straight::straight_path;
use crate::path::world::{AnchorId, Issuer, PoolId, World};
use crate::path::{Budget, Origin};
use crate::time::Time;

pub(super) fn validate(
    shared: &Arc<Shared>,
    presented: &Presented,
    at: Time,
) -> Result<Accepted, Rejected> {
    let validation = Validation {
        shared,
        presented,
        at,
    };
    validation.run()
}

struct Validation<'a> {
    shared: &'a Arc<Shared>,
    presented: &'a Presented,
    at: Time,
}

impl<'a> Validation<'a> {
    fn world(&self) -> World<'a> {
        World {
            leaf: &self.presented.leaf,
            presented: &self.presented.certificates,
            additional: &self.shared.additional,
            store: &self.shared.store,
            anchor_keys: &self.shared.anchor_keys,
            anchor_facts: &self.shared.anchor_facts,
            provider: &*self.shared.provider,
            memo: &*self.shared.memo,
            options: &self.shared.path,
            expected: &self.presented.expected,
            at: self.at,
        }
    }

    fn run(&self) -> Result<Accepted, Rejected> {
        let mut budget = Budget::new(&self.shared.path.limits);
        if let Err(rule) = self.admit(&mut budget) {
            return Err(self.refuse(rule));
        }
        let world = self.world();
        let class = self.class(&world, &mut budget);
        match class.map_err(|rule| self.refuse(rule))? {
            Class::SelfSigned(signatures) if self.shared.types.allow_self_signed() => {
                self.self_signed(&world, budget, signatures)
            }
            Class::SelfSigned(_) => Err(self.refuse(Rule::SelfSignedNotAllowed)),
            Class::Chained if self.shared.types.allow_chained() => self.chained(&world, budget),
            Class::Chained => Err(self.refuse(Rule::ChainedNotAllowed)),
        }
    }

    /// Pays for what was presented.
    fn admit(&self, budget: &mut Budget) -> Result<(), Rule> {
        let all = core::iter::once(&self.presented.leaf).chain(&self.presented.certificates);
        for certificate in all {
            let bytes = certificate.as_der().len();
            budget.spend_certificate(bytes).map_err(Rule::Exhausted)?;
        }
        Ok(())
    }

    /// Equal names make a certificate self-signed for .NET. Here its own key must have made the signature too: a
    /// self-issued certificate of another key has an issuer like any other.
    fn class(&self, world: &World<'_>, budget: &mut Budget) -> Result<Class, Rule> {
        if !self.presented.leaf.has_identical_names() {
            return Ok(Class::Chained);
        }
        let mut signatures = Signatures::default();
        if self.shared.dotnet {
            return Ok(Class::SelfSigned(signatures));
        }
        let own = Issuer::Pool(PoolId::LEAF);
        match signatures.verify_pair(world, PoolId::LEAF, own, budget) {
            Err(rule @ Rule::Exhausted(_)) => Err(rule),
            Err(Rule::Signature(_)) if self.shared.types.allow_chained() => Ok(Class::Chained),
            _ => Ok(Class::SelfSigned(signatures)),
        }
    }

    /// A self-signed leaf stands alone: its own checks, its own signature, and trust by pin.
    fn self_signed(
        &self,
        world: &World<'_>,
        budget: Budget,
        signatures: Signatures,
    ) -> Result<Accepted, Rejected> {
        let mut search = Search::idle(budget);
        search.signatures = signatures;
        let path = [PoolId::LEAF];
        let mut faults = all_faults(world, &mut search, &path, None);
        let own = Issuer::Pool(PoolId::LEAF);
        let signature = search
            .signatures
            .verify_pair(world, PoolId::LEAF, own, &mut search.budget);
        if let Err(rule) = signature {
            faults.insert(0, Fault { position: 0, rule });
        }
        // Trust comes from the pin and from nowhere else.
        let of_trust = |fault: &Fault| matches!(fault.rule, Rule::UntrustedRoot | Rule::NoIssuer);
        if !self.shared.self_signed.holds(&self.presented.leaf) {
            let error = Fault {
                position: 0,
                rule: Rule::SelfSignedNotPinned,
            };
            faults.retain(|fault| !of_trust(fault));
            faults.push(error);
            return Err(self.rejected(&path, None, faults, Some(error), search));
        }
        let forgiven = FirstFault(self.shared.path.forgiven);
        let blocks = |fault: &&Fault| !of_trust(fault) && !forgiven.is_forgiven(fault);
        match faults.iter().find(blocks).copied() {
            None => Ok(self.accepted(Vec::new(), None, faults)),
            Some(error) => Err(self.rejected(&path, None, faults, Some(error), search)),
        }
    }

    fn chained(&self, world: &World<'_>, mut budget: Budget) -> Result<Accepted, Rejected> {
        let mut signatures = None;
        // What was forgiven is found out by a second look, which takes a search.
        if self.shared.path.forgiven.is_empty() {
            match straight_path(world, &mut budget) {
                Ok(path) => {
                    return Ok(self.accepted_by(
                        world,
                        path.certificates(),
                        path.anchor,
                        Vec::new(),
                    ));
                }
                Err(known) => signatures = Some(known),
            }
        }
        self.searched(world, budget, signatures.unwrap_or_default())
    }

    #[inline(never)]
    fn searched(
        &self,
        world: &World<'_>,
        budget: Budget,
        signatures: Signatures,
    ) -> Result<Accepted, Rejected> {
        let mut search = Search::idle(budget);
        search.signatures = signatures;
        match check_leaf(world) {
            Ok(facts) => search.begin(world, facts),
            Err(fault) => search.fall(fault),
        }
        match search.advance(world) {
            Progress::Found(path) => Ok(self.found(world, &path, &mut search)),
            Progress::Ended => Err(self.explain(world, search)),
        }
    }

    fn found(&self, world: &World<'_>, path: &FoundPath, search: &mut Search) -> Accepted {
        let forgiven = if self.shared.path.forgiven.is_empty() {
            Vec::new()
        } else {
            let mut faults = all_faults(world, search, &path.certificates, Some(path.anchor));
            let forgiven = FirstFault(self.shared.path.forgiven);
            faults.retain(|fault| forgiven.is_forgiven(fault));
            faults
        };
        self.accepted_by(world, &path.certificates, path.anchor, forgiven)
    }

    fn accepted_by(
        &self,
        world: &World<'_>,
        path: &[PoolId],
        anchor: AnchorId,
        forgiven: Vec<Fault>,
    ) -> Accepted {
        let issuers = path.iter().skip(1);
        let issuers = issuers.map(|&id| (world.certificate(id).clone(), world.origin(id)));
        self.accepted(issuers.collect(), Some(anchor.0), forgiven)
    }

    fn accepted(
        &self,
        issuers: Vec<(Certificate, Origin)>,
        anchor: Option<u32>,
        forgiven: Vec<Fault>,
    ) -> Accepted {
        Accepted {
            shared: Arc::clone(self.shared),
            leaf: self.presented.leaf.clone(),
            issuers,
            anchor,
            forgiven,
        }
    }

    fn explain(&self, world: &World<'_>, mut search: Search) -> Rejected {
        let choice = if self.shared.dotnet {
            Choice::AsDotNet
        } else {
            Choice::Closest
        };
        let Explanation {
            certificates,
            anchor,
            faults,
        } = explain(world, &mut search, choice);
        let forgiven = FirstFault(self.shared.path.forgiven);
        let error = primary(&faults, |fault| forgiven.is_forgiven(fault)).copied();
        self.rejected(&certificates, anchor.map(|id| id.0), faults, error, search)
    }

    fn rejected(
        &self,
        path: &[PoolId],
        anchor: Option<u32>,
        faults: Vec<Fault>,
        error: Option<Fault>,
        search: Search,
    ) -> Rejected {
        let world = self.world();
        let anchors = self.shared.store.anchors();
        let tried = search.tried.into_iter().map(|tried| TriedPath {
            certificates: tried
                .certificates
                .iter()
                .map(|&id| world.certificate(id).clone())
                .collect(),
            anchor: tried.anchor.and_then(|id| world.anchor(id)).cloned(),
            fault: tried.fault,
        });
        let tried: Vec<TriedPath> = tried.collect();
        let path: Vec<_> = path
            .iter()
            .map(|&id| (world.certificate(id).clone(), world.origin(id)))
            .collect();
        let anchor = anchor.and_then(|i| anchors.get(i as usize));
        // Something made every path fall; should the second look not find it again, the search's own word stands.
        let last_word = Fault {
            position: 0,
            rule: Rule::NoIssuer,
        };
        let error = error
            .or_else(|| {
                tried
                    .iter()
                    .map(|tried| tried.fault)
                    .max_by_key(|fault| fault.rule.closeness())
            })
            .unwrap_or(last_word);
        Rejected(Box::new(Rejection {
            leaf: self.presented.leaf.clone(),
            chain: chain(&path, anchor, &faults, self.shared.dotnet),
            error,
            faults,
            tried,
            more_tried: search.more_tried,
        }))
    }

    /// A refusal before any path was looked for.
    fn refuse(&self, rule: Rule) -> Rejected {
        let error = Fault { position: 0, rule };
        let faults = Vec::from([error]);
        Rejected(Box::new(Rejection {
            leaf: self.presented.leaf.clone(),
            error,
            faults,
            chain: Vec::new(),
            tried: Vec::new(),
            more_tried: 0,
        }))
    }
}

/// The type of a leaf.
enum Class {
    Chained,
    /// With what is known of its signature.
    SelfSigned(Signatures),
}

//! Certificate policies along a path: RFC 5280 section 6.1 as updated by RFC 9618.
//!
//! Each certificate names the policies that it was issued under; a CA may map its issuer's policies
//! to its own. What the path is good for are the policies that hold from the first certificate to
//! the last, in the terms of the first. RFC 5280 kept them in a tree, which a few mappings make
//! exponential (CVE-2023-0464); RFC 9618 keeps them in a graph with one node for each policy at
//! each depth, which says the same and stays linear.
//!
//! Here all nodes stand in one list, so that parents come before children, and the deepest level is
//! a map to them. The anyPolicy node of a level is a flag, since it has one possible parent, and a
//! node without listed parents hangs from it. Nodes that lead nowhere are not pruned on the way:
//! the graph is empty as soon as its deepest level is, and the walk back from the last level at the
//! end passes by dead ends. Each entry of an extension and each edge costs a look into a map, and
//! all of them are paid for from the budget. While no certificate has policies nothing is
//! allocated.
//!
//! Policy qualifiers inform people and decide nothing; they are not kept.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::budget::{Budget, Refusal};
use super::policy_inputs::PolicyInputs;
use crate::Oid;
use crate::oid::ANY_POLICY;
use crate::table::numbered;

/// What one certificate says about policies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CertificatePolicyView<P, M> {
    /// The OIDs of the certificate policies extension, if there is one.
    pub policies: Option<P>,
    /// Pairs of issuerDomainPolicy and subjectDomainPolicy, if there is a policy mappings
    /// extension.
    pub mappings: Option<M>,
    /// requireExplicitPolicy of the policy constraints extension.
    pub require_explicit_policy: Option<u32>,
    /// inhibitPolicyMapping of the policy constraints extension.
    pub inhibit_policy_mapping: Option<u32>,
    /// The inhibit anyPolicy extension.
    pub inhibit_any_policy: Option<u32>,
    /// Subject and issuer are the same name.
    pub self_issued: bool,
}

/// A set of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PolicySet<'a> {
    /// Every policy: each certificate of the path asserts anyPolicy.
    Any,
    /// These, in ascending order of their content octets.
    Only(Vec<Oid<'a>>),
}

impl<'a> PolicySet<'a> {
    /// True when no policy belongs to it.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Only(list) if list.is_empty())
    }

    /// True when the policy belongs to it.
    #[must_use]
    pub(crate) fn contains(&self, policy: Oid<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Only(list) => list.binary_search(&policy).is_ok(),
        }
    }

    /// Those of these policies that the caller accepts.
    fn accepted(&self, inputs: &'a PolicyInputs) -> Self {
        let Some(listed) = inputs.initial.listed() else {
            return self.clone();
        };
        let listed = listed.iter().map(Oid::from);
        let accepted: BTreeSet<_> = listed.filter(|&policy| self.contains(policy)).collect();
        Self::Only(accepted.into_iter().collect())
    }
}

/// What an accepted path is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolicyOutcome<'a> {
    /// The policies under which all certificates of the path were issued.
    pub authority_constrained: PolicySet<'a>,
    /// Those of them that the caller accepts.
    pub user_constrained: PolicySet<'a>,
}

numbered! {
    /// Why a path fails policy processing.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum PolicyViolation: u8 {
        /// A policy stands twice in a certificate policies extension.
        DuplicatePolicy = 0, "RFC 5280 section 4.2.1.4", "a certificate policy is listed twice";
        /// anyPolicy is mapped, or mapped to.
        MappedAnyPolicy = 1, "RFC 5280 section 6.1.4 (a)", "anyPolicy is mapped";
        /// A policy is required and none holds for the path up to this certificate.
        NoValidPolicy = 2, "RFC 5280 section 6.1.3 (f)",
            "a policy is required and none is valid up to here";
        /// A policy is required and the path is valid for none that the caller accepts.
        NoAcceptablePolicy = 3, "RFC 5280 section 6.1.5 (g)",
            "a policy is required and the path has no acceptable one";
    }
}

impl core::error::Error for PolicyViolation {}

/// Policy processing under way, from the certificate that the anchor issued to the leaf.
#[derive(Clone, Debug)]
pub(crate) struct PolicyGraph<'a> {
    inputs: &'a PolicyInputs,
    certificates_left: usize,
    explicit_policy: usize,
    policy_mapping: usize,
    inhibit_any_policy: usize,
    /// `None` is the NULL of the standard: no policy holds any more.
    valid: Option<Graph<'a>>,
}

impl<'a> PolicyGraph<'a> {
    /// RFC 5280 section 6.1.2 (a) and (d) to (f): begins a path of this many certificates, the
    /// anchor not counted.
    #[must_use]
    pub(crate) fn new(inputs: &'a PolicyInputs, certificates: usize) -> Self {
        let unless = |set| {
            if set {
                0
            } else {
                certificates.saturating_add(1)
            }
        };
        Self {
            inputs,
            certificates_left: certificates,
            explicit_policy: unless(inputs.require_policy()),
            policy_mapping: unless(inputs.inhibit_policy_mapping),
            inhibit_any_policy: unless(inputs.inhibit_any_policy),
            valid: Some(Graph::root()),
        }
    }

    /// RFC 5280 section 6.1.4 (i) and (j): a counter takes the certificate's value if that is
    /// smaller.
    ///
    /// The certificate of the anchor does so before the first one of the path. Who trusts a
    /// certificate trusts it under its own terms, and these extensions are always critical. The
    /// policies that it names do not count: the path begins below it.
    pub(crate) fn lower<P, M>(&mut self, certificate: &CertificatePolicyView<P, M>) {
        for (counter, value) in [
            (
                &mut self.explicit_policy,
                certificate.require_explicit_policy,
            ),
            (&mut self.policy_mapping, certificate.inhibit_policy_mapping),
            (&mut self.inhibit_any_policy, certificate.inhibit_any_policy),
        ] {
            if let Some(value) = value.and_then(|value| usize::try_from(value).ok()) {
                *counter = (*counter).min(value);
            }
        }
    }

    /// Processes the next certificate: RFC 5280 section 6.1.3 (d) to (f), and then 6.1.4 (a), (b)
    /// and (h) to (j), or 6.1.5 (a) and (b) for the last one.
    ///
    /// # Errors
    /// A violation of this certificate, or an exhausted budget.
    pub(crate) fn step<P, M>(
        &mut self,
        mut certificate: CertificatePolicyView<P, M>,
        budget: &mut Budget,
    ) -> Result<(), Refusal<PolicyViolation>>
    where
        P: IntoIterator<Item = Oid<'a>>,
        M: IntoIterator<Item = (Oid<'a>, Oid<'a>)>,
    {
        self.certificates_left = self.certificates_left.saturating_sub(1);
        let last = self.certificates_left == 0;
        let use_any = self.inhibit_any_policy > 0 || (!last && certificate.self_issued);

        // 6.1.3 (d) and (e).
        match certificate.policies.take() {
            Some(policies) => self.descend(policies, use_any, budget)?,
            None => self.valid = None,
        }
        // 6.1.3 (f).
        if self.explicit_policy == 0 && self.valid.is_none() {
            return Err(Refusal::Violation(PolicyViolation::NoValidPolicy));
        }
        if last {
            // 6.1.5 (a) and (b).
            self.explicit_policy = self.explicit_policy.saturating_sub(1);
            if certificate.require_explicit_policy == Some(0) {
                self.explicit_policy = 0;
            }
            return Ok(());
        }
        // 6.1.4 (a) and (b).
        self.map(certificate.mappings.take(), budget)?;
        // 6.1.4 (h).
        if !certificate.self_issued {
            self.explicit_policy = self.explicit_policy.saturating_sub(1);
            self.policy_mapping = self.policy_mapping.saturating_sub(1);
            self.inhibit_any_policy = self.inhibit_any_policy.saturating_sub(1);
        }
        self.lower(&certificate);
        Ok(())
    }

    /// RFC 5280 section 6.1.5 (g), in the words of RFC 9618 section 5.5: the policies of the whole
    /// path, after its last certificate. They are part of what section 6.1.6 puts out.
    ///
    /// # Errors
    /// [`PolicyViolation::NoAcceptablePolicy`] when one is required and there is none.
    pub(crate) fn finish(self) -> Result<PolicyOutcome<'a>, PolicyViolation> {
        let authority_constrained = self
            .valid
            .map_or(PolicySet::Only(Vec::new()), |graph| graph.top_policies());
        let user_constrained = authority_constrained.accepted(self.inputs);
        if self.explicit_policy == 0 && user_constrained.is_empty() {
            return Err(PolicyViolation::NoAcceptablePolicy);
        }
        Ok(PolicyOutcome {
            authority_constrained,
            user_constrained,
        })
    }

    /// RFC 5280 section 6.1.3 (d): adds the level of a certificate with these policies.
    fn descend(
        &mut self,
        policies: impl IntoIterator<Item = Oid<'a>>,
        use_any: bool,
        budget: &mut Budget,
    ) -> Result<(), Refusal<PolicyViolation>> {
        let (mut named, mut is_repeated) = (BTreeSet::new(), false);
        for policy in policies {
            budget.spend_policy_nodes(1)?;
            is_repeated |= !named.insert(policy);
        }
        if is_repeated {
            return Err(Refusal::Violation(PolicyViolation::DuplicatePolicy));
        }
        let any = named.remove(&Oid::from(&ANY_POLICY)) && use_any;
        let Some(graph) = &mut self.valid else {
            return Ok(());
        };
        budget.spend_policy_nodes(graph.expected.values().map(Vec::len).sum())?;
        graph.descend(named, any);
        if graph.is_empty() {
            self.valid = None;
        }
        Ok(())
    }

    /// RFC 5280 section 6.1.4 (a) and (b): applies a CA's mappings to the deepest level.
    fn map(
        &mut self,
        mappings: Option<impl IntoIterator<Item = (Oid<'a>, Oid<'a>)>>,
        budget: &mut Budget,
    ) -> Result<(), Refusal<PolicyViolation>> {
        let mut mapped = Mappings::new();
        for (issuers, subjects) in mappings.into_iter().flatten() {
            budget.spend_policy_nodes(1)?;
            if issuers == ANY_POLICY || subjects == ANY_POLICY {
                return Err(Refusal::Violation(PolicyViolation::MappedAnyPolicy));
            }
            mapped.entry(issuers).or_default().insert(subjects);
        }
        let Some(graph) = &mut self.valid else {
            return Ok(());
        };
        if self.policy_mapping == 0 {
            graph.remove_mapped(&mapped);
            mapped.clear();
        }
        graph.expect(mapped);
        if graph.is_empty() {
            self.valid = None;
        }
        Ok(())
    }
}

/// Policies of issuers, and those of subjects that each is mapped to.
type Mappings<'a> = BTreeMap<Oid<'a>, BTreeSet<Oid<'a>>>;

/// A policy at a depth.
#[derive(Clone, Debug)]
struct Node<'a> {
    policy: Oid<'a>,
    /// By their places in [`Graph::nodes`]; none means that its parent is the anyPolicy node
    /// above.
    parents: Vec<usize>,
}

/// The valid_policy_graph.
#[derive(Clone, Debug)]
struct Graph<'a> {
    /// All nodes but anyPolicy, parents before children.
    nodes: Vec<Node<'a>>,
    /// The nodes of the deepest level.
    level: BTreeMap<Oid<'a>, usize>,
    /// The deepest level has an anyPolicy node.
    any: bool,
    /// The expected_policy_sets of the deepest level: which nodes expect a policy.
    expected: BTreeMap<Oid<'a>, Vec<usize>>,
}

impl<'a> Graph<'a> {
    const fn root() -> Self {
        Self {
            nodes: Vec::new(),
            level: BTreeMap::new(),
            any: true,
            expected: BTreeMap::new(),
        }
    }

    fn is_empty(&self) -> bool {
        !self.any && self.level.is_empty()
    }

    /// A new level below: nodes for the named policies that are expected (or that anyPolicy above
    /// stands for) and, under anyPolicy, for all that are expected.
    fn descend(&mut self, named: BTreeSet<Oid<'a>>, any: bool) {
        let mut expected = core::mem::take(&mut self.expected);
        self.level.clear();
        for policy in named {
            match expected.remove(&policy) {
                Some(parents) => _ = self.add(policy, parents),
                None if self.any => _ = self.add(policy, Vec::new()),
                None => {}
            }
        }
        if any {
            for (policy, parents) in expected {
                self.add(policy, parents);
            }
        }
        self.any &= any;
    }

    /// Adds a node to the deepest level and returns its place.
    fn add(&mut self, policy: Oid<'a>, parents: Vec<usize>) -> usize {
        let place = self.nodes.len();
        self.nodes.push(Node { policy, parents });
        self.level.insert(policy, place);
        place
    }

    /// Fills the expected policies of the deepest level: what a policy is mapped to, or itself. A
    /// mapped policy without a node gets one below anyPolicy, if there is that (6.1.4 (b)(1)).
    fn expect(&mut self, mapped: Mappings<'a>) {
        let unmapped = self
            .level
            .iter()
            .filter(|(policy, _)| !mapped.contains_key(policy));
        self.expected = unmapped
            .map(|(&policy, &node)| (policy, Vec::from([node])))
            .collect();
        for (policy, subjects) in mapped {
            let node = match self.level.get(&policy) {
                Some(&node) => node,
                None if self.any => self.add(policy, Vec::new()),
                None => continue,
            };
            for subject in subjects {
                self.expected.entry(subject).or_default().push(node);
            }
        }
    }

    /// Takes the nodes of mapped policies from the deepest level (6.1.4 (b)(2)).
    fn remove_mapped(&mut self, mapped: &Mappings<'a>) {
        self.level.retain(|policy, _| !mapped.contains_key(policy));
    }

    /// The policies of the path in the terms of its first certificate: nodes that hang from an
    /// anyPolicy node and have a descendant at the last level, plus anyPolicy if it reaches
    /// there.
    fn top_policies(&self) -> PolicySet<'a> {
        if self.any {
            return PolicySet::Any;
        }
        let mut reached: BTreeSet<_> = self.level.values().copied().collect();
        let mut top = BTreeSet::new();
        while let Some(node) = reached.pop_last().and_then(|place| self.nodes.get(place)) {
            if node.parents.is_empty() {
                top.insert(node.policy);
            }
            reached.extend(&node.parents);
        }
        PolicySet::Only(top.into_iter().collect())
    }
}

#[cfg(test)]
mod testing;

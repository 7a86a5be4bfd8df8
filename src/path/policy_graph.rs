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
mod tests {
    use std::vec;

    use proptest::prelude::*;

    use const_oid::ObjectIdentifier;

    use super::*;
    use crate::path::budget::{Exhausted, Limits};
    use crate::path::policy_inputs::InitialPolicies;

    static ANY: ObjectIdentifier = ANY_POLICY;
    static OIDS: [[u8; 2]; 8] = [
        [0x2a, 0],
        [0x2a, 1],
        [0x2a, 2],
        [0x2a, 3],
        [0x2a, 4],
        [0x2a, 5],
        [0x2a, 6],
        [0x2a, 7],
    ];

    /// Policies are written as numbers; 0 is anyPolicy.
    fn policy(number: usize) -> Oid<'static> {
        if number == 0 {
            Oid::from(&ANY)
        } else {
            Oid::new(&OIDS[number])
        }
    }

    #[derive(Clone, Debug, Default)]
    struct Cert {
        policies: Option<Vec<usize>>,
        mappings: Vec<(usize, usize)>,
        explicit: Option<u32>,
        inhibit_mapping: Option<u32>,
        inhibit_any: Option<u32>,
        self_issued: bool,
    }

    fn cert(policies: &[usize]) -> Cert {
        Cert {
            policies: Some(policies.to_vec()),
            ..Cert::default()
        }
    }

    impl Cert {
        fn maps(mut self, mappings: &[(usize, usize)]) -> Self {
            self.mappings = mappings.to_vec();
            self
        }

        fn self_issued(mut self) -> Self {
            self.self_issued = true;
            self
        }
    }

    fn user(policies: &[usize]) -> PolicyInputs {
        let list = policies.iter().map(|&p| policy(p).to_owned().unwrap());
        PolicyInputs {
            initial: InitialPolicies::WhereRequired(list.collect()),
            ..PolicyInputs::default()
        }
    }

    /// As [`user`], refusing who has none of them.
    fn demanding(policies: &[usize]) -> PolicyInputs {
        let mut inputs = user(policies);
        if let InitialPolicies::WhereRequired(list) = inputs.initial {
            inputs.initial = InitialPolicies::Only(list);
        }
        inputs
    }

    fn explicit(mut inputs: PolicyInputs) -> PolicyInputs {
        inputs.require_explicit_policy = true;
        inputs
    }

    /// P5: whoever names the only acceptable policies refuses a path that has none of them, as
    /// whoever requires one.
    #[test]
    fn only_these_policies_requires_one() {
        for path in [
            &[cert(&[1]), cert(&[1])],
            &[cert(&[2]), cert(&[2])],
            &[cert(&[0]), cert(&[0])],
        ] {
            let (only, required) = (demanding(&[1, 3]), explicit(user(&[1, 3])));
            assert_eq!(check(&only, path), check(&required, path));
            assert!(check(&user(&[1, 3]), path).is_ok());
        }
        let two = [cert(&[2]), cert(&[2])];
        assert_eq!(
            check(&demanding(&[1]), &two),
            Err(PolicyViolation::NoAcceptablePolicy)
        );
    }

    fn walk<'a>(
        inputs: &'a PolicyInputs,
        path: &[Cert],
        budget: &mut Budget,
    ) -> Result<PolicyGraph<'a>, Refusal<PolicyViolation>> {
        let mut graph = PolicyGraph::new(inputs, path.len());
        for cert in path {
            let policies = cert.policies.iter().flatten().map(|&p| policy(p));
            let mappings = cert.mappings.iter();
            let view = CertificatePolicyView {
                policies: cert.policies.as_ref().map(|_| policies),
                mappings: (!cert.mappings.is_empty())
                    .then(|| mappings.map(|&(a, b)| (policy(a), policy(b)))),
                require_explicit_policy: cert.explicit,
                inhibit_policy_mapping: cert.inhibit_mapping,
                inhibit_any_policy: cert.inhibit_any,
                self_issued: cert.self_issued,
            };
            graph.step(view, budget)?;
        }
        Ok(graph)
    }

    fn check<'a>(
        inputs: &'a PolicyInputs,
        path: &[Cert],
    ) -> Result<PolicyOutcome<'a>, PolicyViolation> {
        let limits = Limits {
            policy_nodes: u32::MAX,
            ..Limits::default()
        };
        match walk(inputs, path, &mut Budget::new(&limits)) {
            Ok(graph) => graph.finish(),
            Err(Refusal::Violation(violation)) => Err(violation),
            Err(Refusal::Exhausted(exhausted)) => panic!("{exhausted}"),
        }
    }

    fn only(policies: &[usize]) -> PolicySet<'static> {
        let mut list: Vec<_> = policies.iter().map(|&p| policy(p)).collect();
        list.sort_unstable();
        PolicySet::Only(list)
    }

    fn authority(path: &[Cert]) -> PolicySet<'static> {
        let inputs = PolicyInputs::default();
        let outcome = check(&inputs, path).unwrap();
        match outcome.authority_constrained {
            PolicySet::Any => PolicySet::Any,
            PolicySet::Only(list) => {
                let find = |oid: Oid<'_>| (0..OIDS.len()).find(|&n| policy(n) == oid).unwrap();
                only(&list.into_iter().map(find).collect::<Vec<_>>())
            }
        }
    }

    #[test]
    fn without_policies_nothing_is_valid_and_nothing_allocated() {
        let inputs = PolicyInputs::default();
        let path = [Cert::default(), Cert::default()];
        let graph = walk(&inputs, &path, &mut Budget::default()).unwrap();
        assert!(graph.valid.is_none());
        let outcome = graph.finish().unwrap();
        assert!(outcome.authority_constrained.is_empty());
        assert!(outcome.user_constrained.is_empty());
    }

    #[test]
    fn initial_explicit_policy_needs_one() {
        let inputs = explicit(PolicyInputs::default());
        assert_eq!(
            check(&inputs, &[Cert::default(), cert(&[1])]),
            Err(PolicyViolation::NoValidPolicy)
        );
        assert_eq!(
            check(&inputs, &[cert(&[1]), cert(&[2])]),
            Err(PolicyViolation::NoValidPolicy)
        );
        let outcome = check(&inputs, &[cert(&[1, 2]), cert(&[2, 3])]).unwrap();
        assert_eq!(outcome.user_constrained, only(&[2]));
    }

    #[test]
    fn explicit_policy_with_a_user_set() {
        let path = [cert(&[1, 2]), cert(&[1])];
        let accepted = explicit(user(&[1, 3]));
        assert_eq!(
            check(&accepted, &path).unwrap().user_constrained,
            only(&[1])
        );
        let refused = explicit(user(&[2]));
        assert_eq!(
            check(&refused, &path),
            Err(PolicyViolation::NoAcceptablePolicy)
        );
        // Nobody asks: the path stands, and is good for nothing that the caller accepts.
        let indifferent = user(&[2]);
        let outcome = check(&indifferent, &path).unwrap();
        assert!(outcome.user_constrained.is_empty());
        assert_eq!(outcome.authority_constrained, only(&[1]));
    }

    #[test]
    fn an_empty_user_set_accepts_nothing() {
        let inputs = explicit(user(&[]));
        assert_eq!(
            check(&inputs, &[cert(&[0]), cert(&[0])]),
            Err(PolicyViolation::NoAcceptablePolicy)
        );
    }

    #[test]
    fn any_policy_stands_for_all() {
        assert_eq!(authority(&[cert(&[0]), cert(&[0])]), PolicySet::Any);
        assert_eq!(authority(&[cert(&[0]), cert(&[1, 2])]), only(&[1, 2]));
        assert_eq!(authority(&[cert(&[1, 2]), cert(&[0])]), only(&[1, 2]));
        assert_eq!(authority(&[cert(&[0, 1]), cert(&[2])]), only(&[2]));
        let inputs = user(&[3, 1]);
        let outcome = check(&inputs, &[cert(&[0]), cert(&[0])]).unwrap();
        assert_eq!(outcome.user_constrained, only(&[1, 3]));
        let inputs = user(&[3, 0]);
        let outcome = check(&inputs, &[cert(&[0]), cert(&[0])]).unwrap();
        assert_eq!(outcome.user_constrained, PolicySet::Any);
    }

    #[test]
    fn inhibited_any_policy_says_nothing() {
        let mut inputs = PolicyInputs {
            inhibit_any_policy: true,
            ..PolicyInputs::default()
        };
        assert!(
            check(&inputs, &[cert(&[0]), cert(&[1])])
                .unwrap()
                .authority_constrained
                .is_empty()
        );
        inputs.require_explicit_policy = true;
        assert_eq!(
            check(&inputs, &[cert(&[0]), cert(&[1])]),
            Err(PolicyViolation::NoValidPolicy)
        );
        assert_eq!(
            check(&inputs, &[cert(&[1]), cert(&[1])])
                .unwrap()
                .authority_constrained,
            only(&[1])
        );
    }

    #[test]
    fn inhibit_any_policy_counts_certificates() {
        let inhibit = |skip| Cert {
            inhibit_any: Some(skip),
            ..cert(&[1])
        };
        let under = |skip| authority(&[inhibit(skip), cert(&[0]), cert(&[0])]);
        assert!(under(0).is_empty());
        assert!(under(1).is_empty());
        assert_eq!(under(2), only(&[1]));
    }

    #[test]
    fn a_later_certificate_cannot_raise_a_counter() {
        let inhibit = |skip| Cert {
            inhibit_any: Some(skip),
            ..cert(&[1])
        };
        assert!(authority(&[inhibit(0), inhibit(5), cert(&[0])]).is_empty());
    }

    #[test]
    fn self_issued_certificates_do_not_count_but_for_the_last() {
        let inhibit = |skip| Cert {
            inhibit_any: Some(skip),
            ..cert(&[1])
        };
        // anyPolicy in a self-issued certificate holds although it is inhibited.
        let key_rollover = cert(&[0]).self_issued();
        assert_eq!(
            authority(&[inhibit(0), key_rollover.clone(), cert(&[1])]),
            only(&[1])
        );
        // In the last certificate it does not.
        assert!(authority(&[inhibit(0), key_rollover.clone()]).is_empty());
        // It does not use up the counter.
        assert_eq!(
            authority(&[inhibit(1), key_rollover, cert(&[0])]),
            only(&[1])
        );
    }

    #[test]
    fn require_explicit_policy_counts_certificates() {
        let require = |skip| Cert {
            explicit: Some(skip),
            ..cert(&[1])
        };
        let inputs = PolicyInputs::default();
        let under = |skip, rest: &[Cert]| {
            let mut path = vec![require(skip)];
            path.extend_from_slice(rest);
            check(&inputs, &path).map(|_| ())
        };
        let bare = Cert::default;
        assert_eq!(under(0, &[bare()]), Err(PolicyViolation::NoValidPolicy));
        // The wrap-up counts the last certificate once more (6.1.5 a).
        assert_eq!(
            under(1, &[bare()]),
            Err(PolicyViolation::NoAcceptablePolicy)
        );
        assert_eq!(under(2, &[bare()]), Ok(()));
        assert_eq!(
            under(1, &[bare(), bare()]),
            Err(PolicyViolation::NoValidPolicy)
        );
        let rollover = || Cert::default().self_issued();
        assert_eq!(
            under(1, &[rollover(), rollover(), bare()]),
            Err(PolicyViolation::NoAcceptablePolicy)
        );
        assert_eq!(under(2, &[rollover(), rollover(), bare()]), Ok(()));
    }

    #[test]
    fn the_last_certificate_can_require_a_policy_of_itself() {
        let inputs = PolicyInputs::default();
        let require = |skip| Cert {
            explicit: Some(skip),
            ..cert(&[2])
        };
        assert_eq!(
            check(&inputs, &[cert(&[1]), require(0)]),
            Err(PolicyViolation::NoAcceptablePolicy)
        );
        assert!(check(&inputs, &[cert(&[1]), require(1)]).is_ok());
    }

    #[test]
    fn mappings_give_policies_in_the_terms_of_the_first_certificate() {
        let path = [cert(&[1]).maps(&[(1, 2)]), cert(&[2])];
        assert_eq!(authority(&path), only(&[1]));
        let old_name = [cert(&[1]).maps(&[(1, 2)]), cert(&[1])];
        assert!(authority(&old_name).is_empty());
    }

    #[test]
    fn a_policy_maps_to_several_and_several_map_to_one() {
        let ca = cert(&[1]).maps(&[(1, 2), (1, 3)]);
        assert_eq!(authority(&[ca.clone(), cert(&[3])]), only(&[1]));
        assert_eq!(authority(&[ca, cert(&[2, 3, 4])]), only(&[1]));
        let ca = cert(&[1, 2, 4]).maps(&[(1, 3), (2, 3)]);
        assert_eq!(authority(&[ca.clone(), cert(&[3])]), only(&[1, 2]));
        assert_eq!(authority(&[ca, cert(&[4])]), only(&[4]));
    }

    #[test]
    fn a_mapping_may_swap_two_policies() {
        let ca = cert(&[1, 2]).maps(&[(1, 2), (2, 1)]);
        assert_eq!(authority(&[ca, cert(&[2])]), only(&[1]));
    }

    #[test]
    fn a_mapped_policy_under_any_policy_gets_a_node() {
        let ca = cert(&[0]).maps(&[(1, 2)]);
        assert_eq!(authority(&[ca.clone(), cert(&[2])]), only(&[1]));
        assert_eq!(authority(&[ca, cert(&[3])]), only(&[3]));
        // Without anyPolicy a mapping of what is not there is idle.
        let ca = cert(&[4]).maps(&[(1, 2)]);
        assert_eq!(authority(&[ca, cert(&[2, 4])]), only(&[4]));
    }

    #[test]
    fn any_policy_keeps_what_was_mapped() {
        let ca = cert(&[1]).maps(&[(1, 2), (1, 3)]);
        assert_eq!(authority(&[ca, cert(&[0])]), only(&[1]));
    }

    #[test]
    fn inhibited_mapping_deletes_the_policy() {
        let inhibit = |skip| Cert {
            inhibit_mapping: Some(skip),
            ..cert(&[1, 3])
        };
        let ca = || cert(&[1, 3]).maps(&[(1, 2)]);
        assert_eq!(authority(&[inhibit(0), ca(), cert(&[2, 3])]), only(&[3]));
        assert_eq!(authority(&[inhibit(1), ca(), cert(&[2, 3])]), only(&[1, 3]));
        let between = || cert(&[1, 3]);
        assert_eq!(
            authority(&[inhibit(1), between(), ca(), cert(&[2, 3])]),
            only(&[3])
        );
        assert_eq!(
            authority(&[inhibit(1), between().self_issued(), ca(), cert(&[2, 3])]),
            only(&[1, 3])
        );
        let inputs = PolicyInputs {
            inhibit_policy_mapping: true,
            ..PolicyInputs::default()
        };
        let path = [cert(&[1]).maps(&[(1, 2)]), cert(&[1, 2])];
        assert!(
            check(&inputs, &path)
                .unwrap()
                .authority_constrained
                .is_empty()
        );
        assert_eq!(
            check(&explicit(inputs.clone()), &path),
            Err(PolicyViolation::NoValidPolicy)
        );
    }

    #[test]
    fn any_policy_cannot_be_mapped() {
        let inputs = PolicyInputs::default();
        for pair in [(0, 1), (1, 0), (0, 0)] {
            let path = [cert(&[0]).maps(&[pair]), cert(&[1])];
            assert_eq!(check(&inputs, &path), Err(PolicyViolation::MappedAnyPolicy));
            // Also where no policy is left to map.
            let mut bare = Cert::default().maps(&[pair]);
            bare.self_issued = true;
            assert_eq!(
                check(&inputs, &[bare, cert(&[1])]),
                Err(PolicyViolation::MappedAnyPolicy)
            );
        }
    }

    #[test]
    fn a_policy_stands_once_in_a_certificate() {
        let inputs = PolicyInputs::default();
        for path in [
            [cert(&[1, 2, 1]), cert(&[1])],
            [cert(&[0, 0]), cert(&[1])],
            [Cert::default(), cert(&[3, 3])],
        ] {
            assert_eq!(check(&inputs, &path), Err(PolicyViolation::DuplicatePolicy));
        }
    }

    #[test]
    fn dead_ends_do_not_count() {
        // 1 lives at the first two levels only, under anyPolicy that lives to the end.
        let path = [cert(&[0, 1]), cert(&[0, 1]), cert(&[0, 2]), cert(&[2])];
        assert_eq!(authority(&path), only(&[2]));
    }

    /// CVE-2023-0464: two policies that map to each other double a tree at each level.
    #[test]
    fn cve_2023_0464_mappings_stay_linear() {
        let ca = cert(&[1, 2]).maps(&[(1, 1), (1, 2), (2, 1), (2, 2)]);
        let mut path = vec![ca; 31];
        path.push(cert(&[1, 2]));
        let inputs = explicit(PolicyInputs::default());
        let mut budget = Budget::default();
        let graph = walk(&inputs, &path, &mut budget).unwrap();
        let nodes = graph.valid.as_ref().unwrap().nodes.len();
        assert_eq!(nodes, 64);
        assert_eq!(graph.finish().unwrap().user_constrained, only(&[1, 2]));
        assert!(budget.left().policy_nodes > Limits::default().policy_nodes - 400);
    }

    #[test]
    fn nodes_are_paid_for_before_they_are_made() {
        let limits = Limits {
            policy_nodes: 20,
            ..Limits::default()
        };
        let inputs = PolicyInputs::default();
        let ca = cert(&[1, 2]).maps(&[(1, 1), (1, 2), (2, 1), (2, 2)]);
        let refused = walk(&inputs, &vec![ca; 10], &mut Budget::new(&limits));
        assert_eq!(
            refused.unwrap_err(),
            Refusal::Exhausted(Exhausted::PolicyNodes)
        );
    }

    #[test]
    fn a_path_of_no_certificates_is_good_for_what_the_caller_accepts() {
        let inputs = explicit(user(&[1]));
        assert_eq!(check(&inputs, &[]).unwrap().user_constrained, only(&[1]));
    }

    /// RFC 5280 section 6.1 word by word, with its tree: exponential, and right.
    mod tree {
        use super::*;

        struct Node {
            depth: usize,
            policy: usize,
            expected: BTreeSet<usize>,
            parent: usize,
            alive: bool,
        }

        struct Tree(Vec<Node>);

        impl Tree {
            fn at(&self, depth: usize) -> Vec<usize> {
                let alive = |&n: &usize| self.0[n].alive && self.0[n].depth == depth;
                (0..self.0.len()).filter(alive).collect()
            }

            fn add(&mut self, parent: usize, policy: usize, expected: BTreeSet<usize>) {
                let depth = self.0[parent].depth + 1;
                self.0.push(Node {
                    depth,
                    policy,
                    expected,
                    parent,
                    alive: true,
                });
            }

            fn prune(&mut self, depth: usize) {
                for level in (0..=depth).rev() {
                    for n in self.at(level) {
                        let has_child = self.at(level + 1).iter().any(|&c| self.0[c].parent == n);
                        self.0[n].alive = has_child;
                    }
                }
            }

            fn is_null(&self) -> bool {
                !self.0[0].alive
            }
        }

        pub(super) fn check(inputs: &PolicyInputs, path: &[Cert]) -> Option<BTreeSet<usize>> {
            let n = path.len();
            let initially = |set: bool| if set { 0 } else { n + 1 };
            let explicit = matches!(inputs.initial, InitialPolicies::Only(_));
            let mut explicit = initially(explicit || inputs.require_explicit_policy);
            let mut mapping = initially(inputs.inhibit_policy_mapping);
            let mut any = initially(inputs.inhibit_any_policy);
            let mut tree = Tree(vec![Node {
                depth: 0,
                policy: 0,
                expected: BTreeSet::from([0]),
                parent: 0,
                alive: true,
            }]);
            for (i, cert) in path.iter().enumerate().map(|(i, cert)| (i + 1, cert)) {
                match &cert.policies {
                    None => tree.0.iter_mut().for_each(|node| node.alive = false),
                    Some(policies) if !tree.is_null() => {
                        for &p in policies.iter().filter(|&&p| p != 0) {
                            let above = tree.at(i - 1);
                            let matching: Vec<_> = above
                                .iter()
                                .filter(|&&m| tree.0[m].expected.contains(&p))
                                .collect();
                            for &&m in &matching {
                                tree.add(m, p, BTreeSet::from([p]));
                            }
                            if matching.is_empty() {
                                for &m in above
                                    .iter()
                                    .filter(|&&m| tree.0[m].policy == 0)
                                    .collect::<Vec<_>>()
                                {
                                    tree.add(m, p, BTreeSet::from([p]));
                                }
                            }
                        }
                        if policies.contains(&0) && (any > 0 || (i < n && cert.self_issued)) {
                            for m in tree.at(i - 1) {
                                for p in tree.0[m].expected.clone() {
                                    let missing = !tree
                                        .at(i)
                                        .iter()
                                        .any(|&c| tree.0[c].parent == m && tree.0[c].policy == p);
                                    if missing {
                                        tree.add(m, p, BTreeSet::from([p]));
                                    }
                                }
                            }
                        }
                        tree.prune(i - 1);
                    }
                    Some(_) => {}
                }
                if explicit == 0 && tree.is_null() {
                    return None;
                }
                if i == n {
                    explicit = explicit.saturating_sub(1);
                    if cert.explicit == Some(0) {
                        explicit = 0;
                    }
                    continue;
                }
                if cert.mappings.iter().any(|&(a, b)| a == 0 || b == 0) {
                    return None;
                }
                let issuers: BTreeSet<_> = cert.mappings.iter().map(|m| m.0).collect();
                for p in issuers {
                    if tree.is_null() {
                        break;
                    }
                    let subjects: BTreeSet<_> = cert
                        .mappings
                        .iter()
                        .filter(|m| m.0 == p)
                        .map(|m| m.1)
                        .collect();
                    let level = tree.at(i);
                    let nodes: Vec<_> = level.iter().filter(|&&m| tree.0[m].policy == p).collect();
                    if mapping == 0 {
                        nodes.iter().for_each(|&&m| tree.0[m].alive = false);
                        tree.prune(i - 1);
                    } else if nodes.is_empty() {
                        if let Some(&m) = level.iter().find(|&&m| tree.0[m].policy == 0) {
                            let parent = tree.0[m].parent;
                            tree.add(parent, p, subjects);
                        }
                    } else {
                        nodes
                            .iter()
                            .for_each(|&&m| tree.0[m].expected = subjects.clone());
                    }
                }
                if !cert.self_issued {
                    explicit = explicit.saturating_sub(1);
                    mapping = mapping.saturating_sub(1);
                    any = any.saturating_sub(1);
                }
                explicit = explicit.min(cert.explicit.map_or(n + 1, |v| v as usize));
                mapping = mapping.min(cert.inhibit_mapping.map_or(n + 1, |v| v as usize));
                any = any.min(cert.inhibit_any.map_or(n + 1, |v| v as usize));
            }
            let tops = |tree: &Tree| -> Vec<usize> {
                (1..tree.0.len())
                    .filter(|&m| tree.0[m].alive && tree.0[tree.0[m].parent].policy == 0)
                    .collect()
            };
            let listed = match &inputs.initial {
                InitialPolicies::Only(list) | InitialPolicies::WhereRequired(list) => Some(list),
                InitialPolicies::Any => None,
            };
            if let (false, Some(list)) = (tree.is_null(), listed) {
                let listed: BTreeSet<_> = (0..OIDS.len())
                    .filter(|&p| list.iter().any(|oid| policy(p) == *oid))
                    .collect();
                let set = tops(&tree);
                for &m in &set {
                    if tree.0[m].policy != 0 && !listed.contains(&tree.0[m].policy) {
                        tree.0[m].alive = false;
                    }
                }
                for m in 1..tree.0.len() {
                    tree.0[m].alive &= tree.0[tree.0[m].parent].alive;
                }
                let any_leaf = tree.at(n).into_iter().find(|&m| tree.0[m].policy == 0);
                if let Some(m) = any_leaf {
                    let parent = tree.0[m].parent;
                    for &p in &listed {
                        if !set.iter().any(|&s| tree.0[s].policy == p) {
                            tree.add(parent, p, BTreeSet::new());
                        }
                    }
                    tree.0[m].alive = false;
                }
                tree.prune(n - 1);
            }
            if explicit == 0 && tree.is_null() {
                return None;
            }
            if tree.is_null() {
                return Some(BTreeSet::new());
            }
            let set: BTreeSet<_> = tops(&tree)
                .into_iter()
                .filter(|&m| tree.0[m].policy != 0 || tree.0[m].depth == n)
                .map(|m| tree.0[m].policy)
                .collect();
            Some(if set.contains(&0) {
                BTreeSet::from([0])
            } else {
                set
            })
        }
    }

    fn any_cert() -> impl Strategy<Value = Cert> {
        let policies = proptest::collection::btree_set(0usize..5, 1..4)
            .prop_map(|set| set.into_iter().collect::<Vec<_>>());
        (
            proptest::option::weighted(0.95, policies),
            proptest::collection::vec((1usize..5, 1usize..5), 0..4),
            proptest::option::weighted(0.2, 0u32..4),
            proptest::option::weighted(0.2, 0u32..4),
            proptest::option::weighted(0.2, 0u32..4),
            proptest::bool::weighted(0.2),
        )
            .prop_map(
                |(policies, mappings, explicit, inhibit_mapping, inhibit_any, self_issued)| Cert {
                    policies,
                    mappings,
                    explicit,
                    inhibit_mapping,
                    inhibit_any,
                    self_issued,
                },
            )
    }

    fn any_inputs() -> impl Strategy<Value = PolicyInputs> {
        let list = proptest::collection::vec(1usize..5, 0..4);
        (
            proptest::option::of((list, any::<bool>())),
            any::<bool>(),
            proptest::bool::weighted(0.2),
            proptest::bool::weighted(0.2),
        )
            .prop_map(|(list, explicit, mapping, any)| PolicyInputs {
                require_explicit_policy: explicit,
                inhibit_policy_mapping: mapping,
                inhibit_any_policy: any,
                ..match list {
                    Some((list, true)) => demanding(&list),
                    Some((list, false)) => user(&list),
                    None => PolicyInputs::default(),
                }
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn says_what_the_tree_of_rfc_5280_says(
            inputs in any_inputs(),
            path in proptest::collection::vec(any_cert(), 1..6),
        ) {
            let expected = tree::check(&inputs, &path);
            let got = check(&inputs, &path).ok().map(|outcome| match outcome.user_constrained {
                PolicySet::Any => BTreeSet::from([0]),
                PolicySet::Only(list) => list
                    .into_iter()
                    .map(|oid| (1..OIDS.len()).find(|&p| policy(p) == oid).unwrap())
                    .collect(),
            });
            prop_assert_eq!(got, expected);
        }
    }
}

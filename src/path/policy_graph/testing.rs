//! Tests of `policy_graph.rs`.

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

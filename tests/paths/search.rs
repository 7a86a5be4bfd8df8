//! The search for paths: what it finds, in any order and among any other certificates, and what it
//! costs.

use std::slice;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use portcullis::crypto::{BoundedMemo, NoMemo, SignatureError};
use portcullis::path::Exhausted;
use portcullis::revocation::NoFetcher;
use portcullis::{
    Certificate, InitialPolicies, KeyIdMatch, Limits, ObjectIdentifier, Origin, PolicyInputs,
    Presented, Purpose, Rule, Validator,
};
use portcullis_testkit::der::{sequence, tlv};
use portcullis_testkit::extensions::{
    alt_names, basic_constraints, certificate_policies, name_constraints, policy_mapping,
};
use portcullis_testkit::keys::Key;
use portcullis_testkit::mesh::Mesh;
use portcullis_testkit::names::{
    COMMON_NAME, ORGANIZATION, attribute, bmp, common_name, dns, name_of, printable, teletex,
};
use portcullis_testkit::tamper::with_broken_signature;
use proptest::prelude::*;

use crate::support;
use crate::support::{
    Authority, Counting, Made, Template, World, below, decide, now, parsed, refusal, refused,
    verdict, violations,
};

fn client() -> Template {
    Template::client("client")
}

fn bare(label: &str, name: &str) -> Template {
    Template::ca(label)
        .subject(common_name(name))
        .without_key_identifiers()
}

/// A counted validator below these anchors that remembers nothing.
fn counted(anchors: &[&Authority]) -> (Validator, Counting) {
    let counting = Counting::new();
    let builder = below(anchors).provider(counting.provider());
    let validator = builder.memo(Arc::new(NoMemo)).build().unwrap();
    (validator, counting)
}

/// A line of authorities below a root, the one that the root issued first.
fn line(root: &Authority, label: &str, length: usize) -> Vec<Authority> {
    let mut line: Vec<Authority> = Vec::new();
    for n in 0..length {
        let issuer = line.last().unwrap_or(root);
        line.push(issuer.issue_ca(Template::ca(&format!("{label} {n}"))));
    }
    line
}

/// A chain of five intermediates, two of which have another certificate by a root that nobody
/// trusts.
struct Chain {
    root: Authority,
    pool: Vec<Made>,
    leaf: Made,
}

static CHAIN: LazyLock<Chain> = LazyLock::new(|| {
    let root = Authority::root("shuffled root");
    let stranger = Authority::root("shuffled stranger");
    let line = line(&root, "shuffled", 5);
    let leaf = line[4].issue(client());
    let mut pool: Vec<Made> = line.iter().map(|ca| ca.certificate.clone()).collect();
    pool.push(stranger.cross_sign("shuffled crossed 1", &line[1]));
    pool.push(stranger.cross_sign("shuffled crossed 3", &line[3]));
    pool.push(stranger.certificate);
    Chain { root, pool, leaf }
});

/// What an accepted presentation may be surrounded with: strangers, and impostors under the names
/// of its path.
static JUNK: LazyLock<Vec<Made>> = LazyLock::new(|| {
    let world = &*GOOD;
    let stranger = World::new("junk stranger");
    let mut junk = vec![
        stranger.root.certificate.clone(),
        stranger.ca.certificate.clone(),
        stranger.ca.issue(client()),
        world.root.certificate.clone(),
        world.ca.certificate.clone(),
        world.ca.issue(Template::client("another client")),
        world.root.issue(Template::ca("junk sibling")),
        with_broken_signature(&world.ca.certificate),
        stranger.root.cross_sign("junk crossed", &world.ca),
        world.ca.cross_sign("junk loop", &world.root),
    ];
    for n in 0..4 {
        // The names of the path, other keys; with the right key identifier, another, or none.
        let label = format!("junk impostor {n}");
        let named = |name: &Vec<u8>| {
            let template = Template::ca(&label).subject(name.clone());
            match n % 2 {
                0 => template.without_key_identifiers(),
                _ => template,
            }
        };
        let ca = Authority::self_signed(named(&world.ca.name));
        let root = Authority::self_signed(named(&world.root.name));
        junk.push(root.issue(named(&world.ca.name)));
        junk.push(ca.certificate);
        junk.push(root.certificate);
    }
    let expired = Template::ca("junk expired")
        .subject(world.ca.name.clone())
        .key(world.ca.key.clone())
        .valid("20200101000000Z", "20210101000000Z");
    junk.push(world.root.issue(expired));
    let hint = Template::ca("junk hint").key_hint(world.root.key.identifier());
    junk.push(stranger.root.issue(hint.subject(world.ca.name.clone())));
    junk
});

static GOOD: LazyLock<World> = LazyLock::new(|| World::new("good"));

static MESH: LazyLock<Mesh> =
    LazyLock::new(|| Mesh::new("mesh", 3, 3, |layer| format!("mesh layer {layer}")));

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_intermediates_means_nothing(order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle()) {
        let chain = &*CHAIN;
        let (validator, counting) = counted(&[&chain.root]);
        let more: Vec<&Made> = order.iter().map(|&i| &chain.pool[i]).collect();
        let accepted = decide(&validator, &chain.leaf, &more).unwrap();
        let path: Vec<&[u8]> = accepted.certificates().skip(1).map(Certificate::as_der).collect();
        let expected: Vec<&[u8]> = chain.pool[..5].iter().rev().map(|made| &made.der[..]).collect();
        prop_assert_eq!(path, expected);
        prop_assert_eq!(counting.checks(), 6);
        prop_assert_eq!(counting.repeated(), 0);
    }

    #[test]
    fn junk_is_harmless(
        chosen in prop::collection::vec(0..JUNK.len(), 0..40),
        place in any::<prop::sample::Index>(),
    ) {
        let world = &*GOOD;
        let leaf = world.ca.issue(client());
        let mut more: Vec<&Made> = chosen.iter().map(|&i| &JUNK[i]).collect();
        more.insert(place.index(more.len() + 1), &world.ca.certificate);
        let (validator, counting) = counted(&[&world.root]);
        let accepted = decide(&validator, &leaf, &more);
        prop_assert!(accepted.is_ok(), "{:?}", accepted);
        prop_assert_eq!(counting.repeated(), 0);
        prop_assert!(counting.checks() <= 20, "{} checks", counting.checks());
    }

    #[test]
    fn a_mesh_is_found_in_any_order(order in Just((0..27).collect::<Vec<usize>>()).prop_shuffle()) {
        let mesh = &*MESH;
        let (validator, counting) = counted(&[&mesh.roots[0]]);
        let more: Vec<&Made> = order.iter().map(|&i| &mesh.pool[i]).collect();
        let accepted = decide(&validator, &mesh.client, &more);
        prop_assert!(accepted.is_ok(), "{:?}", accepted);
        prop_assert_eq!(counting.repeated(), 0);
        prop_assert!(counting.checks() <= 37, "{} checks", counting.checks());
    }

    #[test]
    fn a_mesh_below_another_root_of_that_name_is_refused_cheaply(
        order in Just((0..27).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let mesh = &*MESH;
        let (validator, counting) = counted(&[&mesh.wrong_root]);
        let more: Vec<&Made> = order.iter().map(|&i| &mesh.pool[i]).collect();
        let (_, rule) = refusal(&validator, &mesh.client, &more);
        prop_assert_eq!(rule, Rule::Signature(SignatureError::Invalid));
        prop_assert_eq!(counting.repeated(), 0);
        // Nine for the nine certificates that seem to be the root's, the rest to explain.
        prop_assert!(counting.checks() <= 37, "{} checks", counting.checks());
    }

    #[test]
    fn whatever_is_presented_the_budget_holds(
        chosen in prop::collection::vec(0..27usize, 0..27),
        junk in prop::collection::vec(0..JUNK.len(), 0..10),
        signatures in 0..12u32,
        steps in 0..60u32,
    ) {
        let mesh = &*MESH;
        let counting = Counting::new();
        let mut limits = Limits::default();
        limits.signatures = signatures;
        limits.search_steps = steps;
        let validator = below(&[&mesh.roots[0], &GOOD.root])
            .provider(counting.provider())
            .memo(Arc::new(NoMemo))
            .limits(limits)
            .build()
            .unwrap();
        let mesh_part = chosen.iter().map(|&i| &mesh.pool[i]);
        let more: Vec<&Made> = mesh_part.chain(junk.iter().map(|&i| &JUNK[i])).collect();
        let _ = decide(&validator, &mesh.client, &more);
        prop_assert!(counting.checks() <= signatures as usize);
        prop_assert_eq!(counting.repeated(), 0);
    }
}

#[test]
fn cross_signed_intermediates() {
    let known = Authority::root("cross known");
    let stranger = Authority::root("cross stranger");
    let ca = known.issue_ca(Template::ca("cross ca"));
    let crossed = stranger.cross_sign("cross crossed", &ca);
    let leaf = ca.issue(client());
    let both = [&crossed, &ca.certificate];
    assert!(verdict(&[&known], &leaf, &both).is_ok());
    assert!(verdict(&[&stranger], &leaf, &both).is_ok());
    assert!(verdict(&[&known, &stranger], &leaf, &both).is_ok());
    assert_eq!(
        refused(verdict(&[&known], &leaf, &[&crossed])),
        (1, Rule::NoIssuer)
    );
    // A root that another root signed too: the shorter way is taken.
    let bridged = stranger.cross_sign("cross bridged", &known);
    let more = [&bridged, &ca.certificate];
    let accepted = verdict(&[&stranger, &known], &leaf, &more).unwrap();
    assert_eq!(accepted.certificates().count(), 2);
    let accepted = verdict(&[&stranger], &leaf, &more).unwrap();
    assert_eq!(accepted.certificates().count(), 3);
}

#[test]
fn an_expired_cross_sign_is_avoided() {
    let root = Authority::root("expired cross root");
    let old = Authority::root("expired cross old");
    let ca = root.issue_ca(Template::ca("expired cross ca"));
    let template = Template::ca("expired cross crossed")
        .subject(ca.name.clone())
        .key(ca.key.clone())
        .valid("20200101000000Z", "20210101000000Z");
    let crossed = old.issue(template);
    let leaf = ca.issue(client());
    for more in [[&crossed, &ca.certificate], [&ca.certificate, &crossed]] {
        let accepted = verdict(&[&old, &root], &leaf, &more).unwrap();
        let path: Vec<_> = accepted.certificates().collect();
        assert_eq!(*path[1], parsed(&ca.certificate));
    }
    let (position, rule) = refused(verdict(&[&old], &leaf, &[&crossed]));
    assert_eq!(position, 1);
    assert!(matches!(rule, Rule::Expired { .. }), "{rule}");
}

#[test]
fn loops_end_and_exits_are_found() {
    let root = Authority::root("loop root");
    let a = Authority::root("loop a");
    let b = a.issue_ca(Template::ca("loop b"));
    let c = b.issue_ca(Template::ca("loop c"));
    let a_by_c = c.cross_sign("loop a by c", &a);
    let leaf = a.issue(client());
    let circle = [&a_by_c, &c.certificate, &b.certificate];
    let (validator, counting) = counted(&[&root]);
    let (_, rule) = refusal(&validator, &leaf, &circle);
    assert_eq!(rule, Rule::Circle);
    assert!(counting.checks() <= 4);
    let b_by_root = root.cross_sign("loop b by root", &b);
    let more = [&a_by_c, &c.certificate, &b.certificate, &b_by_root];
    assert!(decide(&validator, &leaf, &more).is_ok());
    // A certificate that names itself as its issuer, of another key than it was signed with.
    let own = Template::ca("loop own").subject(a.name.clone());
    let own = b.issue(own.key(Key::p256("loop own key")));
    assert!(decide(&validator, &leaf, &[&own, &own]).is_err());
}

#[test]
fn roots_of_one_name_and_other_keys() {
    let twin = |n: usize| Authority::self_signed(bare(&format!("twin {n}"), "twin root"));
    let twins: Vec<Authority> = (0..4).map(twin).collect();
    let all: Vec<&Authority> = twins.iter().collect();
    for (n, signer) in twins.iter().enumerate() {
        let ca = signer.issue_ca(bare(&format!("twin ca {n}"), "twin ca"));
        let leaf = ca.issue(client().without_key_identifiers());
        let (validator, counting) = counted(&all);
        let accepted = decide(&validator, &leaf, &[&ca.certificate]).unwrap();
        let anchor = accepted.anchor().unwrap();
        assert_eq!(anchor.certificate(), Some(&parsed(&signer.certificate)));
        assert_eq!(counting.checks(), n + 2);
        let others: Vec<&Authority> = all
            .iter()
            .copied()
            .filter(|t| t.key.spki() != signer.key.spki())
            .collect();
        assert_eq!(
            refused(verdict(&others, &leaf, &[&ca.certificate])),
            (1, Rule::Signature(SignatureError::Invalid))
        );
    }
}

#[test]
fn a_wrong_key_identifier_is_a_hint_and_the_signature_decides() {
    let root = Authority::root("hint root");
    let ca = root.issue_ca(Template::ca("hint ca").key_hint(vec![1; 20]));
    let decoy = Template::ca("hint decoy").subject(ca.name.clone());
    let decoy = root.issue_ca(decoy);
    let leaf = ca.issue(client().key_hint(decoy.key.identifier()));
    let more = [&decoy.certificate, &ca.certificate];
    let accepted = verdict(&[&root], &leaf, &more).unwrap();
    let chain = accepted.chain();
    assert_eq!(chain[1].certificate, Some(parsed(&ca.certificate)));
    assert_eq!(chain[0].key_id, KeyIdMatch::Unknown);
    assert_eq!(chain[1].key_id, KeyIdMatch::Different);
    assert_eq!(chain[2].key_id, KeyIdMatch::Different);
    let origins: Vec<Origin> = chain.iter().map(|element| element.origin).collect();
    assert_eq!(origins, [Origin::Leaf, Origin::Presented, Origin::Anchor]);
    // With the right hint no signature is spent on the decoy.
    let leaf = ca.issue(client());
    let (validator, counting) = counted(&[&root]);
    assert!(decide(&validator, &leaf, &more).is_ok());
    assert_eq!(counting.checks(), 2);
}

/// RFC 5280 section 7.1: case, string type and inner space do not make a name another.
#[test]
fn names_that_are_equal_in_other_bytes() {
    let spelled = |value: Vec<u8>| {
        name_of(vec![
            vec![attribute(ORGANIZATION, printable("Portcullis"))],
            vec![attribute(COMMON_NAME, value)],
        ])
    };
    let root = Authority::root("spelling root");
    let spellings = [
        portcullis_testkit::der::utf8("The Authority"),
        printable("The Authority"),
        printable("the  AUTHORITY"),
        teletex("The authority"),
        bmp("THE AUTHORITY "),
    ];
    let ca = root.issue_ca(Template::ca("spelling ca").subject(spelled(spellings[0].clone())));
    for spelling in &spellings {
        let other = Authority {
            name: spelled(spelling.clone()),
            ..ca.clone()
        };
        let leaf = other.issue(client());
        assert!(verdict(&[&root], &leaf, &[&ca.certificate]).is_ok());
        // The same at the top.
        let anchor = Authority::self_signed(
            Template::ca("spelling anchor").subject(spelled(spellings[0].clone())),
        );
        let issuer = Authority {
            name: spelled(spelling.clone()),
            ..anchor.clone()
        };
        let leaf = issuer.issue(client());
        assert!(verdict(&[&anchor], &leaf, &[]).is_ok());
    }
    let other = Authority {
        name: spelled(printable("TheAuthority")),
        ..ca.clone()
    };
    let leaf = other.issue(client());
    assert_eq!(
        refused(verdict(&[&root], &leaf, &[&ca.certificate])),
        (0, Rule::NoIssuer)
    );
}

/// A different order for each seed.
fn shuffled(pool: &[Made], seed: u64) -> Vec<&Made> {
    let mut more: Vec<&Made> = pool.iter().collect();
    let mut state = seed;
    for i in (1..more.len()).rev() {
        // Knuth's linear congruential generator.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        more.swap(i, (state >> 33) as usize % (i + 1));
    }
    more
}

#[test]
fn a_mesh_costs_few_signatures() {
    let mesh = &*MESH;
    let (right, accepts) = counted(&[&mesh.roots[0]]);
    let (wrong, refuses) = counted(&[&mesh.wrong_root]);
    let (mut most_to_accept, mut most_to_refuse) = (0, 0);
    for seed in 0..200 {
        let more = shuffled(&mesh.pool, seed);
        assert!(decide(&right, &mesh.client, &more).is_ok());
        most_to_accept = most_to_accept.max(accepts.reset());
        assert!(decide(&wrong, &mesh.client, &more).is_err());
        most_to_refuse = most_to_refuse.max(refuses.reset());
    }
    eprintln!("3x3 mesh: {most_to_accept} checks to accept, {most_to_refuse} to refuse");
    assert!(most_to_accept <= 30);
    assert!(most_to_refuse <= 18);
}

#[test]
fn larger_meshes_end_within_the_budget() {
    for (layers, width) in [(4, 4), (6, 3)] {
        let label = format!("mesh {layers}x{width}");
        let mesh = Mesh::new(&label, layers, width, |layer| format!("{label} {layer}"));
        let more: Vec<&Made> = mesh.pool.iter().collect();
        let start = Instant::now();
        for anchor in [&mesh.roots[0], &mesh.wrong_root] {
            let (validator, counting) = counted(&[anchor]);
            let verdict = decide(&validator, &mesh.client, &more);
            eprintln!(
                "{label}: {} checks, {:?}",
                counting.checks(),
                verdict.as_ref().err()
            );
            assert!(counting.checks() <= 100);
            assert_eq!(counting.repeated(), 0);
            if let Err(violation) = verdict {
                let telling = matches!(
                    violation.rule,
                    Rule::Signature(SignatureError::Invalid)
                        | Rule::Exhausted(Exhausted::Signatures)
                );
                assert!(telling, "{violation}");
            }
        }
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}

/// One name in all layers: each authority seems to have issued each other, and itself.
#[test]
fn one_name_in_all_layers_ends_within_the_budget() {
    let mesh = Mesh::new("one name", 3, 3, |_| "one name".into());
    let more: Vec<&Made> = mesh.pool.iter().collect();
    for anchor in [&mesh.roots[0], &mesh.wrong_root, &GOOD.root] {
        let start = Instant::now();
        let (validator, counting) = counted(&[anchor]);
        let verdict = decide(&validator, &mesh.client, &more);
        eprintln!(
            "one name: {} checks, {:?}, {:?}",
            counting.checks(),
            start.elapsed(),
            verdict.as_ref().err()
        );
        assert!(counting.checks() <= 100);
        assert_eq!(counting.repeated(), 0);
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}

/// Long names in two spellings, so that comparing them is the work.
#[test]
fn long_names_in_two_spellings_end_within_the_budget() {
    let long = |text: &str| {
        let text = text.repeat(6_000);
        name_of(vec![vec![attribute(COMMON_NAME, printable(&text))]])
    };
    let spellings = [long("ab"), long("aB")];
    let mut pool = Vec::new();
    for n in 0..30 {
        let template = Template::ca(&format!("long {n}"))
            .subject(spellings[n % 2].clone())
            .without_key_identifiers();
        let signer = Authority {
            name: spellings[(n + 1) % 2].clone(),
            ..Authority::root("long signer")
        };
        pool.push(signer.issue_ca(template));
    }
    let leaf = pool[0].issue(client().without_key_identifiers());
    let more: Vec<&Made> = pool.iter().map(|ca| &ca.certificate).collect();
    let start = Instant::now();
    let (validator, counting) = counted(&[&GOOD.root]);
    let (_, rule) = refusal(&validator, &leaf, &more);
    eprintln!(
        "long names: {} checks, {:?}, {rule}",
        counting.checks(),
        start.elapsed()
    );
    assert!(counting.checks() <= 100);
    assert!(start.elapsed() < Duration::from_secs(20));
}

/// Each of a hundred certificates of one name is signed by the next.
#[test]
fn long_chains_of_self_issued_certificates_end_within_the_budget() {
    let name = "self-issued line";
    let root = Authority::self_signed(bare("self-issued root", name));
    let mut line = vec![root.clone()];
    for n in 0..100 {
        line.push(line[n].issue_ca(bare(&format!("self-issued {n}"), name)));
    }
    for length in [1, 10, 30, 31, 32, 60, 100] {
        let leaf = line[length].issue(client().without_key_identifiers());
        let more: Vec<&Made> = line[1..=length].iter().map(|ca| &ca.certificate).collect();
        let (validator, counting) = counted(&[&root]);
        let start = Instant::now();
        let verdict = decide(&validator, &leaf, &more);
        eprintln!(
            "{length} self-issued: {} checks, {:?}, {:?}",
            counting.checks(),
            start.elapsed(),
            verdict.as_ref().err()
        );
        assert!(counting.checks() <= 100);
        assert_eq!(counting.repeated(), 0);
        assert!(start.elapsed() < Duration::from_secs(20));
        assert!(verdict.is_ok() || length > 1);
    }
}

#[test]
fn a_signature_is_never_checked_twice() {
    let world = &*GOOD;
    let leaf = world.ca.issue(client());
    let broken = with_broken_signature(&leaf);
    for leaf in [&leaf, &broken] {
        let (validator, counting) = counted(&[&world.root]);
        let more: Vec<&Made> = JUNK.iter().chain([&world.ca.certificate]).collect();
        let _ = decide(&validator, leaf, &more);
        assert_eq!(counting.repeated(), 0);
    }
}

#[test]
fn a_second_leaf_of_the_same_issuers_costs_one_signature() {
    let root = Authority::root("memo root");
    let line = line(&root, "memo", 3);
    let more: Vec<&Made> = line.iter().map(|ca| &ca.certificate).collect();
    let counting = Counting::new();
    let memo = Arc::new(BoundedMemo::default());
    let validator = below(&[&root])
        .provider(counting.provider())
        .memo(Arc::clone(&memo) as _)
        .build()
        .unwrap();
    let leaf = |n: usize| line[2].issue(Template::client(&format!("memo client {n}")));
    assert!(decide(&validator, &leaf(1), &more).is_ok());
    assert_eq!(
        counting.prepared(),
        1 + 3,
        "the anchor's key with the validator"
    );
    assert_eq!(counting.reset(), 4);
    assert_eq!(memo.len(), 3, "the issuers, and not the leaf");
    assert!(decide(&validator, &leaf(2), &more).is_ok());
    assert_eq!(counting.prepared(), 0, "keys of known issuers are at hand");
    assert_eq!(counting.reset(), 1);
    // Leaves are not remembered: the same one costs its signature again.
    assert!(decide(&validator, &leaf(2), &more).is_ok());
    assert_eq!(counting.reset(), 1);
    // What is remembered holds for other stores, too.
    let other = validator.with_store(support::store(&[&root, &GOOD.root]));
    assert!(decide(&other, &leaf(3), &more).is_ok());
    assert_eq!(counting.reset(), 1);
}

/// The search proper, which takes over where a leaf could have several issuers, knows them too.
#[test]
fn known_issuers_are_known_where_there_is_a_choice() {
    let root = Authority::root("choice root");
    let line = line(&root, "choice", 3);
    let junk = root.issue_ca(Template::ca("choice 2").subject(common_name("choice 2")));
    let mut more: Vec<&Made> = line.iter().map(|ca| &ca.certificate).collect();
    more.push(&junk.certificate);
    let counting = Counting::new();
    let validator = below(&[&root])
        .provider(counting.provider())
        .build()
        .unwrap();
    let leaf = |n: usize| line[2].issue(Template::client(&format!("choice client {n}")));
    assert!(decide(&validator, &leaf(1), &more).is_ok());
    counting.reset();
    assert!(decide(&validator, &leaf(2), &more).is_ok());
    assert_eq!((counting.prepared(), counting.reset()), (0, 1));
}

#[test]
fn failing_signatures_are_not_remembered() {
    let root = Authority::root("unremembered root");
    let ca = root.issue_ca(Template::ca("unremembered ca"));
    let broken = with_broken_signature(&ca.certificate);
    let leaf = ca.issue(client());
    let counting = Counting::new();
    let memo = Arc::new(BoundedMemo::default());
    let validator = below(&[&root])
        .provider(counting.provider())
        .memo(Arc::clone(&memo) as _)
        .build()
        .unwrap();
    let invalid = (1, Rule::Signature(SignatureError::Invalid));
    let mut costs = Vec::new();
    for _ in 0..3 {
        assert_eq!(refusal(&validator, &leaf, &[&broken]), invalid);
        costs.push(counting.reset());
        assert!(memo.is_empty());
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[1], costs[2]);
    assert!(decide(&validator, &leaf, &[&broken, &ca.certificate]).is_ok());
    assert_eq!(memo.len(), 1);
    // A client's failure says nothing about the issuers that it came with.
    let forged = with_broken_signature(&leaf);
    let (_, rule) = refusal(&validator, &forged, &[&ca.certificate]);
    assert_eq!(rule, Rule::Signature(SignatureError::Invalid));
    assert!(decide(&validator, &leaf, &[&ca.certificate]).is_ok());
}

#[test]
fn the_same_leaf_twice() {
    let world = &*GOOD;
    let leaf = world.ca.issue(client());
    let (validator, counting) = counted(&[&world.root]);
    for more in [
        vec![&leaf, &leaf, &world.ca.certificate],
        vec![&world.ca.certificate, &leaf],
        vec![&world.ca.certificate, &world.ca.certificate],
    ] {
        assert!(decide(&validator, &leaf, &more).is_ok());
        assert_eq!(counting.reset(), 2);
    }
}

#[test]
fn what_does_not_parse_is_left_out_and_listed() {
    let world = &*GOOD;
    let leaf = world.ca.issue(client());
    let garbage = [vec![], vec![0x30, 0x80], sequence(&[tlv(2, &[1])])];
    let chain = [
        &leaf.der,
        &garbage[0],
        &garbage[1],
        &world.ca.certificate.der,
        &garbage[2],
    ];
    let presented = Presented::from_der(chain).unwrap();
    let places: Vec<usize> = presented
        .unreadable()
        .iter()
        .map(|(place, _)| *place)
        .collect();
    assert_eq!(places, [1, 2, 4]);
    assert_eq!(presented.certificates().len(), 1);
    assert!(
        world
            .validator()
            .validate(&presented, now(), &NoFetcher)
            .is_ok()
    );
    assert!(Presented::from_der([&garbage[1], &leaf.der]).is_err());
    assert!(Presented::from_der(Vec::<Vec<u8>>::new()).is_err());
}

#[test]
fn path_lengths() {
    let root = Authority::root("lengths root");
    let line = line(&root, "lengths", 3);
    let leaf = line[2].issue(client());
    let more: Vec<&Made> = line.iter().map(|ca| &ca.certificate).collect();
    let most = |n: u32| below(&[&root]).max_intermediates(n).build().unwrap();
    assert!(decide(&most(3), &leaf, &more).is_ok());
    let (_, rule) = refusal(&most(2), &leaf, &more);
    assert_eq!(rule, Rule::TooDeep { allowed: 2 });
    let direct = root.issue(client());
    assert!(decide(&most(0), &direct, &[]).is_ok());

    // pathLenConstraint counts what is not self-issued; so does the caller's limit.
    let upper = root.issue_ca(Template::ca("lengths upper").with(basic_constraints(Some(1))));
    let renewed = Template::ca("lengths renewed")
        .subject(upper.name.clone())
        .key(Key::p256("lengths renewed"));
    let renewed = upper.issue_ca(renewed);
    let lower = renewed.issue_ca(Template::ca("lengths lower").with(basic_constraints(Some(0))));
    let leaf = lower.issue(client());
    let more = [&upper.certificate, &renewed.certificate, &lower.certificate];
    assert!(verdict(&[&root], &leaf, &more).is_ok());
    assert!(decide(&most(2), &leaf, &more).is_ok());
    let below_lower = lower.issue_ca(Template::ca("lengths too low"));
    let leaf = below_lower.issue(client());
    let more = [more[0], more[1], more[2], &below_lower.certificate];
    let validator = below(&[&root]).build().unwrap();
    assert_eq!(
        violations(&validator, &leaf, &more),
        [
            (2, Rule::PathTooLong { allowed: 0 }),
            (4, Rule::PathTooLong { allowed: 1 }),
        ]
    );

    // A shorter way to the same authority is found behind a longer one.
    let short = root.issue_ca(Template::ca("lengths short").with(basic_constraints(Some(0))));
    let by_line = line[2].cross_sign("lengths detour", &short);
    let leaf = short.issue(client());
    let more: Vec<&Made> = line
        .iter()
        .map(|ca| &ca.certificate)
        .chain([&by_line, &short.certificate])
        .collect();
    assert!(decide(&most(1), &leaf, &more).is_ok());
}

/// A CA that certifies its own new key is not held to its own constraints on names; what the new
/// key signs is (RFC 5280 section 6.1.3 (b) and (c)).
#[test]
fn names_of_self_issued_authorities_are_not_constrained() {
    let root = Authority::root("constrained root");
    let (inside, outside) = (dns("host.example.test"), dns("host.example.org"));
    for (permitted, excluded) in [(Some("example.test"), None), (None, Some("example.org"))] {
        let subtrees = |name: Option<&str>| Vec::from_iter(name.map(dns));
        let constraints = name_constraints(&subtrees(permitted), &subtrees(excluded));
        let ca = root.issue_ca(Template::ca("constrained ca").with(constraints));
        let judge = |lower: Template, leaf: &Vec<u8>| {
            let lower = ca.issue_ca(lower.with(alt_names(slice::from_ref(&outside))));
            let leaf = lower.issue(client().with(alt_names(slice::from_ref(leaf))));
            verdict(&[&root], &leaf, &[&ca.certificate, &lower.certificate])
        };
        let renewed = || Template::ca("renewed").subject(ca.name.clone());
        assert!(judge(renewed(), &inside).is_ok());
        let (position, rule) = refused(judge(renewed(), &outside));
        assert!(position == 0 && matches!(rule, Rule::Name(_)), "{rule}");
        let (position, rule) = refused(judge(Template::ca("lower"), &inside));
        assert!(position == 1 && matches!(rule, Rule::Name(_)), "{rule}");
    }
}

/// P6: a leaf that is a CA may stand below another certificate of its own name and key.
#[test]
fn the_name_and_key_of_the_leaf_may_come_back() {
    let root = Authority::root("root");
    let x = Authority::root("x");
    let y = x.issue_ca(Template::ca("y"));
    let leaf = Template::ca("x").subject(x.name.clone()).key(x.key.clone());
    let leaf = y.issue(leaf);
    let cross = root.cross_sign("x by root", &x);
    let validator = below(&[&root]).purpose(Purpose::Any).build().unwrap();
    let path = decide(&validator, &leaf, &[&y.certificate, &cross]).unwrap();
    assert_eq!(path.certificates().count(), 3); // and the root
}

/// P6: a mapping of policies may stand on the longer way only.
#[test]
fn a_longer_way_round_is_found_where_the_shorter_one_falls() {
    let root = Authority::root("root");
    let (x, y) = (Authority::root("x"), Authority::root("y"));
    let of = |who: &Authority, label: &str| {
        let template = Template::ca(label).key(who.key.clone());
        template.subject(who.name.clone())
    };
    let policy = || certificate_policies(&["1.2.3.1"]);
    let upper = root.issue(of(&x, "x by root").with(policy()));
    let between = x.issue(of(&y, "y by x").with(policy()));
    let mapping = policy_mapping("1.2.3.1", "1.2.3.2");
    let lower = y.issue(of(&x, "x by y").with(policy()).with(mapping));
    let leaf = x.issue(client().with(certificate_policies(&["1.2.3.2"])));
    let policies = PolicyInputs {
        require_explicit_policy: true,
        initial: InitialPolicies::Only(vec![ObjectIdentifier::new_unwrap("1.2.3.1")]),
        ..PolicyInputs::default()
    };
    let validator = below(&[&root]).policies(policies).build().unwrap();
    for pool in [[&upper, &between, &lower], [&lower, &between, &upper]] {
        let path = decide(&validator, &leaf, &pool).unwrap();
        assert_eq!(path.certificates().count(), 4);
    }
    // Without it the shorter path is what is told.
    let unmapped = y.issue(of(&x, "x by y").with(policy()));
    let (place, rule) = refusal(&validator, &leaf, &[&upper, &between, &unmapped]);
    assert!(
        matches!((place, rule), (0, Rule::Policy(_))),
        "{place} {rule:?}"
    );
}

/// P9: anchors of one name and key, as a store has that holds each renewal of a root, cost one
/// signature, whether it holds or not.
#[test]
fn anchors_of_one_key_cost_one_signature() {
    let root = Authority::root("root");
    let renewed = |n: usize| {
        let template = Template::ca(&format!("renewed {n}")).key(root.key.clone());
        Authority::self_signed(template.subject(root.name.clone()))
    };
    let all: Vec<Authority> = (0..200).map(renewed).collect();
    let anchors: Vec<&Authority> = all.iter().collect();
    let (validator, counting) = counted(&anchors);
    let good = root.issue(client().without_key_identifiers());
    assert!(decide(&validator, &good, &[]).is_ok());
    assert_eq!(counting.reset(), 1);
    let forged = with_broken_signature(&good);
    let (_, rule) = refusal(&validator, &forged, &[]);
    assert_eq!(rule, Rule::Signature(SignatureError::Invalid));
    assert_eq!(counting.reset(), 1);
}

/// P6: the longer paths of a mesh are many. They are looked for within bounds, and what is told of
/// the shorter ones stays.
#[test]
fn looking_for_longer_paths_is_bounded_and_uses_nothing_up() {
    let root = Authority::root("root");
    let key = |n: usize| Key::ed25519(&format!("mesh {n}"));
    let by = |n: usize| Authority {
        name: common_name("X"),
        key: key(n),
        certificate: root.certificate.clone(),
    };
    // Three keys of one name, each certified by each, twice, and one of them by the root.
    let pairs = (0..18).map(|n| (n / 6, n % 3));
    let member = |of: usize, label: &str| bare(label, "X").key(key(of));
    let issue = |(n, (of, issuer))| by(issuer).issue(member(of, &format!("member {n}")));
    let mut pool: Vec<Made> = pairs.enumerate().map(issue).collect();
    pool.push(root.issue(member(0, "by root")));
    let policies = PolicyInputs {
        require_explicit_policy: true,
        ..PolicyInputs::default()
    };
    let leaf = by(2).issue(client().without_key_identifiers());
    let more: Vec<&Made> = pool.iter().collect();
    let (_, counting) = counted(&[&root]);
    let builder = below(&[&root]).policies(policies);
    let builder = builder.provider(counting.provider());
    let validator = builder.memo(Arc::new(NoMemo)).build().unwrap();
    let start = Instant::now();
    let (_, rule) = refusal(&validator, &leaf, &more);
    assert!(!matches!(rule, Rule::Exhausted(_)), "{rule:?}");
    assert!(counting.checks() <= 100);
    assert!(start.elapsed() < Duration::from_secs(10));
}

//! Trust anchors and stores: what can be an anchor, what it vouches for, and how a store is
//! replaced.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::thread;

use portcullis::certificate::ExtensionKind;
use portcullis::crypto::{KeyError, SignatureError};
use portcullis::path::{NameForm, NameViolation, PolicyViolation};
use portcullis::revocation::{
    Crl, Evidence, NoFetcher, RevocationFlag, RevocationMode, SharedEvidence,
};
use portcullis::{
    AnchorConstraints, AnchorError, BuildError, Certificate, CertificateTypes, InputError,
    ObjectIdentifier, Origin, Pin, Presented, Purpose, Rule, TrustAnchor, TrustMode, TrustStore,
    TrustStoreError, Validator, oid,
};
use portcullis_testkit::crl::{CrlEntry, CrlTemplate};
use portcullis_testkit::der::sequence;
use portcullis_testkit::distribution::{DistributionPoint, IssuingDistributionPoint, points};
use portcullis_testkit::extensions::{
    ANY_POLICY, BASIC_CONSTRAINTS, CRL_SIGN, EXTENDED_KEY_USAGE, Extension, NAME_CONSTRAINTS,
    SERVER_AUTH, alt_names, basic_constraints, certificate_policies, extended_key_usage,
    inhibit_any_policy, inhibit_policy_mapping, key_usage, name_constraints, not_a_ca,
    policy_mapping, require_explicit_policy, unknown,
};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::{common_name, dns};

use crate::support::{
    Authority, Made, Template, World, below, decide, now, parsed, presented, refusal, refused,
    store, time, verdict, violations, with_store,
};

fn client() -> Template {
    Template::client("client")
}

/// A validator whose only anchor is the world's root under these constraints.
fn constrained(world: &World, constraints: AnchorConstraints) -> Validator {
    let anchor = TrustAnchor::from_certificate(parsed(&world.root.certificate));
    let anchor = anchor.with_constraints(constraints);
    with_store(TrustStore::new([anchor])).build().unwrap()
}

#[test]
fn any_certificate_can_be_an_anchor() {
    let world = World::new("any anchor");
    let leaf = world.ca.issue(client());
    let accepted = verdict(&[&world.ca], &leaf, &[]).unwrap();
    assert_eq!(accepted.certificates().count(), 1);
    let anchor = accepted.anchor().unwrap();
    assert_eq!(anchor.certificate(), Some(&parsed(&world.ca.certificate)));
    assert_eq!(anchor.subject(), parsed(&world.ca.certificate).subject());

    // The nearest anchor ends the path.
    let both = [&world.root, &world.ca];
    let accepted = verdict(&both, &leaf, &[&world.ca.certificate]).unwrap();
    assert_eq!(accepted.certificates().count(), 1);

    // An end entity as anchor vouches for nobody, not even for itself.
    let own = Authority {
        certificate: leaf.clone(),
        ..world.ca.clone()
    };
    assert_eq!(refused(verdict(&[&own], &leaf, &[])), (0, Rule::NoIssuer));
}

/// What the certificate of an anchor demands of policies holds below it, as if another CA had
/// demanded it.
#[test]
fn an_anchor_constrains_policies() {
    let decided = |root: Template, ca: Template, leaf: Template| {
        let root = Authority::self_signed(root);
        let ca = root.issue_ca(ca);
        let leaf = ca.issue(leaf);
        verdict(&[&root], &leaf, &[&ca.certificate])
    };
    const ONE: &str = "1.2.3.1";
    const TWO: &str = "1.2.3.2";
    let root = || Template::ca("policy root");
    let ca = || Template::ca("policy ca");
    let no_policy = |position| (position, Rule::Policy(PolicyViolation::NoValidPolicy));
    let required = || root().with(require_explicit_policy(0));
    assert_eq!(refused(decided(required(), ca(), client())), no_policy(1));
    let issued = |list: &[&str]| (ca().with(certificate_policies(list)), client());
    let (one, bare) = issued(&[ONE]);
    assert_eq!(refused(decided(required(), one, bare)), no_policy(0));
    let (one, leaf) = issued(&[ONE]);
    let leaf = leaf.with(certificate_policies(&[ONE]));
    assert!(decided(required(), one, leaf).is_ok());

    // A policy is required, and neither mapped nor given under another name.
    let mapped = || {
        let (ca, leaf) = issued(&[ONE]);
        let ca = ca
            .with(policy_mapping(ONE, TWO))
            .with(require_explicit_policy(0));
        (ca, leaf.with(certificate_policies(&[TWO])))
    };
    let (maps, leaf) = mapped();
    assert!(decided(root(), maps, leaf).is_ok());
    let (maps, leaf) = mapped();
    let unmapped = root().with(inhibit_policy_mapping(0));
    assert_eq!(refused(decided(unmapped, maps, leaf)), no_policy(0));
    let any = || {
        ca().with(certificate_policies(&[ANY_POLICY]))
            .with(require_explicit_policy(0))
    };
    let leaf = || client().with(certificate_policies(&[ONE]));
    assert!(decided(root(), any(), leaf()).is_ok());
    let named = root().with(inhibit_any_policy(0));
    assert_eq!(refused(decided(named, any(), leaf())), no_policy(0));

    // What the root says of itself is no demand.
    let two = root().with(certificate_policies(&[TWO]));
    let (one, leaf) = issued(&[ONE]);
    let one = one.with(require_explicit_policy(0));
    assert!(decided(two, one, leaf.with(certificate_policies(&[ONE]))).is_ok());
}

/// What an anchor's own certificate says is honoured; its signature is nobody's business.
#[test]
fn an_anchors_certificate_is_checked() {
    let issued = |template: Template| {
        let root = Authority::self_signed(template);
        let leaf = root.issue(client());
        verdict(&[&root], &leaf, &[])
    };
    let root = || Template::ca("checked root");
    let expired = root().valid("20200101000000Z", "20210101000000Z");
    let not_after = time("2021-01-01T00:00:00Z");
    assert_eq!(refused(issued(expired)), (1, Rule::Expired { not_after }));
    let future = root().valid("20300101000000Z", "20400101000000Z");
    let not_before = time("2030-01-01T00:00:00Z");
    assert_eq!(
        refused(issued(future)),
        (1, Rule::NotYetValid { not_before })
    );
    assert_eq!(refused(issued(root().with(not_a_ca()))), (1, Rule::NotACa));
    assert_eq!(
        refused(issued(root().with(key_usage(&[CRL_SIGN])))),
        (1, Rule::MayNotSignCertificates)
    );
    let (position, rule) = refused(issued(root().with(unknown().critical())));
    assert_eq!(position, 1);
    assert!(matches!(rule, Rule::UnknownCriticalExtension(Some(_))));
    assert!(issued(root().with(unknown())).is_ok());
    let servers = root().with(extended_key_usage(&[SERVER_AUTH]));
    assert_eq!(refused(issued(servers)), (1, Rule::WrongUsage));
    let broken = Extension::new(NAME_CONSTRAINTS, vec![5, 0]);
    let (position, rule) = refused(issued(root().with(broken)));
    assert_eq!(position, 1);
    let of_names = |kind| kind == ExtensionKind::NameConstraints;
    assert!(matches!(rule, Rule::InvalidExtension { extension, .. } if of_names(extension)));

    // Old roots that say nothing.
    assert!(issued(root().v1()).is_ok());
    assert!(issued(root().without(BASIC_CONSTRAINTS)).is_ok());
    // A signature that is none.
    let broken = Authority::self_signed(root());
    let leaf = broken.issue(client());
    let broken = Authority {
        certificate: portcullis_testkit::tamper::with_broken_signature(&broken.certificate),
        ..broken
    };
    assert!(verdict(&[&broken], &leaf, &[]).is_ok());
}

#[test]
fn an_anchors_path_length_and_name_constraints_hold() {
    let root = Template::ca("constraining root")
        .with(basic_constraints(Some(0)))
        .with(name_constraints(&[dns("example.test")], &[]));
    let root = Authority::self_signed(root);
    let inside = root.issue(client().with(alt_names(&[dns("host.example.test")])));
    assert!(verdict(&[&root], &inside, &[]).is_ok());
    let outside = root.issue(client().with(alt_names(&[dns("host.example.org")])));
    assert_eq!(
        refused(verdict(&[&root], &outside, &[])),
        (0, Rule::Name(NameViolation::NotPermitted(NameForm::Dns)))
    );
    let ca = root.issue_ca(Template::ca("constraining ca"));
    let leaf = ca.issue(client());
    assert_eq!(
        refused(verdict(&[&root], &leaf, &[&ca.certificate])),
        (2, Rule::PathTooLong { allowed: 0 })
    );
}

#[test]
fn bare_names_and_keys() {
    let world = World::new("bare");
    let anchor = |name: &[u8], key: &Key| {
        let anchor = TrustAnchor::from_name_and_key(name, &key.spki()).unwrap();
        with_store(TrustStore::new([anchor])).build().unwrap()
    };
    let leaf = world.ca.issue(client());
    let more = [&world.ca.certificate];
    let right = anchor(&world.root.name, &world.root.key);
    let accepted = decide(&right, &leaf, &more).unwrap();
    assert!(accepted.anchor().unwrap().certificate().is_none());
    assert_eq!(accepted.anchor().unwrap().spki_der(), world.root.key.spki());
    let chain = accepted.chain();
    assert_eq!(chain.len(), 3);
    assert_eq!(chain[2].origin, Origin::Anchor);
    assert!(chain[2].certificate.is_none());
    // It lasts as long as the certificates below it.
    assert_eq!(accepted.not_after(), time("2044-01-01T00:00:00Z"));

    let other_key = anchor(&world.root.name, &Key::p256("bare other"));
    assert_eq!(
        refusal(&other_key, &leaf, &more),
        (1, Rule::Signature(SignatureError::Invalid))
    );
    let other_name = anchor(&common_name("bare other"), &world.root.key);
    assert_eq!(refusal(&other_name, &leaf, &more), (1, Rule::NoIssuer));
    let other_kind = anchor(&world.root.name, &Key::ed25519("bare"));
    assert_eq!(
        refusal(&other_kind, &leaf, &more),
        (1, Rule::Signature(SignatureError::AlgorithmKeyMismatch))
    );

    let garbage = TrustAnchor::from_name_and_key(&[0x31, 0], &world.root.key.spki());
    assert!(matches!(garbage, Err(AnchorError::Subject(_))));
    let garbage = TrustAnchor::from_name_and_key(&world.root.name, &sequence(&[[5, 0]]));
    assert!(matches!(garbage, Err(AnchorError::PublicKey(_))));
}

/// A key that cannot be used makes an anchor that vouches for nobody, and no other anchor worse.
#[test]
fn an_anchor_of_a_useless_key() {
    let world = World::new("useless");
    let described = world.root.key.spki_on_described_curve();
    let useless = TrustAnchor::from_name_and_key(&world.root.name, &described).unwrap();
    let leaf = world.ca.issue(client());
    let more = [&world.ca.certificate];
    let alone = with_store(TrustStore::new([useless.clone()])).build();
    let found = violations(&alone.unwrap(), &leaf, &more);
    assert!(
        found.contains(&(1, Rule::IssuerKey(KeyError::ExplicitCurve))),
        "{found:?}"
    );
    let root = TrustAnchor::from_certificate(parsed(&world.root.certificate));
    let both = with_store(TrustStore::new([useless, root]))
        .build()
        .unwrap();
    assert!(decide(&both, &leaf, &more).is_ok());
}

#[test]
fn constraints_on_purposes() {
    let world = World::new("purposes");
    let leaf = world.ca.issue(client());
    let more = [&world.ca.certificate];
    let only = |purposes: &[ObjectIdentifier]| {
        let purposes = purposes.iter().copied();
        constrained(&world, AnchorConstraints::default().purposes(purposes))
    };
    assert!(decide(&only(&[oid::CLIENT_AUTH]), &leaf, &more).is_ok());
    let both = only(&[oid::SERVER_AUTH, oid::CLIENT_AUTH]);
    assert!(decide(&both, &leaf, &more).is_ok());
    for validator in [only(&[oid::SERVER_AUTH]), only(&[])] {
        assert_eq!(refusal(&validator, &leaf, &more), (2, Rule::AnchorPurpose));
    }
}

/// P5: an anchor that is trusted for certain purposes vouches for nothing where none is asked for.
#[test]
fn constraints_on_purposes_where_none_is_asked_for() {
    let world = World::new("purposes, any");
    let leaf = world.ca.issue(client());
    let more = [&world.ca.certificate];
    let any = |store: TrustStore| with_store(store).purpose(Purpose::Any);
    let root = || TrustAnchor::from_certificate(parsed(&world.root.certificate));
    for purposes in [&[oid::EMAIL_PROTECTION][..], &[oid::CLIENT_AUTH], &[]] {
        let purposes = AnchorConstraints::default().purposes(purposes.iter().copied());
        let limited = TrustStore::new([root().with_constraints(purposes)]);
        let built = any(limited.clone()).build();
        assert_eq!(built.unwrap_err(), BuildError::AnchorPurposesNotAsked);
        // A store that takes the place of another one is held to the same.
        let validator = any(TrustStore::new([root()])).build().unwrap();
        assert!(decide(&validator, &leaf, &more).is_ok());
        let validator = validator.with_store(limited.clone());
        assert_eq!(refusal(&validator, &leaf, &more), (2, Rule::AnchorPurpose));
        // Pins need no anchors.
        let pins = any(limited)
            .certificate_types(CertificateTypes::SelfSigned)
            .pins([Pin::certificate(&parsed(&leaf))]);
        assert!(pins.build().is_ok());
    }
    // The certificate of an anchor may name purposes of its own: like those of any CA they count
    // where one is asked for.
    let own = Template::ca("purposes, own").with(extended_key_usage(&[SERVER_AUTH]));
    let own = Authority::self_signed(own);
    let leaf = own.issue(client());
    let of = |purpose| below(&[&own]).purpose(purpose).build().unwrap();
    assert!(decide(&of(Purpose::Any), &leaf, &[]).is_ok());
    assert_eq!(
        refusal(&of(Purpose::ClientAuth), &leaf, &[]),
        (1, Rule::WrongUsage)
    );
}

/// P5: an anchor that is trusted for clients alone vouches for whoever signs CRLs about them.
#[test]
fn constraints_on_purposes_and_signers_of_evidence() {
    const AT: &str = "http://crl.example.test/indirect";
    let root = Authority::root("purposes, evidence");
    let signer = Template::client("purposes, signer").with(key_usage(&[CRL_SIGN]));
    let signer = root.issue_ca(signer.without(EXTENDED_KEY_USAGE));
    let point = DistributionPoint::url(AT).issued_by(&[&signer.name]);
    let leaf = root.issue(client().with(points(&[point])));
    let decided = |purposes: &[ObjectIdentifier], entry: Option<&Made>| {
        let list = CrlTemplate::by(&signer).scope(IssuingDistributionPoint::url(AT).indirect());
        let revoking = |made| CrlEntry::of(made).issued_by(&root.name);
        let list = entry
            .map(revoking)
            .into_iter()
            .fold(list, CrlTemplate::entry);
        let mut evidence = Evidence::new();
        let list = Crl::from_der(&list.der()).unwrap();
        evidence.insert_crl(list).unwrap();
        let purposes = AnchorConstraints::default().purposes(purposes.iter().copied());
        let anchor = TrustAnchor::from_certificate(parsed(&root.certificate));
        let validator = with_store(TrustStore::new([anchor.with_constraints(purposes)]))
            .revocation(RevocationMode::Offline, RevocationFlag::EndCertificateOnly)
            .evidence(Arc::new(SharedEvidence::new(evidence)))
            .build()
            .unwrap();
        let verdict = decide(&validator, &leaf, &[&signer.certificate]);
        verdict.map(drop).map_err(|violation| violation.rule)
    };
    assert_eq!(decided(&[oid::CLIENT_AUTH], None), Ok(()));
    let revoked = decided(&[oid::CLIENT_AUTH], Some(&leaf));
    assert!(matches!(revoked, Err(Rule::Revoked(_))), "{revoked:?}");
    assert_eq!(decided(&[oid::SERVER_AUTH], None), Err(Rule::AnchorPurpose));
}

#[test]
fn constraints_on_names() {
    let world = World::new("names");
    let below = |permitted: &[Vec<u8>], excluded: &[Vec<u8>]| {
        let der = name_constraints(permitted, excluded).value;
        let constraints = AnchorConstraints::default().name_constraints(&der);
        constrained(&world, constraints.unwrap())
    };
    let leaf = world
        .ca
        .issue(client().with(alt_names(&[dns("host.example.test")])));
    let more = [&world.ca.certificate];
    assert!(decide(&below(&[dns("example.test")], &[]), &leaf, &more).is_ok());
    assert!(decide(&below(&[], &[dns("example.org")]), &leaf, &more).is_ok());
    assert_eq!(
        refusal(&below(&[dns("example.org")], &[]), &leaf, &more),
        (0, Rule::Name(NameViolation::NotPermitted(NameForm::Dns)))
    );
    assert_eq!(
        refusal(&below(&[], &[dns("example.test")]), &leaf, &more),
        (0, Rule::Name(NameViolation::Excluded(NameForm::Dns)))
    );
    assert!(
        AnchorConstraints::default()
            .name_constraints(&[5, 0])
            .is_err()
    );

    // Beside those of the anchor's certificate, not in their place.
    let root = Template::ca("names root").with(name_constraints(&[dns("example.test")], &[]));
    let root = Authority::self_signed(root);
    let der = name_constraints(&[dns("test")], &[]).value;
    let constraints = AnchorConstraints::default().name_constraints(&der);
    let anchor = TrustAnchor::from_certificate(parsed(&root.certificate))
        .with_constraints(constraints.unwrap());
    let validator = with_store(TrustStore::new([anchor])).build().unwrap();
    let inside = root.issue(client().with(alt_names(&[dns("host.example.test")])));
    assert!(decide(&validator, &inside, &[]).is_ok());
    let between = root.issue(client().with(alt_names(&[dns("host.other.test")])));
    assert_eq!(
        refusal(&validator, &between, &[]),
        (0, Rule::Name(NameViolation::NotPermitted(NameForm::Dns)))
    );
}

#[test]
fn a_last_date() {
    let world = World::new("last date");
    let leaf = world.ca.issue(client());
    let more = [&world.ca.certificate];
    let until = |last| constrained(&world, AnchorConstraints::default().not_after(last));
    let accepted = decide(&until(now()), &leaf, &more).unwrap();
    assert_eq!(accepted.not_after(), now());
    let last = time("2025-12-31T23:59:59Z");
    assert_eq!(
        refusal(&until(last), &leaf, &more),
        (2, Rule::AnchorExpired { not_after: last })
    );
    let later = time("2030-01-01T00:00:00Z");
    let accepted = decide(&until(later), &leaf, &more).unwrap();
    assert_eq!(accepted.not_after(), later);
}

/// An anchor that does not vouch does not stand in the way of one that does.
#[test]
fn constraints_are_those_of_one_anchor() {
    let world = World::new("two anchors");
    let root = || TrustAnchor::from_certificate(parsed(&world.root.certificate));
    let useless = root().with_constraints(AnchorConstraints::default().purposes([]));
    let leaf = world.ca.issue(client());
    let more = [&world.ca.certificate];
    for anchors in [[useless.clone(), root()], [root(), useless.clone()]] {
        let validator = with_store(TrustStore::new(anchors)).build().unwrap();
        let accepted = decide(&validator, &leaf, &more).unwrap();
        let anchor = accepted.anchor().unwrap();
        assert_eq!(*anchor.constraints(), AnchorConstraints::default());
    }
}

#[test]
fn a_store_anchors_its_self_issued_certificates() {
    let world = World::new("self-issued only");
    let all = [&world.root, &world.ca].map(|a| parsed(&a.certificate));
    let store = TrustStore::from_certificates(all).unwrap();
    assert_eq!(store.anchors().len(), 1);
    assert_eq!(store.candidates(), [parsed(&world.ca.certificate)]);
    let leaf = world.ca.issue(client());
    let validator = with_store(store).build().unwrap();
    let accepted = decide(&validator, &leaf, &[]).unwrap();
    assert_eq!(accepted.certificates().count(), 2);
    assert_eq!(accepted.chain()[1].origin, Origin::Store);

    let none = TrustStore::of_candidates([parsed(&world.ca.certificate)]);
    assert!(none.anchors().is_empty());
    let mode = TrustMode::CustomRootTrust(none);
    let validator = Validator::builder(mode)
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .dotnet_compatible(true)
        .build();
    assert_eq!(
        refusal(&validator.unwrap(), &leaf, &[]),
        (1, Rule::NoIssuer)
    );
}

/// S1: a certificate of the root's own name that the root issued is no root. A CA that changes its
/// key makes such a one.
#[test]
fn a_new_key_certified_by_the_old_one_is_a_candidate() {
    let root = Authority::root("rollover");
    let inside = name_constraints(&[dns("inside.test")], &[]);
    let limited = Template::ca("limited").subject(common_name("limited"));
    let limited = Authority::self_signed(limited.with(inside));
    for old in [&root, &limited] {
        let new = Template::ca("new key").subject(old.name.clone());
        let new = old.issue_ca(new);
        let certificate = parsed(&new.certificate);
        assert!(certificate.has_identical_names() && !TrustStore::is_root(&certificate));
        let both = [parsed(&old.certificate), certificate];
        let store = TrustStore::from_certificates(both.clone()).unwrap();
        assert_eq!(store.anchors().len(), 1);
        assert_eq!(store.candidates(), [both[1].clone()]);
        let alone = TrustStore::from_certificates([both[1].clone()]);
        assert_eq!(
            alone.unwrap_err(),
            TrustStoreError::NoRoot { certificates: 1 }
        );
    }
    // What constrains the old key constrains the new one.
    let new = limited.issue_ca(Template::ca("new key").subject(limited.name.clone()));
    let all = [&limited, &new].map(|authority| parsed(&authority.certificate));
    let validator = with_store(TrustStore::from_certificates(all).unwrap()).build();
    let leaf = new.issue(client().with(alt_names(&[dns("outside.test")])));
    let not_permitted = Rule::Name(NameViolation::NotPermitted(NameForm::Dns));
    assert_eq!(refusal(&validator.unwrap(), &leaf, &[]), (0, not_permitted));
}

/// P5: nobody becomes an authority by standing in a store: neither who signed for itself alone, nor
/// a CA that has no name.
#[test]
fn self_signed_end_entities_and_nameless_cas_are_no_roots() {
    let partner = || Template::ca("partner").without(BASIC_CONSTRAINTS);
    let unsaid = Authority::self_signed(partner());
    let denied = Authority::self_signed(partner().with(not_a_ca()));
    let nameless =
        Authority::self_signed(Template::ca("nameless").subject(sequence::<Vec<u8>>(&[])));
    for authority in [&unsaid, &denied, &nameless] {
        let certificate = parsed(&authority.certificate);
        assert!(certificate.has_identical_names());
        let error = TrustStore::from_certificates([certificate]).unwrap_err();
        assert_eq!(error, TrustStoreError::NoRoot { certificates: 1 });
        assert!(
            error.to_string().contains("ValidatorBuilder::pins"),
            "{error}"
        );
    }
    // Beside a root, too.
    let world = World::new("beside");
    let all = [&world.root, &unsaid].map(|authority| parsed(&authority.certificate));
    let validator = with_store(TrustStore::from_certificates(all).unwrap()).build();
    let admin = unsaid.issue(client());
    assert!(decide(&validator.unwrap(), &admin, &[]).is_err());
}

#[test]
fn candidates_add_up() {
    let world = World::new("add up");
    let ca = || parsed(&world.ca.certificate);
    let store = TrustStore::from_certificates([parsed(&world.root.certificate), ca()]).unwrap();
    let store = store.with_candidates([ca()]);
    assert_eq!((store.anchors().len(), store.candidates().len()), (1, 2));
}

#[test]
fn a_store_of_mixed_anchors_and_kinds_of_keys() {
    let keys = [
        Key::p256("mixed"),
        Key::p384("mixed"),
        Key::p521("mixed"),
        Key::ed25519("mixed"),
    ];
    let roots = keys
        .into_iter()
        .enumerate()
        .map(|(n, key)| Authority::self_signed(Template::ca(&format!("mixed {n}")).key(key)));
    let roots: Vec<Authority> = roots.collect();
    let bare = |root: &Authority| TrustAnchor::from_name_and_key(&root.name, &root.key.spki());
    let anchors = roots.iter().enumerate().map(|(n, root)| match n % 2 {
        0 => TrustAnchor::from_certificate(parsed(&root.certificate)),
        _ => bare(root).unwrap(),
    });
    let validator = with_store(TrustStore::new(anchors)).build().unwrap();
    for root in &roots {
        let leaf = root.issue(client());
        let accepted = decide(&validator, &leaf, &[]).unwrap();
        assert_eq!(accepted.anchor().unwrap().spki_der(), root.key.spki());
    }
}

fn testdata(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/testdata/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn a_bundle_of_150_roots() {
    let bundle = testdata("roots/150.pem");
    let mut roots = Certificate::from_pem_bundle(&bundle).unwrap();
    assert_eq!(roots.len(), 150);
    let world = World::new("bundle");
    for place in [0, 75, 150] {
        let mut all = roots.clone();
        all.insert(place, parsed(&world.root.certificate));
        let validator = with_store(TrustStore::from_certificates(all).unwrap()).build();
        let leaf = world.ca.issue(client());
        let accepted = decide(&validator.unwrap(), &leaf, &[&world.ca.certificate]).unwrap();
        let anchor = accepted.anchor().unwrap();
        assert_eq!(anchor.certificate(), Some(&parsed(&world.root.certificate)));
    }
    let store = TrustStore::from_pem(&bundle).unwrap();
    assert_eq!(store.anchors().len(), 150);
    let from_der = TrustStore::from_der(&roots).unwrap();
    assert_eq!(from_der.anchors().len(), 150);
    let leaf = world.ca.issue(client());
    let validator = with_store(store).build().unwrap();
    let whole = [&world.ca.certificate, &world.root.certificate];
    assert_eq!(refusal(&validator, &leaf, &whole), (2, Rule::UntrustedRoot));
    roots.clear();
    let nobody = TrustStoreError::NoRoot { certificates: 0 };
    assert_eq!(TrustStore::from_certificates(roots).unwrap_err(), nobody);
    assert!(TrustStore::default().anchors().is_empty());
}

/// S1: what is trusted by itself has to be called by its name.
#[test]
fn certificates_without_a_root_are_refused_with_what_to_call() {
    let world = World::new("no root");
    let ca = parsed(&world.ca.certificate);
    let error = TrustStore::from_der([ca.as_ref()]).unwrap_err();
    assert_eq!(error, TrustStoreError::NoRoot { certificates: 1 });
    for call in ["TrustStore::anchoring_each", "TrustStore::of_candidates"] {
        assert!(error.to_string().contains(call), "{error}");
    }
    let explicit = TrustStore::anchoring_each([ca.clone()]);
    assert_eq!(explicit.anchors().len(), 1);
    let leaf = world.ca.issue(client());
    assert!(decide(&with_store(explicit).build().unwrap(), &leaf, &[]).is_ok());

    let root = TrustAnchor::from_certificate(parsed(&world.root.certificate));
    let both = TrustStore::new([root]).with_candidates([ca]);
    let accepted = decide(&with_store(both).build().unwrap(), &leaf, &[]).unwrap();
    assert_eq!(accepted.certificates().count(), 2);
}

#[test]
fn bundles_that_are_none() {
    assert_eq!(
        TrustStore::from_pem(b"nothing").unwrap_err(),
        TrustStoreError::Input(InputError::Empty)
    );
    let root = testdata("roots/root.pem");
    let broken = [
        &root[..],
        b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
    ];
    let error = TrustStore::from_pem(&broken.concat()).unwrap_err();
    assert!(matches!(
        error,
        TrustStoreError::Input(InputError::Certificate { index: 1, .. })
    ));
    assert!(TrustStore::from_der([[0x30, 0]]).is_err());
}

#[test]
fn roots_of_one_name() {
    let twin = |n: usize| {
        Authority::self_signed(
            Template::ca(&format!("namesake {n}"))
                .subject(common_name("namesake"))
                .without(EXTENDED_KEY_USAGE),
        )
    };
    let twins = [twin(1), twin(2), twin(3)];
    for signer in &twins {
        let leaf = signer.issue(client());
        let all: Vec<&Authority> = twins.iter().collect();
        let accepted = verdict(&all, &leaf, &[]).unwrap();
        assert_eq!(accepted.anchor().unwrap().spki_der(), signer.key.spki());
    }
    let stranger = twin(4);
    let leaf = stranger.issue(client().without_key_identifiers());
    let all: Vec<&Authority> = twins.iter().collect();
    assert_eq!(
        refused(verdict(&all, &leaf, &[])),
        (0, Rule::Signature(SignatureError::Invalid))
    );
}

/// A store is exchanged while validations run: each of them sees the old one or the new one, whole.
#[test]
fn stores_are_exchanged_under_load() {
    let worlds = [World::new("load 0"), World::new("load 1")];
    let stores = [store(&[&worlds[0].root]), store(&[&worlds[1].root])];
    let presentations: Vec<(Presented, Vec<u8>)> = worlds
        .iter()
        .map(|world| {
            let leaf = world.ca.issue(client());
            let name = world.root.name.clone();
            (presented(&leaf, &[&world.ca.certificate]), name)
        })
        .collect();
    let first = below(&[&worlds[0].root]).build().unwrap();
    let handle = RwLock::new(first);
    let (done, rounds) = (AtomicBool::new(false), AtomicUsize::new(0));
    let work = || {
        while !done.load(Ordering::Relaxed) {
            let validator = handle.read().unwrap().clone();
            let trusted = validator.store().anchors()[0].subject().as_der().to_vec();
            let mut accepted = 0;
            for (presented, root) in &presentations {
                match validator.validate(presented, now(), &NoFetcher) {
                    Ok(path) => {
                        let anchor = path.anchor().unwrap();
                        assert_eq!(anchor.subject().as_der(), trusted);
                        assert_eq!(*root, trusted);
                        accepted += 1;
                    }
                    Err(rejected) => {
                        assert_eq!(rejected.error().rule, Rule::NoIssuer);
                        assert_ne!(*root, trusted);
                    }
                }
            }
            assert_eq!(accepted, 1);
            rounds.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
        for n in 0.. {
            let next = handle.read().unwrap().with_store(stores[n % 2].clone());
            *handle.write().unwrap() = next;
            if n >= 200 && rounds.load(Ordering::Relaxed) >= 100 {
                break;
            }
            thread::yield_now();
        }
        done.store(true, Ordering::Relaxed);
    });
}

/// A verdict keeps the store that it was made under.
#[test]
fn a_verdict_outlives_its_validator() {
    let world = World::new("outlives");
    let leaf: Made = world.ca.issue(client());
    let accepted = {
        let validator = world.validator();
        let accepted = decide(&validator, &leaf, &[&world.ca.certificate]).unwrap();
        let _swapped = validator.with_store(TrustStore::default());
        accepted
    };
    let anchor = accepted.anchor().unwrap();
    assert_eq!(anchor.subject().as_der(), world.root.name);
}

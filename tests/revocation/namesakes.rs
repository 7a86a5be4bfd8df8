//! CAs with another CA's name and their own key, below the same anchor, and what they must not do
//! to that CA.

use std::sync::Arc;

use portcullis::BuildError;
use portcullis::cache::{CacheKey, CacheOptions, LocalCache};
use portcullis::revocation::{
    NoFetcher, RevocationFlag, RevocationMode, RevocationPolicy, SharedEvidence,
};
use portcullis_testkit::crl::{CrlEntry, CrlTemplate};
use portcullis_testkit::der::{bit_string, sequence};
use portcullis_testkit::distribution::{DistributionPoint, access, points};
use portcullis_testkit::extensions::{extended_key_usage, must_staple, name_constraints};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::dns;
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate, SingleResponse};

use crate::support::inquiry::{Inquiry, Web};
use crate::support::{Authority, Made, Template, below, now, presented, time};

const CRL: &str = "http://crl.victim.test/list";
const OCSP: &str = "http://ocsp.victim.test/";
const EVIL: &str = "http://evil.test/list";
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// A CA, a client of it, and a sub-CA of the same root that may issue for its own DNS names only,
/// and has certified a key of its own under the CA's name.
struct Family {
    root: Authority,
    ca: Authority,
    victim: Made,
    evil: Authority,
    namesake: Authority,
}

fn family() -> Family {
    let root = Authority::root("hostile root");
    let ca = root.issue_ca(Template::ca("hostile ca"));
    let victim =
        ca.issue(Template::client("hostile victim").with(points(&[DistributionPoint::url(CRL)])));
    let only = name_constraints(&[dns("evil.test")], &[]);
    let evil = root.issue_ca(Template::ca("hostile evil").with(only));
    let namesake = Template::ca("hostile namesake")
        .subject(ca.name.clone())
        .key(Key::p256("hostile namesake key"));
    let namesake = evil.issue_ca(namesake);
    Family {
        root,
        ca,
        victim,
        evil,
        namesake,
    }
}

impl Family {
    fn all(&self) -> [&Made; 3] {
        [
            &self.ca.certificate,
            &self.evil.certificate,
            &self.namesake.certificate,
        ]
    }

    /// A client of the namesake, with a distribution point of its own.
    fn accomplice(&self) -> Made {
        let template =
            Template::client("hostile accomplice").with(points(&[DistributionPoint::url(EVIL)]));
        self.namesake.issue(template)
    }
}

#[test]
fn a_newer_list_of_a_namesakes_key_does_not_silence_the_issuers_own() {
    let f = family();
    let own = CrlTemplate::by(&f.ca).revoking(&f.victim).der();
    let forged = CrlTemplate::by(&f.namesake)
        .issued("20251220000000Z", Some("20260115000000Z"))
        .number(9);
    let lists = [
        own,
        forged.der(),
        CrlTemplate::by(&f.root).der(),
        CrlTemplate::by(&f.evil).der(),
    ];
    for flag in [
        RevocationFlag::EndCertificateOnly,
        RevocationFlag::ExcludeRoot,
    ] {
        let inquiry = Inquiry::about(&f.root, &f.victim, &f.all()).flag(flag);
        inquiry.given(&lists[..1]).error();
        inquiry.given(&lists).revoked();
    }
}

#[test]
fn a_newer_list_of_a_namesakes_key_in_the_store_does_not_silence_the_issuers_own() {
    let f = family();
    let store = Arc::new(SharedEvidence::default());
    let own = CrlTemplate::by(&f.ca).revoking(&f.victim).der();
    let victim = Inquiry::about(&f.root, &f.victim, &f.all()).evidence(&store);
    victim.given(&[own]).revoked();
    let forged = CrlTemplate::by(&f.namesake)
        .issued("20251220000000Z", Some("20260115000000Z"))
        .number(9);
    let accomplice = f.accomplice();
    let more = [&f.namesake.certificate, &f.evil.certificate];
    let accomplice = Inquiry::about(&f.root, &accomplice, &more).evidence(&store);
    accomplice.given(&[forged.der()]).good();
    assert_eq!(store.edit(|evidence| evidence.len()), 2);
    // No URL answers any more: what is at hand decides.
    victim.ask(&Web::new()).revoked();
}

#[test]
fn a_namesake_whom_the_issuer_did_not_delegate_clears_nobody() {
    let f = family();
    let lists = [
        CrlTemplate::by(&f.namesake).der(),
        CrlTemplate::by(&f.root).der(),
        CrlTemplate::by(&f.evil).der(),
    ];
    let inquiry = Inquiry::about(&f.root, &f.victim, &f.all()).flag(RevocationFlag::ExcludeRoot);
    assert!(!inquiry.given(&lists).is_accepted());
}

#[test]
fn a_list_that_holds_under_one_key_is_still_tried_under_another() {
    let f = family();
    let store = Arc::new(SharedEvidence::default());
    // The CA's own key in another encoding, certified by the evil sub-CA. (For ECDSA a recovered
    // second key does as well.)
    let bits = f.ca.key.public_bits();
    let compressed = [&[2 + (bits[64] & 1)][..], &bits[1..33]].concat();
    let spki = f.ca.key.spki();
    let algorithm = &spki[2..2 + 2 + usize::from(spki[3])];
    let spki = sequence(&[algorithm.to_vec(), bit_string(&compressed)]);
    let twin = Template::ca("hostile twin")
        .subject(f.ca.name.clone())
        .key(f.ca.key.clone());
    let twin = f.evil.issue(twin.public_key(spki));
    let list = CrlTemplate::by(&f.ca)
        .issued("20251220000000Z", Some("20260115000000Z"))
        .number(9);
    let list = list.revoking(&f.victim).der();
    let accomplice = f.accomplice();
    let more = [&f.namesake.certificate, &f.evil.certificate, &twin];
    let accomplice = Inquiry::about(&f.root, &accomplice, &more).evidence(&store);
    let _ = accomplice.given(std::slice::from_ref(&list));
    // An old list is replayed beside the one that the store has.
    let old = CrlTemplate::by(&f.ca).der();
    let victim = Inquiry::about(&f.root, &f.victim, &[&f.ca.certificate]).evidence(&store);
    victim.given(&[old, list]).revoked();
}

#[test]
fn a_responder_is_not_refused_for_what_a_namesake_lists() {
    let f = family();
    let store = Arc::new(SharedEvidence::default());
    let leaf =
        f.ca.issue(Template::client("ocsp victim").with(access(&[OCSP], &[])));
    let delegate = Template::client("delegate").with(extended_key_usage(&[OCSP_SIGNING]));
    let delegate = f.ca.issue_ca(delegate);
    let response = ResponseTemplate::by(&delegate)
        .sending(&delegate.certificate)
        .single(SingleResponse::about(&f.ca, &leaf, CertStatus::Good));
    let web = Web::new().with(OCSP, response.der());
    let victim = || Inquiry::about(&f.root, &leaf, &[&f.ca.certificate]);
    victim().ask(&web).good();
    let accomplice = f.accomplice();
    let more = [&f.namesake.certificate, &f.evil.certificate];
    let accomplice = Inquiry::about(&f.root, &accomplice, &more).evidence(&store);
    let _ = accomplice.given(&[CrlTemplate::by(&f.namesake)
        .entry(CrlEntry::of(&delegate.certificate))
        .der()]);
    victim().evidence(&store).ask(&web).good();
}

#[test]
fn a_verdict_of_the_future_is_not_served() {
    let f = family();
    let validator = below(&[&f.root]).build().unwrap();
    let presented = presented(&f.victim, &[&f.ca.certificate]);
    let mut cache = LocalCache::new(CacheOptions::default());
    let key = CacheKey::new(b"", &validator, &presented);
    // The clock is a day ahead, and is set right.
    let ahead = time("2026-01-02T00:00:00Z");
    let verdict = validator.validate(&presented, ahead, &NoFetcher);
    assert!(verdict.is_ok());
    cache.put(&key, verdict, (), ahead);
    assert!(cache.get(&key, time("2026-01-01T12:00:00Z")).is_none());
}

#[test]
fn strangers_do_not_push_accepted_verdicts_out_of_the_cache() {
    let f = family();
    let validator = below(&[&f.root]).build().unwrap();
    let mut cache = LocalCache::new(CacheOptions::default().capacity(8));
    let good = presented(&f.victim, &[&f.ca.certificate]);
    let key = CacheKey::new(b"", &validator, &good);
    cache.put(
        &key,
        validator.validate(&good, now(), &NoFetcher),
        (),
        now(),
    );
    for n in 0..8 {
        let junk = Authority::self_signed(Template::client(&format!("junk {n}")));
        let junk = presented(&junk.certificate, &[]);
        let verdict = validator.validate(&junk, now(), &NoFetcher);
        assert!(verdict.is_err());
        cache.put(&CacheKey::new(b"", &validator, &junk), verdict, (), now());
    }
    assert!(cache.get(&key, now()).is_some());
}

#[test]
fn must_staple_is_not_switched_off_by_no_check() {
    let f = family();
    let leaf =
        f.ca.issue(Template::client("must staple").with(must_staple()));
    let policy = RevocationPolicy::default().must_staple(true);
    let inquiry = Inquiry::about(&f.root, &leaf, &[&f.ca.certificate]);
    let inquiry = inquiry.policy(policy).mode(RevocationMode::NoCheck);
    let refused = inquiry.builder().build();
    assert_eq!(refused.err(), Some(BuildError::StapleNotChecked));
}

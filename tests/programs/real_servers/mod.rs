//! Revocation from end to end: the fetchers of the examples over sockets, against `openssl ocsp`
//! and a web server.
//!
//! Each test runs with the blocking and the async fetcher, which must give the same result. If the
//! command `openssl` is missing, these tests say so and pass.

#[path = "../../../examples/fetcher_async/fetcher.rs"]
mod fetcher_async;
#[path = "../../../examples/fetcher_blocking/fetcher.rs"]
mod fetcher_blocking;
mod pki;
mod responder;
#[path = "../../../examples/fetcher_blocking/rules.rs"]
mod rules;

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use fetcher_async::AsyncHttpFetcher;
use fetcher_blocking::HttpFetcher;
use pki::{Pki, Serial, Standing, pki};
use portcullis::revocation::{
    EvidenceKind, FetchFailure, Nonce, NonceRule, Request, RevocationFetcher, RevocationFlag,
    RevocationMode, RevocationPolicy, RevocationReason, RevocationStatus,
};
use portcullis::{Accepted, Presented, Rejected, Time, TrustMode, UnknownStatus, Validator};
use portcullis_testkit::web::{Page, WebServer};
use responder::Responder;
use rules::Rules;

/// What came out for a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Good(EvidenceKind),
    Revoked(EvidenceKind),
    Unknown(UnknownStatus),
}

const BY_LIST: Said = Said::Good(EvidenceKind::Crl);
const BY_OCSP: Said = Said::Good(EvidenceKind::Ocsp);
const UNREACHABLE: Said = Said::Unknown(UnknownStatus::Unreachable);
const MALFORMED: Said = Said::Unknown(UnknownStatus::Malformed);
const NOT_AUTHORITATIVE: Said = Said::Unknown(UnknownStatus::NotAuthoritative);
const NOT_FETCHED: Said = Said::Unknown(UnknownStatus::NotFetched);
const STALE: Said = Said::Unknown(UnknownStatus::Stale);

/// Nobody listens on this port.
const DEAD: &str = "http://127.0.0.1:1/";

/// The servers stand on loopback.
fn local() -> Rules {
    Rules {
        allow_private: true,
        ..Rules::default()
    }
}

/// For servers that do not answer: long enough for a list of the root's on a busy machine.
fn hasty() -> Rules {
    Rules {
        time_limit: Duration::from_secs(2),
        ..local()
    }
}

fn now() -> Time {
    Time::from(SystemTime::now())
}

fn validator(pki: &Pki) -> Validator {
    with_policy(pki, RevocationPolicy::default())
}

fn with_policy(pki: &Pki, policy: RevocationPolicy) -> Validator {
    Validator::builder(TrustMode::CustomRootTrust(pki.roots()))
        .revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot)
        // What a responder signs on request is later than the time that was asked for.
        .revocation_policy(policy.clock_skew(60))
        .build()
        .unwrap()
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// What is said of a leaf. Whoever is not shown to be good is not let in.
#[track_caller]
fn said(verdict: &Result<Accepted, Rejected>) -> Said {
    let chain = match verdict {
        Ok(accepted) => accepted.chain(),
        Err(rejected) => rejected.chain().to_vec(),
    };
    let of_ca = chain[1].revocation;
    assert!(
        matches!(of_ca, Some(RevocationStatus::Good(_))),
        "{of_ca:?}"
    );
    let said = match chain[0].revocation.unwrap() {
        RevocationStatus::Good(used) => Said::Good(used.kind),
        RevocationStatus::Revoked(revocation, used) => {
            assert_eq!(revocation.reason, Some(RevocationReason::KeyCompromise));
            Said::Revoked(used.kind)
        }
        RevocationStatus::Unknown(reason) => Said::Unknown(reason),
        other => panic!("{other:?}"),
    };
    assert_eq!(verdict.is_ok(), matches!(said, Said::Good(_)));
    said
}

/// Asks both fetchers, each with a validator that has no evidence yet.
#[track_caller]
fn ask_at(pki: &Pki, leaf: &Presented, rules: &Rules, at: Time) -> Said {
    let fetcher = HttpFetcher::new(rules.clone());
    let blocking = said(&validator(pki).validate(leaf, at, &fetcher));
    let fetcher = AsyncHttpFetcher::new(rules.clone());
    let validator = validator(pki);
    let other = said(&block_on(validator.validate_async(leaf, at, &fetcher)));
    assert_eq!(blocking, other, "blocking and not");
    blocking
}

#[track_caller]
fn ask(pki: &Pki, leaf: &Presented, rules: &Rules) -> Said {
    ask_at(pki, leaf, rules, now())
}

/// Asks about a leaf whose list stands at this page.
#[track_caller]
fn ask_list(pki: &Pki, rules: &Rules, page: impl FnOnce(Serial) -> Page) -> Said {
    let (web, serial) = (WebServer::start(), Serial::next());
    let url = web.put("/ca.crl", page(serial));
    ask(pki, &pki.leaf(serial, &[&url], &[]), rules)
}

/// Asks about a leaf whose responder says this.
#[track_caller]
fn ask_page(pki: &Pki, rules: &Rules, page: Page) -> Said {
    let web = WebServer::start();
    let url = web.put("/ocsp", page);
    ask(pki, &pki.leaf(Serial::next(), &[], &[&url]), rules)
}

/// Asks about a leaf whose responder is `openssl ocsp`.
#[track_caller]
fn ask_responder(pki: &Pki, signer: &str, standing: Standing) -> Said {
    let serial = Serial::next();
    let responder = Responder::signing_as(pki, signer, serial, standing, &[]);
    let leaf = pki.leaf(serial, &[], &[&responder.url()]);
    ask(pki, &leaf, &local())
}

#[test]
fn responders_tell_good_from_revoked() {
    let Some(pki) = pki() else { return };
    let revoked = Said::Revoked(EvidenceKind::Ocsp);
    let unknown = Said::Unknown(UnknownStatus::UnknownToResponder);
    assert_eq!(ask_responder(pki, "ca", Standing::Good), BY_OCSP);
    assert_eq!(ask_responder(pki, "ca", Standing::Revoked), revoked);
    assert_eq!(ask_responder(pki, "ca", Standing::Absent), unknown);
}

#[test]
fn responders_must_be_the_issuers() {
    let Some(pki) = pki() else { return };
    let revoked = Said::Revoked(EvidenceKind::Ocsp);
    assert_eq!(ask_responder(pki, "delegated", Standing::Good), BY_OCSP);
    assert_eq!(ask_responder(pki, "delegated", Standing::Revoked), revoked);
    for standing in [Standing::Good, Standing::Revoked] {
        let said = ask_responder(pki, "stranger", standing);
        assert_eq!(said, NOT_AUTHORITATIVE);
        // The root is above the issuer, and speaks for it and not for what it issued.
        assert_eq!(ask_responder(pki, "root", standing), NOT_AUTHORITATIVE);
    }
}

#[test]
fn responders_that_do_not_answer() {
    let Some(pki) = pki() else { return };
    let leaf = pki.leaf(Serial::next(), &[], &[DEAD]);
    assert_eq!(ask(pki, &leaf, &local()), UNREACHABLE);
    assert_eq!(ask_page(pki, &local(), Page::Status(500)), UNREACHABLE);
    assert_eq!(ask_page(pki, &local(), Page::Endless), UNREACHABLE);
    let garbage = |bytes: &[u8]| ask_page(pki, &local(), Page::Body(bytes.to_vec()));
    assert_eq!(
        garbage(b"<html>log in to use this network</html>"),
        MALFORMED
    );
    assert_eq!(garbage(b""), MALFORMED);
}

#[test]
fn slow_servers_do_not_hold_up() {
    let Some(pki) = pki() else { return };
    let start = Instant::now();
    assert_eq!(ask_page(pki, &hasty(), Page::Silent), UNREACHABLE);
    assert_eq!(ask_list(pki, &hasty(), |_| Page::Drip), UNREACHABLE);
    // Each is asked twice.
    assert!(start.elapsed() < 8 * hasty().time_limit);
}

#[test]
fn responses_run_out() {
    let Some(pki) = pki() else { return };
    let serial = Serial::next();
    let one_minute = ["-nmin", "1"];
    let responder = Responder::signing_as(pki, "ca", serial, Standing::Good, &one_minute);
    let leaf = pki.leaf(serial, &[], &[&responder.url()]);
    assert_eq!(ask(pki, &leaf, &local()), BY_OCSP);
    let tomorrow = now().plus(24 * 60 * 60);
    assert_eq!(ask_at(pki, &leaf, &local(), tomorrow), STALE);
}

#[test]
fn requests_by_get() {
    let Some(pki) = pki() else { return };
    let serial = Serial::next();
    let responder = Responder::start(pki, serial, Standing::Good);
    let leaf = pki.leaf(serial, &[], &[&responder.url()]);
    let by_get = Rules {
        ocsp_by_get: true,
        ..local()
    };
    assert_eq!(ask(pki, &leaf, &by_get), BY_OCSP);

    let web = WebServer::start();
    let leaf = pki.leaf(Serial::next(), &[], &[&web.url("/ocsp")]);
    assert_eq!(ask(pki, &leaf, &by_get), UNREACHABLE);
    let asked = web.take_asked();
    assert_eq!(asked.len(), 2);
    assert!(
        asked.iter().all(|asked| asked.starts_with("GET /ocsp/m")),
        "{asked:?}"
    );
    assert_eq!(ask(pki, &leaf, &local()), UNREACHABLE);
    assert_eq!(web.take_asked(), ["POST /ocsp"; 2]);
}

#[test]
fn nonces_come_back() {
    struct WithNonce(HttpFetcher);

    impl RevocationFetcher for WithNonce {
        fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
            self.0.fetch(request)
        }

        fn nonce(&self) -> Option<Nonce> {
            Nonce::new([7; 32]).ok()
        }
    }

    let Some(pki) = pki() else { return };
    let serial = Serial::next();
    let responder = Responder::start(pki, serial, Standing::Good);
    let leaf = pki.leaf(serial, &[], &[&responder.url()]);
    let policy = RevocationPolicy::default().nonce(NonceRule::Required);
    let fetcher = WithNonce(HttpFetcher::new(local()));
    let verdict = with_policy(pki, policy).validate(&leaf, now(), &fetcher);
    assert_eq!(said(&verdict), BY_OCSP);
}

#[test]
fn lists_tell_good_from_revoked() {
    let Some(pki) = pki() else { return };
    let list = |standing| {
        ask_list(pki, &local(), |serial| {
            Page::Body(pki.list_of_ca(serial, standing))
        })
    };
    assert_eq!(list(Standing::Good), BY_LIST);
    assert_eq!(list(Standing::Absent), BY_LIST);
    assert_eq!(list(Standing::Revoked), Said::Revoked(EvidenceKind::Crl));
    let stale = ask_list(pki, &local(), |serial| Page::Body(pki.stale_list(serial)));
    assert_eq!(stale, STALE);
}

#[test]
fn lists_that_do_not_come() {
    let Some(pki) = pki() else { return };
    let garbage = b"<html>not found, but with status 200</html>".to_vec();
    assert_eq!(ask_list(pki, &local(), |_| Page::Body(garbage)), MALFORMED);
    assert_eq!(ask_list(pki, &local(), |_| Page::Status(404)), UNREACHABLE);
    assert_eq!(ask_list(pki, &local(), |_| Page::Endless), UNREACHABLE);
}

#[test]
fn lists_may_be_as_large_as_the_limit() {
    let Some(pki) = pki() else { return };
    let (web, serial) = (WebServer::start(), Serial::next());
    // The list of the root is no larger.
    let list = pki.list_of_ca(serial, Standing::Revoked);
    let limit = |crl_limit| Rules {
        crl_limit,
        ..local()
    };
    let (exact, short) = (limit(list.len()), limit(list.len() - 1));
    let url = web.put("/ca.crl", Page::Body(list));
    let leaf = pki.leaf(serial, &[&url], &[]);
    assert_eq!(ask(pki, &leaf, &exact), Said::Revoked(EvidenceKind::Crl));
    assert_eq!(ask(pki, &leaf, &short), UNREACHABLE);
}

#[test]
fn the_next_url_is_asked() {
    let Some(pki) = pki() else { return };
    let (web, serial) = (WebServer::start(), Serial::next());
    let list = pki.list_of_ca(serial, Standing::Good);
    let good = web.put("/good.crl", Page::Body(list));
    let missing = web.url("/missing.crl");
    let ldap = "ldap://127.0.0.1/ca.crl";
    let leaf = pki.leaf(serial, &[ldap, DEAD, &missing, &good], &[]);
    assert_eq!(ask(pki, &leaf, &local()), BY_LIST);
    let each = ["GET /missing.crl", "GET /good.crl"];
    assert_eq!(web.take_asked(), [each, each].concat());

    // Those that answer with something else count no more than those that do not.
    let garbage = web.put("/garbage.crl", Page::Body(b"hello".to_vec()));
    let stale = web.put("/stale.crl", Page::Body(pki.stale_list(serial)));
    let leaf = pki.leaf(serial, &[&missing, &garbage, &stale, &good], &[]);
    assert_eq!(ask(pki, &leaf, &local()), BY_LIST);
    let asked = web.take_asked();
    let each = ["missing", "garbage", "stale", "good"].map(|name| format!("GET /{name}.crl"));
    assert_eq!(asked, [each.clone(), each].concat());
}

#[test]
fn the_other_source_is_asked() {
    let Some(pki) = pki() else { return };
    let (web, serial) = (WebServer::start(), Serial::next());
    let responder = Responder::start(pki, serial, Standing::Good);
    let stale = web.put("/stale.crl", Page::Body(pki.stale_list(serial)));
    let leaf = pki.leaf(serial, &[&stale], &[&responder.url()]);
    assert_eq!(ask(pki, &leaf, &local()), BY_OCSP);
    assert_eq!(web.take_asked(), ["GET /stale.crl"; 2]);
}

#[test]
fn evidence_is_fetched_once() {
    let Some(pki) = pki() else { return };
    let (web, first, second) = (WebServer::start(), Serial::next(), Serial::next());
    let list = pki.list_of_ca(first, Standing::Revoked);
    let url = web.put("/ca.crl", Page::Body(list));
    let responder = Responder::start(pki, second, Standing::Good);
    let by_list = pki.leaf(first, &[&url], &[]);
    let by_ocsp = pki.leaf(second, &[], &[&responder.url()]);
    let validator = validator(pki);
    let fetcher = HttpFetcher::new(local());
    let ask = |leaf| said(&validator.validate(leaf, now(), &fetcher));
    assert_eq!(ask(&by_list), Said::Revoked(EvidenceKind::Crl));
    assert_eq!(web.take_asked(), ["GET /ca.crl"]);
    assert_eq!(ask(&by_list), Said::Revoked(EvidenceKind::Crl));
    assert!(web.take_asked().is_empty());

    // It speaks for all that its issuer issued.
    let sibling = pki.leaf(Serial::next(), &[&url], &[]);
    assert_eq!(ask(&sibling), BY_LIST);
    assert!(web.take_asked().is_empty());

    assert_eq!(ask(&by_ocsp), BY_LIST, "the list at hand is enough");
}

#[test]
fn responses_outlive_their_responder() {
    let Some(pki) = pki() else { return };
    let serial = Serial::next();
    let responder = Responder::signing_as(pki, "ca", serial, Standing::Good, &["-ndays", "1"]);
    let leaf = pki.leaf(serial, &[], &[&responder.url()]);
    let validator = validator(pki);
    let fetcher = HttpFetcher::new(local());
    let first = validator.validate(&leaf, now(), &fetcher);
    assert_eq!(said(&first), BY_OCSP);
    drop(responder);
    let second = validator.validate(&leaf, now(), &fetcher);
    assert_eq!(said(&second), BY_OCSP);
}

#[test]
fn addresses_that_are_not_public_are_not_asked() {
    let Some(pki) = pki() else { return };
    let (web, serial) = (WebServer::start(), Serial::next());
    let list = pki.list_of_ca(serial, Standing::Good);
    let url = web.put("/ca.crl", Page::Body(list));
    let by_name = url.replace("127.0.0.1", "localhost");
    for url in [&url, &by_name] {
        let leaf = pki.leaf(serial, &[url], &[]);
        let fetcher = HttpFetcher::new(Rules::default());
        assert!(validator(pki).validate(&leaf, now(), &fetcher).is_err());
        let fetcher = AsyncHttpFetcher::new(Rules::default());
        let validator = validator(pki);
        let verdict = block_on(validator.validate_async(&leaf, now(), &fetcher));
        assert!(verdict.is_err());
        assert!(web.take_asked().is_empty());
        assert_eq!(ask(pki, &leaf, &local()), BY_LIST);
        assert_eq!(web.take_asked().len(), 2);
    }
}

#[test]
fn redirects_go_by_the_rules() {
    let Some(pki) = pki() else { return };
    let (web, serial) = (WebServer::start(), Serial::next());
    let list = pki.list_of_ca(serial, Standing::Good);
    let good = web.put("/good.crl", Page::Body(list));
    let by_name = good.replace("127.0.0.1", "localhost");
    let moved = web.put("/moved.crl", Page::Moved(302, "/good.crl".into()));
    let renamed = web.put("/renamed.crl", Page::Moved(301, by_name));
    let secured = web.put(
        "/secured.crl",
        Page::Moved(301, good.replace("http:", "https:")),
    );
    let round = web.put("/round.crl", Page::Moved(307, "/round.crl".into()));
    let by = |url: &str, rules: &Rules| ask(pki, &pki.leaf(serial, &[url], &[]), rules);
    assert_eq!(by(&moved, &local()), BY_LIST);
    assert_eq!(by(&renamed, &local()), BY_LIST);
    assert_eq!(by(&secured, &local()), NOT_FETCHED);
    web.take_asked();
    assert_eq!(by(&round, &local()), NOT_FETCHED);
    assert_eq!(web.take_asked().len(), 2 * (1 + local().redirects));
    let one_host = Rules {
        hosts: Some(vec!["127.0.0.1".into()]),
        ..local()
    };
    assert_eq!(by(&good, &one_host), BY_LIST);
    assert_eq!(by(&renamed, &one_host), NOT_FETCHED);

    // A request that is posted is posted again.
    let responder = Responder::start(pki, serial, Standing::Good);
    let moved = web.put("/ocsp", Page::Moved(307, responder.url()));
    let leaf = pki.leaf(serial, &[], &[&moved]);
    assert_eq!(ask(pki, &leaf, &local()), BY_OCSP);
}

/// Examples stand beside the folder that test binaries stand in.
fn example(name: &str, arguments: &[&str]) -> (bool, String) {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let path = profile.join("examples").join(name);
    let path = path.with_extension(env::consts::EXE_EXTENSION);
    let run = Command::new(path).args(arguments).output();
    let run = run.expect("run `cargo build --examples` before this test alone");
    let text = String::from_utf8(run.stdout).unwrap();
    (run.status.success(), text)
}

#[test]
fn programs_fetch_and_tell() {
    let Some(pki) = pki() else { return };
    let (web, serial) = (WebServer::start(), Serial::next());
    let responder = Responder::start(pki, serial, Standing::Good);
    let missing = web.url("/missing.crl");
    let chain = pki.chain(serial, &[&missing], &[&responder.url()]);
    let file = pki.path("chain-of-programs.pem");
    fs::write(&file, chain).unwrap();
    let file = file.to_str().unwrap();
    let roots = pki.path("root.pem");
    let roots = roots.to_str().unwrap();
    for name in ["fetcher_blocking", "fetcher_async"] {
        let (accepted, text) = example(name, &[file, roots, "--allow-private"]);
        assert!(accepted, "{text}");
        assert!(
            text.contains("CN=leaf: good by an OCSP response of "),
            "{text}"
        );
        assert!(text.contains("CN=ca: good by a CRL of "), "{text}");
        let (accepted, text) = example(name, &[file, roots]);
        assert!(
            !accepted && text.contains("its sources were not asked"),
            "{text}"
        );
    }
    let online = [file, "--roots", roots, "--revocation", "online"];
    let validate = |more: &[&str]| example("validate", &[&online, more].concat());
    let (accepted, text) = validate(&["--allow-private"]);
    assert!(accepted, "{text}");
    assert!(
        text.contains("revoked  no, by the OCSP response of "),
        "{text}"
    );
    assert!(
        text.contains(&format!("- CRL from {missing}: HTTP status 404")),
        "{text}"
    );
    assert!(
        text.contains(&format!("- OCSP from {}: ", responder.url())),
        "{text}"
    );
    let (accepted, text) = validate(&[]);
    assert!(
        !accepted && text.contains("not allowed to ask there"),
        "{text}"
    );

    let (_, text) = validate(&["--allow-private", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let requests = report["requests"].as_array().unwrap();
    let kinds: Vec<_> = requests.iter().map(|request| &request["kind"]).collect();
    assert_eq!(kinds, ["crl", "crl", "ocsp"]);
    let failed = requests.iter().find(|request| request["url"] == missing);
    assert_eq!(failed.unwrap()["failure"], "HTTP status 404");
    assert!(failed.unwrap()["bytes"].is_null());
    assert!(requests[2]["bytes"].as_u64().unwrap() > 0);
    assert!(requests[2]["failure"].is_null());
}

//! Validations that ask for evidence of revocation: which requests they make, in which order, and
//! what the answers lead to.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use portcullis::revocation::{
    Answer, AsyncRevocationFetcher, FetchFailure, NoFetcher, Request, RequestKind,
    RevocationFetcher, RevocationFlag, RevocationMode, RevocationPolicy, RevocationStatus,
    SharedEvidence, SourceOrder,
};
use portcullis::{Progress, Rule, UnknownStatus, VerificationFlags};
use portcullis_testkit::crl::{CrlEntry, CrlTemplate};
use portcullis_testkit::distribution::{
    ALL_REASONS, DistributionPoint, IssuingDistributionPoint, access, freshest, points,
};
use portcullis_testkit::extensions::{CRL_SIGN, Extension, key_usage};
use portcullis_testkit::keys::Key;
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate};
use portcullis_testkit::tamper::broken;

use crate::support;
use crate::support::inquiry::{Inquiry, Outcome, Web};
use crate::support::{Authority, Made, Template, now, presented};

fn lists_of(name: &str) -> String {
    format!("http://crl.example.test/{}", name.replace(' ', "-"))
}

fn ocsp_of(name: &str) -> String {
    format!("http://ocsp.example.test/{}", name.replace(' ', "-"))
}

/// Where evidence about this certificate is.
fn sources(template: Template) -> Template {
    let label = template.label.clone();
    template
        .with(points(&[DistributionPoint::url(&lists_of(&label))]))
        .with(access(&[&ocsp_of(&label)], &[]))
}

/// root, top, ca, client; each but the root names a list and a responder.
struct Chain {
    root: Authority,
    top: Authority,
    ca: Authority,
    leaf: Made,
}

impl Chain {
    fn new() -> Self {
        Self::with(sources)
    }

    fn with(change: impl FnOnce(Template) -> Template) -> Self {
        let root = Authority::self_signed(sources(Template::ca("root")));
        let top = root.issue_ca(sources(Template::ca("top")));
        let ca = top.issue_ca(sources(Template::ca("ca")));
        let leaf = ca.issue(change(Template::client("client")));
        Self {
            root,
            top,
            ca,
            leaf,
        }
    }

    /// About the leaf only.
    fn inquiry(&self) -> Inquiry {
        let more = [&self.ca.certificate, &self.top.certificate];
        Inquiry::about(&self.root, &self.leaf, &more)
    }

    /// About all but the root.
    fn whole(&self) -> Inquiry {
        self.inquiry().flag(RevocationFlag::ExcludeRoot)
    }

    fn lists(&self) -> [(&'static str, CrlTemplate); 4] {
        [
            ("client", CrlTemplate::by(&self.ca)),
            ("ca", CrlTemplate::by(&self.top)),
            ("top", CrlTemplate::by(&self.root)),
            ("root", CrlTemplate::by(&self.root)),
        ]
    }

    /// Lists that revoke those of these labels.
    fn web(&self, revoked: &[&str]) -> Web {
        let lists = self.lists().into_iter();
        lists.fold(Web::new(), |web, (label, list)| {
            let list = match revoked.contains(&label) {
                true => list.entry(CrlEntry::labelled(label)),
                false => list,
            };
            web.with(&lists_of(label), list.der())
        })
    }

    fn response(&self, said: CertStatus) -> Vec<u8> {
        ResponseTemplate::of(&self.ca, &self.leaf, said).der()
    }
}

fn policy() -> RevocationPolicy {
    RevocationPolicy::default()
}

mod places {
    use super::*;

    #[test]
    fn only_the_end_certificate() {
        let chain = Chain::new();
        let outcome = chain.inquiry().ask(&chain.web(&["ca", "top"]));
        outcome.good();
        assert_eq!(outcome.urls(), [[lists_of("client")]]);
        assert!(
            outcome.chain()[1..]
                .iter()
                .all(|one| one.revocation.is_none())
        );
        chain.inquiry().ask(&chain.web(&["client"])).revoked();
    }

    #[test]
    fn all_but_the_root() {
        let chain = Chain::new();
        let outcome = chain.whole().ask(&chain.web(&["root"]));
        outcome.good();
        let statuses = outcome.chain();
        let is_good =
            |place: usize| matches!(statuses[place].revocation, Some(RevocationStatus::Good(_)));
        assert!((0..3).all(is_good) && statuses[3].revocation.is_none());
        for (place, label) in ["client", "ca", "top"].into_iter().enumerate() {
            chain.whole().ask(&chain.web(&[label])).revoked_at(place);
        }
    }

    #[test]
    fn the_entire_chain() {
        let chain = Chain::new();
        let entire = || chain.inquiry().flag(RevocationFlag::EntireChain);
        entire().ask(&chain.web(&[])).good();
        entire().ask(&chain.web(&["root"])).revoked_at(3);
        // Nobody says anything of the root: there is nothing to say.
        let web =
            Chain::with(sources).lists()[..3]
                .iter()
                .fold(Web::new(), |web, (label, list)| {
                    web.with(
                        &lists_of(label),
                        list.clone()
                            .scope(IssuingDistributionPoint::url(&lists_of(label)))
                            .der(),
                    )
                });
        let outcome = entire().ask(&web);
        outcome.good();
        assert_eq!(outcome.status(3), None);
    }

    #[test]
    fn below_a_revoked_ca_nothing_is_known() {
        let chain = Chain::new();
        let outcome = chain.whole().ask(&chain.web(&["top"]));
        outcome.revoked_at(2);
        let below = Some(RevocationStatus::Unknown(UnknownStatus::IssuerRevoked));
        assert_eq!([outcome.status(0), outcome.status(1)], [below, below]);
        // No policy accepts that.
        let lenient = policy().accept_unknown(UnknownStatus::IssuerRevoked);
        chain
            .whole()
            .policy(lenient)
            .ask(&chain.web(&["top"]))
            .revoked_at(2);
        let all = chain
            .whole()
            .forgiving(VerificationFlags::IGNORE_END_REVOCATION_UNKNOWN);
        all.ask(&chain.web(&["top"])).revoked_at(2);
    }

    #[test]
    fn flags_forgive_unknown_by_place() {
        let chain = Chain::new();
        let end = VerificationFlags::IGNORE_END_REVOCATION_UNKNOWN;
        let cas = VerificationFlags::IGNORE_CERTIFICATE_AUTHORITY_REVOCATION_UNKNOWN;
        let root = VerificationFlags::IGNORE_ROOT_REVOCATION_UNKNOWN;
        let none = Web::new();
        let at = |flags, web: &Web| chain.whole().forgiving(flags).ask(web);
        let place = |outcome: Outcome| outcome.error().position;
        assert_eq!(place(at(root, &none)), 0);
        assert_eq!(place(at(end, &none)), 1);
        assert_eq!(place(at(cas, &none)), 0);
        let outcome = at(end | cas, &none);
        assert!(outcome.is_accepted());
        let forgiven = outcome.verdict.unwrap().forgiven().len();
        assert_eq!(forgiven, 3);
        // They forgive what is unknown, not what is revoked.
        for label in ["client", "ca", "top"] {
            assert!(!at(end | cas | root, &chain.web(&[label])).is_accepted());
        }
    }
}

/// Each reason for an unknown status: how it comes about, and that it is accepted where asked for,
/// and no other.
#[test]
fn every_reason_comes_about_and_is_accepted_by_itself() {
    let chain = Chain::new();
    let web = Web::new();
    let list = || CrlTemplate::by(&chain.ca);
    let list_at = |list: CrlTemplate| web.clone().with(&lists_of("client"), list.der());
    let stale = list().issued("20251201000000Z", Some("20251202000000Z"));
    let part =
        list().scope(IssuingDistributionPoint::url(&lists_of("client")).reasons(&ALL_REASONS[1..]));
    let unknown = web
        .clone()
        .with(&ocsp_of("client"), chain.response(CertStatus::Unknown));
    let garbage = web.clone().with(&lists_of("client"), *b"<html>");
    let other = list().signed_by(&Key::p256("a stranger"));
    let online = RevocationMode::Online;
    let cases = [
        (
            UnknownStatus::NotFetched,
            RevocationMode::Offline,
            web.clone(),
        ),
        (UnknownStatus::Unreachable, online, web.clone()),
        (UnknownStatus::Malformed, online, garbage),
        (UnknownStatus::NotAuthoritative, online, list_at(other)),
        (UnknownStatus::Partial, online, list_at(part)),
        (UnknownStatus::UnknownToResponder, online, unknown),
        (UnknownStatus::Stale, online, list_at(stale)),
    ];
    for (reason, mode, web) in cases {
        chain.inquiry().mode(mode).ask(&web).unknown(reason);
        for &accepted in UnknownStatus::ALL {
            let lenient = policy().accept_unknown(accepted);
            let outcome = chain.inquiry().mode(mode).policy(lenient).ask(&web);
            assert_eq!(
                outcome.is_accepted(),
                accepted == reason,
                "{reason} {accepted}"
            );
            let status = Some(RevocationStatus::Unknown(reason));
            assert_eq!(outcome.status(0), status);
        }
    }
}

#[test]
fn without_a_source_nothing_is_asked() {
    let ldap = points(&[DistributionPoint::url("ldap://crl.example.test/cn=ca")]);
    for extension in [None, Some(ldap), Some(points(&[DistributionPoint::bare()]))] {
        let chain = Chain::with(|template| match &extension {
            Some(extension) => template.with(extension.clone()),
            None => template,
        });
        let outcome = chain.inquiry().ask(&Web::new());
        outcome.unknown(UnknownStatus::NoSource);
        assert!(outcome.rounds.is_empty());
        let lenient = policy().accept_unknown(UnknownStatus::NoSource);
        assert!(
            chain
                .inquiry()
                .policy(lenient)
                .ask(&Web::new())
                .is_accepted()
        );
    }
}

mod rounds {
    use super::*;

    #[test]
    fn the_first_source_of_all_at_once_then_the_other_for_what_is_unknown() {
        let chain = Chain::new();
        let outcome = chain.whole().ask(&Web::new());
        let lists = ["client", "ca", "top"].map(lists_of).to_vec();
        let responders = ["client", "ca", "top"].map(ocsp_of).to_vec();
        assert_eq!(outcome.urls(), [lists.clone(), responders.clone()]);
        let first = policy().order(SourceOrder::OcspFirst);
        let outcome = chain.whole().policy(first).ask(&Web::new());
        assert_eq!(outcome.urls(), [responders.clone(), lists.clone()]);
        let only = |order| chain.whole().policy(policy().order(order)).ask(&Web::new());
        assert_eq!(
            only(SourceOrder::CrlOnly).urls(),
            std::slice::from_ref(&lists)
        );
        assert_eq!(only(SourceOrder::OcspOnly).urls(), [responders]);
        // One is known after the first round.
        let web = Web::new().with(&lists_of("ca"), CrlTemplate::by(&chain.top).der());
        let outcome = chain.whole().ask(&web);
        let others = vec![ocsp_of("client"), ocsp_of("top")];
        assert_eq!(outcome.urls(), [lists, others]);
    }

    #[test]
    fn nothing_more_is_asked_once_a_certificate_is_revoked() {
        let chain = Chain::new();
        let web = Web::new().with(
            &lists_of("top"),
            CrlTemplate::by(&chain.root)
                .entry(CrlEntry::labelled("top"))
                .der(),
        );
        let outcome = chain.whole().ask(&web);
        outcome.revoked_at(2);
        assert_eq!(outcome.rounds.len(), 1);
    }

    #[test]
    fn the_urls_of_a_source_are_alternatives_in_order() {
        let urls = [
            "http://a.example.test/",
            "HTTPS://b.example.test/",
            "http://c.example.test/",
        ];
        let with = |template: Template| {
            let two = DistributionPoint::full(&[
                portcullis_testkit::names::uri("ldap://x.example.test/"),
                portcullis_testkit::names::uri(urls[0]),
                portcullis_testkit::names::uri(urls[1]),
            ]);
            template.with(points(&[
                two,
                DistributionPoint::url(urls[2]),
                DistributionPoint::url(urls[0]),
            ]))
        };
        let chain = Chain::with(with);
        let good = CrlTemplate::by(&chain.ca).der();
        let outcome = chain.inquiry().ask(&Web::new().with(urls[0], good.clone()));
        outcome.good();
        assert_eq!(outcome.urls(), [[urls[0]]]);
        // The first sends something of no use: those behind it are asked.
        let useless = [
            b"garbage".to_vec(),
            broken(good.clone()),
            CrlTemplate::by(&chain.root).der(),
            CrlTemplate::by(&chain.ca).delta_to(6).der(),
            CrlTemplate::by(&chain.ca)
                .issued("20250101000000Z", Some("20250102000000Z"))
                .der(),
        ];
        for useless in useless {
            let web = Web::new()
                .with(urls[0], useless)
                .with(urls[2], good.clone());
            let outcome = chain.inquiry().ask(&web);
            outcome.good();
            assert_eq!(outcome.urls(), urls.map(|url| [url]));
        }
        let outcome = chain.inquiry().ask(&Web::new());
        outcome.unknown(UnknownStatus::Unreachable);
        assert_eq!(outcome.urls(), urls.map(|url| [url]));
    }

    #[test]
    fn at_most_eight_urls_of_a_source_are_asked() {
        let all: Vec<DistributionPoint> = (0..100)
            .map(|n| DistributionPoint::url(&format!("http://crl.example.test/{n}")))
            .collect();
        let chain = Chain::with(|template| template.with(points(&all)));
        let outcome = chain.inquiry().ask(&Web::new());
        assert_eq!(outcome.rounds.len(), 8);
        let parts: Vec<DistributionPoint> =
            all.into_iter().map(|point| point.reasons(&[1])).collect();
        let chain = Chain::with(|template| template.with(points(&parts)));
        let outcome = chain.inquiry().ask(&Web::new());
        assert_eq!(outcome.rounds.iter().flatten().count(), 8);
    }

    /// A URL goes into requests of others: nothing in it ends a line there.
    #[test]
    fn urls_with_spaces_or_control_characters_are_not_asked() {
        let at = |url: &str| {
            Chain::with(|template| template.with(points(&[DistributionPoint::url(url)])))
        };
        let outcome = at("http://crl.example.test/ HTTP/1.1")
            .inquiry()
            .ask(&Web::new());
        outcome.unknown(UnknownStatus::NoSource);
        assert!(outcome.rounds.is_empty());
        for odd in ["\r\nHost: x", "\0", "\x7f", "\u{e9}"] {
            let outcome = at(&format!("http://crl.example.test/{odd}")).inquiry();
            let outcome = outcome.ask(&Web::new());
            assert!(!outcome.is_accepted() && outcome.rounds.is_empty());
        }
    }

    #[test]
    fn nothing_is_asked_for_a_path_that_has_fallen() {
        let chain = Chain::new();
        let expired = Template::client("client").valid("20200101000000Z", "20250101000000Z");
        let expired = chain.ca.issue(sources(expired));
        let stranger = Authority::root("a stranger");
        let foreign = stranger.issue(sources(Template::client("client")));
        let forged = portcullis_testkit::tamper::with_broken_signature(&chain.leaf);
        for leaf in [expired, foreign, forged] {
            let more = [
                &chain.ca.certificate,
                &chain.top.certificate,
                &stranger.certificate,
            ];
            let inquiry = Inquiry::about(&chain.root, &leaf, &more);
            let outcome = inquiry
                .flag(RevocationFlag::EntireChain)
                .ask(&chain.web(&[]));
            assert!(!outcome.is_accepted());
            assert!(outcome.rounds.is_empty(), "{:?}", outcome.rounds);
        }
    }

    #[test]
    fn what_a_fallen_path_says_of_revocation_is_never_accepted() {
        let chain = Chain::new();
        let leaf = chain.ca.issue(
            Template::client("client").with(portcullis_testkit::extensions::unknown_critical()),
        );
        let more = [&chain.ca.certificate, &chain.top.certificate];
        let lenient = policy().accept_unknown(UnknownStatus::PathFell);
        let outcome = Inquiry::about(&chain.root, &leaf, &more)
            .policy(lenient)
            .ask(&Web::new());
        assert!(!matches!(outcome.error().rule, Rule::RevocationUnknown(_)));
        let fell = Some(RevocationStatus::Unknown(UnknownStatus::PathFell));
        assert_eq!(outcome.status(0), fell);
    }

    #[test]
    fn offline_and_no_check_ask_nothing() {
        let chain = Chain::new();
        let offline = chain
            .whole()
            .mode(RevocationMode::Offline)
            .ask(&chain.web(&[]));
        offline.unknown(UnknownStatus::NotFetched);
        assert!(offline.rounds.is_empty());
        let no_check = chain.whole().mode(RevocationMode::NoCheck);
        let outcome = no_check.ask(&chain.web(&["client"]));
        assert!(outcome.is_accepted() && outcome.rounds.is_empty());
    }
}

mod answers {
    use super::*;

    fn requests(validation: &mut portcullis::Validation) -> Vec<Request> {
        match validation.advance() {
            Progress::Fetch(requests) => requests,
            Progress::Done(verdict) => panic!("{verdict:?}"),
        }
    }

    #[test]
    fn what_is_not_answered_is_not_waited_for() {
        let chain = Chain::new();
        let outcome = chain.whole().ask_with(|_| Vec::new());
        outcome.unknown(UnknownStatus::NotFetched);
        assert_eq!(outcome.rounds.len(), 2);
    }

    #[test]
    fn a_late_answer_counts_until_the_verdict() {
        let chain = Chain::new();
        let mut validation = chain.inquiry().begin();
        let first = requests(&mut validation).remove(0);
        let second = requests(&mut validation).remove(0);
        assert_eq!(
            (first.kind(), second.kind()),
            (RequestKind::Crl, RequestKind::Ocsp)
        );
        let list = CrlTemplate::by(&chain.ca).der();
        validation.provide(first.id(), Answer::body(list));
        let Progress::Done(verdict) = validation.advance() else {
            panic!("more is asked for");
        };
        assert!(verdict.is_ok());
        // The verdict is what it was, whatever comes.
        let revoking = CrlTemplate::by(&chain.ca)
            .number(9)
            .revoking(&chain.leaf)
            .der();
        validation.provide(first.id(), Answer::body(revoking));
        assert!(matches!(validation.advance(), Progress::Done(Ok(_))));
    }

    #[test]
    fn a_failure_beside_bytes_changes_nothing_in_either_order() {
        let urls = [lists_of("a"), lists_of("b")];
        let chain = Chain::with(|template| {
            template.with(points(&[
                DistributionPoint::url(&urls[0]),
                DistributionPoint::url(&urls[1]),
            ]))
        });
        let good = CrlTemplate::by(&chain.ca).der();
        let failed = || Answer::from(FetchFailure::Refused);
        for sent in [good.clone(), b"garbage".to_vec()] {
            for failure_first in [false, true] {
                let outcome = chain.inquiry().ask_with(|request| {
                    if request.url() == urls[1] {
                        return vec![Answer::body(good.clone())];
                    }
                    match failure_first {
                        true => vec![failed(), Answer::body(sent.clone())],
                        false => vec![Answer::body(sent.clone()), failed()],
                    }
                });
                outcome.good();
                let rounds = if sent == good { 1 } else { 2 };
                assert_eq!(outcome.rounds.len(), rounds);
            }
        }
    }

    #[test]
    fn numbers_that_no_request_has_change_nothing() {
        let chain = Chain::new();
        // A validation that has asked twice has numbers that this one has not.
        let mut other = chain.whole().begin();
        let _ = requests(&mut other);
        let foreign = requests(&mut other);
        let issuers = {
            let leaf = chain
                .ca
                .issue(Template::client("x").with(access(&[], &["http://a.example.test/"])));
            let inquiry = Inquiry::about(&chain.root, &leaf, &[]).fetch_issuers();
            requests(&mut inquiry.begin())
        };
        let mut validation = chain.inquiry().begin();
        let own = requests(&mut validation);
        let revoking = CrlTemplate::by(&chain.ca).revoking(&chain.leaf).der();
        for request in foreign.iter().chain(&issuers) {
            assert_ne!(request.id(), own[0].id());
            validation.provide(request.id(), Answer::body(revoking.clone()));
            validation.provide(request.id(), FetchFailure::Unreachable);
        }
        validation.provide(own[0].id(), Answer::body(CrlTemplate::by(&chain.ca).der()));
        assert!(matches!(validation.advance(), Progress::Done(Ok(_))));
    }

    #[test]
    fn the_same_list_twice_is_paid_for_once() {
        let chain = Chain::new();
        let list = CrlTemplate::by(&chain.ca).der();
        let limit = list.len() as u32;
        let inquiry = chain
            .inquiry()
            .limits(|limits| limits.evidence_bytes = limit);
        inquiry.given(&[list.clone(), list.clone(), list]).good();
    }

    #[test]
    fn an_answer_of_another_kind_is_no_evidence() {
        let chain = Chain::new();
        let response = chain.response(CertStatus::Good);
        let outcome = chain.inquiry().ask_with(|request| match request.kind() {
            RequestKind::Crl => vec![Answer::body(response.clone())],
            _ => vec![FetchFailure::Unreachable.into()],
        });
        outcome.unknown(UnknownStatus::Malformed);
    }

    #[test]
    fn blocking_async_and_step_by_step_come_to_the_same() {
        struct Fetcher(Web, Mutex<usize>);

        impl RevocationFetcher for Fetcher {
            fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
                *self.1.lock().unwrap() += 1;
                self.0.sent(request)
            }
        }

        struct Slow<'f>(&'f Fetcher);

        impl AsyncRevocationFetcher for Slow<'_> {
            async fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
                let mut waited = false;
                std::future::poll_fn(|_| match std::mem::replace(&mut waited, true) {
                    false => Poll::Pending,
                    true => Poll::Ready(()),
                })
                .await;
                self.0.fetch(request)
            }
        }

        let chain = Chain::new();
        for revoked in [&[][..], &["client"], &["ca"], &["top"]] {
            let web = chain.web(revoked);
            let expected = chain.whole().ask(&web);
            let fetcher = Fetcher(web, Mutex::default());
            let presented = chain.whole().presented();
            let blocking = chain.whole().validator();
            let blocking = blocking.validate(&presented, now(), &fetcher);
            let validator = chain.whole().validator();
            let slow = Slow(&fetcher);
            let mut future = pin!(validator.validate_async(&presented, now(), &slow));
            let mut context = Context::from_waker(Waker::noop());
            let verdict = loop {
                if let Poll::Ready(verdict) = future.as_mut().poll(&mut context) {
                    break verdict;
                }
            };
            let word = |verdict: Result<_, portcullis::Rejected>| {
                verdict.map(drop).map_err(|rejected| *rejected.error())
            };
            let expected = word(expected.verdict);
            assert_eq!(word(blocking), expected);
            assert_eq!(word(verdict), expected);
            assert_eq!(*fetcher.1.lock().unwrap(), 6);
        }
    }
}

mod paths {
    use super::*;

    /// A client below a CA that two others have certified: `first` is revoked by the root, or
    /// `second`.
    fn crossed(revoked: &str) -> Outcome {
        let root = Authority::root("root");
        let [first, second] = ["first", "second"].map(|label| {
            let template =
                Template::ca(label).subject(portcullis_testkit::names::common_name("bridge"));
            root.issue_ca(sources(template))
        });
        let ca = first.issue_ca(sources(Template::ca("by first").key(Key::p256("ca"))));
        let again = Template::ca("by second")
            .key(Key::p256("ca"))
            .subject(ca.name.clone());
        let again = second.issue(sources(again));
        let leaf = ca.issue(sources(Template::client("client")));
        let more = [
            &first.certificate,
            &second.certificate,
            &ca.certificate,
            &again,
        ];
        let of_root = CrlTemplate::by(&root)
            .entry(CrlEntry::labelled(revoked))
            .der();
        let web = Web::new()
            .with(&lists_of("first"), of_root.clone())
            .with(&lists_of("second"), of_root)
            .with(&lists_of("by first"), CrlTemplate::by(&first).der())
            .with(&lists_of("by second"), CrlTemplate::by(&second).der())
            .with(&lists_of("client"), CrlTemplate::by(&ca).der());
        let inquiry = Inquiry::about(&root, &leaf, &more);
        inquiry.flag(RevocationFlag::ExcludeRoot).ask(&web)
    }

    #[test]
    fn a_revoked_certificate_on_one_path_lets_the_search_go_on() {
        for revoked in ["first", "second", "nobody"] {
            crossed(revoked).good();
        }
        let outcome = crossed("first");
        let accepted = outcome.verdict.unwrap();
        assert_eq!(accepted.certificates().count(), 3);
    }

    #[test]
    fn a_revoked_leaf_is_revoked_on_all_paths() {
        let chain = Chain::new();
        let other = chain.root.cross_sign("ca by root", &chain.ca);
        let more = [&chain.ca.certificate, &chain.top.certificate, &other];
        let inquiry = Inquiry::about(&chain.root, &chain.leaf, &more);
        let outcome = inquiry
            .flag(RevocationFlag::ExcludeRoot)
            .ask(&chain.web(&["client"]));
        assert!(matches!(outcome.error().rule, Rule::Revoked(_)));
        let rejected = outcome.verdict.unwrap_err();
        assert_eq!(rejected.tried().len(), 2);
    }

    /// Two paths share leaf, CA and anchor, and differ above. The lists of a CRL issuer that stands
    /// on the one, revoked, do not speak on the other.
    #[test]
    fn a_signer_counts_by_its_own_standing_on_whichever_path() {
        for is_revoked in [false, true] {
            let root = Authority::root("root");
            let bad = root.issue_ca(sources(Template::ca("bad")));
            let good = root.issue_ca(sources(Template::ca("good")));
            let bridge = |label: &str| {
                let template = Template::ca(label).key(Key::p256("bridge"));
                sources(template.subject(portcullis_testkit::names::common_name("bridge")))
            };
            let by_bad = bad.issue_ca(bridge("bridge by bad"));
            let by_good = good.issue(bridge("bridge by good"));
            let ca = by_bad.issue_ca(sources(Template::ca("ca")));
            let point = DistributionPoint::url(&lists_of("client")).issued_by(&[&bad.name]);
            let leaf = ca.issue(Template::client("client").with(points(&[point])));
            let more = [
                &bad.certificate,
                &good.certificate,
                &by_bad.certificate,
                &by_good,
                &ca.certificate,
            ];
            let indirect = IssuingDistributionPoint::url(&lists_of("client")).indirect();
            let of_root = CrlTemplate::by(&root);
            let of_root = match is_revoked {
                true => of_root.entry(CrlEntry::labelled("bad")),
                false => of_root,
            };
            let web = Web::new()
                .with(
                    &lists_of("client"),
                    CrlTemplate::by(&bad).scope(indirect).der(),
                )
                .with(&lists_of("ca"), CrlTemplate::by(&by_bad).der())
                .with(&lists_of("bridge by bad"), CrlTemplate::by(&bad).der())
                .with(&lists_of("bridge by good"), CrlTemplate::by(&good).der())
                .with(&lists_of("bad"), of_root.der())
                .with(&lists_of("good"), of_root.der());
            for order in [&more[..], &more.iter().rev().copied().collect::<Vec<_>>()] {
                let inquiry = Inquiry::about(&root, &leaf, order);
                let outcome = inquiry.flag(RevocationFlag::ExcludeRoot).ask(&web);
                assert_eq!(outcome.is_accepted(), !is_revoked);
            }
        }
    }
}

mod limits {
    use super::*;

    #[test]
    fn no_more_is_fetched_than_allowed() {
        let chain = Chain::new();
        for most in 0..7 {
            let inquiry = chain.whole().limits(|limits| limits.fetches = most);
            let outcome = inquiry.ask(&Web::new());
            let asked = outcome.rounds.iter().flatten().count();
            assert_eq!(asked, most.min(6) as usize);
            assert!(!outcome.is_accepted());
        }
        let inquiry = chain.whole().limits(|limits| limits.fetches = 3);
        inquiry.ask(&chain.web(&[])).good();
        let inquiry = chain.whole().limits(|limits| limits.fetches = 2);
        inquiry
            .ask(&chain.web(&[]))
            .unknown_at(2, UnknownStatus::NotFetched);
    }

    #[test]
    fn what_is_too_large_is_not_taken_in() {
        let chain = Chain::new();
        let list = CrlTemplate::by(&chain.ca).der();
        let limited = |most| {
            chain
                .inquiry()
                .limits(|limits| limits.evidence_bytes = most)
        };
        let length = list.len() as u32;
        limited(length).given(std::slice::from_ref(&list)).good();
        let outcome = limited(length - 1).given(&[list]);
        outcome.unknown(UnknownStatus::NotFetched);
    }

    /// Garbage in every answer for ever: the validation ends.
    #[test]
    fn rounds_end_whatever_is_sent() {
        let all: Vec<DistributionPoint> = (0..8)
            .map(|n| {
                DistributionPoint::url(&format!("http://crl.example.test/{n}"))
                    .reasons(&[n % 8 + 1])
            })
            .collect();
        let chain = Chain::with(|template| {
            template
                .with(points(&all))
                .with(access(
                    &["http://a.example.test/", "http://b.example.test/"],
                    &[],
                ))
                .with(freshest(&all))
        });
        for sent in [
            b"garbage".to_vec(),
            CrlTemplate::by(&chain.root).der(),
            CrlTemplate::by(&chain.ca).delta_to(1).der(),
            CrlTemplate::by(&chain.ca).with(freshest(&all)).der(),
            chain.response(CertStatus::Unknown),
        ] {
            let _ = chain.whole().given(&[sent]);
        }
    }
}

mod stores {
    use super::*;

    fn store() -> Arc<SharedEvidence> {
        Arc::new(SharedEvidence::default())
    }

    #[test]
    fn what_was_fetched_once_is_not_asked_for_again() {
        let chain = Chain::new();
        let store = store();
        chain.whole().evidence(&store).ask(&chain.web(&[])).good();
        let again = chain.whole().evidence(&store).ask(&Web::new());
        again.good();
        assert!(again.rounds.is_empty());
        let offline = chain.whole().mode(RevocationMode::Offline);
        offline.evidence(&store).ask(&Web::new()).good();
        // Other certificates of the same issuers profit.
        let other = chain.ca.issue(sources(Template::client("another client")));
        let inquiry = Inquiry::about(
            &chain.root,
            &other,
            &[&chain.ca.certificate, &chain.top.certificate],
        );
        let outcome = inquiry.evidence(&store).ask(&Web::new());
        outcome.good();
        assert!(outcome.rounds.is_empty());
        // When it has run out it is asked for.
        let later = support::time("2026-01-16T00:00:00Z");
        let outcome = chain.whole().evidence(&store).at(later).ask(&Web::new());
        assert_eq!(outcome.urls()[0].len(), 3);
    }

    #[test]
    fn responses_are_kept_too() {
        let chain = Chain::new();
        let only = || {
            chain
                .inquiry()
                .policy(policy().order(SourceOrder::OcspOnly))
        };
        let store = store();
        let web = Web::new().with(&ocsp_of("client"), chain.response(CertStatus::Good));
        only().evidence(&store).ask(&web).good();
        let again = only().evidence(&store).ask(&Web::new());
        again.good();
        assert!(again.rounds.is_empty());
    }

    #[test]
    fn a_revocation_is_remembered() {
        let chain = Chain::new();
        let store = store();
        chain
            .whole()
            .evidence(&store)
            .ask(&chain.web(&["ca"]))
            .revoked_at(1);
        let again = chain.whole().evidence(&store).ask(&chain.web(&[]));
        again.revoked_at(1);
        assert!(again.rounds.is_empty());
    }

    /// Unverifiable evidence from one validation is nothing to the next.
    #[test]
    fn what_a_stranger_sends_neither_stays_nor_blocks() {
        let chain = Chain::new();
        let stranger = Key::p256("a stranger");
        let newer = |list: CrlTemplate| {
            let list = list
                .number(1_000)
                .issued("20251231000000Z", Some("20260301000000Z"));
            list.signed_by(&stranger).der()
        };
        let forged = [
            newer(CrlTemplate::by(&chain.ca).revoking(&chain.leaf)),
            newer(CrlTemplate::by(&chain.ca)),
            newer(CrlTemplate::by(&chain.ca).delta_to(7).revoking(&chain.leaf)),
            broken(CrlTemplate::by(&chain.ca).der()),
        ];
        let store = store();
        // One URL is paused after it failed; these all send something.
        let outcome = chain.inquiry().evidence(&store).given(&forged);
        outcome.unknown(UnknownStatus::NotAuthoritative);
        let offline = chain
            .inquiry()
            .mode(RevocationMode::Offline)
            .evidence(&store);
        offline.ask(&Web::new()).unknown(UnknownStatus::NotFetched);
        chain.inquiry().evidence(&store).ask(&chain.web(&[])).good();
        chain.inquiry().evidence(&store).given(&forged).good();
        // Beside a good one, in one validation.
        let mut all = forged.to_vec();
        all.push(CrlTemplate::by(&chain.ca).der());
        chain.inquiry().given(&all).good();
        all.rotate_right(1);
        chain.inquiry().given(&all).good();
        // A forged staple.
        let forged =
            ResponseTemplate::of(&chain.ca, &chain.leaf, CertStatus::Revoked).signed_by(&stranger);
        chain
            .inquiry()
            .evidence(&store)
            .staple(&forged.der())
            .ask(&Web::new())
            .good();
    }

    /// A CA that the anchors know by the same name, below another anchor, poisons nothing of this
    /// one's.
    #[test]
    fn a_namesake_below_another_anchor_poisons_nothing() {
        let chain = Chain::new();
        let other_root = Authority::root("other root");
        let template = Template::ca("namesake").subject(chain.ca.name.clone());
        let namesake = other_root.issue_ca(template);
        let theirs = namesake.issue(sources(Template::client("client")));
        let store = store();
        let newest = CrlTemplate::by(&namesake)
            .number(1_000)
            .issued("20251231000000Z", Some("20260301000000Z"));
        let own = Inquiry::about(&other_root, &theirs, &[&namesake.certificate]);
        let own = own.anchor(&chain.root).evidence(&store);
        own.given(&[newest.clone().der()]).good();
        // What they clear and what they revoke is theirs.
        let inquiry = || chain.inquiry().anchor(&other_root).evidence(&store);
        let offline = inquiry().mode(RevocationMode::Offline).ask(&Web::new());
        assert!(!offline.is_accepted());
        inquiry().ask(&chain.web(&["client"])).revoked();
        let own = Inquiry::about(&other_root, &theirs, &[&namesake.certificate]);
        own.anchor(&chain.root)
            .evidence(&store)
            .ask(&Web::new())
            .good();
    }

    #[test]
    fn a_dead_url_is_paused_for_a_while_only() {
        let chain = Chain::new();
        let store = store();
        let at = |seconds: i64| chain.inquiry().evidence(&store).at(now().plus(seconds));
        at(0).ask(&Web::new()).unknown(UnknownStatus::Unreachable);
        let paused = at(0).ask(&Web::new());
        paused.unknown(UnknownStatus::Unreachable);
        assert!(paused.rounds.is_empty());
        at(3_600).ask(&chain.web(&[])).good();
    }
}

#[test]
fn a_crl_issuer_among_what_was_presented_is_no_leaf_question() {
    // Its certificate is asked about only because its list came.
    let chain = Chain::new();
    let issuer = chain.root.issue_ca(sources(
        Template::client("crl issuer").with(key_usage(&[CRL_SIGN])),
    ));
    let point = DistributionPoint::url(&lists_of("client")).issued_by(&[&issuer.name]);
    let leaf = chain
        .ca
        .issue(Template::client("client").with(points(&[point])));
    let more = [
        &chain.ca.certificate,
        &chain.top.certificate,
        &issuer.certificate,
    ];
    let inquiry = Inquiry::about(&chain.root, &leaf, &more).flag(RevocationFlag::ExcludeRoot);
    let indirect = IssuingDistributionPoint::url(&lists_of("client")).indirect();
    let list = CrlTemplate::by(&issuer).scope(indirect).der();
    let scoped = |label: &str, by: &Authority| {
        CrlTemplate::by(by)
            .scope(IssuingDistributionPoint::url(&lists_of(label)))
            .der()
    };
    let web = Web::new()
        .with(&lists_of("client"), list)
        .with(&lists_of("ca"), scoped("ca", &chain.top))
        .with(&lists_of("top"), scoped("top", &chain.root));
    let outcome = inquiry.ask(&web);
    assert!(!outcome.is_accepted());
    let asked = outcome.urls().concat();
    assert!(asked.contains(&lists_of("crl issuer")), "{asked:?}");
    let web = web.with(&lists_of("crl issuer"), scoped("crl issuer", &chain.root));
    inquiry.ask(&web).good();
}

#[test]
fn no_fetcher_gets_along_with_what_is_at_hand() {
    let chain = Chain::new();
    let validator = chain.inquiry().validator();
    let presented = presented(
        &chain.leaf,
        &[&chain.ca.certificate, &chain.top.certificate],
    );
    let rejected = validator
        .validate(&presented, now(), &NoFetcher)
        .unwrap_err();
    let expected = Rule::RevocationUnknown(UnknownStatus::NotFetched);
    assert_eq!(rejected.error().rule, expected);
    let stapled = presented.with_stapled_ocsp(&chain.response(CertStatus::Good));
    assert!(validator.validate(&stapled, now(), &NoFetcher).is_ok());
}

#[test]
fn distribution_points_that_do_not_decode_are_no_absent_ones() {
    let chain = Chain::with(|template| {
        template.with(Extension::new(
            portcullis_testkit::extensions::DISTRIBUTION_POINTS,
            vec![0x30, 1],
        ))
    });
    let lenient = policy().accept_unknown(UnknownStatus::NoSource);
    let outcome = chain.inquiry().policy(lenient).ask(&Web::new());
    assert!(!outcome.is_accepted());
}

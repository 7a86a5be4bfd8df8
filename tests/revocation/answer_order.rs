//! Answers in any order, and given any number of times: the validation ends with the same verdict.
//!
//! There are a few small PKIs and, for each request, several answers that its issuer, its delegated
//! responders and strangers could have signed. The answers to all requests of a round are given in
//! random order, and some are given again.

use std::sync::LazyLock;

use portcullis::revocation::{
    FetchFailure, Request, RequestKind, RevocationFlag, RevocationPolicy, RevocationStatus,
    SourceOrder,
};
use portcullis::{Progress, Rule, UnknownStatus};
use portcullis_testkit::crl::{CrlEntry, CrlTemplate, HOLD, REMOVE};
use portcullis_testkit::distribution::{
    ALL_REASONS, DistributionPoint, IssuingDistributionPoint, access, freshest, points,
};
use portcullis_testkit::extensions::{CRL_SIGN, extended_key_usage, key_usage};
use portcullis_testkit::keys::Key;
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate, SingleResponse};
use portcullis_testkit::tamper::broken;
use proptest::prelude::*;

use crate::support::inquiry::{Inquiry, MAX_ROUNDS};
use crate::support::{Authority, Made, Template};

/// What came for a request.
type Sent = Result<Vec<u8>, FetchFailure>;

/// A small PKI, and all answers that somebody could send.
struct Family {
    root: Authority,
    leaf: Made,
    more: Vec<Made>,
    answers: Vec<Sent>,
}

fn url(label: &str) -> String {
    format!("http://example.test/{}", label.replace(' ', "-"))
}

fn sources(template: Template) -> Template {
    let at = url(&template.label);
    let second = format!("{at}-2");
    let delta = format!("{at}-delta");
    template
        .with(points(&[
            DistributionPoint::url(&at),
            DistributionPoint::url(&second),
        ]))
        .with(access(&[&format!("{at}-ocsp")], &[]))
        .with(freshest(&[DistributionPoint::url(&delta)]))
}

/// All that may be said of a certificate, by its issuer and by others.
fn all_of(issuer: &Authority, subject: &Made, out: &mut Vec<Sent>) {
    let stranger = Key::p256("a stranger");
    let at = url(&subject.label);
    let list = || CrlTemplate::by(issuer);
    let newer = |list: CrlTemplate| {
        list.issued("20251220000000Z", Some("20260115000000Z"))
            .number(9)
    };
    let held = || list().entry(CrlEntry::of(subject).reason(HOLD));
    let (first, second) = (&ALL_REASONS[..4], &ALL_REASONS[4..]);
    let part = |bits: &[u8]| list().scope(IssuingDistributionPoint::url(&at).reasons(bits));
    let lists = [
        list(),
        list().revoking(subject),
        held(),
        newer(list()),
        newer(list()).revoking(subject),
        newer(list()).delta_to(7),
        newer(list())
            .delta_to(7)
            .entry(CrlEntry::of(subject).reason(REMOVE)),
        newer(list()).delta_to(7).revoking(subject),
        list().issued("20251201000000Z", Some("20251202000000Z")),
        list().scope(IssuingDistributionPoint::url(
            "http://example.test/elsewhere",
        )),
        part(first),
        part(second),
        part(second).revoking(subject),
        newer(list()).signed_by(&stranger),
        newer(list()).revoking(subject).signed_by(&stranger),
        newer(list()).delta_to(7).signed_by(&stranger),
    ];
    out.extend(lists.iter().map(|list| Ok(list.der())));
    out.push(Ok(broken(list().der())));
    let delegate = issuer
        .issue_ca(Template::client("delegate").with(extended_key_usage(&["1.3.6.1.5.5.7.3.9"])));
    let said = |said| SingleResponse::about(issuer, subject, said);
    let stale = said(CertStatus::Good).issued("20251201000000Z", Some("20251202000000Z"));
    let by_delegate = ResponseTemplate::by(&delegate).sending(&delegate.certificate);
    let responses = [
        ResponseTemplate::by(issuer).single(said(CertStatus::Good)),
        ResponseTemplate::by(issuer).single(said(CertStatus::Revoked)),
        ResponseTemplate::by(issuer).single(said(CertStatus::Unknown)),
        ResponseTemplate::by(issuer).single(stale),
        by_delegate.clone().single(said(CertStatus::Good)),
        by_delegate.single(said(CertStatus::Revoked)),
        ResponseTemplate::by(issuer)
            .single(said(CertStatus::Good))
            .signed_by(&stranger),
        ResponseTemplate::by(issuer)
            .single(said(CertStatus::Revoked))
            .signed_by(&stranger),
    ];
    out.extend(responses.iter().map(|response| Ok(response.der())));
    let listing = list().entry(CrlEntry::of(&delegate.certificate));
    out.push(Ok(listing.der()));
}

fn misses() -> Vec<Sent> {
    vec![
        Err(FetchFailure::Unreachable),
        Err(FetchFailure::NotAsked),
        Err(FetchFailure::Status(404)),
        Ok(b"garbage".to_vec()),
        Ok(Vec::new()),
    ]
}

fn families() -> &'static [Family] {
    static MADE: LazyLock<Vec<Family>> = LazyLock::new(|| vec![straight(), indirect(), crossed()]);
    &MADE
}

fn straight() -> Family {
    let root = Authority::root("root");
    let ca = root.issue_ca(sources(Template::ca("ca")));
    let leaf = ca.issue(sources(Template::client("client")));
    let mut answers = misses();
    all_of(&root, &ca.certificate, &mut answers);
    all_of(&ca, &leaf, &mut answers);
    Family {
        more: vec![ca.certificate],
        root,
        leaf,
        answers,
    }
}

/// The client's lists are issued by somebody whom the root certified.
fn indirect() -> Family {
    let root = Authority::root("root");
    let ca = root.issue_ca(sources(Template::ca("ca")));
    let issuer = sources(Template::client("crl issuer").with(key_usage(&[CRL_SIGN])));
    let issuer = root.issue_ca(issuer);
    let at = url("client");
    let point = DistributionPoint::url(&at).issued_by(&[&issuer.name]);
    let leaf = Template::client("client").with(points(&[point]));
    let leaf = ca.issue(leaf.with(access(&[&format!("{at}-ocsp")], &[])));
    let mut answers = misses();
    all_of(&root, &ca.certificate, &mut answers);
    all_of(&root, &issuer.certificate, &mut answers);
    all_of(&ca, &leaf, &mut answers);
    let list = || CrlTemplate::by(&issuer).scope(IssuingDistributionPoint::url(&at).indirect());
    let of_issuer = CrlEntry::of(&issuer.certificate);
    let lists = [
        list(),
        list().entry(CrlEntry::of(&leaf).issued_by(&ca.name)),
        list().entry(CrlEntry::of(&leaf)),
        CrlTemplate::by(&root)
            .entry(of_issuer.clone())
            .revoking(&ca.certificate),
        CrlTemplate::by(&root).entry(of_issuer),
    ];
    answers.extend(lists.iter().map(|list| Ok(list.der())));
    Family {
        more: vec![ca.certificate, issuer.certificate],
        root,
        leaf,
        answers,
    }
}

/// The CA has certificates of two others.
fn crossed() -> Family {
    let root = Authority::root("root");
    let [one, two] = ["one", "two"].map(|label| {
        let bridge = Template::ca(label).subject(portcullis_testkit::names::common_name("bridge"));
        root.issue_ca(sources(bridge))
    });
    let ca = one.issue_ca(sources(Template::ca("by one").key(Key::p256("ca"))));
    let again = Template::ca("by two")
        .key(Key::p256("ca"))
        .subject(ca.name.clone());
    let again = two.issue(sources(again));
    let leaf = ca.issue(sources(Template::client("client")));
    let mut answers = misses();
    all_of(&root, &one.certificate, &mut answers);
    all_of(&root, &two.certificate, &mut answers);
    all_of(&one, &ca.certificate, &mut answers);
    all_of(&two, &again, &mut answers);
    all_of(&ca, &leaf, &mut answers);
    Family {
        more: vec![one.certificate, two.certificate, ca.certificate, again],
        root,
        leaf,
        answers,
    }
}

/// Numbers for choices of which nothing but their variety matters.
#[derive(Clone)]
struct Stream(u64);

impl Stream {
    fn next(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % bound.max(1)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.next(place + 1));
        }
    }
}

/// Which answers a request gets: they follow from what is asked, not from when.
fn sent<'f>(family: &'f Family, request: &Request, choices: u64) -> Vec<&'f Sent> {
    let kind = match request.kind() {
        RequestKind::Crl => 1,
        RequestKind::DeltaCrl => 2,
        _ => 3,
    };
    let key = request.url().bytes().fold(kind, |key: u64, octet| {
        key.wrapping_mul(31).wrapping_add(octet.into())
    });
    let mut stream = Stream(choices ^ key.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    stream.next(2);
    let chosen = (0..stream.next(5)).map(|_| &family.answers[stream.next(family.answers.len())]);
    let mut chosen: Vec<&Sent> = chosen.collect();
    // A URL that does not answer is paused, for others too: nobody says that of one that did.
    if chosen.iter().any(|sent| sent.is_ok()) {
        chosen.retain(|sent| sent.is_ok());
    }
    chosen
}

type Word = (
    Result<(), (usize, Rule)>,
    Vec<Option<RevocationStatus>>,
    Vec<Vec<String>>,
);

/// The verdict, all statuses, and what was asked for in each round.
fn word(family: &Family, inquiry: &Inquiry, choices: u64, order: Option<u64>) -> Word {
    let mut stream = order.map(Stream);
    let mut validation = inquiry.begin();
    let mut rounds = Vec::new();
    let verdict = loop {
        match validation.advance() {
            Progress::Done(verdict) => break verdict,
            Progress::Fetch(requests) => {
                let mut answers: Vec<_> = requests
                    .iter()
                    .flat_map(|request| {
                        let sent = sent(family, request, choices);
                        sent.into_iter().map(|answer| (request.id(), answer))
                    })
                    .collect();
                if let Some(stream) = &mut stream {
                    for _ in 0..stream.next(4) {
                        if !answers.is_empty() {
                            answers.push(answers[stream.next(answers.len())]);
                        }
                    }
                    stream.shuffle(&mut answers);
                }
                for (id, answer) in answers {
                    validation.provide(id, answer.clone());
                }
                rounds.push(requests.iter().map(|one| one.url().to_owned()).collect());
                assert!(rounds.len() < MAX_ROUNDS, "no end of rounds");
            }
        }
    };
    let (result, chain) = match verdict {
        Ok(accepted) => (Ok(()), accepted.chain()),
        Err(rejected) => {
            let error = rejected.error();
            (Err((error.position, error.rule)), rejected.chain().to_vec())
        }
    };
    let statuses = chain.iter().map(|one| one.revocation).collect();
    (result, statuses, rounds)
}

fn inquiry(family: &Family, order: SourceOrder, flag: RevocationFlag, lenient: bool) -> Inquiry {
    let more: Vec<&Made> = family.more.iter().collect();
    let mut policy = RevocationPolicy::default().order(order);
    if lenient {
        policy = policy.accept_unknown(UnknownStatus::NoSource);
        policy = policy.accept_unknown(UnknownStatus::Stale);
    }
    Inquiry::about(&family.root, &family.leaf, &more)
        .flag(flag)
        .policy(policy)
        // These tests are about order; that limits hold is another matter.
        .limits(|limits| limits.signatures = 100_000)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(64)
    })]

    #[test]
    fn neither_order_nor_repetition_of_answers_decides(
        family in 0..3usize,
        order in prop::sample::select(vec![
            SourceOrder::CrlFirst,
            SourceOrder::OcspFirst,
            SourceOrder::CrlOnly,
            SourceOrder::OcspOnly,
        ]),
        flag in prop::sample::select(vec![
            RevocationFlag::EndCertificateOnly,
            RevocationFlag::ExcludeRoot,
            RevocationFlag::EntireChain,
        ]),
        lenient: bool,
        choices: u64,
        orders in prop::array::uniform3(any::<u64>()),
    ) {
        let family = &families()[family];
        let inquiry = inquiry(family, order, flag, lenient);
        let first = word(family, &inquiry, choices, None);
        for order in orders {
            prop_assert_eq!(&word(family, &inquiry, choices, Some(order)), &first);
        }
    }
}

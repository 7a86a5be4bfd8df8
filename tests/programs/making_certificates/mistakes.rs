//! The table of mistakes on the page: each mistake is made here, and must have the result in the
//! table.

use std::collections::BTreeSet;

use portcullis::revocation::NoFetcher;
use portcullis::{CertificateTypes, PeerName, Purpose, Rule, UnknownStatus};
use portcullis_testkit::Made;
use portcullis_testkit::crl::CrlTemplate;
use portcullis_testkit::distribution::{DistributionPoint, points};
use portcullis_testkit::extensions::{
    KEY_CERT_SIGN, SERVER_AUTH, basic_constraints, extended_key_usage, key_usage,
};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::common_name;

use super::page::PAGE;
use crate::support;
use crate::support::inquiry::Inquiry;
use crate::support::{Authority, Template, World, below, now, presented, refusal, refused};

/// Places and rules of all mistakes, made one by one.
fn made() -> Vec<(usize, Rule)> {
    let world = World::new("mistakes");
    let client = || Template::client("mistaken client");
    let ca = || Template::ca("mistaken ca");
    let validator = world.validator();
    let leaf = world.ca.issue(client());
    let other = World::new("another authority");

    let in_chains = [
        // The intermediate is not sent.
        refusal(&validator, &leaf, &[]),
        // Another root is trusted, and theirs is sent along or not.
        refusal(&other.validator(), &leaf, &[&world.ca.certificate]),
        refusal(
            &other.validator(),
            &leaf,
            &[&world.ca.certificate, &world.root.certificate],
        ),
        refused(world.below(ca().v1())),
        refused(world.below(ca().with(key_usage(&[6])))),
        below_path_length(&world),
        refused(world.client(client().with(extended_key_usage(&[SERVER_AUTH])))),
        refused(world.below(ca().with(extended_key_usage(&[SERVER_AUTH])))),
        server_without_names(&world),
        refusal(&validator, &self_signed(), &[]),
        unpinned(&world),
        refused(world.client(client().valid("20240101000000Z", "20250101000000Z"))),
        refused(world.client(client().valid("20270101000000Z", "20280101000000Z"))),
        refused(world.client(client().key(Key::rsa("short", 1024)))),
    ];
    let in_lists = [
        unknown(&world, client(), |list| list),
        unknown(&world, listed(client()), |list| {
            list.issued("20251101000000Z", Some("20251201000000Z"))
        }),
        unknown(&world, listed(client()), |list| {
            list.signed_by(&Key::p256("somebody else"))
        }),
    ];
    in_chains
        .into_iter()
        .chain(in_lists)
        .chain([without_crl_sign(&world)])
        .collect()
}

fn below_path_length(world: &World) -> (usize, Rule) {
    let ca = world
        .root
        .issue_ca(Template::ca("ca of length 0").with(basic_constraints(Some(0))));
    let further = ca.issue_ca(Template::ca("a further ca"));
    let leaf = further.issue(Template::client("client of a further ca"));
    let chain = [&further.certificate, &ca.certificate];
    refusal(&world.validator(), &leaf, &chain)
}

fn server_without_names(world: &World) -> (usize, Rule) {
    let server = Template::client("a server").subject(common_name("host.example.test"));
    let server = world
        .ca
        .issue(server.with(extended_key_usage(&[SERVER_AUTH])));
    let validator = below(&[&world.root]).purpose(Purpose::ServerAuth).build();
    let named = presented(&server, &[&world.ca.certificate])
        .expecting(PeerName::dns("host.example.test").unwrap());
    let verdict = validator.unwrap().validate(&named, now(), &NoFetcher);
    refused(verdict.map_err(|rejected| *rejected.error()))
}

fn self_signed() -> Made {
    Authority::self_signed(Template::client("on its own")).certificate
}

fn unpinned(world: &World) -> (usize, Rule) {
    let another = Authority::self_signed(Template::client("pinned")).certificate;
    let validator = below(&[&world.root])
        .certificate_types(CertificateTypes::All)
        .pins([portcullis::Pin::certificate(&support::parsed(&another))])
        .build();
    refusal(&validator.unwrap(), &self_signed(), &[])
}

fn listed(template: Template) -> Template {
    template.with(points(&[DistributionPoint::url(
        "http://lists.example.test/ca.crl",
    )]))
}

/// What is said of a client by a list that has one thing wrong with it.
fn unknown(
    world: &World,
    template: Template,
    change: impl Fn(CrlTemplate) -> CrlTemplate,
) -> (usize, Rule) {
    let leaf = world.ca.issue(template);
    judged(
        &world.root,
        &leaf,
        &world.ca,
        change(CrlTemplate::by(&world.ca)),
    )
}

fn without_crl_sign(world: &World) -> (usize, Rule) {
    let ca = Template::ca("ca that signs no lists").with(key_usage(&[KEY_CERT_SIGN]));
    let ca = world.root.issue_ca(ca);
    let leaf = ca.issue(listed(Template::client("client of it")));
    judged(&world.root, &leaf, &ca, CrlTemplate::by(&ca))
}

fn judged(root: &Authority, leaf: &Made, ca: &Authority, list: CrlTemplate) -> (usize, Rule) {
    let inquiry = Inquiry::about(root, leaf, &[&ca.certificate]);
    // Whoever names no source has nobody who could be asked.
    let is_listed = leaf.der.windows(4).any(|octets| octets == b".crl");
    let lists = is_listed.then(|| list.der());
    let lists: Vec<Vec<u8>> = lists.into_iter().collect();
    let error = inquiry.given(&lists).error();
    (error.position, error.rule)
}

#[test]
fn each_leads_to_what_the_table_says() {
    use UnknownStatus::{NoSource, NotAuthoritative, Stale};
    let rules = made();
    let expected = |place: usize, what: &str| (place, what.to_owned());
    let shown: Vec<(usize, String)> = rules
        .iter()
        .map(|(place, rule)| (*place, name(rule)))
        .collect();
    assert_eq!(
        shown,
        [
            expected(0, "NoIssuer"),
            expected(1, "NoIssuer"),
            expected(2, "UntrustedRoot"),
            expected(1, "NotACa"),
            expected(1, "MayNotSignCertificates"),
            expected(2, "PathTooLong"),
            expected(0, "WrongUsage"),
            expected(1, "WrongUsage"),
            expected(0, "NameMismatch"),
            expected(0, "SelfSignedNotAllowed"),
            expected(0, "SelfSignedNotPinned"),
            expected(0, "Expired"),
            expected(0, "NotYetValid"),
            expected(0, "Algorithm"),
            expected(0, &name(&Rule::RevocationUnknown(NoSource))),
            expected(0, &name(&Rule::RevocationUnknown(Stale))),
            expected(0, &name(&Rule::RevocationUnknown(NotAuthoritative))),
            expected(0, &name(&Rule::RevocationUnknown(NotAuthoritative))),
        ]
    );
    let table = PAGE.split("# Mistakes").nth(1).unwrap();
    let mentioned = table.split("crate::").skip(1).filter_map(|rest| {
        let path = rest.split(')').next()?;
        path.strip_prefix("Rule::")
            .or(path.strip_prefix("UnknownStatus::"))
    });
    let mentioned: BTreeSet<&str> = mentioned.collect();
    let happened: BTreeSet<&str> = shown.iter().flat_map(|(_, name)| name.split(' ')).collect();
    assert_eq!(mentioned, happened);
}

/// The rule's name, and why a status is unknown.
fn name(rule: &Rule) -> String {
    match rule {
        Rule::RevocationUnknown(why) => format!("RevocationUnknown {why:?}"),
        other => {
            let text = format!("{other:?}");
            let end = text.find(|c: char| !c.is_alphanumeric());
            text.get(..end.unwrap_or(text.len()))
                .unwrap_or_default()
                .to_owned()
        }
    }
}

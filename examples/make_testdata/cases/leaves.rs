//! Usages and names of leaves.

use portcullis_testkit::certificate::Template;
use portcullis_testkit::extensions::{
    ANY_USAGE, CLIENT_AUTH, CODE_SIGNING, EXTENDED_KEY_USAGE, KEY_USAGE, SERVER_AUTH, alt_names,
    extended_key_usage,
};
use portcullis_testkit::names::{common_name, directory, dns, email, ip, registered_id, upn, uri};

use super::{World, leaf};
use crate::corpus::Corpus;

const V6: [u8; 16] = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2a];
const V4: [u8; 4] = [192, 0, 2, 42];

pub fn add(corpus: &mut Corpus, world: &World) {
    usages(corpus, world);
    other_usages(corpus, world);
    nested_usages(corpus, world);
    names(corpus, world);
    hosts_and_addresses(corpus, world);
    mailboxes(corpus, world);
}

/// The three usual leaves, each for both purposes.
fn usages(corpus: &mut Corpus, world: &World) {
    let leaf = |id: &str, usages: &[&str]| leaf(id).with(extended_key_usage(usages));
    let case = |id: &str, title: &str, template: &Template, purpose: &'static str| {
        world.client(id, title, template.clone()).purpose(purpose)
    };
    let (as_client, as_server) = ("client-auth", "server-auth");
    let client = leaf("leaf-client", &[CLIENT_AUTH]);
    let server = leaf("leaf-server", &[SERVER_AUTH]);
    let both = leaf("leaf-both", &[SERVER_AUTH, CLIENT_AUTH]);
    corpus.valid(case(
        "leaf-client",
        "A client's certificate for a client",
        &client,
        as_client,
    ));
    corpus.invalid(case(
        "leaf-client-as-server",
        "A client's certificate for a server",
        &client,
        as_server,
    ));
    corpus.valid(case(
        "leaf-server",
        "A server's certificate for a server",
        &server,
        as_server,
    ));
    corpus.invalid(case(
        "leaf-server-as-client",
        "A server's certificate for a client",
        &server,
        as_client,
    ));
    corpus.valid(case(
        "leaf-both",
        "A certificate of both usages for a client",
        &both,
        as_client,
    ));
    corpus.valid(case(
        "leaf-both-as-server",
        "A certificate of both usages for a server",
        &both,
        as_server,
    ));
}

fn other_usages(corpus: &mut Corpus, world: &World) {
    let case = |id: &str, title: &str, usages: &[&str]| {
        world.direct(id, title, leaf(id).with(extended_key_usage(usages)))
    };
    let any = case(
        "leaf-any-eku",
        "anyExtendedKeyUsage, for any purpose",
        &[ANY_USAGE],
    );
    corpus.valid(any.purpose("any"));
    let title = "codeSigning only, for a client";
    corpus.invalid(case("leaf-code-signing", title, &[CODE_SIGNING]));
    let title = "An empty extended key usage";
    corpus.invalid(case("leaf-empty-eku", title, &[]));

    let id = "leaf-no-eku";
    let template = leaf(id).without(EXTENDED_KEY_USAGE);
    corpus.valid(world.direct(id, "No extended key usage, which allows any", template));
    let id = "leaf-bare";
    let template = leaf(id).without(EXTENDED_KEY_USAGE).without(KEY_USAGE);
    corpus.valid(world.direct(id, "Neither key usage nor extended key usage", template));
}

fn nested_usages(corpus: &mut Corpus, world: &World) {
    let with = |id: &str, usages: &[&str]| super::intermediate(id).with(extended_key_usage(usages));
    let case = |id: &str, title: &str, usages: &[&str]| world.below(id, title, with(id, usages));
    let (title, both) = (
        "An intermediate for servers and clients",
        [SERVER_AUTH, CLIENT_AUTH],
    );
    corpus.valid(case("eku-intermediate-both", title, &both));
    let title = "An intermediate for servers only, above a client";
    corpus.invalid(case("eku-intermediate-server", title, &[SERVER_AUTH]));
}

/// Leaves that differ in their subjectAltName. No name is expected.
fn names(corpus: &mut Corpus, world: &World) {
    let person = common_name("directory name");
    let all = [
        dns("client.example.test"),
        email("client@example.test"),
        uri("spiffe://example.test/client"),
        ip(&V4),
        upn("client@example.test"),
        directory(&person),
        registered_id("1.3.6.1.4.1.32473.42"),
    ];
    for (id, title, names) in [
        (
            "san-uri-spiffe",
            "A SPIFFE ID",
            vec![uri("spiffe://example.test/client")],
        ),
        (
            "san-upn",
            "A user principal name",
            vec![upn("client@example.test")],
        ),
        (
            "san-directory",
            "A directory name",
            vec![directory(&person)],
        ),
        (
            "san-registered-id",
            "A registered identifier",
            vec![registered_id("1.3.6.1.4.1.32473.42")],
        ),
        ("san-all", "A name of each form", all.to_vec()),
        ("san-empty", "A subjectAltName without names", Vec::new()),
    ] {
        corpus.valid(world.direct(id, title, leaf(id).with(alt_names(&names))));
    }
    let many: Vec<Vec<u8>> = (0..12)
        .map(|n| dns(&format!("host-{n}.example.test")))
        .collect();
    let case = world.direct(
        "san-many",
        "A subjectAltName of 12 names",
        leaf("san-many").with(alt_names(&many)),
    );
    corpus.valid(case.peer("dns", "host-11.example.test"));
}

/// A server with one name. Cases are (id, title, expected name, whether it matches).
fn asked(
    corpus: &mut Corpus,
    world: &World,
    kind: &'static str,
    name: Vec<u8>,
    questions: &[(&str, &str, &str, bool)],
) {
    let Some((first, ..)) = questions.first() else {
        return;
    };
    let usages = extended_key_usage(&[SERVER_AUTH]);
    let template = leaf(first).with(usages).with(alt_names(&[name]));
    for (id, title, peer, matches) in questions {
        let case = world.direct(id, title, template.clone());
        let case = case.purpose("server-auth").peer(kind, peer);
        corpus.add(case, *matches);
    }
}

fn hosts_and_addresses(corpus: &mut Corpus, world: &World) {
    let host = dns("HOST.example.test");
    let questions = [
        (
            "san-dns",
            "The host in another case of letters",
            "host.example.test",
            true,
        ),
        ("san-dns-other", "Another host", "other.example.test", false),
    ];
    asked(corpus, world, "dns", host, &questions);
    let questions = [
        ("san-wildcard", "A wildcard", "host.example.test", true),
        (
            "san-wildcard-apex",
            "The domain below which a wildcard stands",
            "example.test",
            false,
        ),
        (
            "san-wildcard-deep",
            "A host two labels below the domain of a wildcard",
            "a.b.example.test",
            false,
        ),
    ];
    asked(corpus, world, "dns", dns("*.example.test"), &questions);
    let questions = [
        ("san-ipv4", "An IPv4 address", "192.0.2.42", true),
        (
            "san-ipv4-other",
            "Another IPv4 address",
            "192.0.2.43",
            false,
        ),
    ];
    asked(corpus, world, "ip", ip(&V4), &questions);
    let questions = [
        ("san-ipv6", "An IPv6 address", "2001:db8::2a", true),
        (
            "san-ipv6-other",
            "Another IPv6 address",
            "2001:db8::2b",
            false,
        ),
    ];
    asked(corpus, world, "ip", ip(&V6), &questions);

    let id = "san-none";
    let template = leaf(id)
        .with(extended_key_usage(&[SERVER_AUTH]))
        .subject(common_name("host.example.test"));
    let case = world.direct(id, "The host in the common name only", template);
    corpus.invalid(case.purpose("server-auth").peer("dns", "host.example.test"));
}

fn mailboxes(corpus: &mut Corpus, world: &World) {
    let template = leaf("san-email").with(alt_names(&[email("client@example.test")]));
    for (id, title, mailbox, matches) in [
        ("san-email", "A mailbox", "client@example.test", true),
        (
            "san-email-other",
            "Another mailbox",
            "other@example.test",
            false,
        ),
    ] {
        let case = world.direct(id, title, template.clone());
        corpus.add(case.peer("rfc822", mailbox), matches);
    }
}

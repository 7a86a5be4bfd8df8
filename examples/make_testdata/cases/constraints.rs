//! Name constraints (RFC 5280 section 4.2.1.10), one function for each form of name.

use portcullis_testkit::certificate::{Authority, Template};
use portcullis_testkit::der::{concat, constructed, primitive, sequence, utf8};
use portcullis_testkit::extensions::{Extension, NAME_CONSTRAINTS, alt_names, name_constraints};
use portcullis_testkit::names::{
    COMMON_NAME, ORGANIZATION, ORGANIZATIONAL_UNIT, attribute, directory, dns, email, ip, name,
    name_of, registered_id, subject_email, upn, uri,
};

use super::{OUR_ORGANIZATION, World, intermediate, leaf, root};
use crate::corpus::{Case, Corpus};

type Names<'a> = &'a [Vec<u8>];

/// Clients with names, below intermediates with constraints. Clients under equal constraints share
/// an intermediate.
struct Trial<'a> {
    corpus: &'a mut Corpus,
    world: &'a World,
    intermediates: Vec<(Vec<u8>, Authority)>,
}

impl Trial<'_> {
    fn valid(&mut self, id: &str, title: &str, permitted: Names, excluded: Names, names: Names) {
        let case = self.case(id, title, name_constraints(permitted, excluded), names);
        self.corpus.valid(case);
    }

    fn invalid(&mut self, id: &str, title: &str, permitted: Names, excluded: Names, names: Names) {
        let case = self.case(id, title, name_constraints(permitted, excluded), names);
        self.corpus.invalid(case);
    }

    fn case(&mut self, id: &str, title: &str, constraints: Extension, names: Names) -> Case {
        let ca = self.intermediate(constraints);
        let client = ca.issue(leaf(id).with(alt_names(names)));
        let case = Case::new(id, title, &client).via(&[&ca.certificate]);
        case.under(&[&self.world.root.certificate])
    }

    fn intermediate(&mut self, constraints: Extension) -> Authority {
        let known = self
            .intermediates
            .iter()
            .find(|(value, _)| *value == constraints.value);
        if let Some((_, ca)) = known {
            return ca.clone();
        }
        let label = format!("nc/intermediate-{}", self.intermediates.len() + 1);
        let value = constraints.value.clone();
        let ca = self
            .world
            .root
            .issue_ca(Template::ca(&label).with(constraints));
        self.intermediates.push((value, ca.clone()));
        ca
    }
}

pub fn add(corpus: &mut Corpus, world: &World) {
    let mut trial = Trial {
        corpus,
        world,
        intermediates: Vec::new(),
    };
    hosts(&mut trial);
    wildcards(&mut trial);
    mailboxes(&mut trial);
    uris(&mut trial);
    addresses(&mut trial);
    other_forms(&mut trial);
    directories(corpus, world);
    subject_mailbox(corpus, world);
    shapes(corpus, world);
}

fn hosts(trial: &mut Trial) {
    let zone = [dns("example.test")];
    let inside = [dns("host.example.test")];
    let outside = [dns("host.example.org")];
    trial.valid("nc-dns-permitted", "A host inside", &zone, &[], &inside);
    trial.valid(
        "nc-dns-permitted-itself",
        "The constraint itself",
        &zone,
        &[],
        &zone,
    );
    trial.invalid("nc-dns-outside", "A host outside", &zone, &[], &outside);
    trial.invalid(
        "nc-dns-suffix",
        "A host that ends with the constraint in the middle of a label",
        &zone,
        &[],
        &[dns("badexample.test")],
    );
    trial.invalid(
        "nc-dns-second-outside",
        "One host inside, one outside",
        &zone,
        &[],
        &[inside[0].clone(), outside[0].clone()],
    );
    trial.invalid("nc-dns-excluded", "An excluded host", &[], &zone, &inside);
    trial.valid(
        "nc-dns-excluded-missed",
        "A host that is not excluded",
        &[],
        &zone,
        &outside,
    );
    let hole = [dns("host.example.test")];
    trial.invalid(
        "nc-dns-permitted-and-excluded",
        "A host that is permitted and excluded",
        &zone,
        &hole,
        &inside,
    );
    trial.valid(
        "nc-dns-other-form",
        "A DNS constraint above a mailbox",
        &zone,
        &[],
        &[email("client@example.org")],
    );
}

/// A permitted subtree must contain all names that a wildcard stands for. An excluded one must
/// contain none of them.
fn wildcards(trial: &mut Trial) {
    let wildcard = [dns("*.example.test")];
    let host = [dns("host.example.test")];
    trial.valid(
        "nc-wildcard-permitted",
        "A wildcard inside",
        &[dns("example.test")],
        &[],
        &wildcard,
    );
    trial.invalid(
        "nc-wildcard-outgrows",
        "A wildcard that covers more than what is permitted",
        &host,
        &[],
        &wildcard,
    );
    trial.invalid(
        "nc-wildcard-excluded",
        "A wildcard that covers an excluded host",
        &[],
        &host,
        &wildcard,
    );
    trial.valid(
        "nc-wildcard-excluded-missed",
        "A wildcard that covers no excluded host",
        &[],
        &[dns("host.example.org")],
        &wildcard,
    );
}

fn mailboxes(trial: &mut Trial) {
    let host = [email("example.test")];
    let domain = [email(".example.test")];
    let two = [email("same@a.example.test"), email("same@b.example.test")];
    let inside = [email("client@example.test")];
    let deeper = [email("client@mail.example.test")];
    trial.valid(
        "nc-email-host",
        "A mailbox on the host",
        &host,
        &[],
        &inside,
    );
    trial.invalid(
        "nc-email-host-outside",
        "A mailbox on a host below",
        &host,
        &[],
        &deeper,
    );
    trial.valid(
        "nc-email-domain",
        "A mailbox in the domain",
        &domain,
        &[],
        &deeper,
    );
    trial.invalid(
        "nc-email-domain-outside",
        "A mailbox on the domain's own host",
        &domain,
        &[],
        &inside,
    );
    trial.valid(
        "nc-email-mailbox",
        "The mailbox itself",
        &inside,
        &[],
        &inside,
    );
    trial.invalid(
        "nc-email-mailbox-outside",
        "Another mailbox",
        &inside,
        &[],
        &[email("other@example.test")],
    );
    trial.valid(
        "nc-email-equal-local-parts",
        "The second of two mailboxes of one local part",
        &two,
        &[],
        &[two[1].clone()],
    );
    trial.invalid(
        "nc-email-excluded",
        "An excluded mailbox",
        &[],
        &host,
        &inside,
    );
}

fn uris(trial: &mut Trial) {
    let host = [uri("example.test")];
    let domain = [uri(".example.test")];
    let on_host = [uri("https://example.test/client")];
    let below = [uri("https://a.example.test/client")];
    let spiffe = [uri("spiffe://example.test/client")];
    trial.valid("nc-uri-host", "A URI on the host", &host, &[], &on_host);
    trial.invalid(
        "nc-uri-host-outside",
        "A URI on a host below",
        &host,
        &[],
        &below,
    );
    trial.valid("nc-uri-domain", "A URI in the domain", &domain, &[], &below);
    trial.invalid(
        "nc-uri-domain-outside",
        "A URI on the domain's own host",
        &domain,
        &[],
        &on_host,
    );
    trial.valid(
        "nc-uri-spiffe",
        "A SPIFFE identity of the trust domain",
        &host,
        &[],
        &spiffe,
    );
    trial.invalid("nc-uri-excluded", "An excluded URI", &[], &host, &spiffe);
    trial.invalid(
        "nc-uri-without-host",
        "A URI without a host under a constraint",
        &host,
        &[],
        &[uri("urn:example:client")],
    );
}

fn addresses(trial: &mut Trial) {
    let v4 = [ip(&[192, 0, 2, 0, 255, 255, 255, 0])];
    let inside = [ip(&[192, 0, 2, 42])];
    let outside = [ip(&[198, 51, 100, 42])];
    trial.valid(
        "nc-ipv4-permitted",
        "An IPv4 address inside",
        &v4,
        &[],
        &inside,
    );
    trial.invalid(
        "nc-ipv4-outside",
        "An IPv4 address outside",
        &v4,
        &[],
        &outside,
    );
    trial.invalid(
        "nc-ipv4-excluded",
        "An excluded IPv4 address",
        &[],
        &v4,
        &inside,
    );

    let prefix = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0];
    let other = [0x20, 1, 0x0d, 0xb9, 0, 0, 0, 0];
    let v6 = [ip(&concat(&[&prefix[..], &[0; 8], &[0xff; 8], &[0; 8]]))];
    let inside = [ip(&concat(&[prefix, [0, 0, 0, 0, 0, 0, 0, 0x2a]]))];
    let outside = [ip(&concat(&[other, [0, 0, 0, 0, 0, 0, 0, 0x2a]]))];
    trial.valid(
        "nc-ipv6-permitted",
        "An IPv6 address inside",
        &v6,
        &[],
        &inside,
    );
    trial.invalid(
        "nc-ipv6-outside",
        "An IPv6 address outside",
        &v6,
        &[],
        &outside,
    );
    trial.invalid(
        "nc-ipv6-excluded",
        "An excluded IPv6 address",
        &[],
        &v6,
        &inside,
    );
    trial.invalid(
        "nc-ip-bad-length",
        "An IP constraint of 5 octets",
        &[ip(&[192, 0, 2, 0, 255])],
        &[],
        &[ip(&[192, 0, 2, 42])],
    );
}

/// Forms of names for which RFC 5280 has no rules: a constraint on such a form fails if the leaf
/// has a name of this form, and has no effect otherwise.
fn other_forms(trial: &mut Trial) {
    let user = [upn("client@example.test")];
    let domain = [upn("@example.test")];
    let host = [dns("host.example.test")];
    trial.invalid(
        "nc-upn-outside",
        "A UPN outside",
        &[upn("@example.org")],
        &[],
        &user,
    );
    trial.invalid("nc-upn-excluded", "An excluded UPN", &[], &user, &user);
    trial.valid(
        "nc-upn-idle",
        "A UPN constraint above a host",
        &domain,
        &[],
        &host,
    );

    let arc = [registered_id("1.3.6.1.4.1.32473")];
    let below = [registered_id("1.3.6.1.4.1.32473.42")];
    let other = [registered_id("1.3.6.1.4.1.32474")];
    trial.invalid(
        "nc-registered-id-outside",
        "A registered identifier outside",
        &arc,
        &[],
        &other,
    );
    trial.invalid(
        "nc-registered-id-excluded",
        "An excluded registered identifier",
        &[],
        &below,
        &below,
    );
    trial.valid(
        "nc-registered-id-idle",
        "A registered identifier constraint above a host",
        &arc,
        &[],
        &host,
    );
}

fn directories(corpus: &mut Corpus, world: &World) {
    let unit = |unit: &str| {
        name(&[
            (ORGANIZATION, OUR_ORGANIZATION),
            (ORGANIZATIONAL_UNIT, unit),
        ])
    };
    let person = |unit: &str| {
        name(&[
            (ORGANIZATION, OUR_ORGANIZATION),
            (ORGANIZATIONAL_UNIT, unit),
            (COMMON_NAME, "client"),
        ])
    };
    let clients = [directory(&unit("Clients"))];
    let permitted = name_constraints(&clients, &[]);
    let excluded = name_constraints(&[], &clients);
    let case = |id: &str, title: &str, constraints: &Extension, subject: &[u8]| {
        let ca = intermediate(id).with(constraints.clone());
        world.below_with(id, title, ca, leaf(id).subject(subject.to_vec()))
    };
    let (inside, outside) = (person("Clients"), person("Servers"));
    corpus.valid(case(
        "nc-directory-permitted",
        "A subject inside",
        &permitted,
        &inside,
    ));
    corpus.valid(case(
        "nc-directory-case",
        "A subject inside, in capitals",
        &permitted,
        &person("CLIENTS"),
    ));
    corpus.invalid(case(
        "nc-directory-outside",
        "A subject outside",
        &permitted,
        &outside,
    ));
    corpus.invalid(case(
        "nc-directory-excluded",
        "An excluded subject",
        &excluded,
        &inside,
    ));
    corpus.valid(case(
        "nc-directory-excluded-missed",
        "A subject that is not excluded",
        &excluded,
        &outside,
    ));

    let id = "nc-directory-san-outside";
    let ca = intermediate(id).with(permitted.clone());
    let client = leaf(id)
        .subject(inside)
        .with(alt_names(&[directory(&outside)]));
    corpus.invalid(world.below_with(id, "A subject inside, a directory name outside", ca, client));
}

/// The mailbox in a subject is constrained if no subjectAltName has a mailbox.
fn subject_mailbox(corpus: &mut Corpus, world: &World) {
    for (id, title, mailbox, valid) in [
        (
            "nc-subject-email",
            "A subject's mailbox inside",
            "client@example.test",
            true,
        ),
        (
            "nc-subject-email-outside",
            "A subject's mailbox outside",
            "client@example.org",
            false,
        ),
    ] {
        let subject = name_of(vec![
            vec![attribute(ORGANIZATION, utf8(OUR_ORGANIZATION))],
            vec![subject_email(mailbox)],
        ]);
        let ca = intermediate(id).with(name_constraints(&[email("example.test")], &[]));
        let case = world.below_with(id, title, ca, leaf(id).subject(subject));
        corpus.add(case, valid);
    }
}

fn shapes(corpus: &mut Corpus, world: &World) {
    let inside = || alt_names(&[dns("host.example.test")]);
    let outside = || alt_names(&[dns("host.example.org")]);
    let zone = name_constraints(&[dns("example.test")], &[]);

    let id = "nc-root";
    let template = root(id).with(zone.clone());
    corpus.valid(world.rooted_with(
        id,
        "A root's constraint, a host inside",
        template,
        leaf(id).with(inside()),
    ));
    let id = "nc-root-outside";
    let template = root(id).with(zone);
    corpus.invalid(world.rooted_with(
        id,
        "A root's constraint, a host outside",
        template,
        leaf(id).with(outside()),
    ));

    // A GeneralSubtree with `minimum 1`, which RFC 5280 does not allow.
    let id = "nc-minimum";
    let subtree = sequence(&[dns("example.test"), primitive(0, &[1])]);
    let constraints =
        Extension::new(NAME_CONSTRAINTS, sequence(&[constructed(0, &subtree)])).critical();
    let ca = intermediate(id).with(constraints);
    corpus.invalid(world.below_with(id, "A subtree with a minimum", ca, leaf(id).with(inside())));

    let id = "nc-empty-dns-name";
    let ca = intermediate(id).with(name_constraints(&[], &[dns("example.test")]));
    let client = leaf(id).with(alt_names(&[dns("")]));
    corpus.invalid(world.below_with(id, "An empty host under an exclusion", ca, client));
}

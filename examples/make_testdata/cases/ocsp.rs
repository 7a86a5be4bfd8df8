//! OCSP responses for leaf and intermediate; every certificate must be shown good.

use super::signatures::with_broken_signature;
use super::{World, leaf};
use crate::certificate::{Authority, Certificate, Template};
use crate::corpus::{Case, Corpus};
use crate::crl::Revocations;
use crate::extensions::{CLIENT_AUTH, extended_key_usage, unknown};
use crate::ocsp::{IssuerHash, Statements, Status, refusal};

/// The path of these cases, and the response by which its intermediate is good.
struct Path<'a> {
    root: &'a Authority,
    ca: Authority,
    client: Certificate,
    upper: Certificate,
}

impl Path<'_> {
    fn case(&self, id: &str, title: &str, responses: &[&Certificate]) -> Case {
        let case = Case::new(id, title, &self.client).via(&[&self.ca.certificate]);
        case.under(&[&self.root.certificate]).ocsp(responses)
    }

    /// The leaf's status by this response, the intermediate being good.
    fn lower(&self, id: &str, title: &str, response: &Certificate) -> Case {
        self.case(id, title, &[&self.upper, response])
    }

    /// What is said of the leaf, by whoever signs it.
    fn says(&self, label: &str, status: Status) -> Statements {
        Statements::new(label).about(&self.ca, &self.client, status)
    }
}

pub fn add(corpus: &mut Corpus, world: &World) {
    let root = &world.root;
    let ca = root.issue_ca(Template::ca("ocsp/intermediate"));
    let client = ca.issue(leaf("ocsp"));
    let upper = Statements::new("ocsp-root").about(root, &ca.certificate, Status::Good);
    let path = Path {
        upper: root.sign_ocsp(&upper),
        root,
        ca,
        client,
    };
    by_the_issuer(corpus, &path);
    forms(corpus, &path);
    dates(corpus, &path);
    delegated(corpus, &path);
    useless(corpus, &path, &world.intermediate);
}

fn by_the_issuer(corpus: &mut Corpus, path: &Path) {
    let sign = |label: &str, status: Status| path.ca.sign_ocsp(&path.says(label, status));
    let good = sign("ocsp-good", Status::Good);
    let revoked = sign("ocsp-revoked", Status::Revoked);
    let unknown = sign("ocsp-unknown", Status::Unknown);
    let upper_revoked = Statements::new("ocsp-root-revoked");
    let upper_revoked = upper_revoked.about(path.root, &path.ca.certificate, Status::Revoked);
    let upper_revoked = path.root.sign_ocsp(&upper_revoked);
    let list = path.root.sign_crl(&Revocations::new("ocsp-root-crl", &[]));

    corpus.valid(path.lower("ocsp-good", "Each issuer says that it is good", &good));
    corpus.invalid(path.lower("ocsp-revoked", "The leaf is revoked", &revoked));
    corpus.invalid(path.lower(
        "ocsp-unknown",
        "Its issuer does not know the leaf",
        &unknown,
    ));
    corpus.invalid(path.case(
        "ocsp-revoked-intermediate",
        "The intermediate is revoked",
        &[&upper_revoked, &good],
    ));
    corpus.invalid(path.case("ocsp-missing", "No response about the leaf", &[&path.upper]));
    let case = path.case(
        "ocsp-and-crl",
        "A list for the intermediate, a response for the leaf",
        &[&good],
    );
    corpus.valid(case.crls(&[&list]));
}

fn forms(corpus: &mut Corpus, path: &Path) {
    let by_key = path.says("ocsp-by-key", Status::Good).by_key();
    let by_key = path.ca.sign_ocsp(&by_key.hash(IssuerHash::Sha256));
    corpus.valid(path.lower(
        "ocsp-by-key",
        "The responder is named by its key, the issuer by SHA-256",
        &by_key,
    ));

    let bystander = path.ca.issue(leaf("ocsp-bystander"));
    let several = |label: &str, first: Status, second: Status| {
        let statements = Statements::new(label).about(&path.ca, &bystander, first);
        path.ca
            .sign_ocsp(&statements.about(&path.ca, &path.client, second))
    };
    let good = several("ocsp-second", Status::Revoked, Status::Good);
    corpus.valid(path.lower(
        "ocsp-second",
        "The second statement is about the leaf; the first revokes a bystander",
        &good,
    ));
    let revoked = several("ocsp-second-revoked", Status::Good, Status::Revoked);
    corpus.invalid(path.lower(
        "ocsp-second-revoked",
        "The second statement is about the leaf; the first says that a bystander is good",
        &revoked,
    ));
}

fn dates(corpus: &mut Corpus, path: &Path) {
    let stale = path.says("ocsp-stale", Status::Good);
    let stale = stale.issued("20251201000000Z", "20251208000000Z");
    corpus.invalid(path.lower(
        "ocsp-stale",
        "The leaf's response is past its nextUpdate",
        &path.ca.sign_ocsp(&stale),
    ));
    let early = path.says("ocsp-early", Status::Good);
    let early = early.issued("20260201000000Z", "20260208000000Z");
    corpus.invalid(path.lower(
        "ocsp-early",
        "The leaf's response is before its thisUpdate",
        &path.ca.sign_ocsp(&early),
    ));
}

fn delegated(corpus: &mut Corpus, path: &Path) {
    let template = |id: &str| Template::responder(&format!("{id}/responder"));
    let says = |id: &str, responder: &Authority, status: Status| {
        let statements = path.says(id, status).sending(&responder.certificate);
        responder.sign_ocsp(&statements)
    };

    let id = "ocsp-delegated";
    let responder = path.ca.issue_ca(template(id));
    let good = says(id, &responder, Status::Good);
    corpus.valid(path.lower(id, "By a responder that the issuer delegated to", &good));
    let id = "ocsp-delegated-revoked";
    let revoked = says(id, &responder, Status::Revoked);
    corpus.invalid(path.lower(id, "A delegated responder revokes the leaf", &revoked));
    let id = "ocsp-delegated-unsent";
    let unsent = responder.sign_ocsp(&path.says(id, Status::Good));
    corpus.invalid(path.lower(id, "The responder's certificate is not sent along", &unsent));

    let id = "ocsp-delegated-no-usage";
    let usage = extended_key_usage(&[CLIENT_AUTH]);
    let responder = path.ca.issue_ca(template(id).with(usage));
    let response = says(id, &responder, Status::Good);
    let title = "The responder's certificate is not for OCSP signing";
    corpus.invalid(path.lower(id, title, &response));

    let id = "ocsp-delegated-expired";
    let expired = template(id).valid("20240101000000Z", "20251231235959Z");
    let responder = path.ca.issue_ca(expired);
    let response = says(id, &responder, Status::Good);
    corpus.invalid(path.lower(id, "The responder's certificate has expired", &response));

    let id = "ocsp-delegated-by-root";
    let responder = path.root.issue_ca(template(id));
    let response = says(id, &responder, Status::Good);
    let title = "The issuer's issuer delegated, not the issuer of the leaf";
    corpus.invalid(path.lower(id, title, &response));
}

/// Responses that say nothing about the leaf, or that nobody is bound by.
fn useless(corpus: &mut Corpus, path: &Path, neighbour: &Authority) {
    let id = "ocsp-other-issuer";
    let statements = Statements::new(id).about(neighbour, &path.client, Status::Good);
    let response = path.ca.sign_ocsp(&statements);
    let title = "Good is a certificate of another issuer with this serial number";
    corpus.invalid(path.lower(id, title, &response));

    let id = "ocsp-stranger";
    let response = neighbour.sign_ocsp(&path.says(id, Status::Good));
    corpus.invalid(path.lower(id, "Signed by an authority of no concern", &response));

    let id = "ocsp-critical";
    let statements = path.says(id, Status::Good);
    let response = path.ca.sign_ocsp(&statements.with(unknown().critical()));
    let title = "An unknown critical extension in the response";
    corpus.invalid(path.lower(id, title, &response));

    let broken = path.ca.sign_ocsp(&path.says("ocsp-broken", Status::Good));
    let broken = with_broken_signature(broken);
    corpus.invalid(path.lower("ocsp-broken", "A bit of the signature is wrong", &broken));
    let good = path.ca.sign_ocsp(&path.says("ocsp-good", Status::Good));
    corpus.valid(path.case(
        "ocsp-broken-and-good",
        "A broken response beside a good one",
        &[&path.upper, &broken, &good],
    ));

    let later = refusal("ocsp-try-later", 3);
    corpus.invalid(path.lower("ocsp-try-later", "The responder asks to come again", &later));
}

//! OCSP responses for leaf and intermediate. Both must be shown to be good.

use portcullis_testkit::extensions::{CLIENT_AUTH, extended_key_usage, unknown};
use portcullis_testkit::ocsp::{CertStatus, SingleResponse, ocsp_error};
use portcullis_testkit::tamper::with_broken_signature;
use portcullis_testkit::{Authority, Made, ResponseTemplate, Template};

use super::{World, crl, leaf};
use crate::corpus::{Case, Corpus};

/// The path of these cases, and a response that says that its intermediate is good.
struct Path<'a> {
    root: &'a Authority,
    ca: Authority,
    client: Made,
    upper: Made,
}

impl Path<'_> {
    fn case(&self, id: &str, title: &str, responses: &[&Made]) -> Case {
        let case = Case::new(id, title, &self.client).via(&[&self.ca.certificate]);
        case.under(&[&self.root.certificate]).ocsp(responses)
    }

    /// A case with this response about the leaf, and a good one about the intermediate.
    fn lower(&self, id: &str, title: &str, response: &Made) -> Case {
        self.case(id, title, &[&self.upper, response])
    }

    /// A statement about the leaf.
    fn says(&self, status: CertStatus) -> SingleResponse {
        SingleResponse::about(&self.ca, &self.client, status)
    }
}

/// A response by the issuer itself about one certificate.
fn response(issuer: &Authority, of: &Made, status: CertStatus) -> ResponseTemplate {
    by(issuer, SingleResponse::about(issuer, of, status))
}

/// A response by a responder.
fn by(responder: &Authority, single: SingleResponse) -> ResponseTemplate {
    ResponseTemplate::by(responder).single(single)
}

pub fn add(corpus: &mut Corpus, world: &World) {
    let root = &world.root;
    let ca = root.issue_ca(Template::ca("ocsp/intermediate"));
    let client = ca.issue(leaf("ocsp"));
    let path = Path {
        upper: response(root, &ca.certificate, CertStatus::Good).made("ocsp-root"),
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
    let sign = |label: &str, status| by(&path.ca, path.says(status)).made(label);
    let good = sign("ocsp-good", CertStatus::Good);
    let revoked = sign("ocsp-revoked", CertStatus::Revoked);
    let unknown = sign("ocsp-unknown", CertStatus::Unknown);
    let upper_revoked = response(path.root, &path.ca.certificate, CertStatus::Revoked);
    let upper_revoked = upper_revoked.made("ocsp-root-revoked");
    let list = crl(path.root, &[]).made("ocsp-root-crl");

    corpus.valid(path.lower(
        "ocsp-good",
        "Each issuer says that its certificate is good",
        &good,
    ));
    corpus.invalid(path.lower("ocsp-revoked", "The leaf is revoked", &revoked));
    corpus.invalid(path.lower(
        "ocsp-unknown",
        "The issuer does not know the leaf",
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
        "A CRL about the intermediate, a response about the leaf",
        &[&good],
    );
    corpus.valid(case.crls(&[&list]));
}

fn forms(corpus: &mut Corpus, path: &Path) {
    let by_key = by(&path.ca, path.says(CertStatus::Good).sha256()).by_key();
    let by_key = by_key.made("ocsp-by-key");
    corpus.valid(path.lower(
        "ocsp-by-key",
        "The responder is named by its key, the issuer by SHA-256",
        &by_key,
    ));

    let bystander = path.ca.issue(leaf("ocsp-bystander"));
    let several = |label: &str, first, second| {
        let first = response(&path.ca, &bystander, first);
        first.single(path.says(second)).made(label)
    };
    let good = several("ocsp-second", CertStatus::Revoked, CertStatus::Good);
    corpus.valid(path.lower(
        "ocsp-second",
        "The second statement is about the leaf; the first revokes a bystander",
        &good,
    ));
    let revoked = several("ocsp-second-revoked", CertStatus::Good, CertStatus::Revoked);
    corpus.invalid(path.lower(
        "ocsp-second-revoked",
        "The second statement is about the leaf; the first says that a bystander is good",
        &revoked,
    ));
}

fn dates(corpus: &mut Corpus, path: &Path) {
    let good = |label: &str, this: &str, next: &str| {
        let single = path.says(CertStatus::Good).issued(this, Some(next));
        by(&path.ca, single).produced_at(this).made(label)
    };
    corpus.invalid(path.lower(
        "ocsp-stale",
        "The leaf's response is past its nextUpdate",
        &good("ocsp-stale", "20251201000000Z", "20251208000000Z"),
    ));
    corpus.invalid(path.lower(
        "ocsp-early",
        "The leaf's response is before its thisUpdate",
        &good("ocsp-early", "20260201000000Z", "20260208000000Z"),
    ));
}

fn delegated(corpus: &mut Corpus, path: &Path) {
    let template = |id: &str| Template::responder(&format!("{id}/responder"));
    let says = |id: &str, responder: &Authority, status| {
        let response = by(responder, path.says(status));
        response.sending(&responder.certificate).made(id)
    };

    let id = "ocsp-delegated";
    let responder = path.ca.issue_ca(template(id));
    let good = says(id, &responder, CertStatus::Good);
    corpus.valid(path.lower(id, "Signed by a delegated responder", &good));
    let id = "ocsp-delegated-revoked";
    let revoked = says(id, &responder, CertStatus::Revoked);
    corpus.invalid(path.lower(id, "A delegated responder revokes the leaf", &revoked));
    let id = "ocsp-delegated-unsent";
    let unsent = by(&responder, path.says(CertStatus::Good)).made(id);
    corpus.invalid(path.lower(
        id,
        "The response does not contain the responder's certificate",
        &unsent,
    ));

    let id = "ocsp-delegated-no-usage";
    let usage = extended_key_usage(&[CLIENT_AUTH]);
    let responder = path.ca.issue_ca(template(id).with(usage));
    let response = says(id, &responder, CertStatus::Good);
    let title = "The responder's certificate is not for OCSP signing";
    corpus.invalid(path.lower(id, title, &response));

    let id = "ocsp-delegated-expired";
    let expired = template(id).valid("20240101000000Z", "20251231235959Z");
    let responder = path.ca.issue_ca(expired);
    let response = says(id, &responder, CertStatus::Good);
    corpus.invalid(path.lower(id, "The responder's certificate has expired", &response));

    let id = "ocsp-delegated-by-root";
    let responder = path.root.issue_ca(template(id));
    let response = says(id, &responder, CertStatus::Good);
    let title = "A responder that the root delegated to, not the issuer of the leaf";
    corpus.invalid(path.lower(id, title, &response));
}

/// Responses that are not about the leaf, or must not be used.
fn useless(corpus: &mut Corpus, path: &Path, neighbour: &Authority) {
    let id = "ocsp-other-issuer";
    let single = SingleResponse::about(neighbour, &path.client, CertStatus::Good);
    let response = by(&path.ca, single).made(id);
    let title = "About the certificate of another issuer with the same serial number";
    corpus.invalid(path.lower(id, title, &response));

    let id = "ocsp-stranger";
    let response = by(neighbour, path.says(CertStatus::Good)).made(id);
    corpus.invalid(path.lower(id, "Signed by a CA that is not on the path", &response));

    let id = "ocsp-critical";
    let response = by(&path.ca, path.says(CertStatus::Good)).with(unknown().critical());
    let title = "An unknown critical extension in the response";
    corpus.invalid(path.lower(id, title, &response.made(id)));

    let good = by(&path.ca, path.says(CertStatus::Good));
    let broken = with_broken_signature(&good.made("ocsp-broken"));
    corpus.invalid(path.lower("ocsp-broken", "A bit of the signature is wrong", &broken));
    corpus.valid(path.case(
        "ocsp-broken-and-good",
        "A broken response beside a good one",
        &[&path.upper, &broken, &good.made("ocsp-good")],
    ));

    let later = Made {
        label: "ocsp-try-later".into(),
        der: ocsp_error(3),
    };
    corpus.invalid(path.lower("ocsp-try-later", "The responder answers tryLater", &later));
}

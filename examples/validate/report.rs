//! The report for programs, one JSON object.

use portcullis::certificate::{CertificateError, SubjectPublicKeyInfo};
use portcullis::revocation::{EvidenceKind, EvidenceUsed, RevocationStatus};
use portcullis::{
    Accepted, Certificate, ChainElement, ChainStatus, KeyIdMatch, Origin, Rejected, TriedPath,
    TrustAnchor, UnknownStatus, ValidPolicies, Violation,
};
use serde_json::{Value, json};

use crate::question::Question;
use crate::requests::Asked;
use crate::{advice, describe, tree};

/// The name of this format. It changes when a field changes its meaning or is removed.
const FORMAT: &str = "portcullis-validate/1";

/// The whole report, with a line end.
pub(crate) fn json(
    question: &Question,
    verdict: &Result<Accepted, Rejected>,
    requests: &[Asked],
) -> String {
    let outcome = match verdict {
        Ok(accepted) => accepted_json(accepted),
        Err(rejected) => rejected_json(rejected),
    };
    let report = json!({
        "format": FORMAT,
        "verdict": if verdict.is_ok() { "accepted" } else { "rejected" },
        "question": question_json(question),
        "leaf": certificate_json(question.presented.leaf()),
        "outcome": outcome,
        "requests": requests.iter().map(request_json).collect::<Vec<_>>(),
    });
    format!("{report:#}\n")
}

fn question_json(question: &Question) -> Value {
    let required = question.purpose.required().iter();
    let unreadable = question.presented.unreadable().iter();
    json!({
        "time": question.at.to_string(),
        "unix": question.at.unix(),
        "purposes": required.map(ToString::to_string).collect::<Vec<_>>(),
        "profile": tree::profile(question.profile),
        "names": question.names,
        "revocation": describe::mode(question.revocation.0),
        "revocation_flag": describe::flag(question.revocation.1),
        "presented": 1 + question.presented.certificates().len(),
        "unreadable": unreadable.map(unreadable_json).collect::<Vec<_>>(),
        "anchors": question.validator.store().anchors().len(),
        "notes": question.notes,
    })
}

/// A presented certificate that does not parse. The place of the leaf is 0.
fn unreadable_json((place, error): &(usize, CertificateError)) -> Value {
    json!({
        "place": place,
        "section": error.section(),
        "message": error.to_string(),
    })
}

fn accepted_json(accepted: &Accepted) -> Value {
    json!({
        "not_after": accepted.not_after().to_string(),
        "trusted_by": if accepted.anchor().is_some() { "anchor" } else { "pin" },
        "policies": policies_json(&accepted.policies()),
        "chain": chain_json(&accepted.chain()),
    })
}

/// `null` means any policy.
fn policies_json(policies: &ValidPolicies) -> Value {
    let list = |set: &Option<Vec<portcullis::ObjectIdentifier>>| {
        let set = set.as_ref()?;
        Some(set.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    json!({
        "authority_constrained": list(&policies.authority_constrained),
        "user_constrained": list(&policies.user_constrained),
    })
}

fn rejected_json(rejected: &Rejected) -> Value {
    json!({
        "error": violation_json(rejected.error()),
        "advice": advice::on(rejected),
        "violations": rejected.violations().iter().map(violation_json).collect::<Vec<_>>(),
        "chain": chain_json(rejected.chain()),
        "tried": rejected.tried().iter().map(tried_json).collect::<Vec<_>>(),
        "more_tried": rejected.more_tried(),
    })
}

fn violation_json(violation: &Violation) -> Value {
    json!({
        "position": violation.position,
        "rule": violation.rule.number(),
        "section": violation.rule.section(),
        "status": status_json(violation.rule.status()),
        "message": violation.rule.to_string(),
    })
}

fn status_json(status: ChainStatus) -> Value {
    json!({
        "value": status.bits(),
        "names": status.names().collect::<Vec<_>>(),
    })
}

fn chain_json(chain: &[ChainElement]) -> Value {
    chain.iter().enumerate().map(element_json).collect()
}

fn element_json((position, element): (usize, &ChainElement)) -> Value {
    json!({
        "position": position,
        "origin": origin(element.origin),
        "key_id_match": key_id(element.key_id),
        "status": status_json(element.status),
        "revocation": element.revocation.as_ref().map(revocation_json),
        "certificate": element.certificate.as_ref().map(certificate_json),
        "anchor": element.anchor.as_ref().map(anchor_json),
    })
}

/// The status is `null` for a certificate that was not checked.
fn revocation_json(status: &RevocationStatus) -> Value {
    match status {
        RevocationStatus::Good(used) => json!({
            "status": "good",
            "evidence": evidence_json(used),
        }),
        RevocationStatus::Revoked(revocation, used) => json!({
            "status": "revoked",
            "date": revocation.date.to_string(),
            "reason": revocation.reason.map(|reason| reason.to_string()),
            "evidence": evidence_json(used),
        }),
        RevocationStatus::Unknown(reason) => unknown_json(*reason),
        _ => json!({ "status": "unknown" }),
    }
}

fn unknown_json(reason: UnknownStatus) -> Value {
    json!({
        "status": "unknown",
        "reason": reason.number(),
        "message": reason.to_string(),
    })
}

/// An `until` of `null` means for ever.
fn evidence_json(used: &EvidenceUsed) -> Value {
    json!({
        "kind": match used.kind {
            EvidenceKind::Crl => "crl",
            EvidenceKind::Ocsp => "ocsp",
            EvidenceKind::StatusSource => "status-source",
            EvidenceKind::NoRevAvail => "no-rev-avail",
            EvidenceKind::ShortLife => "short-life",
            _ => "unknown",
        },
        "this_update": used.this_update.to_string(),
        "until": used.until.map(|until| until.to_string()),
    })
}

fn request_json(asked: &Asked) -> Value {
    json!({
        "kind": describe::request_kind(asked.kind),
        "url": asked.url,
        "bytes": asked.outcome.ok(),
        "failure": asked.outcome.err().map(|failure| failure.to_string()),
    })
}

const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Leaf => "leaf",
        Origin::Presented => "presented",
        Origin::Additional => "additional",
        Origin::Store => "store",
        Origin::Anchor => "anchor",
        _ => "unknown",
    }
}

const fn key_id(key_id: KeyIdMatch) -> &'static str {
    match key_id {
        KeyIdMatch::Same => "same",
        KeyIdMatch::Unknown => "unknown",
        KeyIdMatch::Different => "different",
        _ => "unrecognised",
    }
}

fn certificate_json(certificate: &Certificate) -> Value {
    let (sha1, sha256) = describe::thumbprints(certificate);
    json!({
        "subject": certificate.subject().rfc4514().to_string(),
        "issuer": certificate.issuer().rfc4514().to_string(),
        "serial": describe::hex(certificate.serial()),
        "not_before": certificate.not_before().to_string(),
        "not_after": certificate.not_after().to_string(),
        "key": key_json(certificate.spki_der()),
        "signature_algorithm": describe::signature(certificate.signature_algorithm().oid()),
        "names": describe::names(certificate),
        "subject_key_id": certificate.subject_key_id().map(describe::hex),
        "authority_key_id": certificate.authority_key_id().map(describe::hex),
        "sha1": sha1,
        "sha256": sha256,
        "pem": certificate.to_pem(),
    })
}

fn anchor_json(anchor: &TrustAnchor) -> Value {
    json!({
        "subject": anchor.subject().rfc4514().to_string(),
        "key": key_json(anchor.spki_der()),
    })
}

fn key_json(spki: &[u8]) -> Value {
    let key = SubjectPublicKeyInfo::from_der(spki).map(|spki| describe::Key::of(&spki));
    let key = key.ok();
    json!({
        "algorithm": key.as_ref().map(|key| &key.algorithm),
        "bits": key.as_ref().and_then(|key| key.bits),
        "curve": key.as_ref().and_then(|key| key.curve.as_ref()),
        "sha256": describe::key_hash(spki),
    })
}

fn tried_json(path: &TriedPath) -> Value {
    let short = |certificate: &Certificate| {
        json!({
            "subject": certificate.subject().rfc4514().to_string(),
            "sha256": describe::thumbprints(certificate).1,
        })
    };
    json!({
        "certificates": path.certificates.iter().map(short).collect::<Vec<_>>(),
        "anchor": path.anchor.as_ref().map(anchor_json),
        "violation": violation_json(&path.violation),
    })
}

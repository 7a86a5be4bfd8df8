//! What the OCSP responses at hand say of a certificate (RFC 6960 section 3.2).
//!
//! A statement counts if all fields of its CertID are those of the certificate, and the response is signed by the
//! certificate's own issuer, by a responder to whom that very issuer gave the right (OCSPSigning in a certificate
//! that it signed itself), or by one whom the caller trusts. Of several statements about a certificate one that says
//! revoked is enough. Revoked stands after nextUpdate; good does not.

use super::lists::is_current;
use super::{
    Inquiry, NOTHING, Setting, Tools, certificate_of, key_of, name_of, paid, unless_exhausted,
};
use crate::certificate::extensions::{ExtendedKeyUsage, KeyUsage};
use crate::certificate::{Certificate, ExtensionKind};
use crate::oid;
use crate::path::certificate::{CertificateCheck, Role};
use crate::path::fault::{FirstFault, Rule};
use crate::path::signatures::Signed;
use crate::path::{Revocation, UnknownStatus};
use crate::revocation::ocsp::{CertStatus, IssuerHashes, OcspResponse, SingleResponse};
use crate::revocation::policy::{NonceRule, RevocationPolicy};
use crate::revocation::status::{EvidenceKind, EvidenceUsed, Finding};

impl Inquiry {
    pub(super) fn by_responses(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        question: usize,
    ) -> Result<Finding, Rule> {
        let mut finding = Finding::Unknown(NOTHING);
        let asked = self.questions.get(question);
        let parties = asked.map(|question| (question.subject, question.issuer));
        let Some((subject, issuer)) = parties else {
            return Ok(finding);
        };
        let certificate = certificate_of(setting.world, subject);
        let key = key_of(setting.world, issuer);
        let (Some(certificate), Some(key)) = (certificate, key) else {
            return Ok(finding);
        };
        let hashes = IssuerHashes::new(&certificate.issuer(), &key);
        for place in 0..self.responses.len() {
            let Some(held) = self.responses.get(place) else {
                continue;
            };
            let response = held.response.clone();
            let (for_this, is_answer) = (held.asked_by.contains(&question), held.is_answer);
            let mut speaks = false;
            for single in response.singles_for(certificate.serial(), &hashes) {
                speaks = true;
                paid(tools.budget.spend_step())?;
                let nonce_holds = !is_answer || nonce_holds(setting, &response);
                let known = single.unknown_critical_extension.is_none()
                    && response.unknown_critical_extension().is_none();
                let counts = known
                    && nonce_holds
                    && self.is_authoritative(setting, tools, place, question)?;
                let said = if counts {
                    let said = statement(setting, &single);
                    if matches!(said, Finding::Good(_) | Finding::Revoked(..)) {
                        self.note_holding(place, question);
                    }
                    said
                } else {
                    Finding::Unknown(UnknownStatus::NotAuthoritative)
                };
                finding = finding.and(said);
            }
            if for_this && !speaks {
                finding = finding.and(Finding::Unknown(UnknownStatus::NotAuthoritative));
            }
        }
        Ok(finding)
    }

    fn note_holding(&mut self, response: usize, question: usize) {
        if let Some(held) = self.responses.get_mut(response)
            && !held.holds_for.contains(&question)
        {
            held.holds_for.push(question);
        }
    }

    /// May the signer of a response speak for a question, and did they sign it? Each pair is tried once.
    fn is_authoritative(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        response: usize,
        question: usize,
    ) -> Result<bool, Rule> {
        let mut tried = self.tried_responses.iter();
        if let Some((.., holds)) = tried.find(|(a, b, _)| (*a, *b) == (response, question)) {
            return Ok(*holds);
        }
        let Some(held) = self.responses.get(response) else {
            return Ok(false);
        };
        let held = held.response.clone();
        let holds = self.by_issuer(setting, tools, &held, question)?
            || self.by_delegate(setting, tools, &held, question)?
            || by_trusted_responder(setting, tools, &held)?;
        self.tried_responses.push((response, question, holds));
        Ok(holds)
    }

    fn by_issuer(
        &self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        response: &OcspResponse,
        question: usize,
    ) -> Result<bool, Rule> {
        let Some(question) = self.questions.get(question) else {
            return Ok(false);
        };
        let name = name_of(setting.world, question.issuer);
        let key = key_of(setting.world, question.issuer);
        let (Some(name), Some(key)) = (name, key) else {
            return Ok(false);
        };
        if !response.responder_id().matches(&name, &key) || !is_allowed(setting, response) {
            return Ok(false);
        }
        self.is_signed_by_issuer(setting, tools, question, &signed(response))
    }

    /// Did the key of the issuer sign this?
    fn is_signed_by_issuer(
        &self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        question: &super::Question,
        signed: &Signed<'_>,
    ) -> Result<bool, Rule> {
        let Some(path) = self.paths.get(question.at.path) else {
            return Ok(false);
        };
        let whole = (&path.certificates[..], path.anchor);
        let place = (question.at.place + 1).min(path.certificates.len());
        unless_exhausted(tools.signatures.verify_message(
            setting.world,
            whole,
            place,
            signed,
            tools.budget,
        ))
    }

    /// A responder that the issuer itself certified for the purpose (section 4.2.2.2, third case).
    fn by_delegate(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        response: &OcspResponse,
        question: usize,
    ) -> Result<bool, Rule> {
        for certificate in response.certificates() {
            let subject = certificate.subject();
            let names_it = response
                .responder_id()
                .matches(&subject, &certificate.public_key());
            if !names_it || !is_responder(setting, certificate) || !is_allowed(setting, response) {
                continue;
            }
            let no_check = certificate.extension(ExtensionKind::OcspNoCheck).is_some();
            if !no_check && setting.policy.require_no_check {
                continue;
            }
            let delegated = self.is_delegated(setting, tools, certificate, question)?;
            if !delegated || (!no_check && self.is_listed(certificate)) {
                continue;
            }
            if is_signed_by(setting, tools, certificate, response)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Did the issuer of the certificate in question issue this one too, with the same key?
    fn is_delegated(
        &self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        certificate: &Certificate,
        question: usize,
    ) -> Result<bool, Rule> {
        let Some(question) = self.questions.get(question) else {
            return Ok(false);
        };
        let name = name_of(setting.world, question.issuer);
        if !name.is_some_and(|name| certificate.issuer().matches(&name)) {
            return Ok(false);
        }
        let signed = Signed {
            algorithm: certificate.signature_algorithm(),
            message: certificate.tbs(),
            signature: certificate.signature(),
        };
        self.is_signed_by_issuer(setting, tools, question, &signed)
    }

    /// Does a list at hand whose signature has held name the certificate of a responder?
    fn is_listed(&self, certificate: &Certificate) -> bool {
        self.lists.iter().any(|held| {
            held.signed_by.is_some()
                && !held.list.is_delta()
                && held
                    .list
                    .find(certificate.serial(), certificate.issuer())
                    .is_some()
        })
    }
}

/// What is asked of a delegated responder's certificate beside its issuer: all that a leaf must satisfy, and the right.
fn is_responder(setting: Setting<'_, '_>, certificate: &Certificate) -> bool {
    let check = CertificateCheck {
        certificate,
        position: 0,
        role: Role::Leaf,
        at: setting.world.at,
        options: setting.signer,
        expected: &[],
        self_issued: None,
        signs_itself: &|| false,
    };
    let forgiven = setting.signer.forgiven;
    let usage = certificate.extension(ExtensionKind::ExtendedKeyUsage);
    let usage = usage.and_then(|value| ExtendedKeyUsage::from_der(value).ok());
    let may_sign = match certificate.extension(ExtensionKind::KeyUsage) {
        Some(value) => KeyUsage::from_der(value).is_ok_and(|usage| {
            usage.contains(KeyUsage::DIGITAL_SIGNATURE) || usage.contains(KeyUsage::NON_REPUDIATION)
        }),
        None => true,
    };
    may_sign
        && usage.is_some_and(|usage| usage.contains(&oid::OCSP_SIGNING))
        && check.run(&mut FirstFault(forgiven)).is_ok()
}

/// A responder whom the caller trusts (section 4.2.2.2, first case), within the period of its certificate.
fn by_trusted_responder(
    setting: Setting<'_, '_>,
    tools: &mut Tools<'_>,
    response: &OcspResponse,
) -> Result<bool, Rule> {
    if !is_allowed(setting, response) {
        return Ok(false);
    }
    let at = setting.world.at;
    for trusted in &setting.policy.trusted_responders {
        let in_period = trusted.not_before() <= at && at <= trusted.not_after();
        let id = response.responder_id();
        if in_period
            && id.matches(&trusted.subject(), &trusted.public_key())
            && is_signed_by(setting, tools, trusted, response)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_signed_by(
    setting: Setting<'_, '_>,
    tools: &mut Tools<'_>,
    responder: &Certificate,
    response: &OcspResponse,
) -> Result<bool, Rule> {
    let provider = setting.world.provider;
    let Ok(key) = provider.prepare(&responder.public_key(), None) else {
        return Ok(false);
    };
    paid(tools.budget.spend_signature())?;
    let signed = signed(response);
    let verified = key.verify(&signed.algorithm, signed.message, signed.signature);
    Ok(verified.is_ok())
}

/// Does the policy allow the algorithm of its signature?
fn is_allowed(setting: Setting<'_, '_>, response: &OcspResponse) -> bool {
    let algorithms = &setting.signer.algorithms;
    algorithms
        .check_signature(&response.signature_algorithm())
        .is_ok()
}

fn signed(response: &OcspResponse) -> Signed<'_> {
    Signed {
        algorithm: response.signature_algorithm(),
        message: response.tbs(),
        signature: response.signature(),
    }
}

/// A nonce that was sent and comes back is the same one (RFC 9654 section 2.1).
fn nonce_holds(setting: Setting<'_, '_>, response: &OcspResponse) -> bool {
    let Some(sent) = setting.nonce else {
        return true;
    };
    match (setting.policy.nonce, response.nonce()) {
        (NonceRule::Ignored, _) | (NonceRule::IfPresent, None) => true,
        (NonceRule::Required, None) => false,
        (_, Some(received)) => received == sent,
    }
}

fn statement(setting: Setting<'_, '_>, single: &SingleResponse<'_>) -> Finding {
    let (policy, at): (&RevocationPolicy, _) = (setting.policy, setting.world.at);
    if policy.is_early(single.this_update, at) {
        return Finding::Unknown(UnknownStatus::Stale);
    }
    let used = EvidenceUsed {
        kind: EvidenceKind::Ocsp,
        this_update: single.this_update,
        until: policy.valid_until(single.this_update, single.next_update),
    };
    let is_current = is_current(used.until, at);
    match single.status {
        CertStatus::Revoked { time, reason } if !policy.at_validation_time || time <= at => {
            Finding::Revoked(Revocation::new(time, reason), used)
        }
        CertStatus::Unknown if is_current => Finding::Unknown(UnknownStatus::UnknownToResponder),
        CertStatus::Good | CertStatus::Revoked { .. } if is_current => Finding::Good(used),
        _ => Finding::Unknown(UnknownStatus::Stale),
    }
}

//! What the OCSP responses at hand say about a certificate.
//!
//! For each response that is about it, the signer is looked for once; the judge says what the
//! statements of those who may speak come to.

use alloc::vec::Vec;

use super::cert_ref::{certificate_of, key_of, name_of};
use super::evidence::EvidenceResponse;
use super::numbered::Id;
use super::{
    Inquiry, NOTHING, Position, Question, Resources, RevocationInputs, paid, unless_exhausted,
};
use crate::certificate::{Certificate, SubjectPublicKeyInfo};
use crate::crypto::{Document, Fact};
use crate::path::UnknownStatus;
use crate::path::context::{Issuer, PoolId};
use crate::path::signatures::Signed;
use crate::path::violation::Rule;
use crate::revocation::judge::responder::{ResponseSigner, ResponseVerifier, Signatures};
use crate::revocation::judge::response::together;
use crate::revocation::ocsp::{IssuerHashes, OcspResponse};
use crate::revocation::policy::NonceRule;
use crate::revocation::status::Finding;
use crate::revocation::store::is_listed_in;

impl Inquiry {
    pub(super) fn by_responses(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        question: Id<Question>,
    ) -> Result<Finding, Rule> {
        let asked = self.questions.get(question);
        let parties = asked.and_then(|asked| {
            let certificate = certificate_of(inputs.context, asked.subject)?;
            Some((certificate, key_of(inputs.context, asked.issuer)?))
        });
        let Some((certificate, key)) = parties else {
            return Ok(Finding::Unknown(NOTHING));
        };
        let hashes = IssuerHashes::new(&certificate.issuer(), &key);
        let (mut lacking, mut said) = (NOTHING, Vec::new());
        for id in self.responses.ids() {
            let Some(held) = self.responses.get(id) else {
                continue;
            };
            let response = held.response.clone();
            let was_asked_for = held.asked_by.contains(&question);
            let nonce_holds = !held.is_answer || nonce_holds(inputs, &response);
            let about_it = response.singles_for(certificate.serial(), &hashes).count();
            if about_it == 0 {
                if was_asked_for {
                    lacking = lacking.max(UnknownStatus::NotAuthoritative);
                }
                continue;
            }
            for _ in 0..about_it {
                paid(resources.budget.spend_step())?;
            }
            let signer = match nonce_holds && response.unknown_critical_extension().is_none() {
                true => self.signer_of(inputs, resources, id, question)?,
                false => None,
            };
            let Some(signer) = signer else {
                lacking = lacking.max(UnknownStatus::NotAuthoritative);
                continue;
            };
            let judge = self.judge(inputs);
            for statement in judge.statements(&response, certificate, &hashes, signer) {
                match statement {
                    Ok(statement) => {
                        if statement.holds() {
                            self.note_holding(id, question);
                        }
                        said.push(statement);
                    }
                    Err(reason) => lacking = lacking.max(reason),
                }
            }
        }
        let lacking = Finding::Unknown(lacking);
        Ok(together(&said).map_or(lacking, |together| together.finding.and(lacking)))
    }

    fn note_holding(&mut self, response: Id<EvidenceResponse>, question: Id<Question>) {
        if let Some(held) = self.responses.get_mut(response)
            && !held.holds_for.contains(&question)
        {
            held.holds_for.push(question);
        }
    }

    /// Who signed a response, if they may speak for a question? Each pair is tried once.
    fn signer_of(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        response: Id<EvidenceResponse>,
        question: Id<Question>,
    ) -> Result<Option<ResponseSigner>, Rule> {
        let mut tried = self.tried_responses.iter();
        if let Some((.., signer)) = tried.find(|(a, b, _)| (*a, *b) == (response, question)) {
            return Ok(*signer);
        }
        let Some(held) = self.responses.get(response) else {
            return Ok(None);
        };
        let held = held.response.clone();
        let (signer, may_change) = self.find_signer(inputs, resources, &held, question)?;
        if !may_change {
            self.tried_responses.push((response, question, signer));
        }
        Ok(signer)
    }

    /// The signer, and whether further CRLs may change that.
    fn find_signer(
        &self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        response: &OcspResponse,
        question: Id<Question>,
    ) -> Result<(Option<ResponseSigner>, bool), Rule> {
        let context = inputs.context;
        let parties = self.questions.get(question).and_then(|asked| {
            let subject = certificate_of(context, asked.subject)?;
            let issuer = (
                name_of(context, asked.issuer)?,
                key_of(context, asked.issuer)?,
            );
            Some((asked, subject, issuer))
        });
        let Some((asked, subject, issuer)) = parties else {
            return Ok((None, false));
        };
        let verifier = ResponseVerifier {
            policy: inputs.policy,
            options: inputs.signer,
            at: context.at,
            subject,
        };
        let mut signatures = OnPath {
            inquiry: self,
            inputs,
            resources,
            issuer_at: asked.at.above(1),
            issuer_key: issuer.1,
            is_about_leaf: asked.subject == Issuer::Pool(PoolId::LEAF),
            is_repeatable: response.nonce().is_none(),
            looked_in_crls: false,
        };
        let signer = verifier.signer(response, issuer, &mut signatures)?;
        Ok((signer, signatures.looked_in_crls))
    }
}

/// The signatures of a validation: those of the issuer by its position on a path, all of them paid
/// for.
struct OnPath<'q, 's, 'a, 't> {
    inquiry: &'q Inquiry,
    inputs: RevocationInputs<'s, 'a>,
    resources: &'q mut Resources<'t>,
    issuer_at: Position,
    issuer_key: SubjectPublicKeyInfo<'a>,
    is_about_leaf: bool,
    /// The same response may be sent to others too.
    is_repeatable: bool,
    looked_in_crls: bool,
}

impl OnPath<'_, '_, '_, '_> {
    /// What the memo is to know a signature by. Leaves come and go, and so do responses about them,
    /// and those to one nonce; others about issuers are asked for with each leaf.
    fn worth_remembering<'d>(&self, signed: &Signed<'d>) -> Option<Document<'d>> {
        signed.document.filter(|document| match document {
            Document::Response { .. } => self.is_repeatable && !self.is_about_leaf,
            _ => true,
        })
    }
}

impl Signatures for OnPath<'_, '_, '_, '_> {
    fn by_issuer(&mut self, signed: &Signed<'_>) -> Result<bool, Rule> {
        let Some(path) = self.inquiry.paths.get(self.issuer_at.path) else {
            return Ok(false);
        };
        let whole = (&path.certificates[..], path.anchor);
        let place = self.issuer_at.index.min(path.certificates.len());
        let signed = Signed {
            document: self.worth_remembering(signed),
            ..*signed
        };
        unless_exhausted(self.resources.signatures.verify_message(
            self.inputs.context,
            whole,
            place,
            &signed,
            self.resources.budget,
        ))
    }

    fn by_responder(&mut self, responder: &Certificate, signed: &Signed<'_>) -> Result<bool, Rule> {
        let fact = self.worth_remembering(signed).map(|document| Fact {
            spki: responder.spki_der(),
            inherited: None,
            document,
        });
        let memo = self.inputs.context.memo;
        if fact.is_some_and(|fact| memo.recall(&fact).is_some()) {
            return Ok(true);
        }
        let provider = self.inputs.context.provider;
        let Ok(key) = provider.prepare(&responder.public_key(), None) else {
            return Ok(false);
        };
        paid(self.resources.budget.spend_signature())?;
        let verified = key.verify(&signed.algorithm, signed.message, signed.signature);
        if verified.is_ok()
            && let Some(fact) = fact
        {
            memo.remember(&fact, None);
        }
        Ok(verified.is_ok())
    }

    fn is_listed(&mut self, responder: &Certificate) -> bool {
        self.looked_in_crls = true;
        // A CRL of another key of this name takes nobody's right away.
        let key = self.issuer_key.as_der();
        let (serial, issuer) = (responder.serial(), responder.issuer());
        let mut is_listed = self.inquiry.crls.iter().any(|(_, held)| {
            held.signed_by.as_deref() == Some(key)
                && !held.crl.is_delta()
                && held.crl.find(serial, issuer).is_some()
        });
        if let Some(store) = self.inputs.store.filter(|_| !is_listed) {
            is_listed = is_listed_in(store, responder, key);
        }
        is_listed
    }
}

/// A nonce that was sent and comes back is the same one (RFC 9654 section 2.1).
fn nonce_holds(inputs: RevocationInputs<'_, '_>, response: &OcspResponse) -> bool {
    let Some(sent) = inputs.nonce else {
        return true;
    };
    match (inputs.policy.nonce, response.nonce()) {
        (NonceRule::Ignored, _) | (NonceRule::IfPresent, None) => true,
        (NonceRule::Required, None) => false,
        (_, Some(received)) => received == sent,
    }
}

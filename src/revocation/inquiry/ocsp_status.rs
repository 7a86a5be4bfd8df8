//! What the OCSP responses at hand say about a certificate.
//!
//! For each response that is about it, the signer is looked for once; the judge says what the
//! statements of those who may speak come to.

use alloc::vec::Vec;

use super::evidence::EvidenceResponse;
use super::numbered::Id;
use super::{Asked, Inquiry, NOTHING, tried};
use crate::certificate::Certificate;
use crate::crypto::{Document, Fact};
use crate::path::UnknownStatus;
use crate::path::context::{Issuer, PoolId};
use crate::path::signatures::Signed;
use crate::path::violation::Rule;
use crate::revocation::judge::Statement;
use crate::revocation::judge::crl::names;
use crate::revocation::judge::responder::{ResponseSigner, ResponseVerifier, Signatures};
use crate::revocation::judge::response::together;
use crate::revocation::ocsp::{IssuerHashes, OcspResponse};
use crate::revocation::policy::NonceRule;
use crate::revocation::status::Finding;
use crate::revocation::store::is_listed_in;

impl<'s> Inquiry<'s> {
    pub(super) fn by_responses(&mut self, asked: &Asked<'s>) -> Result<Finding, Rule> {
        let hashes = IssuerHashes::new(&asked.subject.certificate.issuer(), &asked.issuer_key);
        let (mut lacking, mut said) = (NOTHING, Vec::new());
        for id in self.state.responses.ids() {
            let statements = self.statements(id, asked, &hashes)?;
            let holds = statements.iter().flatten().any(Statement::holds);
            if let Some(held) = self.state.responses.get_mut(id)
                && holds
                && !held.more.holds_for.contains(&asked.id)
            {
                held.more.holds_for.push(asked.id);
            }
            for statement in statements {
                match statement {
                    Ok(statement) => said.push(statement),
                    Err(reason) => lacking = lacking.max(reason),
                }
            }
        }
        let lacking = Finding::Unknown(lacking);
        Ok(together(&said).map_or(lacking, |together| together.finding.and(lacking)))
    }

    /// What a response says about a certificate, or why it says nothing; none if it is about
    /// others.
    fn statements(
        &mut self,
        id: Id<EvidenceResponse>,
        asked: &Asked<'s>,
        hashes: &IssuerHashes<'_>,
    ) -> Result<Vec<Result<Statement<'static>, UnknownStatus>>, Rule> {
        let Some(held) = self.state.responses.get(id) else {
            return Ok(Vec::new());
        };
        let certificate = asked.subject.certificate;
        let response = held.item.clone();
        let nothing = Err(UnknownStatus::NotAuthoritative);
        let about_it = response.singles_for(certificate.serial(), hashes).count();
        if about_it == 0 {
            let was_asked_for = held.asked_by.contains(&asked.id);
            return Ok(was_asked_for.then_some(nothing).into_iter().collect());
        }
        let nonce_holds = held.asked_by.is_empty() || self.nonce_holds(&response);
        for _ in 0..about_it {
            self.budget.spend_step()?;
        }
        if !nonce_holds || response.unknown_critical_extension().is_some() {
            return Ok(Vec::from([nothing]));
        }
        let Some(signer) = self.signer_of(id, &response, asked)? else {
            return Ok(Vec::from([nothing]));
        };
        let judge = self.judge();
        let statements = judge.statements(&response, certificate, hashes, signer);
        Ok(statements.collect())
    }

    /// Who signed a response, if they may speak for a question? Each pair is tried once, unless
    /// further CRLs may change the answer.
    fn signer_of(
        &mut self,
        id: Id<EvidenceResponse>,
        response: &OcspResponse,
        asked: &Asked<'s>,
    ) -> Result<Option<ResponseSigner>, Rule> {
        let pair = (id, asked.id);
        if let Some(signer) = tried(&self.state.signed_responses, &pair) {
            return Ok(signer);
        }
        let verifier = ResponseVerifier {
            policy: self.policy,
            options: self.signer,
            at: self.context.at,
            subject: asked.subject.certificate,
        };
        let issuer = (asked.issuer_name, asked.issuer_key);
        let mut signatures = OnPath {
            is_repeatable: response.nonce().is_none(),
            looked_in_crls: false,
            inquiry: self,
            asked,
        };
        let signer = verifier.signer(response, issuer, &mut signatures)?;
        if !signatures.looked_in_crls {
            self.state.signed_responses.push((pair, signer));
        }
        Ok(signer)
    }

    /// A nonce that was sent and comes back is the same one (RFC 9654 section 2.1).
    fn nonce_holds(&self, response: &OcspResponse) -> bool {
        let Some(sent) = self.nonce else {
            return true;
        };
        match (self.policy.nonce, response.nonce()) {
            (NonceRule::Ignored, _) | (NonceRule::IfPresent, None) => true,
            (NonceRule::Required, None) => false,
            (_, Some(received)) => received == sent,
        }
    }
}

/// The signatures of a validation: those of the issuer by its position on a path, all of them paid
/// for.
struct OnPath<'q, 's> {
    inquiry: &'q mut Inquiry<'s>,
    asked: &'q Asked<'s>,
    /// The same response may be sent to others too.
    is_repeatable: bool,
    looked_in_crls: bool,
}

impl OnPath<'_, '_> {
    /// What the memo is to know a signature by. Leaves come and go, and so do responses about them,
    /// and those to one nonce; others about issuers are asked for with each leaf.
    fn worth_remembering<'d>(&self, signed: &Signed<'d>) -> Option<Document<'d>> {
        let is_about_leaf = self.asked.holder == Issuer::Pool(PoolId::LEAF);
        signed.document.filter(|document| match document {
            Document::Response { .. } => self.is_repeatable && !is_about_leaf,
            _ => true,
        })
    }
}

impl Signatures for OnPath<'_, '_> {
    fn by_issuer(&mut self, signed: &Signed<'_>) -> Result<bool, Rule> {
        let signed = Signed {
            document: self.worth_remembering(signed),
            ..*signed
        };
        self.inquiry.verifies(&self.asked.at.issuer(), &signed)
    }

    fn by_responder(&mut self, responder: &Certificate, signed: &Signed<'_>) -> Result<bool, Rule> {
        let fact = self.worth_remembering(signed).map(|document| Fact {
            spki: responder.spki_der(),
            inherited: None,
            document,
        });
        let context = self.inquiry.context;
        if fact.is_some_and(|fact| context.memo.recall(&fact).is_some()) {
            return Ok(true);
        }
        let Ok(key) = context.provider.prepare(&responder.public_key(), None) else {
            return Ok(false);
        };
        self.inquiry.budget.spend_signature()?;
        let verified = key.verify(&signed.algorithm, signed.message, signed.signature);
        if let Some(fact) = fact.filter(|_| verified.is_ok()) {
            context.memo.remember(&fact, None);
        }
        Ok(verified.is_ok())
    }

    fn is_listed(&mut self, responder: &Certificate) -> bool {
        self.looked_in_crls = true;
        // A CRL of another key of this name takes nobody's right away.
        let key = self.asked.issuer_key.as_der();
        let mut crls = self.inquiry.state.crls.iter();
        let at_hand = crls.any(|(_, held)| {
            held.more.signed_by.as_deref() == Some(key)
                && !held.item.is_delta()
                && names(&held.item, responder)
        });
        let store = self.inquiry.store;
        at_hand || store.is_some_and(|store| is_listed_in(store, responder, key))
    }
}

//! The evidence at hand: what was stapled, what the store had, what came for requests; and what of
//! it the store keeps.
//!
//! The same bytes are held once, whoever brought them. The store is given only what has held: a CRL
//! whose signature is that of a key that stands on a path to an anchor, a response whose signer may
//! speak for the certificate.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::cert_ref::{certificate_of, key_of};
use super::numbered::Id;
use super::signers::stands_alone;
use super::{Inquiry, Question, RevocationInputs};
use crate::certificate::SubjectPublicKeyInfo;
use crate::path::context::{Issuer, PoolId};
use crate::revocation::crl::Crl;
use crate::revocation::ocsp::{IssuerHashes, OcspResponse};
use crate::revocation::status::Finding;
use crate::revocation::store::Source;

/// A CRL at hand.
pub(super) struct EvidenceCrl {
    pub(super) crl: Crl,
    /// The questions for which it was fetched.
    pub(super) asked_by: Vec<Id<Question>>,
    /// The key that is known to have signed it.
    pub(super) signed_by: Option<Arc<[u8]>>,
    pub(super) source: Option<Source>,
    pub(super) kept: bool,
    /// Everyone of the name that it bears, and of how many fetched certificates that was found.
    pub(super) named: Option<(usize, Vec<Issuer>)>,
}

/// A response at hand.
pub(super) struct EvidenceResponse {
    pub(super) response: OcspResponse,
    pub(super) asked_by: Vec<Id<Question>>,
    /// Of all that it says, the statements about questions that hold: for the store.
    pub(super) holds_for: Vec<Id<Question>>,
    pub(super) source: Option<Source>,
    /// It answers a request of this validation, so that a nonce may be asked of it.
    pub(super) is_answer: bool,
    pub(super) is_stapled: bool,
    /// The questions for which the store has it.
    pub(super) kept_for: Vec<Id<Question>>,
}

impl Inquiry {
    /// Takes in a stapled response.
    pub(crate) fn staple(&mut self, response: OcspResponse) {
        let held = self.hold_response(response, None);
        if let Some(held) = self.responses.get_mut(held) {
            held.is_stapled = true;
        }
    }

    /// Does the stapled response say of the leaf, with authority, that it is good?
    pub(crate) fn is_stapled(&self) -> bool {
        self.questions.iter().any(|(question, asked)| {
            asked.subject == Issuer::Pool(PoolId::LEAF)
                && matches!(asked.finding, Finding::Good(_))
                && self
                    .responses
                    .iter()
                    .any(|(_, held)| held.is_stapled && held.holds_for.contains(&question))
        })
    }

    /// Takes what the store has about a question.
    pub(super) fn look_in_store(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        question: Id<Question>,
    ) {
        let (Some(store), Some(asked)) = (inputs.store, self.questions.get_mut(question)) else {
            return;
        };
        if core::mem::replace(&mut asked.in_store, true) {
            return;
        }
        let certificate = certificate_of(inputs.context, asked.subject);
        let key = key_of(inputs.context, asked.issuer);
        let (Some(certificate), Some(key)) = (certificate, key) else {
            return;
        };
        let issuer = certificate.issuer();
        let hashes = IssuerHashes::new(&issuer, &key);
        let mut crls = Vec::new();
        let mut responses = Vec::new();
        store.with(&mut |evidence| {
            crls.extend(evidence.lists_for(certificate, key.as_der()));
            responses.extend(evidence.responses_about(certificate, &key, &hashes));
        });
        for (crl, signed_by) in crls {
            self.hold_crl(crl, signed_by, None);
        }
        for (response, is_verified) in responses {
            let held = self.hold_response(response, None);
            if let Some(held) = self.responses.get_mut(held).filter(|_| is_verified) {
                held.kept_for.push(question);
            }
        }
    }

    /// Gives the store what has held.
    pub(super) fn keep(&mut self, inputs: RevocationInputs<'_, '_>) {
        let Some(store) = inputs.store else { return };
        let judge = self.judge(inputs);
        for held in self.crls.iter_mut().filter(|held| !held.kept) {
            let key = held.signed_by.as_ref();
            let key = key.filter(|key| stands_alone(&SubjectPublicKeyInfo::from_checked(key)));
            if let Some(key) = key {
                held.kept = true;
                store.with(&mut |evidence| {
                    evidence.keep_list(judge, &held.crl, key, held.source.as_ref());
                });
            }
        }
        for held in self.responses.iter_mut() {
            for &question in &held.holds_for {
                if held.kept_for.contains(&question) {
                    continue;
                }
                held.kept_for.push(question);
                let asked = self.questions.get(question);
                let parties = asked.and_then(|asked| {
                    let certificate = certificate_of(inputs.context, asked.subject)?;
                    Some((certificate, key_of(inputs.context, asked.issuer)?))
                });
                let Some((certificate, key)) = parties else {
                    continue;
                };
                store.with(&mut |evidence| {
                    let source = held.source.as_ref();
                    evidence.keep_response(judge, &held.response, certificate, &key, source);
                });
            }
        }
    }

    pub(super) fn hold_crl(
        &mut self,
        crl: Crl,
        signed_by: Option<Arc<[u8]>>,
        source: Option<(Source, Id<Question>)>,
    ) {
        let (source, asked_by) = source.unzip();
        let known = self.crls.find(|held| held.crl == crl);
        if let Some(known) = known.and_then(|known| self.crls.get_mut(known)) {
            known.asked_by.extend(asked_by);
            known.source = known.source.take().or(source);
            return;
        }
        self.crls.push(EvidenceCrl {
            crl,
            asked_by: asked_by.into_iter().collect(),
            kept: signed_by.is_some(),
            signed_by,
            source,
            named: None,
        });
    }

    pub(super) fn hold_response(
        &mut self,
        response: OcspResponse,
        source: Option<(Source, Id<Question>)>,
    ) -> Id<EvidenceResponse> {
        let (source, asked_by) = source.unzip();
        let known = self.responses.find(|held| held.response == response);
        if let Some(known) = known {
            if let Some(held) = self.responses.get_mut(known) {
                held.asked_by.extend(asked_by);
                held.is_answer |= source.is_some();
            }
            return known;
        }
        self.responses.push(EvidenceResponse {
            response,
            asked_by: asked_by.into_iter().collect(),
            holds_for: Vec::new(),
            is_answer: source.is_some(),
            is_stapled: false,
            source,
            kept_for: Vec::new(),
        })
    }
}

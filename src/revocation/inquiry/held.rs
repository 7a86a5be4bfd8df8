//! The evidence at hand: what was stapled, what the store had, what came for requests; and what of
//! it the store keeps.
//!
//! The same bytes are held once, whoever brought them. The store is given only what has held: a
//! list whose signature is that of a key that stands on a path to an anchor, a response whose
//! signer may speak for the certificate.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::parties::{certificate_of, key_of};
use super::signers::stands_alone;
use super::{Inquiry, Setting};
use crate::certificate::SubjectPublicKeyInfo;
use crate::path::context::{Issuer, PoolId};
use crate::revocation::crl::Crl;
use crate::revocation::ocsp::{IssuerHashes, OcspResponse};
use crate::revocation::request::Request;
use crate::revocation::status::Finding;

/// A list at hand.
pub(super) struct HeldList {
    pub(super) list: Crl,
    /// The questions for which it was fetched.
    pub(super) asked_by: Vec<usize>,
    /// The key that is known to have signed it.
    pub(super) signed_by: Option<Arc<[u8]>>,
    pub(super) source: Option<Request>,
    pub(super) kept: bool,
    /// Everyone of the name that it bears, and of how many fetched certificates that was found.
    pub(super) named: Option<(usize, Vec<Issuer>)>,
}

/// A response at hand.
pub(super) struct HeldResponse {
    pub(super) response: OcspResponse,
    pub(super) asked_by: Vec<usize>,
    /// Of all that it says, the statements about questions that hold: for the store.
    pub(super) holds_for: Vec<usize>,
    pub(super) source: Option<Request>,
    /// It answers a request of this validation, so that a nonce may be asked of it.
    pub(super) is_answer: bool,
    pub(super) is_stapled: bool,
    /// The questions for which the store has it.
    pub(super) kept_for: Vec<usize>,
}

impl Inquiry {
    /// Takes in a stapled response.
    pub(crate) fn staple(&mut self, response: OcspResponse) {
        self.hold_response(response, None, None);
        if let Some(held) = self.responses.last_mut() {
            held.is_stapled = true;
        }
    }

    /// Does the stapled response say of the leaf, with authority, that it is good?
    pub(crate) fn is_stapled(&self) -> bool {
        let mut questions = self.questions.iter().enumerate();
        questions.any(|(question, asked)| {
            asked.subject == Issuer::Pool(PoolId::LEAF)
                && matches!(asked.finding, Finding::Good(_))
                && self
                    .responses
                    .iter()
                    .any(|held| held.is_stapled && held.holds_for.contains(&question))
        })
    }

    /// Takes what the store has about a question.
    pub(super) fn look_in_store(&mut self, setting: Setting<'_, '_>, question: usize) {
        let (Some(store), Some(asked)) = (setting.store, self.questions.get_mut(question)) else {
            return;
        };
        if core::mem::replace(&mut asked.in_store, true) {
            return;
        }
        let certificate = certificate_of(setting.context, asked.subject);
        let key = key_of(setting.context, asked.issuer);
        let (Some(certificate), Some(key)) = (certificate, key) else {
            return;
        };
        let issuer = certificate.issuer();
        let hashes = IssuerHashes::new(&issuer, &key);
        let mut lists = Vec::new();
        let mut responses = Vec::new();
        store.with(&mut |evidence| {
            lists.extend(evidence.lists_for(certificate, key.as_der()));
            responses.extend(evidence.responses_about(certificate, &key, &hashes));
        });
        for (list, signed_by) in lists {
            self.hold_list(list, signed_by, None);
        }
        for (response, is_verified) in responses {
            self.hold_response(response.clone(), None, None);
            let mut all = self.responses.iter_mut();
            let held = all.find(|held| held.response == response);
            if let Some(held) = held.filter(|_| is_verified) {
                held.kept_for.push(question);
            }
        }
    }

    /// Gives the store what has held.
    pub(super) fn keep(&mut self, setting: Setting<'_, '_>) {
        let Some(store) = setting.store else { return };
        for held in self.lists.iter_mut().filter(|held| !held.kept) {
            let key = held.signed_by.as_ref();
            let key = key.filter(|key| stands_alone(&SubjectPublicKeyInfo::from_checked(key)));
            if let Some(key) = key {
                held.kept = true;
                store.with(&mut |evidence| {
                    evidence.keep_list(&held.list, key, held.source.as_ref(), setting.context.at);
                });
            }
        }
        for held in &mut self.responses {
            for &question in &held.holds_for {
                if held.kept_for.contains(&question) {
                    continue;
                }
                held.kept_for.push(question);
                let asked = self.questions.get(question);
                let parties = asked.and_then(|asked| {
                    let certificate = certificate_of(setting.context, asked.subject)?;
                    Some((certificate, key_of(setting.context, asked.issuer)?))
                });
                let Some((certificate, key)) = parties else {
                    continue;
                };
                store.with(&mut |evidence| {
                    let source = held.source.as_ref();
                    evidence.keep_response(
                        &held.response,
                        certificate,
                        &key,
                        source,
                        setting.context.at,
                    );
                });
            }
        }
    }

    pub(super) fn hold_list(
        &mut self,
        list: Crl,
        signed_by: Option<Arc<[u8]>>,
        source: Option<(Request, usize)>,
    ) {
        let asked_by = source.as_ref().map(|(_, question)| *question);
        let source = source.map(|(request, _)| request);
        let known = self
            .lists
            .iter_mut()
            .find(|held| held.list.as_der() == list.as_der());
        if let Some(known) = known {
            known.asked_by.extend(asked_by);
            known.source = known.source.take().or(source);
            return;
        }
        self.lists.push(HeldList {
            list,
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
        asked_by: Option<usize>,
        source: Option<Request>,
    ) {
        let known = self
            .responses
            .iter_mut()
            .find(|held| held.response.as_der() == response.as_der());
        if let Some(known) = known {
            known.asked_by.extend(asked_by);
            known.is_answer |= source.is_some();
            return;
        }
        self.responses.push(HeldResponse {
            response,
            asked_by: asked_by.into_iter().collect(),
            holds_for: Vec::new(),
            is_answer: source.is_some(),
            is_stapled: false,
            source,
            kept_for: Vec::new(),
        });
    }
}

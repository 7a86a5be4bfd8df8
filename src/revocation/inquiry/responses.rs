//! What the OCSP responses at hand say of a certificate (RFC 6960 section 3.2).
//!
//! A statement counts if all fields of its CertID are those of the certificate, and the response is
//! signed by somebody who may answer for its issuer ([`responder`](crate::revocation::responder)
//! says who). Of several statements about a certificate the newest speaks, as in the store; of
//! those of one moment one that says revoked is enough. Revoked stands after nextUpdate; good does
//! not.

use super::parties::{certificate_of, key_of, name_of};
use super::{Inquiry, NOTHING, Setting, Tools, paid, unless_exhausted};
use crate::certificate::{Certificate, SubjectPublicKeyInfo};
use crate::crypto::{Document, Fact};
use crate::path::UnknownStatus;
use crate::path::context::{Issuer, PoolId};
use crate::path::signatures::Signed;
use crate::path::violation::Rule;
use crate::revocation::ocsp::{IssuerHashes, OcspResponse};
use crate::revocation::policy::NonceRule;
use crate::revocation::responder::{Author, Judge, Signatures};
use crate::revocation::status::Finding;
use crate::time::Time;

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
        let certificate = certificate_of(setting.context, subject);
        let key = key_of(setting.context, issuer);
        let (Some(certificate), Some(key)) = (certificate, key) else {
            return Ok(finding);
        };
        let hashes = IssuerHashes::new(&certificate.issuer(), &key);
        let mut newest: Option<(Time, Finding)> = None;
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
                let author = if known && nonce_holds {
                    self.author(setting, tools, place, question)?
                } else {
                    None
                };
                let said = if let Some(author) = author {
                    let said = judge(setting).statement(&single, author);
                    if matches!(said, Finding::Good(_) | Finding::Revoked(..)) {
                        self.note_holding(place, question);
                    }
                    said
                } else {
                    Finding::Unknown(UnknownStatus::NotAuthoritative)
                };
                let early = setting
                    .policy
                    .is_early(single.this_update, setting.context.at);
                if author.is_some() && !early {
                    newest = Some(newer(newest, (single.this_update, said)));
                } else {
                    finding = finding.and(said);
                }
            }
            if for_this && !speaks {
                finding = finding.and(Finding::Unknown(UnknownStatus::NotAuthoritative));
            }
        }
        Ok(newest.map_or(finding, |(_, said)| finding.and(said)))
    }

    fn note_holding(&mut self, response: usize, question: usize) {
        if let Some(held) = self.responses.get_mut(response)
            && !held.holds_for.contains(&question)
        {
            held.holds_for.push(question);
        }
    }

    /// Who signed a response, if they may speak for a question? Each pair is tried once.
    fn author(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        response: usize,
        question: usize,
    ) -> Result<Option<Author>, Rule> {
        let mut tried = self.tried_responses.iter();
        if let Some((.., author)) = tried.find(|(a, b, _)| (*a, *b) == (response, question)) {
            return Ok(*author);
        }
        let Some(held) = self.responses.get(response) else {
            return Ok(None);
        };
        let held = held.response.clone();
        let (author, may_change) = self.author_of(setting, tools, &held, question)?;
        if !may_change {
            self.tried_responses.push((response, question, author));
        }
        Ok(author)
    }

    /// The author, and whether further lists may change that.
    fn author_of(
        &self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        response: &OcspResponse,
        question: usize,
    ) -> Result<(Option<Author>, bool), Rule> {
        let issuer = self.questions.get(question).map(|asked| asked.issuer);
        let Some(issuer) = issuer else {
            return Ok((None, false));
        };
        let name = name_of(setting.context, issuer);
        let key = key_of(setting.context, issuer);
        let (Some(name), Some(key)) = (name, key) else {
            return Ok((None, false));
        };
        let mut signatures = OnPath {
            inquiry: self,
            setting,
            tools,
            question,
            is_repeatable: response.nonce().is_none(),
            looked_in_lists: false,
        };
        let author = judge(setting).author(response, (name, key), &mut signatures)?;
        Ok((author, signatures.looked_in_lists))
    }
}

/// Of two statements the newer one; both, where they are of one moment.
fn newer(known: Option<(Time, Finding)>, new: (Time, Finding)) -> (Time, Finding) {
    match known {
        Some(known) if known.0 > new.0 => known,
        Some(known) if known.0 == new.0 => (known.0, known.1.and(new.1)),
        _ => new,
    }
}

fn judge<'s>(setting: Setting<'s, '_>) -> Judge<'s> {
    Judge {
        policy: setting.policy,
        signer: setting.signer,
        at: setting.context.at,
    }
}

/// The signatures of a validation: those of the issuer by its place on a path, all of them paid
/// for.
struct OnPath<'q, 's, 'a, 't> {
    inquiry: &'q Inquiry,
    setting: Setting<'s, 'a>,
    tools: &'q mut Tools<'t>,
    question: usize,
    /// The same response may be sent to others too.
    is_repeatable: bool,
    looked_in_lists: bool,
}

impl OnPath<'_, '_, '_, '_> {
    /// What the memo is to know a signature by. Leaves come and go, and so do responses about them,
    /// and those to one nonce; others about issuers are asked for with each leaf.
    fn worth_remembering<'d>(&self, signed: &Signed<'d>) -> Option<Document<'d>> {
        let asked = self.inquiry.questions.get(self.question)?;
        let about_leaf = asked.subject == Issuer::Pool(PoolId::LEAF);
        signed.document.filter(|document| match document {
            Document::Response { .. } => self.is_repeatable && !about_leaf,
            _ => true,
        })
    }
}

impl Signatures for OnPath<'_, '_, '_, '_> {
    fn by_issuer(&mut self, signed: &Signed<'_>) -> Result<bool, Rule> {
        let Some(question) = self.inquiry.questions.get(self.question) else {
            return Ok(false);
        };
        let Some(path) = self.inquiry.paths.get(question.at.path) else {
            return Ok(false);
        };
        let whole = (&path.certificates[..], path.anchor);
        let place = (question.at.place + 1).min(path.certificates.len());
        let signed = Signed {
            document: self.worth_remembering(signed),
            ..*signed
        };
        unless_exhausted(self.tools.signatures.verify_message(
            self.setting.context,
            whole,
            place,
            &signed,
            self.tools.budget,
        ))
    }

    fn by_responder(&mut self, responder: &Certificate, signed: &Signed<'_>) -> Result<bool, Rule> {
        let asked = self.inquiry.questions.get(self.question);
        let subject = asked.and_then(|asked| certificate_of(self.setting.context, asked.subject));
        // A responder does not clear itself.
        if subject == Some(responder) {
            return Ok(false);
        }
        let fact = self.worth_remembering(signed).map(|document| Fact {
            spki: responder.spki_der(),
            inherited: None,
            document,
        });
        let memo = self.setting.context.memo;
        if fact.is_some_and(|fact| memo.recall(&fact).is_some()) {
            return Ok(true);
        }
        let provider = self.setting.context.provider;
        let Ok(key) = provider.prepare(&responder.public_key(), None) else {
            return Ok(false);
        };
        paid(self.tools.budget.spend_signature())?;
        let verified = key.verify(&signed.algorithm, signed.message, signed.signature);
        if verified.is_ok()
            && let Some(fact) = fact
        {
            memo.remember(&fact, None);
        }
        Ok(verified.is_ok())
    }

    fn is_listed(&mut self, responder: &Certificate) -> bool {
        self.looked_in_lists = true;
        // A list of another key of this name takes nobody's right away.
        let asked = self.inquiry.questions.get(self.question);
        let key = asked.and_then(|asked| key_of(self.setting.context, asked.issuer));
        let Some(key) = key.as_ref().map(SubjectPublicKeyInfo::as_der) else {
            return false;
        };
        let mut is_listed = self.inquiry.lists.iter().any(|held| {
            let (serial, issuer) = (responder.serial(), responder.issuer());
            held.signed_by.as_deref() == Some(key)
                && !held.list.is_delta()
                && held.list.find(serial, issuer).is_some()
        });
        if let Some(store) = self.setting.store.filter(|_| !is_listed) {
            store.with(&mut |evidence| is_listed = evidence.is_listed(responder, key));
        }
        is_listed
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

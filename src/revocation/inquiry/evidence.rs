//! The evidence at hand: what was stapled, what the store had, what came for requests; and what of
//! it the store keeps.
//!
//! The same bytes are held once, whoever brought them. The store is given only what has held: a CRL
//! whose signature is that of a key that stands on a path to an anchor, a response whose signer may
//! speak for the certificate.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::cert_ref::{Position, crl_issuers};
use super::numbered::{Id, Numbered};
use super::signers::{MAX_SIGNERS, holders_named, stands_alone};
use super::{Asked, Inquiry, InquiryState, Question};
use crate::certificate::SubjectPublicKeyInfo;
use crate::path::budget::comparisons_to_read;
use crate::path::context::{Issuer, PathContext, PoolId};
use crate::path::violation::Rule;
use crate::path::{Budget, UnknownStatus};
use crate::revocation::crl::Crl;
use crate::revocation::judge::scope::{ScopeName, names_of_points};
use crate::revocation::ocsp::{IssuerHashes, OcspResponse};
use crate::revocation::status::Finding;
use crate::revocation::store::{MAX_POINT_NAMES, Source, Speaker, trim};

/// Most names of CRL issuers whose CRLs are looked up in the store, the issuer's among them.
const MAX_CRL_ISSUERS: usize = 8;

/// A CRL or response at hand.
pub(super) struct EvidenceItem<T, M> {
    pub(super) item: T,
    /// The questions for which it was fetched in this validation.
    pub(super) asked_by: Vec<Id<Question>>,
    pub(super) source: Option<Source>,
    pub(super) more: M,
}

pub(super) type EvidenceCrl = EvidenceItem<Crl, OfCrl>;
pub(super) type EvidenceResponse = EvidenceItem<OcspResponse, OfResponse>;

/// What else is known of a CRL.
#[derive(Default)]
pub(super) struct OfCrl {
    /// The key that is known to have signed it.
    pub(super) signed_by: Option<Arc<[u8]>>,
    /// Where that key was found here, until the store has the CRL under it.
    pub(super) to_keep: Option<Position>,
}

/// What else is known of a response.
#[derive(Default)]
pub(super) struct OfResponse {
    /// Of all that it says, the statements about questions that hold: for the store.
    pub(super) holds_for: Vec<Id<Question>>,
    is_stapled: bool,
    /// The questions for which the store has it.
    kept_for: Vec<Id<Question>>,
}

impl<T: AsRef<[u8]> + Clone + PartialEq, M> Numbered<EvidenceItem<T, M>> {
    /// Holds evidence, and the question for which it was fetched from a source.
    pub(super) fn hold(
        &mut self,
        item: T,
        source: Option<(Source, Id<Question>)>,
        more: M,
    ) -> Id<EvidenceItem<T, M>> {
        let (source, asked_by) = source.unzip();
        let known = self.find(|held| held.item == item);
        let id = known.unwrap_or_else(|| {
            self.push(EvidenceItem {
                item,
                asked_by: Vec::new(),
                source: None,
                more,
            })
        });
        if let Some(held) = self.get_mut(id) {
            held.asked_by.extend(asked_by);
            held.source = held.source.take().or(source);
        }
        id
    }

    /// Reads what came; what is held already costs nothing. `Err` says what is wrong with it.
    pub(super) fn read<E>(
        &self,
        budget: &mut Budget,
        bytes: Vec<u8>,
        parse: impl FnOnce(Vec<u8>) -> Result<T, E>,
    ) -> Result<T, UnknownStatus> {
        let mut all = self.iter();
        if let Some((_, known)) = all.find(|(_, held)| held.item.as_ref() == bytes) {
            return Ok(known.item.clone());
        }
        let paid = budget.spend_evidence(bytes.len());
        paid.map_err(|_| UnknownStatus::NotFetched)?;
        parse(bytes).map_err(|_| UnknownStatus::Malformed)
    }
}

impl InquiryState {
    /// Takes in a stapled response.
    pub(crate) fn staple(&mut self, response: OcspResponse) {
        let held = self.responses.hold(response, None, OfResponse::default());
        if let Some(held) = self.responses.get_mut(held) {
            held.more.is_stapled = true;
        }
    }

    /// Does the stapled response say of the leaf, with authority, that it is good?
    pub(crate) fn is_stapled(&self) -> bool {
        let is_good_leaf = |question: &Id<Question>| {
            let question = self.questions.get(*question);
            question.is_some_and(|question| {
                question.subject == Issuer::Pool(PoolId::LEAF)
                    && matches!(question.finding, Finding::Good(_))
            })
        };
        let responses = self.responses.iter().map(|(_, held)| &held.more);
        let mut stapled = responses.filter(|response| response.is_stapled);
        stapled.any(|response| response.holds_for.iter().any(is_good_leaf))
    }
}

impl Inquiry<'_> {
    /// Takes what the store has about a question. It is asked for the speakers whose keys are known
    /// here: the issuer's, and those of certificates that have the name of the issuer or of a CRL
    /// issuer. The names are paid for.
    pub(super) fn look_in_store(&mut self, asked: &Asked<'_>) -> Result<(), Rule> {
        let question = self.state.questions.get_mut(asked.id);
        let (Some(store), Some(question)) = (self.store, question) else {
            return Ok(());
        };
        if core::mem::replace(&mut question.in_store, true) {
            return Ok(());
        }
        let (context, subject, key) = (self.context, asked.subject, &asked.issuer_key);
        let issuer = subject.certificate.issuer();
        let mut speakers = Vec::from([(issuer, Some(key.as_der())), (issuer, None)]);
        let names = core::iter::once(issuer).chain(crl_issuers(subject.certificate));
        for (number, name) in names.take(MAX_CRL_ISSUERS).enumerate() {
            if number > 0 {
                speakers.push((name, None));
            }
            let holders = holders_named(context, self.budget, name)?;
            let keys = holders.iter().filter_map(|holder| context.key_of(*holder));
            for key in keys.take(MAX_SIGNERS) {
                let speaker = (name, Some(key.as_der()));
                if !speakers.contains(&speaker) {
                    speakers.push(speaker);
                }
            }
        }
        let work = work_of_names(asked).saturating_mul(speakers.len());
        self.budget.spend_comparisons(work)?;
        let (mut crls, mut responses) = (Vec::new(), Vec::new());
        for (name, key) in speakers {
            let speaker = Speaker { name, key };
            store.read(&mut |evidence| crls.extend(evidence.crls_of(speaker, subject)));
        }
        let hashes = IssuerHashes::new(&issuer, key);
        store.read(&mut |evidence| {
            responses = evidence.responses_about(subject.certificate, key, &hashes);
        });
        for (crl, signed_by) in crls {
            let to_keep = None;
            self.state
                .crls
                .hold(crl, None, OfCrl { signed_by, to_keep });
        }
        let all = &mut self.state.responses;
        for (response, is_verified) in responses {
            let held = all.hold(response, None, OfResponse::default());
            if let Some(held) = all.get_mut(held).filter(|_| is_verified) {
                held.more.kept_for.push(asked.id);
            }
        }
        Ok(())
    }

    /// Gives the store what has held, with the keys that vouch for it.
    pub(super) fn keep(&mut self) {
        let Some(store) = self.store else { return };
        let (judge, context) = (self.judge(), self.context);
        let mut has_kept = false;
        for held in self.state.crls.iter_mut() {
            let key = held.more.signed_by.as_deref();
            if !key.is_some_and(|key| stands_alone(&SubjectPublicKeyInfo::from_checked(key))) {
                continue;
            }
            let Some(signer) = held.more.to_keep.take() else {
                continue;
            };
            has_kept = true;
            let (party, source) = (party(context, &signer), held.source.as_ref());
            store.with(&mut |evidence| {
                evidence.keep_crl(judge, &held.item, &party, source);
            });
        }
        for held in self.state.responses.iter_mut() {
            let (response, source) = (&held.item, held.source.as_ref());
            for &id in &held.more.holds_for {
                let question = self.state.questions.get(id);
                let question = question.filter(|_| !held.more.kept_for.contains(&id));
                let Some(question) = question else { continue };
                let Some(certificate) = context.certificate_of(question.subject) else {
                    continue;
                };
                held.more.kept_for.push(id);
                has_kept = true;
                let party = party(context, &question.at.issuer());
                store.with(&mut |evidence| {
                    evidence.keep_response(judge, response, certificate, &party, source);
                });
            }
        }
        if has_kept {
            trim(store);
        }
    }
}

/// The keys from the anchor of a path down to a position on it.
fn party(context: &PathContext<'_>, at: &Position) -> Vec<Arc<[u8]>> {
    let positions = (at.index.min(at.top())..=at.top()).rev();
    let keys = positions.filter_map(|index| context.key_of(at.with_index(index).holder()));
    keys.map(|key| Arc::from(key.as_der())).collect()
}

/// The work of looking up the CRLs of one speaker: each name by which they are found is read.
fn work_of_names(asked: &Asked<'_>) -> usize {
    let subject = asked.subject;
    let (mut names, mut work) = (0, comparisons_to_read(subject.certificate.issuer()));
    names_of_points(subject, &mut |name| {
        names += 1;
        work += match name {
            ScopeName::Directory(name) => comparisons_to_read(name),
            ScopeName::Other(_) => 1,
        };
        names < MAX_POINT_NAMES
    });
    work
}

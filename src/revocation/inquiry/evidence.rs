//! The evidence at hand: what was stapled, what the store had, what came for requests; and what of
//! it the store keeps.
//!
//! The same bytes are held once, whoever brought them. The store is given only what has held: a CRL
//! whose signature is that of a key that stands on a path to an anchor, a response whose signer may
//! speak for the certificate.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::cert_ref::{certificate_of, crl_issuers, key_of, subject_of};
use super::numbered::Id;
use super::signers::{MAX_SIGNERS, holders_named, stands_alone};
use super::{Inquiry, Position, Question, Resources, RevocationInputs, paid};
use crate::certificate::SubjectPublicKeyInfo;
use crate::path::budget::comparisons_to_read;
use crate::path::context::{Issuer, PoolId};
use crate::path::violation::Rule;
use crate::revocation::crl::Crl;
use crate::revocation::judge::scope::{ScopeName, Subject, names_of_points};
use crate::revocation::ocsp::{IssuerHashes, OcspResponse};
use crate::revocation::status::Finding;
use crate::revocation::store::{MAX_POINT_NAMES, Source, Speaker, trim};

/// Most names of CRL issuers whose CRLs are looked up in the store, the issuer's among them.
const MAX_CRL_ISSUERS: usize = 8;

/// A CRL at hand.
pub(super) struct EvidenceCrl {
    pub(super) crl: Crl,
    /// The questions for which it was fetched.
    pub(super) asked_by: Vec<Id<Question>>,
    /// The key that is known to have signed it.
    pub(super) signed_by: Option<Arc<[u8]>>,
    pub(super) source: Option<Source>,
    pub(super) kept: bool,
    /// Whose key that was found to be here, for the store.
    pub(super) signer: Option<Position>,
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

    /// Takes what the store has about a question. It is asked for the speakers whose keys are known
    /// here: the issuer's, and those of certificates that have the name of the issuer or of a CRL
    /// issuer. The names are paid for.
    pub(super) fn look_in_store(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        question: Id<Question>,
    ) -> Result<(), Rule> {
        let context = inputs.context;
        let (Some(store), Some(asked)) = (inputs.store, self.questions.get_mut(question)) else {
            return Ok(());
        };
        if core::mem::replace(&mut asked.in_store, true) {
            return Ok(());
        }
        let (subject, key) = (
            subject_of(context, asked.subject),
            key_of(context, asked.issuer),
        );
        let (Some(subject), Some(key)) = (subject, key) else {
            return Ok(());
        };
        let issuer = subject.certificate.issuer();
        let mut speakers = Vec::from([(issuer, Some(key.as_der())), (issuer, None)]);
        let names = core::iter::once(issuer).chain(crl_issuers(subject.certificate));
        for (number, name) in names.take(MAX_CRL_ISSUERS).enumerate() {
            if number > 0 {
                speakers.push((name, None));
            }
            let holders = holders_named(inputs, resources.budget, name)?;
            let keys = holders.iter().filter_map(|holder| key_of(context, *holder));
            for key in keys.take(MAX_SIGNERS) {
                let speaker = (name, Some(key.as_der()));
                if !speakers.contains(&speaker) {
                    speakers.push(speaker);
                }
            }
        }
        pay_for_names(subject, speakers.len(), resources)?;
        let mut crls = Vec::new();
        for (name, key) in speakers {
            let speaker = Speaker { name, key };
            store.read(&mut |evidence| crls.extend(evidence.crls_of(speaker, subject)));
        }
        let hashes = IssuerHashes::new(&issuer, &key);
        let mut responses = Vec::new();
        store.read(&mut |evidence| {
            responses = evidence.responses_about(subject.certificate, &key, &hashes);
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
        Ok(())
    }

    /// Gives the store what has held, with the keys that vouch for it.
    pub(super) fn keep(&mut self, inputs: RevocationInputs<'_, '_>) {
        let Some(store) = inputs.store else { return };
        let judge = self.judge(inputs);
        let mut has_kept = false;
        for id in self.crls.ids() {
            let signed = self.crls.get(id).filter(|held| !held.kept);
            let key = signed.and_then(|held| held.signed_by.as_ref());
            let stands = |key: &&Arc<[u8]>| stands_alone(&SubjectPublicKeyInfo::from_checked(key));
            let signer = signed.and_then(|held| held.signer);
            let Some(signer) = signer.filter(|_| key.filter(stands).is_some()) else {
                continue;
            };
            let party = self.party(inputs, signer);
            if let Some(held) = self.crls.get_mut(id) {
                held.kept = true;
                has_kept = true;
                store.with(&mut |evidence| {
                    evidence.keep_crl(judge, &held.crl, &party, held.source.as_ref());
                });
            }
        }
        for id in self.responses.ids() {
            let Some(held) = self.responses.get_mut(id) else {
                continue;
            };
            let kept_for = &mut held.kept_for;
            let mut new = held.holds_for.clone();
            new.retain(|question| !kept_for.contains(question));
            kept_for.extend(&new);
            for question in new {
                let Some(asked) = self.questions.get(question) else {
                    continue;
                };
                let party = self.party(inputs, asked.at.above(1));
                let certificate = certificate_of(inputs.context, asked.subject);
                let held = self.responses.get(id);
                if let (Some(certificate), Some(held)) = (certificate, held) {
                    has_kept = true;
                    store.with(&mut |evidence| {
                        let source = held.source.as_ref();
                        evidence.keep_response(judge, &held.response, certificate, &party, source);
                    });
                }
            }
        }
        if has_kept {
            trim(store);
        }
    }

    /// The keys from the anchor of a path down to a position on it.
    fn party(&self, inputs: RevocationInputs<'_, '_>, at: Position) -> Vec<Arc<[u8]>> {
        let top = self.length(at.path);
        let positions = (at.index.min(top)..=top).rev();
        let holders = positions.filter_map(|index| self.at(Position { index, ..at }));
        let keys = holders.filter_map(|holder| key_of(inputs.context, holder));
        keys.map(|key| Arc::from(key.as_der())).collect()
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
            signer: None,
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

/// Pays for the names by which CRLs are looked up, for so many speakers: each is read as often.
fn pay_for_names(
    subject: Subject<'_>,
    speakers: usize,
    resources: &mut Resources<'_>,
) -> Result<(), Rule> {
    let (mut names, mut work) = (0, comparisons_to_read(subject.certificate.issuer()));
    names_of_points(subject, &mut |name| {
        names += 1;
        work += match name {
            ScopeName::Directory(name) => comparisons_to_read(name),
            ScopeName::Other(_) => 1,
        };
        names < MAX_POINT_NAMES
    });
    paid(
        resources
            .budget
            .spend_comparisons(work.saturating_mul(speakers)),
    )
}

//! Who may sign a CRL about a certificate (RFC 5280 section 6.3.3 (f) and (g)).
//!
//! The issuer of the certificate, by the key of its certificate on the path; or somebody else of
//! the name that the CRL bears, with another key of the issuer or as a CRL issuer of its own. Then
//! a path of that signer to the same anchor must hold, and its certificates must not be revoked.
//! keyUsage, where present, must allow cRLSign.
//!
//! A name is not enough, whether the issuer's or that of a CRL issuer which a distribution point
//! names: a CA elsewhere below the same anchor may have certified it for somebody of its own. So
//! the signer stands above on the path, or is certified by the certificate's issuer or by whoever
//! certified that one (by key), or is one that the caller configured.
//!
//! The path comes before the signature, so that keys of strangers are not decoded; each path is
//! searched for once, each CRL verified once under each key, from the budget of the validation.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::cert_ref::{certificate_of, crl_issuers, key_of};
use super::evidence::EvidenceCrl;
use super::numbered::Id;
use super::{Inquiry, Position, Question, Resources, RevocationInputs, paid, unless_exhausted};
use crate::certificate::extensions::KeyUsage;
use crate::certificate::{Name, SubjectPublicKeyInfo};
use crate::crypto::KeyAlgorithm;
use crate::der::tag;
use crate::path::budget::comparisons_to_read;
use crate::path::certificate_checks::AnchorSummaries;
use crate::path::checked_certificate::{CertificateCheck, Role};
use crate::path::context::{AnchorId, Issuer, Origin, PathContext, PoolId};
use crate::path::search::{FoundPath, Progress, Search};
use crate::path::signatures::Signed;
use crate::path::violation::{FirstViolation, Rule};
use crate::path::{Budget, ChainStatus, Exhausted};
use crate::revocation::policy::RevocationFlag;
use crate::revocation::status::Finding;
use crate::time::Time;

/// Most certificates of one name that are tried as signers of a CRL.
pub(super) const MAX_SIGNERS: usize = 16;

/// The search for the path of a signer, and what it came to.
pub(super) struct SignerPath {
    signer: PoolId,
    anchor: AnchorId,
    path: Option<Id<FoundPath>>,
}

/// A CRL and a signer that was tried, and whether the signature holds. A key may take its
/// parameters from above, so that the position on a path counts.
pub(super) struct TriedCrl {
    crl: Id<EvidenceCrl>,
    signer: Signer,
    holds: bool,
}

/// Somebody who signed a CRL, and where their certificate stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Signer {
    holder: Issuer,
    at: Position,
}

impl Signer {
    pub(super) const fn holder(&self) -> Issuer {
        self.holder
    }
}

/// May a CRL speak for a question?
pub(super) enum Authority {
    Yes(Signer),
    No,
    /// That depends on questions that are not answered yet.
    Pending,
}

impl Inquiry {
    pub(super) fn authority(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        crl: Id<EvidenceCrl>,
        question: Id<Question>,
    ) -> Result<Authority, Rule> {
        let mut waits = false;
        for holder in self.candidates(inputs, resources.budget, crl, question)? {
            let Some(at) = self.position_of(inputs, resources, holder, question)? else {
                continue;
            };
            let signer = Signer { holder, at };
            if !may_sign_crls(inputs.context, holder)
                || !self.may_speak_for(inputs, signer, question)
                || !self.is_signed_by(inputs, resources, crl, signer)?
            {
                continue;
            }
            match self.is_in_good_standing(inputs, at, question) {
                Some(true) => return Ok(Authority::Yes(signer)),
                Some(false) => {}
                None => waits = true,
            }
        }
        Ok(if waits {
            Authority::Pending
        } else {
            Authority::No
        })
    }

    /// Is a signer one of those who may sign CRLs about the question at all?
    fn may_speak_for(
        &self,
        inputs: RevocationInputs<'_, '_>,
        signer: Signer,
        question: Id<Question>,
    ) -> bool {
        let context = inputs.context;
        let Some(asked) = self.questions.get(question) else {
            return false;
        };
        let at = signer.at;
        let is_configured = match signer.holder {
            Issuer::Anchor(_) => true,
            Issuer::Pool(id) => {
                matches!(context.origin(id), Origin::Additional | Origin::Store)
            }
        };
        if at.path == asked.at.path || is_configured {
            return true;
        }
        let key = |holder: Issuer| key_of(context, holder);
        let certifier = self.at(at.above(1)).and_then(key);
        let mut above = self.above(asked.at).map(key);
        certifier.is_some()
            && (key(signer.holder) == key(asked.issuer) || above.any(|key| key == certifier))
    }

    /// Those who may have signed a CRL about a question: the issuer and those above it on the path
    /// first.
    fn candidates(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        budget: &mut Budget,
        crl: Id<EvidenceCrl>,
        question: Id<Question>,
    ) -> Result<Vec<Issuer>, Rule> {
        let named = self.named(inputs, budget, crl)?;
        let Some(question) = self.questions.get(question) else {
            return Ok(Vec::new());
        };
        let fits = |holder: &Issuer| {
            let itself = *holder == question.subject && *holder != question.issuer;
            match *holder {
                Issuer::Anchor(anchor) => anchor == question.anchor,
                _ if itself => may_vouch_for_itself(inputs.context, *holder),
                Issuer::Pool(id) => id != PoolId::LEAF,
            }
        };
        let first: Vec<Issuer> = core::iter::once(question.issuer)
            .chain(self.above(question.at))
            .filter(|holder| named.contains(holder))
            .collect();
        let mut found: Vec<Issuer> = Vec::with_capacity(named.len());
        for holder in first.into_iter().chain(named.into_iter().filter(fits)) {
            if !found.contains(&holder) && found.len() < MAX_SIGNERS {
                found.push(holder);
            }
        }
        Ok(found)
    }

    /// Everyone of the name that a CRL bears. It is looked for once.
    fn named(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        budget: &mut Budget,
        crl: Id<EvidenceCrl>,
    ) -> Result<Vec<Issuer>, Rule> {
        let Some(held) = self.crls.get_mut(crl) else {
            return Ok(Vec::new());
        };
        let context = inputs.context;
        let fetched = context.fetched.len();
        if let Some((of, named)) = &held.named
            && *of == fetched
        {
            return Ok(named.clone());
        }
        let named = holders_named(inputs, budget, held.crl.issuer())?;
        held.named = Some((fetched, named.clone()));
        Ok(named)
    }

    /// Those above a position on its path, the anchor last.
    fn above(&self, at: Position) -> impl Iterator<Item = Issuer> {
        let positions = at.index + 1..=self.length(at.path);
        positions.filter_map(move |index| self.at(Position { index, ..at }))
    }

    /// Where a signer's certificate stands: on the path of the question, or on one of its own to
    /// the same anchor.
    fn position_of(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        holder: Issuer,
        question: Id<Question>,
    ) -> Result<Option<Position>, Rule> {
        let Some((at, anchor)) = self.questions.get(question).map(|q| (q.at, q.anchor)) else {
            return Ok(None);
        };
        let on_path = (0..=self.length(at.path))
            .map(|index| Position { index, ..at })
            .find(|&position| self.at(position) == Some(holder));
        match (on_path, holder) {
            // A certificate does not vouch for what decides about itself or those above it.
            (Some(position), _)
                if position.index > at.index || holder == Issuer::Anchor(anchor) =>
            {
                Ok(Some(position))
            }
            (_, Issuer::Anchor(_)) => Ok(None),
            (_, Issuer::Pool(signer)) => {
                let path = self.signer_path(inputs, resources, signer, anchor)?;
                Ok(path.map(|path| Position { path, index: 0 }))
            }
        }
    }

    /// When the first certificate of a signer who stands on a path of its own ends, or the first
    /// evidence about one of them; `None` for a signer on the path in question, whose ends the
    /// verdict knows.
    pub(super) fn end_of(&self, inputs: RevocationInputs<'_, '_>, signer: Signer) -> Option<Time> {
        let Position { path, index: 0 } = signer.at else {
            return None;
        };
        let path = self.paths.get(path)?;
        let certificates = path.certificates.iter();
        let own = certificates
            .clone()
            .map(|&id| inputs.context.certificate(id).not_after());
        let about_them = certificates.filter_map(|&id| {
            let about =
                |asked: &Question| asked.subject == Issuer::Pool(id) && asked.anchor == path.anchor;
            match self.finding(self.questions.find(about)?) {
                Finding::Good(used) => used.until,
                _ => None,
            }
        });
        own.chain(about_them).min()
    }

    /// The path of a signer to an anchor, searched for once.
    fn signer_path(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        signer: PoolId,
        anchor: AnchorId,
    ) -> Result<Option<Id<FoundPath>>, Rule> {
        let known = self
            .signers
            .iter()
            .find(|known| known.signer == signer && known.anchor == anchor);
        if let Some(known) = known {
            return Ok(known.path);
        }
        let found = find_path(inputs, resources, signer, anchor)?;
        let path = found.map(|found| self.path(&found));
        self.signers.push(SignerPath {
            signer,
            anchor,
            path,
        });
        Ok(path)
    }

    /// Does the signature of a CRL hold under this signer's key? Each pair is tried once.
    pub(super) fn is_signed_by(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        resources: &mut Resources<'_>,
        crl: Id<EvidenceCrl>,
        signer: Signer,
    ) -> Result<bool, Rule> {
        let mut tried = self.tried_crls.iter();
        if let Some(known) = tried.find(|tried| tried.crl == crl && tried.signer == signer) {
            return Ok(known.holds);
        }
        let (Some(held), Some(path)) = (self.crls.get(crl), self.paths.get(signer.at.path)) else {
            return Ok(false);
        };
        let Some(spki) = key_of(inputs.context, signer.holder) else {
            return Ok(false);
        };
        let key = spki.as_der();
        // Whoever verified it before may have had another policy.
        let algorithms = &inputs.signer.algorithms;
        let allowed = algorithms.check_signature(&held.crl.signature_algorithm());
        let holds = match &held.signed_by {
            // That it is known to hold under one key says nothing of another.
            Some(known) if **known == *key && stands_alone(&spki) => allowed.is_ok(),
            _ => {
                let crl = &held.crl;
                let signed = Signed {
                    algorithm: crl.signature_algorithm(),
                    message: crl.tbs(),
                    signature: crl.signature(),
                    document: None,
                };
                let whole = (&path.certificates[..], path.anchor);
                allowed.is_ok()
                    && unless_exhausted(resources.signatures.verify_message(
                        inputs.context,
                        whole,
                        signer.at.index,
                        &signed,
                        resources.budget,
                    ))?
            }
        };
        self.tried_crls.push(TriedCrl { crl, signer, holds });
        if let Some(held) = self.crls.get_mut(crl).filter(|_| holds)
            && held.signed_by.as_deref() != Some(key)
        {
            held.signed_by = Some(Arc::from(key));
            held.signer = Some(signer.at);
            held.kept = false;
        }
        Ok(holds)
    }

    /// Are the certificates of a signer's path good? `None` while that is not known. The issuer of
    /// the certificate in question is not asked about here: it stands on every path that the
    /// question is part of, as those above it may not.
    fn is_in_good_standing(
        &mut self,
        inputs: RevocationInputs<'_, '_>,
        at: Position,
        question: Id<Question>,
    ) -> Option<bool> {
        let asked = self.questions.get(question)?;
        let (own, issuer) = (asked.at, asked.issuer);
        let is_own = at == own || self.at(at) == Some(issuer);
        if is_own || inputs.policy.flag == RevocationFlag::EndCertificateOnly {
            return Some(true);
        }
        let unknown = ChainStatus::REVOCATION_STATUS_UNKNOWN;
        let issuers_forgiven = inputs.signer.forgiven.issuers.contains(unknown);
        let mut waits = false;
        for index in (at.index..self.length(at.path)).rev() {
            let one = Position { index, ..at };
            let holder = self.at(one)?;
            let asked = self.question(inputs, one)?;
            if asked == question {
                return Some(false);
            }
            match self.finding(asked) {
                Finding::Good(_) => {}
                Finding::Unknown(reason) if inputs.policy.accepted.contains(reason) => {}
                Finding::Unknown(_)
                    if issuers_forgiven && self.above(own).any(|above| above == holder) => {}
                Finding::Pending => waits = true,
                Finding::Revoked(..) | Finding::Unknown(_) => return Some(false),
            }
        }
        if waits { None } else { Some(true) }
    }
}

/// Everyone of a name. What is paid for is the work: the name is read for each certificate, and so
/// is the subject of each.
pub(super) fn holders_named(
    inputs: RevocationInputs<'_, '_>,
    budget: &mut Budget,
    name: Name<'_>,
) -> Result<Vec<Issuer>, Rule> {
    let context = inputs.context;
    let work = comparisons_to_read(name);
    paid(budget.spend_comparisons(work))?;
    for certificate in context.presented.iter().chain(context.fetched) {
        paid(budget.spend_comparisons(work + comparisons_to_read(certificate.subject())))?;
    }
    Ok(context.named(name))
}

/// Is a certificate's own key to sign the CRL about it? Its issuer says so, where one of its points
/// names its subject as the CRL issuer (PKITS 4.14.30); nothing in section 6.3.3 speaks against it.
fn may_vouch_for_itself(context: &PathContext<'_>, holder: Issuer) -> bool {
    certificate_of(context, holder).is_some_and(|certificate| {
        crl_issuers(certificate).any(|name| name.matches(&certificate.subject()))
    })
}

/// Is a key all there is in its SubjectPublicKeyInfo? One that takes its parameters from above is
/// another key on another path, so that what it signed is worth nothing beyond this one.
pub(super) fn stands_alone(key: &SubjectPublicKeyInfo<'_>) -> bool {
    let algorithm = key.algorithm();
    let has_parameters = !matches!(algorithm.parameters(), None | Some([tag::NULL, 0]));
    let kind = KeyAlgorithm::from_oid(algorithm.oid());
    has_parameters || !matches!(kind, Some(KeyAlgorithm::Dsa | KeyAlgorithm::Ec))
}

/// Does the keyUsage of a signer, where there is one, allow it to sign CRLs?
fn may_sign_crls(context: &PathContext<'_>, holder: Issuer) -> bool {
    let Some(certificate) = certificate_of(context, holder) else {
        return true;
    };
    let usage = certificate.get::<KeyUsage>();
    usage.is_ok_and(|usage| usage.is_none_or(|usage| usage.contains(KeyUsage::CRL_SIGN)))
}

/// Searches for a path from a signer to an anchor, on the budget and with the signatures of the
/// validation.
fn find_path(
    inputs: RevocationInputs<'_, '_>,
    resources: &mut Resources<'_>,
    signer: PoolId,
    anchor: AnchorId,
) -> Result<Option<FoundPath>, Rule> {
    // What anchors are known to satisfy is known for other options.
    let nothing_known = AnchorSummaries::default();
    let context = PathContext {
        options: inputs.signer,
        anchor_summaries: &nothing_known,
        expected: &[],
        ..*inputs.context
    };
    let check = CertificateCheck {
        certificate: context.certificate(signer),
        position: 0,
        role: Role::Leaf,
        at: context.at,
        options: context.options,
        expected: &[],
        self_issued: None,
        signs_itself: &|| false,
    };
    let Ok(summary) = check.run(&mut FirstViolation(context.options.forgiven)) else {
        return Ok(None);
    };
    let mut search = Search::idle(core::mem::take(resources.budget));
    search.signatures = core::mem::take(resources.signatures);
    search.begin_at(signer, summary);
    let found = loop {
        match search.advance(&context) {
            Progress::Found(path) if path.anchor == anchor => break Some(path),
            Progress::Found(_) => {}
            Progress::Ended => break None,
        }
    };
    *resources.budget = core::mem::take(&mut search.budget);
    *resources.signatures = core::mem::take(&mut search.signatures);
    match search.exhausted {
        // A path that is too long is none; any other allowance that ran out ends the validation.
        Some(rule) if found.is_none() && rule != Rule::Exhausted(Exhausted::PathLength) => {
            Err(rule)
        }
        _ => Ok(found),
    }
}

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

use super::cert_ref::{Position, crl_issuers};
use super::evidence::EvidenceCrl;
use super::numbered::Id;
use super::{Asked, Inquiry, tried};
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

/// May a CRL speak for a question?
pub(super) enum Authority {
    /// Somebody signed it who may, and whose certificate stands there.
    Yes(Position),
    No,
    /// That depends on questions that are not answered yet.
    Pending,
}

impl Inquiry<'_> {
    pub(super) fn authority(
        &mut self,
        crl: Id<EvidenceCrl>,
        asked: &Asked<'_>,
    ) -> Result<Authority, Rule> {
        let mut authority = Authority::No;
        for holder in self.candidates(crl, asked)? {
            let Some(signer) = self.position_of(holder, asked)? else {
                continue;
            };
            if !may_sign_crls(self.context, holder)
                || !self.may_speak_for(&signer, asked)
                || !self.is_signed_by(crl, &signer)?
            {
                continue;
            }
            match self.is_in_good_standing(&signer, asked) {
                Some(true) => return Ok(Authority::Yes(signer)),
                Some(false) => {}
                None => authority = Authority::Pending,
            }
        }
        Ok(authority)
    }

    /// Is a signer one of those who may sign CRLs about the question at all?
    fn may_speak_for(&self, signer: &Position, asked: &Asked<'_>) -> bool {
        let context = self.context;
        let is_configured = match signer.holder() {
            Issuer::Anchor(_) => true,
            Issuer::Pool(id) => matches!(context.origin(id), Origin::Additional | Origin::Store),
        };
        if signer.path == asked.at.path || is_configured {
            return true;
        }
        let key = |holder: Issuer| context.key_of(holder);
        let certifier = key(signer.issuer().holder());
        let mut above = asked.at.holders_above().map(key);
        certifier.is_some()
            && (key(signer.holder()) == Some(asked.issuer_key) || above.any(|key| key == certifier))
    }

    /// Those who may have signed a CRL about a question: the issuer and those above it on the path
    /// first.
    fn candidates(&mut self, crl: Id<EvidenceCrl>, asked: &Asked<'_>) -> Result<Vec<Issuer>, Rule> {
        let named = self.named(crl)?;
        let fits = |holder: &Issuer| match *holder {
            Issuer::Anchor(anchor) => anchor == asked.at.path.anchor,
            _ if *holder == asked.holder => may_vouch_for_itself(self.context, *holder),
            Issuer::Pool(id) => id != PoolId::LEAF,
        };
        let above = core::iter::once(asked.issuer).chain(asked.at.holders_above());
        let first = above.filter(|holder| named.contains(holder));
        let mut found: Vec<Issuer> = Vec::with_capacity(named.len());
        for holder in first.chain(named.iter().copied().filter(fits)) {
            if !found.contains(&holder) && found.len() < MAX_SIGNERS {
                found.push(holder);
            }
        }
        Ok(found)
    }

    /// Everyone of the name that a CRL bears. It is looked for once.
    fn named(&mut self, id: Id<EvidenceCrl>) -> Result<Vec<Issuer>, Rule> {
        let among = (id, self.context.fetched.len());
        if let Some(named) = tried(&self.state.named, &among) {
            return Ok(named);
        }
        let Some(held) = self.state.crls.get(id) else {
            return Ok(Vec::new());
        };
        let named = holders_named(self.context, self.budget, held.item.issuer())?;
        self.state.named.push((among, named.clone()));
        Ok(named)
    }

    /// Where a signer's certificate stands: on the path of the question, or on one of its own to
    /// the same anchor, which is searched for once.
    fn position_of(&mut self, holder: Issuer, asked: &Asked<'_>) -> Result<Option<Position>, Rule> {
        // A certificate does not vouch for what decides about itself or those above it.
        let first = (asked.at.index + 1).min(asked.at.top());
        let mut above = (first..=asked.at.top()).map(|index| asked.at.with_index(index));
        let on_path = above.find(|position| position.holder() == holder);
        let Issuer::Pool(signer) = holder else {
            return Ok(on_path);
        };
        if on_path.is_some() {
            return Ok(on_path);
        }
        let ends = (signer, asked.at.path.anchor);
        if let Some(position) = tried(&self.state.signer_paths, &ends) {
            return Ok(position);
        }
        let found = self.find_path(signer, ends.1)?;
        let position = found.map(|path| Position {
            path: Arc::new(path),
            index: 0,
        });
        self.state.signer_paths.push((ends, position.clone()));
        Ok(position)
    }

    /// When the first certificate of a signer who stands on a path of its own ends, or the first
    /// evidence about one of them; `None` for a signer on the path in question, whose ends the
    /// verdict knows.
    pub(super) fn end_of(&self, signer: &Position) -> Option<Time> {
        let Position { path, index: 0 } = signer else {
            return None;
        };
        let ends = path.certificates.iter().flat_map(|&id| {
            let about = self.state.questions.iter().find(|(_, question)| {
                question.subject == Issuer::Pool(id) && question.at.path.anchor == path.anchor
            });
            let evidence = match about.map(|(_, question)| question.finding) {
                Some(Finding::Good(used)) => used.until,
                _ => None,
            };
            let certificate = self.context.certificate(id).not_after();
            core::iter::once(certificate).chain(evidence)
        });
        ends.min()
    }

    /// Does the signature of a CRL hold under this signer's key? Each pair is tried once.
    pub(super) fn is_signed_by(
        &mut self,
        id: Id<EvidenceCrl>,
        signer: &Position,
    ) -> Result<bool, Rule> {
        let pair = (id, signer.clone());
        if let Some(holds) = tried(&self.state.signed_crls, &pair) {
            return Ok(holds);
        }
        let spki = self.context.key_of(signer.holder());
        let (Some(held), Some(spki)) = (self.state.crls.get(id), spki) else {
            return Ok(false);
        };
        let crl = held.item.clone();
        // That it is known to hold under one key says nothing of another.
        let is_known = held.more.signed_by.as_deref() == Some(spki.as_der());
        let signed = Signed {
            algorithm: crl.signature_algorithm(),
            message: crl.tbs(),
            signature: crl.signature(),
            document: None,
        };
        // Whoever verified it before may have had another policy.
        let allowed = self.signer.algorithms.check_signature(&signed.algorithm);
        let holds = allowed.is_ok()
            && (is_known && stands_alone(&spki) || self.verifies(signer, &signed)?);
        self.state.signed_crls.push((pair, holds));
        if let Some(held) = self.state.crls.get_mut(id).filter(|_| holds && !is_known) {
            held.more.signed_by = Some(Arc::from(spki.as_der()));
            held.more.to_keep = Some(signer.clone());
        }
        Ok(holds)
    }

    /// Did the key at a position sign this? Running out of an allowance ends the validation;
    /// anything else that is wrong is about the evidence.
    pub(super) fn verifies(&mut self, at: &Position, signed: &Signed<'_>) -> Result<bool, Rule> {
        let path = (&at.path.certificates[..], at.path.anchor);
        let (context, budget) = (self.context, &mut *self.budget);
        let signatures = &mut self.signatures;
        match signatures.verify_message(context, path, at.index, signed, budget) {
            Ok(()) => Ok(true),
            Err(rule @ Rule::Exhausted(_)) => Err(rule),
            Err(_) => Ok(false),
        }
    }

    /// Are the certificates of a signer's path good? `None` while that is not known. The issuer of
    /// the certificate in question is not asked about here: it stands on every path that the
    /// question is part of, as those above it may not.
    fn is_in_good_standing(&mut self, signer: &Position, asked: &Asked<'_>) -> Option<bool> {
        let is_own = *signer == asked.at || signer.holder() == asked.issuer;
        if is_own || self.policy.flag == RevocationFlag::EndCertificateOnly {
            return Some(true);
        }
        let unknown = ChainStatus::REVOCATION_STATUS_UNKNOWN;
        let issuers_forgiven = self.signer.forgiven.issuers.contains(unknown);
        let mut waits = false;
        for index in (signer.index..signer.top()).rev() {
            let one = signer.with_index(index);
            let holder = one.holder();
            let about = self.question(one)?;
            if about == asked.id {
                return Some(false);
            }
            match self.finding(about) {
                Finding::Good(_) => {}
                Finding::Unknown(reason) if self.policy.accepted.contains(reason) => {}
                Finding::Unknown(_)
                    if issuers_forgiven
                        && asked.at.holders_above().any(|above| above == holder) => {}
                Finding::Pending => waits = true,
                Finding::Revoked(..) | Finding::Unknown(_) => return Some(false),
            }
        }
        if waits { None } else { Some(true) }
    }

    /// Searches for a path from a signer to an anchor, on the budget and with the signatures of the
    /// validation.
    fn find_path(&mut self, signer: PoolId, anchor: AnchorId) -> Result<Option<FoundPath>, Rule> {
        // What anchors are known to satisfy is known for other options.
        let nothing_known = AnchorSummaries::default();
        let context = PathContext {
            options: self.signer,
            anchor_summaries: &nothing_known,
            expected: &[],
            ..*self.context
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
        let mut search = Search::idle(core::mem::take(self.budget));
        search.signatures = core::mem::take(self.signatures);
        search.begin_at(signer, summary);
        let found = loop {
            match search.advance(&context) {
                Progress::Found(path) if path.anchor == anchor => break Some(path),
                Progress::Found(_) => {}
                Progress::Ended => break None,
            }
        };
        *self.budget = core::mem::take(&mut search.budget);
        *self.signatures = core::mem::take(&mut search.signatures);
        match search.exhausted {
            // A path that is too long is none; any other allowance that ran out ends the
            // validation.
            Some(rule) if found.is_none() && rule != Rule::Exhausted(Exhausted::PathLength) => {
                Err(rule)
            }
            _ => Ok(found),
        }
    }
}

/// Everyone of a name. What is paid for is the work: the name is read for each certificate, and so
/// is the subject of each.
pub(super) fn holders_named(
    context: &PathContext<'_>,
    budget: &mut Budget,
    name: Name<'_>,
) -> Result<Vec<Issuer>, Exhausted> {
    let work = comparisons_to_read(name);
    budget.spend_comparisons(work)?;
    for certificate in context.presented.iter().chain(context.fetched) {
        budget.spend_comparisons(work + comparisons_to_read(certificate.subject()))?;
    }
    Ok(context.named(name))
}

/// Is a certificate's own key to sign the CRL about it? Its issuer says so, where one of its points
/// names its subject as the CRL issuer (PKITS 4.14.30); nothing in section 6.3.3 speaks against it.
fn may_vouch_for_itself(context: &PathContext<'_>, holder: Issuer) -> bool {
    context.certificate_of(holder).is_some_and(|certificate| {
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
    let Some(certificate) = context.certificate_of(holder) else {
        return true;
    };
    let usage = certificate.get::<KeyUsage>();
    usage.is_ok_and(|usage| usage.is_none_or(|usage| usage.contains(KeyUsage::CRL_SIGN)))
}

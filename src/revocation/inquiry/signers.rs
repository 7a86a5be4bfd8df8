//! Who may sign a list (RFC 5280 section 6.3.3 (f) and (g)).
//!
//! The issuer of the certificate in question, by the key of its certificate on the path; or anyone
//! else of the name that the list bears, by another key of the issuer or as a CRL issuer of its
//! own: then a path of that signer to the same anchor must hold, and its certificates must not be
//! revoked. keyUsage, where present, must allow cRLSign.
//!
//! The path comes before the signature, so that strangers get no key of theirs decoded; each path
//! is searched once, each list verified once under each key, from the budget of the validation.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::parties::{certificate_of, crl_issuers, key_of, name_of};
use super::{Inquiry, Place, Setting, Tools, paid, unless_exhausted};
use crate::certificate::SubjectPublicKeyInfo;
use crate::certificate::extensions::KeyUsage;
use crate::crypto::KeyAlgorithm;
use crate::der::tag;
use crate::path::budget::comparisons_to_read;
use crate::path::certificate_checks::AnchorSummaries;
use crate::path::checked_certificate::{CertificateCheck, Role};
use crate::path::context::{AnchorId, Issuer, PathContext, PoolId};
use crate::path::search::{FoundPath, Progress, Search};
use crate::path::signatures::Signed;
use crate::path::violation::{FirstViolation, Rule};
use crate::path::{Budget, ChainStatus, Exhausted};
use crate::revocation::policy::RevocationFlag;
use crate::revocation::status::Finding;
use crate::time::Time;

/// Most certificates of one name that are tried as signers of a list.
const MAX_SIGNERS: usize = 16;

/// The search for the path of a signer, and what it came to.
pub(super) struct SignerPath {
    signer: PoolId,
    anchor: AnchorId,
    path: Option<usize>,
}

/// Somebody who signed a list, and where their key stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signer {
    party: Issuer,
    at: Place,
}

impl Signer {
    pub(super) const fn party(&self) -> Issuer {
        self.party
    }
}

/// May a list speak for a question?
pub(super) enum Authority {
    Yes(Signer),
    No,
    /// That depends on questions that are not answered yet.
    Pending,
}

impl Inquiry {
    pub(super) fn authority(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        list: usize,
        question: usize,
    ) -> Result<Authority, Rule> {
        let mut waits = false;
        for party in self.candidates(setting, tools.budget, list, question)? {
            let Some(at) = self.standing(setting, tools, party, question)? else {
                continue;
            };
            let signer = Signer { party, at };
            if !may_sign_lists(setting.context, party)
                || !self.may_speak_for(setting, at, list, question)
                || !self.is_signed_by(setting, tools, list, signer)?
            {
                continue;
            }
            match self.is_in_good_standing(setting, at, question) {
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

    /// May whoever stands at this place sign this list about the question? Another name must be
    /// named by a distribution point, which the scope of the list has seen to. The issuer's own
    /// name is not enough: a CA elsewhere below the same anchor may have certified it. Who
    /// bears it must stand above on the path, or be certified by the issuer or by
    /// whoever certified the issuer, with the same key.
    fn may_speak_for(
        &self,
        setting: Setting<'_, '_>,
        at: Place,
        list: usize,
        question: usize,
    ) -> bool {
        let context = setting.context;
        let (Some(held), Some(asked)) = (self.lists.get(list), self.questions.get(question)) else {
            return false;
        };
        let issuer = name_of(context, asked.issuer);
        let own_name = issuer.is_some_and(|issuer| held.list.issuer().matches(&issuer));
        if !own_name || at.path == asked.at.path {
            return true;
        }
        let key = |place: Place| self.party(place).and_then(|party| key_of(context, party));
        let certifier = key(at.above(1));
        certifier.is_some()
            && (self.party(at) == Some(asked.issuer)
                || key(at) == key_of(context, asked.issuer)
                || certifier == key_of(context, asked.issuer)
                || certifier == key(asked.at.above(2)))
    }

    /// Those who may have signed a list about a question: the issuer and those above it on the path
    /// first.
    fn candidates(
        &mut self,
        setting: Setting<'_, '_>,
        budget: &mut Budget,
        list: usize,
        question: usize,
    ) -> Result<Vec<Issuer>, Rule> {
        let named = self.named(setting, budget, list)?;
        let Some(question) = self.questions.get(question) else {
            return Ok(Vec::new());
        };
        let fits = |party: &Issuer| {
            let itself = *party == question.subject && *party != question.issuer;
            match *party {
                Issuer::Anchor(anchor) => anchor == question.anchor,
                _ if itself => may_vouch_for_itself(setting.context, *party),
                Issuer::Pool(id) => id != PoolId::LEAF,
            }
        };
        let first: Vec<Issuer> = core::iter::once(question.issuer)
            .chain(self.above(question.at))
            .filter(|party| named.contains(party))
            .collect();
        let mut found: Vec<Issuer> = Vec::with_capacity(named.len());
        for party in first.into_iter().chain(named.into_iter().filter(fits)) {
            if !found.contains(&party) && found.len() < MAX_SIGNERS {
                found.push(party);
            }
        }
        Ok(found)
    }

    /// Everyone of the name that a list bears. It is looked for once, and paid for.
    fn named(
        &mut self,
        setting: Setting<'_, '_>,
        budget: &mut Budget,
        list: usize,
    ) -> Result<Vec<Issuer>, Rule> {
        let Some(held) = self.lists.get_mut(list) else {
            return Ok(Vec::new());
        };
        let fetched = setting.context.fetched.len();
        if let Some((of, named)) = &held.named
            && *of == fetched
        {
            return Ok(named.clone());
        }
        let compared = 1 + setting.context.presented.len() + fetched;
        paid(budget.spend_comparisons(compared * comparisons_to_read(held.list.issuer())))?;
        let named: Vec<Issuer> = setting.context.named(held.list.issuer()).collect();
        held.named = Some((fetched, named.clone()));
        Ok(named)
    }

    /// Those above a place on its path, the anchor last.
    fn above(&self, at: Place) -> impl Iterator<Item = Issuer> {
        let top = self
            .paths
            .get(at.path)
            .map_or(0, |path| path.certificates.len());
        (at.place + 1..=top).filter_map(move |place| self.party(Place { place, ..at }))
    }

    /// Where a signer's key stands: on the path of the question, or on one of its own to the same
    /// anchor.
    fn standing(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        party: Issuer,
        question: usize,
    ) -> Result<Option<Place>, Rule> {
        let Some((at, anchor)) = self.questions.get(question).map(|q| (q.at, q.anchor)) else {
            return Ok(None);
        };
        let top = self
            .paths
            .get(at.path)
            .map_or(0, |path| path.certificates.len());
        let on_path = (0..=top)
            .map(|place| Place { place, ..at })
            .find(|&place| self.party(place) == Some(party));
        match (on_path, party) {
            // A certificate does not vouch for what decides about itself or those above it.
            (Some(place), _) if place.place > at.place || party == Issuer::Anchor(anchor) => {
                Ok(Some(place))
            }
            (_, Issuer::Anchor(_)) => Ok(None),
            (_, Issuer::Pool(signer)) => {
                let path = self.signer_path(setting, tools, signer, anchor)?;
                Ok(path.map(|path| Place { path, place: 0 }))
            }
        }
    }

    /// The first end of the certificates of a signer who stands on a path of its own; `None` for
    /// one on the path in question, whose ends the verdict knows.
    pub(super) fn end_of(&self, context: &PathContext<'_>, signer: Signer) -> Option<Time> {
        let Place { path, place: 0 } = signer.at else {
            return None;
        };
        let certificates = self.paths.get(path)?.certificates.iter();
        certificates
            .map(|&id| context.certificate(id).not_after())
            .min()
    }

    /// The path of a signer to an anchor, searched for once.
    fn signer_path(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        signer: PoolId,
        anchor: AnchorId,
    ) -> Result<Option<usize>, Rule> {
        let known = self
            .signers
            .iter()
            .find(|known| known.signer == signer && known.anchor == anchor);
        if let Some(known) = known {
            return Ok(known.path);
        }
        let found = find_path(setting, tools, signer, anchor)?;
        let path = found.map(|found| self.path(&found));
        self.signers.push(SignerPath {
            signer,
            anchor,
            path,
        });
        Ok(path)
    }

    /// Does the signature of a list hold under this key? Each pair is tried once.
    pub(super) fn is_signed_by(
        &mut self,
        setting: Setting<'_, '_>,
        tools: &mut Tools<'_>,
        list: usize,
        signer: Signer,
    ) -> Result<bool, Rule> {
        let tried = self.tried_lists.iter();
        let known = tried
            .filter(|(place, party, _)| *place == list && *party == signer.party)
            .map(|(.., holds)| *holds)
            .next();
        if let Some(holds) = known {
            return Ok(holds);
        }
        let (Some(held), Some(path)) = (self.lists.get(list), self.paths.get(signer.at.path))
        else {
            return Ok(false);
        };
        let Some(spki) = key_of(setting.context, signer.party) else {
            return Ok(false);
        };
        let key = spki.as_der();
        // Whoever verified it before may have had another policy.
        let algorithms = &setting.signer.algorithms;
        let allowed = algorithms.check_signature(&held.list.signature_algorithm());
        let holds = match &held.signed_by {
            // That it is known to hold under one key says nothing of another.
            Some(known) if **known == *key && stands_alone(&spki) => allowed.is_ok(),
            _ => {
                let list = &held.list;
                let signed = Signed {
                    algorithm: list.signature_algorithm(),
                    message: list.tbs(),
                    signature: list.signature(),
                    document: None,
                };
                let whole = (&path.certificates[..], path.anchor);
                allowed.is_ok()
                    && unless_exhausted(tools.signatures.verify_message(
                        setting.context,
                        whole,
                        signer.at.place,
                        &signed,
                        tools.budget,
                    ))?
            }
        };
        self.tried_lists.push((list, signer.party, holds));
        if let Some(held) = self.lists.get_mut(list).filter(|_| holds)
            && held.signed_by.as_deref() != Some(key)
        {
            held.signed_by = Some(Arc::from(key));
            held.kept = false;
        }
        Ok(holds)
    }

    /// Are the certificates of a signer's path good? `None` while that is not known. The issuer of
    /// the certificate in question is not asked about here: it stands on every path that the
    /// question is part of, as those above it may not.
    fn is_in_good_standing(
        &mut self,
        setting: Setting<'_, '_>,
        at: Place,
        question: usize,
    ) -> Option<bool> {
        let asked = self.questions.get(question)?;
        let (own, issuer) = (asked.at, asked.issuer);
        let is_own = at == own || self.party(at) == Some(issuer);
        if is_own || setting.policy.flag == RevocationFlag::EndCertificateOnly {
            return Some(true);
        }
        let unknown = ChainStatus::REVOCATION_STATUS_UNKNOWN;
        let issuers_forgiven = setting.signer.forgiven.issuers.contains(unknown);
        let length = self.paths.get(at.path)?.certificates.len();
        let mut waits = false;
        for place in (at.place..length).rev() {
            let one = Place { place, ..at };
            let party = self.party(one)?;
            let asked = self.question(setting, one)?;
            if asked == question {
                return Some(false);
            }
            match self.finding(asked) {
                Finding::Good(_) => {}
                Finding::Unknown(reason) if setting.policy.accepted.contains(reason) => {}
                Finding::Unknown(_)
                    if issuers_forgiven && self.above(own).any(|above| above == party) => {}
                Finding::Pending => waits = true,
                Finding::Revoked(..) | Finding::Unknown(_) => return Some(false),
            }
        }
        if waits { None } else { Some(true) }
    }
}

/// Is a certificate's own key to sign the list about it? Its issuer says so, where one of its
/// points names its subject as the CRL issuer (PKITS 4.14.30); nothing in section 6.3.3 speaks
/// against it.
fn may_vouch_for_itself(context: &PathContext<'_>, party: Issuer) -> bool {
    certificate_of(context, party).is_some_and(|certificate| {
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

/// Does the keyUsage of a signer, where there is one, allow it to sign lists?
fn may_sign_lists(context: &PathContext<'_>, party: Issuer) -> bool {
    let Some(certificate) = certificate_of(context, party) else {
        return true;
    };
    let usage = certificate.get::<KeyUsage>();
    usage.is_ok_and(|usage| usage.is_none_or(|usage| usage.contains(KeyUsage::CRL_SIGN)))
}

/// Searches for a path from a signer to an anchor, on the budget and with the signatures of the
/// validation.
fn find_path(
    setting: Setting<'_, '_>,
    tools: &mut Tools<'_>,
    signer: PoolId,
    anchor: AnchorId,
) -> Result<Option<FoundPath>, Rule> {
    // What anchors are known to satisfy is known for other options.
    let nothing_known = AnchorSummaries::default();
    let context = PathContext {
        options: setting.signer,
        anchor_summaries: &nothing_known,
        expected: &[],
        ..*setting.context
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
    let mut search = Search::idle(core::mem::take(tools.budget));
    search.signatures = core::mem::take(tools.signatures);
    search.begin_at(signer, summary);
    let found = loop {
        match search.advance(&context) {
            Progress::Found(path) if path.anchor == anchor => break Some(path),
            Progress::Found(_) => {}
            Progress::Ended => break None,
        }
    };
    *tools.budget = core::mem::take(&mut search.budget);
    *tools.signatures = core::mem::take(&mut search.signatures);
    match search.exhausted {
        // A path that is too long is none; any other allowance that ran out ends the validation.
        Some(rule) if found.is_none() && rule != Rule::Exhausted(Exhausted::PathLength) => {
            Err(rule)
        }
        _ => Ok(found),
    }
}

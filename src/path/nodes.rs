//! What a search knows of the certificates of the pool: have they passed their own checks, and who
//! may have issued them.
//!
//! None of it depends on a path, so that each certificate is looked at once however often paths
//! come by. Finding issuers compares names: byte for byte first, which is what nearly every chain
//! needs; by RFC 5280 section 7.1 only when that led nowhere. The normal form of each presented or
//! fetched name is hashed once, names of equal hashes are compared, and both are paid for by their
//! length, since whoever presents certificates, or serves them, chooses how long their names are
//! (`tests/hostile.rs`, `names_of_fetched_issuers_are_paid_for`).

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};
use core::ops::Range;

use hashbrown::DefaultHashBuilder;
use tinyvec::TinyVec;

use super::budget::{Budget, Exhausted};
use super::certificate::Facts;
use super::world::{Issuer, PoolId, Spelling, World};
use crate::certificate::{Certificate, Name};
use crate::narrow;
use crate::trust::is_alike;

/// Octets of names that are as much work as one comparison of a name with a constraint.
const OCTETS_PER_COMPARISON: usize = 64;

/// What is known of a certificate, whatever the path.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Known {
    #[default]
    Nothing,
    Passes(Facts),
    /// It fails by itself, or all its ways up do, or it is there twice.
    Dead,
}

#[derive(Clone, Debug, Default)]
struct Node {
    known: Known,
    same: Option<Range<u32>>,
    other: Option<Range<u32>>,
}

impl Node {
    fn issuers(&mut self, spelling: Spelling) -> &mut Option<Range<u32>> {
        match spelling {
            Spelling::Same => &mut self.same,
            Spelling::Other => &mut self.other,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Candidate {
    issuer: Issuer,
    /// Lower is better.
    rank: u8,
}

/// The certificates of the pool, as far as a search has come by them.
#[derive(Default)]
pub(crate) struct Nodes {
    /// The leaf and what was presented.
    presented: TinyVec<[Node; 4]>,
    /// What the caller configured: of a large pool a search sees few.
    configured: Vec<(PoolId, Node)>,
    /// Issuers of all certificates, one range after the other.
    candidates: TinyVec<[Candidate; 4]>,
    subject_keys: SubjectKeys,
}

impl Nodes {
    pub(crate) fn begin(&mut self, world: &World<'_>) {
        self.presented
            .resize(1 + world.presented.len(), Node::default());
        for (i, certificate) in world.presented.iter().enumerate() {
            let earlier = world.presented.get(..i).unwrap_or_default();
            let again = certificate == world.leaf || earlier.contains(certificate);
            if let Some(node) = self.presented.get_mut(1 + i).filter(|_| again) {
                node.known = Known::Dead;
            }
        }
    }

    /// Forgets who may have issued whom, and who leads nowhere: there are new candidates. What
    /// passed its own checks stays known.
    pub(crate) fn reconsider(&mut self) {
        let presented = self.presented.iter_mut();
        let configured = self.configured.iter_mut().map(|(_, node)| node);
        for node in presented.chain(configured) {
            node.same = None;
            node.other = None;
            if matches!(node.known, Known::Dead) {
                node.known = Known::Nothing;
            }
        }
        self.candidates.clear();
    }

    pub(crate) fn known(&self, id: PoolId) -> Known {
        let configured = || self.configured.iter().find(|(known, _)| *known == id);
        let node = self.presented.get(id.index());
        let node = node.or_else(|| configured().map(|(_, node)| node));
        node.map_or(Known::Nothing, |node| node.known)
    }

    pub(crate) fn set_known(&mut self, id: PoolId, known: Known) {
        if let Some(node) = self.node(id) {
            node.known = known;
        }
    }

    fn node(&mut self, id: PoolId) -> Option<&mut Node> {
        if id.index() < self.presented.len() {
            return self.presented.get_mut(id.index());
        }
        if !self.configured.iter().any(|(known, _)| *known == id) {
            self.configured.push((id, Node::default()));
        }
        let mut configured = self.configured.iter_mut();
        configured
            .find(|(known, _)| *known == id)
            .map(|(_, node)| node)
    }

    pub(crate) fn issuer(&self, index: u32) -> Option<Issuer> {
        self.candidates
            .get(index as usize)
            .map(|candidate| candidate.issuer)
    }

    /// Those who may have issued a certificate, best first: numbers for [`Nodes::issuer`].
    pub(crate) fn issuers(
        &mut self,
        world: &World<'_>,
        id: PoolId,
        spelling: Spelling,
        budget: &mut Budget,
    ) -> Result<Range<u32>, Exhausted> {
        if let Some(known) = self
            .node(id)
            .and_then(|node| node.issuers(spelling).clone())
        {
            return Ok(known);
        }
        let start = narrow::bounded(self.candidates.len());
        match spelling {
            Spelling::Same => self.find_same(world, id),
            Spelling::Other => self.find_other(world, id, budget)?,
        }
        let range = start..narrow::bounded(self.candidates.len());
        if let Some(added) = self.candidates.get_mut(start as usize..) {
            added.sort_by_key(|candidate| candidate.rank);
        }
        if let Some(node) = self.node(id) {
            *node.issuers(spelling) = Some(range.clone());
        }
        Ok(range)
    }

    fn find_same(&mut self, world: &World<'_>, id: PoolId) {
        let child = world.certificate(id);
        let (issuer, wanted) = (child.issuer(), child.authority_key_id());
        let candidates = &mut self.candidates;
        let mut add = |issuer| candidates.push(candidate(world, wanted, issuer));
        world.anchors_named(issuer).for_each(&mut add);
        for (i, certificate) in world.presented.iter().enumerate() {
            if certificate.subject().as_der() == issuer.as_der() {
                add(World::presented_issuer(i));
            }
        }
        world.configured_named(issuer).for_each(&mut add);
        for (i, certificate) in world.fetched.iter().enumerate() {
            if certificate.subject().as_der() == issuer.as_der() {
                add(world.fetched_issuer(i));
            }
        }
    }

    fn find_other(
        &mut self,
        world: &World<'_>,
        id: PoolId,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let child = world.certificate(id);
        let (issuer, wanted) = (child.issuer(), child.authority_key_id());
        let keys = &mut self.subject_keys;
        keys.update(world, budget)?;
        let key = keys.key(issuer, budget)?;
        let candidates = &mut self.candidates;
        let mut add = |issuer| candidates.push(candidate(world, wanted, issuer));
        world.anchors_alike(issuer).for_each(&mut add);
        for i in alike(issuer, key, world.presented, &keys.presented, budget)? {
            add(World::presented_issuer(i));
        }
        world.configured_alike(issuer).for_each(&mut add);
        for i in alike(issuer, key, world.fetched, &keys.fetched, budget)? {
            add(world.fetched_issuer(i));
        }
        Ok(())
    }
}

/// Hashes of the normal form of subjects that others chose, each made once and paid for.
#[derive(Default)]
struct SubjectKeys {
    presented: Vec<u64>,
    fetched: Vec<u64>,
    /// Made when the first hash is.
    hasher: Option<DefaultHashBuilder>,
}

impl SubjectKeys {
    /// Adds those of certificates that are new.
    fn update(&mut self, world: &World<'_>, budget: &mut Budget) -> Result<(), Exhausted> {
        for certificate in world.presented.iter().skip(self.presented.len()) {
            let key = self.key(certificate.subject(), budget)?;
            self.presented.push(key);
        }
        for certificate in world.fetched.iter().skip(self.fetched.len()) {
            let key = self.key(certificate.subject(), budget)?;
            self.fetched.push(key);
        }
        Ok(())
    }

    fn key(&mut self, name: Name<'_>, budget: &mut Budget) -> Result<u64, Exhausted> {
        budget.spend_comparisons(cost(name))?;
        let builder = self.hasher.get_or_insert_default();
        let mut hasher = builder.build_hasher();
        name.write_key(&mut hasher);
        Ok(hasher.finish())
    }
}

/// The places of the certificates whose subject is this name by RFC 5280 section 7.1, spelled
/// otherwise. Those of other hashes are passed over.
fn alike(
    name: Name<'_>,
    key: u64,
    certificates: &[Certificate],
    keys: &[u64],
    budget: &mut Budget,
) -> Result<Vec<usize>, Exhausted> {
    let mut places = Vec::new();
    for (place, (certificate, found)) in certificates.iter().zip(keys).enumerate() {
        if *found != key {
            continue;
        }
        let subject = certificate.subject();
        budget.spend_comparisons(cost(name) + cost(subject))?;
        if is_alike(subject, name) {
            places.push(place);
        }
    }
    Ok(places)
}

/// The work of reading a name once in its normal form.
pub(crate) fn cost(name: Name<'_>) -> usize {
    1 + name.work() / OCTETS_PER_COMPARISON
}

fn candidate(world: &World<'_>, wanted: Option<&[u8]>, issuer: Issuer) -> Candidate {
    let rank = rank(world, wanted, issuer);
    Candidate { issuer, rank }
}

/// The key identifier of an issuer, as far as it has one.
pub(crate) fn key_id<'a>(world: &World<'a>, issuer: Issuer) -> Option<&'a [u8]> {
    match issuer {
        Issuer::Anchor(id) => world.anchor(id)?.key_id(),
        Issuer::Pool(id) => world.certificate(id).subject_key_id(),
    }
}

/// How the key identifier that a certificate names and that of a candidate go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyIdMatch {
    /// They are the same.
    Same,
    /// One of them is absent.
    Unknown,
    /// They differ: a hint only, the signature decides.
    Different,
}

impl KeyIdMatch {
    pub(crate) fn of(wanted: Option<&[u8]>, found: Option<&[u8]>) -> Self {
        match (wanted, found) {
            (Some(wanted), Some(found)) if wanted == found => Self::Same,
            (Some(_), Some(_)) => Self::Different,
            _ => Self::Unknown,
        }
    }
}

fn rank(world: &World<'_>, wanted: Option<&[u8]>, issuer: Issuer) -> u8 {
    let by_key = KeyIdMatch::of(wanted, key_id(world, issuer)) as u8;
    let (certificate, by_trust) = match issuer {
        Issuer::Anchor(id) => (world.anchor(id).and_then(|anchor| anchor.certificate()), 0),
        Issuer::Pool(id) => (Some(world.certificate(id)), 1),
    };
    let in_period = |c: &Certificate| c.not_before() <= world.at && world.at <= c.not_after();
    let by_period = u8::from(!certificate.is_none_or(in_period));
    by_key << 2 | by_period << 1 | by_trust
}

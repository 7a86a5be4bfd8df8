//! What a search may look at, and the numbers by which it names certificates: the inputs (a), (b)
//! and (d) of RFC 5280 section 6.1.1, and the candidates from which prospective paths are built.
//!
//! A search holds numbers and no references, so that it can be kept between steps. Its driver lends
//! it the certificates for the time of a step.

use alloc::vec::Vec;

pub(crate) use super::origin::Origin;
use crate::certificate::{Certificate, Name};
use crate::crypto::{Provider, SignatureMemo};
use crate::narrow;
use crate::path::certificate_checks::AnchorSummaries;
use crate::path::options::PathOptions;
use crate::path::peer_name::PeerName;
use crate::time::Time;
use crate::trust::{AnchorKeys, Pool, TrustAnchor, TrustStore};

/// A certificate in the pool: 0 is the leaf, then those presented, then the caller's additional
/// ones, then the store's that are no anchors, then those that were fetched on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PoolId(pub(crate) u32);

impl PoolId {
    pub(crate) const LEAF: Self = Self(0);

    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An anchor of the store, by its place in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AnchorId(pub(crate) u32);

/// Someone who may have issued a certificate; anchors come before others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Issuer {
    Anchor(AnchorId),
    Pool(PoolId),
}

impl Default for Issuer {
    fn default() -> Self {
        Self::Pool(PoolId::LEAF)
    }
}

/// All that a validation may look at. The other inputs of RFC 5280 section 6.1.1 are among the
/// options and in the anchors.
#[derive(Clone, Copy)]
pub(crate) struct PathContext<'a> {
    /// RFC 5280 section 6.1.1 (a): the last certificate of each prospective path.
    pub(crate) leaf: &'a Certificate,
    pub(crate) presented: &'a [Certificate],
    pub(crate) additional: &'a Pool,
    /// RFC 5280 section 6.1.1 (d): the trust anchors, and more certificates.
    pub(crate) store: &'a TrustStore,
    pub(crate) fetched: &'a [Certificate],
    pub(crate) anchor_keys: &'a AnchorKeys,
    pub(crate) anchor_summaries: &'a AnchorSummaries,
    pub(crate) provider: &'a dyn Provider,
    pub(crate) memo: &'a dyn SignatureMemo,
    pub(crate) options: &'a PathOptions,
    pub(crate) expected: &'a [PeerName],
    /// RFC 5280 section 6.1.1 (b): the moment that is asked for.
    pub(crate) at: Time,
}

impl<'a> PathContext<'a> {
    /// The certificate of this number. Numbers come from this context; one that does not would name
    /// the leaf.
    pub(crate) fn certificate(&self, id: PoolId) -> &'a Certificate {
        let Some(place) = id.index().checked_sub(1) else {
            return self.leaf;
        };
        match self.presented.get(place) {
            Some(certificate) => certificate,
            None => self.certificate_of_others(id),
        }
    }

    /// Of those that were not presented, which few paths have.
    #[inline(never)]
    fn certificate_of_others(&self, id: PoolId) -> &'a Certificate {
        self.find(id)
            .map_or(self.leaf, |(certificate, _)| certificate)
    }

    pub(crate) fn origin(&self, id: PoolId) -> Origin {
        self.find(id).map_or(Origin::Leaf, |(_, origin)| origin)
    }

    fn find(&self, id: PoolId) -> Option<(&'a Certificate, Origin)> {
        let sections = [
            (self.presented, Origin::Presented),
            (self.additional.certificates(), Origin::Additional),
            (self.store.candidates(), Origin::Store),
            (self.fetched, Origin::Fetched),
        ];
        let mut place = id.index().checked_sub(1)?;
        for (section, origin) in sections {
            match section.get(place) {
                Some(certificate) => return Some((certificate, origin)),
                None => place -= section.len(),
            }
        }
        None
    }

    pub(crate) fn anchor(&self, id: AnchorId) -> Option<&'a TrustAnchor> {
        self.store.anchors().get(id.0 as usize)
    }

    /// Did an anchor's own key make the signature of its certificate?
    pub(crate) fn signs_itself(&self, id: AnchorId) -> bool {
        let signs_itself = |anchor| self.anchor_keys.signs_itself(id.0 as usize, anchor);
        self.anchor(id).is_some_and(signs_itself)
    }

    fn first_additional(&self) -> usize {
        1 + self.presented.len()
    }

    fn first_stored(&self) -> usize {
        self.first_additional() + self.additional.certificates().len()
    }

    /// The presented certificate of this place as an issuer.
    pub(crate) fn presented_issuer(place: usize) -> Issuer {
        Issuer::Pool(PoolId(1 + narrow::bounded(place)))
    }

    /// The certificates that were presented beside the leaf.
    pub(crate) fn presented_issuers(&self) -> impl Iterator<Item = PoolId> + use<> {
        ids(1, self.presented.len())
    }

    /// The certificates that were fetched.
    pub(crate) fn fetched_issuers(&self) -> impl Iterator<Item = PoolId> + use<> {
        ids(self.first_fetched(), self.fetched.len())
    }

    fn first_fetched(&self) -> usize {
        self.first_stored() + self.store.candidates().len()
    }

    /// Everyone of a name by RFC 5280 section 7.1, those first whom the caller brought, so that
    /// namesakes among what was presented do not crowd them out: for signers of evidence, of
    /// which there are few.
    pub(crate) fn named(&self, name: Name<'_>) -> Vec<Issuer> {
        let mut all = Vec::new();
        let mut add = |issuer| all.push(issuer);
        for spelling in [Spelling::Same, Spelling::Other] {
            self.anchors_named(name, spelling, &mut add);
        }
        for spelling in [Spelling::Same, Spelling::Other] {
            self.configured_named(name, spelling, &mut add);
        }
        let others = self.presented_issuers().chain(self.fetched_issuers());
        let named = others.filter(|&id| self.certificate(id).subject().matches(&name));
        all.extend(named.map(Issuer::Pool));
        all
    }

    /// Anchors of a name.
    pub(crate) fn anchors_named(
        &self,
        name: Name<'_>,
        spelling: Spelling,
        mut add: impl FnMut(Issuer),
    ) {
        let add = |place| add(Issuer::Anchor(AnchorId(narrow::bounded(place))));
        match spelling {
            Spelling::Same => self.store.anchors_named(name).for_each(add),
            Spelling::Other => self.store.anchors_named_alike(name).for_each(add),
        }
    }

    /// Did the caller bring certificates that are no anchors?
    pub(crate) fn has_configured(&self) -> bool {
        !self.additional.certificates().is_empty() || !self.store.candidates().is_empty()
    }

    /// Configured certificates of a name.
    pub(crate) fn configured_named(
        &self,
        name: Name<'_>,
        spelling: Spelling,
        mut add: impl FnMut(Issuer),
    ) {
        for (first, configured) in [
            (self.first_additional(), self.additional),
            (self.first_stored(), self.store.pool()),
        ] {
            let add = |place| add(Issuer::Pool(PoolId(narrow::bounded(first + place))));
            match spelling {
                Spelling::Same => configured.named(name).for_each(add),
                Spelling::Other => configured.named_alike(name).for_each(add),
            }
        }
    }
}

fn ids(first: usize, count: usize) -> impl Iterator<Item = PoolId> {
    (first..first + count).map(|place| PoolId(narrow::bounded(place)))
}

/// How alike two equal names are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Byte for byte.
    #[default]
    Same,
    /// Equal by RFC 5280 section 7.1, in other bytes.
    Other,
}

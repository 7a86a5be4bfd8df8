//! The keys along a path (RFC 5280 section 6.1.4 (d) to (f)): where each comes from, whose
//! parameters it inherits, and when it is prepared.
//!
//! A key is prepared when it has to verify something. Keys of anchors are ready for all
//! validations; keys of known issuers come from the memo. Going down to the next key costs reading
//! its parameters.

use alloc::sync::Arc;

use super::context::{Issuer, PathContext, PoolId};
use crate::certificate::{AlgorithmIdentifier, Certificate, SubjectPublicKeyInfo};
use crate::crypto::{Document, Fact, KeyError, PreparedKey};
use crate::trust::TrustAnchor;

/// The key of an issuer on its way down a path.
#[derive(Clone, Copy)]
pub(super) struct WorkingKey<'a> {
    pub(super) owner: Issuer,
    /// Where it stands: it is looked at when somebody asks for it.
    holder: KeySource<'a>,
    /// Parameters that this key takes from above.
    pub(super) inherited: Option<(Issuer, &'a [u8])>,
    /// An anchor stands above it, with signatures that hold down to here: what it signed is worth
    /// remembering.
    pub(super) vouched: bool,
}

/// Where a key comes from.
#[derive(Clone, Copy)]
enum KeySource<'a> {
    Anchor(&'a TrustAnchor),
    Certificate(&'a Certificate),
}

impl<'a> KeySource<'a> {
    fn spki(self) -> SubjectPublicKeyInfo<'a> {
        match self {
            Self::Anchor(anchor) => anchor.public_key(),
            Self::Certificate(certificate) => certificate.public_key(),
        }
    }

    fn spki_der(self) -> &'a [u8] {
        match self {
            Self::Anchor(anchor) => anchor.spki_der(),
            Self::Certificate(certificate) => certificate.spki_der(),
        }
    }
}

impl<'a> WorkingKey<'a> {
    /// RFC 5280 section 6.1.2 (g) to (i): the first working key, its parameters and algorithm are
    /// the anchor's.
    ///
    /// A path that ends in no anchor begins with the key of its last certificate.
    pub(super) fn of_anchor(context: &PathContext<'a>, owner: Issuer) -> Result<Self, KeyError> {
        let holder = match owner {
            Issuer::Anchor(id) => context.anchor(id).map(KeySource::Anchor),
            Issuer::Pool(id) => Some(KeySource::Certificate(context.certificate(id))),
        };
        Ok(Self {
            owner,
            holder: holder.ok_or(KeyError::Malformed)?,
            inherited: None,
            vouched: matches!(owner, Issuer::Anchor(_)),
        })
    }

    /// RFC 5280 section 6.1.4 (d) to (f): the key of a certificate that this key's owner issued
    /// becomes the working key, and takes parameters from above if it has none of its own.
    pub(super) fn below(&self, id: PoolId, certificate: &'a Certificate) -> Self {
        let algorithm = certificate.public_key().algorithm();
        let inherited = match own_parameters(algorithm.parameters()) {
            Some(_) => None,
            None => self.parameters_for(algorithm),
        };
        Self {
            owner: Issuer::Pool(id),
            holder: KeySource::Certificate(certificate),
            inherited,
            vouched: self.vouched,
        }
    }

    /// As [`WorkingKey::below`]; none for the leaf, which issues nothing here.
    pub(super) fn of_issuer_below(&self, context: &PathContext<'a>, child: PoolId) -> Option<Self> {
        (child != PoolId::LEAF).then(|| self.below(child, context.certificate(child)))
    }

    /// What the memo knows: that this key signed a document.
    pub(super) fn fact<'d>(&self, document: Document<'d>) -> Fact<'d>
    where
        'a: 'd,
    {
        Fact {
            spki: self.holder.spki_der(),
            inherited: self.inherited.map(|(_, der)| der),
            document,
        }
    }

    /// Makes it ready, unless it takes parameters from above or can't be used: whoever needs it
    /// then finds out why.
    pub(super) fn prepared(&self, context: &PathContext<'a>) -> Option<Arc<dyn PreparedKey>> {
        if self.inherited.is_some() {
            return None;
        }
        context.provider.prepare(&self.holder.spki(), None).ok()
    }

    /// Parameters for the next key if it is of the same algorithm and has none, and whose they are.
    fn parameters_for(&self, next: AlgorithmIdentifier<'_>) -> Option<(Issuer, &'a [u8])> {
        let algorithm = self.holder.spki().algorithm();
        if next.oid() != algorithm.oid() {
            return None;
        }
        let own = own_parameters(algorithm.parameters()).map(|der| (self.owner, der));
        own.or(self.inherited)
    }
}

/// Parameters that are there and not NULL (RFC 5280 section 6.1.4 (d) and (e) treat both alike).
fn own_parameters(parameters: Option<&[u8]>) -> Option<&[u8]> {
    parameters.filter(|der| *der != [0x05, 0x00])
}

/// A key that has been prepared: whose it is, and whose parameters it inherited.
#[derive(Default)]
pub(super) struct KeySlot {
    pub(super) owner: Issuer,
    /// The number of its octets, if keys are numbered.
    pub(super) number: Option<u32>,
    pub(super) parameters_of: Option<Issuer>,
    prepared: Prepared,
}

/// Where the prepared key is.
#[derive(Default)]
enum Prepared {
    /// With the anchors' keys, which outlive the validation.
    OfAnchor(usize),
    /// Nobody has asked for it yet.
    #[default]
    NotYet,
    Own(Result<Arc<dyn PreparedKey>, KeyError>),
}

impl KeySlot {
    /// Of a key that may have been prepared before.
    pub(super) fn new(
        key: &WorkingKey<'_>,
        number: Option<u32>,
        known: Option<Arc<dyn PreparedKey>>,
    ) -> Self {
        let prepared = match (key.owner, key.inherited, known) {
            (_, _, Some(known)) => Prepared::Own(Ok(known)),
            (Issuer::Anchor(id), None, None) => Prepared::OfAnchor(id.0 as usize),
            _ => Prepared::NotYet,
        };
        Self {
            owner: key.owner,
            number,
            parameters_of: key.inherited.map(|(owner, _)| owner),
            prepared,
        }
    }

    pub(super) fn prepared<'a>(
        &'a mut self,
        context: &PathContext<'a>,
        key: &WorkingKey<'_>,
    ) -> Result<&'a dyn PreparedKey, KeyError> {
        if let Prepared::NotYet = self.prepared {
            let inherited = key.inherited.map(|(_, der)| der);
            let prepared = context.provider.prepare(&key.holder.spki(), inherited);
            self.prepared = Prepared::Own(prepared);
        }
        match &self.prepared {
            Prepared::OfAnchor(index) => context.anchor_keys.get(*index),
            Prepared::Own(Ok(key)) => Ok(&**key),
            Prepared::Own(Err(error)) => Err(*error),
            Prepared::NotYet => Err(KeyError::Malformed), // it has just been prepared
        }
    }
}

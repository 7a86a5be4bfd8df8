//! Signatures of a path, each checked once (RFC 5280 section 6.1.3 (a)(1) and 6.1.4 (d) to (f)).
//!
//! The search verifies a path from the anchor down. So a key is used only after the path above has
//! vouched for it, and a stranger's key is not decoded while the path may still be accepted. The
//! explanation of a rejection also asks for single pairs. Results are remembered by certificate and
//! key until the validation ends, failures too. The memo keeps only successes of issuers below an
//! anchor across validations, so strangers who sign for each other cannot fill it. Each check is
//! paid for before it is made.
//!
//! A key is prepared when it has to verify something that the memo does not know. The memo keeps
//! the key with the signature that vouches for it. So a new leaf below known issuers costs one
//! signature and no decoding of keys, at any depth.

use alloc::sync::Arc;

use tinyvec::TinyVec;

use super::budget::{Budget, Exhausted, Refusal};
use super::context::{AnchorId, Issuer, PathContext, PoolId};
use super::interner::{Interner, OctetsAt};
use super::violation::{Rule, Violation};
use super::working_key::{KeySlot, WorkingKey};
use crate::certificate::AlgorithmIdentifier;
use crate::crypto::{Document, KeyError, PreparedKey, SignatureError};

/// The signatures that one validation has checked. The budget bounds how many there are; the
/// certificates and anchors that a search looks at bound the numbers of keys.
#[derive(Default)]
pub(crate) struct Signatures {
    /// Numbers of keys, once the search keeps records. Before that, each key is on the path once.
    numbers: Option<Interner>,
    keys: TinyVec<[KeySlot; 4]>,
    checked: TinyVec<[Checked; 4]>,
}

/// Of a certificate and a key, by its slot; `None` for a signature that holds.
#[derive(Default)]
struct Checked {
    child: PoolId,
    key: usize,
    flaw: Option<Flaw>,
}

/// What is wrong with a signature: of all rules the two that are remembered, and small.
#[derive(Clone, Copy)]
enum Flaw {
    Key(KeyError),
    Signature(SignatureError),
}

impl From<Refusal<Flaw>> for Rule {
    #[cold]
    fn from(refusal: Refusal<Flaw>) -> Self {
        match refusal {
            Refusal::Violation(Flaw::Key(error)) => Self::IssuerKey(error),
            Refusal::Violation(Flaw::Signature(error)) => Self::Signature(error),
            Refusal::Exhausted(exhausted) => Self::Exhausted(exhausted),
        }
    }
}

impl Checked {
    fn is_bad(&self) -> bool {
        match self.flaw {
            None | Some(Flaw::Key(KeyError::MissingParameters)) => false,
            Some(_) => true,
        }
    }
}

/// A signature on evidence.
pub(crate) struct Signed<'a> {
    pub(crate) algorithm: AlgorithmIdentifier<'a>,
    pub(crate) message: &'a [u8],
    pub(crate) signature: &'a [u8],
    /// What the memo is to know it by.
    pub(crate) document: Option<Document<'a>>,
}

impl Signatures {
    /// Tells keys apart by their octets from now on, whoever holds them.
    pub(super) fn number_keys(&mut self, context: &PathContext<'_>) {
        let numbers = self.numbers.get_or_insert_default();
        for known in &mut self.keys {
            known.number = Some(numbers.number(context, OctetsAt::Key(known.owner)));
        }
    }

    /// Has this pair been found not to hold, whatever stands above the issuer? A key that takes its
    /// parameters from above, or found none there, may do better on another path.
    pub(crate) fn is_known_bad(
        &mut self,
        context: &PathContext<'_>,
        child: PoolId,
        issuer: Issuer,
    ) -> bool {
        let number = Some(self.key_number(context, issuer));
        let of_issuer = |key: &KeySlot| key.parameters_of.is_none() && key.number == number;
        self.checked.iter().any(|checked| {
            checked.child == child
                && checked.is_bad()
                && self.keys.get(checked.key).is_some_and(of_issuer)
        })
    }

    /// The number of a holder's key: equal keys have equal numbers.
    pub(super) fn key_number(&mut self, context: &PathContext<'_>, holder: Issuer) -> u32 {
        let numbers = self.numbers.get_or_insert_default();
        numbers.number(context, OctetsAt::Key(holder))
    }

    /// Verifies a path from its anchor down; one that ends in none, from its last certificate down.
    /// `path` is leaf first.
    ///
    /// Violations go to `note`, with the position of the certificate whose signature does not hold;
    /// it may end the walk.
    pub(crate) fn verify_path(
        &mut self,
        context: &PathContext<'_>,
        path: &[PoolId],
        anchor: Option<AnchorId>,
        budget: &mut Budget,
        note: &mut impl FnMut(Violation) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let (top, below) = match (anchor, path.split_last()) {
            (Some(anchor), _) => (Issuer::Anchor(anchor), path),
            (None, Some((&last, below))) => (Issuer::Pool(last), below),
            (None, None) => return Ok(()),
        };
        let mut key = match WorkingKey::of_anchor(context, top) {
            Ok(key) => key,
            Err(error) => {
                let (position, rule) = (path.len().saturating_sub(1), Rule::IssuerKey(error));
                return note(Violation { position, rule });
            }
        };
        for (position, &child) in below.iter().enumerate().rev() {
            let mut next = key.of_issuer_below(context, child);
            if let Err(refusal) = self.verify(context, child, &key, next.as_ref(), budget) {
                key.vouched = false;
                let rule = refusal.into();
                note(Violation { position, rule })?;
            }
            let Some(next) = &mut next else { break };
            next.vouched = key.vouched;
            key = *next;
        }
        Ok(())
    }

    /// Did the key of `issuer` sign `child`? Parameters are not inherited here.
    pub(crate) fn verify_pair(
        &mut self,
        context: &PathContext<'_>,
        child: PoolId,
        issuer: Issuer,
        budget: &mut Budget,
    ) -> Result<(), Rule> {
        let key = WorkingKey::of_anchor(context, issuer).map_err(Rule::IssuerKey)?;
        let below = key.of_issuer_below(context, child);
        let verified = self.verify(context, child, &key, below.as_ref(), budget);
        verified.map_err(Rule::from)
    }

    /// Did the key at this place of a path, whose signatures hold, sign some evidence? `place`
    /// counts from the leaf; behind the last certificate stands the anchor. It is paid for. The
    /// memo knows it if it has a document; otherwise the caller remembers.
    pub(crate) fn verify_message(
        &mut self,
        context: &PathContext<'_>,
        path: (&[PoolId], AnchorId),
        place: usize,
        signed: &Signed<'_>,
        budget: &mut Budget,
    ) -> Result<(), Rule> {
        let (certificates, anchor) = path;
        let top = WorkingKey::of_anchor(context, Issuer::Anchor(anchor));
        let mut key = top.map_err(Rule::IssuerKey)?;
        for &id in certificates.get(place..).unwrap_or_default().iter().rev() {
            key = key.below(id, context.certificate(id));
        }
        let fact = signed.document.map(|document| key.fact(document));
        if fact.is_some_and(|fact| context.memo.recall(&fact).is_some()) {
            return Ok(());
        }
        let slot = self.slot_of(context, &key, None);
        let slot = self.keys.get_mut(slot).ok_or(KeyError::Malformed);
        let prepared = slot.and_then(|slot| slot.prepared(context, &key));
        let prepared = prepared.map_err(Rule::IssuerKey)?;
        budget.spend_signature().map_err(Rule::Exhausted)?;
        let verified = prepared.verify(&signed.algorithm, signed.message, signed.signature);
        verified.map_err(Rule::Signature)?;
        if let Some(fact) = fact {
            context.memo.remember(&fact, None);
        }
        Ok(())
    }

    fn verify(
        &mut self,
        context: &PathContext<'_>,
        child: PoolId,
        key: &WorkingKey<'_>,
        below: Option<&WorkingKey<'_>>,
        budget: &mut Budget,
    ) -> Result<(), Refusal<Flaw>> {
        let slot = self.slot_of(context, key, None);
        let mut checked = self.checked.iter();
        let known = checked.find(|known| known.child == child && known.key == slot);
        let flaw = match known {
            Some(known) => known.flaw,
            None => self.verify_new(context, child, (slot, key), below, budget)?,
        };
        flaw.map_or(Ok(()), |flaw| Err(Refusal::Violation(flaw)))
    }

    /// Verifies what has not been verified yet under this key, and remembers it.
    fn verify_new(
        &mut self,
        context: &PathContext<'_>,
        child: PoolId,
        (slot, key): (usize, &WorkingKey<'_>),
        below: Option<&WorkingKey<'_>>,
        budget: &mut Budget,
    ) -> Result<Option<Flaw>, Exhausted> {
        let checked = match self.keys.get_mut(slot) {
            Some(slot) => check(context, child, key, below, slot, budget)?,
            None => Err(Flaw::Key(KeyError::Malformed)),
        };
        let (flaw, own) = match checked {
            Ok(own) => (None, own),
            Err(flaw) => (Some(flaw), None),
        };
        if let (Some(own), Some(below)) = (own, below) {
            self.slot_of(context, below, Some(own));
        }
        let key = slot;
        self.checked.push(Checked { child, key, flaw });
        Ok(flaw)
    }

    /// The slot of this key: the same octets with the same inherited parameters are one key,
    /// whoever holds them, where keys are numbered.
    fn slot_of(
        &mut self,
        context: &PathContext<'_>,
        key: &WorkingKey<'_>,
        prepared: Option<Arc<dyn PreparedKey>>,
    ) -> usize {
        let parameters_of = key.inherited.map(|(owner, _)| owner);
        let numbers = self.numbers.as_mut();
        let number = numbers.map(|numbers| numbers.number(context, OctetsAt::Key(key.owner)));
        let known = self.keys.iter().rposition(|known| {
            known.parameters_of == parameters_of
                && (known.owner == key.owner || (number.is_some() && known.number == number))
        });
        known.unwrap_or_else(|| {
            self.keys.push(KeySlot::new(key, number, prepared));
            self.keys.len() - 1
        })
    }
}

/// RFC 5280 section 6.1.3 (a)(1): checks one signature. `below` is the key that an issuer holds
/// itself; what comes back with success is this key, if it is ready.
#[inline]
fn check(
    context: &PathContext<'_>,
    child: PoolId,
    key: &WorkingKey<'_>,
    below: Option<&WorkingKey<'_>>,
    slot: &mut KeySlot,
    budget: &mut Budget,
) -> Result<Result<Option<Arc<dyn PreparedKey>>, Flaw>, Exhausted> {
    let certificate = context.certificate(child);
    let fact = key.fact(Document::Certificate(certificate));
    // Leaves come and go; what is worth remembering are issuers.
    if below.is_some()
        && let Some(recalled) = context.memo.recall(&fact)
    {
        return Ok(Ok(recalled.key));
    }
    let prepared = match slot.prepared(context, key) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(Err(Flaw::Key(error))),
    };
    budget.spend_signature()?;
    let algorithm = certificate.signature_algorithm();
    let verified = prepared.verify(&algorithm, certificate.tbs(), certificate.signature());
    if let Err(error) = verified {
        return Ok(Err(Flaw::Signature(error)));
    }
    let Some(below) = below.filter(|_| key.vouched) else {
        return Ok(Ok(None));
    };
    let own = below.prepared(context);
    context.memo.remember(&fact, own.as_ref());
    Ok(Ok(own))
}

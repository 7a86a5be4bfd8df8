//! A validator that can be replaced while handshakes run.
//!
//! A handshake takes the validator as it stands when the certificate comes, and keeps to it. Taking
//! it is a lock for the length of a reference count; replacing it never waits for a handshake.
//! Replacements wait for each other, so that of two changes neither is lost.

use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use portcullis::{BuildError, Purpose, TrustStore, Validator};

/// A validator that many verifiers share and that can be replaced under load.
///
/// ```
/// use portcullis_rustls::SharedValidator;
/// # use portcullis::revocation::{RevocationFlag, RevocationMode};
/// # use portcullis::{TrustMode, TrustStore, Validator};
/// # let roots = TrustStore::from_pem(include_bytes!("../../../testdata/roots/root.pem"))?;
/// # let validator = Validator::builder(TrustMode::CustomRootTrust(roots)).build()?;
/// let shared = SharedValidator::new(validator);
///
/// // Other anchors: options and evidence stay.
/// let roots = TrustStore::from_pem(include_bytes!("../../../testdata/roots/another-root.pem"))?;
/// shared.replace_store(roots);
/// assert_eq!(shared.current().store().anchors().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SharedValidator {
    held: RwLock<Arc<Held>>,
    replacing: Mutex<()>,
}

#[derive(Debug)]
struct Held {
    validator: Validator,
    /// As it judges clients, where it asks for no purpose itself: made when the first client
    /// comes.
    for_clients: OnceLock<Result<Validator, BuildError>>,
    /// The same for servers.
    for_servers: OnceLock<Result<Validator, BuildError>>,
}

/// The side that presents a certificate in a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandshakePeer {
    Client,
    Server,
}

impl HandshakePeer {
    /// What the certificate of such a peer must be meant for.
    const fn purpose(self) -> Purpose {
        match self {
            Self::Client => Purpose::ClientAuth,
            Self::Server => Purpose::ServerAuth,
        }
    }
}

impl Held {
    fn new(validator: Validator) -> Arc<Self> {
        Arc::new(Self {
            validator,
            for_clients: OnceLock::new(),
            for_servers: OnceLock::new(),
        })
    }
}

impl SharedValidator {
    /// Shares this validator.
    #[must_use]
    pub fn new(validator: Validator) -> Self {
        Self {
            held: RwLock::new(Held::new(validator)),
            replacing: Mutex::default(),
        }
    }

    /// The validator as it stands.
    #[must_use]
    pub fn current(&self) -> Validator {
        self.held().validator.clone()
    }

    /// The validator as it stands; one that asks for no purpose, asking for that of such a peer.
    pub(crate) fn judging(&self, peer: HandshakePeer) -> Result<Validator, BuildError> {
        let held = self.held();
        let validator = &held.validator;
        if !validator.purpose().required().is_empty() {
            return Ok(validator.clone());
        }
        let asking = match peer {
            HandshakePeer::Client => &held.for_clients,
            HandshakePeer::Server => &held.for_servers,
        };
        let ask = || validator.with_purpose(peer.purpose());
        asking.get_or_init(ask).clone()
    }

    /// Replaces the validator for all that begins from here on. Returns the one that it takes the
    /// place of.
    ///
    /// Verdicts that a [cache](portcullis::cache) remembers are those of the validator that made
    /// them, and are not found by another. Sessions that are resumed are not validated by
    /// themselves: [`Recheck`](super::Recheck) does it, and takes no verdict of the one that
    /// was replaced for one of the other.
    ///
    /// A validator from a new builder begins with no evidence of revocation, unless it is
    /// [given](portcullis::ValidatorBuilder::evidence) that of the old one: where the handshake
    /// validates it turns everybody away until the evidence has been fetched again. For other
    /// anchors there is [`replace_store`](Self::replace_store).
    pub fn replace(&self, validator: Validator) -> Validator {
        let _alone = self.replacing();
        self.swap(validator)
    }

    /// As [`replace`](Self::replace) by [`Validator::with_store`]: other anchors, the same options,
    /// and the same evidence. Of two at once, or one and a `replace`, neither undoes the other.
    pub fn replace_store(&self, store: TrustStore) -> Validator {
        let _alone = self.replacing();
        // Handshakes go on with the old one while the keys of the new anchors are prepared.
        self.swap(self.current().with_store(store))
    }

    fn swap(&self, validator: Validator) -> Validator {
        let new = Held::new(validator);
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *held, new);
        drop(held);
        old.validator.clone()
    }

    /// What panicked elsewhere left nothing half replaced.
    fn replacing(&self) -> MutexGuard<'_, ()> {
        self.replacing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> Arc<Held> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&held)
    }
}

impl From<Validator> for SharedValidator {
    fn from(validator: Validator) -> Self {
        Self::new(validator)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::testing::{anchor, validator};

    #[test]
    fn who_holds_one_keeps_it_when_it_is_replaced() {
        let (first, second) = (validator("first"), validator("second"));
        let shared = SharedValidator::new(first.clone());
        let held = shared.current();
        let replaced = shared.replace(second.clone());
        assert_eq!(replaced.digest(), first.digest());
        assert_eq!(held.digest(), first.digest());
        assert_eq!(shared.current().digest(), second.digest());
    }

    #[test]
    fn a_thread_that_panicked_spoils_nothing() {
        let shared = Arc::new(SharedValidator::from(validator("first")));
        let other = Arc::clone(&shared);
        let panicked = thread::spawn(move || {
            let _alone = other.replacing.lock().unwrap();
            let _held = other.held.write().unwrap();
            panic!("on purpose");
        });
        assert!(panicked.join().is_err());
        let second = validator("second");
        shared.replace(second.clone());
        assert_eq!(shared.current().digest(), second.digest());
    }

    #[test]
    fn another_store_leaves_the_options_alone() {
        let shared = SharedValidator::new(validator("first"));
        let before = shared.replace_store(TrustStore::new([anchor("second")]));
        assert_eq!(before.digest(), validator("first").digest());
        assert_eq!(shared.current().digest(), validator("second").digest());
    }

    #[test]
    fn peers_are_asked_for_their_purpose_and_no_other_is_overruled() {
        let shared = SharedValidator::new(validator("first"));
        assert_eq!(*shared.current().purpose(), Purpose::Any);
        for (peer, purpose, other) in [
            (
                HandshakePeer::Client,
                Purpose::ClientAuth,
                Purpose::ServerAuth,
            ),
            (
                HandshakePeer::Server,
                Purpose::ServerAuth,
                Purpose::ClientAuth,
            ),
        ] {
            shared.replace(validator("second"));
            assert_eq!(*shared.judging(peer).unwrap().purpose(), purpose);
            let own = shared.current().with_purpose(other).unwrap();
            shared.replace(own.clone());
            assert_eq!(shared.judging(peer).unwrap().digest(), own.digest());
        }
    }
}

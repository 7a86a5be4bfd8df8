//! A validator that can be replaced while handshakes run.
//!
//! A handshake takes the validator as it stands when the certificate comes, and keeps to it. Taking it is a lock for the
//! length of a reference count; replacing it never waits for a handshake.

use std::sync::{PoisonError, RwLock};

use crate::validator::Validator;

/// A validator that many verifiers share and that can be replaced under load.
#[derive(Debug)]
pub struct SharedValidator(RwLock<Validator>);

impl SharedValidator {
    /// Shares this validator.
    #[must_use]
    pub fn new(validator: Validator) -> Self {
        Self(RwLock::new(validator))
    }

    /// The validator as it stands.
    #[must_use]
    pub fn current(&self) -> Validator {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Replaces the validator for all that begins from here on. Returns the one that it takes the place of.
    ///
    /// Verdicts that a [cache](crate::cache) remembers are those of the validator that made them, and are not found by
    /// another. Sessions that are resumed are not validated by themselves: [`Recheck`](super::Recheck) does it, and takes no
    /// verdict of the one that was replaced for one of the other.
    pub fn replace(&self, validator: Validator) -> Validator {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        core::mem::replace(&mut held, validator)
    }
}

impl From<Validator> for SharedValidator {
    fn from(validator: Validator) -> Self {
        Self::new(validator)
    }
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;
    use std::thread;

    use super::*;
    use crate::rustls::testing::validator;

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
            let _held = other.0.write().unwrap();
            panic!("on purpose");
        });
        assert!(panicked.join().is_err());
        let second = validator("second");
        shared.replace(second.clone());
        assert_eq!(shared.current().digest(), second.digest());
    }
}

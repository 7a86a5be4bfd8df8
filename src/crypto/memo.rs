//! A memo of signatures that held.
//!
//! That a key signed certain bytes stays true for ever, so it need not be computed twice: a new
//! leaf under a known issuer costs one signature. With it the memo keeps the key that the
//! certificate holds, prepared: a known issuer's key is decoded once. Only successes are kept; a
//! failure costs its finder the computation again, and nobody can fill the memo without signatures
//! that hold.

#[cfg(feature = "std")]
mod bounded;

use alloc::sync::Arc;
use core::fmt;

use super::provider::PreparedKey;
use crate::certificate::Certificate;

/// "This key, with these inherited parameters, signed this."
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a> {
    /// The SubjectPublicKeyInfo of whoever signed.
    pub spki: &'a [u8],
    /// The parameters that the key inherited, if it needed any.
    pub inherited: Option<&'a [u8]>,
    /// What was signed.
    pub document: Document<'a>,
}

/// What was signed, the whole of it: to-be-signed bytes, algorithm and signature.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Document<'a> {
    /// The certificate of an issuer, or of an OCSP responder.
    Certificate(&'a Certificate),
    /// An OCSP response about an issuer.
    Response {
        /// The response in DER.
        der: &'a [u8],
        /// The signature in it.
        signature: &'a [u8],
    },
}

impl<'a> Document<'a> {
    /// The whole document in DER.
    #[must_use]
    pub fn as_der(&self) -> &'a [u8] {
        match self {
            Self::Certificate(certificate) => certificate.as_der(),
            Self::Response { der, .. } => der,
        }
    }

    /// The signature in it.
    #[must_use]
    pub fn signature(&self) -> &'a [u8] {
        match self {
            Self::Certificate(certificate) => certificate.signature(),
            Self::Response { signature, .. } => signature,
        }
    }
}

/// What a memo knows of a fact: that it holds.
#[derive(Clone)]
#[must_use]
pub struct Recalled {
    /// The key of the certificate that was signed, ready to verify what is below it. `None`: it is
    /// to be prepared, if anybody needs it.
    pub key: Option<Arc<dyn PreparedKey>>,
}

debug! { impl[] Recalled: "Recalled", |self| "has_key": self.key.is_some() }

/// Remembers signatures that held, and the keys of the certificates that they vouch for.
///
/// An implementation may forget at any time. It must never claim a fact that it was not told, nor
/// give a key of another certificate. Validators may share one if they have the same
/// [`Provider`](super::Provider): facts and keys are what it made of them.
pub trait SignatureMemo: Send + Sync + fmt::Debug {
    /// What is known if this very fact was remembered; `None` if it was not.
    fn recall(&self, fact: &Fact<'_>) -> Option<Recalled>;

    /// Takes note that this signature held. To be called after a verification that succeeded, and
    /// only then. `key` is that of the certificate, if it was prepared and inherits no
    /// parameters.
    fn remember(&self, fact: &Fact<'_>, key: Option<&Arc<dyn PreparedKey>>);
}

/// Remembers nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoMemo;

impl SignatureMemo for NoMemo {
    fn recall(&self, _: &Fact<'_>) -> Option<Recalled> {
        None
    }

    fn remember(&self, _: &Fact<'_>, _: Option<&Arc<dyn PreparedKey>>) {}
}

#[cfg(feature = "std")]
pub use bounded::BoundedMemo;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::testing::Parts;

    #[test]
    fn no_memo_remembers_nothing() {
        let certificate = Certificate::from_der(&Parts::default().der()).unwrap();
        let fact = Fact {
            spki: b"key",
            inherited: None,
            document: Document::Certificate(&certificate),
        };
        NoMemo.remember(&fact, None);
        assert!(NoMemo.recall(&fact).is_none());
    }
}

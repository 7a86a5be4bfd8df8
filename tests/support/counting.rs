//! A provider that counts its calls.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use portcullis::RustCrypto;
use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::crypto::{KeyError, PreparedKey, Provider, SignatureError, SupportedPair};

/// [`RustCrypto`], counted.
#[derive(Clone, Default)]
pub struct Counting(Arc<Counts>);

/// Key, message and signature.
type Check = (Vec<u8>, Vec<u8>, Vec<u8>);

#[derive(Default)]
struct Counts {
    checks: AtomicUsize,
    prepared: AtomicUsize,
    repeated: AtomicUsize,
    seen: Mutex<HashSet<Check>>,
}

impl Counting {
    pub fn new() -> Self {
        Self::default()
    }

    /// As what a builder takes.
    pub fn provider(&self) -> Arc<dyn Provider> {
        Arc::new(self.clone())
    }

    /// Signatures checked.
    pub fn checks(&self) -> usize {
        self.0.checks.load(Ordering::Relaxed)
    }

    /// Keys decoded.
    pub fn prepared(&self) -> usize {
        self.0.prepared.load(Ordering::Relaxed)
    }

    /// Signatures checked that had been checked before, since the last reset.
    pub fn repeated(&self) -> usize {
        self.0.repeated.load(Ordering::Relaxed)
    }

    /// Starts anew; the checks until now.
    pub fn reset(&self) -> usize {
        self.0.seen.lock().unwrap().clear();
        self.0.prepared.store(0, Ordering::Relaxed);
        self.0.repeated.store(0, Ordering::Relaxed);
        self.0.checks.swap(0, Ordering::Relaxed)
    }
}

impl fmt::Debug for Counting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Counting({})", self.checks())
    }
}

impl Provider for Counting {
    fn supported(&self) -> &[SupportedPair] {
        RustCrypto.supported()
    }

    fn prepare(
        &self,
        key: &SubjectPublicKeyInfo<'_>,
        inherited: Option<&[u8]>,
    ) -> Result<Arc<dyn PreparedKey>, KeyError> {
        self.0.prepared.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Counted {
            spki: key.as_der().to_vec(),
            key: RustCrypto.prepare(key, inherited)?,
            counts: Arc::clone(&self.0),
        }))
    }
}

struct Counted {
    spki: Vec<u8>,
    key: Arc<dyn PreparedKey>,
    counts: Arc<Counts>,
}

impl PreparedKey for Counted {
    fn verify(
        &self,
        algorithm: &AlgorithmIdentifier<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        self.counts.checks.fetch_add(1, Ordering::Relaxed);
        let asked = (self.spki.clone(), message.to_vec(), signature.to_vec());
        if !self.counts.seen.lock().unwrap().insert(asked) {
            self.counts.repeated.fetch_add(1, Ordering::Relaxed);
        }
        self.key.verify(algorithm, message, signature)
    }
}

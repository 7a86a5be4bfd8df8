//! What both verifiers do with a certificate: validate with the evidence at hand, and note what is
//! missing.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use portcullis::revocation::{FetchFailure, Request, RequestKind, RevocationFetcher};
use portcullis::{Accepted, Certificate, InputError, Presented, Rejected, Time, Validator};
use rustls::Error;
use rustls::pki_types::{CertificateDer, UnixTime};

use crate::error::certificate_error;
use crate::shared::HandshakePeer;
use crate::{MissingEvidence, SharedValidator};

/// What is told each verdict of a handshake: who judged, what was presented, what came out, and the
/// time that was asked about.
pub type OnVerdict =
    dyn Fn(&Validator, &Presented, &Result<Accepted, Rejected>, Time) + Send + Sync;

/// A validator, where what it lacks is noted, and who hears of its verdicts.
#[derive(Clone)]
pub(crate) struct Decide {
    pub(crate) validator: Arc<SharedValidator>,
    pub(crate) missing: Option<Arc<MissingEvidence>>,
    pub(crate) on_verdict: Option<Arc<OnVerdict>>,
    /// Whose purpose is asked for where the validator asks for nothing; `None`: nobody's.
    pub(crate) asked: Option<HandshakePeer>,
}

impl fmt::Debug for Decide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decide")
            .field("validator", &self.validator)
            .field("missing", &self.missing)
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}

impl Decide {
    /// For such peers, telling nobody.
    pub(crate) fn new(validator: Arc<SharedValidator>, peer: HandshakePeer) -> Self {
        Self {
            validator,
            missing: None,
            on_verdict: None,
            asked: Some(peer),
        }
    }

    /// Validates without waiting for anybody.
    pub(crate) fn verdict(&self, presented: &Presented, now: UnixTime) -> Result<(), Error> {
        // Taken once: it may be replaced before the verdict is told.
        let validator = match self.asked {
            Some(peer) => self.validator.judging(peer),
            None => Ok(self.validator.current()),
        };
        let validator = validator.map_err(|error| Error::General(error.to_string()))?;
        let noting = Noting::default();
        let at = time_of(now);
        let verdict = validator.validate(presented, at, &noting);
        if let Some(missing) = &self.missing
            && let Some(below_anchor) = noting.asked.take()
        {
            missing.note(presented, below_anchor.as_ref());
        }
        if let Some(tell) = &self.on_verdict {
            tell(&validator, presented, &verdict, at);
        }
        match verdict {
            Ok(_) => Ok(()),
            Err(rejected) => Err(Error::InvalidCertificate(certificate_error(&rejected, at))),
        }
    }
}

/// What came in the handshake, the leaf first.
pub(crate) fn presented(
    leaf: &CertificateDer<'_>,
    more: &[CertificateDer<'_>],
) -> Result<Presented, Error> {
    let chain = std::iter::once(leaf).chain(more);
    Presented::from_der(chain).map_err(|error| match error {
        InputError::Empty => Error::NoCertificatesPresented,
        _ => Error::InvalidCertificate(rustls::CertificateError::BadEncoding),
    })
}

pub(crate) fn time_of(now: UnixTime) -> Time {
    Time::from_unix(i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}

/// Fetches nothing, and knows whether evidence should have been, and below which CA.
#[derive(Default)]
struct Noting {
    asked: Cell<Option<Option<Certificate>>>,
}

impl RevocationFetcher for Noting {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        // Issuers are asked for where there is no path yet: anybody can make up a certificate
        // that names those URLs.
        if request.kind() != RequestKind::IssuerCertificate {
            self.asked.set(Some(request.below_anchor().cloned()));
        }
        Err(FetchFailure::NotAsked)
    }
}

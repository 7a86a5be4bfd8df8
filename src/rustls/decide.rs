//! What both verifiers do with a certificate: validate with the evidence at hand, and note what is
//! missing.

use alloc::sync::Arc;
use core::cell::Cell;
use core::fmt;

use ::rustls::Error;
use ::rustls::pki_types::{CertificateDer, UnixTime};

use super::error::certificate_error;
use super::shared::HandshakePeer;
use super::{MissingEvidence, SharedValidator};
use crate::certificate::InputError;
use crate::revocation::{Answer, FetchFailure, Request, RequestKind, RevocationFetcher};
use crate::time::Time;
use crate::validator::{Accepted, Presented, Rejected, Validator};

/// What is told each verdict of a handshake: who judged, what was presented, what came out, and the
/// time that was asked about.
pub type OnVerdict =
    dyn Fn(&Validator, &Presented, &Result<Accepted, Rejected>, Time) + Send + Sync;

/// A validator, where what it lacks is noted, and who hears of its verdicts.
#[derive(Clone)]
pub(super) struct Decide {
    pub(super) validator: Arc<SharedValidator>,
    pub(super) missing: Option<Arc<MissingEvidence>>,
    pub(super) on_verdict: Option<Arc<OnVerdict>>,
    /// Whose purpose is asked for where the validator asks for nothing; `None`: nobody's.
    pub(super) asked: Option<HandshakePeer>,
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
    /// Validates without waiting for anybody.
    pub(super) fn verdict(&self, presented: &Presented, now: UnixTime) -> Result<(), Error> {
        // Taken once: it may be replaced before the verdict is told.
        let validator = match self.asked {
            Some(peer) => self.validator.judging(peer),
            None => self.validator.current(),
        };
        let noting = Noting::default();
        let at = time_of(now);
        let verdict = validator.validate(presented, at, &noting);
        if let Some(missing) = &self.missing
            && noting.asked.get()
        {
            missing.note(presented);
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
pub(super) fn presented(
    leaf: &CertificateDer<'_>,
    more: &[CertificateDer<'_>],
) -> Result<Presented, Error> {
    let chain = core::iter::once(leaf).chain(more);
    Presented::from_der(chain).map_err(|error| match error {
        InputError::Empty => Error::NoCertificatesPresented,
        _ => Error::InvalidCertificate(::rustls::CertificateError::BadEncoding),
    })
}

pub(super) fn time_of(now: UnixTime) -> Time {
    Time::from_unix(i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}

/// Fetches nothing, and knows whether evidence should have been.
#[derive(Default)]
struct Noting {
    asked: Cell<bool>,
}

impl RevocationFetcher for Noting {
    fn fetch(&self, request: &Request) -> Answer {
        // Issuers are asked for where there is no path yet: whoever makes up a certificate chooses
        // those URLs.
        if request.kind() != RequestKind::IssuerCertificate {
            self.asked.set(true);
        }
        FetchFailure::NotAsked.into()
    }
}

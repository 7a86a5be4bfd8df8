//! Sessions that are resumed: is the verdict of another day good enough?
//!
//! A resumed session brings the certificates of the handshake that began it, and no verifier is
//! called. Neither expiry nor revocation ends it, nor does another validator, and a ticket that is
//! renewed on each connection never runs out: so a server asks here, once for each connection or
//! request, with what it keeps of the verdict. What it keeps is its own
//! affair; a [cache](portcullis::cache) of verdicts finds it again by the certificate. As there, a
//! verdict counts for the validator that made it and for no other.

use portcullis::revocation::RevocationFetcher;
use portcullis::{Accepted, Presented, Rejected, Time, Validator};

/// When a client that was accepted is validated anew. Default: [`Recheck::OnExpiry`].
///
/// ```
/// use portcullis::revocation::NoFetcher;
/// use portcullis_rustls::{Recheck, SharedValidator, Rechecked};
/// use portcullis::{Accepted, Presented, Rejected, Time};
///
/// /// For each connection, resumed or not. `peer` is what `peer_certificates()` of rustls gives.
/// fn admit(
///     shared: &SharedValidator,
///     peer: &[rustls::pki_types::CertificateDer<'_>],
///     kept: Option<&Accepted>,
///     now: Time,
/// ) -> Result<Option<Accepted>, Box<dyn std::error::Error>> {
///     let presented = Presented::from_der(peer)?;
///     match Recheck::OnExpiry.check(&shared.current(), &presented, kept, now, &NoFetcher)? {
///         Rechecked::Anew(accepted) => Ok(Some(accepted)),
///         _ => Ok(None), // what is kept holds
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recheck {
    /// Never: a ticket lets the same client in again. Only where tickets live no longer than one
    /// would wait for a revocation to take effect, and the server gives none for an older
    /// session.
    Never,
    /// When no verdict is kept, or it has ended: a certificate of its path has expired, the
    /// evidence that none of them is revoked has run out ([`Accepted::not_after`]), or the
    /// validator has other options or anchors than the one that made the verdict.
    #[default]
    OnExpiry,
    /// Each time.
    Always,
}

/// How a client stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use]
pub enum Rechecked {
    /// As it stood: nothing was validated.
    Kept,
    /// Accepted just now.
    Anew(Accepted),
}

impl Recheck {
    /// Must this client be validated anew by this validator? `kept` is the verdict of an earlier
    /// connection, if the server has it. One about another certificate counts for nothing, and
    /// so does one of another validator.
    #[must_use]
    pub fn is_due(
        self,
        validator: &Validator,
        presented: &Presented,
        kept: Option<&Accepted>,
        now: Time,
    ) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::OnExpiry => !kept.is_some_and(|accepted| {
                accepted.digest() == validator.digest()
                    && accepted.leaf() == presented.leaf()
                    && (accepted.not_before()..accepted.not_after()).contains(&now)
            }),
        }
    }

    /// Validates the client if that is due.
    ///
    /// # Errors
    /// [`Rejected`] when it was due and the client may no longer come in: end the connection, and
    /// forget the session.
    pub fn check(
        self,
        validator: &Validator,
        presented: &Presented,
        kept: Option<&Accepted>,
        now: Time,
        fetcher: &impl RevocationFetcher,
    ) -> Result<Rechecked, Rejected> {
        if !self.is_due(validator, presented, kept, now) {
            return Ok(Rechecked::Kept);
        }
        validator
            .validate(presented, now, fetcher)
            .map(Rechecked::Anew)
    }
}

#[cfg(test)]
mod tests {
    use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
    use portcullis::{TrustMode, TrustStore};

    use super::*;
    use crate::testing::client;

    fn at(year: u16) -> Time {
        Time::from_civil(year, 1, 1, 0, 0, 0).unwrap()
    }

    fn validator() -> Validator {
        let roots = TrustStore::from_pem(include_bytes!("../../../testdata/roots/root.pem"));
        Validator::builder(TrustMode::CustomRootTrust(roots.unwrap()))
            .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
            .build()
            .unwrap()
    }

    fn known() -> Presented {
        Presented::from_pem(include_bytes!("../../../testdata/chains/good-d2.pem")).unwrap()
    }

    #[test]
    fn a_verdict_is_good_as_long_as_it_lasts() {
        let (judge, known) = (validator(), known());
        let kept = judge.validate(&known, at(2026), &NoFetcher).unwrap();
        let end = kept.not_after();
        let is_due = |recheck: Recheck, kept, now| recheck.is_due(&judge, &known, kept, now);
        for (now, due) in [
            (at(2026), false),
            (end.plus(-1), false),
            (end, true),
            (kept.not_before(), false),
            (kept.not_before().plus(-1), true),
        ] {
            assert_eq!(is_due(Recheck::OnExpiry, Some(&kept), now), due);
            assert!(is_due(Recheck::Always, Some(&kept), now));
            assert!(!is_due(Recheck::Never, Some(&kept), now));
        }
        assert!(is_due(Recheck::OnExpiry, None, at(2026)));
        assert!(!is_due(Recheck::Never, None, at(2026)));
        let other = client("other");
        assert!(Recheck::OnExpiry.is_due(&judge, &other, Some(&kept), at(2026)));
        // One that was built alike gives the same verdicts, and any other does not.
        assert!(!Recheck::OnExpiry.is_due(&validator(), &known, Some(&kept), at(2026)));
        let stranger = crate::testing::validator("stranger");
        assert!(Recheck::OnExpiry.is_due(&stranger, &known, Some(&kept), at(2026)));
    }

    #[test]
    fn what_is_due_is_validated() {
        let (validator, known) = (validator(), known());
        let check = |recheck: Recheck, kept: Option<&Accepted>, now| {
            recheck.check(&validator, &known, kept, now, &NoFetcher)
        };
        let first = check(Recheck::default(), None, at(2026)).unwrap();
        let Rechecked::Anew(kept) = first else {
            panic!("{first:?}");
        };
        let again = check(Recheck::OnExpiry, Some(&kept), at(2026));
        assert!(matches!(again, Ok(Rechecked::Kept)));
        let late = kept.not_after().plus(1);
        assert!(check(Recheck::OnExpiry, Some(&kept), late).is_err());
        assert!(check(Recheck::Always, Some(&kept), late).is_err());
        let never = check(Recheck::Never, Some(&kept), late);
        assert!(matches!(never, Ok(Rechecked::Kept)));
    }
}

//! Sessions that are resumed: is the verdict of another day good enough?
//!
//! A resumed session brings the certificates of the handshake that began it, and no verifier is called. Neither expiry nor
//! revocation ends it, and a ticket that is renewed on each connection never runs out: so a server asks here, once for each
//! connection or request, with what it keeps of the verdict. What it keeps is its own affair; a
//! [cache](crate::cache) of verdicts finds it again by the certificate.

use crate::revocation::RevocationFetcher;
use crate::time::Time;
use crate::validator::{Accepted, Presented, Rejected, Validator};

/// When a client that was accepted is validated anew. Default: [`Recheck::OnExpiry`].
///
/// ```
/// use portcullis::revocation::NoFetcher;
/// use portcullis::rustls::{Recheck, SharedValidator, Standing};
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
///         Standing::Anew(accepted) => Ok(Some(accepted)),
///         _ => Ok(None), // what is kept holds
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recheck {
    /// Never: a ticket lets in whom it let in before. Only where tickets live no longer than one would wait for a
    /// revocation to take effect, and the server gives none for an older session.
    Never,
    /// When the verdict has ended: a certificate of its path has expired, or the evidence that none is revoked has run out
    /// ([`Accepted::not_after`]); or when no verdict is kept.
    #[default]
    OnExpiry,
    /// Each time.
    Always,
}

/// How a client stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use]
pub enum Standing {
    /// As it stood: nothing was validated.
    Kept,
    /// Accepted just now.
    Anew(Accepted),
}

impl Recheck {
    /// Must this client be validated anew? `kept` is the verdict of an earlier connection, if the server has it. One about
    /// another certificate counts for nothing.
    #[must_use]
    pub fn is_due(self, presented: &Presented, kept: Option<&Accepted>, now: Time) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::OnExpiry => !kept.is_some_and(|accepted| {
                accepted.leaf() == presented.leaf()
                    && (accepted.not_before()..=accepted.not_after()).contains(&now)
            }),
        }
    }

    /// Validates the client if that is due.
    ///
    /// # Errors
    /// [`Rejected`] when it was due and the client may no longer come in: end the connection, and forget the session.
    pub fn check(
        self,
        validator: &Validator,
        presented: &Presented,
        kept: Option<&Accepted>,
        now: Time,
        fetcher: &impl RevocationFetcher,
    ) -> Result<Standing, Rejected> {
        if !self.is_due(presented, kept, now) {
            return Ok(Standing::Kept);
        }
        validator
            .validate(presented, now, fetcher)
            .map(Standing::Anew)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revocation::{NoFetcher, RevocationFlag, RevocationMode};
    use crate::rustls::testing::client;
    use crate::trust::TrustStore;
    use crate::validator::TrustMode;

    fn at(year: u16) -> Time {
        Time::from_civil(year, 1, 1, 0, 0, 0).unwrap()
    }

    fn validator() -> Validator {
        let roots = TrustStore::from_pem(include_bytes!("../../testdata/roots/root.pem"));
        Validator::builder(TrustMode::CustomRootTrust(roots.unwrap()))
            .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
            .build()
            .unwrap()
    }

    fn known() -> Presented {
        Presented::from_pem(include_bytes!("../../testdata/chains/good-d2.pem")).unwrap()
    }

    #[test]
    fn a_verdict_is_good_as_long_as_it_lasts() {
        let (validator, known) = (validator(), known());
        let kept = validator.validate(&known, at(2026), &NoFetcher).unwrap();
        let end = kept.not_after();
        for (now, due) in [
            (at(2026), false),
            (end, false),
            (end.plus(1), true),
            (kept.not_before().plus(-1), true),
        ] {
            assert_eq!(Recheck::OnExpiry.is_due(&known, Some(&kept), now), due);
            assert!(Recheck::Always.is_due(&known, Some(&kept), now));
            assert!(!Recheck::Never.is_due(&known, Some(&kept), now));
        }
        assert!(Recheck::OnExpiry.is_due(&known, None, at(2026)));
        assert!(Recheck::OnExpiry.is_due(&client("other"), Some(&kept), at(2026)));
        assert!(!Recheck::Never.is_due(&known, None, at(2026)));
    }

    #[test]
    fn what_is_due_is_validated() {
        let (validator, known) = (validator(), known());
        let check = |recheck: Recheck, kept: Option<&Accepted>, now| {
            recheck.check(&validator, &known, kept, now, &NoFetcher)
        };
        let first = check(Recheck::default(), None, at(2026)).unwrap();
        let Standing::Anew(kept) = first else {
            panic!("{first:?}");
        };
        let again = check(Recheck::OnExpiry, Some(&kept), at(2026));
        assert!(matches!(again, Ok(Standing::Kept)));
        let late = kept.not_after().plus(1);
        assert!(check(Recheck::OnExpiry, Some(&kept), late).is_err());
        assert!(check(Recheck::Always, Some(&kept), late).is_err());
        let never = check(Recheck::Never, Some(&kept), late);
        assert!(matches!(never, Ok(Standing::Kept)));
    }
}

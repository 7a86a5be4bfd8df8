//! A rejection in rustls's terms, which decide the alert that the peer gets.
//!
//! The first violation of the path that came closest counts, as everywhere. What rustls has no word
//! for goes along whole, as [`CertificateError::Other`], so that logs show what was wrong; the peer
//! gets `certificate_unknown` then.

use std::sync::Arc;
use std::time::Duration;

use portcullis::crypto::SignatureError;
use portcullis::{Rejected, Rule, Time};
use rustls::pki_types::UnixTime;
use rustls::{CertificateError, OtherError};

/// What rustls calls this rejection; `at` is the time that was asked about.
///
/// | what is wrong | `CertificateError` | alert |
/// |---|---|---|
/// | it does not decode, or an extension | `BadEncoding` | bad_certificate |
/// | no path to an anchor, and a certificate that came along does not decode | `BadEncoding` | bad_certificate |
/// | an unknown critical extension, or qualifier in a critical certificatePolicies | `UnhandledCriticalExtension` | bad_certificate |
/// | it, or the anchor, has expired; is not valid yet | `ExpiredContext`, `NotValidYetContext` | certificate_expired |
/// | no path to an anchor; a self-signed or chained certificate where there may be none | `UnknownIssuer` | unknown_ca |
/// | a signature that does not hold | `BadSignature` | decrypt_error |
/// | key usage, extended key usage, what the anchor is trusted for | `InvalidPurpose` | unsupported_certificate |
/// | another name than expected | `NotValidForName` | bad_certificate |
/// | revoked | `Revoked` | certificate_revoked |
/// | a status that could not be found out | `UnknownRevocationStatus` | unknown_ca |
/// | a stapled response was promised, and none came that holds | `InvalidOcspResponse` | bad_certificate_status_response |
/// | anything else | `Other`, which holds the [`Rejected`] | certificate_unknown |
#[must_use]
pub fn certificate_error(rejected: &Rejected, at: Time) -> CertificateError {
    match rejected.error().rule {
        Rule::Malformed(_) | Rule::InvalidExtension { .. } => CertificateError::BadEncoding,
        _ if !rejected.unreadable_issuers().is_empty() => CertificateError::BadEncoding,
        Rule::UnknownCriticalExtension(_) | Rule::UnknownPolicyQualifier(_) => {
            CertificateError::UnhandledCriticalExtension
        }
        Rule::Expired { not_after } | Rule::AnchorExpired { not_after } => expired(at, not_after),
        Rule::NotYetValid { not_before } => not_yet(at, not_before),
        Rule::NoIssuer
        | Rule::Circle
        | Rule::UntrustedRoot
        | Rule::SelfSignedNotAllowed
        | Rule::SelfSignedNotPinned
        | Rule::ChainedNotAllowed => CertificateError::UnknownIssuer,
        Rule::Signature(SignatureError::Invalid | SignatureError::Malformed) => {
            CertificateError::BadSignature
        }
        Rule::WrongUsage
        | Rule::NoExtendedKeyUsage
        | Rule::KeyUsageMissing
        | Rule::KeyUsageAgainstPurpose
        | Rule::AnchorPurpose => CertificateError::InvalidPurpose,
        Rule::NameMismatch => CertificateError::NotValidForName,
        Rule::Revoked(_) => CertificateError::Revoked,
        Rule::RevocationUnknown(_) => CertificateError::UnknownRevocationStatus,
        Rule::StapleMissing => CertificateError::InvalidOcspResponse,
        _ => CertificateError::Other(OtherError(Arc::new(rejected.clone()))),
    }
}

fn expired(at: Time, not_after: Time) -> CertificateError {
    match (unix(at), unix(not_after)) {
        (Some(time), Some(not_after)) => CertificateError::ExpiredContext { time, not_after },
        _ => CertificateError::Expired,
    }
}

fn not_yet(at: Time, not_before: Time) -> CertificateError {
    match (unix(at), unix(not_before)) {
        (Some(time), Some(not_before)) => CertificateError::NotValidYetContext { time, not_before },
        _ => CertificateError::NotValidYet,
    }
}

/// Theirs begins in 1970.
fn unix(time: Time) -> Option<UnixTime> {
    let seconds = u64::try_from(time.unix()).ok()?;
    Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
}

#[cfg(test)]
mod tests {
    use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
    use portcullis::{
        Certificate, PeerName, Presented, Purpose, TrustMode, TrustStore, Validator,
        ValidatorBuilder,
    };
    use rustls::AlertDescription;

    use super::*;

    fn now() -> Time {
        Time::from_civil(2026, 1, 1, 0, 0, 0).unwrap()
    }

    fn builder(roots: &[u8]) -> ValidatorBuilder {
        let roots = TrustStore::from_pem(roots).unwrap();
        Validator::builder(TrustMode::CustomRootTrust(roots))
            .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
            .purpose(Purpose::ClientAuth)
    }

    fn root() -> ValidatorBuilder {
        builder(include_bytes!("../../../testdata/roots/root.pem"))
    }

    fn error_of(builder: ValidatorBuilder, chain: &[u8]) -> CertificateError {
        let presented = Presented::from_pem(chain).unwrap();
        let validator = builder.build().unwrap();
        let rejected = validator.validate(&presented, now(), &NoFetcher);
        certificate_error(&rejected.unwrap_err(), now())
    }

    const GOOD: &[u8] = include_bytes!("../../../testdata/chains/good-d2.pem");

    #[test]
    fn rejections_keep_their_meaning() {
        let expired = include_bytes!("../../../testdata/chains/time-leaf-expired.pem");
        let CertificateError::ExpiredContext { time, not_after } = error_of(root(), expired) else {
            panic!("expired");
        };
        assert_eq!(i64::try_from(time.as_secs()), Ok(now().unix()));
        assert!(not_after < time);
        let early = include_bytes!("../../../testdata/chains/time-leaf-not-yet.pem");
        let CertificateError::NotValidYetContext { not_before, .. } = error_of(root(), early)
        else {
            panic!("not yet valid");
        };
        assert!(not_before > time);

        let unknown = builder(include_bytes!("../../../testdata/roots/another-root.pem"));
        assert_eq!(error_of(unknown, GOOD), CertificateError::UnknownIssuer);
        let server = root().purpose(Purpose::ServerAuth);
        assert_eq!(error_of(server, GOOD), CertificateError::InvalidPurpose);
        let named = root().expect_name(PeerName::dns("other.test").unwrap());
        assert_eq!(error_of(named, GOOD), CertificateError::NotValidForName);
        let online = root().revocation(RevocationMode::Online, RevocationFlag::ExcludeRoot);
        let unknown = CertificateError::UnknownRevocationStatus;
        assert_eq!(error_of(online, GOOD), unknown);
    }

    /// F7: an issuer that does not decode is not an unknown one.
    #[test]
    fn an_issuer_that_does_not_decode_is_told() {
        let chain = Certificate::from_pem_bundle(GOOD).unwrap();
        let [leaf, ca] = [&chain[0], &chain[1]].map(|certificate| certificate.as_der());
        let of = |chain: &[&[u8]]| {
            let presented = Presented::from_der(chain).unwrap();
            let verdict = root()
                .build()
                .unwrap()
                .validate(&presented, now(), &NoFetcher);
            verdict
                .map(drop)
                .map_err(|rejected| certificate_error(&rejected, now()))
        };
        let broken = &ca[..ca.len() - 1];
        assert_eq!(of(&[leaf]), Err(CertificateError::UnknownIssuer));
        assert_eq!(of(&[leaf, broken]), Err(CertificateError::BadEncoding));
        assert_eq!(of(&[leaf, broken, ca]), Ok(()));
    }

    #[test]
    fn what_rustls_has_no_word_for_goes_along_whole() {
        let not_a_ca = include_bytes!("../../../testdata/chains/ca-false.pem");
        let CertificateError::Other(OtherError(source)) = error_of(root(), not_a_ca) else {
            panic!("a word for it");
        };
        let rejected = source.downcast_ref::<Rejected>().unwrap();
        assert_eq!(rejected.error().rule, Rule::NotACa);
        assert!(format!("{source}").contains("no CA"));
        let alert = AlertDescription::from(error_of(root(), not_a_ca));
        assert_eq!(alert, AlertDescription::CertificateUnknown);
    }

    #[test]
    fn moments_before_1970_have_no_context() {
        let (before, after) = (Time::from_unix(-1), Time::from_unix(1));
        assert_eq!(expired(after, before), CertificateError::Expired);
        assert_eq!(not_yet(before, after), CertificateError::NotValidYet);
    }
}

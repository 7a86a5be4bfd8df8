//! A value of each rule.

use portcullis::certificate::{CertificateError, ExtensionKind};
use portcullis::crypto::{KeyError, PolicyError, SignatureError};
use portcullis::der;
use portcullis::path::{Exhausted, IssuerRequirement, NameForm, NameViolation, PolicyViolation};
use portcullis::{Rule, Time, UnknownStatus};

/// A value of each rule but [`Rule::Revoked`], whose value only a validation can make.
pub fn rules() -> Vec<Rule> {
    let der = der::Error {
        kind: der::ErrorKind::BadValue,
        offset: 7,
    };
    let at = Time::from_unix(0);
    vec![
        Rule::Malformed(CertificateError::AlgorithmMismatch),
        Rule::InvalidExtension {
            extension: ExtensionKind::KeyUsage,
            error: der,
        },
        Rule::UnknownCriticalExtension(None),
        Rule::NotYetValid { not_before: at },
        Rule::Expired { not_after: at },
        Rule::NotACa,
        Rule::PathTooLong { allowed: 1 },
        Rule::MayNotSignCertificates,
        Rule::KeyUsageMissing,
        Rule::WrongUsage,
        Rule::NoExtendedKeyUsage,
        Rule::NameMismatch,
        Rule::Name(NameViolation::Excluded(NameForm::Dns)),
        Rule::Policy(PolicyViolation::NoValidPolicy),
        Rule::Algorithm(PolicyError::Dsa),
        Rule::IssuerKey(KeyError::Malformed),
        Rule::Signature(SignatureError::Invalid),
        Rule::IssuerRequirement(IssuerRequirement::PositiveSerialNumber),
        Rule::NoIssuer,
        Rule::UntrustedRoot,
        Rule::TooDeep { allowed: 1 },
        Rule::AnchorExpired { not_after: at },
        Rule::AnchorPurpose,
        Rule::SelfSignedNotAllowed,
        Rule::SelfSignedNotPinned,
        Rule::ChainedNotAllowed,
        Rule::Exhausted(Exhausted::Signatures),
        Rule::Circle,
        Rule::RevocationUnknown(UnknownStatus::Stale),
        Rule::StapleMissing,
        Rule::UnknownPolicyQualifier(None),
        Rule::TlsFeatureMissing,
        Rule::KeyUsageAgainstPurpose,
    ]
}

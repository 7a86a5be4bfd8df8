//! What usually helps against each kind of violation. The reader runs servers, not CAs.

use portcullis::{Rejected, Rule, UnknownStatus};

/// A sentence or two on what to do. `None` if the text of the rule is enough.
pub(crate) fn on(rejected: &Rejected) -> Option<&'static str> {
    let violation = rejected.error();
    match (&violation.rule, violation.position) {
        (Rule::NoIssuer, _) if !rejected.unreadable().is_empty() => Some(
            "A certificate that was sent along cannot be read. It may be the issuer. Have the peer \
             send it as its CA made it, or pass it with --intermediates.",
        ),
        (Rule::WrongUsage, 1..) => Some(
            "This CA may issue certificates for other purposes only. Ask another CA, or correct \
             --purpose.",
        ),
        (Rule::Expired { .. }, 1..) => Some(
            "A CA's certificate has expired. If it is in a file of yours, replace it there by the \
             current one. If the peer sent it, the peer must do so.",
        ),
        (rule, _) => on_rule(rule),
    }
}

const fn on_rule(rule: &Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::Malformed(_) | Rule::InvalidExtension { .. } => {
            "The certificate was not made correctly. Its issuer must issue a new one."
        }
        Rule::UnknownCriticalExtension(_) | Rule::UnknownPolicyQualifier(_) => {
            "The extension is critical: a validator that does not know it must refuse the \
             certificate. Ask the issuer for a certificate without it."
        }
        Rule::NotYetValid { .. } => {
            "Check the clock of this machine. If it is right, wait, or ask the issuer for a \
             certificate that is valid now."
        }
        Rule::Expired { .. } => {
            "Renew the certificate. If it has been renewed, the peer still sends the old one."
        }
        Rule::NotACa | Rule::MayNotSignCertificates => {
            "A certificate that may not issue others has issued one. The CA is set up wrongly, or \
             this is an attack."
        }
        Rule::PathTooLong { .. } => {
            "There are more CAs on the path than a CA further up allows. The operator of that CA \
             must change this."
        }
        Rule::KeyUsageMissing | Rule::WrongUsage | Rule::NoExtendedKeyUsage => {
            "The certificate was made for another purpose, for a server and not for a client \
             perhaps. Ask for one whose extended key usage has the purpose, or correct \
             --purpose."
        }
        Rule::KeyUsageAgainstPurpose => {
            "The two usages of the certificate contradict each other. Ask for one whose keyUsage \
             has digitalSignature."
        }
        Rule::NameMismatch => {
            "The certificate is for another name. Only subject alternative names count, never the \
             common name. Connect to one of its names, or ask for a certificate with this name."
        }
        Rule::Name(_) => {
            "A CA on the path may issue certificates for certain names only. This name is not \
             one of them, or cannot be compared with them."
        }
        Rule::Policy(_) => {
            "The caller or a CA on the path requires a certificate policy, and the path does not \
             have it."
        }
        Rule::Algorithm(_) => {
            "The algorithm or the key is too weak, or unknown. Ask for a certificate with P-256 or \
             with RSA of at least 2048 bits, over SHA-256."
        }
        Rule::IssuerKey(_) => {
            "The issuer's key cannot be used, so its signatures cannot be checked."
        }
        Rule::Signature(_) => {
            "The certificate was changed after it was signed, or another key signed it under the \
             issuer's name."
        }
        Rule::IssuerRequirement(_) => {
            "Its issuer does not follow the rules of this profile. --profile default is more \
             lenient."
        }
        Rule::NoIssuer => {
            "Have the peer send its intermediate certificates, pass them with --intermediates, \
             or add the missing root with --roots."
        }
        Rule::UntrustedRoot => {
            "The chain is complete, but its root is not trusted. If it should be, add it with \
             --roots."
        }
        Rule::TooDeep { .. } | Rule::Exhausted(_) => {
            "The certificates need more work than one validation may cost. Present those of the \
             path only."
        }
        Rule::AnchorExpired { .. } | Rule::AnchorPurpose => {
            "The root is trusted with constraints that exclude this use."
        }
        Rule::SelfSignedNotAllowed | Rule::SelfSignedNotPinned => {
            "No CA vouches for a self-signed certificate. If you know that it is genuine, pass \
             --allow-self-signed with its SHA-256."
        }
        Rule::ChainedNotAllowed => {
            "Only pinned certificates are trusted. Pass --roots to trust a CA."
        }
        Rule::Revoked(_) => {
            "The certificate was withdrawn. Its holder needs a new one, and a new key if the old \
             one may be stolen."
        }
        Rule::RevocationUnknown(reason) => return on_unknown(*reason),
        Rule::StapleMissing => {
            "The certificate promises an OCSP response with each handshake. Turn on stapling at \
             the peer, and pass the response with --stapled."
        }
        Rule::TlsFeatureMissing => {
            "A CA above it promises TLS features, stapling for instance, for all certificates \
             that it issues. This one does not have them. Ask its issuer for one that does."
        }
        _ => return None,
    })
}

/// The revocation status is unknown, so the certificate is rejected.
const fn on_unknown(reason: UnknownStatus) -> Option<&'static str> {
    Some(match reason {
        UnknownStatus::NoSource => {
            "It names no CRL and no OCSP responder. Pass its issuer's CRL with --crl. If there is \
             none, turn the check off with --revocation off."
        }
        UnknownStatus::NotFetched => {
            "Pass its CRL or response with --crl or --ocsp, or have it fetched by --revocation \
             online, the default. Only http URLs at public addresses are fetched; --allow-private \
             adds those of your own network."
        }
        UnknownStatus::Unreachable => {
            "Check that this machine can reach the URLs that were asked. Until then, pass the CRL \
             with --crl."
        }
        UnknownStatus::Malformed => {
            "Its URL gave something other than a CRL or a response, the page of a proxy for \
             instance. Look at the URL with a browser."
        }
        UnknownStatus::NotAuthoritative => {
            "The evidence is of another issuer or scope, or its signer is not allowed to speak for \
             the issuer. Pass this issuer's CRL, or have the responder repaired."
        }
        UnknownStatus::Partial => {
            "Its issuer has several CRLs, each for some of the reasons. Pass all of them with \
             --crl."
        }
        UnknownStatus::UnknownToResponder => {
            "The responder does not know it. It is too new, or its issuer did not issue it."
        }
        UnknownStatus::Stale => {
            "The evidence that was found or passed is old. Get the current CRL or response. If the \
             issuer has none, it must publish one. Check the clock of this machine too."
        }
        _ => return None,
    })
}

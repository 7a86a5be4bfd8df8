//! What usually helps against each kind of violation, for readers who run servers and not
//! authorities.

use portcullis::{Rejected, Rule, UnknownStatus};

/// A sentence or two on what to do. None where the rule says it all.
pub(crate) fn on(rejected: &Rejected) -> Option<&'static str> {
    let violation = rejected.error();
    match (&violation.rule, violation.position) {
        (Rule::NoIssuer, _) if !rejected.unreadable().is_empty() => Some(
            "A certificate that came along cannot be read, and may be the issuer. Have the peer send it as its CA \
             made it, or pass it with --intermediates.",
        ),
        (Rule::WrongUsage, 1..) => Some(
            "This CA may issue certificates for other purposes only. Ask another one, or correct --purpose.",
        ),
        (Rule::Expired { .. }, 1..) => Some(
            "A CA's certificate ran out. If it came from a file of yours, get the current one and \
             replace it there; if the peer sent it, the peer has to.",
        ),
        (rule, _) => on_rule(rule),
    }
}

const fn on_rule(rule: &Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::Malformed(_) | Rule::InvalidExtension { .. } => {
            "The certificate was not made correctly. Its issuer has to make a new one."
        }
        Rule::UnknownCriticalExtension(_) | Rule::UnknownPolicyQualifier(_) => {
            "The certificate says that whoever does not know this extension must refuse it. Ask its issuer for one without."
        }
        Rule::NotYetValid { .. } => {
            "Check the clock of this machine; if it is right, wait, or ask the issuer for a certificate that is valid now."
        }
        Rule::Expired { .. } => {
            "Renew the certificate. If that has been done, whoever presents it still sends the old one."
        }
        Rule::NotACa | Rule::MayNotSignCertificates => {
            "A certificate that may not issue others was used to issue one: a CA set up wrongly, or an attack."
        }
        Rule::PathTooLong { .. } => {
            "A CA further up allows fewer CAs below it than there are. The CA's operator has to change that."
        }
        Rule::KeyUsageMissing | Rule::WrongUsage | Rule::NoExtendedKeyUsage => {
            "The certificate was made for another purpose (a server's is no client's, for instance). \
             Ask for one whose extended key usage has the purpose, or correct --purpose."
        }
        Rule::KeyUsageAgainstPurpose => {
            "The two usages of the certificate contradict each other. Ask for one whose keyUsage \
             has digitalSignature."
        }
        Rule::NameMismatch => {
            "The certificate belongs to another name; only subject alternative names count, never the common name. \
             Connect to one of its names, or ask for a certificate with this one."
        }
        Rule::Name(_) => {
            "A CA on the path may vouch for certain names only, and this is not one of them, or cannot be compared with them."
        }
        Rule::Policy(_) => {
            "A certificate policy is required, by the caller or by a CA on the path, and the path does not have it."
        }
        Rule::Algorithm(_) => {
            "The algorithm or the key is too weak, or unknown. Ask for a certificate with a current one: \
             P-256 or RSA from 2048 bits, over SHA-256."
        }
        Rule::IssuerKey(_) => {
            "The issuer's key cannot be used, so that its signatures cannot be checked."
        }
        Rule::Signature(_) => {
            "The certificate was changed after it was signed, or another key signed it under the issuer's name."
        }
        Rule::IssuerRequirement(_) => {
            "Its issuer does not keep to the rules of this profile. --profile default is more lenient."
        }
        Rule::NoIssuer => {
            "Have the peer send its intermediate certificates along, pass them with --intermediates, \
             or add the root that is missing with --roots."
        }
        Rule::UntrustedRoot => {
            "The chain is complete, but its root is not among the trusted ones. If it should be, add it with --roots."
        }
        Rule::TooDeep { .. } | Rule::Exhausted(_) => {
            "The certificates ask for more work than a validation may cost. Present the path alone, without strays."
        }
        Rule::AnchorExpired { .. } | Rule::AnchorPurpose => {
            "The root is trusted with constraints, and they exclude this use."
        }
        Rule::SelfSignedNotAllowed | Rule::SelfSignedNotPinned => {
            "Nobody vouches for a self-signed certificate. If you know it to be genuine, \
             pass --allow-self-signed with its SHA-256."
        }
        Rule::ChainedNotAllowed => {
            "Only pinned certificates are trusted. Pass --roots to trust a CA."
        }
        Rule::Revoked(_) => {
            "Whoever issued it has withdrawn it. Its holder needs a new certificate, with a new key if the old one is in other hands."
        }
        Rule::RevocationUnknown(reason) => return on_unknown(*reason),
        Rule::StapleMissing => {
            "The certificate promises an OCSP response with every handshake. Turn stapling on at the peer, \
             and pass what it sends with --stapled."
        }
        Rule::TlsFeatureMissing => {
            "A CA above it has promised TLS features for all that it issues, stapling for instance, and this certificate \
             does not promise them. Ask its issuer for one that does."
        }
        _ => return None,
    })
}

/// Nobody could say whether a certificate is revoked, which is a rejection.
const fn on_unknown(reason: UnknownStatus) -> Option<&'static str> {
    Some(match reason {
        UnknownStatus::NoSource => {
            "It says nowhere who knows whether it is revoked. Pass its issuer's list with --crl; if there is none, \
             --revocation off does without."
        }
        UnknownStatus::NotFetched => {
            "Pass its list or response with --crl or --ocsp, or have it fetched: by --revocation online, the default, and only \
             from http URLs at addresses of the public internet; --allow-private adds those of your own network."
        }
        UnknownStatus::Unreachable => {
            "Check that this machine can reach the URLs that were asked. Until it can, pass the list with --crl."
        }
        UnknownStatus::Malformed => {
            "Something other than a list or a response stands at its URL, the page of a proxy for instance. \
             See what a browser gets there."
        }
        UnknownStatus::NotAuthoritative => {
            "What was found is of another issuer, of another scope, or not signed by whom the issuer named. \
             Pass the list of this issuer, or have the responder repaired."
        }
        UnknownStatus::Partial => {
            "Its issuer has one list for each of several reasons. Pass all of them with --crl."
        }
        UnknownStatus::UnknownToResponder => {
            "The responder has never heard of it. Either it is too new, or its issuer did not issue it."
        }
        UnknownStatus::Stale => {
            "Its issuer has published nothing newer, or what was passed is old. Fetch it anew; if that does not help, \
             the issuer has to publish. Check the clock of this machine too."
        }
        _ => return None,
    })
}

//! Who may sign a response about a certificate (RFC 6960 section 4.2.2.2).
//!
//! A response counts if it is signed by the certificate's own issuer, by a delegated responder (one
//! with OCSPSigning in a certificate that this very issuer signed), or by one whom the caller
//! trusts. No key vouches for a certificate of its own. How a signature of the issuer is verified
//! depends on who asks: a validation knows the issuer's place on a path, a refresh its key.

use crate::certificate::extensions::{ExtendedKeyUsage, KeyUsage};
use crate::certificate::{Certificate, ExtensionKind, Name, SubjectPublicKeyInfo};
use crate::crypto::Document;
use crate::oid;
use crate::path::checked_certificate::{CertificateCheck, Role};
use crate::path::options::PathOptions;
use crate::path::signatures::Signed;
use crate::path::violation::{FirstViolation, Rule};
use crate::revocation::ocsp::OcspResponse;
use crate::revocation::policy::RevocationPolicy;
use crate::time::Time;

/// Most certificates of a response that are tried as its signer's: anyone can send along as many as
/// they like, and each costs a signature.
const MAX_DELEGATES: usize = 4;

/// What is asked of whoever signs a response.
#[derive(Clone, Copy)]
pub(crate) struct ResponseVerifier<'s> {
    pub(crate) policy: &'s RevocationPolicy,
    /// What a responder's certificate must satisfy.
    pub(crate) options: &'s PathOptions,
    pub(crate) at: Time,
    /// The certificate in question.
    pub(crate) subject: &'s Certificate,
}

/// Verifies signatures, and pays for them: an error ends whatever needs them.
pub(crate) trait Signatures {
    /// Did the key of the issuer of the certificate in question sign this?
    fn by_issuer(&mut self, signed: &Signed<'_>) -> Result<bool, Rule>;

    /// Did the key of this certificate?
    fn by_responder(&mut self, responder: &Certificate, signed: &Signed<'_>) -> Result<bool, Rule>;

    /// Does a CRL at hand whose signature has held name the certificate of a responder?
    fn is_listed(&mut self, responder: &Certificate) -> bool;
}

/// Who signed a response, and may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseSigner {
    /// The issuer of the certificate in question.
    Issuer,
    /// A responder whose own certificate ends then.
    Until(Time),
}

impl ResponseSigner {
    pub(crate) const fn until(self) -> Option<Time> {
        match self {
            Self::Issuer => None,
            Self::Until(end) => Some(end),
        }
    }
}

impl ResponseVerifier<'_> {
    /// Who signed a response, if that is somebody who may, for the certificates of this issuer.
    pub(crate) fn signer(
        &self,
        response: &OcspResponse,
        issuer: (Name<'_>, SubjectPublicKeyInfo<'_>),
        signatures: &mut impl Signatures,
    ) -> Result<Option<ResponseSigner>, Rule> {
        let algorithms = &self.options.algorithms;
        let allowed = algorithms.check_signature(&response.signature_algorithm());
        if allowed.is_err() {
            return Ok(None);
        }
        let (name, key) = issuer;
        let is_issuer = response.responder_id().matches(&name, &key);
        if is_issuer && signatures.by_issuer(&signed(response))? {
            return Ok(Some(ResponseSigner::Issuer));
        }
        let by_other = match self.delegate(response, name, signatures)? {
            Some(end) => Some(end),
            None => self.trusted_responder(response, signatures)?,
        };
        Ok(by_other.map(ResponseSigner::Until))
    }

    /// A responder that the issuer itself certified for the purpose (section 4.2.2.2, third case):
    /// the end of its certificate.
    fn delegate(
        &self,
        response: &OcspResponse,
        issuer: Name<'_>,
        signatures: &mut impl Signatures,
    ) -> Result<Option<Time>, Rule> {
        let id = response.responder_id();
        let named = response.certificates().iter().filter(|certificate| {
            id.matches(&certificate.subject(), &certificate.public_key())
                && self.is_responder(certificate)
        });
        for certificate in named.take(MAX_DELEGATES) {
            let no_check = certificate.has(ExtensionKind::OcspNoCheck);
            let lacks_no_check = !no_check && self.policy.require_no_check;
            if lacks_no_check || self.vouches_for_itself(certificate) {
                continue;
            }
            // Issued by the same key that issued the certificate in question.
            let delegated = certificate.issuer().matches(&issuer)
                && signatures.by_issuer(&Signed {
                    algorithm: certificate.signature_algorithm(),
                    message: certificate.tbs(),
                    signature: certificate.signature(),
                    document: Some(Document::Certificate(certificate)),
                })?;
            if !delegated || (!no_check && signatures.is_listed(certificate)) {
                continue;
            }
            if signatures.by_responder(certificate, &signed(response))? {
                return Ok(Some(certificate.not_after()));
            }
        }
        Ok(None)
    }

    /// What is asked of a delegated responder's certificate beside its issuer: all that a leaf must
    /// satisfy, and the right.
    fn is_responder(&self, certificate: &Certificate) -> bool {
        let check = CertificateCheck {
            certificate,
            position: 0,
            role: Role::Leaf,
            at: self.at,
            options: self.options,
            expected: &[],
            self_issued: None,
            signs_itself: &|| false,
        };
        let forgiven = self.options.forgiven;
        let signs = KeyUsage::DIGITAL_SIGNATURE | KeyUsage::NON_REPUDIATION;
        let may_sign = certificate.get::<KeyUsage>();
        let usage = certificate.readable::<ExtendedKeyUsage<'_>>();
        may_sign.is_ok_and(|allowed| allowed.is_none_or(|allowed| allowed.intersects(signs)))
            && usage.is_some_and(|usage| usage.contains(&oid::OCSP_SIGNING))
            && check.run(&mut FirstViolation(forgiven)).is_ok()
    }

    /// A responder whom the caller trusts (section 4.2.2.2, first case), within the period of its
    /// certificate: the end of that.
    fn trusted_responder(
        &self,
        response: &OcspResponse,
        signatures: &mut impl Signatures,
    ) -> Result<Option<Time>, Rule> {
        for trusted in &self.policy.trusted_responders {
            let in_period = trusted.not_before() <= self.at && self.at <= trusted.not_after();
            let id = response.responder_id();
            if in_period
                && !self.vouches_for_itself(trusted)
                && id.matches(&trusted.subject(), &trusted.public_key())
                && signatures.by_responder(trusted, &signed(response))?
            {
                return Ok(Some(trusted.not_after()));
            }
        }
        Ok(None)
    }

    /// Is it the key of the certificate in question that would vouch for that certificate?
    fn vouches_for_itself(&self, responder: &Certificate) -> bool {
        responder.spki_der() == self.subject.spki_der()
    }
}

fn signed(response: &OcspResponse) -> Signed<'_> {
    Signed {
        algorithm: response.signature_algorithm(),
        message: response.tbs(),
        signature: response.signature(),
        document: Some(Document::Response {
            der: response.as_der(),
            signature: response.signature(),
        }),
    }
}

//! Second phase: the client has answered the CertificateRequest. Decides whether the handshake
//! continues.

use super::decision::{Connection, NegotiationDecision, Reason, decision};
use super::mode::ClientCertificateMode;
use super::policy::Negotiation;

/// What the client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Received {
    /// No certificate.
    None,
    /// A certificate that was validated and accepted.
    Accepted,
    /// A certificate that was validated and rejected.
    Refused,
}

/// Whether the handshake continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReceivedOutcome {
    /// It continues, and the client has the certificate's identity.
    Continue,
    /// It continues, and the client is anonymous.
    ContinueAnonymous,
    /// It fails.
    Reject,
}

impl Negotiation {
    /// Decides whether the handshake continues.
    ///
    /// A rejected certificate ends it in every mode:
    /// [`AllowCertificate`](ClientCertificateMode::AllowCertificate) accepts a client without a
    /// certificate, but not one with a rejected certificate.
    pub fn certificate_received(
        &self,
        sni: Option<&str>,
        received: Received,
    ) -> NegotiationDecision<ReceivedOutcome> {
        let reject =
            |reason| decision(ReceivedOutcome::Reject, reason).connection(Connection::Abort);
        let mode = match self.mode(sni) {
            Ok(mode) => mode,
            Err(reason) => return reject(reason),
        };
        match received {
            Received::Refused => reject(Reason::Refused),
            Received::Accepted => decision(ReceivedOutcome::Continue, Reason::Accepted),
            Received::None if mode == ClientCertificateMode::RequireCertificate => {
                reject(Reason::Missing)
            }
            Received::None => decision(ReceivedOutcome::ContinueAnonymous, Reason::Anonymous),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::HostMap;
    use super::*;
    use ClientCertificateMode::{
        AllowCertificate, DelayCertificate, NoCertificate, RequireCertificate,
    };

    #[test]
    fn none_is_enough_unless_required_and_a_bad_one_never_is() {
        for mode in [
            NoCertificate,
            AllowCertificate,
            RequireCertificate,
            DelayCertificate,
        ] {
            let received = |what| Negotiation::new(mode).certificate_received(None, what);
            assert_eq!(
                received(Received::Accepted).outcome,
                ReceivedOutcome::Continue
            );
            let refused = received(Received::Refused);
            assert_eq!(refused.outcome, ReceivedOutcome::Reject);
            assert_eq!(refused.connection, Connection::Abort);
            let none = received(Received::None);
            if mode == RequireCertificate {
                assert_eq!(
                    (none.outcome, none.reason),
                    (ReceivedOutcome::Reject, Reason::Missing)
                );
            } else {
                assert_eq!(none.outcome, ReceivedOutcome::ContinueAnonymous);
            }
        }
        let unknown =
            Negotiation::by_host(HostMap::new()).certificate_received(None, Received::Accepted);
        assert_eq!(unknown.outcome, ReceivedOutcome::Reject);
    }
}

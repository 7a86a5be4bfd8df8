//! Second phase: the client has answered in the handshake, or later.

use super::Negotiation;
use super::decision::{Connection, Decision, Reason};
use super::mode::ClientCertificateMode;

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Received {
    /// No certificate.
    None,
    /// A certificate that the validation accepted, in whichever place it runs.
    Accepted,
    /// A certificate that it refused.
    Refused,
}

/// What becomes of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReceivedOutcome {
    /// It goes on, and the client is who the certificate says.
    Continue,
    /// It goes on, and nobody knows who the client is.
    ContinueAnonymous,
    /// It fails.
    Reject,
}

impl Negotiation {
    /// Does the handshake go on?
    ///
    /// A certificate that is refused ends it in every mode: a client that has none is let through
    /// by [`AllowCertificate`](ClientCertificateMode::AllowCertificate), one that has a bad one
    /// is not.
    pub fn certificate_received(
        &self,
        sni: Option<&str>,
        received: Received,
    ) -> Decision<ReceivedOutcome> {
        let reject =
            |reason| Decision::new(ReceivedOutcome::Reject, reason).connection(Connection::Abort);
        let mode = match self.mode(sni) {
            Ok(mode) => mode,
            Err(reason) => return reject(reason),
        };
        match received {
            Received::Refused => reject(Reason::Refused),
            Received::Accepted => Decision::new(ReceivedOutcome::Continue, Reason::Accepted),
            Received::None if mode == ClientCertificateMode::RequireCertificate => {
                reject(Reason::Missing)
            }
            Received::None => Decision::new(ReceivedOutcome::ContinueAnonymous, Reason::Anonymous),
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

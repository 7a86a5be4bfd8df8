//! The decision of a phase: what the server should do, why, and how it may respond.

use alloc::string::String;

use crate::table::texts;

/// The decision of one phase.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct NegotiationDecision<O> {
    /// What to do.
    pub outcome: O,
    /// The reason for it.
    pub reason: Reason,
    /// What happens to the connection.
    pub connection: Connection,
    /// The response to a request that requires a certificate, if there is a specific one.
    pub status: Option<Status>,
}

/// A decision that keeps the connection and has no status.
pub(super) const fn decision<O>(outcome: O, reason: Reason) -> NegotiationDecision<O> {
    NegotiationDecision {
        outcome,
        reason,
        connection: Connection::Keep,
        status: None,
    }
}

impl<O> NegotiationDecision<O> {
    pub(super) fn connection(self, connection: Connection) -> Self {
        Self { connection, ..self }
    }

    pub(super) fn status(self, status: Option<Status>) -> Self {
        Self { status, ..self }
    }
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Connection {
    /// The connection stays open.
    Keep,
    /// The connection closes after the response, which has `Connection: close`.
    CloseAfterResponse,
    /// The connection closes at once.
    Abort,
}

/// A response to a request that requires a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// 307: repeat the request at the host that asks for certificates (RFC 9110 section 15.4.8).
    TemporaryRedirect {
        /// The value of `Location`.
        location: String,
    },
    /// 413: the body is too large to buffer while the client is asked (RFC 9110 section 15.5.14).
    ContentTooLarge,
    /// 421: this host needs a separate connection (RFC 9110 section 15.5.20).
    MisdirectedRequest,
}

impl Status {
    /// The status code.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::TemporaryRedirect { .. } => 307,
            Self::ContentTooLarge => 413,
            Self::MisdirectedRequest => 421,
        }
    }
}

texts! {
    /// The reason for a decision.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Reason {
        /// The client did not send a valid server name, and no rule applies to that.
        NoServerName => "the client did not send a valid server name [RFC 6066 section 3]";
        /// No rule applies to the host that the client named.
        UnknownHost => "no rule applies to the host that the client named";
        /// The mode does not ask, or not at this point.
        Mode => "the mode does not ask for a certificate here";
        /// The mode asks in the handshake.
        ModeAsks => "the mode asks for a certificate in the handshake";
        /// The server's binding decides, not the mode.
        Binding => "the server's binding decides";
        /// The session is resumed, so no certificate is requested (RFC 8446 section 4.3.2).
        Resumed => "the session is resumed [RFC 8446 section 4.3.2]";
        /// The handshake uses an external PSK instead of certificates (RFC 8446 section 4.3.2).
        ExternalPsk => "the handshake uses an external PSK [RFC 8446 section 4.3.2]";
        /// QUIC does not allow asking after the handshake (RFC 9001 section 4.4).
        Quic => "QUIC does not allow asking after the handshake [RFC 9001 section 4.4]";
        /// The mode requires a certificate, but the client did not send one.
        Missing => "a certificate is required, but there is none";
        /// The mode does not require a certificate.
        Anonymous => "the mode does not require a certificate";
        /// The certificate was rejected.
        Refused => "the certificate was rejected";
        /// The certificate was accepted.
        Accepted => "the certificate was accepted";
        /// The request did not come over TLS.
        NotHttps => "the request did not come over TLS";
        /// The client was already asked on this connection.
        AskedBefore => "the client was already asked on this connection";
        /// The connection already has a certificate.
        AlreadyThere => "the connection already has a certificate";
        /// The request is for a host with another mode than that of the handshake.
        OtherHost =>
            "the request is for another host than the handshake [RFC 9110 section 15.5.20]";
        /// HTTP/2 and HTTP/3 forbid asking after the handshake (RFC 9113 section 9.2.3, RFC 9114
        /// section 3.2).
        HttpVersion =>
            "this version of HTTP forbids asking after the handshake [RFC 9113 section 9.2.3]";
        /// The server cannot ask after the handshake.
        Platform => "the server cannot ask after the handshake";
        /// The body is longer than the limit for buffering.
        BodyTooLarge => "the body is too large to buffer";
        /// The body must be read first.
        BodyPending => "the body must be read first";
        /// Data from the client must be read first.
        UnreadPlaintext => "data from the client must be read first";
        /// Another task is reading from the connection or writing to it.
        ConcurrentIo => "the connection is being read or written";
        /// The client is already being asked.
        BeingAsked => "the client is already being asked";
        /// TLS 1.2 and older can renegotiate (RFC 5246 section 7.4.1.1).
        Renegotiation => "TLS 1.2 can renegotiate [RFC 5246 section 7.4.1.1]";
        /// The client offered post-handshake authentication (RFC 8446 section 4.2.6).
        Offered => "the client offered post-handshake authentication [RFC 8446 section 4.2.6]";
        /// The client did not offer post-handshake authentication, so it must not be asked (RFC
        /// 8446 section 4.6.2).
        NotOffered =>
            "the client did not offer post-handshake authentication [RFC 8446 section 4.6.2]";
        /// The client refused to renegotiate.
        RenegotiationRefused => "the client refused to renegotiate";
        /// The client answered without a certificate.
        NoneSent => "the client has no certificate";
        /// Application data arrived while the client was being asked.
        DataInBetween => "application data arrived while the client was being asked";
        /// The handshake failed.
        HandshakeFailed => "the handshake failed";
        /// Asking failed for another reason.
        Failed => "asking failed";
    }
}

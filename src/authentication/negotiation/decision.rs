//! The decision of each phase: what the server should do, why, and what it may answer.

use alloc::string::String;

use crate::table::texts;

/// The decision of one phase.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct NegotiationDecision<O> {
    /// What to do.
    pub outcome: O,
    /// Why.
    pub reason: Reason,
    /// What happens to the connection.
    pub connection: Connection,
    /// The answer that the request may get if it cannot do without a certificate.
    pub status: Option<Status>,
}

/// A decision after which the connection is kept, without a status.
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
    /// It goes on.
    Keep,
    /// The response is still sent, with `Connection: close`.
    CloseAfterResponse,
    /// It ends at once.
    Abort,
}

/// An answer to a request that cannot do without a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// 307: go to the host that asks for certificates, with the same method and body (RFC 9110
    /// section 15.4.8).
    TemporaryRedirect {
        /// The value of `Location`.
        location: String,
    },
    /// 413: the body is too large to be buffered while the client is asked (RFC 9110 section
    /// 15.5.14).
    ContentTooLarge,
    /// 421: this host needs a connection of its own (RFC 9110 section 15.5.20).
    MisdirectedRequest,
}

impl Status {
    /// Its number.
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
    /// Why.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Reason {
        /// The client sends no server name, or one that is not a host name, and no rule covers
        /// that.
        NoServerName => "the client names no host [RFC 6066 section 3]";
        /// No rule covers the host that the client names.
        UnknownHost => "no rule covers the host that the client names";
        /// The mode is not to ask, or not yet.
        Mode => "the mode is not to ask";
        /// The mode is to ask in the handshake.
        ModeAsks => "the mode is to ask in the handshake";
        /// The binding of the server decides, not the mode.
        Binding => "the binding of the server decides";
        /// A session is resumed, which asks for no certificate (RFC 8446 section 4.3.2).
        Resumed => "the session is resumed [RFC 8446 section 4.3.2]";
        /// The handshake uses an external key instead of certificates (RFC 8446 section 4.3.2).
        ExternalPsk => "the handshake uses an external PSK [RFC 8446 section 4.3.2]";
        /// QUIC cannot ask after the handshake (RFC 9001 section 4.4).
        Quic => "QUIC cannot ask after the handshake [RFC 9001 section 4.4]";
        /// The mode requires a certificate, and none came.
        Missing => "a certificate is required, and there is none";
        /// The mode does without a certificate.
        Anonymous => "the mode does without a certificate";
        /// The certificate was refused.
        Refused => "the certificate was refused";
        /// The certificate was accepted.
        Accepted => "the certificate was accepted";
        /// The request did not come over TLS.
        NotHttps => "the request did not come over TLS";
        /// The client has been asked on this connection before.
        AskedBefore => "the client was asked before on this connection";
        /// The connection has a certificate.
        AlreadyThere => "the connection has a certificate";
        /// The request's host is not that of the handshake, and has another mode.
        OtherHost =>
            "the request is for another host than the handshake [RFC 9110 section 15.5.20]";
        /// HTTP/2 and HTTP/3 forbid to ask after the handshake (RFC 9113 section 9.2.3, RFC 9114
        /// section 3.2).
        HttpVersion =>
            "this version of HTTP forbids to ask after the handshake [RFC 9113 section 9.2.3]";
        /// The server cannot ask after the handshake.
        Platform => "the server cannot ask after the handshake";
        /// The body is longer than what may be buffered.
        BodyTooLarge => "the body is too large to be buffered";
        /// The body must be read first.
        BodyPending => "the body must be read first";
        /// Data that the client has sent must be read first.
        UnreadPlaintext => "data that the client has sent must be read first";
        /// Somebody is reading from the connection or writing to it.
        ConcurrentIo => "the connection is being read or written";
        /// The client is being asked already.
        BeingAsked => "the client is being asked already";
        /// TLS up to 1.2 can renegotiate (RFC 5246 section 7.4.1.1).
        Renegotiation => "TLS 1.2 can renegotiate [RFC 5246 section 7.4.1.1]";
        /// The client offered to be asked after the handshake (RFC 8446 section 4.2.6).
        Offered => "the client offered post-handshake authentication [RFC 8446 section 4.2.6]";
        /// The client did not offer to be asked after the handshake, and so must not be (RFC 8446
        /// section 4.6.2).
        NotOffered =>
            "the client did not offer post-handshake authentication [RFC 8446 section 4.6.2]";
        /// The client does not renegotiate.
        RenegotiationRefused => "the client does not renegotiate";
        /// The client answered without a certificate.
        NoneSent => "the client has no certificate";
        /// Application data came while the client was asked.
        DataInBetween => "data came while the client was asked";
        /// The handshake failed.
        HandshakeFailed => "the handshake failed";
        /// Asking failed in another way.
        Failed => "asking failed";
    }
}

//! What a server should do, why, and what it may answer.

use alloc::string::String;
use core::fmt;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Decision<O> {
    /// What to do.
    pub outcome: O,
    /// Why.
    pub reason: Reason,
    /// What becomes of the connection.
    pub connection: Connection,
    /// The answer that the request may get if it cannot do without a certificate.
    pub status: Option<Status>,
}

impl<O> Decision<O> {
    pub(super) const fn new(outcome: O, reason: Reason) -> Self {
        Self {
            outcome,
            reason,
            connection: Connection::Keep,
            status: None,
        }
    }

    pub(super) fn connection(mut self, connection: Connection) -> Self {
        self.connection = connection;
        self
    }

    pub(super) fn status(mut self, status: Option<Status>) -> Self {
        self.status = status;
        self
    }
}

/// What becomes of a connection.
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
    /// 413: the body is too large to be put aside while the client is asked (RFC 9110 section
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

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The client names no host, or what is no name of one, and nothing holds for that.
    NoServerName,
    /// Nothing holds for the host that the client names.
    UnknownHost,
    /// The mode is not to ask, or not yet.
    Mode,
    /// The mode is to ask in the handshake.
    ModeAsks,
    /// The binding of the server decides, and not the mode.
    Binding,
    /// A session is resumed, in which nobody is asked (RFC 8446 section 4.3.2).
    Resumed,
    /// The handshake rests on a key from elsewhere, and no certificate is part of it (RFC 8446
    /// section 4.3.2).
    ExternalPsk,
    /// QUIC has nothing to ask with after the handshake (RFC 9001 section 4.4).
    Quic,
    /// The mode requires a certificate, and none came.
    Missing,
    /// The mode does without a certificate.
    Anonymous,
    /// The certificate was refused.
    Refused,
    /// The certificate was accepted.
    Accepted,
    /// The request did not come over TLS.
    NotHttps,
    /// The client has been asked on this connection before.
    AskedBefore,
    /// The connection has a certificate.
    AlreadyThere,
    /// The host of the request is another than that of the handshake, and asks in another way.
    OtherHost,
    /// HTTP/2 and HTTP/3 forbid to ask after the handshake (RFC 9113 section 9.2.3, RFC 9114
    /// section 3.2).
    HttpVersion,
    /// The server cannot ask after the handshake.
    Platform,
    /// The body is longer than what may be put aside.
    BodyTooLarge,
    /// The body must be read first.
    BodyPending,
    /// What the client has sent must be read first.
    UnreadPlaintext,
    /// Somebody is reading from the connection or writing to it.
    ConcurrentIo,
    /// The client is being asked already.
    BeingAsked,
    /// TLS up to 1.2 can renegotiate (RFC 5246 section 7.4.1.1).
    Renegotiation,
    /// The client offered to be asked after the handshake (RFC 8446 section 4.2.6).
    Offered,
    /// The client did not offer to be asked after the handshake, and so must not be (RFC 8446
    /// section 4.6.2).
    NotOffered,
    /// The client does not renegotiate.
    RenegotiationRefused,
    /// The client answered without a certificate.
    NoneSent,
    /// Data of the application came while the client was asked.
    DataInBetween,
    /// The handshake failed.
    HandshakeFailed,
    /// Asking failed in another way.
    Failed,
}

impl Reason {
    const fn text(self) -> &'static str {
        match self {
            Self::NoServerName => "the client names no host [RFC 6066 section 3]",
            Self::UnknownHost => "nothing is set for the host that the client names",
            Self::Mode => "the mode is not to ask",
            Self::ModeAsks => "the mode is to ask in the handshake",
            Self::Binding => "the binding of the server decides",
            Self::Resumed => "the session is resumed [RFC 8446 section 4.3.2]",
            Self::ExternalPsk => "the handshake rests on an external PSK [RFC 8446 section 4.3.2]",
            Self::Quic => "QUIC cannot ask after the handshake [RFC 9001 section 4.4]",
            Self::Missing => "a certificate is required, and there is none",
            Self::Anonymous => "the mode does without a certificate",
            Self::Refused => "the certificate was refused",
            Self::Accepted => "the certificate was accepted",
            Self::NotHttps => "the request did not come over TLS",
            Self::AskedBefore => "the client was asked before on this connection",
            Self::AlreadyThere => "the connection has a certificate",
            Self::OtherHost => {
                "the request is for another host than the handshake [RFC 9110 section 15.5.20]"
            }
            Self::HttpVersion => {
                "this version of HTTP forbids to ask after the handshake [RFC 9113 section 9.2.3]"
            }
            Self::Platform => "the server cannot ask after the handshake",
            Self::BodyTooLarge => "the body is too large to be put aside",
            Self::BodyPending => "the body must be read first",
            Self::UnreadPlaintext => "what the client has sent must be read first",
            Self::ConcurrentIo => "the connection is being read or written",
            Self::BeingAsked => "the client is being asked already",
            Self::Renegotiation => "TLS 1.2 can renegotiate [RFC 5246 section 7.4.1.1]",
            Self::Offered => {
                "the client offered post-handshake authentication [RFC 8446 section 4.2.6]"
            }
            Self::NotOffered => {
                "the client did not offer post-handshake authentication [RFC 8446 section 4.6.2]"
            }
            Self::RenegotiationRefused => "the client does not renegotiate",
            Self::NoneSent => "the client has no certificate",
            Self::DataInBetween => "data came while the client was asked",
            Self::HandshakeFailed => "the handshake failed",
            Self::Failed => "asking failed",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

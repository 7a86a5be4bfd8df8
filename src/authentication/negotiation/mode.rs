//! What a decision depends on: the mode, the protocols, and the server's platform.

/// When a client is asked for a certificate: Kestrel's modes. HTTP.sys's methods are the same under
/// other names: `NoCertificate`, `AllowCertificate`, and `AllowRenegotiation` for
/// [`DelayCertificate`](Self::DelayCertificate).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientCertificateMode {
    /// Never.
    #[default]
    NoCertificate,
    /// In the handshake; without one the connection goes on, with a bad one it does not.
    AllowCertificate,
    /// In the handshake, which fails without one.
    RequireCertificate,
    /// Not in the handshake, but when a request needs it.
    DelayCertificate,
}

/// The version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tls {
    /// 1.2 or older.
    V1_2,
    /// 1.3.
    V1_3,
}

/// The version of HTTP, as negotiated: an endpoint that speaks HTTP/2 too can still ask a client
/// that chose HTTP/1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Http {
    /// HTTP/1.0 or 1.1.
    V1,
    /// HTTP/2.
    V2,
    /// HTTP/3, over QUIC.
    V3,
}

/// Does the handshake use a key that both sides had before?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Psk {
    /// It is a full handshake.
    #[default]
    None,
    /// That of an earlier session, which is resumed.
    Resumption,
    /// One that was agreed on by other means (RFC 8446 section 2.2).
    External,
}

/// What happens to a client whose server name is missing or is not a host name (an address, a final
/// dot).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissingSni {
    /// It gets the mode of `*`, as in Kestrel; without a `*` the handshake is aborted.
    #[default]
    AnyHost,
    /// The handshake is aborted.
    Abort,
}

/// What happens to a client that resumes a session with a host that asks in the handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnResumption {
    /// It keeps its identity: the server must have kept the certificate with the session, and must
    /// judge it anew.
    #[default]
    UseSession,
    /// The session is not resumed, and the client is asked in a full handshake.
    FullHandshake,
}

/// IIS's `uploadReadAheadSize`, in bytes.
pub(super) const UPLOAD_READ_AHEAD: u64 = 49_152;

/// The server, where servers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Server {
    /// A server that drives its own TLS: Kestrel, or one in Rust.
    Own,
    /// HTTP.sys, whose binding decides on the handshake (`netsh`: `clientcertnegotiation`).
    HttpSys {
        /// Does the binding ask?
        negotiates: bool,
    },
    /// IIS, which reads the body before it asks.
    Iis {
        /// Does the binding ask?
        negotiates: bool,
        /// `uploadReadAheadSize`: how much of a body it reads for that.
        upload_read_ahead: u64,
    },
}

/// What a server runs on, and what it can do after the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[must_use]
pub struct Platform {
    /// The server.
    pub server: Server,
    /// Can it renegotiate, up to TLS 1.2?
    pub renegotiation: bool,
    /// Can it ask after the handshake in TLS 1.3 (RFC 8446 section 4.6.2)?
    pub post_handshake: bool,
}

impl Platform {
    const fn new(server: Server, asks_later: bool) -> Self {
        Self {
            server,
            renegotiation: asks_later,
            post_handshake: asks_later,
        }
    }

    /// A server over rustls: it can do neither.
    pub const fn rustls() -> Self {
        Self::new(Server::Own, false)
    }

    /// Kestrel on Windows or Linux since .NET 7, or another server over OpenSSL: both. On macOS it
    /// is as over rustls.
    pub const fn kestrel() -> Self {
        Self::new(Server::Own, true)
    }

    /// HTTP.sys; does its binding ask in the handshake?
    pub const fn http_sys(negotiates: bool) -> Self {
        Self::new(Server::HttpSys { negotiates }, true)
    }

    /// IIS, which reads up to 49,152 bytes of a body ahead; does its binding ask in the handshake?
    pub const fn iis(negotiates: bool) -> Self {
        let upload_read_ahead = UPLOAD_READ_AHEAD;
        let server = Server::Iis {
            negotiates,
            upload_read_ahead,
        };
        Self::new(server, true)
    }
}

impl Default for Platform {
    /// [`Platform::rustls`].
    fn default() -> Self {
        Self::rustls()
    }
}

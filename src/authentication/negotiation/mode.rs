//! The inputs of a decision: the mode, the protocols, and the server's platform.

/// When a client is asked for a certificate: Kestrel's modes. HTTP.sys has the same under other
/// names: `NoCertificate`, `AllowCertificate`, and `AllowRenegotiation` for
/// [`DelayCertificate`](Self::DelayCertificate).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientCertificateMode {
    /// The client is never asked.
    #[default]
    NoCertificate,
    /// The client is asked in the handshake. Without a certificate the connection continues; with a
    /// rejected one it does not.
    AllowCertificate,
    /// The client is asked in the handshake, which fails without a certificate.
    RequireCertificate,
    /// The client is asked when a request requires a certificate, not in the handshake.
    DelayCertificate,
}

/// The version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tls {
    /// 1.2 or older.
    V1_2,
    /// 1.3.
    V1_3,
}

/// The negotiated version of HTTP. A server that also supports HTTP/2 can still ask a client that
/// chose HTTP/1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Http {
    /// HTTP/1.0 or 1.1.
    V1,
    /// HTTP/2.
    V2,
    /// HTTP/3, over QUIC.
    V3,
}

/// The pre-shared key that a handshake uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Psk {
    /// None: a full handshake.
    #[default]
    None,
    /// The key of an earlier session, which is resumed.
    Resumption,
    /// A key that was agreed on by other means (RFC 8446 section 2.2).
    External,
}

/// How to treat a client whose server name is missing or is not a host name (an address, or a name
/// with a trailing dot).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissingSni {
    /// Use the mode of `*`, as in Kestrel. Without a `*`, abort the handshake.
    #[default]
    AnyHost,
    /// Abort the handshake.
    Abort,
}

/// How to treat a client that resumes a session with a host that asks in the handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnResumption {
    /// It keeps its identity. The server must store the certificate with the session, and must
    /// validate it again.
    #[default]
    UseSession,
    /// Do not resume the session, and ask the client in a full handshake.
    FullHandshake,
}

/// IIS's `uploadReadAheadSize`, in bytes.
pub(super) const UPLOAD_READ_AHEAD: u64 = 49_152;

/// The kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Server {
    /// A server with its own TLS: Kestrel, or a server in Rust.
    Own,
    /// HTTP.sys, whose binding decides whether to ask in the handshake (`netsh`:
    /// `clientcertnegotiation`).
    HttpSys {
        /// Whether the binding asks in the handshake.
        negotiates: bool,
    },
    /// IIS, which reads the body before it asks.
    Iis {
        /// Whether the binding asks in the handshake.
        negotiates: bool,
        /// `uploadReadAheadSize`: the maximum length of a body that it reads first.
        upload_read_ahead: u64,
    },
}

/// A server and what it can do after the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[must_use]
pub struct Platform {
    /// The server.
    pub server: Server,
    /// Whether it can renegotiate (TLS 1.2 and older).
    pub renegotiation: bool,
    /// Whether it can ask after the handshake in TLS 1.3 (RFC 8446 section 4.6.2).
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

    /// A server on rustls, which can do neither.
    pub const fn rustls() -> Self {
        Self::new(Server::Own, false)
    }

    /// Kestrel on Windows or Linux since .NET 7, or another server on OpenSSL, which can do both.
    /// For Kestrel on macOS use [`Platform::rustls`].
    pub const fn kestrel() -> Self {
        Self::new(Server::Own, true)
    }

    /// HTTP.sys. `negotiates`: whether its binding asks in the handshake.
    pub const fn http_sys(negotiates: bool) -> Self {
        Self::new(Server::HttpSys { negotiates }, true)
    }

    /// IIS, which reads up to 49,152 bytes of a body first. `negotiates`: whether its binding asks
    /// in the handshake.
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

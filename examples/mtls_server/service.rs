//! Requests: who asks, and what the answer is.
//!
//! Each request is authenticated, not each connection: a connection, and even more a resumed session, outlives
//! certificates and revocations. The cache makes that a look-up.

use std::net::SocketAddr;

use http::header::{CONTENT_TYPE, HOST, HeaderMap, LOCATION};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use portcullis::InputError;
use portcullis::authentication::forwarded::{
    ClientCertificate, ForwardedError, Headers, Peer, Provenance, nginx,
};
use portcullis::authentication::{AuthenticationRequest, Denied, Principal, RequestScheme};
use serde_json::{Value, json};

use crate::app::{App, now};
use crate::hosts::{CERTIFICATES, Host, Mode};

type Answer = Response<Full<Bytes>>;

/// Who is at the other end.
pub struct Connection {
    pub peer: SocketAddr,
    pub origin: Origin,
}

/// Where a client's certificate comes from on this connection.
pub enum Origin {
    /// From the handshake with this host.
    Handshake(Host, Option<Result<ClientCertificate, InputError>>),
    /// Out of the headers of a proxy, with each request.
    Headers,
}

impl Connection {
    pub fn plain(peer: SocketAddr) -> Self {
        let origin = Origin::Headers;
        Self { peer, origin }
    }
}

/// The answer to one request.
pub async fn answer(app: &App, connection: &Connection, request: Request<Incoming>) -> Answer {
    let path = request.uri().path();
    match &connection.origin {
        Origin::Handshake(host, _) if !is_for(host, request.headers()) => {
            app.metrics.request("misdirected");
            // The name in the handshake decided whether a certificate was asked for, so no other counts (RFC 9110
            // section 15.5.20).
            let error =
                json!({"error": "misdirected", "reason": "this connection is for another host"});
            say(StatusCode::MISDIRECTED_REQUEST, &error)
        }
        Origin::Handshake(host, certificate) => match path {
            "/" => say(StatusCode::OK, &json!({"host": host.name})),
            "/whoami" if host.mode == Mode::NoCertificate => redirect(app, &request),
            "/whoami" => {
                let request = match certificate {
                    None => AuthenticationRequest::new(RequestScheme::Https, None),
                    Some(Ok(known)) => {
                        AuthenticationRequest::new(RequestScheme::Https, Some(known))
                    }
                    Some(Err(error)) => {
                        let handshake = Provenance::Handshake;
                        AuthenticationRequest::broken(
                            RequestScheme::Https,
                            handshake,
                            error.clone(),
                        )
                    }
                };
                who(app, &request).await
            }
            _ => nothing(app),
        },
        Origin::Headers => match path {
            "/whoami" => forwarded(app, connection, request.headers()).await,
            "/metrics" => with_type("text/plain; version=0.0.4", app.metrics_text()),
            path => match app.pki.list(path, now()) {
                Some(list) => with_type("application/pkix-crl", list),
                None => nothing(app),
            },
        },
    }
}

/// Is the request for the host that the connection was made to?
fn is_for(host: &Host, headers: &HeaderMap) -> bool {
    let mut asked = headers.get_all(HOST).iter();
    let (Some(asked), None) = (asked.next(), asked.next()) else {
        return false;
    };
    let asked = asked.to_str().unwrap_or_default();
    let name = asked.rsplit_once(':').map_or(asked, |(name, _)| name);
    name.eq_ignore_ascii_case(host.name)
}

/// To the host that asks for a certificate, with the same method, path and query.
fn redirect(app: &App, request: &Request<Incoming>) -> Answer {
    app.metrics.request("redirect");
    let path = request.uri().path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    let port = app.tls.port();
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    if let Ok(to) = format!("https://{CERTIFICATES}:{port}{path}").parse() {
        answer.headers_mut().insert(LOCATION, to);
    }
    answer
}

/// A client of a proxy.
async fn forwarded(app: &App, connection: &Connection, headers: &HeaderMap) -> Answer {
    let trusted = app.options.trusted_proxies.contains(&connection.peer.ip());
    let peer = if trusted {
        Peer::TrustedProxy
    } else {
        Peer::Untrusted
    };
    let proto = headers.get("x-forwarded-proto");
    let scheme = match proto.map(|proto| proto.as_bytes()) {
        Some(b"https") if trusted => RequestScheme::Https,
        _ => RequestScheme::Http,
    };
    match certificate_of(headers, peer) {
        Ok(certificate) => {
            let request = AuthenticationRequest::new(scheme, certificate.as_ref());
            who(app, &request).await
        }
        // A header that is broken is no absent one.
        Err(error) => {
            let provenance = Provenance::Forwarded;
            // It is refused over http as over https.
            let request = AuthenticationRequest::broken(RequestScheme::Https, provenance, error);
            who(app, &request).await
        }
    }
}

/// What nginx forwards in `ssl-client-cert`, if `ssl-client-verify` says that the client proved to hold the key.
fn certificate_of(
    headers: &HeaderMap,
    peer: Peer,
) -> Result<Option<ClientCertificate>, ForwardedError> {
    struct Lines<'a>(&'a HeaderMap);

    impl Headers for Lines<'_> {
        fn values(&self, name: &str) -> Vec<&[u8]> {
            let values = self.0.get_all(name).iter();
            values.map(|value| value.as_bytes()).collect()
        }
    }

    let codec = nginx().confirmed_by("ssl-client-verify", "SUCCESS");
    let codec = codec.unwrap_or_else(|_| unreachable!("it is the name of a header"));
    let forwarded = codec.decode(&Lines(headers), peer)?;
    Ok(forwarded.map(ClientCertificate::Forwarded))
}

async fn who(app: &App, request: &AuthenticationRequest<'_>) -> Answer {
    let result = app
        .authenticator
        .authenticate_async(request, now(), &app.fetcher);
    match result.await.require() {
        Ok(principal) => {
            app.metrics.request("ok");
            say(StatusCode::OK, &about(&principal))
        }
        Err(denied) => {
            app.metrics.request(denied.code());
            let challenge = app.authenticator.challenge_async(request, &denied, now());
            let status = StatusCode::from_u16(challenge.await.status());
            say(status.unwrap_or(StatusCode::FORBIDDEN), &why(&denied))
        }
    }
}

/// The principal as JSON.
fn about(principal: &Principal) -> Value {
    let claims = principal.claims().iter().map(|claim| {
        json!({"type": claim.claim_type(), "value": claim.value(), "issuer": claim.issuer()})
    });
    let claims: Vec<Value> = claims.collect();
    let identity = principal.identity();
    let spiffe = identity.spiffe_id().ok().map(|id| id.to_string());
    let thumbprint = identity.sha256_thumbprint().iter();
    let thumbprint: String = thumbprint.map(|octet| format!("{octet:02x}")).collect();
    json!({
        "name": principal.name(),
        "provenance": match principal.provenance() {
            Provenance::Handshake => "handshake",
            Provenance::Forwarded => "forwarded",
        },
        "subject": identity.subject().to_string(),
        "sha256": thumbprint,
        "spiffe": spiffe,
        "upn": identity.upn(),
        "claims": claims,
    })
}

/// Why nobody is let in, as JSON. It tells a client about its own certificate; a server that would rather not leaves out all
/// but the first.
fn why(denied: &Denied) -> Value {
    let mut said = json!({"error": denied.code(), "reason": denied.to_string()});
    let rejected = match denied {
        Denied::Failure(failure) => failure.rejected(),
        Denied::NoResult(_) => None,
    };
    if let Some(rejected) = rejected {
        let rule = rejected.error().rule;
        said["rule"] =
            json!({"number": rule.number(), "text": rule.to_string(), "section": rule.section()});
    }
    said
}

fn nothing(app: &App) -> Answer {
    app.metrics.request("not-found");
    say(StatusCode::NOT_FOUND, &json!({"error": "not-found"}))
}

fn say(status: StatusCode, value: &Value) -> Answer {
    let mut answer = with_type("application/json", format!("{value}\n"));
    *answer.status_mut() = status;
    answer
}

fn with_type(media_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    let media_type = http::HeaderValue::from_static(media_type);
    answer.headers_mut().insert(CONTENT_TYPE, media_type);
    answer
}

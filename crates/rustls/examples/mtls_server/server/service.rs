//! Requests: who asks, and what the answer is.
//!
//! Each request is authenticated, not each connection: a connection, and even more a resumed
//! session, outlives certificates and revocations. The cache makes that a look-up.

use http::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use portcullis::InputError;
use portcullis::authentication::forwarded::{
    ClientCertificate, ForwardedError, Headers, Peer, Provenance,
};
use portcullis::authentication::negotiation::{self, Http, Status, Tls};
use portcullis::authentication::{
    AuthenticationRequest, Denied, EscapedText, Principal, RequestScheme,
};
use serde_json::{Value, json};

use super::address::Address;
use super::app::{App, now};
use super::hosts::STRICT;

type Answer = Response<Full<Bytes>>;

/// Who is at the other end.
pub struct Connection {
    pub peer: Address,
    pub origin: Origin,
}

/// Where a client's certificate comes from on this connection.
pub enum Origin {
    /// From its handshake.
    Handshake(Handshake),
    /// Out of the headers of a proxy, with each request.
    Headers,
}

/// What a handshake came to.
pub struct Handshake {
    pub host: &'static str,
    pub tls: Tls,
    pub certificate: Option<Result<ClientCertificate, InputError>>,
}

impl Connection {
    pub fn plain(peer: Address) -> Self {
        let origin = Origin::Headers;
        Self { peer, origin }
    }
}

/// The answer to one request.
pub async fn answer(app: &App, connection: &Connection, request: Request<Incoming>) -> Answer {
    match &connection.origin {
        Origin::Handshake(handshake) => direct(app, handshake, &request).await,
        Origin::Headers => match request.uri().path() {
            "/whoami" => forwarded(app, connection, request.headers()).await,
            "/metrics" => with_type("text/plain; version=0.0.4", app.metrics_text()),
            path => match app.pki.list(path, now()) {
                Some(list) => with_type("application/pkix-crl", list),
                None => nothing(app),
            },
        },
    }
}

/// A client that is connected itself.
async fn direct(app: &App, handshake: &Handshake, request: &Request<Incoming>) -> Answer {
    let (uri, headers) = (request.uri(), Lines(request.headers()));
    let of_target = uri.authority().map(|authority| authority.as_str());
    let requested = negotiation::requested_authority(Http::V1, uri.path(), of_target, &headers);
    let authority = match requested {
        Ok(authority) => authority,
        Err(error) => {
            app.metrics.request("bad-host");
            let error = json!({"error": "bad-host", "reason": error.to_string()});
            return say(StatusCode::BAD_REQUEST, &error);
        }
    };
    let target = request.uri().path_and_query();
    let asked = negotiation::HttpRequest::new(handshake.tls, Http::V1, authority)
        .sni(Some(handshake.host))
        .target(target.map_or("/", |target| target.as_str()))
        .has_certificate(handshake.certificate.is_some());
    let decision = app.hosts.negotiation.request(&asked);
    match (request.uri().path(), decision.status) {
        // The name in the handshake decided whether a certificate was asked for, so no other
        // counts.
        (_, Some(status @ Status::MisdirectedRequest)) => {
            app.metrics.request("misdirected");
            let reason = decision.reason.to_string();
            let error = json!({"error": "misdirected", "reason": reason});
            say(code(status.code()), &error)
        }
        ("/whoami", Some(Status::TemporaryRedirect { location })) => redirect(app, &location),
        ("/whoami", _) => match known(app, handshake).await {
            Ok(principal) => say(StatusCode::OK, &about(&principal)),
            Err(refused) => refused,
        },
        // A resumed session outlives the verdict of the handshake that began it: here each request
        // needs one of its own.
        (path, _) if handshake.host == STRICT => match known(app, handshake).await {
            Ok(_) => open(app, handshake, path),
            Err(refused) => refused,
        },
        (path, _) => open(app, handshake, path),
    }
}

/// What whoever may connect gets to see.
fn open(app: &App, handshake: &Handshake, path: &str) -> Answer {
    match path {
        "/" => say(StatusCode::OK, &json!({"host": handshake.host})),
        _ => nothing(app),
    }
}

/// Who the certificate of the handshake is of, or the answer to somebody who is not let in.
async fn known(app: &App, handshake: &Handshake) -> Result<Principal, Answer> {
    let https = RequestScheme::Https;
    let request = match &handshake.certificate {
        None => AuthenticationRequest::new(https, None),
        Some(Ok(known)) => AuthenticationRequest::new(https, Some(known)),
        Some(Err(error)) => AuthenticationRequest::broken(https, Provenance::Handshake, *error),
    };
    authenticate(app, &request).await
}

/// To the host that asks for a certificate.
fn redirect(app: &App, location: &str) -> Answer {
    app.metrics.request("redirect");
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    if let Ok(location) = location.parse() {
        answer.headers_mut().insert(LOCATION, location);
    }
    answer
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN)
}

/// A client of a proxy.
async fn forwarded(app: &App, connection: &Connection, headers: &HeaderMap) -> Answer {
    let trusted = app.options.trusted_proxies.contains(&connection.peer);
    let peer = if trusted {
        Peer::TrustedProxy
    } else {
        Peer::Untrusted
    };
    let headers = Lines(headers);
    let read = scheme_of(app, &headers, peer).and_then(|scheme| {
        let certificate = certificate_of(app, &headers, peer)?;
        Ok((scheme, certificate))
    });
    match read {
        Ok((scheme, certificate)) => {
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

/// The headers of a request, as the library reads them.
struct Lines<'a>(&'a HeaderMap);

impl Headers for Lines<'_> {
    fn values(&self, name: &str) -> Vec<&[u8]> {
        let values = self.0.get_all(name).iter();
        values.map(|value| value.as_bytes()).collect()
    }
}

/// The scheme of the client's request: that of this connection, unless the proxy, and not another
/// program where it is, says what the client used.
fn scheme_of(app: &App, headers: &Lines<'_>, peer: Peer) -> Result<RequestScheme, ForwardedError> {
    let proxy = match &app.options.proxy_secret {
        Some(secret) => secret.peer(headers, peer)?,
        None => Peer::Untrusted,
    };
    let told = RequestScheme::forwarded(headers, proxy)?;
    Ok(told.unwrap_or(RequestScheme::Http))
}

/// What nginx forwards in `ssl-client-cert`, verified or not: who comes in is decided here.
fn certificate_of(
    app: &App,
    headers: &Lines<'_>,
    peer: Peer,
) -> Result<Option<ClientCertificate>, ForwardedError> {
    let forwarded = app.nginx.decode(headers, peer)?;
    Ok(forwarded.map(ClientCertificate::Forwarded))
}

async fn who(app: &App, request: &AuthenticationRequest<'_>) -> Answer {
    match authenticate(app, request).await {
        Ok(principal) => say(StatusCode::OK, &about(&principal)),
        Err(refused) => refused,
    }
}

async fn authenticate(app: &App, request: &AuthenticationRequest<'_>) -> Result<Principal, Answer> {
    let result = app
        .authenticator
        .authenticate_async(request, now(), &app.fetcher);
    match result.await.require() {
        Ok(principal) => {
            app.metrics.request("ok");
            Ok(principal)
        }
        Err(denied) => {
            app.metrics.request(denied.code());
            let challenge = app.authenticator.challenge_async(request, &denied, now());
            Err(say(code(challenge.await.status()), &why(&denied)))
        }
    }
}

/// The principal as JSON, whose strings are raw: whoever shows them escapes them.
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
        "name": principal.name().map(EscapedText::raw),
        "provenance": match principal.provenance() {
            Provenance::Handshake => "handshake",
            Provenance::Forwarded => "forwarded",
        },
        "subject": identity.subject().to_string(),
        "sha256": thumbprint,
        "spiffe": spiffe,
        "upn": identity.upn().map(EscapedText::raw),
        "claims": claims,
    })
}

/// Why nobody is let in, as JSON. It tells a client about its own certificate; a server that would
/// rather not leaves out all but the first.
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

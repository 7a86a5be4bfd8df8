//! `dotnet-negotiation`: what Kestrel did on Linux. Each recorded connection runs through the
//! decision functions: ClientHello, certificate, requests.

use portcullis::authentication::negotiation::{
    Asked, AskingEnd, Body, ClientCertificateMode, ClientHello, Connection, Earlier, HelloOutcome,
    Http, HttpRequest, Negotiation, NegotiationDecision, Platform, Received, ReceivedOutcome,
    RequestOutcome, Tls,
};
use serde_json::Value;

/// Runs a case.
pub fn run(case: &Value) -> Result<(), String> {
    let played = play(case)?;
    let expect = &case["expect"];
    match case["ours"].as_str() {
        // The connection ran to its end without a contradiction.
        Some("either") => return Ok(()),
        // The client is asked and sends no certificate, and the connection is kept.
        Some("none") => {
            let again = played.again.is_none_or(|again| again == "none");
            let fits = played.asked == Some("none") && again && played.connection == "kept";
            return if fits {
                Ok(())
            } else {
                Err(format!("{played:?}"))
            };
        }
        Some(other) => return Err(format!("ours: {other}")),
        None => {}
    }
    for (field, ours) in [
        ("outcome", Some(played.outcome)),
        ("seen", played.seen),
        ("asked", played.asked),
        ("again", played.again),
        ("connection", Some(played.connection)),
        ("next_request_sees", played.next_request_sees),
    ] {
        let said = expect[field].as_str();
        if said.is_some() && said != ours {
            return Err(format!("{field}: expected {said:?}, got {ours:?}"));
        }
    }
    Ok(())
}

/// What happened on a connection, in the words of the recordings.
#[derive(Debug)]
struct Played {
    outcome: &'static str,
    seen: Option<&'static str>,
    asked: Option<&'static str>,
    again: Option<&'static str>,
    connection: &'static str,
    next_request_sees: Option<&'static str>,
}

impl Played {
    const REJECTED: Self = Self {
        outcome: "rejected",
        seen: None,
        asked: None,
        again: None,
        connection: "close",
        next_request_sees: None,
    };
}

/// What a client has and does. A client with a certificate offers post-handshake authentication
/// unless the recording says otherwise.
struct Client {
    certificate: bool,
    post_handshake: bool,
    renegotiates: bool,
    accepted: bool,
}

impl Client {
    fn of(case: &Value) -> Result<Self, String> {
        let text = case["client"].as_str().ok_or("the case has no client")?;
        let certificate = !text.starts_with("no certificate");
        let offers = text.contains("offers post-handshake");
        Ok(Self {
            certificate,
            post_handshake: offers || certificate && !text.contains("no post-handshake"),
            renegotiates: !text.contains("refuses renegotiation"),
            accepted: case["validation"] != "refuses",
        })
    }

    fn answer(&self) -> Received {
        match (self.certificate, self.accepted) {
            (false, _) => Received::None,
            (true, true) => Received::Accepted,
            (true, false) => Received::Refused,
        }
    }
}

fn play(case: &Value) -> Result<Played, String> {
    let client = Client::of(case)?;
    let tls = match case["tls"].as_str() {
        Some("1.2") => Tls::V1_2,
        Some("1.3") => Tls::V1_3,
        other => return Err(format!("tls {other:?}")),
    };
    let http = match case["http"].as_str() {
        Some("1.1") => Http::V1,
        Some("2") => Http::V2,
        other => return Err(format!("http {other:?}")),
    };
    let negotiation = Negotiation::new(mode(case)?).platform(Platform::kestrel());

    let hello = negotiation.client_hello(&ClientHello::new(tls).http(http));
    let mut certificate = false;
    match hello.outcome {
        HelloOutcome::Ask => {
            let received = negotiation.certificate_received(None, client.answer());
            if received.outcome == ReceivedOutcome::Reject {
                return Ok(Played::REJECTED);
            }
            certificate = received.outcome == ReceivedOutcome::Continue;
        }
        HelloOutcome::DoNotAsk => {}
        other => return Err(format!("in a full handshake: {other:?}")),
    }

    let mut played = Played {
        outcome: "answered",
        seen: Some(sees(certificate)),
        asked: None,
        again: None,
        connection: "kept",
        next_request_sees: None,
    };
    let action = case["action"].as_str().unwrap_or_default();
    let waiting = case["body_bytes"]
        .as_u64()
        .filter(|_| action == "ask-with-body");
    let request = HttpRequest::new(tls, http, "localhost")
        .post_handshake_offered(client.post_handshake)
        .body(match (action, waiting) {
            (_, Some(length)) => Body::Pending {
                length: Some(length),
            },
            ("read-then-ask", None) => Body::Consumed,
            _ => Body::None,
        })
        // A waiting body has arrived completely here. In the recordings this was up to chance.
        .buffered_plaintext(waiting.unwrap_or(0) as usize);
    if action != "seen" {
        let asking = ask(
            &negotiation,
            tls,
            &client,
            &request.has_certificate(certificate),
        );
        if asking.connection == Connection::Abort {
            return Ok(Played::REJECTED);
        }
        certificate = asking.outcome == RequestOutcome::Certificate;
        played.asked = Some(said(asking.outcome)?);
        if asking.connection == Connection::CloseAfterResponse {
            played.connection = "close";
        }
        let earlier = Asked::Before(match asking.outcome {
            RequestOutcome::Certificate => Earlier::Certificate,
            RequestOutcome::NoCertificate => Earlier::None,
            _ => Earlier::Failed,
        });
        if action == "ask-twice" {
            let again = ask(&negotiation, tls, &client, &request.asked(earlier));
            played.again = Some(said(again.outcome)?);
        }
    }
    played.next_request_sees = Some(sees(certificate));
    Ok(played)
}

/// Decides, and acts as the client if it is asked.
fn ask(
    negotiation: &Negotiation,
    tls: Tls,
    client: &Client,
    request: &HttpRequest<'_>,
) -> NegotiationDecision<RequestOutcome> {
    let decision = negotiation.request(request);
    match decision.outcome {
        RequestOutcome::Renegotiate if !client.renegotiates => {
            negotiation.asked(tls, AskingEnd::RenegotiationRefused)
        }
        RequestOutcome::Renegotiate | RequestOutcome::AskPostHandshake => {
            negotiation.asked(tls, AskingEnd::Received(client.answer()))
        }
        _ => decision,
    }
}

fn mode(case: &Value) -> Result<ClientCertificateMode, String> {
    Ok(match case["mode"].as_str() {
        Some("NoCertificate") => ClientCertificateMode::NoCertificate,
        Some("AllowCertificate") => ClientCertificateMode::AllowCertificate,
        Some("RequireCertificate") => ClientCertificateMode::RequireCertificate,
        Some("DelayCertificate") => ClientCertificateMode::DelayCertificate,
        other => return Err(format!("mode {other:?}")),
    })
}

fn sees(certificate: bool) -> &'static str {
    if certificate { "certificate" } else { "none" }
}

fn said(outcome: RequestOutcome) -> Result<&'static str, String> {
    match outcome {
        RequestOutcome::Certificate => Ok("certificate"),
        RequestOutcome::NoCertificate => Ok("none"),
        RequestOutcome::Fail => Ok("error"),
        other => Err(format!("unfinished: {other:?}")),
    }
}

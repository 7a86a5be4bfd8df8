//! `dotnet-forwarding`: the client's certificate of a request, from its headers and its connection.
//! The peer is a trusted proxy.

use portcullis::authentication::forwarded::{
    self, BehindProxy, ClientCertificate, Codec, Format, Forwarded, Peer,
};
use portcullis::{Certificate, Presented};
use serde_json::Value;

use super::corpus::Corpus;

/// Runs a case.
pub fn run(corpus: &Corpus, case: &Value) -> Result<(), String> {
    let (answer, why) = answer(corpus, case)?;
    let said = case["expect"]["certificate"].as_str().unwrap_or_default();
    let fits = match case["ours"].as_str() {
        None => answer == said,
        // An error or the answer of .NET, nothing else.
        Some("either") => [said, "error", "conflict"].contains(&answer),
        Some(ruled) => answer == ruled,
    };
    let expected = case["ours"].as_str().unwrap_or(said);
    if fits {
        return Ok(());
    }
    Err(format!("expected {expected}, got {answer} {why}"))
}

/// In the words of the recordings, and why.
fn answer(corpus: &Corpus, case: &Value) -> Result<(&'static str, String), String> {
    let header = case["header"].as_str().ok_or("the case has no header")?;
    let values = case["values"].as_array().into_iter().flatten();
    let request: Vec<(&str, &str)> = values
        .filter_map(|value| Some((header, value.as_str()?)))
        .collect();
    let decoded = match case["converter"].as_str() {
        Some("default") => read(forwarded::aspnet(), &request),
        Some("hex") => read(forwarded::hex(), &request),
        Some("url-pem") => read(forwarded::nginx(), &request),
        other => return Err(format!("converter {other:?}")),
    };
    let forwarded = match decoded {
        Ok(forwarded) => forwarded,
        Err(why) => return Ok(("error", why)),
    };
    let direct = case["direct"].as_str().and_then(|key| corpus.der.get(key));
    let direct = direct.map(|der| Presented::from_der([der])).transpose();
    let direct = direct.map_err(|error| error.to_string())?;
    // .NET takes the certificate of the connection, whoever the peer is.
    let policy = BehindProxy::HandshakeOrForwarded;
    Ok(
        match ClientCertificate::choose(Peer::TrustedProxy, direct, forwarded, policy) {
            Ok(None) => ("none", String::new()),
            Ok(Some(client)) => (
                name_of(corpus, client.presented().leaf()),
                "in the header".into(),
            ),
            Err(error) => ("conflict", error.to_string()),
        },
    )
}

fn read<F: Format>(codec: Codec<F>, request: &[(&str, &str)]) -> Result<Option<Forwarded>, String> {
    let decoded = codec.decode(request, Peer::TrustedProxy);
    decoded.map_err(|error| error.to_string())
}

fn name_of(corpus: &Corpus, certificate: &Certificate) -> &'static str {
    ["direct", "forwarded"]
        .into_iter()
        .find(|key| {
            corpus
                .der
                .get(*key)
                .is_some_and(|der| der == certificate.as_der())
        })
        .unwrap_or("another certificate")
}

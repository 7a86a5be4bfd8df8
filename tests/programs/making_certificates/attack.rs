//! The first attack on the page `authentication::wrong_clients`, with the commands on that page.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use portcullis::authentication::forwarded::ClientCertificate;
use portcullis::authentication::{
    AuthenticationError, AuthenticationRequest, AuthenticationResult, CertificateAuthenticator,
    RequestScheme,
};
use portcullis::revocation::NoFetcher;
use portcullis::{Certificate, CertificateTypes, Pin, Presented, Rejected, Rule, Time};

use super::programs::{has_openssl, said, scratch};

const PAGE: &str = include_str!("../../../src/authentication/wrong_clients.md");

/// What the command of the page makes.
fn certificate(folder: &Path) -> Certificate {
    let block = PAGE.split("```sh\n").nth(1).unwrap();
    let openssl = block.split("curl").next().unwrap();
    let run = Command::new("sh")
        .args(["-ec", openssl])
        .current_dir(folder)
        .output();
    let run = run.unwrap();
    assert!(run.status.success(), "{}", said(&run));
    Certificate::from_pem(&fs::read(folder.join("my.pem")).unwrap()).unwrap()
}

#[test]
fn a_certificate_with_the_partners_name_is_not_the_partners() {
    if !has_openssl() {
        return;
    }
    let [partner, attacker] = ["partner", "attacker"].map(|name| certificate(&scratch(name)));
    assert_eq!(
        partner.subject().to_string(),
        attacker.subject().to_string()
    );
    let ask = |pin, certificate: &Certificate| -> AuthenticationResult {
        let authenticator = CertificateAuthenticator::builder()
            .allowed_certificate_types(CertificateTypes::SelfSigned)
            .pins([pin])
            .build()
            .unwrap();
        let certificate = ClientCertificate::Handshake(Presented::new(certificate.clone()));
        let request = AuthenticationRequest::new(RequestScheme::Https, Some(&certificate));
        authenticator.authenticate(&request, Time::from(SystemTime::now()), &NoFetcher)
    };
    for pin in [Pin::certificate(&partner), Pin::public_key(&partner)] {
        assert!(ask(pin, &partner).principal().is_some());
        let result = ask(pin, &attacker);
        let rule = result
            .failure()
            .and_then(AuthenticationError::rejected)
            .map(Rejected::error);
        assert_eq!(
            rule.map(|error| error.rule),
            Some(Rule::SelfSignedNotPinned)
        );
    }
}

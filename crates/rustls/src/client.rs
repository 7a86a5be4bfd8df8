//! The verifier of client certificates.

use std::marker::PhantomData;
use std::sync::Arc;

use portcullis::{Accepted, Presented, Rejected, Time, Validator};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use crate::decide::{Decide, presented};
use crate::shared::HandshakePeer;
use crate::signature::{HandshakeSignatures, Version, handshake_signatures};
use crate::{MissingEvidence, RootHints, SharedValidator};

/// When a client's certificate is validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Full,
    Deferred,
}

/// Verifies client certificates in handshakes: all of it, or the possession of the key alone.
///
/// A full verifier asks for [`Purpose::ClientAuth`](portcullis::Purpose::ClientAuth) where the
/// validator asks for [nothing](portcullis::Purpose::Any), unless it is told to
/// [let any purpose pass](ClientVerifierBuilder::allow_any_purpose). A server that validates anew,
/// per request or by [`Recheck`](super::Recheck), does so with the validator as it is: ask for the
/// purpose there, and both agree.
#[derive(Debug)]
pub struct ClientVerifier {
    kind: Kind,
    decide: Decide,
    mandatory: bool,
    hints: Vec<DistinguishedName>,
    signatures: HandshakeSignatures,
}

impl ClientVerifier {
    /// A verifier that validates in the handshake, from the evidence at hand.
    pub fn full(validator: Arc<SharedValidator>) -> ClientVerifierBuilder<Full> {
        ClientVerifierBuilder::new(Kind::Full, validator)
    }

    /// A verifier that lets in any holder of the key of a certificate that parses and may sign,
    /// **whatever certificate that is**: the server must validate before it believes a word of
    /// it. Of the validator it takes names for the hints, and the provider.
    pub fn deferred(validator: Arc<SharedValidator>) -> ClientVerifierBuilder<Deferred> {
        ClientVerifierBuilder::new(Kind::Deferred, validator)
    }
}

/// Marks the builder of a verifier that validates in the handshake ([`ClientVerifier::full`]).
#[derive(Clone, Copy, Debug)]
pub enum Full {}

/// Marks the builder of a verifier that leaves that to the server ([`ClientVerifier::deferred`]).
#[derive(Clone, Copy, Debug)]
pub enum Deferred {}

/// Options of a [`ClientVerifier`]. One that reaches no verdict has none of those about verdicts:
///
/// ```compile_fail,E0599
/// use std::sync::Arc;
/// use portcullis_rustls::{ClientVerifier, MissingEvidence, SharedValidator};
///
/// fn f(validator: Arc<SharedValidator>, missing: Arc<MissingEvidence>) {
///     ClientVerifier::deferred(validator).missing(missing);
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct ClientVerifierBuilder<K = Full> {
    kind: Kind,
    marked: PhantomData<K>,
    decide: Decide,
    mandatory: bool,
    hints: RootHints,
}

impl<K> ClientVerifierBuilder<K> {
    fn new(kind: Kind, validator: Arc<SharedValidator>) -> Self {
        Self {
            kind,
            marked: PhantomData,
            decide: Decide::new(validator, HandshakePeer::Client),
            mandatory: true,
            hints: RootHints::default(),
        }
    }

    /// May a client come without a certificate? One that it does send must hold in a full verifier
    /// even so; a deferred one asks of it what it asks of any. Default: no.
    pub fn optional(mut self, yes: bool) -> Self {
        self.mandatory = !yes;
        self
    }

    /// Which authorities the request for a certificate names. Default: [`RootHints::default`].
    ///
    /// rustls lends them for as long as the verifier lives: they stay those of the validator at
    /// [`build`](Self::build). After a change of anchors that clients should hear of, make another
    /// verifier and another `ServerConfig`; what is trusted changes with
    /// [`SharedValidator::replace`] at once.
    pub fn hints(mut self, hints: RootHints) -> Self {
        self.hints = hints;
        self
    }

    /// Makes the verifier. Its handshake signatures are verified by the provider of the validator
    /// as it stands now.
    #[must_use]
    pub fn build(self) -> ClientVerifier {
        let validator = self.decide.validator.current();
        ClientVerifier {
            kind: self.kind,
            mandatory: self.mandatory,
            hints: self.hints.of(validator.store()),
            signatures: HandshakeSignatures::new(Arc::clone(validator.provider())),
            decide: self.decide,
        }
    }
}

impl ClientVerifierBuilder<Full> {
    /// Where the verifier notes whose evidence of revocation is missing. Default: nowhere.
    pub fn missing(mut self, missing: Arc<MissingEvidence>) -> Self {
        self.decide.missing = Some(missing);
        self
    }

    /// May a validator that asks for no purpose let any certificate in, **a server's too**? Anybody
    /// with the key of a web server below the same anchors is a client then. This holds for
    /// the validators that [take its place](SharedValidator::replace) as well; one that asks
    /// for a purpose is not touched. Default: no, client authentication is asked for.
    pub fn allow_any_purpose(mut self, yes: bool) -> Self {
        self.decide.asked = (!yes).then_some(HandshakePeer::Client);
        self
    }

    /// Tells this function each verdict, and the validator that reached it, in the handshake: it
    /// must not block. rustls keeps of a rejection what its errors have words for; here is the
    /// whole of it, for logs. Default: nobody is told.
    ///
    /// An accepted verdict does not belong in a [cache](portcullis::cache) yet: the client has yet
    /// to prove that it holds the key, and until then anybody can present the certificate, with
    /// intermediates of their choice, and choose which of several paths is remembered. After
    /// the handshake [`keep`](portcullis::authentication::CertificateAuthenticator::keep) makes
    /// what is put in.
    pub fn on_verdict(
        mut self,
        tell: impl Fn(&Validator, &Presented, &Result<Accepted, Rejected>, Time) + Send + Sync + 'static,
    ) -> Self {
        self.decide.on_verdict = Some(Arc::new(tell));
        self
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let presented = presented(end_entity, intermediates)?;
        if self.kind == Kind::Full {
            self.decide.verdict(&presented, now)?;
        }
        Ok(ClientCertVerified::assertion())
    }

    handshake_signatures!();
}

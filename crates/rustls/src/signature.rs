//! Handshake signatures: the proof that the peer holds the key of its certificate.
//!
//! A TLS scheme is a kind of key and a kind of signature, each an AlgorithmIdentifier, which is
//! what a [`Provider`] takes; the table below is all there is to it. The two versions of TLS read
//! it differently (RFC 8446 section 4.2.3): 1.3 binds ECDSA's hash to a curve and has no PKCS #1
//! v1.5; 1.2 takes any curve with any of the hashes. `rsa_pss_rsae_*` is PSS by an `rsaEncryption`
//! key, `rsa_pss_pss_*` by one for PSS alone. SHA-1 is in neither.
//!
//! A certificate whose key usage is not for signatures proves nothing by one (RFC 8446 section
//! 4.4.2.2; RFC 5246 sections 7.4.2 and 7.4.6 for 1.2, of which rustls has only suites where the
//! server signs). The algorithm policy is not asked: it judges the certificate, with its key, where
//! that is validated.

use std::fmt;
use std::sync::Arc;

use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::crypto::{Provider, SupportedPair};
use portcullis::{Certificate, KeyUsage, Oid};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{AlgorithmIdentifier as Identifier, CertificateDer, alg_id};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError};
use rustls::{PeerMisbehaved, SignatureScheme};

/// A version of TLS, as far as signatures differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Tls12,
    Tls13,
}

const BOTH: &[Version] = &[Version::Tls12, Version::Tls13];
const TLS12: &[Version] = &[Version::Tls12];
const TLS13: &[Version] = &[Version::Tls13];

/// What a scheme stands for: the key, the signature. Of ECDSA's keys TLS 1.3 takes those on this
/// curve alone.
struct Row(SignatureScheme, &'static [Version], Identifier, Identifier);

/// Code points that rustls has no name for: `rsa_pss_pss_*` (RFC 8446 section 4.2.3).
const PSS_PSS_SHA256: SignatureScheme = SignatureScheme::Unknown(0x0809);
const PSS_PSS_SHA384: SignatureScheme = SignatureScheme::Unknown(0x080a);
const PSS_PSS_SHA512: SignatureScheme = SignatureScheme::Unknown(0x080b);

/// All schemes, those first that a server should rather see.
#[rustfmt::skip]
const ROWS: &[Row] = {
    use SignatureScheme as Tls;
    use alg_id::*;
    &[
        Row(Tls::ECDSA_NISTP256_SHA256, BOTH, ECDSA_P256, ECDSA_SHA256),
        Row(Tls::ECDSA_NISTP384_SHA384, BOTH, ECDSA_P384, ECDSA_SHA384),
        Row(Tls::ECDSA_NISTP521_SHA512, BOTH, ECDSA_P521, ECDSA_SHA512),
        Row(Tls::ED25519, BOTH, ED25519, ED25519),
        Row(Tls::ML_DSA_44, TLS13, ML_DSA_44, ML_DSA_44),
        Row(Tls::ML_DSA_65, TLS13, ML_DSA_65, ML_DSA_65),
        Row(Tls::ML_DSA_87, TLS13, ML_DSA_87, ML_DSA_87),
        Row(Tls::RSA_PSS_SHA256, BOTH, RSA_ENCRYPTION, RSA_PSS_SHA256),
        Row(Tls::RSA_PSS_SHA384, BOTH, RSA_ENCRYPTION, RSA_PSS_SHA384),
        Row(Tls::RSA_PSS_SHA512, BOTH, RSA_ENCRYPTION, RSA_PSS_SHA512),
        Row(PSS_PSS_SHA256, BOTH, RSA_PSS_SHA256, RSA_PSS_SHA256),
        Row(PSS_PSS_SHA384, BOTH, RSA_PSS_SHA384, RSA_PSS_SHA384),
        Row(PSS_PSS_SHA512, BOTH, RSA_PSS_SHA512, RSA_PSS_SHA512),
        Row(Tls::RSA_PKCS1_SHA256, TLS12, RSA_ENCRYPTION, RSA_PKCS1_SHA256),
        Row(Tls::RSA_PKCS1_SHA384, TLS12, RSA_ENCRYPTION, RSA_PKCS1_SHA384),
        Row(Tls::RSA_PKCS1_SHA512, TLS12, RSA_ENCRYPTION, RSA_PKCS1_SHA512),
    ]
};

/// A scheme with its identifiers in DER.
#[derive(Clone)]
struct Scheme {
    scheme: SignatureScheme,
    versions: &'static [Version],
    key: Vec<u8>,
    signature: Vec<u8>,
    pair: SupportedPair,
}

impl Scheme {
    /// `None` for what is no AlgorithmIdentifier, of which the table has none.
    fn new(row: &Row) -> Option<Self> {
        let Row(scheme, versions, key, signature) = row;
        let (key, signature) = (sequence(key)?, sequence(signature)?);
        let pair = SupportedPair::of(
            &AlgorithmIdentifier::from_der(&key).ok()?,
            &AlgorithmIdentifier::from_der(&signature).ok()?,
        );
        Some(Self {
            scheme: *scheme,
            versions,
            pair: pair?,
            key,
            signature,
        })
    }

    /// Is it one for this key?
    fn fits(&self, key: &SubjectPublicKeyInfo<'_>, version: Version) -> bool {
        let algorithm = key.algorithm();
        if version == Version::Tls13 && self.pair.curve.is_some() {
            return algorithm.as_der() == self.key;
        }
        algorithm.oid() == self.pair.key
    }
}

/// Content of fewer than 128 octets in a SEQUENCE, which is how rustls leaves its identifiers.
fn sequence(content: &[u8]) -> Option<Vec<u8>> {
    let length = u8::try_from(content.len()).ok();
    let length = length.filter(|length| *length < 0x80)?;
    Some([&[0x30, length], content].concat())
}

/// Verifies handshake signatures with a provider.
#[derive(Clone)]
pub(crate) struct HandshakeSignatures {
    provider: Arc<dyn Provider>,
    schemes: Vec<Scheme>,
}

impl HandshakeSignatures {
    pub(crate) fn new(provider: Arc<dyn Provider>) -> Self {
        let supported = provider.supported();
        let schemes = ROWS.iter().filter_map(Scheme::new);
        let schemes = schemes.filter(|scheme| supported.contains(&scheme.pair));
        Self {
            schemes: schemes.collect(),
            provider,
        }
    }

    /// What the provider can verify, for the list that the peer gets.
    pub(crate) fn schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.iter().map(|scheme| scheme.scheme).collect()
    }

    /// Did the key of this certificate sign the message?
    pub(crate) fn verify(
        &self,
        version: Version,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify_parts(
            version,
            message,
            certificate,
            signed.scheme,
            signed.signature(),
        )?;
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_parts(
        &self,
        version: Version,
        message: &[u8],
        certificate: &[u8],
        scheme: SignatureScheme,
        signature: &[u8],
    ) -> Result<(), Error> {
        let mut offered = self.schemes.iter();
        let scheme = offered
            .find(|known| known.scheme == scheme && known.versions.contains(&version))
            .ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        let certificate =
            Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
        if !may_sign(&certificate) {
            return Err(CertificateError::InvalidPurpose.into());
        }
        let key = certificate.public_key();
        let algorithm = AlgorithmIdentifier::from_der(&scheme.signature)
            .map_err(|_| Error::General("an algorithm identifier of the table".into()))?;
        if !scheme.fits(&key, version) {
            return Err(does_not_fit(&algorithm, &key).into());
        }
        let key = self.provider.prepare(&key, None);
        let key = key.map_err(|error| CertificateError::Other(OtherError(Arc::new(error))))?;
        key.verify(&algorithm, message, signature)
            .map_err(|_| CertificateError::BadSignature.into())
    }
}

/// What verifiers of both sides answer about handshake signatures, from their field `signatures`.
macro_rules! handshake_signatures {
    () => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let signatures = &self.signatures;
            signatures.verify(Version::Tls12, message, certificate, signed)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let signatures = &self.signatures;
            signatures.verify(Version::Tls13, message, certificate, signed)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.signatures.schemes()
        }
    };
}
pub(crate) use handshake_signatures;

/// Without the extension a key may be used for anything.
fn may_sign(certificate: &Certificate) -> bool {
    let usage = certificate.get::<KeyUsage>();
    usage.is_ok_and(|usage| usage.is_none_or(|usage| usage.contains(KeyUsage::DIGITAL_SIGNATURE)))
}

fn does_not_fit(
    algorithm: &AlgorithmIdentifier<'_>,
    key: &SubjectPublicKeyInfo<'_>,
) -> CertificateError {
    let octets = |oid: Oid<'_>| Vec::from(oid.as_bytes());
    CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
        signature_algorithm_id: octets(algorithm.oid()),
        public_key_algorithm_id: octets(key.algorithm().oid()),
    }
}

impl fmt::Debug for HandshakeSignatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandshakeSignatures")
            .field("provider", &self.provider)
            .field("schemes", &self.schemes())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use portcullis::RustCrypto;
    use portcullis::crypto::{KeyError, PreparedKey};
    use proptest::prelude::*;

    use super::*;
    use crate::testing::leaf;
    use portcullis_testkit::Template;
    use portcullis_testkit::der::{bit_string, oid, sequence as der_sequence};
    use portcullis_testkit::extensions::{DIGITAL_SIGNATURE, KEY_USAGE, key_usage};
    use portcullis_testkit::keys::{Hash, Key, Scheme as Signing};

    fn ours() -> HandshakeSignatures {
        HandshakeSignatures::new(Arc::new(RustCrypto))
    }

    /// A leaf for this key, whose key usage is not said.
    fn with_key(spki: Vec<u8>) -> Vec<u8> {
        let template = Template::client("leaf").public_key(spki);
        leaf(template.without(KEY_USAGE))
    }

    fn sign(key: &Key) -> Vec<u8> {
        key.sign(Signing::Ed25519, b"message")
    }

    #[test]
    fn each_row_is_a_pair_and_ecdsa_alone_has_curves() {
        for row in ROWS {
            let scheme = Scheme::new(row).unwrap();
            let is_ecdsa = row.0.as_str().is_some_and(|name| name.starts_with("ECDSA"));
            assert_eq!(scheme.pair.curve.is_some(), is_ecdsa, "{:?}", row.0);
        }
    }

    #[test]
    fn schemes_follow_from_the_provider() {
        let ml_dsa = Scheme::new(&ROWS[4]).unwrap().pair;
        let ml_dsa = if RustCrypto.supported().contains(&ml_dsa) {
            3
        } else {
            0
        };
        assert_eq!(ours().schemes().len(), 13 + ml_dsa);

        #[derive(Debug)]
        struct P384Only(Vec<SupportedPair>);
        impl Provider for P384Only {
            fn supported(&self) -> &[SupportedPair] {
                &self.0
            }
            fn prepare(
                &self,
                key: &SubjectPublicKeyInfo<'_>,
                inherited: Option<&[u8]>,
            ) -> Result<Arc<dyn PreparedKey>, KeyError> {
                RustCrypto.prepare(key, inherited)
            }
        }
        let p384 = Scheme::new(&ROWS[1]).unwrap().pair.curve;
        let pairs = RustCrypto.supported().iter();
        let pairs = pairs.filter(|pair| pair.curve == p384).copied();
        let only = HandshakeSignatures::new(Arc::new(P384Only(pairs.collect())));
        assert_eq!(only.schemes(), [SignatureScheme::ECDSA_NISTP384_SHA384]);
    }

    #[test]
    fn what_was_not_offered_is_refused_before_anything_is_read() {
        for (version, scheme) in [
            (Version::Tls12, SignatureScheme::RSA_PKCS1_SHA1),
            (Version::Tls12, SignatureScheme::ECDSA_SHA1_Legacy),
            (Version::Tls12, SignatureScheme::ML_DSA_65),
            (Version::Tls13, SignatureScheme::RSA_PKCS1_SHA256),
            (Version::Tls13, SignatureScheme::ED448),
            (Version::Tls13, SignatureScheme::Unknown(0)),
        ] {
            let refused = ours().verify_parts(version, b"", b"no certificate", scheme, b"");
            let expected = PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme;
            assert_eq!(refused, Err(expected.into()), "{scheme:?}");
        }
        let scheme = SignatureScheme::ED25519;
        let refused = ours().verify_parts(Version::Tls13, b"", b"no certificate", scheme, b"");
        assert_eq!(refused, Err(CertificateError::BadEncoding.into()));
    }

    #[test]
    fn the_key_of_the_certificate_must_have_signed() {
        let key = Key::ed25519("leaf");
        let certificate = with_key(key.spki());
        let signature = sign(&key);
        let verify = |message: &[u8], certificate: &[u8], scheme| {
            ours().verify_parts(Version::Tls13, message, certificate, scheme, &signature)
        };
        let ed25519 = SignatureScheme::ED25519;
        assert_eq!(verify(b"message", &certificate, ed25519), Ok(()));
        let other = verify(b"another", &certificate, ed25519);
        assert_eq!(other, Err(CertificateError::BadSignature.into()));
        // The key is Ed25519.
        let refused = verify(b"message", &certificate, SignatureScheme::RSA_PSS_SHA256);
        assert!(is_misfit(&refused));
        // The key says that it is on P-256, and its bits are no point.
        let p256 = [oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")];
        let p256 = with_key(der_sequence(&[der_sequence(&p256), bit_string(&[7; 32])]));
        let scheme = SignatureScheme::ECDSA_NISTP256_SHA256;
        let refused = verify(b"message", &p256, scheme);
        assert!(matches!(
            refused,
            Err(Error::InvalidCertificate(CertificateError::Other(_)))
        ));
        // TLS 1.3 binds the curve.
        let refused = verify(b"message", &p256, SignatureScheme::ECDSA_NISTP384_SHA384);
        assert!(is_misfit(&refused));
    }

    fn is_misfit(refused: &Result<(), Error>) -> bool {
        use CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext as Misfit;
        matches!(refused, Err(Error::InvalidCertificate(Misfit { .. })))
    }

    /// RFC 5246 section 7.4.1.4.1 has a hash and a kind of key in a scheme of TLS 1.2, no curve.
    #[test]
    fn tls12_takes_any_curve() {
        let key = Key::p256("leaf");
        let certificate = with_key(key.spki());
        let signature = key.sign(Signing::Ecdsa(Hash::Sha384), b"message");
        let scheme = SignatureScheme::ECDSA_NISTP384_SHA384;
        let verify =
            |version| ours().verify_parts(version, b"message", &certificate, scheme, &signature);
        assert_eq!(verify(Version::Tls12), Ok(()));
        assert!(is_misfit(&verify(Version::Tls13)));
    }

    #[test]
    fn the_key_must_be_for_signatures() {
        let key = Key::ed25519("leaf");
        let signature = sign(&key);
        let invalid = || Err(CertificateError::InvalidPurpose.into());
        const NON_REPUDIATION: u8 = 1;
        const KEY_ENCIPHERMENT: u8 = 2;
        const KEY_CERT_SIGN: u8 = 5;
        const CRL_SIGN: u8 = 6;
        for (usage, expected) in [
            (&[DIGITAL_SIGNATURE][..], Ok(())),
            (&[DIGITAL_SIGNATURE, KEY_ENCIPHERMENT], Ok(())),
            (&[KEY_ENCIPHERMENT], invalid()),
            (&[KEY_CERT_SIGN, CRL_SIGN], invalid()),
            (&[NON_REPUDIATION], invalid()),
        ] {
            let template = Template::client("leaf").public_key(key.spki());
            let certificate = leaf(template.with(key_usage(usage)));
            let scheme = SignatureScheme::ED25519;
            for version in [Version::Tls12, Version::Tls13] {
                let said =
                    ours().verify_parts(version, b"message", &certificate, scheme, &signature);
                assert_eq!(said, expected);
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_that_a_peer_sends_panics(
            scheme in any::<u16>(),
            known in 0..ROWS.len(),
            at in any::<prop::sample::Index>(),
            octet in any::<u8>(),
            signature in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            static MADE: LazyLock<Vec<u8>> = LazyLock::new(|| with_key(Key::ed25519("leaf").spki()));
            let mut certificate = MADE.clone();
            let at = at.index(certificate.len());
            certificate[at] = octet;
            for version in [Version::Tls12, Version::Tls13] {
                for scheme in [SignatureScheme::from(scheme), ROWS[known].0] {
                    let said = ours().verify_parts(version, b"message", &certificate, scheme, &signature);
                    prop_assert!(said.is_err());
                }
            }
        }
    }
}

//! Handshake signatures: the proof that the peer holds the key of its certificate.
//!
//! A TLS scheme is a kind of key and an AlgorithmIdentifier, which is what a [`Provider`] takes;
//! the table below is all there is to it. The two versions of TLS read it differently (RFC 8446
//! section 4.2.3): 1.3 binds ECDSA's hash to a curve and has no PKCS #1 v1.5; 1.2 takes any curve
//! with any of the hashes. `rsa_pss_rsae_*` is PSS by an `rsaEncryption` key, `rsa_pss_pss_*` by
//! one for PSS alone. SHA-1 is in neither.
//!
//! A certificate whose key usage is not for signatures proves nothing by one (RFC 8446 section
//! 4.4.2.2; RFC 5246 sections 7.4.2 and 7.4.6 for 1.2, of which rustls has but suites where servers
//! sign). The algorithm policy is not asked: it judges the certificate, with its key, where that is
//! validated.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use ::rustls::client::danger::HandshakeSignatureValid;
use ::rustls::pki_types::CertificateDer;
use ::rustls::{CertificateError, DigitallySignedStruct, Error, OtherError};
use ::rustls::{PeerMisbehaved, SignatureScheme};

use crate::certificate::extensions::{ExtensionKind, KeyUsage};
use crate::certificate::{AlgorithmIdentifier, Certificate, SubjectPublicKeyInfo};
use crate::crypto::{KeyAlgorithm, MlDsa, NamedCurve, Provider, SupportedPair};
use crate::oid::Oid;

/// A version of TLS, as far as signatures differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Tls12,
    Tls13,
}

/// What a scheme stands for.
struct Scheme {
    scheme: SignatureScheme,
    key: KeyAlgorithm,
    /// The curve to which TLS 1.3 binds it.
    curve: Option<NamedCurve>,
    /// The AlgorithmIdentifier of its signatures, in DER.
    algorithm: &'static [u8],
    tls12: bool,
    tls13: bool,
}

impl Scheme {
    const fn new(scheme: SignatureScheme, key: KeyAlgorithm, algorithm: &'static [u8]) -> Self {
        Self {
            scheme,
            key,
            curve: None,
            algorithm,
            tls12: true,
            tls13: true,
        }
    }

    const fn ecdsa(scheme: SignatureScheme, curve: NamedCurve, algorithm: &'static [u8]) -> Self {
        Self {
            curve: Some(curve),
            ..Self::new(scheme, KeyAlgorithm::Ec, algorithm)
        }
    }

    const fn pkcs1(scheme: SignatureScheme, algorithm: &'static [u8]) -> Self {
        Self {
            tls13: false,
            ..Self::new(scheme, KeyAlgorithm::Rsa, algorithm)
        }
    }

    const fn ml_dsa(scheme: SignatureScheme, set: MlDsa, algorithm: &'static [u8]) -> Self {
        Self {
            tls12: false,
            ..Self::new(scheme, KeyAlgorithm::MlDsa(set), algorithm)
        }
    }

    const fn is_of(&self, version: Version) -> bool {
        match version {
            Version::Tls12 => self.tls12,
            Version::Tls13 => self.tls13,
        }
    }

    /// Can a provider that lists this pair verify the scheme?
    fn is_covered_by(&self, pair: &SupportedPair) -> bool {
        let key = KeyAlgorithm::from_oid(Oid::from(&pair.key));
        let signature = AlgorithmIdentifier::from_der(self.algorithm);
        let curve = pair.curve.as_ref();
        let curve = curve.and_then(|oid| NamedCurve::from_oid(Oid::from(oid)));
        key == Some(self.key)
            && signature.is_ok_and(|signature| signature.oid() == pair.signature)
            && (self.curve.is_none() || self.curve == curve)
    }

    /// Is it one for this key?
    fn fits(&self, key: &SubjectPublicKeyInfo<'_>, version: Version) -> bool {
        let algorithm = key.algorithm();
        if KeyAlgorithm::from_oid(algorithm.oid()) != Some(self.key) {
            return false;
        }
        match (self.curve, version) {
            (Some(curve), Version::Tls13) => {
                NamedCurve::from_parameters(algorithm.parameters()) == Ok(curve)
            }
            _ => true,
        }
    }
}

/// `AlgorithmIdentifier` of PKCS #1 v1.5 signatures, which differ in the last arc (RFC 4055 section
/// 5).
const fn pkcs1(arc: u8) -> [u8; 15] {
    [
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, arc, 0x05, 0x00,
    ]
}

/// That of PSS over the SHA-2 hash of this last arc, with a mask over the same hash and a salt as
/// long as it (RFC 8446 section 4.2.3, RFC 4055 section 3.1).
const fn pss(arc: u8, salt: u8) -> [u8; 67] {
    [
        0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34,
        0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc,
        0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
        0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc,
        0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, salt,
    ]
}

/// That of ECDSA (RFC 5758 section 3.2).
const fn ecdsa(arc: u8) -> [u8; 12] {
    [
        0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, arc,
    ]
}

/// That of ML-DSA (RFC 9881 section 2).
const fn ml_dsa(arc: u8) -> [u8; 13] {
    [
        0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, arc,
    ]
}

/// That of Ed25519 (RFC 8410 section 3).
const ED25519: &[u8] = &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];

/// Code points that rustls has no name for: `rsa_pss_pss_*` (RFC 8446 section 4.2.3).
const PSS_PSS_SHA256: SignatureScheme = SignatureScheme::Unknown(0x0809);
const PSS_PSS_SHA384: SignatureScheme = SignatureScheme::Unknown(0x080a);
const PSS_PSS_SHA512: SignatureScheme = SignatureScheme::Unknown(0x080b);

/// All schemes, those first that a server should rather see.
const SCHEMES: &[Scheme] = {
    use KeyAlgorithm::{Ed25519, Rsa, RsaPss};
    use NamedCurve::{P256, P384, P521};
    &[
        Scheme::ecdsa(SignatureScheme::ECDSA_NISTP256_SHA256, P256, &ecdsa(2)),
        Scheme::ecdsa(SignatureScheme::ECDSA_NISTP384_SHA384, P384, &ecdsa(3)),
        Scheme::ecdsa(SignatureScheme::ECDSA_NISTP521_SHA512, P521, &ecdsa(4)),
        Scheme::new(SignatureScheme::ED25519, Ed25519, ED25519),
        Scheme::ml_dsa(SignatureScheme::ML_DSA_44, MlDsa::MlDsa44, &ml_dsa(0x11)),
        Scheme::ml_dsa(SignatureScheme::ML_DSA_65, MlDsa::MlDsa65, &ml_dsa(0x12)),
        Scheme::ml_dsa(SignatureScheme::ML_DSA_87, MlDsa::MlDsa87, &ml_dsa(0x13)),
        Scheme::new(SignatureScheme::RSA_PSS_SHA256, Rsa, &pss(1, 32)),
        Scheme::new(SignatureScheme::RSA_PSS_SHA384, Rsa, &pss(2, 48)),
        Scheme::new(SignatureScheme::RSA_PSS_SHA512, Rsa, &pss(3, 64)),
        Scheme::new(PSS_PSS_SHA256, RsaPss, &pss(1, 32)),
        Scheme::new(PSS_PSS_SHA384, RsaPss, &pss(2, 48)),
        Scheme::new(PSS_PSS_SHA512, RsaPss, &pss(3, 64)),
        Scheme::pkcs1(SignatureScheme::RSA_PKCS1_SHA256, &pkcs1(11)),
        Scheme::pkcs1(SignatureScheme::RSA_PKCS1_SHA384, &pkcs1(12)),
        Scheme::pkcs1(SignatureScheme::RSA_PKCS1_SHA512, &pkcs1(13)),
    ]
};

/// Verifies handshake signatures with a provider.
#[derive(Clone)]
pub(super) struct HandshakeSignatures {
    provider: Arc<dyn Provider>,
    schemes: Vec<&'static Scheme>,
}

impl HandshakeSignatures {
    pub(super) fn new(provider: Arc<dyn Provider>) -> Self {
        let is_supported = |scheme: &&Scheme| {
            let mut pairs = provider.supported().iter();
            pairs.any(|pair| scheme.is_covered_by(pair))
        };
        let schemes = SCHEMES.iter().filter(is_supported).collect();
        Self { provider, schemes }
    }

    /// What the provider can verify, for the list that the peer gets.
    pub(super) fn schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.iter().map(|scheme| scheme.scheme).collect()
    }

    /// Did the key of this certificate sign the message?
    pub(super) fn verify(
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
            .find(|known| known.scheme == scheme && known.is_of(version))
            .ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        let certificate =
            Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
        if !may_sign(&certificate) {
            return Err(CertificateError::InvalidPurpose.into());
        }
        let key = certificate.public_key();
        let algorithm = AlgorithmIdentifier::from_der(scheme.algorithm)
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

/// Without the extension a key may be used for anything.
fn may_sign(certificate: &Certificate) -> bool {
    certificate
        .extension(ExtensionKind::KeyUsage)
        .is_none_or(|value| KeyUsage::from_der(value).is_ok_and(KeyUsage::digital_signature))
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
    use ::rustls::pki_types::alg_id;
    use ed25519_dalek::{Signer, SigningKey};
    use proptest::prelude::*;

    use super::*;
    use crate::certificate::testing::{Parts, extension, sequence, tlv};
    use crate::crypto::RustCrypto;
    use crate::crypto::{KeyError, PreparedKey};

    fn ours() -> HandshakeSignatures {
        HandshakeSignatures::new(Arc::new(RustCrypto))
    }

    #[test]
    fn identifiers_are_those_of_other_libraries() {
        let known = [
            (SignatureScheme::ECDSA_NISTP256_SHA256, alg_id::ECDSA_SHA256),
            (SignatureScheme::ECDSA_NISTP384_SHA384, alg_id::ECDSA_SHA384),
            (SignatureScheme::ECDSA_NISTP521_SHA512, alg_id::ECDSA_SHA512),
            (SignatureScheme::ED25519, alg_id::ED25519),
            (SignatureScheme::RSA_PSS_SHA256, alg_id::RSA_PSS_SHA256),
            (SignatureScheme::RSA_PSS_SHA384, alg_id::RSA_PSS_SHA384),
            (SignatureScheme::RSA_PSS_SHA512, alg_id::RSA_PSS_SHA512),
            (SignatureScheme::RSA_PKCS1_SHA256, alg_id::RSA_PKCS1_SHA256),
            (SignatureScheme::RSA_PKCS1_SHA384, alg_id::RSA_PKCS1_SHA384),
            (SignatureScheme::RSA_PKCS1_SHA512, alg_id::RSA_PKCS1_SHA512),
            (SignatureScheme::ML_DSA_44, alg_id::ML_DSA_44),
            (SignatureScheme::ML_DSA_65, alg_id::ML_DSA_65),
            (SignatureScheme::ML_DSA_87, alg_id::ML_DSA_87),
        ];
        for (scheme, identifier) in known {
            let ours = SCHEMES.iter().find(|one| one.scheme == scheme).unwrap();
            assert_eq!(ours.algorithm[2..], *identifier, "{scheme:?}");
        }
        for scheme in SCHEMES {
            assert!(AlgorithmIdentifier::from_der(scheme.algorithm).is_ok());
        }
    }

    #[test]
    fn schemes_follow_from_the_provider() {
        let ml_dsa = if cfg!(feature = "ml-dsa") { 3 } else { 0 };
        assert_eq!(ours().schemes().len(), 13 + ml_dsa);

        #[derive(Debug)]
        struct P384Only;
        impl Provider for P384Only {
            fn supported(&self) -> &[SupportedPair] {
                let of_p384 = |pair: &&SupportedPair| {
                    let curve = pair.curve.as_ref();
                    curve.and_then(|oid| NamedCurve::from_oid(Oid::from(oid)))
                        == Some(NamedCurve::P384)
                };
                let all = RustCrypto.supported();
                let first = all.iter().position(|pair| of_p384(&pair)).unwrap();
                &all[first..first + 4]
            }
            fn prepare(
                &self,
                key: &SubjectPublicKeyInfo<'_>,
                inherited: Option<&[u8]>,
            ) -> Result<Arc<dyn PreparedKey>, KeyError> {
                RustCrypto.prepare(key, inherited)
            }
        }
        let only = HandshakeSignatures::new(Arc::new(P384Only));
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
        let key = SigningKey::from_bytes(&[7; 32]);
        let bits = [&[0][..], key.verifying_key().as_bytes()].concat();
        let of = |algorithm: &[u8]| {
            let spki = sequence(&[Vec::from(algorithm), tlv(3, &bits)]);
            let parts = Parts {
                spki,
                ..Parts::default()
            };
            parts.der()
        };
        let certificate = of(ED25519);
        let signature = key.sign(b"message").to_bytes();
        let verify = |message: &[u8], certificate: &[u8], scheme| {
            ours().verify_parts(Version::Tls13, message, certificate, scheme, &signature)
        };
        let ed25519 = SignatureScheme::ED25519;
        assert_eq!(verify(b"message", &certificate, ed25519), Ok(()));
        let other = verify(b"another", &certificate, ed25519);
        assert_eq!(other, Err(CertificateError::BadSignature.into()));
        // The key is Ed25519.
        let refused = verify(b"message", &certificate, SignatureScheme::RSA_PSS_SHA256);
        assert!(matches!(
            refused,
            Err(Error::InvalidCertificate(
                CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
            ))
        ));
        // The key says that it is on P-256, and its bits are no point.
        let p256 = [
            0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce,
            0x3d, 3, 1, 7,
        ];
        let scheme = SignatureScheme::ECDSA_NISTP256_SHA256;
        let refused = verify(b"message", &of(&p256), scheme);
        assert!(matches!(
            refused,
            Err(Error::InvalidCertificate(CertificateError::Other(_)))
        ));
        // TLS 1.3 binds the curve.
        let refused = verify(
            b"message",
            &of(&p256),
            SignatureScheme::ECDSA_NISTP384_SHA384,
        );
        assert!(matches!(
            refused,
            Err(Error::InvalidCertificate(
                CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
            ))
        ));
    }

    #[test]
    fn the_key_must_be_for_signatures() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let bits = [&[0][..], key.verifying_key().as_bytes()].concat();
        let signature = key.sign(b"message").to_bytes();
        let invalid = || Err(CertificateError::InvalidPurpose.into());
        for (usage, expected) in [
            (&[3, 2, 7, 0x80][..], Ok(())), // digitalSignature
            (&[3, 2, 5, 0xa0], Ok(())),     // and keyEncipherment
            (&[3, 2, 5, 0x20], invalid()),  // keyEncipherment alone
            (&[3, 2, 1, 0x06], invalid()),  // keyCertSign and cRLSign
            (&[3, 2, 6, 0x40], invalid()),  // nonRepudiation
        ] {
            let parts = Parts {
                spki: sequence(&[Vec::from(ED25519), tlv(3, &bits)]),
                ..Parts::default()
            };
            let usage = extension(&[0x55, 0x1d, 15], Some(0xff), usage);
            let certificate = parts.with_extensions(&[usage]).der();
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
            known in 0..SCHEMES.len(),
            at in any::<prop::sample::Index>(),
            octet in any::<u8>(),
            signature in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let mut certificate = Parts::default().der();
            let at = at.index(certificate.len());
            certificate[at] = octet;
            for version in [Version::Tls12, Version::Tls13] {
                for scheme in [SignatureScheme::from(scheme), SCHEMES[known].scheme] {
                    let said = ours().verify_parts(version, b"message", &certificate, scheme, &signature);
                    prop_assert!(said.is_err());
                }
            }
        }
    }
}

//! The headers of Cloudflare: base64 of DER, or PEM with percent encoding.
//!
//! Cloudflare fills them whatever the result of its verification, and counts a revoked certificate
//! as verified. So require two more headers: `confirmed_by("cf-cert-verified", "true")` and
//! `confirmed_by("cf-cert-revoked", "false")`. For the transform rule that writes RFC 9440 headers,
//! use [`rfc9440`](super::rfc9440()).

use super::base64_der::Base64Der;
use super::codec::Codec;
use super::encoding::percent;
use super::escaped_pem::EscapedPem;

/// The default header with base64.
pub const HEADER: &str = "Cf-Client-Cert-Der-Base64";

/// The default header with PEM.
pub const PEM_HEADER: &str = "CF-Client-Cert-PEM";

/// Cloudflare: base64 of DER in `Cf-Client-Cert-Der-Base64`.
pub fn cloudflare() -> Codec<Base64Der> {
    Codec::new(HEADER, Base64Der)
}

/// Cloudflare: PEM with percent encoding in `CF-Client-Cert-PEM`.
pub fn cloudflare_pem() -> Codec<EscapedPem> {
    Codec::new(PEM_HEADER, EscapedPem::leaf(percent::is_unreserved))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{behaves, fault, leaf, named, read};
    use super::super::{HeaderFault, Peer};
    use super::*;
    use crate::validator::Presented;
    use proptest::prelude::*;

    #[test]
    fn base64_or_pem() {
        behaves(&cloudflare(), false);
        behaves(&cloudflare_pem(), false);
    }

    #[test]
    fn cloudflare_fills_it_whatever_its_verification_said() {
        let codec = cloudflare()
            .confirmed_by("cf-cert-verified", "true")
            .unwrap();
        let value = &*codec.encode(&Presented::new(leaf()))[0].1;
        let verified = |says| [(HEADER, value), ("Cf-Cert-Verified", says)];
        assert!(
            codec
                .decode(&verified("true"), Peer::TrustedProxy)
                .unwrap()
                .is_some()
        );
        assert_eq!(fault(&codec, &verified("false")), HeaderFault::OtherValue);
        assert_eq!(fault(&codec, &[(HEADER, value)]), HeaderFault::Unconfirmed);
        let twice = [verified("true"), verified("true")].concat();
        assert!(codec.decode(&twice[..3], Peer::TrustedProxy).is_err());
        // An absent certificate needs no confirmation.
        assert!(
            codec
                .decode(&[("cf-cert-verified", "false")], Peer::TrustedProxy)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_revoked_certificate_is_verified_and_not_let_through() {
        let codec = cloudflare().confirmed_by("cf-cert-verified", "true");
        let codec = codec
            .and_then(|codec| codec.confirmed_by("cf-cert-revoked", "false"))
            .unwrap();
        let value = &*codec.encode(&Presented::new(leaf()))[0].1;
        let verified = [(HEADER, value), ("Cf-Cert-Verified", "true")];
        let revoked = |says| [&verified[..], &[("Cf-Cert-Revoked", says)]].concat();
        assert_eq!(read(&codec, &revoked("false")), [leaf()]);
        assert_eq!(fault(&codec, &revoked("true")), HeaderFault::OtherValue);
        assert_eq!(fault(&codec, &verified), HeaderFault::Unconfirmed);
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(name in "[ -~]{1,40}") {
            let presented = Presented::new(named(&name));
            for written in [cloudflare().encode(&presented), cloudflare_pem().encode(&presented)] {
                let base64 = cloudflare().decode(&written, Peer::TrustedProxy).unwrap();
                let pem = cloudflare_pem().decode(&written, Peer::TrustedProxy).unwrap();
                let found = base64.or(pem).unwrap();
                prop_assert_eq!(found.leaf(), presented.leaf());
            }
        }
    }
}

//! The header that ASP.NET Core's certificate forwarding reads by default, and that YARP's
//! `RequestHeaderClientCert` writes.
//!
//! ASP.NET Core guesses the type of the decoded bytes and accepts a PKCS #12 file or a certificate
//! with trailing bytes. Here the bytes must be exactly one certificate.

use super::base64_der::Base64Der;
use super::codec::Codec;

/// The default header.
pub const HEADER: &str = "X-Client-Cert";

/// The default of ASP.NET Core: base64 of DER in `X-Client-Cert`.
pub fn aspnet() -> Codec<Base64Der> {
    Codec::new(HEADER, Base64Der)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{behaves, fault, leaf, read};
    use super::super::{HeaderFault, Padding};
    use super::*;
    use crate::validator::Presented;
    use proptest::prelude::*;

    #[test]
    fn one_certificate_in_base64() {
        behaves(&aspnet(), false);
        behaves(&aspnet().padding(Padding::Optional), false);
    }

    #[test]
    fn it_is_one_certificate_and_nothing_behind_it() {
        use super::super::encoding::base64;
        let leaf = leaf();
        let trailing = base64::encode(&[leaf.as_der(), &[0]].concat());
        let two = base64::encode(&[leaf.as_der(), leaf.as_der()].concat());
        let pem = base64::encode(leaf.to_pem().as_bytes());
        for value in [&*trailing, &two, &pem, "aGVsbG8="] {
            let fault = fault(&aspnet(), &[(HEADER, value)]);
            assert!(
                matches!(fault, HeaderFault::NotACertificate { index: 0, .. }),
                "{fault}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(name in "[ -~]{1,40}") {
            let certificate = super::super::testing::named(&name);
            let written = aspnet().encode(&Presented::new(certificate.clone()));
            prop_assert_eq!(read(&aspnet(), &[(HEADER, &written[0].1)]), [certificate]);
        }
    }
}

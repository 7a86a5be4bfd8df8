//! The header of Traefik (2.9.4 and later): the base64 of each certificate of the client, joined by
//! commas, the leaf first.
//!
//! Each part is the body of a PEM block without line breaks, and it is **not escaped**. Versions
//! 2.8 to 2.9.1 escaped it; their headers are refused. `X-Forwarded-Tls-Client-Cert-Info` is not
//! read: a certificate's subject can forge its text.

use alloc::string::String;
use alloc::vec::Vec;

use super::codec::Codec;
use super::encoding::base64;
use super::format::{Decoded, ValueFormat, WithBase64};
use super::header_reader::{CertificateLimit, HeaderOptions};
use crate::validator::Presented;

/// The default header.
pub const HEADER: &str = "X-Forwarded-Tls-Client-Cert";

/// Base64 of DER, joined by commas.
#[derive(Clone, Debug)]
pub struct Traefik;

/// Traefik: base64 of the chain in `X-Forwarded-Tls-Client-Cert`.
pub fn traefik() -> Codec<Traefik> {
    Codec::new(HEADER, Traefik)
}

impl ValueFormat for Traefik {
    fn decode(&self, value: &[u8], options: &HeaderOptions) -> Decoded {
        let parts = || value.split(|octet| *octet == b',');
        CertificateLimit::of(options, 0).check(parts().count())?;
        parts()
            .map(|part| base64::decode(part, options.padding))
            .collect()
    }

    fn encode(&self, presented: &Presented) -> String {
        let certificates = core::iter::once(presented.leaf()).chain(presented.certificates());
        let parts = certificates.map(|certificate| base64::encode(certificate.as_der()));
        parts.collect::<Vec<_>>().join(",")
    }
}

impl WithBase64 for Traefik {}

#[cfg(test)]
mod tests {
    use super::super::encoding::percent;
    use super::super::testing::{behaves, chain, decode, fault, leaf, named, read};
    use super::super::{ForwardedLimits, HeaderFault};
    use super::*;
    use crate::authentication::forwarded::Padding;
    use proptest::prelude::*;

    #[test]
    fn base64_joined_by_commas() {
        behaves(&traefik(), true);
        behaves(&traefik().padding(Padding::Optional), true);
    }

    #[test]
    fn what_2_8_escaped_is_refused() {
        let value = &*traefik().encode(&chain())[0].1;
        let escaped = percent::encode(value, percent::is_unreserved);
        assert_eq!(
            fault(&traefik(), &[(HEADER, &escaped)]),
            HeaderFault::NotBase64
        );
    }

    #[test]
    fn no_hole_makes_the_next_one_the_leaf() {
        let value = &*traefik().encode(&chain())[0].1;
        for broken in [
            alloc::format!(",{value}"),
            alloc::format!("{value},"),
            value.replacen(',', ",,", 1),
            value.replace(',', ", "),
        ] {
            assert_eq!(
                fault(&traefik(), &[(HEADER, &broken)]),
                HeaderFault::NotBase64
            );
        }
        let first_is_none = alloc::format!("aGVsbG8=,{value}");
        assert!(matches!(
            fault(&traefik(), &[(HEADER, &first_is_none)]),
            HeaderFault::NotACertificate { index: 0, .. }
        ));
    }

    #[test]
    fn certificates_are_counted_before_they_are_decoded() {
        let codec = traefik().limits(ForwardedLimits::default().certificates(2));
        assert_eq!(
            fault(&codec, &[(HEADER, "!,!,!")]),
            HeaderFault::TooManyCertificates { limit: 2 }
        );
        let commas = ",".repeat(60_000);
        assert!(decode(&traefik(), &[(HEADER, &commas)]).is_err());
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(names in proptest::collection::vec("[ -~]{1,20}", 0..5)) {
            let certificates: Vec<_> = names.iter().map(|name| named(name)).collect();
            let written = traefik().encode(&Presented::new(leaf()).with_certificates(certificates.clone()));
            let expected = [&[leaf()], &certificates[..]].concat();
            prop_assert_eq!(read(&traefik(), &[(HEADER, &written[0].1)]), expected);
        }
    }
}

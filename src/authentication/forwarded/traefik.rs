//! What Traefik sends (2.9.4 and later): the base64 of each certificate of the peer, joined by
//! commas, the leaf first.
//!
//! It is the body of PEM without its line breaks and **not escaped**; 2.8 to 2.9.1 escaped it, and
//! are refused rather than guessed at. `X-Forwarded-Tls-Client-Cert-Info` is text that a subject
//! can forge, and is not read.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::codec::{Certificates, Codec, Wire, WithBase64};
use super::encoding::base64::{self, Padding};
use super::error::ForwardedError;
use super::headers::HeaderName;
use super::source::Source;
use crate::certificate::Certificate;
use crate::validator::Presented;

/// The default header.
pub const HEADER: &str = "X-Forwarded-Tls-Client-Cert";

/// Base64 of DER, joined by commas.
#[derive(Clone, Debug, Default)]
pub struct Traefik {
    padding: Padding,
}

/// Traefik: base64 of the chain in `X-Forwarded-Tls-Client-Cert`.
pub fn traefik() -> Codec<Traefik> {
    Codec::new(HEADER, Traefik::default())
}

impl Wire for Traefik {
    fn more_headers(&self) -> Vec<HeaderName> {
        Vec::new()
    }

    fn read(&self, source: &mut Source<'_>) -> Result<Option<Certificates>, ForwardedError> {
        let Some(value) = source.certificate()? else {
            return Ok(None);
        };
        let parts = || value.split(|octet| *octet == b',');
        let counted = source.room_for(parts().count());
        let decoded = counted.and_then(|()| {
            let certificates = parts().map(|part| base64::decode(part, self.padding));
            certificates.collect()
        });
        decoded.map(Some).map_err(|fault| source.error(fault))
    }

    fn write(&self, header: &HeaderName, presented: &Presented) -> Vec<(String, String)> {
        let leaf = core::iter::once(presented.leaf());
        let certificates = leaf.chain(presented.certificates());
        let parts: Vec<String> = certificates
            .map(|certificate: &Certificate| base64::encode(certificate.as_der()))
            .collect();
        Vec::from([(header.to_string(), parts.join(","))])
    }
}

impl WithBase64 for Traefik {
    fn padding_mut(&mut self) -> &mut Padding {
        &mut self.padding
    }
}

#[cfg(test)]
mod tests {
    use super::super::encoding::percent;
    use super::super::testing::{behaves, chain, decode, fault, leaf, named, read};
    use super::super::{ForwardedLimits, HeaderFault};
    use super::*;
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

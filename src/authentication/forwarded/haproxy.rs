//! HAProxy's `ssl_c_der` and `ssl_c_chain_der` with the converter `base64` or `hex`: the leaf in
//! one header, the chain in another. The chain header holds **one** text that encodes the
//! concatenated DER of all its certificates.
//!
//! On a resumed session HAProxy has the leaf but not the chain, so the chain header is empty and
//! counts as no chain. HAProxy does not escape the names that it copies from a certificate, so this
//! format does not read them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::codec::Codec;
use super::encoding::{base64, concatenated, hex};
use super::format::{ChainHeader, Decoded, ValueFormat, WithBase64, WithChainHeader};
use super::header_reader::{CertificateLimit, HeaderOptions};
use crate::certificate::{Certificate, Hex};
use crate::validator::Presented;

/// The default header with the leaf.
pub const HEADER: &str = "X-SSL-Client-Cert";

/// The default header with the chain.
pub const CHAIN_HEADER: &str = "X-SSL-Client-Cert-Chain";

/// Base64 or hexadecimal digits of DER. The certificates of the chain are concatenated.
#[derive(Clone, Debug)]
pub struct HaProxy {
    in_hex: bool,
}

/// HAProxy: base64 of DER, in `X-SSL-Client-Cert` and `X-SSL-Client-Cert-Chain` unless named
/// otherwise.
pub fn haproxy() -> Codec<HaProxy> {
    Codec::with_chain(HEADER, CHAIN_HEADER, HaProxy { in_hex: false })
}

impl Codec<HaProxy> {
    setters! {
        /// Reads the output of the converter `hex` instead of `base64`. Default: false.
        [format] in_hex: bool;
    }
}

impl HaProxy {
    fn encode(&self, der: &[u8]) -> String {
        match self.in_hex {
            true => Hex(der).to_string(),
            false => base64::encode(der),
        }
    }
}

impl ValueFormat for HaProxy {
    const CHAIN: ChainHeader = ChainHeader::Once;

    fn decode(&self, value: &[u8], options: &HeaderOptions) -> Decoded {
        let der = match self.in_hex {
            true => hex::decode(value),
            false => base64::decode(value, options.padding),
        };
        Ok(Vec::from([der?]))
    }

    fn encode(&self, presented: &Presented) -> String {
        self.encode(presented.leaf().as_der())
    }

    fn decode_chain(&self, value: &[u8], options: &HeaderOptions) -> Decoded {
        match value {
            [] => Ok(Vec::new()),
            value => {
                let ders = self.decode(value, options)?.concat();
                concatenated::split(&ders, CertificateLimit::of(options, 1))
            }
        }
    }

    fn encode_chain(&self, chain: &[Certificate]) -> Option<String> {
        let ders: Vec<_> = chain.iter().map(Certificate::as_der).collect();
        Some(self.encode(&ders.concat()))
    }
}

impl WithChainHeader for HaProxy {}

impl WithBase64 for HaProxy {}

#[cfg(test)]
mod tests {
    use super::super::testing::{behaves, chain, decode, fault, leaf, named, read};
    use super::super::{ForwardedLimits, HeaderFault, Peer};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_or_hex() {
        behaves(&haproxy(), true);
        behaves(&haproxy().in_hex(true), true);
        let written = haproxy().encode(&chain());
        assert!(
            haproxy()
                .in_hex(true)
                .decode(&written, Peer::TrustedProxy)
                .is_err()
        );
    }

    #[test]
    fn the_chain_is_one_text_to_its_last_byte() {
        let first = base64::encode(leaf().as_der());
        let with = |bytes: &[u8]| {
            [
                (HEADER, first.clone()),
                (CHAIN_HEADER, base64::encode(bytes)),
            ]
        };
        let faulty = |bytes: &[u8]| {
            haproxy()
                .decode(&with(bytes), Peer::TrustedProxy)
                .unwrap_err()
        };
        let issuer = named("issuer");
        let trailing = [issuer.as_der(), &[0]].concat();
        let cut = issuer.as_der().split_last().unwrap().1;
        for (bytes, index) in [(&*trailing, 2), (cut, 1), (&[0x30, 0], 1)] {
            let error = faulty(bytes);
            assert!(
                matches!(error.fault(), HeaderFault::NotACertificate { index: i, .. } if *i == index),
                "{error}"
            );
        }
        let two = [
            base64::encode(issuer.as_der()),
            base64::encode(issuer.as_der()),
        ]
        .join(",");
        assert_eq!(
            fault(&haproxy(), &[(HEADER, &first), (CHAIN_HEADER, &two)]),
            HeaderFault::NotBase64
        );
        // Two certificates in the leaf's header are not a leaf and its chain.
        let two = base64::encode(&[leaf().as_der(), issuer.as_der()].concat());
        assert!(decode(&haproxy(), &[(HEADER, &two)]).is_err());
    }

    #[test]
    fn a_resumed_session_has_no_chain() {
        let first = &*base64::encode(leaf().as_der());
        assert_eq!(
            read(&haproxy(), &[(HEADER, first), (CHAIN_HEADER, "")]),
            [leaf()]
        );
        assert_eq!(read(&haproxy(), &[(HEADER, first)]), [leaf()]);
        let chain = &*base64::encode(named("issuer").as_der());
        assert_eq!(
            fault(&haproxy(), &[(CHAIN_HEADER, chain)]),
            HeaderFault::ChainAlone
        );
        let anonymous = haproxy().empty_is_absent(true);
        assert!(
            decode(&anonymous, &[(HEADER, ""), (CHAIN_HEADER, "")])
                .unwrap()
                .is_none()
        );
        assert_eq!(
            fault(&anonymous, &[(HEADER, ""), (CHAIN_HEADER, chain)]),
            HeaderFault::ChainAlone
        );
    }

    #[test]
    fn elements_are_counted() {
        let codec = haproxy().limits(ForwardedLimits::default().certificates(2));
        let first = &*base64::encode(leaf().as_der());
        let many = &*base64::encode(&[0x30, 0].repeat(1_000));
        assert_eq!(
            fault(&codec, &[(HEADER, first), (CHAIN_HEADER, many)]),
            HeaderFault::TooManyCertificates { limit: 2 }
        );
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(names in proptest::collection::vec("[ -~]{1,20}", 0..5), in_hex: bool) {
            let certificates: Vec<_> = names.iter().map(|name| named(name)).collect();
            let presented = Presented::new(named("the leaf of this test")).with_certificates(certificates);
            let codec = haproxy().in_hex(in_hex);
            let forwarded = codec.decode(&codec.encode(&presented), Peer::TrustedProxy).unwrap().unwrap();
            prop_assert_eq!(forwarded.leaf(), presented.leaf());
            prop_assert_eq!(forwarded.chain(), presented.certificates());
        }
    }
}

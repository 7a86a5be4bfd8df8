//! RFC 9440: the leaf in `Client-Cert` and the rest in `Client-Cert-Chain`, as Byte Sequences of
//! structured fields.
//!
//! The chain is a list and may be split over several header lines (RFC 9110 section 5.3). It does
//! not repeat the leaf and may omit the trust anchor. A chain without a leaf is an error (section
//! 2.3).

use alloc::string::String;
use alloc::vec::Vec;

use super::codec::Codec;
use super::encoding::byte_sequence;
use super::format::{ChainHeader, Decoded, ValueFormat, WithBase64, WithChainHeader};
use super::header_reader::{CertificateLimit, HeaderOptions};
use crate::certificate::Certificate;
use crate::validator::Presented;

/// The header with the leaf.
pub const HEADER: &str = "Client-Cert";

/// The header with the rest of the chain.
pub const CHAIN_HEADER: &str = "Client-Cert-Chain";

/// Byte Sequences of structured fields.
#[derive(Clone, Debug)]
pub struct Rfc9440;

/// RFC 9440: `Client-Cert` and `Client-Cert-Chain`.
///
/// ```
/// use portcullis::Presented;
/// use portcullis::authentication::forwarded::{self, Peer};
///
/// let client = Presented::from_pem(include_bytes!("../../../testdata/chains/good-d2.pem"))?;
/// let request = forwarded::rfc9440().encode(&client);
/// assert_eq!(request[1].0, "Client-Cert-Chain");
///
/// let forwarded = forwarded::rfc9440().decode(&request, Peer::TrustedProxy)?;
/// assert_eq!(forwarded.expect("a certificate").chain(), client.certificates());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn rfc9440() -> Codec<Rfc9440> {
    Codec::with_chain(HEADER, CHAIN_HEADER, Rfc9440)
}

impl ValueFormat for Rfc9440 {
    const CHAIN: ChainHeader = ChainHeader::List;

    fn decode(&self, value: &[u8], options: &HeaderOptions) -> Decoded {
        Ok(Vec::from([byte_sequence::decode(value, options.padding)?]))
    }

    fn encode(&self, presented: &Presented) -> String {
        byte_sequence::encode(presented.leaf().as_der())
    }

    fn decode_chain(&self, value: &[u8], options: &HeaderOptions) -> Decoded {
        byte_sequence::decode_list(value, options.padding, CertificateLimit::of(options, 1))
    }

    fn encode_chain(&self, chain: &[Certificate]) -> Option<String> {
        (!chain.is_empty()).then(|| byte_sequence::encode_list(chain, ", "))
    }
}

impl WithChainHeader for Rfc9440 {}

impl WithBase64 for Rfc9440 {}

#[cfg(test)]
mod tests {
    use super::super::testing::{behaves, chain, decode, fault, leaf, named, read};
    use super::super::{ForwardedLimits, HeaderFault, Peer, UntrustedHeader};
    use super::*;
    use crate::authentication::forwarded::Padding;
    use proptest::prelude::*;

    fn values() -> (String, String) {
        let mut written = rfc9440().encode(&chain());
        let chain = written.remove(1).1;
        (written.remove(0).1, chain)
    }

    #[test]
    fn byte_sequences() {
        behaves(&rfc9440(), true);
        behaves(&rfc9440().padding(Padding::Optional), true);
        let (leaf, _) = values();
        assert!(leaf.starts_with(":MI") && leaf.ends_with(':'));
        let bare = leaf.trim_matches(':');
        assert_eq!(
            fault(&rfc9440(), &[(HEADER, bare)]),
            HeaderFault::NotByteSequence
        );
    }

    #[test]
    fn the_chain_may_be_spread_over_lines_and_the_leaf_may_not() {
        let (first, chain) = values();
        let (one, two) = chain.split_once(", ").unwrap();
        let spread = [
            (HEADER, &*first),
            (CHAIN_HEADER, one),
            ("client-cert-chain", two),
        ];
        assert_eq!(
            read(&rfc9440(), &spread),
            [leaf(), named("issuer"), named("root")]
        );
        let twice = [(HEADER, &*first), (HEADER, &*first)];
        assert_eq!(
            fault(&rfc9440(), &twice),
            HeaderFault::Repeated { times: 2 }
        );
        let joined = alloc::format!("{first}, {first}");
        assert!(decode(&rfc9440(), &[(HEADER, &joined)]).is_err());
        let with_hole = [(HEADER, &*first), (CHAIN_HEADER, one), (CHAIN_HEADER, "")];
        assert!(decode(&rfc9440(), &with_hole).is_err());
    }

    #[test]
    fn a_chain_alone_or_broken_is_an_error() {
        let (first, chain) = values();
        assert_eq!(
            fault(&rfc9440(), &[(CHAIN_HEADER, &chain)]),
            HeaderFault::ChainAlone
        );
        let error = decode(&rfc9440(), &[(HEADER, &first), (CHAIN_HEADER, "x")]).unwrap_err();
        assert_eq!(error.header().as_str(), CHAIN_HEADER);
        let not_certificates = [(HEADER, &*first), (CHAIN_HEADER, ":AQID:")];
        assert!(matches!(
            fault(&rfc9440(), &not_certificates),
            HeaderFault::NotACertificate { index: 1, .. }
        ));
        // An empty list means that there is no chain.
        assert_eq!(
            read(&rfc9440(), &[(HEADER, &first), (CHAIN_HEADER, "")]),
            [leaf()]
        );
    }

    #[test]
    fn a_repeated_leaf_is_one_leaf() {
        let (first, chain) = values();
        let repeated = alloc::format!("{first},{chain}");
        let read = read(&rfc9440(), &[(HEADER, &first), (CHAIN_HEADER, &repeated)]);
        assert_eq!(read, [leaf(), named("issuer"), named("root")]);
    }

    #[test]
    fn limits_count_all_lines() {
        let (first, chain) = values();
        let codec = rfc9440().limits(ForwardedLimits::default().certificates(2));
        let limit = HeaderFault::TooManyCertificates { limit: 2 };
        assert_eq!(
            fault(&codec, &[(HEADER, &first), (CHAIN_HEADER, &chain)]),
            limit
        );
        assert_eq!(
            fault(
                &codec,
                &[(HEADER, &first), (CHAIN_HEADER, "!"), (CHAIN_HEADER, "!")]
            ),
            limit
        );
        let long = ":".repeat(40_000);
        let flood = [
            (HEADER, &*first),
            (CHAIN_HEADER, &long),
            (CHAIN_HEADER, &long),
        ];
        assert_eq!(
            fault(&rfc9440(), &flood),
            HeaderFault::TooLarge { limit: 65_536 }
        );
    }

    #[test]
    fn an_untrusted_peer_is_refused_or_ignored_and_never_believed() {
        let written = rfc9440().encode(&chain());
        let error = rfc9440().decode(&written, Peer::Untrusted).unwrap_err();
        assert_eq!(error.fault(), &HeaderFault::UntrustedPeer);
        assert!(rfc9440().decode(&written[1..], Peer::Untrusted).is_err());
        assert!(
            rfc9440()
                .decode(&written[2..], Peer::Untrusted)
                .unwrap()
                .is_none()
        );
        let ignoring = rfc9440().untrusted(UntrustedHeader::Ignore);
        assert!(
            ignoring
                .decode(&written, Peer::Untrusted)
                .unwrap()
                .is_none()
        );
        assert!(
            ignoring
                .decode(&[(HEADER, "junk")], Peer::Untrusted)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn headers_have_names_of_ones_own() {
        let codec = rfc9440()
            .header("X-Leaf")
            .unwrap()
            .chain_header("X-Rest")
            .unwrap();
        behaves(&codec, true);
        assert_eq!(codec.encode(&chain())[1].0, "X-Rest");
        assert!(rfc9440().header("").is_err() && rfc9440().chain_header("a b").is_err());
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(names in proptest::collection::vec("[ -~]{1,20}", 0..5)) {
            let certificates: Vec<_> = names.iter().map(|name| named(name)).collect();
            let presented = Presented::new(named("the leaf of this test")).with_certificates(certificates);
            let written = rfc9440().encode(&presented);
            let forwarded = rfc9440().decode(&written, Peer::TrustedProxy).unwrap().unwrap();
            prop_assert_eq!(forwarded.leaf(), presented.leaf());
            prop_assert_eq!(forwarded.chain(), presented.certificates());
        }
    }
}

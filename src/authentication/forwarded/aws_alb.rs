//! The headers of AWS's Application Load Balancer: PEM with percent encoding that leaves **`+`, `=`
//! and `/` unescaped**. A decoder for HTML forms would corrupt it.
//!
//! In passthrough mode the header holds the whole chain, leaf first, and **the load balancer has
//! not verified it**. In verify mode another header holds the leaf alone, verified against the
//! trust store of the load balancer.

use super::codec::Codec;
use super::encoding::percent;
use super::escaped_pem::EscapedPem;

/// The header of passthrough mode.
pub const PASSTHROUGH_HEADER: &str = "X-Amzn-Mtls-Clientcert";

/// The header of verify mode.
pub const VERIFY_HEADER: &str = "X-Amzn-Mtls-Clientcert-Leaf";

/// AWS ALB in passthrough mode: the chain in `X-Amzn-Mtls-Clientcert`, unverified.
pub fn aws_alb_passthrough() -> Codec<EscapedPem> {
    Codec::new(PASSTHROUGH_HEADER, EscapedPem::chain(stays))
}

/// AWS ALB in verify mode: the leaf in `X-Amzn-Mtls-Clientcert-Leaf`.
pub fn aws_alb_verify() -> Codec<EscapedPem> {
    Codec::new(VERIFY_HEADER, EscapedPem::leaf(stays))
}

fn stays(octet: u8) -> bool {
    percent::is_unreserved(octet) || b"+=/".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{behaves, chain, decode, fault, leaf, named, read};
    use super::super::{ForwardedLimits, HeaderFault, Peer};
    use super::*;
    use crate::validator::Presented;
    use proptest::prelude::*;

    #[test]
    fn one_mode_has_the_chain_and_the_other_the_leaf() {
        behaves(&aws_alb_passthrough(), true);
        behaves(&aws_alb_verify(), false);
        let chain = &*aws_alb_passthrough().encode(&chain())[0].1;
        assert_eq!(
            fault(&aws_alb_verify(), &[(VERIFY_HEADER, chain)]),
            HeaderFault::MoreThanOneCertificate
        );
        // The header of one mode is ignored in the other.
        assert!(
            decode(&aws_alb_verify(), &[(PASSTHROUGH_HEADER, chain)])
                .unwrap()
                .is_none()
        );
    }

    /// A certificate with a plus sign in its base64.
    fn with_plus() -> Presented {
        let names = (0..500).map(|n| named(&alloc::format!("{n}>>>")));
        let mut found =
            names.filter(|one| super::super::encoding::base64::encode(one.as_der()).contains('+'));
        Presented::new(found.next().unwrap())
    }

    #[test]
    fn a_plus_stays_a_plus() {
        let presented = with_plus();
        for codec in [aws_alb_passthrough(), aws_alb_verify()] {
            let written = codec.encode(&presented);
            assert!(written[0].1.contains('+'));
            let forwarded = codec.decode(&written, Peer::TrustedProxy).unwrap().unwrap();
            assert_eq!(forwarded.leaf(), presented.leaf());
            // A value that a form decoder changed on the way is an error.
            let form = [(&*written[0].0, &*written[0].1.replace('+', " "))];
            assert!(decode(&codec, &form).is_err());
        }
    }

    #[test]
    fn a_leaf_that_is_none_is_not_passed_over() {
        let value = aws_alb_passthrough().encode(&chain()).remove(0).1;
        let broken = value.replacen("MI", "MJ", 1);
        let fault_of = |value: &str| fault(&aws_alb_passthrough(), &[(PASSTHROUGH_HEADER, value)]);
        assert!(matches!(
            fault_of(&broken),
            HeaderFault::NotACertificate { index: 0, .. }
        ));
        let last = value.rfind("MI").unwrap();
        let mut broken = value.clone();
        broken.replace_range(last..last + 2, "MJ");
        assert!(matches!(
            fault_of(&broken),
            HeaderFault::NotACertificate { index: 2, .. }
        ));
    }

    #[test]
    fn certificates_are_counted() {
        let two = ForwardedLimits::default().certificates(2);
        let codec = aws_alb_passthrough().limits(two);
        let value = &*codec.encode(&chain())[0].1;
        let limit = HeaderFault::TooManyCertificates { limit: 2 };
        assert_eq!(fault(&codec, &[(PASSTHROUGH_HEADER, value)]), limit);
        let junk = "-----BEGIN%20CERTIFICATE----------END%20CERTIFICATE-----".repeat(3);
        assert_eq!(fault(&codec, &[(PASSTHROUGH_HEADER, &junk)]), limit);
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(names in proptest::collection::vec("[ -~]{1,20}", 1..5)) {
            let certificates: alloc::vec::Vec<_> = names.iter().map(|name| named(name)).collect();
            let presented = Presented::new(leaf()).with_certificates(certificates.clone());
            let written = aws_alb_passthrough().encode(&presented);
            let expected = [&[leaf()], &certificates[..]].concat();
            prop_assert_eq!(read(&aws_alb_passthrough(), &[(PASSTHROUGH_HEADER, &written[0].1)]), expected);
        }
    }
}

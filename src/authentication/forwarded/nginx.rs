//! `$ssl_client_escaped_cert` of nginx: PEM of the leaf, encoded as a URI component, including the
//! last line break (`%0A`).
//!
//! Two other variables are not read: `$ssl_client_cert` folds lines with a tab, and
//! `$ssl_client_raw_cert` contains raw line breaks. Under `ssl_verify_client optional_no_ca` nginx
//! forwards unverified certificates; `$ssl_client_verify` holds the result (`SUCCESS`,
//! `FAILED:reason`, `NONE`). In every mode the TLS handshake has proved that the client holds the
//! key.

use super::codec::Codec;
use super::encoding::percent;
use super::escaped_pem::EscapedPem;

/// The default header, that of ingress-nginx.
pub const HEADER: &str = "ssl-client-cert";

/// nginx: PEM with percent encoding, in `ssl-client-cert` unless named otherwise.
///
/// ```
/// use portcullis::Presented;
/// use portcullis::authentication::forwarded::{self, Peer, ProxySecret};
///
/// # let secret = "5c1f0b7a9be2f3c4d06a8e1b2c3d4e5f6071829a0b1c2d3e4f5061728394a5b6";
/// let secret = ProxySecret::new("X-Proxy-Secret", secret)?;
/// let nginx = forwarded::nginx().proxy_secret(secret);
///
/// let client = Presented::from_pem(include_bytes!("../../../testdata/chains/leaf-client.pem"))?;
/// let request = nginx.encode(&client);
/// let forwarded = nginx.decode(&request, Peer::TrustedProxy)?.expect("a certificate");
/// assert_eq!(forwarded.leaf(), client.leaf());
///
/// assert!(nginx.decode(&request, Peer::Untrusted).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn nginx() -> Codec<EscapedPem> {
    Codec::new(HEADER, EscapedPem::leaf(percent::is_unreserved))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{behaves, chain, decode, fault, leaf, named, read};
    use super::super::{ForwardedLimits, HeaderFault};
    use super::*;
    use crate::validator::Presented;
    use proptest::prelude::*;

    fn value() -> alloc::string::String {
        nginx().encode(&Presented::new(leaf())).remove(0).1
    }

    #[test]
    fn escaped_pem_of_the_leaf() {
        behaves(&nginx(), false);
        let value = value();
        assert!(
            value.starts_with("-----BEGIN%20CERTIFICATE-----%0AMI"),
            "{value}"
        );
        assert!(value.ends_with("-----END%20CERTIFICATE-----%0A"), "{value}");
    }

    #[test]
    fn a_literal_plus_is_a_plus_and_never_a_space() {
        let literal = value()
            .replace("%2B", "+")
            .replace("%2F", "/")
            .replace("%3D", "=");
        assert_eq!(read(&nginx(), &[(HEADER, &literal)]), [leaf()]);
        let form = value().replace("%20", "+");
        assert_eq!(
            fault(&nginx(), &[(HEADER, &form)]),
            HeaderFault::NotPem { offset: 0 }
        );
    }

    #[test]
    fn it_is_decoded_once() {
        let twice = value().replace('%', "%25");
        assert_eq!(
            fault(&nginx(), &[(HEADER, &twice)]),
            HeaderFault::NotPem { offset: 0 }
        );
    }

    #[test]
    fn neither_of_the_other_variables_is_read() {
        let pem = leaf().to_pem();
        let folded = pem.trim_end().replace('\n', "\n\t");
        assert_eq!(
            fault(&nginx(), &[(HEADER, &folded)]),
            HeaderFault::NotBase64
        );
        assert!(decode(&nginx(), &[(HEADER, &pem.replace('\n', " "))]).is_err());
    }

    #[test]
    fn a_second_certificate_is_an_error_and_not_a_chain() {
        let two = [value(), value()].concat();
        assert_eq!(
            fault(&nginx(), &[(HEADER, &two)]),
            HeaderFault::MoreThanOneCertificate
        );
        assert_eq!(chain().certificates().len(), 2);
    }

    #[test]
    fn the_verdict_of_nginx_can_be_asked_for() {
        let codec = nginx().confirmed_by("X-SSL-Verify", "SUCCESS").unwrap();
        let value = value();
        let says = |text| [(HEADER, &*value), ("x-ssl-verify", text)];
        assert_eq!(read(&codec, &says("SUCCESS")), [leaf()]);
        for text in [
            "FAILED:certificate has expired",
            "NONE",
            "",
            "success",
            "SUCCESS ",
        ] {
            assert_eq!(fault(&codec, &says(text)), HeaderFault::OtherValue);
        }
        assert_eq!(fault(&codec, &[(HEADER, &value)]), HeaderFault::Unconfirmed);
        let error = decode(&codec, &says("NONE")).unwrap_err();
        assert_eq!(error.header().as_str(), "X-SSL-Verify");
    }

    #[test]
    fn lengths_are_counted_before_anything_is_decoded() {
        let limits = ForwardedLimits::default().bytes(value().len());
        assert_eq!(
            read(&nginx().limits(limits), &[(HEADER, &value())]),
            [leaf()]
        );
        let longer = alloc::format!("{}%zz", value());
        let limit = value().len();
        let too_large = HeaderFault::TooLarge { limit };
        assert_eq!(
            fault(&nginx().limits(limits), &[(HEADER, &longer)]),
            too_large
        );
        let flood = "%".repeat(64 * 1024 + 1);
        assert_eq!(
            fault(&nginx(), &[(HEADER, &flood)]),
            HeaderFault::TooLarge { limit: 65_536 }
        );
        // Confirming headers count towards the limit too.
        let codec = nginx().limits(limits).confirmed_by("v", "SUCCESS").unwrap();
        assert_eq!(
            fault(&codec, &[(HEADER, &value()), ("v", "SUCCESS")]),
            too_large
        );
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(name in "[ -~]{1,40}") {
            let written = nginx().encode(&Presented::new(named(&name)));
            prop_assert_eq!(read(&nginx(), &[(HEADER, &written[0].1)]), [named(&name)]);
        }

        #[test]
        fn an_edited_header_is_never_another_identity(at in 0..600usize, octet in "[ -~]") {
            let mut value = value();
            let at = at % value.len();
            value.replace_range(at..=at, &octet);
            if let Ok(Some(forwarded)) = decode(&nginx(), &[(HEADER, &value)]) {
                // A changed value that can be decoded has the same length, or is the same
                // certificate.
                prop_assert_eq!(forwarded.leaf().as_der().len(), leaf().as_der().len());
            }
        }
    }
}

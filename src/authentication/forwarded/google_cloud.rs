//! Custom headers of Google Cloud's application load balancers with the variables
//! `{client_cert_leaf}` and `{client_cert_chain}`, encoded as in RFC 9440, and three variables that
//! describe them.
//!
//! A variable without a value is empty. The load balancer omits a certificate that exceeds 16 KiB
//! with its chain, and reports that in `{client_cert_error}`. In the mode that lets invalid
//! certificates through, only `{client_cert_chain_verified}` distinguishes them from valid ones.
//! `{client_cert_present}` says whether an empty header means an anonymous client. So all three are
//! read.

use alloc::string::String;
use alloc::vec::Vec;

use super::codec::Codec;
use super::encoding::byte_sequence;
use super::error::{ForwardedError, HeaderFault};
use super::format::{
    Certificates, ChainHeader, Decoded, ValueFormat, WithBase64, WithChainHeader, without_leaf,
};
use super::header_reader::{CertificateLimit, HeaderOptions, HeaderReader};
use super::headers::HeaderName;
use crate::certificate::Certificate;
use crate::validator::Presented;

/// The default header for `{client_cert_leaf}`.
pub const HEADER: &str = "X-Client-Cert-Leaf";
/// The default header for `{client_cert_chain}`.
pub const CHAIN_HEADER: &str = "X-Client-Cert-Chain";
/// The header for `{client_cert_present}`.
pub const PRESENT_HEADER: &str = "X-Client-Cert-Present";
/// The header for `{client_cert_chain_verified}`.
pub const VERIFIED_HEADER: &str = "X-Client-Cert-Chain-Verified";
/// The header for `{client_cert_error}`.
pub const ERROR_HEADER: &str = "X-Client-Cert-Error";

const PRESENT: HeaderName = HeaderName::known(PRESENT_HEADER);
const VERIFIED: HeaderName = HeaderName::known(VERIFIED_HEADER);
const ERROR: HeaderName = HeaderName::known(ERROR_HEADER);

/// Byte Sequences, and the load balancer's verdict on them.
#[derive(Clone, Debug)]
pub struct GoogleCloud {
    unverified_too: bool,
}

/// Google Cloud: five custom headers, named by the constants of the module [`google_cloud`](self).
pub fn google_cloud() -> Codec<GoogleCloud> {
    let unverified_too = false;
    Codec::with_chain(HEADER, CHAIN_HEADER, GoogleCloud { unverified_too })
}

impl Codec<GoogleCloud> {
    setters! {
        /// Accepts certificates that the load balancer did not verify, for its mode that lets
        /// invalid ones through. This server's validation is then the only one. Default: false.
        [format] unverified_too: bool;
    }
}

impl GoogleCloud {
    /// True if the load balancer reports a certificate.
    fn is_present(
        &self,
        reader: &mut HeaderReader<'_>,
        leaf: &[u8],
    ) -> Result<bool, ForwardedError> {
        match reader.once(&PRESENT)? {
            Some(b"true") => Ok(true),
            Some(b"false" | b"") | None if leaf.is_empty() => Ok(false),
            said => Err(not_confirmed(&PRESENT, said)),
        }
    }

    /// Fails if the load balancer found anything wrong with the certificate.
    fn check(&self, reader: &mut HeaderReader<'_>, leaf: &[u8]) -> Result<(), ForwardedError> {
        let error = reader.once(&ERROR)?.filter(|said| !said.is_empty());
        if error.is_some() && (leaf.is_empty() || !self.unverified_too) {
            return Err(not_confirmed(&ERROR, error));
        }
        match reader.once(&VERIFIED)? {
            Some(b"true") => Ok(()),
            _ if self.unverified_too => Ok(()),
            said => Err(not_confirmed(&VERIFIED, said)),
        }
    }
}

fn not_confirmed(header: &HeaderName, said: Option<&[u8]>) -> ForwardedError {
    let fault = said.map_or(HeaderFault::Unconfirmed, HeaderFault::denied);
    ForwardedError::new(header, fault)
}

impl ValueFormat for GoogleCloud {
    const CHAIN: ChainHeader = ChainHeader::Once;

    fn decode(&self, value: &[u8], options: &HeaderOptions) -> Decoded {
        Ok(Vec::from([byte_sequence::decode(value, options.padding)?]))
    }

    fn encode(&self, presented: &Presented) -> String {
        byte_sequence::encode(presented.leaf().as_der())
    }

    fn decode_chain(&self, value: &[u8], options: &HeaderOptions) -> Decoded {
        byte_sequence::decode_list(value, options.padding, CertificateLimit::of(options, 1))
    }

    fn read(&self, reader: &mut HeaderReader<'_>) -> Result<Option<Certificates>, ForwardedError> {
        let chain_header = &reader.options.chain_header;
        let leaf = reader.once(&reader.options.header)?.unwrap_or_default();
        let chain = reader.once(chain_header)?.unwrap_or_default();
        if !self.is_present(reader, leaf)? {
            return without_leaf(chain_header, &[chain]);
        }
        self.check(reader, leaf)?;
        if leaf.is_empty() {
            return Err(reader.error(HeaderFault::NoCertificate));
        }
        let certificates = self.join(reader, leaf, &[chain])?;
        Ok(Some(certificates))
    }

    fn encode_chain(&self, chain: &[Certificate]) -> Option<String> {
        Some(byte_sequence::encode_list(chain, ","))
    }

    fn confirmations(&self) -> &'static [(&'static str, &'static str)] {
        &[
            (PRESENT_HEADER, "true"),
            (VERIFIED_HEADER, "true"),
            (ERROR_HEADER, ""),
        ]
    }
}

impl WithChainHeader for GoogleCloud {}

impl WithBase64 for GoogleCloud {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::super::Peer;
    use super::super::testing::{chain, leaf, named};
    use super::*;
    use proptest::prelude::*;

    /// The headers of a valid request, some of them changed.
    fn request(otherwise: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
        let mut headers = google_cloud().encode(&chain());
        for (name, value) in otherwise {
            headers.retain(|(other, _)| other != name);
            headers.extend(value.map(|value| (name.to_string(), value.to_string())));
        }
        headers
    }

    fn read(
        codec: &Codec<GoogleCloud>,
        otherwise: &[(&str, Option<&str>)],
    ) -> Result<Option<usize>, (String, HeaderFault)> {
        let read = codec.decode(&request(otherwise), Peer::TrustedProxy);
        let read = read.map(|found| found.map(|found| found.chain().len()));
        read.map_err(|error| (error.header().to_string(), error.fault().clone()))
    }

    fn denied(header: &str, says: &str) -> Result<Option<usize>, (String, HeaderFault)> {
        let says = says.into();
        Err((header.into(), HeaderFault::Denied { says }))
    }

    #[test]
    fn all_that_the_load_balancer_says_must_agree() {
        let codec = google_cloud();
        assert_eq!(read(&codec, &[]), Ok(Some(2)));
        assert_eq!(read(&codec, &[(ERROR_HEADER, None)]), Ok(Some(2)));
        assert_eq!(
            read(&codec, &[(VERIFIED_HEADER, Some("false"))]),
            denied(VERIFIED_HEADER, "false")
        );
        assert_eq!(
            read(&codec, &[(PRESENT_HEADER, Some("false"))]),
            denied(PRESENT_HEADER, "false")
        );
        let invalid = "client_cert_chain_invalid_eku";
        assert_eq!(
            read(&codec, &[(ERROR_HEADER, Some(invalid))]),
            denied(ERROR_HEADER, invalid)
        );
        for header in [PRESENT_HEADER, VERIFIED_HEADER] {
            assert_eq!(
                read(&codec, &[(header, None)]),
                Err((header.into(), HeaderFault::Unconfirmed))
            );
        }
    }

    #[test]
    fn invalid_ones_only_on_request() {
        let codec = google_cloud().unverified_too(true);
        let otherwise = [
            (VERIFIED_HEADER, Some("false")),
            (ERROR_HEADER, Some("client_cert_validation_failed")),
        ];
        assert_eq!(read(&codec, &otherwise), Ok(Some(2)));
        assert_eq!(
            read(&codec, &[(PRESENT_HEADER, Some("false"))]),
            denied(PRESENT_HEADER, "false")
        );
    }

    #[test]
    fn an_anonymous_client_and_a_certificate_that_is_too_large_differ() {
        let empty = [(HEADER, Some("")), (CHAIN_HEADER, Some(""))];
        let with = |more: &[_]| read(&google_cloud(), &[&empty, more].concat());
        assert_eq!(
            with(&[
                (PRESENT_HEADER, Some("false")),
                (VERIFIED_HEADER, Some("false"))
            ]),
            Ok(None)
        );
        let too_large = "client_cert_exceeded_size_limit";
        assert_eq!(
            with(&[(ERROR_HEADER, Some(too_large))]),
            denied(ERROR_HEADER, too_large)
        );
        assert_eq!(with(&[]), Err((HEADER.into(), HeaderFault::NoCertificate)));
        let lenient = google_cloud().unverified_too(true);
        let large = [&empty[..], &[(ERROR_HEADER, Some(too_large))]].concat();
        assert_eq!(read(&lenient, &large), denied(ERROR_HEADER, too_large));
        let none: [(&str, &str); 0] = [];
        assert!(
            google_cloud()
                .decode(&none, Peer::TrustedProxy)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn repeated_broken_and_stray_headers_are_errors() {
        let good = request(&[]);
        for (name, _) in &good {
            let mut twice = good.clone();
            twice.extend(good.iter().filter(|(other, _)| other == name).cloned());
            let error = google_cloud()
                .decode(&twice, Peer::TrustedProxy)
                .unwrap_err();
            assert_eq!(error.fault(), &HeaderFault::Repeated { times: 2 }, "{name}");
        }
        let chain = [(HEADER, None), (PRESENT_HEADER, Some("false"))];
        assert_eq!(
            read(&google_cloud(), &chain),
            Err((CHAIN_HEADER.into(), HeaderFault::ChainAlone))
        );
        assert_eq!(
            read(&google_cloud(), &[(HEADER, Some("AQID"))]),
            Err((HEADER.into(), HeaderFault::NotByteSequence))
        );
        assert!(google_cloud().decode(&good, Peer::Untrusted).is_err());
        assert_eq!(
            google_cloud()
                .decode(&good, Peer::TrustedProxy)
                .unwrap()
                .unwrap()
                .leaf(),
            &leaf()
        );
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(names in proptest::collection::vec("[ -~]{1,20}", 0..5)) {
            let certificates: Vec<_> = names.iter().map(|name| named(name)).collect();
            let presented = Presented::new(named("the leaf of this test")).with_certificates(certificates);
            let written = google_cloud().encode(&presented);
            let forwarded = google_cloud().decode(&written, Peer::TrustedProxy).unwrap().unwrap();
            prop_assert_eq!(forwarded.leaf(), presented.leaf());
            prop_assert_eq!(forwarded.chain(), presented.certificates());
        }
    }
}

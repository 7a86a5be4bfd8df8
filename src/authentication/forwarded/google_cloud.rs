//! What Google Cloud's application load balancers send by custom headers with the variables
//! `{client_cert_leaf}` and `{client_cert_chain}`, encoded as in RFC 9440, and the three variables
//! that say what to make of them.
//!
//! Variables that have nothing to say are empty. A certificate above 16 KiB (with its chain) is
//! left out, and `{client_cert_error}` says so; in the mode that lets invalid certificates through
//! they come like valid ones, and only `{client_cert_chain_verified}` tells. So all three are read:
//! `{client_cert_present}` says whether an empty header means an anonymous client.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::chain_header::{self, WithChainHeader};
use super::codec::{Certificates, Codec, Wire, WithBase64};
use super::encoding::base64::Padding;
use super::encoding::byte_sequence;
use super::error::{ForwardedError, HeaderFault};
use super::headers::HeaderName;
use super::source::Source;
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

/// Byte Sequences, and what the load balancer says of them.
#[derive(Clone, Debug)]
pub struct GoogleCloud {
    chain: HeaderName,
    padding: Padding,
    unverified: bool,
}

/// Google Cloud: five custom headers, by the constants of the module [`google_cloud`](self).
pub fn google_cloud() -> Codec<GoogleCloud> {
    let format = GoogleCloud {
        chain: HeaderName::known(CHAIN_HEADER),
        padding: Padding::Required,
        unverified: false,
    };
    Codec::new(HEADER, format)
}

impl Codec<GoogleCloud> {
    /// Is a certificate taken that the load balancer did not verify, for its mode that lets invalid
    /// ones through? What is validated here is then all that is validated. Default: no.
    pub fn unverified_too(mut self, yes: bool) -> Self {
        self.format.unverified = yes;
        self
    }
}

impl GoogleCloud {
    /// Is there a certificate, to the load balancer's knowledge?
    fn present(&self, source: &mut Source<'_>, leaf: &[u8]) -> Result<bool, ForwardedError> {
        let header = HeaderName::known(PRESENT_HEADER);
        let fault = |fault| Err(ForwardedError::new(&header, fault));
        match source.once(&header)? {
            Some(b"true") => Ok(true),
            Some(b"false") | None if leaf.is_empty() => Ok(false),
            Some(b"") if leaf.is_empty() => Ok(false),
            Some(said) => fault(HeaderFault::denied(said)),
            None => fault(HeaderFault::Unconfirmed),
        }
    }

    /// Did the load balancer find anything wrong with it?
    fn verified(&self, source: &mut Source<'_>, leaf: &[u8]) -> Result<(), ForwardedError> {
        let error = HeaderName::known(ERROR_HEADER);
        let said = source.once(&error)?.unwrap_or_default();
        if !said.is_empty() && (leaf.is_empty() || !self.unverified) {
            return Err(ForwardedError::new(&error, HeaderFault::denied(said)));
        }
        let header = HeaderName::known(VERIFIED_HEADER);
        match source.once(&header)? {
            Some(b"true") => Ok(()),
            _ if self.unverified => Ok(()),
            Some(said) => Err(ForwardedError::new(&header, HeaderFault::denied(said))),
            None => Err(ForwardedError::new(&header, HeaderFault::Unconfirmed)),
        }
    }
}

impl Wire for GoogleCloud {
    fn more_headers(&self) -> Vec<HeaderName> {
        Vec::from([self.chain.clone()])
    }

    fn read(&self, source: &mut Source<'_>) -> Result<Option<Certificates>, ForwardedError> {
        let leaf = source.certificate_or_empty()?;
        let chain = source.once(&self.chain)?.unwrap_or_default();
        if !self.present(source, leaf)? {
            return chain_header::none(&self.chain, &[chain]);
        }
        self.verified(source, leaf)?;
        if leaf.is_empty() {
            return Err(source.error(HeaderFault::NoCertificate));
        }
        let leaf = byte_sequence::decode(leaf, self.padding);
        let leaf = leaf.map_err(|fault| source.error(fault))?;
        let room_for = |certificates| source.room_for(certificates + 1);
        let chain = byte_sequence::decode_list(chain, self.padding, room_for);
        let chain = chain.map_err(|fault| ForwardedError::new(&self.chain, fault))?;
        Ok(Some(chain_header::join(leaf, chain)))
    }

    fn write(&self, header: &HeaderName, presented: &Presented) -> Vec<(String, String)> {
        let leaf = byte_sequence::encode(presented.leaf().as_der());
        let chain = presented.certificates().iter();
        let chain: Vec<String> = chain
            .map(|certificate| byte_sequence::encode(certificate.as_der()))
            .collect();
        Vec::from([
            (header.to_string(), leaf),
            (self.chain.to_string(), chain.join(",")),
            (PRESENT_HEADER.to_string(), "true".to_string()),
            (VERIFIED_HEADER.to_string(), "true".to_string()),
            (ERROR_HEADER.to_string(), String::new()),
        ])
    }
}

impl WithChainHeader for GoogleCloud {
    fn chain_header_mut(&mut self) -> &mut HeaderName {
        &mut self.chain
    }
}

impl WithBase64 for GoogleCloud {
    fn padding_mut(&mut self) -> &mut Padding {
        &mut self.padding
    }
}

#[cfg(test)]
mod tests {
    use super::super::Peer;
    use super::super::testing::{chain, leaf, named};
    use super::*;
    use proptest::prelude::*;

    /// The headers of a good request, some of them otherwise.
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

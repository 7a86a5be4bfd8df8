//! Apache httpd's `RequestHeader set NAME "%{SSL_CLIENT_CERT}s"`: PEM with spaces in place of line
//! breaks. The chain comes in the numbered variables `SSL_CLIENT_CERT_CHAIN_0` and up.
//!
//! Apache sends the text `(null)` for a variable that is not set. CGI and many frameworks treat `_`
//! and `-` in header names as equal, so the proxy must remove the other spelling as well.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::codec::Codec;
use super::encoding::pem::{self, Lines};
use super::error::ForwardedError;
use super::format::{
    Certificates, ChainHeader, Decoded, ValueFormat, WithChainHeader, without_leaf,
};
use super::header_reader::{CertificateLimit, HeaderOptions, HeaderReader};
use super::headers::HeaderName;
use crate::validator::Presented;

/// The default header with the leaf.
pub const HEADER: &str = "SSL_CLIENT_CERT";

/// The prefix of the default chain headers. A number follows it.
pub const CHAIN_HEADER: &str = "SSL_CLIENT_CERT_CHAIN_";

/// The value that mod_headers writes for a variable that is not set.
const UNSET: &[u8] = b"(null)";

/// PEM with spaces for line breaks.
#[derive(Clone, Debug)]
pub struct Apache;

/// Apache httpd: PEM with spaces for line breaks, in `SSL_CLIENT_CERT` and
/// `SSL_CLIENT_CERT_CHAIN_0` and up unless named otherwise. With
/// [`empty_is_absent`](Codec::empty_is_absent), `(null)` counts as absent too.
pub fn apache() -> Codec<Apache> {
    Codec::with_chain(HEADER, CHAIN_HEADER, Apache)
}

/// PEM on one line.
fn folded(pem: &str) -> String {
    pem.trim_end().replace('\n', " ")
}

impl ValueFormat for Apache {
    const CHAIN: ChainHeader = ChainHeader::Once;

    fn decode(&self, value: &[u8], _: &HeaderOptions) -> Decoded {
        pem::decode_one(value, Lines::Folded).map(|der| Vec::from([der]))
    }

    fn encode(&self, presented: &Presented) -> String {
        folded(&presented.leaf().to_pem())
    }

    fn first_chain_header(&self, chain_header: &HeaderName) -> HeaderName {
        chain_header.numbered(0)
    }

    /// The chain ends at the first number without a header.
    fn read(&self, reader: &mut HeaderReader<'_>) -> Result<Option<Certificates>, ForwardedError> {
        let leaf = reader.certificate()?;
        let leaf = leaf.filter(|value| !(reader.options.empty_is_absent && *value == UNSET));
        let chain_header = &reader.options.chain_header;
        let Some(leaf) = leaf else {
            let first = chain_header.numbered(0);
            let value = reader.once(&first)?.filter(|value| *value != UNSET);
            return without_leaf(&first, &[value.unwrap_or_default()]);
        };
        let leaf = pem::decode_one(leaf, Lines::Folded);
        let mut certificates = Vec::from([leaf.map_err(|fault| reader.error(fault))?]);
        let limit = CertificateLimit::of(reader.options, 1);
        for number in 0.. {
            let name = chain_header.numbered(number);
            let value = match reader.once(&name)? {
                None | Some([] | UNSET) => break,
                Some(value) => value,
            };
            let room = limit.check(number + 1);
            let certificate = room.and_then(|()| pem::decode_one(value, Lines::Folded));
            let certificate = certificate.map_err(|fault| ForwardedError::new(&name, fault))?;
            if certificates.first() != Some(&certificate) {
                certificates.push(certificate);
            }
        }
        Ok(Some(certificates))
    }

    fn write(&self, options: &HeaderOptions, presented: &Presented) -> Vec<(String, String)> {
        let mut headers = Vec::from([(options.header.to_string(), self.encode(presented))]);
        let chain = presented.certificates().iter().enumerate();
        headers.extend(chain.map(|(number, certificate)| {
            let name = options.chain_header.numbered(number);
            (name.to_string(), folded(&certificate.to_pem()))
        }));
        headers
    }
}

impl WithChainHeader for Apache {}

#[cfg(test)]
mod tests {
    use super::super::testing::{behaves, chain, decode, fault, leaf, named, read};
    use super::super::{ForwardedLimits, Peer};
    use super::*;
    use crate::authentication::forwarded::HeaderFault;
    use proptest::prelude::*;

    #[test]
    fn spaces_for_line_breaks() {
        behaves(&apache(), true);
        let value = folded(&leaf().to_pem());
        assert!(
            value.starts_with("-----BEGIN CERTIFICATE----- MI"),
            "{value}"
        );
        let tabs = value
            .replace(' ', "\t")
            .replace("\tCERTIFICATE", " CERTIFICATE");
        assert_eq!(read(&apache(), &[(HEADER, &tabs)]), [leaf()]);
        let escaped = value.replace(' ', "%20");
        assert!(decode(&apache(), &[(HEADER, &escaped)]).is_err());
    }

    #[test]
    fn an_unset_variable_is_an_error_until_it_is_said_to_be_absent() {
        let unset = [(HEADER, "(null)"), ("SSL_CLIENT_CERT_CHAIN_0", "(null)")];
        assert_eq!(fault(&apache(), &unset), HeaderFault::NotPem { offset: 0 });
        let lenient = apache().empty_is_absent(true);
        assert!(decode(&lenient, &unset).unwrap().is_none());
        let value = &*folded(&leaf().to_pem());
        assert_eq!(read(&apache(), &[(HEADER, value), unset[1]]), [leaf()]);
        assert_eq!(
            fault(&lenient, &[("SSL_CLIENT_CERT_CHAIN_0", value)]),
            HeaderFault::ChainAlone
        );
    }

    #[test]
    fn one_certificate_in_each_header() {
        let two = [folded(&leaf().to_pem()), folded(&leaf().to_pem())].join(" ");
        assert_eq!(
            fault(&apache(), &[(HEADER, &two)]),
            HeaderFault::MoreThanOneCertificate
        );
        let first = &*folded(&leaf().to_pem());
        let chain = [(HEADER, first), ("SSL_CLIENT_CERT_CHAIN_0", &*two)];
        assert_eq!(
            fault(&apache(), &chain),
            HeaderFault::MoreThanOneCertificate
        );
        let repeated = [
            (HEADER, first),
            ("ssl_client_cert_chain_0", first),
            ("SSL_CLIENT_CERT_CHAIN_0", first),
        ];
        assert_eq!(
            fault(&apache(), &repeated),
            HeaderFault::Repeated { times: 2 }
        );
        // The leaf at the head of the chain is the leaf.
        assert_eq!(
            read(
                &apache(),
                &[(HEADER, first), ("SSL_CLIENT_CERT_CHAIN_0", first)]
            ),
            [leaf()]
        );
    }

    #[test]
    fn the_chain_ends_at_the_limit() {
        let codec = apache().limits(ForwardedLimits::default().certificates(2));
        let error = codec
            .decode(&codec.encode(&chain()), Peer::TrustedProxy)
            .unwrap_err();
        assert_eq!(
            error.fault(),
            &HeaderFault::TooManyCertificates { limit: 2 }
        );
        assert_eq!(error.header().as_str(), "SSL_CLIENT_CERT_CHAIN_1");
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(names in proptest::collection::vec("[ -~]{1,20}", 0..5)) {
            let certificates: Vec<_> = names.iter().map(|name| named(name)).collect();
            let presented = Presented::new(named("the leaf of this test")).with_certificates(certificates);
            let written = apache().encode(&presented);
            let forwarded = apache().decode(&written, Peer::TrustedProxy).unwrap().unwrap();
            prop_assert_eq!(forwarded.leaf(), presented.leaf());
            prop_assert_eq!(forwarded.chain(), presented.certificates());
        }
    }
}

//! What Apache's httpd sends by `RequestHeader set NAME "%{SSL_CLIENT_CERT}s"`: PEM whose line
//! breaks became spaces, the chain in numbered variables `SSL_CLIENT_CERT_CHAIN_0` and up.
//!
//! A variable that is not set is sent as the text `(null)`. Names with `_` and `-` are one name to
//! CGI and much that learned from it, so that the other spelling must be removed as well.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::chain_header::{self, WithChainHeader};
use super::codec::{Certificates, Codec, Wire};
use super::encoding::pem::{self, Lines};
use super::error::{ForwardedError, HeaderFault};
use super::headers::HeaderName;
use super::source::Source;
use crate::validator::Presented;

/// The default header with the leaf.
pub const HEADER: &str = "SSL_CLIENT_CERT";

/// What stands before the number in the default headers of the chain.
pub const CHAIN_HEADER: &str = "SSL_CLIENT_CERT_CHAIN_";

/// What mod_headers writes for a variable that is not set.
const UNSET: &[u8] = b"(null)";

/// PEM with spaces for line breaks.
#[derive(Clone, Debug)]
pub struct Apache {
    chain: HeaderName,
}

/// Apache httpd: PEM with spaces for line breaks, in `SSL_CLIENT_CERT` and
/// `SSL_CLIENT_CERT_CHAIN_0` and up unless named otherwise. With
/// [`empty_is_absent`](Codec::empty_is_absent), `(null)` is absent too.
pub fn apache() -> Codec<Apache> {
    let chain = HeaderName::known(CHAIN_HEADER);
    Codec::new(HEADER, Apache { chain })
}

impl Apache {
    /// The chain's certificates up to the first number that is not there.
    fn chain(&self, source: &mut Source<'_>) -> Result<Certificates, ForwardedError> {
        let mut chain = Vec::new();
        loop {
            let name = self.chain.numbered(chain.len());
            let value = match source.once(&name)? {
                None | Some([] | UNSET) => return Ok(chain),
                Some(value) => value,
            };
            let room = source.room_for(chain.len() + 2);
            let certificate = room.and_then(|()| one(value));
            chain.push(certificate.map_err(|fault| ForwardedError::new(&name, fault))?);
        }
    }
}

/// The one certificate of a header.
fn one(value: &[u8]) -> Result<Vec<u8>, HeaderFault> {
    let alone = |certificates| match certificates {
        2.. => Err(HeaderFault::MoreThanOneCertificate),
        _ => Ok(()),
    };
    let mut found = pem::decode(value, Lines::Folded, alone)?;
    found.pop().ok_or(HeaderFault::NoCertificate)
}

/// PEM on one line.
fn folded(der: &[u8]) -> String {
    pem::encode(der).trim_end().replace('\n', " ")
}

impl Wire for Apache {
    fn more_headers(&self) -> Vec<HeaderName> {
        Vec::from([self.chain.numbered(0)])
    }

    fn read(&self, source: &mut Source<'_>) -> Result<Option<Certificates>, ForwardedError> {
        let leaf = source.certificate()?;
        let leaf = leaf.filter(|value| !(source.empty_is_absent() && *value == UNSET));
        let Some(leaf) = leaf else {
            let first = self.chain.numbered(0);
            let value = source.once(&first)?.filter(|value| *value != UNSET);
            return chain_header::none(&first, &[value.unwrap_or_default()]);
        };
        let leaf = one(leaf).map_err(|fault| source.error(fault))?;
        let chain = self.chain(source)?;
        Ok(Some(chain_header::join(leaf, chain)))
    }

    fn write(&self, header: &HeaderName, presented: &Presented) -> Vec<(String, String)> {
        let mut headers = Vec::from([(header.to_string(), folded(presented.leaf().as_der()))]);
        let chain = presented.certificates().iter().enumerate();
        headers.extend(chain.map(|(number, certificate)| {
            let name = self.chain.numbered(number);
            (name.to_string(), folded(certificate.as_der()))
        }));
        headers
    }
}

impl WithChainHeader for Apache {
    fn chain_header_mut(&mut self) -> &mut HeaderName {
        &mut self.chain
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{behaves, chain, decode, fault, leaf, named, read};
    use super::super::{ForwardedLimits, Peer};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spaces_for_line_breaks() {
        behaves(&apache(), true);
        let value = folded(leaf().as_der());
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
        let value = &*folded(leaf().as_der());
        assert_eq!(read(&apache(), &[(HEADER, value), unset[1]]), [leaf()]);
        assert_eq!(
            fault(&lenient, &[("SSL_CLIENT_CERT_CHAIN_0", value)]),
            HeaderFault::ChainAlone
        );
    }

    #[test]
    fn one_certificate_in_each_header() {
        let two = [folded(leaf().as_der()), folded(leaf().as_der())].join(" ");
        assert_eq!(
            fault(&apache(), &[(HEADER, &two)]),
            HeaderFault::MoreThanOneCertificate
        );
        let first = &*folded(leaf().as_der());
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

//! What Envoy sends, and with it Istio and Azure Container Apps: `x-forwarded-client-cert`, an
//! element for each proxy that a request passed.
//!
//! `Cert` and `Chain` are PEM with percent encoding, `Chain` begins with the leaf, `Hash` is
//! SHA-256 in hexadecimal digits. Which element describes the client depends on the proxies alone:
//! those to the left of the elements that trusted proxies appended were written by the client. So
//! the caller says which one it is, and there is no other.
//!
//! Envoy writes the URI and DNS names of a certificate without quotes: a name with a comma would
//! make an element of its own. [`Element::Only`] refuses that; behind several proxies, leave `uri`
//! and `dns` out of what they set.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::num::NonZeroUsize;

use super::chain_header;
use super::codec::{Certificates, Codec, Wire};
use super::encoding::pem::{self, Lines};
use super::encoding::{hex, percent};
use super::error::{ForwardedError, HeaderFault};
use super::headers::HeaderName;
use super::source::Source;
use super::xfcc::{Parts, elements};
use crate::certificate::sha256;
use crate::validator::Presented;

/// The default header.
pub const HEADER: &str = "x-forwarded-client-cert";

/// Which element describes the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Element {
    /// The only one: the nearest proxy replaces the header (`SANITIZE_SET`). More are an error.
    Only,
    /// The one with this place from the right: the nearest proxy appends (`APPEND_FORWARD`) and
    /// wrote the first from the right, about its own client; the second from the right was
    /// written by the trusted proxy before it, and so on. What stands to the left of it is
    /// nobody's.
    FromRight(NonZeroUsize),
}

/// `x-forwarded-client-cert`.
#[derive(Clone, Debug)]
pub struct Envoy {
    element: Element,
    hash: bool,
}

/// Envoy: the certificate of one element of `x-forwarded-client-cert`. Where the element has a
/// hash, it must be that of the certificate.
///
/// ```
/// use std::num::NonZeroUsize;
/// use portcullis::Presented;
/// use portcullis::authentication::forwarded::{self, Peer, envoy::Element};
///
/// let client = Presented::from_pem(include_bytes!("../../../testdata/chains/leaf-client.pem"))?;
/// let edge = &forwarded::envoy(Element::Only).encode(&client)[0].1;
/// // A second proxy appended what it knows of the first.
/// let request = [("x-forwarded-client-cert", format!("{edge},By=spiffe://mesh/app;Hash=00;URI=spiffe://mesh/edge"))];
///
/// let second = NonZeroUsize::new(2).expect("not zero");
/// let client_of_the_edge = forwarded::envoy(Element::FromRight(second));
/// let forwarded = client_of_the_edge.decode(&request, Peer::TrustedProxy)?.expect("a certificate");
/// assert_eq!(forwarded.leaf(), client.leaf());
///
/// assert!(forwarded::envoy(Element::Only).decode(&request, Peer::TrustedProxy).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn envoy(element: Element) -> Codec<Envoy> {
    let hash = false;
    Codec::new(HEADER, Envoy { element, hash })
}

impl Codec<Envoy> {
    /// Must the element have a hash? Default: no, but one that is there must be right.
    pub fn require_hash(mut self, yes: bool) -> Self {
        self.format.hash = yes;
        self
    }
}

impl Envoy {
    fn element<'a>(&self, value: &'a [u8]) -> Result<Parts<'a>, HeaderFault> {
        let mut found = 0usize;
        for element in elements(value) {
            element?;
            found += 1;
        }
        let place = match self.element {
            Element::Only if found == 1 => Some(0),
            Element::Only => None,
            Element::FromRight(place) => found.checked_sub(place.get()),
        };
        let missing = HeaderFault::Elements { found };
        let place = place.ok_or(missing.clone())?;
        elements(value).nth(place).ok_or(missing)?
    }

    fn certificates(
        &self,
        parts: Parts<'_>,
        room_for: impl Fn(usize) -> Result<(), HeaderFault>,
    ) -> Result<Certificates, HeaderFault> {
        let mut certificates = match (parts.cert, parts.chain) {
            (None, None) => return Err(HeaderFault::NoCertificate),
            (Some(cert), None) => Vec::from([leaf(cert)?]),
            (None, Some(chain)) => escaped(chain, room_for)?,
            (Some(cert), Some(chain)) => {
                let (leaf, chain) = (leaf(cert)?, escaped(chain, room_for)?);
                if chain.first() != Some(&leaf) {
                    return Err(HeaderFault::LeafMismatch);
                }
                chain
            }
        };
        let leaf = certificates.first().ok_or(HeaderFault::NoCertificate)?;
        self.check_hash(parts.hash, leaf)?;
        let leaf = certificates.remove(0);
        Ok(chain_header::join(leaf, certificates))
    }

    fn check_hash(&self, hash: Option<&[u8]>, leaf: &[u8]) -> Result<(), HeaderFault> {
        match hash {
            None if self.hash => Err(HeaderFault::NoHash),
            None => Ok(()),
            Some(digits) if hex::decode(digits)? == sha256(leaf) => Ok(()),
            Some(_) => Err(HeaderFault::HashMismatch),
        }
    }
}

fn escaped(
    value: &[u8],
    room_for: impl Fn(usize) -> Result<(), HeaderFault>,
) -> Result<Certificates, HeaderFault> {
    pem::decode(&percent::decode(value)?, Lines::Broken, room_for)
}

fn leaf(value: &[u8]) -> Result<Vec<u8>, HeaderFault> {
    let alone = |certificates| match certificates {
        2.. => Err(HeaderFault::MoreThanOneCertificate),
        _ => Ok(()),
    };
    escaped(value, alone)?
        .pop()
        .ok_or(HeaderFault::NoCertificate)
}

/// What Envoy leaves as it is.
fn stays(octet: u8) -> bool {
    !matches!(octet, b'\n' | b' ' | b'+' | b'/' | b'=')
}

impl Wire for Envoy {
    fn more_headers(&self) -> Vec<HeaderName> {
        Vec::new()
    }

    fn read(&self, source: &mut Source<'_>) -> Result<Option<Certificates>, ForwardedError> {
        let Some(value) = source.certificate()? else {
            return Ok(None);
        };
        let room_for = |certificates| source.room_for(certificates);
        let parts = self.element(value);
        let certificates = parts.and_then(|parts| self.certificates(parts, room_for));
        certificates.map(Some).map_err(|fault| source.error(fault))
    }

    /// The element of the proxy that is nearest to the client.
    fn write(&self, header: &HeaderName, presented: &Presented) -> Vec<(String, String)> {
        let leaf = presented.leaf().as_der();
        let hash = hex::encode(&sha256(leaf));
        let pem = percent::encode(&pem::encode(leaf), stays);
        let mut value = alloc::format!("Hash={hash};Cert=\"{pem}\"");
        if !presented.certificates().is_empty() {
            let chain = presented.certificates().iter();
            let chain = chain.map(|certificate| pem::encode(certificate.as_der()));
            let chain: String = core::iter::once(pem::encode(leaf)).chain(chain).collect();
            value.extend([";Chain=\"", &percent::encode(&chain, stays), "\""]);
        }
        Vec::from([(header.to_string(), value)])
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        behaves, chain, decode, fault, leaf as leaf_certificate, named, other, read,
    };
    use super::super::{ForwardedLimits, Peer};
    use super::*;
    use crate::certificate::Certificate;
    use proptest::prelude::*;

    fn only() -> Codec<Envoy> {
        envoy(Element::Only)
    }

    fn from_right(place: usize) -> Codec<Envoy> {
        envoy(Element::FromRight(NonZeroUsize::new(place).unwrap()))
    }

    fn element(certificate: Certificate) -> String {
        only().encode(&Presented::new(certificate)).remove(0).1
    }

    fn pem_of(certificate: &Certificate) -> String {
        percent::encode(&certificate.to_pem(), stays)
    }

    #[test]
    fn an_element_with_or_without_a_chain() {
        behaves(&only(), true);
        behaves(&from_right(1), true);
        behaves(&only().require_hash(true), true);
        let text = element(leaf_certificate());
        assert!(
            text.starts_with("Hash=") && text.contains("Cert=\"-----BEGIN%20CERTIFICATE-----%0AMI")
        );
    }

    #[test]
    fn the_client_writes_on_the_left_and_is_not_believed() {
        let forged = element(other());
        let header = alloc::format!("{forged},{}", element(leaf_certificate()));
        assert_eq!(
            read(&from_right(1), &[(HEADER, &header)]),
            [leaf_certificate()]
        );
        assert_eq!(
            fault(&only(), &[(HEADER, &header)]),
            HeaderFault::Elements { found: 2 }
        );
        // One proxy fewer than there are: the client's own element, which is why the number must be
        // right.
        assert_eq!(read(&from_right(2), &[(HEADER, &header)]), [other()]);
        assert_eq!(
            fault(&from_right(3), &[(HEADER, &header)]),
            HeaderFault::Elements { found: 2 }
        );
        let huge = envoy(Element::FromRight(NonZeroUsize::MAX));
        assert_eq!(
            fault(&huge, &[(HEADER, &header)]),
            HeaderFault::Elements { found: 2 }
        );
    }

    #[test]
    fn no_quotation_mark_of_the_client_swallows_what_follows() {
        let own = element(leaf_certificate());
        for prefix in [
            "By=\"",
            "\"",
            "By=\"\\",
            "By=\"x\"y",
            "Subject=\"CN=a\\",
            "By=a\"b",
            ",",
            ";",
            "By",
            "=x",
            "By=x;",
            "B y=x",
        ] {
            let header = alloc::format!("{prefix},{own}");
            assert!(
                decode(&from_right(1), &[(HEADER, &header)]).is_err(),
                "{prefix}"
            );
        }
        // Quoted commas and escaped quotation marks are part of a value.
        for prefix in [
            "Subject=\"CN=a\\\",Cert=x\"",
            "Subject=\"CN=a\\\\\"",
            "By=;Subject=\"\";URI=a=b;DNS=c;DNS=d",
            "by=\"a,b;c=d\"",
        ] {
            let header = alloc::format!("{prefix},{own}");
            assert_eq!(
                read(&from_right(1), &[(HEADER, &header)]),
                [leaf_certificate()],
                "{prefix}"
            );
        }
    }

    #[test]
    fn a_name_with_a_comma_makes_no_identity_where_one_element_is_expected() {
        // A URI of the client's certificate, which Envoy writes as it is.
        let uri = alloc::format!("spiffe://a,Cert=\"{}\"", pem_of(&other()));
        let header = alloc::format!("{};URI={uri}", element(leaf_certificate()));
        assert_eq!(
            fault(&only(), &[(HEADER, &header)]),
            HeaderFault::Elements { found: 2 }
        );
        let uri = alloc::format!("spiffe://a;Cert=\"{}\"", pem_of(&other()));
        let header = alloc::format!("{};URI={uri}", element(leaf_certificate()));
        assert!(matches!(
            fault(&only(), &[(HEADER, &header)]),
            HeaderFault::NotXfcc { .. }
        ));
    }

    #[test]
    fn keys_have_any_case_and_no_twin() {
        let text = element(leaf_certificate());
        let shouted = text.replace("Hash", "HASH").replace("Cert=", "cERT=");
        assert_eq!(read(&only(), &[(HEADER, &shouted)]), [leaf_certificate()]);
        let bare = text.replace('"', "");
        assert_eq!(read(&only(), &[(HEADER, &bare)]), [leaf_certificate()]);
        for twin in ["Cert=x", "hash=00", "CERT=\"\""] {
            let header = alloc::format!("{text};{twin}");
            let offset = text.len() + 1;
            assert_eq!(
                fault(&only(), &[(HEADER, &header)]),
                HeaderFault::NotXfcc { offset },
                "{twin}"
            );
        }
    }

    #[test]
    fn the_hash_is_that_of_the_certificate() {
        let text = element(leaf_certificate());
        let (hash, cert) = text.split_once(';').unwrap();
        let wrong = alloc::format!("Hash={};{cert}", "0".repeat(64));
        assert_eq!(
            fault(&only(), &[(HEADER, &wrong)]),
            HeaderFault::HashMismatch
        );
        let shouted = alloc::format!("Hash={};{cert}", hash[5..].to_ascii_uppercase());
        assert_eq!(read(&only(), &[(HEADER, &shouted)]), [leaf_certificate()]);
        assert_eq!(
            fault(&only(), &[(HEADER, &alloc::format!("Hash=;{cert}"))]),
            HeaderFault::NotHex
        );
        assert_eq!(read(&only(), &[(HEADER, cert)]), [leaf_certificate()]);
        assert_eq!(
            fault(&only().require_hash(true), &[(HEADER, cert)]),
            HeaderFault::NoHash
        );
        assert_eq!(
            fault(&only(), &[(HEADER, hash)]),
            HeaderFault::NoCertificate
        );
    }

    #[test]
    fn the_chain_begins_with_the_leaf() {
        let written = only().encode(&chain()).remove(0).1;
        let (_, chain_part) = written.split_once(";Chain=").unwrap();
        let alone = alloc::format!("Chain={chain_part}");
        assert_eq!(
            read(&only(), &[(HEADER, &alone)]),
            [leaf_certificate(), named("issuer"), named("root")]
        );
        let mismatch = alloc::format!("Cert=\"{}\";Chain={chain_part}", pem_of(&other()));
        assert_eq!(
            fault(&only(), &[(HEADER, &mismatch)]),
            HeaderFault::LeafMismatch
        );
        let two = alloc::format!("Cert={chain_part}");
        assert_eq!(
            fault(&only(), &[(HEADER, &two)]),
            HeaderFault::MoreThanOneCertificate
        );
        let codec = only().limits(ForwardedLimits::default().certificates(2));
        assert_eq!(
            fault(&codec, &[(HEADER, &written)]),
            HeaderFault::TooManyCertificates { limit: 2 }
        );
        for empty in ["Cert=", "Cert=\"\"", "Chain=", "By=x"] {
            assert_eq!(
                fault(&only(), &[(HEADER, empty)]),
                HeaderFault::NoCertificate,
                "{empty}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(names in proptest::collection::vec("[ -~]{1,20}", 0..5)) {
            let certificates: Vec<_> = names.iter().map(|name| named(name)).collect();
            let presented = Presented::new(named("the leaf of this test")).with_certificates(certificates);
            let forwarded = only().decode(&only().encode(&presented), Peer::TrustedProxy).unwrap().unwrap();
            prop_assert_eq!(forwarded.leaf(), presented.leaf());
            prop_assert_eq!(forwarded.chain(), presented.certificates());
        }

        #[test]
        fn whatever_stands_before_it_the_last_element_is_ours_or_it_is_an_error(
            before in "(By=|Cert=|Subject=|\"|\\\\|,|;|=|CN=a|URI=| ){0,12}",
        ) {
            let header = alloc::format!("{before},{}", element(leaf_certificate()));
            if let Ok(found) = decode(&from_right(1), &[(HEADER, &header)]) {
                let found = found.unwrap();
                prop_assert_eq!(found.leaf(), &leaf_certificate());
            }
        }
    }
}

//! `x-forwarded-client-cert` of Envoy, Istio and Azure Container Apps: one element for each proxy
//! that the request passed through.
//!
//! `Cert` and `Chain` are PEM with percent encoding, `Chain` begins with the leaf, `Hash` is
//! SHA-256 in hexadecimal digits. Only the setup of the proxies determines which element describes
//! the client: the client may have written every element to the left of those that trusted proxies
//! appended. So the caller says which element to use, and no other is tried.
//!
//! # Names that become elements
//!
//! From a client's certificate Envoy writes, in this order, `Hash` (digits), `Cert` and `Chain`
//! (percent encoded, quoted), `Subject` (quoted, `"` and `\` escaped by RFC 2253), and then each
//! `URI` and each `DNS` name **exactly as in the certificate**: neither quoted nor escaped,
//! contrary to its documentation. `By` is a URI too, but it comes from the proxy's own certificate.
//!
//! So a client can write into the header if its CA certifies any URI that the client asks for. It
//! controls the text from the `=` of its first name to the end of the proxy's element, and the
//! grammar cannot distinguish that text from the proxy's. `spiffe://acme.test/m,Hash=...;Cert=...`
//! ends the proxy's element and begins another one, which is well formed, has a correct hash, and
//! needs no name itself. More commas put any number of elements between it and the name.
//! `a;Cert=...` adds to the proxy's element itself. A name may be empty, or contain quotation
//! marks: `"a",Cert=...`. But no name can hide what trusted proxies append later: their first
//! quotation mark closes one that the name opened, and the text after it breaks the grammar. Nor
//! can the client open a quotation mark in an element of its own, on the left, that extends to its
//! names: the quotation mark of `Cert` or `Chain` comes before them, and a proxy must set one of
//! the two to be of use here.
//!
//! Hence two rules. Breaking one is an [`UnescapedName`] error:
//!
//! - In an element that is chosen by the **number of all elements** ([`XfccElement::Only`],
//!   [`XfccElement::FirstOf`]) no value that is read may come after a name. Commas in names change
//!   the number of elements, which is an error too.
//! - An element that is **counted from the right** ([`XfccElement::FromRight`]) may be forged by a
//!   name in any element to its left. So neither it nor any element to its left may have a name.
//!   The elements to its right describe trusted proxies and may have names.
//!
//! [`UnescapedName`]: HeaderFault::UnescapedName

use alloc::string::String;
use core::num::NonZeroUsize;

use super::codec::Codec;
use super::encoding::pem::{self, Lines};
use super::encoding::{hex, percent};
use super::error::HeaderFault;
use super::format::{Decoded, ValueFormat};
use super::header_reader::{CertificateLimit, HeaderOptions};
use super::xfcc::{ElementParts, elements};
use crate::certificate::{Certificate, sha256};
use crate::validator::Presented;

/// The default header.
pub const HEADER: &str = "x-forwarded-client-cert";

/// Which element describes the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum XfccElement {
    /// The only element: the nearest proxy replaces the header (`SANITIZE_SET`). More than one is
    /// an error.
    Only,
    /// The first of exactly this many elements: the proxy that clients connect to replaces the
    /// header (`SANITIZE_SET`), and each of the trusted proxies behind it appends
    /// (`APPEND_FORWARD`). Fewer or more are an error. Istio's gateway with a sidecar behind it is
    /// `FirstOf` two.
    FirstOf(NonZeroUsize),
    /// The element at this position from the right. The nearest proxy appends (`APPEND_FORWARD`):
    /// it wrote the first element from the right, about its own client. The trusted proxy before it
    /// wrote the second, and so on. Elements further to the left are not trusted.
    ///
    /// Neither this element nor those to its left may have a `URI` or a `DNS` name: a comma in a
    /// name would turn text that the client chose into elements. Configure the proxies not to set
    /// `uri` and `dns`, or let the first proxy replace the header and use
    /// [`FirstOf`](Self::FirstOf).
    FromRight(NonZeroUsize),
}

/// `x-forwarded-client-cert`.
#[derive(Clone, Debug)]
pub struct Envoy {
    element: XfccElement,
    require_hash: bool,
    trusts_names: bool,
}

/// Envoy: the certificate of one element of `x-forwarded-client-cert`. If the element has a hash,
/// it must match the certificate.
///
/// ```
/// use std::num::NonZeroUsize;
/// use portcullis::Presented;
/// use portcullis::authentication::forwarded::{self, Peer, envoy::XfccElement};
///
/// let client = Presented::from_pem(include_bytes!("../../../testdata/chains/leaf-client.pem"))?;
/// let edge = &forwarded::envoy(XfccElement::Only).encode(&client)[0].1;
/// // A second proxy appended an element about the first.
/// let value = format!("{edge},By=spiffe://mesh/app;Hash=00;URI=spiffe://mesh/edge");
/// let request = [("x-forwarded-client-cert", value)];
///
/// let second = NonZeroUsize::new(2).expect("not zero");
/// let client_of_the_edge = forwarded::envoy(XfccElement::FromRight(second));
/// let forwarded = client_of_the_edge.decode(&request, Peer::TrustedProxy)?;
/// assert_eq!(forwarded.expect("a certificate").leaf(), client.leaf());
///
/// assert!(forwarded::envoy(XfccElement::Only).decode(&request, Peer::TrustedProxy).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn envoy(element: XfccElement) -> Codec<Envoy> {
    let format = Envoy {
        element,
        require_hash: false,
        trusts_names: false,
    };
    Codec::new(HEADER, format)
}

impl Codec<Envoy> {
    setters! {
        /// Requires the element to have a hash. Default: false; a hash that is present must match
        /// in any case.
        [format] require_hash: bool;
    }

    /// Accepts values after `URI` and `DNS` names, which Envoy copies unescaped from the client's
    /// certificate. **A client with a certificate for `spiffe://a/b,Cert=...` can then impersonate
    /// any other client.** Default: such values are an error
    /// ([`UnescapedName`](HeaderFault::UnescapedName)).
    ///
    /// This is safe only if no CA that the proxies trust certifies a name with a comma, a semicolon
    /// or a quotation mark, all of which may occur in URIs. The CA of a service mesh qualifies if
    /// it chooses all names itself and takes none from a request. A CA of partners, or a public CA,
    /// does not qualify.
    pub fn dangerously_trust_unescaped_names(mut self) -> Self {
        self.format.trusts_names = true;
        self
    }
}

impl Envoy {
    fn element<'a>(&self, value: &'a [u8]) -> Result<ElementParts<'a>, HeaderFault> {
        let found = elements(value).try_fold(0usize, |found, parts| parts.map(|_| found + 1))?;
        let place = match self.element {
            XfccElement::Only => (found == 1).then_some(0),
            XfccElement::FirstOf(all) => (found == all.get()).then_some(0),
            XfccElement::FromRight(place) => found.checked_sub(place.get()),
        };
        let place = place.ok_or(HeaderFault::Elements { found })?;
        let mut name = None;
        let mut chosen = ElementParts::default();
        for parts in elements(value).take(place + 1) {
            chosen = parts?;
            name = name.or(chosen.unescaped_name);
        }
        self.check_names(name, &chosen)?;
        Ok(chosen)
    }

    /// Fails if the client may have written a value that is read, by means of a name. The first
    /// name is in the chosen element or to its left.
    fn check_names(
        &self,
        first: Option<usize>,
        chosen: &ElementParts<'_>,
    ) -> Result<(), HeaderFault> {
        let Some(offset) = first.filter(|_| !self.trusts_names) else {
            return Ok(());
        };
        match self.element {
            XfccElement::Only | XfccElement::FirstOf(_) if !chosen.is_read_behind_name => Ok(()),
            _ => Err(HeaderFault::UnescapedName { offset }),
        }
    }

    fn check_hash(&self, hash: Option<&[u8]>, leaf: &[u8]) -> Result<(), HeaderFault> {
        match hash {
            None if self.require_hash => Err(HeaderFault::NoHash),
            None => Ok(()),
            Some(digits) if hex::decode(digits)? == sha256(leaf) => Ok(()),
            Some(_) => Err(HeaderFault::HashMismatch),
        }
    }
}

/// True for octets that Envoy does not escape.
fn stays(octet: u8) -> bool {
    !matches!(octet, b'\n' | b' ' | b'+' | b'/' | b'=')
}

impl ValueFormat for Envoy {
    fn decode(&self, value: &[u8], options: &HeaderOptions) -> Decoded {
        let parts = self.element(value)?;
        let leaf = parts.cert.map(percent::decode).transpose()?;
        let leaf = leaf.map(|cert| pem::decode_one(&cert, Lines::Broken));
        let leaf = leaf.transpose()?;
        let limit = CertificateLimit::of(options, 0);
        let chain = match parts.chain {
            Some(chain) => pem::decode(&percent::decode(chain)?, Lines::Broken, limit)?,
            None => leaf.iter().cloned().collect(),
        };
        let (first, rest) = chain.split_first().ok_or(HeaderFault::NoCertificate)?;
        if leaf.is_some_and(|leaf| leaf != *first) {
            return Err(HeaderFault::LeafMismatch);
        }
        self.check_hash(parts.hash, first)?;
        let rest = rest.iter().filter(|other| *other != first);
        Ok(core::iter::once(first).chain(rest).cloned().collect())
    }

    /// Writes the element of the proxy that is nearest to the client.
    fn encode(&self, presented: &Presented) -> String {
        let leaf = presented.leaf();
        let hash = hex::encode(&sha256(leaf.as_der()));
        let pem = percent::encode(&leaf.to_pem(), stays);
        let mut value = alloc::format!("Hash={hash};Cert=\"{pem}\"");
        if !presented.certificates().is_empty() {
            let certificates = core::iter::once(leaf).chain(presented.certificates());
            let chain: String = certificates.map(Certificate::to_pem).collect();
            value.extend([";Chain=\"", &percent::encode(&chain, stays), "\""]);
        }
        value
    }
}

#[cfg(test)]
mod testing;

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
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::super::testing::{
        behaves, chain, decode, fault, leaf as leaf_certificate, named, other, read,
    };
    use super::super::{ForwardedLimits, Peer};
    use super::*;
    use crate::certificate::Certificate;
    use proptest::prelude::*;

    fn only() -> Codec<Envoy> {
        envoy(XfccElement::Only)
    }

    fn from_right(place: usize) -> Codec<Envoy> {
        envoy(XfccElement::FromRight(NonZeroUsize::new(place).unwrap()))
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
        // With one proxy too many the client's own element is chosen, so the number must be right.
        assert_eq!(read(&from_right(2), &[(HEADER, &header)]), [other()]);
        assert_eq!(
            fault(&from_right(3), &[(HEADER, &header)]),
            HeaderFault::Elements { found: 2 }
        );
        let huge = envoy(XfccElement::FromRight(NonZeroUsize::MAX));
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
            "By=a=b;Subject=\"\"",
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

    fn first_of(all: usize) -> Codec<Envoy> {
        envoy(XfccElement::FirstOf(NonZeroUsize::new(all).unwrap()))
    }

    /// What Envoy writes for a certificate, with unescaped names.
    fn written(
        certificate: &Certificate,
        with: (bool, bool),
        uris: &[&str],
        dns: &[&str],
    ) -> String {
        let mut parts = Vec::from(["By=spiffe://mesh/proxy".to_string()]);
        if with.0 {
            let hash = hex::encode(&certificate.sha256_thumbprint());
            parts.push(alloc::format!("Hash={hash}"));
        }
        if with.1 {
            parts.push(alloc::format!("Cert=\"{}\"", pem_of(certificate)));
        }
        parts.push("Subject=\"CN=x\"".into());
        parts.extend(uris.iter().map(|uri| alloc::format!("URI={uri}")));
        parts.extend(dns.iter().map(|dns| alloc::format!("DNS={dns}")));
        parts.join(";")
    }

    /// All sequences of these tokens up to this length.
    fn sequences(tokens: &[&str], most: usize) -> Vec<String> {
        let mut all = Vec::from([String::new()]);
        let mut last = all.clone();
        for _ in 0..most {
            let longer = last.iter().flat_map(|start| {
                let longer = tokens.iter();
                longer.map(move |token| alloc::format!("{start}{token}"))
            });
            last = longer.collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    /// This header gives the client `leaf` or an error.
    #[track_caller]
    fn is_leaf_or_nobody(codec: &Codec<Envoy>, header: &str) -> bool {
        let Ok(forwarded) = decode(codec, &[(HEADER, header)]) else {
            return false;
        };
        let forwarded = forwarded.unwrap();
        assert_eq!(forwarded.leaf(), &leaf_certificate(), "{header}");
        true
    }

    /// S2: no certified URI or DNS name turns a client into another one: neither the client that
    /// the name spells out nor the proxy.
    #[test]
    fn no_name_in_a_certificate_becomes_another_client() {
        let victim = other();
        let cert = alloc::format!("Cert={}", pem_of(&victim));
        let hash = alloc::format!("Hash={}", hex::encode(&victim.sha256_thumbprint()));
        let tokens = [",", ";", "\"", "\\", " ", "By=x", "URI=", "x", &hash, &cert];
        let mut attacks = sequences(&tokens, 3);
        for border in [",", "x,", "\"x\",", "x,By=y,", "x,,", ";", "x;", "\"x\";"] {
            for end in [
                "", ";By=x", ";URI=x", ";DNS=x", ",By=x", ";By=\"", "\\", " ",
            ] {
                for inner in [
                    alloc::format!("{hash};{cert}"),
                    alloc::format!("{cert};{hash}"),
                    cert.clone(),
                    cert.replacen("Cert=", "Chain=", 1),
                    alloc::format!("Cert=\"{}\"", pem_of(&victim)),
                ] {
                    attacks.push(alloc::format!("{border}{inner}{end}"));
                }
            }
        }
        let hop = written(&named("edge"), (true, true), &["spiffe://mesh/edge"], &[]);
        for attack in &attacks {
            let attack = &**attack;
            for (uris, dns) in [
                (&[attack][..], &[][..]),
                (&[], &[attack]),
                (&["spiffe://a"], &[attack, "a.test"]),
            ] {
                for with in [(true, true), (true, false), (false, true), (false, false)] {
                    let own = written(&leaf_certificate(), with, uris, dns);
                    let two = alloc::format!("{own},{hop}");
                    for (codec, header) in [
                        (only(), &own),
                        (first_of(1), &own),
                        (first_of(2), &own),
                        (first_of(2), &two),
                    ] {
                        is_leaf_or_nobody(&codec, header);
                    }
                    for (codec, header) in [(from_right(1), &own), (from_right(2), &two)] {
                        assert!(!is_leaf_or_nobody(&codec, header), "{header}");
                    }
                }
            }
        }
    }

    /// S2: names in two parts that put what the proxy writes between them into quotation marks.
    #[test]
    fn two_names_do_not_work_together() {
        let cert = alloc::format!("Cert={}", pem_of(&other()));
        let starts = ["\"", "x,By=\"", "x;By=\"", "x,Subject=\"\\"];
        let ends = ["\"", "\",", "\";", "x\",", "x\" ,"].map(|end| alloc::format!("{end}{cert}"));
        let hop = written(&named("edge"), (true, true), &[], &[]);
        for start in starts {
            for end in ends.iter().map(|end| &**end) {
                for (uris, dns) in [(&[start, end][..], &[][..]), (&[start], &[end])] {
                    let own = written(&leaf_certificate(), (true, true), uris, dns);
                    let two = alloc::format!("{own},{hop}");
                    is_leaf_or_nobody(&only(), &own);
                    is_leaf_or_nobody(&first_of(2), &two);
                    is_leaf_or_nobody(&from_right(1), &own);
                    is_leaf_or_nobody(&from_right(2), &two);
                }
            }
        }
    }

    /// S2: which headers are refused, and the offset of the first name.
    #[test]
    fn a_name_is_refused_where_it_may_have_made_the_element() {
        let own = element(leaf_certificate());
        let at = own.len() + 1;
        for name in [
            "URI=",
            "DNS=",
            "uri=a",
            "DNS=a=b",
            "URI=\"a\"",
            "Subject=CN=a",
        ] {
            let named = alloc::format!("{own};{name}");
            let unescaped = HeaderFault::UnescapedName { offset: at };
            assert_eq!(fault(&from_right(1), &[(HEADER, &named)]), unescaped);
            assert_eq!(read(&only(), &[(HEADER, &named)]), [leaf_certificate()]);
            assert_eq!(
                read(&first_of(1), &[(HEADER, &named)]),
                [leaf_certificate()]
            );

            // To the left of the chosen element, at any distance, and to its right.
            let left = alloc::format!("By=x,By=y;{name},By=z,{own}");
            let unescaped = HeaderFault::UnescapedName { offset: 10 };
            assert_eq!(fault(&from_right(1), &[(HEADER, &left)]), unescaped);
            let right = alloc::format!("{own},By=x;{name}");
            let there = [leaf_certificate()];
            assert_eq!(read(&from_right(2), &[(HEADER, &right)]), there);
            assert_eq!(read(&first_of(2), &[(HEADER, &right)]), there);

            // In the chosen element nothing is read after the name.
            let behind = alloc::format!("{name};{own}");
            let unescaped = HeaderFault::UnescapedName { offset: 0 };
            for codec in [only(), first_of(1), from_right(1)] {
                assert_eq!(fault(&codec, &[(HEADER, &behind)]), unescaped, "{name}");
            }
            let believed = only().dangerously_trust_unescaped_names();
            assert_eq!(read(&believed, &[(HEADER, &behind)]), there);
            let believed = from_right(1).dangerously_trust_unescaped_names();
            for header in [&named, &left, &behind] {
                assert_eq!(read(&believed, &[(HEADER, header)]), there);
            }
        }
        // A quoted subject is escaped, so it cannot add anything.
        let subject = alloc::format!("Subject=\"CN=a\\\",Cert=x\";{own}");
        assert_eq!(
            read(&from_right(1), &[(HEADER, &subject)]),
            [leaf_certificate()]
        );
    }

    /// S2: the number of proxies must be exact if the first one replaces the header.
    #[test]
    fn the_first_of_so_many() {
        let (own, hop) = (
            element(leaf_certificate()),
            "By=x;Hash=00;URI=spiffe://mesh/edge",
        );
        let two = alloc::format!("{own};URI=spiffe://a,{hop}");
        assert_eq!(read(&first_of(2), &[(HEADER, &two)]), [leaf_certificate()]);
        for (codec, header, found) in [
            (first_of(1), &*two, 2),
            (first_of(3), &two, 2),
            (first_of(2), &own, 1),
            (
                first_of(2),
                &alloc::format!("{},{two}", element(other())),
                3,
            ),
            (envoy(XfccElement::FirstOf(NonZeroUsize::MAX)), &two, 2),
        ] {
            assert_eq!(
                fault(&codec, &[(HEADER, header)]),
                HeaderFault::Elements { found }
            );
        }
        behaves(&first_of(1), true);
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

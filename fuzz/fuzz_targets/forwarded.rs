//! Certificates from the headers of proxies: every codec on the same bytes.
//!
//! The input is an octet of options, then header values, each after two octets of length: for the
//! header of the leaf, that of the chain, that of the leaf again, and that of the confirmation.
#![no_main]

use std::num::NonZeroUsize;

use libfuzzer_sys::fuzz_target;
use portcullis::Presented;
use portcullis::authentication::forwarded::envoy::XfccElement;
use portcullis::authentication::forwarded::{
    self, BehindProxy, ClientCertificate, Codec, Format, ForwardedLimits, Headers, Padding, Peer,
};
use portcullis_fuzz::input::Input;

const BYTES: usize = 8 * 1024;
const CERTIFICATES: usize = 4;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let options = input.byte();
    let mut values = Vec::new();
    while !input.is_empty() && values.len() < 5 {
        let length = input.u16().into();
        values.push(input.take(length));
    }
    let request = Request { values, options };
    let padding = if options & 1 == 0 {
        Padding::Required
    } else {
        Padding::Optional
    };
    let two = NonZeroUsize::new(2).unwrap();
    request.try_all(forwarded::rfc9440().padding(padding));
    request.try_all(forwarded::nginx());
    request.try_all(forwarded::envoy(XfccElement::Only));
    request.try_all(
        forwarded::envoy(XfccElement::FromRight(NonZeroUsize::MIN)).require_hash(options & 2 != 0),
    );
    request.try_some(&forwarded::envoy(XfccElement::FromRight(two)));
    request.try_some(&forwarded::envoy(XfccElement::FirstOf(two)));
    request.try_all(forwarded::aws_alb_passthrough());
    request.try_all(forwarded::aws_alb_verify());
    request.try_all(forwarded::azure().padding(padding));
    request.try_all(forwarded::traefik().padding(padding));
    request.try_all(
        forwarded::haproxy()
            .padding(padding)
            .in_hex(options & 2 != 0),
    );
    request.try_all(forwarded::apache());
    request.try_all(forwarded::caddy());
    request.try_all(forwarded::google_cloud().unverified_too(options & 2 != 0));
    request.try_all(forwarded::cloudflare());
    request.try_all(forwarded::cloudflare_pem());
    request.try_all(forwarded::aspnet());
    request.try_all(forwarded::hex());
});

/// What a server may get from a hostile client and a proxy.
struct Request<'a> {
    values: Vec<&'a [u8]>,
    options: u8,
}

impl Headers for Request<'_> {
    fn values(&self, name: &str) -> Vec<&[u8]> {
        let name = name.to_ascii_lowercase();
        let is_chain = name.contains("chain") && !name.contains("verified");
        let value = |place: usize| self.values.get(place).copied();
        let confirms = ["present", "verified", "error"];
        if let Some(place) = confirms.iter().position(|end| name.ends_with(end)) {
            return match self.options & 4 {
                0 => [b"true".as_slice(), b"true", b""]
                    .get(place)
                    .copied()
                    .into_iter()
                    .collect(),
                _ => value(place + 2).into_iter().collect(),
            };
        }
        if is_chain {
            let numbered = name.ends_with(|c: char| c.is_ascii_digit());
            let place = if numbered && !name.ends_with('0') {
                2
            } else {
                1
            };
            return value(place).into_iter().collect();
        }
        let twice = value(2).filter(|_| self.options & 8 != 0);
        value(0).into_iter().chain(twice).collect()
    }
}

impl Request<'_> {
    /// What is read is the same after it is written and read again.
    fn try_all<F: Format>(&self, codec: Codec<F>) {
        let Some(presented) = self.try_some(&codec) else {
            return;
        };
        let generous = codec.limits(ForwardedLimits::default().bytes(usize::MAX));
        let written = generous.encode(&presented);
        for (_, value) in &written {
            assert!(
                value.bytes().all(|octet| matches!(octet, b' '..=b'~')),
                "a header's value"
            );
        }
        let again = generous.decode(&written, Peer::TrustedProxy);
        let again = again.expect("what was written").expect("a certificate");
        assert_eq!(again.leaf(), presented.leaf());
        assert!(again.chain().is_empty() || again.chain() == presented.certificates());
        assert!(generous.decode(&written, Peer::Untrusted).is_err());
    }

    fn try_some<F: Format>(&self, codec: &Codec<F>) -> Option<Presented> {
        let limits = ForwardedLimits::default()
            .bytes(BYTES)
            .certificates(CERTIFICATES);
        let codec = codec
            .clone()
            .limits(limits)
            .empty_is_absent(self.options & 16 != 0);
        assert!(
            !matches!(codec.decode(self, Peer::Untrusted), Ok(Some(_))),
            "nobody's word"
        );
        let forwarded = match codec.decode(self, Peer::TrustedProxy) {
            Ok(forwarded) => forwarded?,
            Err(error) => {
                assert!((1..1_000).contains(&error.to_string().len()));
                return None;
            }
        };
        let count = 1 + forwarded.chain().len();
        assert!(count <= CERTIFICATES);
        let chain = forwarded.chain().iter();
        let bytes: usize = chain.map(|certificate| certificate.as_der().len()).sum();
        assert!(
            bytes + forwarded.leaf().as_der().len() <= BYTES,
            "more than the header had"
        );
        let handshake = Some(forwarded.presented().clone());
        let choose = |peer, forwarded| {
            let policy = BehindProxy::default();
            ClientCertificate::choose(peer, handshake.clone(), forwarded, policy)
        };
        let nobody = choose(Peer::TrustedProxy, None);
        assert!(nobody.is_ok_and(|chosen| chosen.is_none()));
        assert!(choose(Peer::Untrusted, Some(forwarded.clone())).is_err());
        Some(forwarded.presented().clone())
    }
}

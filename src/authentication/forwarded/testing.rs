//! Certificates and checks that the tests of all formats share.

use alloc::vec::Vec;

use super::{Codec, Format, Forwarded, ForwardedError, HeaderFault, Peer};
use crate::certificate::Certificate;
use crate::certificate::testing::{Parts, common_name};
use crate::validator::Presented;

pub(super) fn named(name: &str) -> Certificate {
    let parts = Parts {
        subject: common_name(name),
        ..Parts::default()
    };
    Certificate::from_der(&parts.der()).unwrap()
}

pub(super) fn leaf() -> Certificate {
    named("leaf")
}

pub(super) fn other() -> Certificate {
    named("other")
}

/// A leaf and two certificates that came with it.
pub(super) fn chain() -> Presented {
    Presented::new(leaf()).with_certificates([named("issuer"), named("root")])
}

pub(super) fn decode<F: Format>(
    codec: &Codec<F>,
    headers: &[(&str, &str)],
) -> Result<Option<Forwarded>, ForwardedError> {
    codec.decode(headers, Peer::TrustedProxy)
}

/// The only certificate in these headers.
pub(super) fn read<F: Format>(codec: &Codec<F>, headers: &[(&str, &str)]) -> Vec<Certificate> {
    let forwarded = decode(codec, headers).unwrap().unwrap();
    let chain = forwarded.chain().iter();
    core::iter::once(forwarded.leaf())
        .chain(chain)
        .cloned()
        .collect()
}

#[track_caller]
pub(super) fn fault<F: Format>(codec: &Codec<F>, headers: &[(&str, &str)]) -> HeaderFault {
    decode(codec, headers).unwrap_err().fault().clone()
}

/// What every format must do: read what it writes, return nothing for an absent header, and refuse
/// a repeated header and anything before, after or instead of the value. `with_chain`: whether the
/// format includes the chain.
pub(super) fn behaves<F: Format>(codec: &Codec<F>, with_chain: bool) {
    let header = codec.options.header.as_str();
    for presented in [Presented::new(leaf()), chain()] {
        let written = codec.encode(&presented);
        let forwarded = codec.decode(&written, Peer::TrustedProxy).unwrap().unwrap();
        assert_eq!(forwarded.leaf(), presented.leaf());
        let expected = if with_chain {
            presented.certificates()
        } else {
            &[]
        };
        assert_eq!(forwarded.chain(), expected);
        for (_, value) in &written {
            assert!(
                value.bytes().all(|octet| matches!(octet, b' '..=b'~')),
                "{value}"
            );
        }
        // Values are unchanged, regardless of the case of the name.
        let shouted: Vec<_> = written
            .iter()
            .map(|(name, value)| (name.to_ascii_uppercase(), value))
            .collect();
        assert!(
            codec
                .decode(&shouted, Peer::TrustedProxy)
                .unwrap()
                .is_some()
        );

        assert!(codec.decode(&written, Peer::Untrusted).is_err());
        let value = &*written.iter().find(|(name, _)| name == header).unwrap().1;
        assert_eq!(
            fault(codec, &[(header, value), (header, value)]),
            HeaderFault::Repeated { times: 2 }
        );
        let half = value.split_at(value.len() / 2).0;
        for broken in [
            &alloc::format!("x{value}"),
            &alloc::format!("{value}\u{7f}"),
            half,
            "x",
            "(null)",
            "\"",
            "%",
        ] {
            assert!(decode(codec, &[(header, broken)]).is_err(), "{broken}");
        }
    }
    assert!(decode(codec, &[]).unwrap().is_none());
    assert_eq!(fault(codec, &[(header, "")]), HeaderFault::Empty);
}

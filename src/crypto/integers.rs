//! SEQUENCE of two INTEGERs: an RSA key (RFC 8017 appendix A.1.1), an ECDSA signature (RFC 3279
//! section 2.2.3).

use crate::der::Reader;

/// The content octets of both, each minimal; `None` for what is not DER for exactly this.
pub(super) fn pair(der: &[u8]) -> Option<[&[u8]; 2]> {
    let mut outer = Reader::quick(der);
    let mut fields = outer.sequence().ok()?;
    outer.finish().ok()?;
    let both = [fields.integer().ok()?, fields.integer().ok()?];
    fields.finish().ok()?;
    Some(both)
}

/// The octets of a number that is not negative, without the one that only says so.
pub(super) fn magnitude(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0, magnitude @ ..] => Some(magnitude),
        [first, ..] if first & 0x80 != 0 => None,
        magnitude => Some(magnitude),
    }
}

//! Which types of leaf are accepted, chained or self-signed, and which self-signed leaves are
//! trusted: the [`Pin`]s.

use alloc::vec::Vec;
use core::str::FromStr;

use crate::certificate::{Certificate, sha256};

/// Which types of leaf may be accepted: `CertificateTypes` of .NET.
///
/// A leaf is of the self-signed type when its subject and issuer are the same name, byte for byte.
/// Where chained leaves are allowed too, one whose signature does not hold under its own key is
/// chained, unless [`dotnet_compatible`](crate::ValidatorBuilder::dotnet_compatible) lets the names
/// alone decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateTypes {
    /// Leaves that another certificate issued.
    #[default]
    Chained = 0,
    /// Leaves that signed themselves.
    SelfSigned = 1,
    /// Both.
    All = 2,
}

impl CertificateTypes {
    pub(super) const fn allow_chained(self) -> bool {
        matches!(self, Self::Chained | Self::All)
    }

    pub(super) const fn allow_self_signed(self) -> bool {
        matches!(self, Self::SelfSigned | Self::All)
    }
}

/// A self-signed certificate that is trusted, by SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pin {
    /// Of the whole certificate, with the names in it.
    Certificate([u8; 32]),
    /// Of its SubjectPublicKeyInfo: holds for a renewed certificate of the same key.
    ///
    /// **Whoever holds the key writes the names**, and may sign a certificate for somebody else's
    /// at any time. Where this pin lets somebody in, decide by the key who it is, never by a
    /// name.
    PublicKey([u8; 32]),
}

impl Pin {
    /// Pins this very certificate.
    #[must_use]
    pub fn certificate(certificate: &Certificate) -> Self {
        Self::Certificate(certificate.sha256_thumbprint())
    }

    /// Pins the key of this certificate, and none of its names: see [`Pin::PublicKey`].
    #[must_use]
    pub fn public_key(certificate: &Certificate) -> Self {
        Self::PublicKey(sha256(certificate.spki_der()))
    }
}

/// Reads `cert:HEX`, `spki:HEX` or a bare `HEX` (a certificate), 64 hexadecimal digits, in which
/// colons are passed over.
impl FromStr for Pin {
    type Err = InvalidPin;

    fn from_str(text: &str) -> Result<Self, InvalidPin> {
        let (pin, digits): (fn([u8; 32]) -> Self, _) = match text.strip_prefix("spki:") {
            Some(digits) => (Self::PublicKey, digits),
            None => (
                Self::Certificate,
                text.strip_prefix("cert:").unwrap_or(text),
            ),
        };
        let mut hash = [0; 32];
        let nibble = |c: char| u8::try_from(c.to_digit(16)?).ok();
        let mut nibbles = digits.chars().filter(|c| *c != ':').map(nibble);
        for octet in &mut hash {
            let (Some(Some(high)), Some(Some(low))) = (nibbles.next(), nibbles.next()) else {
                return Err(InvalidPin {});
            };
            *octet = high << 4 | low;
        }
        match nibbles.next() {
            None => Ok(pin(hash)),
            Some(_) => Err(InvalidPin {}),
        }
    }
}

error! {
    /// A text that is no pin.
    pub struct InvalidPin {}
        => "a pin is the SHA-256 of a certificate or, after `spki:`, of its key, \
            in 64 hexadecimal digits"
}

/// Which self-signed certificates are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SelfSignedTrust {
    Pinned(Vec<Pin>),
    /// Any: everybody can make one.
    Any,
}

impl Default for SelfSignedTrust {
    fn default() -> Self {
        Self::Pinned(Vec::new())
    }
}

impl SelfSignedTrust {
    /// Adds pins; where any certificate is trusted they add nothing.
    pub(super) fn pin(&mut self, more: impl IntoIterator<Item = Pin>) {
        if let Self::Pinned(pins) = self {
            pins.extend(more);
        }
    }

    /// Is no certificate trusted?
    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn holds(&self, certificate: &Certificate) -> bool {
        matches!(self, Self::Any) || self.pin_of(certificate).is_some()
    }

    /// The pin of this certificate: of the whole of it where there is one, since that says more.
    pub(super) fn pin_of(&self, certificate: &Certificate) -> Option<Pin> {
        let Self::Pinned(pins) = self else {
            return None;
        };
        let candidates = [Pin::certificate(certificate), Pin::public_key(certificate)];
        candidates.into_iter().find(|pin| pins.contains(pin))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn pins_as_text() {
        let digits = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
        let hash: [u8; 32] = core::array::from_fn(|i| (i % 16 * 17) as u8);
        assert_eq!(digits.parse(), Ok(Pin::Certificate(hash)));
        assert_eq!(format!("cert:{digits}").parse(), Ok(Pin::Certificate(hash)));
        assert_eq!(format!("spki:{digits}").parse(), Ok(Pin::PublicKey(hash)));
        let colons: alloc::vec::Vec<&str> = digits
            .as_bytes()
            .chunks(2)
            .map(|c| str::from_utf8(c).unwrap())
            .collect();
        assert_eq!(colons.join(":").parse(), Ok(Pin::Certificate(hash)));
        for bad in [
            "",
            "00",
            &digits[1..],
            &format!("{digits}0"),
            &digits.replace('f', "g"),
            "sha1:00",
        ] {
            assert_eq!(bad.parse::<Pin>(), Err(InvalidPin {}), "{bad}");
        }
    }
}

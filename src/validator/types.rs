//! Which types of leaf are accepted, chained or self-signed, and which self-signed leaves are
//! trusted: the [`Pin`]s.

use alloc::vec::Vec;
use core::str::FromStr;

use crate::certificate::{Certificate, sha256};

/// Which types of leaf may be accepted: .NET's `CertificateTypes`.
///
/// A leaf is self-signed if its subject and issuer are the same, byte for byte. If chained leaves
/// are allowed too, a leaf whose signature does not verify with its own key is chained, unless
/// [`dotnet_compatible`](crate::ValidatorBuilder::dotnet_compatible) lets the names alone decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateTypes {
    /// Leaves that another certificate issued.
    #[default]
    Chained = 0,
    /// Leaves that are signed with their own key.
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

/// The SHA-256 hash of a self-signed certificate that is trusted, or of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pin {
    /// The hash of the whole certificate, including its names.
    Certificate([u8; 32]),
    /// The hash of its SubjectPublicKeyInfo. It also matches a renewed certificate with the same
    /// key.
    ///
    /// **The holder of the key chooses the names**, and can at any time sign a certificate with
    /// someone else's. If a client is accepted by this pin, identify it by the key, never by a
    /// name.
    PublicKey([u8; 32]),
}

impl Pin {
    /// Pins this certificate.
    #[must_use]
    pub fn certificate(certificate: &Certificate) -> Self {
        Self::Certificate(certificate.sha256_thumbprint())
    }

    /// Pins the key of this certificate but not its names: see [`Pin::PublicKey`].
    #[must_use]
    pub fn public_key(certificate: &Certificate) -> Self {
        Self::PublicKey(sha256(certificate.spki_der()))
    }
}

/// Parses `cert:HEX`, `spki:HEX` or `HEX` (a certificate) with 64 hexadecimal digits. Colons are
/// ignored.
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
    /// A text is not a pin.
    pub struct InvalidPin {}
        => "a pin is the SHA-256 of a certificate or, after `spki:`, of its key, \
            in 64 hexadecimal digits"
}

/// Which self-signed certificates are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SelfSignedTrust {
    Pinned(Vec<Pin>),
    /// Any one. Anyone can create one.
    Any,
}

impl Default for SelfSignedTrust {
    fn default() -> Self {
        Self::Pinned(Vec::new())
    }
}

impl SelfSignedTrust {
    /// Adds pins. They have no effect if any certificate is trusted.
    pub(super) fn pin(&mut self, more: impl IntoIterator<Item = Pin>) {
        if let Self::Pinned(pins) = self {
            pins.extend(more);
        }
    }

    /// Whether no certificate is trusted.
    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn holds(&self, certificate: &Certificate) -> bool {
        matches!(self, Self::Any) || self.pin_of(certificate).is_some()
    }

    /// The pin that matches this certificate, preferably one of the whole certificate, since that
    /// also covers the names.
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

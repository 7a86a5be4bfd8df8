//! Object identifiers as they are on the wire, and those that this crate knows.

use core::fmt;

use const_oid::ObjectIdentifier;

/// `id-kp-serverAuth`: the holder is a TLS server (RFC 5280 section 4.2.1.12).
pub const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");

/// `id-kp-clientAuth`: the holder is a TLS client (RFC 5280 section 4.2.1.12).
pub const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

/// `id-kp-codeSigning`: the holder signs programs (RFC 5280 section 4.2.1.12).
pub const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");

/// `id-kp-emailProtection`: the holder protects e-mail (RFC 5280 section 4.2.1.12).
pub const EMAIL_PROTECTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4");

/// `id-kp-timeStamping`: the holder binds data to a time (RFC 5280 section 4.2.1.12).
pub const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// `id-kp-OCSPSigning`: the holder may answer for the CA that issued its certificate (RFC 6960
/// section 4.2.2.2).
pub const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");

/// `anyExtendedKeyUsage` (RFC 5280 section 4.2.1.12).
pub const ANY_EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// `anyPolicy` (RFC 5280 section 4.2.1.4).
pub const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");

/// An OBJECT IDENTIFIER: its content octets, borrowed from the certificate.
///
/// Equality is equality of octets, which for DER is equality of identifiers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid<'a>(&'a [u8]);

impl<'a> Oid<'a> {
    /// From content octets that [`crate::der::is_oid`] holds for.
    pub(crate) const fn new(content: &'a [u8]) -> Self {
        Self(content)
    }

    /// The content octets.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// An owned identifier; `None` when it is longer than [`ObjectIdentifier`] can hold.
    #[must_use]
    pub fn to_owned(&self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_bytes(self.0).ok()
    }
}

impl PartialEq<ObjectIdentifier> for Oid<'_> {
    fn eq(&self, other: &ObjectIdentifier) -> bool {
        self.0 == other.as_bytes()
    }
}

impl<'a> From<&'a ObjectIdentifier> for Oid<'a> {
    fn from(oid: &'a ObjectIdentifier) -> Self {
        Self(oid.as_bytes())
    }
}

impl fmt::Display for Oid<'_> {
    /// Dotted decimal; an arc beyond 128 bits is shown as `?`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arc = Some(0u128);
        let mut first = true;
        for &octet in self.0 {
            arc = arc.and_then(|a| Some(a.checked_mul(128)? | u128::from(octet & 0x7f)));
            if octet & 0x80 != 0 {
                continue;
            }
            match (first, arc) {
                (true, Some(a)) => {
                    let root = (a / 40).min(2);
                    write!(f, "{root}.{}", a - root * 40)?;
                }
                (false, Some(a)) => write!(f, ".{a}")?,
                (_, None) => f.write_str(if first { "?" } else { ".?" })?,
            }
            first = false;
            arc = Some(0);
        }
        Ok(())
    }
}

impl fmt::Debug for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn dotted_text() {
        for text in [
            "1.3.6.1.5.5.7.3.2",
            "2.5.29.32.0",
            "0.9.2342.19200300.100.1.25",
        ] {
            let owned = ObjectIdentifier::new_unwrap(text);
            assert_eq!(Oid::from(&owned).to_string(), text);
            assert_eq!(Oid::from(&owned), owned);
            assert_eq!(Oid::from(&owned).to_owned(), Some(owned));
        }
    }

    #[test]
    fn second_arcs_above_39_belong_to_2() {
        assert_eq!(Oid::new(&[0x88, 0x37, 0x01]).to_string(), "2.999.1");
    }

    #[test]
    fn an_endless_arc_is_shown_as_unknown() {
        let mut octets = alloc::vec![0x55];
        octets.extend([0xff; 30]);
        octets.push(0x01);
        assert_eq!(Oid::new(&octets).to_string(), "2.5.?");
    }
}

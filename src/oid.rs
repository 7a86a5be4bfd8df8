//! Object identifiers as they are on the wire, and those that this crate knows.
//!
//! Those of extensions stand in the table of `certificate/extensions`.

use core::fmt;

use const_oid::ObjectIdentifier;

/// Defines identifiers by their dotted form.
macro_rules! identifiers {
    ($($(#[$doc:meta])* $visibility:vis $name:ident = $text:literal;)*) => {
        $($(#[$doc])*
        $visibility const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($text);)*
    };
}

identifiers! {
    /// `id-kp-serverAuth`: the holder is a TLS server (RFC 5280 section 4.2.1.12).
    pub SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    /// `id-kp-clientAuth`: the holder is a TLS client (RFC 5280 section 4.2.1.12).
    pub CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    /// `id-kp-codeSigning`: the holder signs programs (RFC 5280 section 4.2.1.12).
    pub CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    /// `id-kp-emailProtection`: the holder protects e-mail (RFC 5280 section 4.2.1.12).
    pub EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4";
    /// `id-kp-timeStamping`: the holder binds data to a time (RFC 5280 section 4.2.1.12).
    pub TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    /// `id-kp-OCSPSigning`: the holder may answer for the CA that issued its certificate (RFC 6960
    /// section 4.2.2.2).
    pub OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    /// `anyExtendedKeyUsage` (RFC 5280 section 4.2.1.12).
    pub ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
    /// The holder signs precertificates (RFC 6962 section 3.1).
    pub(crate) PRECERTIFICATE_SIGNING = "1.3.6.1.4.1.11129.2.4.4";

    /// `id-ce-noRevAvail` (RFC 9608 section 2).
    pub(crate) NO_REV_AVAIL = "2.5.29.56";

    /// `anyPolicy` (RFC 5280 section 4.2.1.4).
    pub ANY_POLICY = "2.5.29.32.0";
    /// `id-qt-cps`, a policy qualifier: a pointer to the issuer's practice statement.
    pub(crate) PRACTICE_STATEMENT = "1.3.6.1.5.5.7.2.1";
    /// `id-qt-unotice`, a policy qualifier: a text to be shown.
    pub(crate) USER_NOTICE = "1.3.6.1.5.5.7.2.2";

    /// `id-ad-ocsp`, an access method (RFC 5280 section 4.2.2.1).
    pub(crate) OCSP_ACCESS = "1.3.6.1.5.5.7.48.1";
    /// `id-ad-caIssuers`, an access method (RFC 5280 section 4.2.2.1).
    pub(crate) CA_ISSUERS_ACCESS = "1.3.6.1.5.5.7.48.2";

    /// The user principal name of Active Directory, an otherName.
    pub(crate) UPN = "1.3.6.1.4.1.311.20.2.3";
    /// `id-on-SmtpUTF8Mailbox`, an otherName (RFC 9598).
    pub(crate) SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9";
}

/// Types of the attributes of names, as content octets.
pub(crate) mod attribute_types {
    /// X.520, 2.5.4: what comes before the last arc.
    pub(crate) const X520: &[u8] = &[0x55, 0x04];
    /// RFC 1274 and RFC 4524, 0.9.2342.19200300.100.1: what comes before the last arc.
    pub(crate) const PILOT: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01];
    /// PKCS #9 (RFC 2985), 1.2.840.113549.1.9: what comes before the last arc.
    pub(crate) const PKCS9: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09];
    /// Jurisdictions of the EV guidelines, 1.3.6.1.4.1.311.60.2.1: what comes before the last arc.
    pub(crate) const JURISDICTION: &[u8] =
        &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x3c, 0x02, 0x01];

    pub(crate) const COMMON_NAME: &[u8] = &[0x55, 0x04, 3];
    pub(crate) const SERIAL_NUMBER: &[u8] = &[0x55, 0x04, 5];
    pub(crate) const COUNTRY: &[u8] = &[0x55, 0x04, 6];
    pub(crate) const LOCALITY: &[u8] = &[0x55, 0x04, 7];
    pub(crate) const STATE: &[u8] = &[0x55, 0x04, 8];
    pub(crate) const ORGANIZATION: &[u8] = &[0x55, 0x04, 10];
    pub(crate) const ORGANIZATIONAL_UNIT: &[u8] = &[0x55, 0x04, 11];
    pub(crate) const EMAIL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 1];
    pub(crate) const USER_ID: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 1];
    pub(crate) const DOMAIN_COMPONENT: &[u8] =
        &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 25];
}

/// Algorithms, each as a value and as content octets that a `match` can take.
pub(crate) mod algorithms {
    use const_oid::ObjectIdentifier;

    macro_rules! algorithms {
        ($($name:ident = $text:literal;)*) => {
            identifiers! { $(pub(crate) $name = $text;)* }

            pub(crate) mod octets {
                $(pub(crate) const $name: &[u8] = super::$name.as_bytes();)*
            }
        };
    }

    algorithms! {
        // RFC 8017, RFC 4055
        RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
        MD2_WITH_RSA = "1.2.840.113549.1.1.2";
        MD4_WITH_RSA = "1.2.840.113549.1.1.3";
        MD5_WITH_RSA = "1.2.840.113549.1.1.4";
        SHA1_WITH_RSA = "1.2.840.113549.1.1.5";
        MGF1 = "1.2.840.113549.1.1.8";
        RSASSA_PSS = "1.2.840.113549.1.1.10";
        SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
        SHA384_WITH_RSA = "1.2.840.113549.1.1.12";
        SHA512_WITH_RSA = "1.2.840.113549.1.1.13";
        // RFC 5480, RFC 5758
        EC_PUBLIC_KEY = "1.2.840.10045.2.1";
        SECP256R1 = "1.2.840.10045.3.1.7";
        SECP384R1 = "1.3.132.0.34";
        SECP521R1 = "1.3.132.0.35";
        ECDSA_WITH_SHA1 = "1.2.840.10045.4.1";
        ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
        ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3";
        ECDSA_WITH_SHA512 = "1.2.840.10045.4.3.4";
        // RFC 8410
        ED25519 = "1.3.101.112";
        // RFC 9881
        ML_DSA_44 = "2.16.840.1.101.3.4.3.17";
        ML_DSA_65 = "2.16.840.1.101.3.4.3.18";
        ML_DSA_87 = "2.16.840.1.101.3.4.3.19";
        // RFC 3279, RFC 5758
        DSA = "1.2.840.10040.4.1";
        DSA_WITH_SHA1 = "1.2.840.10040.4.3";
        DSA_WITH_SHA224 = "2.16.840.1.101.3.4.3.1";
        DSA_WITH_SHA256 = "2.16.840.1.101.3.4.3.2";
        // Hashes
        SHA1 = "1.3.14.3.2.26";
        SHA256 = "2.16.840.1.101.3.4.2.1";
        SHA384 = "2.16.840.1.101.3.4.2.2";
        SHA512 = "2.16.840.1.101.3.4.2.3";
    }
}

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

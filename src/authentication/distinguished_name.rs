//! A distinguished name (RFC 5280 section 4.1.2.4), attribute by attribute.
//!
//! Code that splits text such as `CN=a, O=b` takes a value with a comma for two attributes. Here
//! each attribute is a separate value, the most specific first. Values that are not text are
//! skipped. Values are [`EscapedText`], because the issuer of the certificate chose them.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use super::escaped_text::EscapedText;
use crate::certificate::{Attribute, Name};
use crate::oid::attribute_types as types;

macro_rules! attributes {
    ($($(#[$doc:meta])* $which:ident $name:ident: $type:ident;)*) => {
        impl<'a> DistinguishedName<'a> {
            $(attributes!(@$which $(#[$doc])* $name $type);)*
        }
    };
    (@first $(#[$doc:meta])* $name:ident $type:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self) -> Option<EscapedText<Cow<'a, str>>> {
            self.first(types::$type).map(EscapedText::new)
        }
    };
    (@all $(#[$doc:meta])* $name:ident $type:ident) => {
        $(#[$doc])*
        pub fn $name(&self) -> impl Iterator<Item = EscapedText<Cow<'a, str>>> + use<'a> {
            self.all(types::$type).map(EscapedText::new)
        }
    };
}

attributes! {
    /// The most specific common name.
    first common_name: COMMON_NAME;
    /// The most specific organization.
    first organization: ORGANIZATION;
    /// The organizational units, the most specific first.
    all organizational_units: ORGANIZATIONAL_UNIT;
    /// The country: two letters if the issuer followed the standard.
    first country: COUNTRY;
    /// The state or province.
    first state: STATE;
    /// The locality.
    first locality: LOCALITY;
    /// The serial number of the subject (2.5.4.5), not of the certificate.
    first serial_number: SERIAL_NUMBER;
    /// The mailbox (PKCS #9 emailAddress).
    first email: EMAIL;
    /// The user identifier (0.9.2342.19200300.100.1.1).
    first user_id: USER_ID;
    /// The domain components, the most specific first: `example`, `com`.
    all domain_components: DOMAIN_COMPONENT;
}

/// A subject or issuer, attribute by attribute. `Display` writes it in the form of RFC 4514,
/// escaped. The values are [`EscapedText`], which displays them escaped and compares the raw text.
#[derive(Clone, Copy, Debug)]
pub struct DistinguishedName<'a>(Name<'a>);

impl<'a> DistinguishedName<'a> {
    /// The name as encoded in the certificate.
    #[must_use]
    pub const fn name(&self) -> Name<'a> {
        self.0
    }

    /// All attributes, the most specific first. [`Attribute::text`] is **raw**.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        // DER cannot be read backwards.
        let attributes: Vec<_> = self.0.attributes().collect();
        attributes.into_iter().rev()
    }

    /// The values of an attribute type, the most specific first. `oid` is in dotted form.
    ///
    /// ```
    /// use portcullis::Certificate;
    /// use portcullis::authentication::DistinguishedName;
    ///
    /// let leaf = Certificate::from_pem(include_bytes!("../../testdata/chains/good-d2.pem"))?;
    /// let subject = DistinguishedName::from(leaf.subject());
    /// assert_eq!(subject.values("2.5.4.3").next(), subject.common_name());
    /// # Ok::<(), portcullis::InputError>(())
    /// ```
    pub fn values(&self, oid: &str) -> impl Iterator<Item = EscapedText<Cow<'a, str>>> + use<'a> {
        let oid = const_oid::ObjectIdentifier::new(oid).ok();
        let attributes = self.attributes();
        let of_type = attributes.filter(move |a| oid.is_some_and(|oid| a.oid == oid));
        of_type.filter_map(|attribute| attribute.text().map(EscapedText::new))
    }

    /// The most specific value of a type, raw. `oid` is its content octets.
    pub(super) fn first(&self, oid: &'static [u8]) -> Option<Cow<'a, str>> {
        self.all(oid).next()
    }

    fn all(&self, oid: &'static [u8]) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        let of_type = self.attributes().filter(move |a| a.oid.as_bytes() == oid);
        of_type.filter_map(|attribute| attribute.text())
    }
}

impl<'a> From<Name<'a>> for DistinguishedName<'a> {
    fn from(name: Name<'a>) -> Self {
        Self(name)
    }
}

impl fmt::Display for DistinguishedName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::super::testing::{C, CN, DC, O, OU, UID, name};
    use super::*;

    #[test]
    fn each_attribute_is_a_value_of_its_own() {
        let der = name(&[
            (C, "NL"),
            (O, "a, CN=admin"),
            (OU, "x"),
            (OU, "y"),
            (UID, "u1"),
            (CN, "first"),
            (CN, "last"),
        ]);
        let subject = DistinguishedName::from(Name::from_der(&der).unwrap());
        assert_eq!(subject.common_name().unwrap(), "last");
        assert_eq!(subject.organization().unwrap(), "a, CN=admin");
        let units: Vec<_> = subject.organizational_units().collect();
        assert_eq!(units, ["y", "x"]);
        assert_eq!(subject.country().unwrap(), "NL");
        assert_eq!(subject.user_id().unwrap(), "u1");
        assert_eq!(subject.locality().or(subject.state()), None);
        assert_eq!(subject.email().or(subject.serial_number()), None);
        let all: Vec<_> = subject.values("2.5.4.3").collect();
        assert_eq!(all, ["last", "first"]);
        assert_eq!(subject.values("no identifier").count(), 0);
        assert_eq!(subject.attributes().count(), 7);
        assert_eq!(subject.to_string(), subject.name().to_string());
    }

    #[test]
    fn domains_read_as_they_are_written() {
        let der = name(&[(DC, "com"), (DC, "example")]);
        let subject = DistinguishedName::from(Name::from_der(&der).unwrap());
        let labels = subject.domain_components().map(EscapedText::raw);
        let labels: Vec<_> = labels.collect();
        assert_eq!(labels.join("."), "example.com");
    }
}

//! A distinguished name, attribute by attribute.
//!
//! Text such as `CN=a, O=b` invites being searched and cut, and a value with a comma in it then is
//! two attributes. Here each attribute is a value of its own, the most specific first. A value that
//! is no text is passed over, never replaced. Values are [`EscapedText`]: whoever issued the
//! certificate chose them.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use super::escaped_text::EscapedText;
use crate::certificate::{Attribute, Name};
use crate::oid::attribute_types as types;

/// A subject or issuer, attribute by attribute. `Display` shows it in the form of RFC 4514,
/// escaped; the values are [`EscapedText`], which shows them escaped and compares them as they are.
#[derive(Clone, Copy, Debug)]
pub struct DistinguishedName<'a>(Name<'a>);

impl<'a> DistinguishedName<'a> {
    pub(super) const fn new(name: Name<'a>) -> Self {
        Self(name)
    }

    /// The name as it stands in the certificate.
    #[must_use]
    pub const fn name(&self) -> Name<'a> {
        self.0
    }

    /// All attributes, the most specific first. [`Attribute::text`] is **raw**.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        self.attributes_reversed().into_iter()
    }

    /// The values of an attribute type, the most specific first; `oid` is in dotted form.
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
        let of_type = self
            .attributes_reversed()
            .into_iter()
            .filter(move |attribute| {
                oid.as_ref()
                    .is_some_and(|oid| attribute.oid.as_bytes() == oid.as_bytes())
            });
        of_type.filter_map(|attribute| attribute.text().map(EscapedText::new))
    }

    /// The most specific common name.
    #[must_use]
    pub fn common_name(&self) -> Option<EscapedText<Cow<'a, str>>> {
        self.first(types::COMMON_NAME).map(EscapedText::new)
    }

    /// The most specific organization.
    #[must_use]
    pub fn organization(&self) -> Option<EscapedText<Cow<'a, str>>> {
        self.first(types::ORGANIZATION).map(EscapedText::new)
    }

    /// The organizational units, the most specific first.
    pub fn organizational_units(
        &self,
    ) -> impl Iterator<Item = EscapedText<Cow<'a, str>>> + use<'a> {
        self.all(types::ORGANIZATIONAL_UNIT).map(EscapedText::new)
    }

    /// The country, two letters where the issuer kept to the rules.
    #[must_use]
    pub fn country(&self) -> Option<EscapedText<Cow<'a, str>>> {
        self.first(types::COUNTRY).map(EscapedText::new)
    }

    /// The state or province.
    #[must_use]
    pub fn state(&self) -> Option<EscapedText<Cow<'a, str>>> {
        self.first(types::STATE).map(EscapedText::new)
    }

    /// The locality.
    #[must_use]
    pub fn locality(&self) -> Option<EscapedText<Cow<'a, str>>> {
        self.first(types::LOCALITY).map(EscapedText::new)
    }

    /// The serial number of the holder (2.5.4.5), which is not that of the certificate.
    #[must_use]
    pub fn serial_number(&self) -> Option<EscapedText<Cow<'a, str>>> {
        self.first(types::SERIAL_NUMBER).map(EscapedText::new)
    }

    /// The mailbox (PKCS #9 emailAddress).
    #[must_use]
    pub fn email(&self) -> Option<EscapedText<Cow<'a, str>>> {
        self.first(types::EMAIL).map(EscapedText::new)
    }

    /// The user identifier (0.9.2342.19200300.100.1.1).
    #[must_use]
    pub fn user_id(&self) -> Option<EscapedText<Cow<'a, str>>> {
        self.first(types::USER_ID).map(EscapedText::new)
    }

    /// The domain components, the most specific first: `example`, `com`.
    pub fn domain_components(&self) -> impl Iterator<Item = EscapedText<Cow<'a, str>>> + use<'a> {
        self.all(types::DOMAIN_COMPONENT).map(EscapedText::new)
    }

    /// The most specific value of a type, given as content octets; raw.
    pub(super) fn first(&self, oid: &'static [u8]) -> Option<Cow<'a, str>> {
        self.all(oid).next()
    }

    fn all(&self, oid: &'static [u8]) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        let attributes = self.attributes_reversed().into_iter();
        attributes
            .filter(move |attribute| attribute.oid.as_bytes() == oid)
            .filter_map(|attribute| attribute.text())
    }

    /// All attributes from the last to the first. DER can't be walked backwards.
    pub(super) fn attributes_reversed(&self) -> Vec<Attribute<'a>> {
        let mut attributes: Vec<_> = self.0.attributes().collect();
        attributes.reverse();
        attributes
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

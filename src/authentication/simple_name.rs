//! The "simple name" of a certificate, which becomes the principal's name. It follows .NET on Linux
//! (`X509NameType.SimpleName`), including its quirks.
//!
//! It is the most specific common name. If there is none, it is an organizational unit, an
//! organization, an e-mail address or the most specific attribute of any other type, in this order,
//! but only if there is an attribute of another type: a subject with only those three types gives
//! no name. Of several units, organizations or addresses, the most general one is used. Otherwise
//! it is the first mailbox among the alternative names.

use alloc::string::{String, ToString};

use super::distinguished_name::DistinguishedName;
use crate::certificate::{Attribute, GeneralNames};
use crate::oid::attribute_types;

/// The simple name, if there is one.
pub(super) fn simple_name(
    subject: &DistinguishedName<'_>,
    names: Option<GeneralNames<'_>>,
) -> Option<String> {
    of_subject(subject).or_else(|| {
        let mailbox = names?.rfc822_names().next()?;
        Some(mailbox.to_string())
    })
}

fn of_subject(subject: &DistinguishedName<'_>) -> Option<String> {
    let (mut unit, mut organization, mut email, mut other) = (None, None, None, None);
    for attribute in subject.attributes() {
        match attribute.oid.as_bytes() {
            attribute_types::COMMON_NAME => return text(&attribute),
            attribute_types::ORGANIZATIONAL_UNIT => unit = Some(attribute),
            attribute_types::ORGANIZATION => organization = Some(attribute),
            attribute_types::EMAIL => email = Some(attribute),
            _ => other = other.or(Some(attribute)),
        }
    }
    let other = other?;
    let chosen = unit.or(organization).or(email).unwrap_or(other);
    text(&chosen)
}

fn text(attribute: &Attribute<'_>) -> Option<String> {
    attribute.text().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{C, CN, E, O, OU, UID, name, tlv};
    use super::*;
    use crate::certificate::Name;

    fn of(attributes: &[(&[u8], &str)]) -> Option<String> {
        let der = name(attributes);
        let subject = DistinguishedName::from(Name::from_der(&der).unwrap());
        simple_name(&subject, None)
    }

    #[test]
    fn the_most_specific_common_name_wins() {
        assert_eq!(of(&[(CN, "a"), (OU, "u"), (CN, "b")]).unwrap(), "b");
        assert_eq!(of(&[(CN, "a"), (UID, "u")]).unwrap(), "a");
        // Even if it is empty.
        assert_eq!(of(&[(C, "NL"), (O, "o"), (CN, "")]).unwrap(), "");
    }

    #[test]
    fn without_one_another_attribute_must_be_there() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(O, "o"), (OU, "u"), (E, "m@x")]), None);
        assert_eq!(of(&[(O, "o"), (OU, "u"), (C, "NL")]).unwrap(), "u");
        assert_eq!(of(&[(C, "NL"), (E, "m@x"), (O, "o")]).unwrap(), "o");
        assert_eq!(of(&[(C, "NL"), (E, "m@x")]).unwrap(), "m@x");
        assert_eq!(of(&[(C, "NL"), (OU, "u1"), (OU, "u2")]).unwrap(), "u1");
        assert_eq!(of(&[(C, "NL"), (UID, "u")]).unwrap(), "u");
    }

    #[test]
    fn a_mailbox_stands_in() {
        let mailboxes = [
            tlv(0x82, b"a.example"),
            tlv(0x81, b"m@x"),
            tlv(0x81, b"n@x"),
        ];
        let names = tlv(0x30, &mailboxes.concat());
        let names = GeneralNames::from_der(&names).ok();
        let der = name(&[(OU, "unit")]);
        let unit = DistinguishedName::from(Name::from_der(&der).unwrap());
        assert_eq!(simple_name(&unit, names).unwrap(), "m@x");
        let der = name(&[(C, "NL")]);
        let country = DistinguishedName::from(Name::from_der(&der).unwrap());
        assert_eq!(simple_name(&country, names).unwrap(), "NL");
    }
}

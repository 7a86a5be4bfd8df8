//! The "simple name" that .NET on Linux gives a certificate, which becomes the principal's name.
//!
//! The most specific common name wins. Without one it is an organizational unit, an organization, an e-mail address or the
//! most specific attribute of any other type, in this order, but only if there is an attribute of another type at all: a
//! subject that is made of the three alone gives no name. Of several units, organizations or addresses the most general
//! wins. Failing all, it is the first mailbox among the alternative names. The quirks are recorded, not meant.

use alloc::string::{String, ToString};

use super::distinguished_name::{DistinguishedName, attribute_types};
use crate::certificate::{Attribute, GeneralNames};

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
    for attribute in subject.attributes_reversed() {
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

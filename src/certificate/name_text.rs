//! Names as text, for people and for claims.
//!
//! [`Rfc4514`] is the standard's form, and what errors show. It escapes control characters too, so
//! that a name can't forge a line of a log. [`Dotnet`] is what .NET gives as a certificate's
//! subject and issuer, character for character: its own names for common attribute types, OpenSSL's
//! long names for others, quotes in place of escapes.
//!
//! Both put the most specific RDN first and write as they read. An adapter writes the whole name,
//! because two names must not become one claim; a precision (`{:.200}`) cuts it after so many
//! characters and shows that with `…`. `Display` of [`Name`] itself is for messages, RFC 4514 cut
//! at [`MESSAGE_LIMIT`].

use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::{
    name::{Attribute, Name},
    string::{self, Chars, Teletex},
    thumbprint::Hex,
};
use crate::der::tag;
use crate::oid::attribute_types as types;

/// How many characters of a name `Display` of [`Name`] shows. A usual name has 50 to 200, and
/// ub-name (RFC 5280 appendix A.1) would allow 32,768.
pub const MESSAGE_LIMIT: usize = 4096;

impl<'a> Name<'a> {
    /// The text of RFC 4514: `CN=client,OU=Unit\, first,O=Org,C=NL`.
    #[must_use]
    pub const fn rfc4514(&self) -> Rfc4514<'a> {
        Rfc4514(*self)
    }

    /// The text that .NET gives: `CN=client, OU="Unit, first", O=Org, C=NL`.
    #[must_use]
    pub const fn dotnet(&self) -> Dotnet<'a> {
        Dotnet(*self)
    }
}

impl fmt::Display for Name<'_> {
    /// RFC 4514, at most [`MESSAGE_LIMIT`] characters of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = f.precision().unwrap_or(MESSAGE_LIMIT).min(MESSAGE_LIMIT);
        bounded(f, limit, |out| write_rfc4514(self, out))
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

/// A name in the form of RFC 4514, made by [`Name::rfc4514`]; a precision limits its characters.
#[derive(Clone, Copy, Debug)]
pub struct Rfc4514<'a>(Name<'a>);

impl fmt::Display for Rfc4514<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = f.precision().unwrap_or(usize::MAX);
        bounded(f, limit, |out| write_rfc4514(&self.0, out))
    }
}

/// A name in .NET's form, made by [`Name::dotnet`]; a precision limits its characters.
#[derive(Clone, Copy, Debug)]
pub struct Dotnet<'a>(Name<'a>);

impl fmt::Display for Dotnet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = f.precision().unwrap_or(usize::MAX);
        bounded(f, limit, |out| write_dotnet(&self.0, out))
    }
}

fn write_rfc4514(name: &Name<'_>, out: &mut dyn Write) -> fmt::Result {
    write_joined(name, [",", "+"], out, |attribute, out| {
        let name = rfc4514_name(attribute.oid.as_bytes());
        match name {
            Some(name) => write!(out, "{name}=")?,
            None => write!(out, "{}=", attribute.oid)?,
        }
        // Section 2.4: a type without a name has its value in hexadecimal, text or not.
        match string::chars(attribute.tag, attribute.value).filter(|_| name.is_some()) {
            Some(chars) => write_escaped(chars, out),
            None => write!(out, "#{}", Hex(attribute.value_der)),
        }
    })
}

fn write_dotnet(name: &Name<'_>, out: &mut dyn Write) -> fmt::Result {
    write_joined(name, [", ", " + "], out, |attribute, out| {
        match dotnet_name(attribute.oid.as_bytes()) {
            Some(name) => write!(out, "{name}=")?,
            None => write!(out, "OID.{}=", attribute.oid)?,
        }
        match dotnet_chars(attribute) {
            Some(chars) => write_quoted(chars, out),
            None => write!(out, "#{}", Hex(attribute.value_der)),
        }
    })
}

/// Writes each attribute, the last RDN first, with separators between RDNs and between the
/// attributes of one.
fn write_joined(
    name: &Name<'_>,
    [between_rdns, within_rdn]: [&str; 2],
    out: &mut dyn Write,
    write_attribute: impl Fn(&Attribute<'_>, &mut dyn Write) -> fmt::Result,
) -> fmt::Result {
    let mut separator = "";
    // DER can't be walked backwards.
    let rdns: Vec<_> = name.rdns().collect();
    for rdn in rdns.into_iter().rev() {
        for attribute in rdn {
            out.write_str(separator)?;
            write_attribute(&attribute, out)?;
            separator = within_rdn;
        }
        separator = between_rdns;
    }
    Ok(())
}

/// The names of RFC 4514 section 3, and no others.
fn rfc4514_name(oid: &[u8]) -> Option<&'static str> {
    const NAMES: &[Names] = &[
        (types::X520, 3, "CN"),
        (types::X520, 6, "C L ST STREET O OU"),
        (types::PILOT, 1, "UID"),
        (types::PILOT, 25, "DC"),
    ];
    name_in(NAMES, oid)
}

/// The escapes of RFC 4514 section 2.4; that section allows any further character to be escaped by
/// its UTF-8 octets, which happens to those that move text about or end a line.
fn write_escaped(chars: Chars<'_>, out: &mut dyn Write) -> fmt::Result {
    let mut chars = chars.peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        let last = chars.peek().is_none();
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => write!(out, "\\{c}")?,
            '#' if first => out.write_str("\\#")?,
            ' ' if first || last => out.write_str("\\ ")?,
            _ if c.is_control() || is_invisible(c) => {
                for octet in c.encode_utf8(&mut [0; 4]).bytes() {
                    write!(out, "\\{octet:02X}")?;
                }
            }
            _ => out.write_char(c)?,
        }
        first = false;
    }
    Ok(())
}

/// Line and paragraph ends, zero-width characters, and those that turn the direction of writing.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

/// What .NET reads as text: no UniversalString, and a TeletexString is UTF-8 if it can be.
fn dotnet_chars<'a>(attribute: &Attribute<'a>) -> Option<Chars<'a>> {
    match attribute.tag {
        tag::UNIVERSAL_STRING => None,
        tag => string::chars(Teletex::Utf8.tag(tag, attribute.value), attribute.value),
    }
}

/// Quotes around what needs them, `"` doubled inside.
fn write_quoted(mut chars: Chars<'_>, out: &mut dyn Write) -> fmt::Result {
    if !needs_quotes(chars.clone()) {
        return chars.try_for_each(|c| out.write_char(c));
    }
    out.write_char('"')?;
    for c in chars {
        if c == '"' {
            out.write_char('"')?;
        }
        out.write_char(c)?;
    }
    out.write_char('"')
}

fn needs_quotes(chars: Chars<'_>) -> bool {
    let mut last = None;
    for c in chars {
        let first = last.is_none();
        if matches!(c, ',' | '+' | '=' | '"' | '<' | '>' | ';' | '#' | '\n') || first && is_space(c)
        {
            return true;
        }
        last = Some(c);
    }
    last.is_none_or(is_space)
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// The arcs before the last one, the first last arc, and the names from there on.
type Names = (&'static [u8], u8, &'static str);

fn name_in(table: &[Names], oid: &[u8]) -> Option<&'static str> {
    let (&number, arcs) = oid.split_last()?;
    table.iter().find_map(|&(known, first, names)| {
        let place = number.checked_sub(first).filter(|_| arcs == known)?;
        names.split(' ').nth(usize::from(place))
    })
}

/// .NET's names, then OpenSSL's long names.
fn dotnet_name(oid: &[u8]) -> Option<&'static str> {
    name_in(DOTNET_NAMES, oid)
}

/// From X.520, RFC 1274 and RFC 4524, PKCS #9 (RFC 2985), the CA/Browser Forum's EV guidelines, and
/// for Russian registration numbers.
#[rustfmt::skip]
const DOTNET_NAMES: &[Names] = &[
    (types::X520, 3,
        "CN SN SERIALNUMBER C L S STREET O OU T Description searchGuide businessCategory \
         postalAddress PostalCode POBox physicalDeliveryOfficeName Phone telexNumber \
         teletexTerminalIdentifier facsimileTelephoneNumber x121Address \
         internationaliSDNNumber registeredAddress destinationIndicator \
         preferredDeliveryMethod presentationAddress supportedApplicationContext member owner \
         roleOccupant seeAlso userPassword userCertificate cACertificate \
         authorityRevocationList certificateRevocationList crossCertificatePair name G I \
         generationQualifier x500UniqueIdentifier dnQualifier enhancedSearchGuide \
         protocolInformation distinguishedName uniqueMember houseIdentifier \
         supportedAlgorithms deltaRevocationList dmdName"),
    (types::X520, 65, "pseudonym"),
    (types::X520, 72, "role"),
    (types::X520, 97, "organizationIdentifier countryCode3c countryCode3n dnsName"),
    (types::PILOT, 1,
        "userId textEncodedORAddress rfc822Mailbox info favouriteDrink roomNumber photo \
         userClass host manager"),
    (types::PILOT, 20, "homeTelephoneNumber secretary otherMailbox"),
    (types::PILOT, 25, "DC"),
    (types::PILOT, 37, "associatedDomain associatedName homePostalAddress personalTitle \
         mobileTelephoneNumber pagerTelephoneNumber friendlyCountryName uniqueIdentifier \
         organizationalStatus"),
    (types::PILOT, 48, "buildingName"),
    (types::PKCS9, 1, "E unstructuredName"),
    (types::PKCS9, 7, "challengePassword unstructuredAddress"),
    (types::PKCS9, 20, "friendlyName"),
    (types::JURISDICTION, 1,
        "jurisdictionLocalityName jurisdictionStateOrProvinceName jurisdictionCountryName"),
    (&[0x2a, 0x85, 0x03, 0x64], 1, "OGRN"),
    (&[0x2a, 0x85, 0x03, 0x64], 3, "SNILS"),
    (&[0x2a, 0x85, 0x03, 0x64], 5, "OGRNIP"),
    (&[0x2a, 0x85, 0x03, 0x03, 0x81, 0x03, 0x01], 1, "INN"),
];

/// Runs `write` on a writer that stops it after `limit` characters and puts `…` there.
fn bounded(
    out: &mut dyn Write,
    limit: usize,
    write: impl FnOnce(&mut dyn Write) -> fmt::Result,
) -> fmt::Result {
    let mut bounded = Bounded {
        out,
        left: limit,
        cut: false,
    };
    match write(&mut bounded) {
        // The error was only the way out of `write`.
        Err(fmt::Error) if bounded.cut => out.write_char('…'),
        result => result,
    }
}

struct Bounded<'w> {
    out: &'w mut dyn Write,
    left: usize,
    cut: bool,
}

impl Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match text.char_indices().nth(self.left) {
            None => {
                self.left -= text.chars().count();
                self.out.write_str(text)
            }
            Some((end, _)) => {
                self.left = 0;
                self.cut = true;
                self.out.write_str(text.get(..end).unwrap_or_default())?;
                Err(fmt::Error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{
        format,
        string::{String, ToString},
        vec::Vec,
    };

    use proptest::prelude::*;

    use super::super::name::build::{Ava, C, CN, DC, EMAIL, O, OU, any_name, cn, name, rdn, tlv};
    use super::*;

    const UTF8: u8 = tag::UTF8_STRING;

    fn rfc4514(der: &[u8]) -> String {
        Name::from_der(der).unwrap().rfc4514().to_string()
    }

    fn dotnet(der: &[u8]) -> String {
        Name::from_der(der).unwrap().dotnet().to_string()
    }

    fn dotted(oid: &str) -> Vec<u8> {
        const_oid::ObjectIdentifier::new_unwrap(oid)
            .as_bytes()
            .to_vec()
    }

    #[test]
    fn most_specific_first() {
        let der = name(&[
            &[(C, tag::PRINTABLE_STRING, b"NL")],
            &[(O, UTF8, b"Org"), (OU, UTF8, b"Unit")],
            &[(CN, UTF8, "näme".as_bytes())],
        ]);
        assert_eq!(rfc4514(&der), "CN=näme,O=Org+OU=Unit,C=NL");
        assert_eq!(dotnet(&der), "CN=näme, O=Org + OU=Unit, C=NL");
        assert_eq!(rfc4514(&name(&[])), "");
        assert_eq!(dotnet(&name(&[])), "");
    }

    #[test]
    fn rfc4514_escapes() {
        for (value, expected) in [
            ("", "CN="),
            (" ", "CN=\\ "),
            ("  a  ", "CN=\\  a \\ "),
            ("#a#", "CN=\\#a#"),
            (
                "a,b+c\"d\\e<f>g;h=i",
                "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h=i",
            ),
            ("a\0b\r\nc\x7f", "CN=a\\00b\\0D\\0Ac\\7F"),
            ("a\u{202e}b\u{85}", "CN=a\\E2\\80\\AEb\\C2\\85"),
            ("Lučić", "CN=Lučić"),
        ] {
            assert_eq!(rfc4514(&cn(value)), expected, "{value:?}");
        }
    }

    #[test]
    fn rfc4514_types_and_values_without_a_name() {
        let der = name(&[
            &[(DC, tag::IA5_STRING, b"example")],
            &[(EMAIL, tag::IA5_STRING, b"a@b")],
            &[(CN, tag::OCTET_STRING, b"\x01\xab")],
            &[(CN, UTF8, b"\xff")],
        ]);
        assert_eq!(
            rfc4514(&der),
            "CN=#0C01FF,CN=#040201AB,1.2.840.113549.1.9.1=#1603614062,DC=example"
        );
    }

    #[test]
    fn dotnet_quotes() {
        for (value, expected) in [
            ("", "CN=\"\""),
            ("a b", "CN=a b"),
            (" a", "CN=\" a\""),
            ("a ", "CN=\"a \""),
            ("a\t", "CN=\"a\t\""),
            ("a\tb", "CN=a\tb"),
            ("a\rb", "CN=a\rb"),
            ("a\nb", "CN=\"a\nb\""),
            ("say \"hi\"", "CN=\"say \"\"hi\"\"\""),
            ("x, CN=admin", "CN=\"x, CN=admin\""),
            ("a#b", "CN=\"a#b\""),
            ("a\\b/c", "CN=a\\b/c"),
            ("\u{a0}a", "CN=\u{a0}a"),
        ] {
            assert_eq!(dotnet(&cn(value)), expected, "{value:?}");
        }
    }

    #[test]
    fn dotnet_values() {
        let of = |tag, value: &[u8]| dotnet(&name(&[&[(CN, tag, value)]]));
        assert_eq!(of(tag::BMP_STRING, b"\0n\0\xe4"), "CN=nä");
        assert_eq!(of(tag::TELETEX_STRING, b"n\xe4m"), "CN=näm");
        assert_eq!(of(tag::TELETEX_STRING, "näm".as_bytes()), "CN=näm");
        assert_eq!(of(tag::UNIVERSAL_STRING, b"\0\0\0n"), "CN=#1C040000006E");
        assert_eq!(of(tag::SEQUENCE, b"\x0c\x01x"), "CN=#30030C0178");
    }

    #[test]
    fn dotnet_types() {
        for (oid, expected) in [
            ("2.5.4.8", "S"),
            ("2.5.4.42", "G"),
            ("2.5.4.44", "generationQualifier"),
            ("2.5.4.97", "organizationIdentifier"),
            ("2.5.4.101", "OID.2.5.4.101"),
            ("1.2.840.113549.1.9.1", "E"),
            ("1.2.840.113549.1.9.2", "unstructuredName"),
            ("0.9.2342.19200300.100.1.1", "userId"),
            ("0.9.2342.19200300.100.1.25", "DC"),
            ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionCountryName"),
            ("1.2.643.3.131.1.1", "INN"),
            ("1.2.643.100.1", "OGRN"),
            ("1.2.643.100.3", "SNILS"),
            ("1.2.643.100.5", "OGRNIP"),
            ("1.2.3.4.5", "OID.1.2.3.4.5"),
        ] {
            let oid = dotted(oid);
            let attribute: Ava<'_> = (&oid, UTF8, b"v");
            assert_eq!(dotnet(&name(&[&[attribute]])), format!("{expected}=v"));
        }
    }

    #[test]
    fn a_precision_cuts_and_says_so() {
        let der = cn("äbcdef");
        let name = Name::from_der(&der).unwrap();
        assert_eq!(format!("{:.5}", name.rfc4514()), "CN=äb…");
        assert_eq!(format!("{:.5}", name.dotnet()), "CN=äb…");
        assert_eq!(format!("{:.9}", name.dotnet()), "CN=äbcdef");
        assert_eq!(format!("{:.8}", name.dotnet()), "CN=äbcde…");
        assert_eq!(format!("{:.0}", name.dotnet()), "…");
        assert_eq!(format!("{name:.5}"), "CN=äb…");
    }

    #[test]
    fn messages_are_bounded_and_claims_are_not() {
        let rdns: Vec<u8> = (0..20_000).flat_map(|_| rdn(&[(CN, UTF8, b"a")])).collect();
        let der = tlv(tag::SEQUENCE, &rdns);
        let name = Name::from_der(&der).unwrap();
        assert_eq!(name.to_string().chars().count(), MESSAGE_LIMIT + 1);
        assert_eq!(format!("{name:?}").chars().count(), MESSAGE_LIMIT + 7);
        assert_eq!(format!("{name:.9999}").chars().count(), MESSAGE_LIMIT + 1);
        assert_eq!(name.dotnet().to_string().len(), 20_000 * 6 - 2);
    }

    proptest! {
        #[test]
        fn text_never_panics_and_keeps_to_its_precision(der in any_name(), limit in 0usize..40) {
            let name = Name::from_der(&der).unwrap();
            for (whole, cut) in [
                (name.rfc4514().to_string(), format!("{:.limit$}", name.rfc4514())),
                (name.dotnet().to_string(), format!("{:.limit$}", name.dotnet())),
            ] {
                match whole.char_indices().nth(limit) {
                    Some((end, _)) => prop_assert_eq!(cut, format!("{}…", &whole[..end])),
                    None => prop_assert_eq!(cut, whole),
                }
            }
        }

        #[test]
        fn unchecked_bytes_do_not_panic(der in proptest::collection::vec(any::<u8>(), 0..64)) {
            let name = Name::from_checked(&der);
            let _ = (name.to_string(), name.dotnet().to_string());
        }

        #[test]
        fn rfc4514_text_is_one_visible_line(value in any::<String>()) {
            let text = rfc4514(&cn(&value));
            prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
        }
    }
}

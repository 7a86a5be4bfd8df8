//! Extensions as they stand in a certificate (RFC 5280 section 4.1): which, critical or not, and
//! where its value is. None is decoded here.

use super::extensions::ExtensionKind;
use crate::der::{self, ErrorKind, Failure, Reader, tag};

/// A known extension of `id-ce`, 2.5.29, with less than 128 octets, as most are, read at one
/// glance.
pub(super) struct PlainExtension<'a> {
    pub(super) kind: ExtensionKind,
    pub(super) critical: bool,
    /// Of the value.
    pub(super) length: u32,
    /// What follows.
    pub(super) rest: &'a [u8],
}

impl<'a> PlainExtension<'a> {
    /// `None` decides nothing.
    #[inline]
    pub(super) fn read(list: &'a [u8]) -> Option<Self> {
        /// SEQUENCE, its length, OBJECT IDENTIFIER of three octets: 2.5.29, the last arc, the next
        /// tag.
        const PLAIN: u64 = 0x3000_0603_551d_0000;
        const COMPARED: u64 = 0xff00_ffff_ffff_0000;
        let &[frame @ .., a, b, c, d] = list.first_chunk::<12>()?;
        let [_, whole, .., arc, next] = frame;
        if u64::from_be_bytes(frame) & COMPARED != PLAIN || whole >= 0x80 {
            return None;
        }
        let (critical, header, length) = match (next, [a, b, c, d]) {
            (tag::OCTET_STRING, [length, ..]) => (false, 9, length),
            (tag::BOOLEAN, [1, 0xff, tag::OCTET_STRING, length]) => (true, 12, length),
            _ => return None,
        };
        // The value ends where the extension does, whose length does not count its own header. So
        // it is short as well.
        let end = 2 + usize::from(whole);
        if end != header + usize::from(length) {
            return None;
        }
        Some(Self {
            kind: ExtensionKind::from_ce_arc(arc)?,
            critical,
            length: u32::from(length),
            rest: list.get(end..)?,
        })
    }
}

/// `Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue
/// OCTET STRING }`.
pub(super) struct RawExtension<'a> {
    pub(super) oid: &'a [u8],
    pub(super) kind: Option<ExtensionKind>,
    pub(super) critical: bool,
    /// `critical FALSE` is written out, which DER forbids (X.690 section 11.5). It has one
    /// meaning.
    pub(super) says_not_critical: bool,
    pub(super) value: &'a [u8],
}

impl<'a> RawExtension<'a> {
    pub(super) fn read<E: Failure>(list: &mut Reader<'a, E>) -> Result<Self, E> {
        let mut reader = list.sequence()?;
        let oid = reader.expect(tag::OID)?;
        let kind = ExtensionKind::from_oid(oid.value);
        // The known ones are well formed.
        if kind.is_none() && !der::is_oid(oid.value) {
            return Err(oid.error(ErrorKind::BadValue));
        }
        let critical = match reader.peek_tag() {
            Some(tag::BOOLEAN) => Some(reader.boolean()?),
            _ => None,
        };
        let value = reader.expect(tag::OCTET_STRING)?;
        reader.finish()?;
        Ok(Self {
            oid: oid.value,
            kind,
            critical: critical == Some(true),
            says_not_critical: critical == Some(false),
            value: value.value,
        })
    }
}

/// Does an extension of this kind stand before `offset`? `list` starts at the first unknown one:
/// telling them apart costs as much as comparing.
pub(super) fn occurs_before<E: Failure>(mut list: Reader<'_, E>, offset: u32, oid: &[u8]) -> bool {
    while list.offset() < offset {
        let Ok(earlier) = list.element() else {
            return false;
        };
        if earlier.reader().oid().is_ok_and(|earlier| earlier == oid) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::certificate::testing::{changes, extension};

    proptest! {
        #[test]
        fn one_glance_accepts_nothing_that_is_refused(
            arc in 10u8..60,
            critical in prop_oneof![Just(None), Just(Some(0xff)), Just(Some(0))],
            changes in changes(),
        ) {
            let mut der = extension(&[0x55, 0x1d, arc], critical, &[0x30, 3, 1, 1, 0xff]);
            der.extend([5, 0]);
            for (at, octet) in changes {
                let at = at.index(der.len());
                der[at] = octet;
            }
            if let Some(plain) = PlainExtension::read(&der) {
                let mut reader = Reader::new(&der);
                let read = RawExtension::read(&mut reader).unwrap();
                prop_assert_eq!(Some(plain.kind), read.kind);
                let length = read.value.len();
                prop_assert_eq!((plain.critical, plain.length as usize), (read.critical, length));
                prop_assert_eq!(plain.rest, reader.rest());
            }
        }
    }
}

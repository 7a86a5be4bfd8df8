//! `Extension` (RFC 5280 section 4.1) as certificates, CRLs, their entries and OCSP responses carry
//! it: which, critical or not, and where its value is. No value is decoded here.

use super::extensions::ExtensionKind;
use crate::der::{self, Element, ErrorKind, ReadError, Reader, tag};
use crate::oid::Oid;

/// `Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue
/// OCTET STRING }`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawExtension<'a, E: ReadError = der::Error> {
    pub(crate) oid: Oid<'a>,
    pub(crate) critical: bool,
    /// `critical FALSE` is written out, which DER forbids (X.690 section 11.5). It has one
    /// meaning.
    pub(crate) says_not_critical: bool,
    /// The OCTET STRING.
    pub(crate) value: Element<'a, E>,
    /// Where the extension starts.
    pub(crate) offset: u32,
}

impl<'a, E: ReadError> RawExtension<'a, E> {
    pub(crate) fn read(list: &mut Reader<'a, E>) -> Result<Self, E> {
        let offset = list.offset();
        let mut fields = list.sequence()?;
        let oid = Oid::new(fields.oid()?);
        let critical = match fields.peek_tag() {
            Some(tag::BOOLEAN) => Some(fields.boolean()?),
            _ => None,
        };
        let value = fields.expect(tag::OCTET_STRING)?;
        fields.finish()?;
        Ok(Self {
            oid,
            critical: critical == Some(true),
            says_not_critical: critical == Some(false),
            value,
            offset,
        })
    }
}

/// Why a list of extensions is refused.
pub(crate) enum ListError {
    Encoding(der::Error),
    TooMany {
        /// Where the first one too many is.
        offset: u32,
    },
    Duplicate {
        /// Where the second one is.
        offset: u32,
    },
}

/// Hands each extension of `SEQUENCE SIZE (1..MAX) OF Extension` to `look`: in DER, so that
/// `critical FALSE` is refused, and none twice. Each is compared with those before it, whose number
/// `most` bounds.
pub(crate) fn each<'a, X>(
    list: &Element<'a>,
    most: usize,
    refuse: impl Fn(ListError) -> X,
    mut look: impl FnMut(&RawExtension<'a>) -> Result<(), X>,
) -> Result<(), X> {
    let encoding = |error| refuse(ListError::Encoding(error));
    let first = list.reader();
    if first.is_empty() {
        return Err(encoding(list.error(ErrorKind::BadValue)));
    }
    let mut rest = first;
    let mut left = most;
    while !rest.is_empty() {
        let offset = rest.offset();
        let Some(fewer) = left.checked_sub(1) else {
            return Err(refuse(ListError::TooMany { offset }));
        };
        left = fewer;
        let extension = RawExtension::read(&mut rest).map_err(encoding)?;
        if extension.says_not_critical {
            return Err(encoding(der::Error {
                kind: ErrorKind::EncodedDefault,
                // The BOOLEAN before it has three octets.
                offset: extension.value.offset - 3,
            }));
        }
        if occurs_before(first, offset, extension.oid) {
            return Err(refuse(ListError::Duplicate { offset }));
        }
        look(&extension)?;
    }
    Ok(())
}

/// Does an extension of this kind stand before `offset`? All before it have been read.
pub(super) fn occurs_before<E: ReadError>(
    mut list: Reader<'_, E>,
    offset: u32,
    oid: Oid<'_>,
) -> bool {
    while list.offset() < offset {
        let Ok(earlier) = list.element() else {
            return false;
        };
        let earlier = earlier.reader().expect(tag::OID);
        if earlier.is_ok_and(|earlier| earlier.value == oid.as_bytes()) {
            return true;
        }
    }
    false
}

/// A known extension of `id-ce`, 2.5.29, with less than 128 octets, as most are, read at one
/// glance.
pub(super) struct FastExtension<'a> {
    pub(super) kind: ExtensionKind,
    pub(super) critical: bool,
    /// Of the value.
    pub(super) length: u32,
    /// What follows.
    pub(super) rest: &'a [u8],
}

impl<'a> FastExtension<'a> {
    /// `None` decides nothing.
    #[inline]
    pub(super) fn read(list: &'a [u8]) -> Option<Self> {
        /// SEQUENCE, its length, OBJECT IDENTIFIER of three octets: 2.5.29, the last arc, the next
        /// tag.
        const FAST: u64 = 0x3000_0603_551d_0000;
        const COMPARED: u64 = 0xff00_ffff_ffff_0000;
        let &[frame @ .., a, b, c, d] = list.first_chunk::<12>()?;
        let [_, whole, .., arc, next] = frame;
        if u64::from_be_bytes(frame) & COMPARED != FAST || whole >= 0x80 {
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
            kind: ExtensionKind::from_oid(&[0x55, 0x1d, arc])?,
            critical,
            length: u32::from(length),
            rest: list.get(end..)?,
        })
    }
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
            if let Some(fast) = FastExtension::read(&der) {
                let mut reader = Reader::new(&der);
                let read = RawExtension::read(&mut reader).unwrap();
                prop_assert_eq!(Some(fast.kind), ExtensionKind::from_oid(read.oid.as_bytes()));
                let length = read.value.value.len();
                prop_assert_eq!((fast.critical, fast.length as usize), (read.critical, length));
                prop_assert_eq!(fast.rest, reader.rest());
            }
        }
    }
}

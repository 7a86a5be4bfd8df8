//! The two shapes that nearly all entries have, read without the general reader.
//!
//! ```text
//! SEQUENCE { INTEGER serial, UTCTime "YYMMDDHHMMSSZ" }
//! SEQUENCE { INTEGER serial, UTCTime "YYMMDDHHMMSSZ", SEQUENCE { SEQUENCE { 2.5.29.21, OCTET STRING { ENUMERATED reason } } } }
//! ```
//!
//! with all lengths below 128. What is read here is what the general reader would read; what is not decides nothing, and
//! faults are for the general reader to name. Twelve digits are looked at as two words.

use super::entry::RawEntry;
use crate::der::{is_minimal_integer, tag};
use crate::revocation::RevocationReason;
use crate::time::Time;

/// An entry of one of these shapes, checked but for its date.
pub(super) struct Plain<'a> {
    pub(super) serial: &'a [u8],
    date: &'a [u8; 12],
    reason: Option<u8>,
    /// Octets of the whole entry.
    pub(super) length: usize,
}

/// Tag and length of the date.
const DATE: [u8; 2] = [tag::UTC_TIME, 13];

/// The entry's extensions, up to the number of the reason.
const REASON: [u8; 13] = [
    0x30,
    12,
    0x30,
    10,
    tag::OID,
    3,
    0x55,
    0x1d,
    21,
    tag::OCTET_STRING,
    3,
    tag::ENUMERATED,
    1,
];

impl<'a> Plain<'a> {
    /// The entry that `input` starts with.
    #[inline]
    pub(super) fn read(input: &'a [u8]) -> Option<Self> {
        let [tag::SEQUENCE, content, tag::INTEGER, serial, ref rest @ ..] = *input else {
            return None;
        };
        let (content, serial) = (usize::from(content), usize::from(serial));
        // After the serial number: 15 octets of date, and 14 of a reason if there is one.
        let with_reason = match content.checked_sub(serial)? {
            17 => false,
            31 => true,
            _ => return None,
        };
        let (serial, rest) = rest.split_at_checked(serial)?;
        let (date, rest) = rest.split_first_chunk::<15>()?;
        let [date_tag, date_length, date @ .., b'Z'] = date else {
            return None;
        };
        let framed = content < 0x80 && [*date_tag, *date_length] == DATE;
        if !framed || !is_minimal_integer(serial) {
            return None;
        }
        let reason = if with_reason {
            let (extensions, rest) = rest.split_first_chunk()?;
            Some(
                *rest
                    .first()
                    .filter(|&&n| *extensions == REASON && n < 0x80)?,
            )
        } else {
            None
        };
        Some(Self {
            serial,
            date,
            reason,
            length: content + 2,
        })
    }

    pub(super) fn has_reason(&self) -> bool {
        self.reason.is_some()
    }

    /// Is its date one of the calendar?
    #[inline]
    pub(super) fn has_date(&self) -> bool {
        let Some(Digits { date, time }) = Digits::of(self.date) else {
            return false;
        };
        let [year, month, day, hour] = date;
        let [minute, second] = time;
        // Every fourth year from 1952 to 2048, 2000 among them, is a leap year.
        let february = 28 + u16::from(year % 4 == 0);
        let days = if month == 2 {
            february
        } else {
            30 | (month ^ (month >> 3))
        };
        let (months, days) = (month.wrapping_sub(1) < 12, day.wrapping_sub(1) < days);
        months & days & (hour < 24) & (minute < 60) & (second < 60)
    }

    /// The entry; `None` where its date is none.
    pub(super) fn view(&self) -> Option<RawEntry<'a>> {
        let Digits { date, time } = Digits::of(self.date)?;
        let [year, month, day, hour] = date;
        let [minute, second] = time.map(|number| number as u8);
        let year = year + if year < 50 { 2000 } else { 1900 };
        let date = Time::from_civil(year, month as u8, day as u8, hour as u8, minute, second)?;
        let mut entry = RawEntry::new(self.serial, date);
        entry.reason = self.reason.map(RevocationReason::from_number);
        Some(entry)
    }
}

/// The numbers of a date, below 100 each.
struct Digits {
    date: [u16; 4],
    time: [u16; 2],
}

impl Digits {
    #[inline]
    fn of(text: &[u8; 12]) -> Option<Self> {
        let (date, time) = text.split_at(8);
        let date = u64::from_le_bytes(date.try_into().ok()?);
        let time = u64::from(u32::from_le_bytes(time.try_into().ok()?));
        let zeros = 0x3030_3030 << 32;
        if !all_digits(date) || !all_digits(time | zeros) {
            return None;
        }
        let (date, time) = (pairs(date), pairs(time));
        Some(Self {
            date: [0, 16, 32, 48].map(|lane| (date >> lane) as u16),
            time: [0, 16].map(|lane| (time >> lane) as u16),
        })
    }
}

/// Are all octets ASCII digits? Of octets from 0x30 to 0x3f those above '9' are told by what adding 6 carries.
#[inline]
const fn all_digits(word: u64) -> bool {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const THREES: u64 = 0x3030_3030_3030_3030;
    let above = word.wrapping_add(0x0606_0606_0606_0606);
    ((word & HIGH) ^ THREES) | ((above & HIGH) ^ THREES) == 0
}

/// The numbers that pairs of digits are, one in each 16 bits.
#[inline]
const fn pairs(word: u64) -> u64 {
    let digits = word & 0x0f0f_0f0f_0f0f_0f0f;
    (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff
}

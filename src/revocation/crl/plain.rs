//! The two shapes that nearly all entries have, read without the general reader.
//!
//! ```text
//! SEQUENCE { INTEGER serial, UTCTime "YYMMDDHHMMSSZ" }
//! SEQUENCE { INTEGER serial, UTCTime "YYMMDDHHMMSSZ", SEQUENCE { SEQUENCE { 2.5.29.21, OCTET STRING { ENUMERATED reason } } } }
//! ```
//!
//! with all lengths below 128. What is read here is what the general reader would read; what is not decides nothing, and
//! faults are for the general reader to name. Twelve digits are looked at as two words.

use super::entry::RevokedEntry;
use crate::certificate::Name;
use crate::der::{is_minimal_integer, tag};
use crate::revocation::RevocationReason;
use crate::time::Time;

/// An entry of one of these shapes, checked but for its date.
#[derive(Clone, Copy)]
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

const REMOVE_FROM_CRL: u8 = RevocationReason::RemoveFromCrl.number();

/// What the numbers below 128 stand for.
const REASONS: [RevocationReason; 128] = {
    let mut reasons = [RevocationReason::Unspecified; 128];
    let mut number = 0;
    while number < 128 {
        reasons[number] = RevocationReason::from_number(number as u8);
        number += 1;
    }
    reasons
};

impl<'a> Plain<'a> {
    /// The entry that `input` starts with.
    #[inline(always)]
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

    /// The entry at this offset.
    #[inline(always)]
    pub(super) fn at(bytes: &'a [u8], entry: u32) -> Option<Self> {
        Self::read(bytes.get(entry as usize..)?)
    }

    /// Is this its serial number? Those of usual lengths are compared as two words that may overlap.
    #[inline(always)]
    pub(super) fn has_serial(&self, serial: &[u8]) -> bool {
        fn ends<const N: usize>(octets: &[u8]) -> Option<([u8; N], [u8; N])> {
            Some((*octets.first_chunk()?, *octets.last_chunk()?))
        }
        self.serial.len() == serial.len()
            && match serial.len() {
                8..16 => ends::<8>(self.serial) == ends::<8>(serial),
                16..=32 => ends::<16>(self.serial) == ends::<16>(serial),
                _ => self.serial == serial,
            }
    }

    /// Does it undo a revocation?
    #[inline(always)]
    pub(super) fn is_removal(&self) -> bool {
        self.reason == Some(REMOVE_FROM_CRL)
    }

    pub(super) fn has_reason(&self) -> bool {
        self.reason.is_some()
    }

    /// Is its date one of the calendar?
    #[inline]
    pub(super) fn has_date(&self) -> bool {
        let (date, time) = words(self.date);
        let is_date = all_digits(date) & all_digits(time | 0x3030_3030 << 32);
        let ([year, month, day, hour], [minute, second]) = numbers(date, time);
        let february = 28 + u32::from(year % 4 == 0);
        let days = if month == 2 {
            february
        } else {
            30 | (month ^ (month >> 3))
        };
        let (months, days) = (month.wrapping_sub(1) < 12, day.wrapping_sub(1) < days);
        is_date & months & days & (hour < 24) & (minute < 60) & (second < 60)
    }

    /// What an entry says whose date is one.
    #[inline(always)]
    pub(super) fn view(&self, issuer: Name<'a>) -> RevokedEntry<'a> {
        RevokedEntry {
            serial: self.serial,
            issuer,
            revocation_date: self.time(),
            reason: self
                .reason
                .and_then(|number| REASONS.get(usize::from(number)).copied()),
            invalidity_date: None,
        }
    }

    #[inline(always)]
    fn time(&self) -> Time {
        const START_OF_1948: i64 = -694_310_400;
        let (date, time) = words(self.date);
        let ([year, month, day, hour], [minute, second]) = numbers(date, time);
        // Since 1948, every fourth year is a leap year, 2000 among them.
        let years = if year < 50 { year + 52 } else { year - 48 };
        let is_leap = years % 4 == 0;
        let month_start = MONTH_STARTS.get(month as usize).copied().unwrap_or(0);
        let leap_day = u32::from(is_leap && month > 2);
        let days = years * 365 + years.div_ceil(4) + u32::from(month_start) + leap_day + day;
        let seconds = i64::from(hour * 3_600 + minute * 60 + second);
        Time::from_unix(START_OF_1948 + (i64::from(days) - 1) * 86_400 + seconds)
    }
}

/// Days of a common year before the first of each month, by its number.
const MONTH_STARTS: [u16; 16] = [
    0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 0, 0, 0,
];

/// The digits of date and hour, and those of minute and second.
#[inline]
fn words(text: &[u8; 12]) -> (u64, u64) {
    let [a, b, c, d, e, f, g, h, time @ ..] = *text;
    (
        u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        u32::from_le_bytes(time).into(),
    )
}

/// Are all octets ASCII digits? Of octets from 0x30 to 0x3f those above '9' are told by what adding 6 carries.
#[inline]
const fn all_digits(word: u64) -> bool {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const THREES: u64 = 0x3030_3030_3030_3030;
    let above = word.wrapping_add(0x0606_0606_0606_0606);
    ((word & HIGH) ^ THREES) | ((above & HIGH) ^ THREES) == 0
}

/// Year, month, day and hour; minute and second.
#[inline]
fn numbers(date: u64, time: u64) -> ([u32; 4], [u32; 2]) {
    let (date, time) = (pairs(date), pairs(time));
    let lane = |word: u64, at: u32| (word >> at) as u32 & 0xff;
    (
        [0, 16, 32, 48].map(|at| lane(date, at)),
        [0, 16].map(|at| lane(time, at)),
    )
}

/// The numbers that pairs of digits are, one in each 16 bits.
#[inline]
const fn pairs(word: u64) -> u64 {
    let digits = word & 0x0f0f_0f0f_0f0f_0f0f;
    digits * 10 + (digits >> 8)
}

//! The two shapes that nearly all entries have, read without the general reader.
//!
//! ```text
//! SEQUENCE { INTEGER serial, UTCTime "YYMMDDHHMMSSZ" }
//! SEQUENCE { INTEGER serial, UTCTime "YYMMDDHHMMSSZ", SEQUENCE { SEQUENCE { 2.5.29.21, OCTET STRING { ENUMERATED reason } } } }
//! ```
//!
//! with all lengths below 128. What is read here is what the general reader would read; what is not
//! decides nothing, and faults are for the general reader to name. Twelve digits are looked at as
//! two words.

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
    let mut rest: &mut [_] = &mut reasons;
    while let [reason, later @ ..] = rest {
        *reason = RevocationReason::from_number(number);
        number += 1;
        rest = later;
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
            Some(reason(rest).filter(|&number| number < 0x80)?)
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

    /// The entry at this offset, where one starts that has been checked.
    #[inline(always)]
    pub(super) fn at(bytes: &'a [u8], entry: u32) -> Option<Self> {
        let [_, content, _, length, ref rest @ ..] = *bytes.get(entry as usize..)? else {
            return None;
        };
        let (content, length) = (usize::from(content), usize::from(length));
        let (serial, rest) = rest.split_at_checked(length)?;
        let ([date_tag, _, date @ .., _], rest) = rest.split_first_chunk::<15>()?;
        if content >= 0x80 {
            return None;
        }
        // What is 15 octets long and checked is a UTCTime.
        let reason = match content.wrapping_sub(length) {
            17 => None,
            31 if *date_tag == tag::UTC_TIME => Some(reason(rest)?),
            _ => return None,
        };
        Some(Self {
            serial,
            date,
            reason,
            length: content + 2,
        })
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

    /// Why, if it says so.
    #[inline]
    pub(super) fn reason(&self) -> Option<RevocationReason> {
        let number = usize::from(self.reason?);
        REASONS.get(number).copied()
    }

    /// The moment that its date is, if it is one.
    #[inline]
    pub(super) fn time(&self) -> Time {
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

/// The number in entry extensions that are a reason alone.
#[inline(always)]
fn reason(extensions: &[u8]) -> Option<u8> {
    let (head, rest) = extensions.split_first_chunk::<13>()?;
    if *head == REASON {
        rest.first().copied()
    } else {
        None
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

/// Are all octets ASCII digits? Of octets from 0x30 to 0x3f those above '9' are told by what adding
/// 6 carries.
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
    let lane = |word: u64, at: u32| (word >> at & 0xff) as u32;
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

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::super::entry::RawEntry;
    use super::super::testing::{ce, entry, extension, reason, sequence, tlv};
    use super::*;
    use crate::der::Reader;

    /// What an entry says, and its length.
    type Read<'a> = (&'a [u8], Time, Option<RevocationReason>, usize);

    /// What the general reader makes of it.
    fn raw(der: &[u8]) -> Option<Read<'_>> {
        let entry = RawEntry::read(&mut Reader::new(der)).ok()?;
        Some((entry.serial, entry.date, entry.reason, entry.der.len()))
    }

    fn read<'a>(plain: &Plain<'a>) -> Read<'a> {
        (plain.serial, plain.time(), plain.reason(), plain.length)
    }

    fn checked(der: &[u8]) -> Option<Read<'_>> {
        let plain = Plain::read(der).filter(Plain::has_date)?;
        Some(read(&plain))
    }

    fn at_its_offset(der: &[u8]) -> Option<Read<'_>> {
        Plain::at(der, 0).as_ref().map(read)
    }

    fn dated(date: &str) -> Vec<u8> {
        sequence(&[tlv(2, &[1]), tlv(0x17, date.as_bytes())])
    }

    #[test]
    fn every_day_of_the_century() {
        for year in 0..100 {
            for month in 0..20 {
                for day in 0..40 {
                    let der = dated(&alloc::format!("{year:02}{month:02}{day:02}123456Z"));
                    assert_eq!(checked(&der), raw(&der), "{year}-{month}-{day}");
                }
            }
        }
    }

    #[test]
    fn every_moment_of_a_day() {
        for hour in 0..30 {
            for minute in 0..70 {
                for second in [0, 1, 58, 59, 60, 99] {
                    let der = dated(&alloc::format!("260228{hour:02}{minute:02}{second:02}Z"));
                    assert_eq!(checked(&der), raw(&der), "{hour}:{minute}:{second}");
                }
            }
        }
    }

    #[test]
    fn digits_only() {
        let good = b"260101000000Z";
        for place in 0..13 {
            for octet in 0..=u8::MAX {
                let mut date = *good;
                date[place] = octet;
                let der = sequence(&[tlv(2, &[1]), tlv(0x17, &date)]);
                assert_eq!(checked(&der).is_some(), raw(&der).is_some(), "{date:?}");
            }
        }
    }

    #[test]
    fn all_reasons() {
        for number in 0..=u8::MAX {
            let der = entry(&[5, 6], &[reason(number)]);
            assert_eq!(checked(&der), raw(&der), "{number}");
            assert_eq!(checked(&der).is_some(), number < 0x80);
            if let Some(plain) = Plain::read(&der) {
                assert_eq!(plain.is_removal(), number == 8);
                assert!(plain.has_reason());
            }
        }
    }

    #[test]
    fn what_has_another_shape_is_left_alone() {
        let late = sequence(&[tlv(2, &[1]), tlv(0x18, b"20260101000000Z")]);
        let critical = entry(&[1], &[ce(21, true, &tlv(0x0a, &[1]))]);
        // As long as a plain one with a reason.
        let other = ce(22, false, &tlv(0x0a, &[1]));
        let longer = sequence(&[
            tlv(2, &[1]),
            tlv(0x18, b"20260101000000Z"),
            sequence(&[extension(&[0x2a, 3, 4], None, &[1])]),
        ]);
        assert_eq!(longer.len(), entry(&[1], &[reason(1)]).len());
        for der in [late, critical, entry(&[1], &[other]), longer] {
            assert!(raw(&der).is_some());
            assert_eq!((checked(&der), at_its_offset(&der)), (None, None));
        }
    }

    #[test]
    fn long_entries_are_not_taken_for_short_ones() {
        for length in 0..700 {
            for oid in [&[0x2a, 3][..], &[0x55, 0x1d, 21, 1]] {
                let der = entry(
                    &[1],
                    &[extension(
                        oid,
                        None,
                        &Vec::from_iter((0..length).map(|n| n as u8)),
                    )],
                );
                assert!(raw(&der).is_some());
                assert_eq!(at_its_offset(&der), None, "{length}");
            }
        }
        for length in 1..300 {
            let serial: Vec<u8> = (1..=length).map(|n| n as u8 | 1).collect();
            for extensions in [&[][..], &[reason(3)]] {
                let der = entry(&serial, extensions);
                assert_eq!(checked(&der), at_its_offset(&der));
                assert_eq!(checked(&der).is_some(), der[1] < 0x80);
            }
        }
    }

    proptest! {
        #[test]
        fn reads_what_the_general_reader_reads(
            serial in proptest::collection::vec(any::<u8>(), 0..30),
            number in 0u8..12,
            has_reason: bool,
            edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
            behind in proptest::collection::vec(any::<u8>(), 0..4),
        ) {
            let extensions = if has_reason { [reason(number)].to_vec() } else { Vec::new() };
            let mut der = [entry(&serial, &extensions), behind].concat();
            for (place, octet) in edits {
                let place = place.index(der.len());
                der[place] = octet;
            }
            if let Some(found) = checked(&der) {
                prop_assert_eq!(raw(&der), Some(found));
                prop_assert_eq!(at_its_offset(&der), Some(found));
            }
            if let (Some(general), Some(found)) = (raw(&der), at_its_offset(&der)) {
                prop_assert_eq!(general, found);
            }
        }
    }
}

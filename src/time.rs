//! UNIX time that reaches back before 1970 and up to 9999.
//!
//! RFC 5280 section 4.1.2.5 lets a certificate's validity run from 1950 (UTCTime, two-digit years)
//! to 99991231235959Z, the value that means "no well-defined end". Seconds are the whole
//! resolution: a fraction of a second in the asked-for time is dropped, and both ends of a period
//! belong to it.

use alloc::vec::Vec;
use core::fmt;

use crate::der::{Element, ErrorKind, ReadError, Result, tag};
use crate::recorded::{Octets, Recorded};

/// A moment in UTC, in whole seconds since 1970-01-01T00:00:00Z; negative before that.
///
/// ```
/// use portcullis::Time;
///
/// let time = Time::from_civil(2026, 11, 21, 8, 30, 0).unwrap();
/// assert_eq!(time.to_string(), "2026-11-21T08:30:00Z");
/// assert_eq!(Time::parse_rfc3339("2026-11-21T08:30:00Z"), Some(time));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// From seconds since 1970, which may be negative.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// This moment moved by `seconds`, saturating at the ends of `i64`.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// From a date of the proleptic Gregorian calendar, years 0 to 9999; `None` for a date that
    /// does not exist.
    #[must_use]
    #[inline]
    pub const fn from_civil(
        year: u16,
        month: u8,
        day: u8,
        hour: u8,
        minute: u8,
        second: u8,
    ) -> Option<Self> {
        if year > 9999 || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let Some(days) = days_from_civil(year as u32, month as u32, day as u32) else {
            return None;
        };
        let second_of_day = hour as u32 * 3_600 + minute as u32 * 60 + second as u32;
        Some(Self(days * 86_400 + second_of_day as i64))
    }

    /// Year, month, day, hour, minute and second in UTC.
    #[must_use]
    pub const fn to_civil(self) -> (i64, u8, u8, u8, u8, u8) {
        let days = self.0.div_euclid(86_400);
        let second_of_day = self.0.rem_euclid(86_400);
        let (year, month, day) = civil_from_days(days);
        (
            year,
            month,
            day,
            octet(second_of_day / 3_600),
            octet(second_of_day / 60 % 60),
            octet(second_of_day % 60),
        )
    }

    /// From RFC 3339 text in UTC, `YYYY-MM-DDTHH:MM:SSZ`; a fraction of a second is dropped.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (head, tail) = bytes.split_at_checked(19)?;
        let fraction = tail.strip_suffix(b"Z")?;
        let well_formed_fraction = match fraction {
            [] => true,
            [b'.', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if !well_formed_fraction || separators.iter().any(|&(i, c)| head.get(i) != Some(&c)) {
            return None;
        }
        let two = |at: usize| two_digits(head.get(at..)?);
        let year = u16::from(two(0)?) * 100 + u16::from(two(2)?);
        Self::from_civil(year, two(5)?, two(8)?, two(11)?, two(14)?, two(17)?)
    }

    /// Reads a `Time` of RFC 5280 section 4.1.2.5: UTCTime as `YYMMDDHHMMSSZ` (years 1950 to 2049)
    /// or GeneralizedTime as `YYYYMMDDHHMMSSZ`; no offsets, no fractions, seconds always.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedTag`] for another type and [`ErrorKind::BadValue`] for another form
    /// or an impossible date.
    #[inline]
    pub fn from_der<E: ReadError>(element: &Element<'_, E>) -> Result<Self, E> {
        Self::from_text(element.tag, element.value).ok_or_else(|| {
            element.error(match element.tag {
                tag::UTC_TIME | tag::GENERALIZED_TIME => ErrorKind::BadValue,
                _ => ErrorKind::UnexpectedTag,
            })
        })
    }

    fn from_text(tag: u8, text: &[u8]) -> Option<Self> {
        match (tag, text) {
            (tag::UTC_TIME, text) => Self::from_utc_time(text.try_into().ok()?),
            (tag::GENERALIZED_TIME, [c, d, text @ ..]) => {
                Self::from_digits(two_digits(&[*c, *d])?, text.try_into().ok()?)
            }
            _ => None,
        }
    }

    /// `YYMMDDHHMMSSZ`, with the century that RFC 5280 section 4.1.2.5.1 gives a year.
    #[inline]
    pub(crate) fn from_utc_time(text: &[u8; 13]) -> Option<Self> {
        let century = if text[0] < b'5' { 20 } else { 19 };
        Self::from_digits(century, text)
    }

    /// `YYMMDDHHMMSSZ` of a century.
    fn from_digits(century: u8, text: &[u8; 13]) -> Option<Self> {
        let &[date @ .., a, b, c, d, b'Z'] = text else {
            return None;
        };
        let [year, month, day, hour] = pairs_of_digits(u64::from_le_bytes(date))?;
        // Four digits more, and four zeros that are not looked at.
        let time = [a, b, c, d];
        let zeros = u64::from(u32::from_le_bytes(*b"0000"));
        let time = u64::from(u32::from_le_bytes(time)) | zeros << 32;
        let [minute, second, ..] = pairs_of_digits(time)?;
        let year = u16::from(century) * 100 + u16::from(year);
        Self::from_civil(year, month, day, hour, minute, second)
    }
}

impl Recorded for Time {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    fn read(octets: &mut Octets<'_>) -> Option<Self> {
        i64::read(octets).map(Self)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, hour, minute, second) = self.to_civil();
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for Time {
    fn from(time: std::time::SystemTime) -> Self {
        match time.duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => Self(i64::try_from(after.as_secs()).unwrap_or(i64::MAX)),
            // Rounds down, as for moments after 1970.
            Err(before) => {
                let before = before.duration();
                let whole = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
                Self(-whole - i64::from(before.subsec_nanos() != 0))
            }
        }
    }
}

/// The value of two leading ASCII digits.
#[inline]
fn two_digits(bytes: &[u8]) -> Option<u8> {
    match *bytes {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', ..] => Some((a - b'0') * 10 + (b - b'0')),
        _ => None,
    }
}

/// The values of four pairs of ASCII digits, the first digit in the lowest octet, looked at all
/// together.
#[inline]
fn pairs_of_digits(text: u64) -> Option<[u8; 4]> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let digits = text ^ (ONES * 0x30);
    // An octet below 128 reaches the high bit by 118 just when it is above 9.
    let above_nine = (digits & (ONES * 0x7f)) + ONES * 118;
    if (digits | above_nine) & (ONES * 0x80) != 0 {
        return None;
    }
    // Each even octet, which is the tens, times ten, and the odd one behind it. No sum reaches the
    // next octet.
    let pairs = digits * 10 + (digits >> 8);
    let [first, _, second, _, third, _, fourth, _] = pairs.to_le_bytes();
    Some([first, second, third, fourth])
}

/// Of the multiples of 25 those of 16 are leap years, which makes them multiples of 400; of other
/// years those of 4.
#[inline]
const fn is_leap(year: u32) -> bool {
    let bits = if year.is_multiple_of(25) { 15 } else { 3 };
    year & bits == 0
}

/// Days before each month of a year that is no leap year, and before the next year.
const DAYS_BEFORE: [u32; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/// Days since 1970-01-01; `None` for a day that its month does not have.
#[inline]
const fn days_from_civil(year: u32, month: u32, day: u32) -> Option<i64> {
    // With this the compiler knows that the look-up succeeds, and it costs no branch.
    if month == 0 || month > 12 {
        return None;
    }
    let Some((_, &[before, after, ..])) = DAYS_BEFORE.split_at_checked(month as usize - 1) else {
        return None;
    };
    let leap = is_leap(year);
    let days = after - before + (leap && month == 2) as u32;
    // The day 0 wraps.
    if day.wrapping_sub(1) >= days {
        return None;
    }
    let day_of_year = before + (leap && month > 2) as u32 + day - 1;
    // Leap days of the years before this one; the year 0 is a leap year.
    let leap_days = match year.checked_sub(1) {
        Some(last) => {
            let centuries = last / 100;
            last / 4 - centuries + centuries / 4 + 1
        }
        None => 0,
    };
    let days = year * 365 + leap_days + day_of_year;
    Some(days as i64 - 719_528)
}

const fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let cycle = days.div_euclid(146_097);
    let day_of_cycle = days.rem_euclid(146_097);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524
        - day_of_cycle / 146_096)
        / 365;
    let day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = octet(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    let month = octet(if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    });
    let year = cycle * 400 + year_of_cycle + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// A part of a date or of a time of day.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "none is negative or above 59: the test `every_moment_has_a_date`"
)]
const fn octet(part: i64) -> u8 {
    debug_assert!(0 <= part && part < 60);
    part as u8
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::der::Reader;
    use proptest::prelude::*;

    fn der(tag: u8, text: &str) -> Option<Time> {
        let mut bytes = alloc::vec![tag, text.len() as u8];
        bytes.extend_from_slice(text.as_bytes());
        Time::from_der(&Reader::new(&bytes).element().unwrap()).ok()
    }

    #[test]
    fn the_ends_of_the_range() {
        assert_eq!(
            der(tag::UTC_TIME, "500101000000Z").unwrap().unix(),
            -631_152_000
        );
        assert_eq!(
            der(tag::UTC_TIME, "491231235959Z").unwrap().to_string(),
            "2049-12-31T23:59:59Z"
        );
        assert_eq!(
            der(tag::GENERALIZED_TIME, "99991231235959Z")
                .unwrap()
                .unix(),
            253_402_300_799
        );
        assert_eq!(
            der(tag::GENERALIZED_TIME, "19500101000000Z")
                .unwrap()
                .unix(),
            -631_152_000
        );
    }

    #[test]
    fn refuses_other_forms() {
        for text in [
            "2611210830Z",
            "261121083000",
            "261121083000+0000",
            "261321083000Z",
            "260230083000Z",
            "261121243000Z",
            "261121086000Z",
            "261121083060Z",
            "26112108300 Z",
            "",
            "-61121083000Z",
        ] {
            assert_eq!(der(tag::UTC_TIME, text), None, "{text}");
        }
        for text in [
            "20261121083000.5Z",
            "202611210830Z",
            "20261121083000z",
            "20261121083000",
        ] {
            assert_eq!(der(tag::GENERALIZED_TIME, text), None, "{text}");
        }
        assert_eq!(der(tag::OCTET_STRING, "261121083000Z"), None);
    }

    #[test]
    fn leap_years() {
        assert!(Time::from_civil(2000, 2, 29, 0, 0, 0).is_some());
        assert!(Time::from_civil(1900, 2, 29, 0, 0, 0).is_none());
        assert!(Time::from_civil(2024, 2, 29, 0, 0, 0).is_some());
        assert_eq!(Time::from_civil(1970, 1, 1, 0, 0, 0).unwrap().unix(), 0);
    }

    #[test]
    fn rfc3339_text() {
        let time = Time::from_civil(2026, 1, 2, 3, 4, 5);
        assert_eq!(Time::parse_rfc3339("2026-01-02T03:04:05Z"), time);
        assert_eq!(Time::parse_rfc3339("2026-01-02T03:04:05.999Z"), time);
        for text in [
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-01-02T03:04:05.Z",
            "2026-01-02 03:04:05Z",
            "é",
        ] {
            assert_eq!(Time::parse_rfc3339(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn calendar_round_trip(seconds in -62_167_219_200_i64..=253_402_300_799) {
            let time = Time::from_unix(seconds);
            let (y, mo, d, h, mi, s) = time.to_civil();
            prop_assert_eq!(Time::from_civil(y as u16, mo, d, h, mi, s), Some(time));
            prop_assert_eq!(Time::parse_rfc3339(&time.to_string()), Some(time));
        }

        #[test]
        fn every_moment_has_a_date(seconds in any::<i64>()) {
            for seconds in [seconds, seconds / 1_000_000, i64::MIN, i64::MAX] {
                let (_, month, day, hour, minute, second) = Time::from_unix(seconds).to_civil();
                prop_assert!((1..=12).contains(&month) && (1..=31).contains(&day));
                prop_assert!(hour < 24 && minute < 60 && second < 60);
            }
        }

        #[test]
        fn digits_and_nothing_else(text in "[0-9]{11}[/-:]") {
            let pair = |at: usize| text[at..at + 2].parse::<u8>().ok();
            let civil = || {
                let year = u16::from(pair(0)?) + if pair(0)? < 50 { 2000 } else { 1900 };
                Time::from_civil(year, pair(2)?, pair(4)?, pair(6)?, pair(8)?, pair(10)?)
            };
            prop_assert_eq!(der(tag::UTC_TIME, &(text.clone() + "Z")), civil());
        }

        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..20), tag in any::<u8>()) {
            let der = [&[tag, bytes.len() as u8][..], &bytes].concat();
            if let Ok(element) = Reader::new(&der).element() {
                let _ = Time::from_der(&element);
            }
        }
    }
}

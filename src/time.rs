//! UNIX time that reaches back before 1970 and up to 9999.
//!
//! RFC 5280 section 4.1.2.5 lets a certificate's validity run from 1950 (UTCTime, two-digit years)
//! to 99991231235959Z, the value that means "no well-defined end". Seconds are the whole
//! resolution: a fraction of a second in the asked-for time is dropped, and both ends of a period
//! belong to it.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::der::{Element, ErrorKind, ReadError, Result, tag};
use crate::recorded::{Octets, Recorded};

/// A moment in UTC, in whole seconds since 1970-01-01T00:00:00Z; negative before that.
///
/// ```
/// use portcullis::Time;
///
/// let time = Time::from_civil(2026, 11, 21, 8, 30, 0).unwrap();
/// assert_eq!(time.to_string(), "2026-11-21T08:30:00Z");
/// assert_eq!("2026-11-21T08:30:00Z".parse(), Ok(time));
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
        let (hour, minute, second) = (hour as u32, minute as u32, second as u32);
        Self::from_parts(year as u32, month as u32, day as u32, hour, minute, second)
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

    /// Reads a `Time` of RFC 5280 section 4.1.2.5: UTCTime as `YYMMDDHHMMSSZ` (years 1950 to 2049)
    /// or GeneralizedTime as `YYYYMMDDHHMMSSZ`; no offsets, no fractions, seconds always. Fails
    /// with [`ErrorKind::UnexpectedTag`] for another type and with [`ErrorKind::BadValue`] for
    /// another form or an impossible date.
    #[inline]
    pub(crate) fn from_element<E: ReadError>(element: &Element<'_, E>) -> Result<Self, E> {
        let time = match (element.tag, element.value) {
            (tag::UTC_TIME, text) => text.try_into().ok().and_then(Self::from_utc_time),
            (tag::GENERALIZED_TIME, [c, d, text @ ..]) => {
                let text = text.try_into().ok();
                text.and_then(|text| Self::from_digits([*c, *d], text))
            }
            (tag::GENERALIZED_TIME, _) => None,
            _ => return Err(element.error(ErrorKind::UnexpectedTag)),
        };
        time.ok_or_else(|| element.error(ErrorKind::BadValue))
    }

    /// `YYMMDDHHMMSSZ`, with the century that RFC 5280 section 4.1.2.5.1 gives a year.
    #[inline]
    pub(crate) fn from_utc_time(text: &[u8; 13]) -> Option<Self> {
        let century = if text[0] < b'5' { *b"20" } else { *b"19" };
        Self::from_digits(century, text)
    }

    /// `YYMMDDHHMMSSZ` of a century: the one parser of times. It looks at eight octets together.
    fn from_digits(century: [u8; 2], text: &[u8; 13]) -> Option<Self> {
        let (Some(date), Some([time @ .., b'Z'])) = (text.first_chunk(), text.last_chunk::<9>())
        else {
            return None;
        };
        let date = u64::from_le_bytes(*date) << 16 | u64::from(u16::from_le_bytes(century));
        let [century, year, month, day] = pairs_of_digits(date, [99, 99, 12, 31])?;
        // It begins with the day once more.
        let time = u64::from_le_bytes(*time);
        let [_, hour, minute, second] = pairs_of_digits(time, [31, 23, 59, 59])?;
        Self::from_parts(century * 100 + year, month, day, hour, minute, second)
    }

    /// From parts in their ranges; whether the month has the day is still asked.
    #[inline(always)]
    const fn from_parts(
        year: u32,
        month: u32,
        day: u32,
        hour: u32,
        minute: u32,
        second: u32,
    ) -> Option<Self> {
        let Some(days) = days_from_civil(year, month, day) else {
            return None;
        };
        let second_of_day = hour * 3_600 + minute * 60 + second;
        Some(Self(days * 86_400 + second_of_day as i64))
    }
}

error! {
    /// Why text is not a [`Time`].
    pub struct InvalidTime {} => "the text is not a time of RFC 3339 in UTC, as 2026-01-31T12:00:00Z"
}

impl FromStr for Time {
    type Err = InvalidTime;

    /// From RFC 3339 text in UTC, `YYYY-MM-DDTHH:MM:SSZ`; a fraction of a second is dropped.
    #[rustfmt::skip]
    fn from_str(text: &str) -> core::result::Result<Self, InvalidTime> {
        let &[
            c, d, y, z, b'-', m, n, b'-', e, f, b'T', h, i, b':', j, k, b':', s, t,
            ref fraction @ .., b'Z',
        ] = text.as_bytes() else {
            return Err(InvalidTime {});
        };
        let is_fraction = match fraction {
            [] => true,
            [b'.', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        Self::from_digits([c, d], &[y, z, m, n, e, f, h, i, j, k, s, t, b'Z'])
            .filter(|_| is_fraction)
            .ok_or(InvalidTime {})
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

/// The values of four pairs of ASCII digits, the first digit in the lowest octet; `None` for what
/// is no digit, and for a value above its limit.
#[inline(always)]
fn pairs_of_digits(text: u64, limits: [u16; 4]) -> Option<[u32; 4]> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const PAIRS: u64 = 0x00ff_00ff_00ff_00ff;
    let digits = text ^ (ONES * 0x30);
    // An octet below 128 reaches the high bit by 118 just when it is above 9.
    let above_nine = (digits & (ONES * 0x7f)) + ONES * 118;
    let not_digits = (digits | above_nine) & (ONES * 0x80);
    // Each even octet, which is the tens, times ten, and the odd one behind it. Of digits no sum
    // reaches the next octet.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & PAIRS;
    let [a, b, c, d] = limits.map(|limit| u64::from(0x7fff - limit));
    let above_limit = (pairs + (a | b << 16 | c << 32 | d << 48)) & 0x8000_8000_8000_8000;
    if not_digits | above_limit != 0 {
        return None;
    }
    let [first, _, second, _, third, _, fourth, _] = pairs.to_le_bytes();
    Some([first, second, third, fourth].map(u32::from))
}

/// Of the multiples of 25 those of 16 are leap years, which makes them multiples of 400; of other
/// years those of 4.
#[inline]
const fn is_leap(year: u32) -> bool {
    let bits = if year.is_multiple_of(25) { 15 } else { 3 };
    year & bits == 0
}

/// Days since 1970-01-01; `None` for a day that its month does not have.
#[inline]
const fn days_from_civil(year: u32, month: u32, day: u32) -> Option<i64> {
    if month == 0 || month > 12 || day == 0 || day > 28 && day > days_of_month(year, month) {
        return None;
    }
    // In years that begin in March the leap day is the last one. One cycle of 400 years more, so
    // that the January of year 0 belongs to a year too.
    let (year, month) = if month < 3 {
        (year + 399, month + 12)
    } else {
        (year + 400, month)
    };
    // 0, 31, 61, 92 and so on, from March on.
    let before = (979 * month - 2919) / 32;
    let centuries = year / 100;
    let days = year * 365 + year / 4 - centuries + centuries / 4 + before + day;
    Some(days as i64 - DAYS_TO_1970)
}

/// Of a month from 1 to 12.
const fn days_of_month(year: u32, month: u32) -> u32 {
    match month {
        2 => 28 + is_leap(year) as u32,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// From the day before the first of March of the year -400 to 1970-01-01.
const DAYS_TO_1970: i64 = 865_566;

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
        Time::from_element(&Reader::new(&bytes).element().unwrap()).ok()
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
        let time = Time::from_civil(2026, 1, 2, 3, 4, 5).unwrap();
        assert_eq!("2026-01-02T03:04:05Z".parse(), Ok(time));
        assert_eq!("2026-01-02T03:04:05.999Z".parse(), Ok(time));
        for text in [
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-01-02T03:04:05.Z",
            "2026-01-02 03:04:05Z",
            "2026-01-02T03:04:05.9x9Z",
            "2026-01-02T24:00:00Z",
            "2026-02-29T00:00:00Z",
            "é",
        ] {
            assert_eq!(text.parse::<Time>(), Err(InvalidTime {}), "{text}");
        }
    }

    proptest! {
        #[test]
        fn calendar_round_trip(seconds in -62_167_219_200_i64..=253_402_300_799) {
            let time = Time::from_unix(seconds);
            let (y, mo, d, h, mi, s) = time.to_civil();
            prop_assert_eq!(Time::from_civil(y as u16, mo, d, h, mi, s), Some(time));
            prop_assert_eq!(time.to_string().parse(), Ok(time));
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
                let _ = Time::from_element(&element);
            }
        }
    }
}

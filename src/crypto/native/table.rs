//! Sums `u·G + v·Q` of multiples of two points, in variable time.
//!
//! A scalar is written in digits that are odd or zero, with at least `WIDTH - 1` zeros behind each
//! other one (wNAF), so that a sum needs few additions. **A split table** needs few doublings too:
//! the digits are dealt out to parts of equal length, and the table has, for each part `j`, the odd
//! multiples of `2^(j·length)·Q`. All parts are then walked at the same time, with `length`
//! doublings for all. The generator's tables are [static](super::generators); one of a key takes
//! about as long to make as a verification, so it is made for keys that are used again only.
//!
//! A key without a table is walked over the whole scalar, with its first odd multiples in Jacobian
//! coordinates, and the generator's parts join in at the end.

use alloc::vec::Vec;

use super::field::{Field, words};
use super::point::{Affine, Jacobian};

/// Bits of a digit of a key without a table, and the multiples that it needs.
const WIDTH_WITHOUT: u32 = 5;
const MULTIPLES: usize = 1 << (WIDTH_WITHOUT - 2);

/// Places of a scalar of 384 bits, and of a carry.
const MAX_PLACES: usize = 385;

/// The narrowest digits, those of a small static table.
const MIN_WIDTH: usize = 3;

/// Most digits of both scalars that are not zero: of the generator's and the key's.
const MAX_DIGITS: usize = (MAX_PLACES / MIN_WIDTH + 1) + (MAX_PLACES / 5 + 1);

/// How a scalar is dealt out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Bits of a scalar.
    pub(super) bits: usize,
    /// Parts of a table; for all tables of a curve as many.
    pub(super) parts: usize,
    /// Bits of a digit: 3 to 8 of a generator's, 5 to 8 of a key's.
    pub(super) width: u32,
}

impl Layout {
    /// Bits of a part.
    pub(super) const fn length(self) -> usize {
        self.bits.div_ceil(self.parts)
    }

    /// Points of a part.
    pub(super) const fn points(self) -> usize {
        1 << (self.width - 2)
    }
}

/// A split table: for each part the first odd multiples of the point, moved up to that part.
pub(super) struct Table<'a, F: Field> {
    pub(super) layout: Layout,
    pub(super) points: &'a [Affine<F>],
}

/// The points of a table.
pub(super) fn points<F: Field>(point: Affine<F>, layout: Layout) -> Vec<Affine<F>> {
    let mut points: Vec<Jacobian<F>> = Vec::with_capacity(layout.parts * layout.points());
    let mut base = Jacobian::from(point);
    for part in 0..layout.parts {
        if part > 0 {
            base = (0..layout.length()).fold(base, |base, _| base.double());
        }
        let (double, mut multiple) = (base.double(), base);
        for _ in 0..layout.points() {
            points.push(multiple);
            multiple = multiple.add(&double);
        }
    }
    Jacobian::normalize(&points)
}

/// `u·G + v·Q` by tables of both. Scalars are big-endian.
pub(super) fn sum_by_tables<F: Field>(
    (u, generator): (&[u8], &Table<'_, F>),
    (v, point): (&[u8], &Table<'_, F>),
) -> Jacobian<F> {
    let mut agenda = Agenda::new();
    agenda.deal_out(u, generator.layout, Who::Generator);
    agenda.deal_out(v, point.layout, Who::Key);
    let mut sum = Jacobian::infinity();
    for bit in (0..=generator.layout.length()).rev() {
        sum = sum.double();
        for Turn {
            who, part, digit, ..
        } in agenda.at(bit)
        {
            let table = match who {
                Who::Generator => generator,
                Who::Key => point,
            };
            sum = table.add_to(sum, *part, *digit);
        }
    }
    sum
}

/// `u·G + v·Q` by a table of the generator.
pub(super) fn sum<F: Field>(
    (u, generator): (&[u8], &Table<'_, F>),
    (v, point): (&[u8], Affine<F>),
) -> Jacobian<F> {
    let (double, mut next) = (Jacobian::from(point).double(), Jacobian::from(point));
    let multiples: [_; MULTIPLES] = [(); MULTIPLES].map(|()| {
        let multiple = next;
        next = next.add(&double);
        multiple
    });
    let bits = generator.layout.bits;
    let whole = Layout {
        bits,
        parts: 1,
        width: WIDTH_WITHOUT,
    };
    let mut agenda = Agenda::new();
    agenda.deal_out(u, generator.layout, Who::Generator);
    agenda.deal_out(v, whole, Who::Key);
    let mut sum = Jacobian::infinity();
    for bit in (0..=bits).rev() {
        sum = sum.double();
        for Turn {
            who, part, digit, ..
        } in agenda.at(bit)
        {
            sum = match (who, multiples.get(index(*digit))) {
                (Who::Key, Some(multiple)) if *digit < 0 => sum.add(&multiple.negated()),
                (Who::Key, Some(multiple)) => sum.add(multiple),
                _ => generator.add_to(sum, *part, *digit),
            };
        }
    }
    sum
}

impl<F: Field> Table<'_, F> {
    /// Adds the point of a part's digit.
    #[inline]
    fn add_to(&self, sum: Jacobian<F>, part: u8, digit: i8) -> Jacobian<F> {
        let place = usize::from(part) * self.layout.points() + index(digit);
        match self.points.get(place) {
            Some(point) if digit < 0 => sum.add_affine(&point.negated()),
            Some(point) => sum.add_affine(point),
            None => sum,
        }
    }
}

/// The place of a digit's point among the odd multiples, whatever its sign.
#[inline]
fn index(digit: i8) -> usize {
    usize::from(digit.unsigned_abs() / 2)
}

/// Whose point is added.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Generator,
    Key,
}

/// A digit that is not zero.
#[derive(Clone, Copy)]
struct Turn {
    who: Who,
    part: u8,
    digit: i8,
    /// The next one at the same bit.
    next: u8,
}

/// What is to be added, by the bit of the parts: only what is there is looked at.
struct Agenda {
    turns: [Turn; MAX_DIGITS],
    count: usize,
    /// The last turn at each bit.
    last: [u8; MAX_PLACES],
}

/// No turn.
const NONE: u8 = u8::MAX;

impl Agenda {
    fn new() -> Self {
        let none = Turn {
            who: Who::Key,
            part: 0,
            digit: 0,
            next: NONE,
        };
        Self {
            turns: [none; MAX_DIGITS],
            count: 0,
            last: [NONE; MAX_PLACES],
        }
    }

    /// Notes the digits of a scalar. The carry, behind all parts, is the last part's.
    fn deal_out(&mut self, scalar: &[u8], layout: Layout, who: Who) {
        let (length, last_part) = (layout.length(), layout.parts.saturating_sub(1));
        digits(scalar, layout.width, |place, digit| {
            // There is room for all; without it, the sum would be another, and no signature held.
            let part = (place / length).min(last_part);
            let bit = self.last.get_mut(place - part * length);
            let turn = self.turns.get_mut(self.count);
            if let (Some(last), Some(turn), Ok(part)) = (bit, turn, u8::try_from(part)) {
                let next = *last;
                *turn = Turn {
                    who,
                    part,
                    digit,
                    next,
                };
                *last = u8::try_from(self.count).unwrap_or(NONE);
                self.count += 1;
            }
        });
    }

    /// The turns at a bit.
    #[inline]
    fn at(&self, bit: usize) -> impl Iterator<Item = &Turn> {
        let turn = |place: u8| self.turns.get(usize::from(place));
        let first = self.last.get(bit).and_then(|&place| turn(place));
        core::iter::successors(first, move |last| turn(last.next))
    }
}

/// Calls this with each digit of a big-endian scalar that is not zero, and its place, the lowest
/// first.
fn digits(scalar: &[u8], width: u32, mut each: impl FnMut(usize, i8)) {
    let words: [u64; MAX_PLACES.div_ceil(64) + 1] = words(scalar);
    let (mut place, mut carry) = (0, false);
    while place <= 8 * scalar.len() {
        let bits = bits_from(&words, place);
        // A carry goes on through ones.
        let zeros = (if carry { !bits } else { bits }).trailing_zeros();
        if zeros > 0 {
            place += usize::try_from(zeros).unwrap_or(64);
            continue;
        }
        let window = (bits & ((1 << width) - 1)) + u64::from(carry);
        carry = window >> (width - 1) != 0;
        let above = if carry { 1 << width } else { 0 };
        // Of absolute value below 2^(width - 1), and widths end at 8.
        let digit = i64::try_from(window).unwrap_or(0) - above;
        each(place, i8::try_from(digit).unwrap_or(0));
        place += usize::try_from(width).unwrap_or(64);
    }
}

/// 64 bits, from a place on.
fn bits_from(words: &[u64], place: usize) -> u64 {
    let word = |at: usize| words.get(at).copied().unwrap_or(0);
    let low = word(place / 64) >> (place % 64);
    match place % 64 {
        0 => low,
        shift => low | word(place / 64 + 1) << (64 - shift),
    }
}

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

use super::field::Field;
use super::point::{Affine, Jacobian};

/// Bits of a digit of a key without a table, and the multiples that it needs.
const WIDTH_WITHOUT: u32 = 5;
const MULTIPLES: usize = 1 << (WIDTH_WITHOUT - 2);

/// Digits of the longest scalar: 384 bits, and a carry.
const MAX_DIGITS: usize = 385;

type Digits = [i8; MAX_DIGITS];

/// How a scalar is dealt out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Bits of a scalar.
    pub(super) bits: usize,
    /// Parts of a table; for all tables of a curve as many.
    pub(super) parts: usize,
    /// Bits of a digit: 2 to 8.
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
    let (of_generator, of_point) = (
        digits(u, generator.layout.width),
        digits(v, point.layout.width),
    );
    let mut sum = Jacobian::infinity();
    for bit in (0..=generator.layout.length()).rev() {
        sum = sum.double();
        sum = generator.add_to(sum, &of_generator, bit);
        sum = point.add_to(sum, &of_point, bit);
    }
    sum
}

/// `u·G + v·Q` by a table of the generator.
pub(super) fn sum<F: Field>(
    (u, generator): (&[u8], &Table<'_, F>),
    (v, point): (&[u8], Affine<F>),
) -> Jacobian<F> {
    let (point, mut next) = (Jacobian::from(point), Jacobian::from(point));
    let double = point.double();
    let multiples: [_; MULTIPLES] = [(); MULTIPLES].map(|()| {
        let multiple = next;
        next = next.add(&double);
        multiple
    });
    let (of_generator, of_point) = (digits(u, generator.layout.width), digits(v, WIDTH_WITHOUT));
    let mut sum = Jacobian::infinity();
    for bit in (0..=generator.layout.bits).rev() {
        sum = sum.double();
        let digit = of_point.get(bit).copied().unwrap_or(0);
        if let Some(multiple) = multiple(&multiples, digit) {
            sum = match digit < 0 {
                true => sum.add(&multiple.negated()),
                false => sum.add(multiple),
            };
        }
        if bit <= generator.layout.length() {
            sum = generator.add_to(sum, &of_generator, bit);
        }
    }
    sum
}

impl<F: Field> Table<'_, F> {
    /// Adds what the parts have at a bit. At the end of a part begins the next; only the last one
    /// has a digit there, a carry.
    #[inline]
    fn add_to(&self, mut sum: Jacobian<F>, digits: &Digits, bit: usize) -> Jacobian<F> {
        let Layout { parts, .. } = self.layout;
        let length = self.layout.length();
        let parts = self
            .points
            .chunks_exact(self.layout.points())
            .zip(1..=parts);
        for (points, part) in parts {
            if bit == length && part != self.layout.parts {
                continue;
            }
            let digit = digits.get((part - 1) * length + bit).copied().unwrap_or(0);
            if let Some(point) = multiple(points, digit) {
                sum = match digit < 0 {
                    true => sum.add_affine(&point.negated()),
                    false => sum.add_affine(point),
                };
            }
        }
        sum
    }
}

/// The point of a digit, whatever its sign.
#[inline]
fn multiple<P>(points: &[P], digit: i8) -> Option<&P> {
    match digit {
        0 => None,
        _ => points.get(usize::from(digit.unsigned_abs() / 2)),
    }
}

/// The digits of a big-endian scalar, the lowest first.
fn digits(scalar: &[u8], width: u32) -> Digits {
    let mut digits = [0; MAX_DIGITS];
    let (mut position, mut carry) = (0, 0);
    while position <= 8 * scalar.len() {
        let window = carry + bits_at(scalar, position, width);
        if window % 2 == 0 {
            position += 1;
            continue;
        }
        carry = window >> (width - 1);
        if let Some(digit) = digits.get_mut(position) {
            // Of absolute value below 2^(width - 1), and widths end at 8.
            *digit = i8::try_from(window - (carry << width)).unwrap_or(0);
        }
        position += usize::try_from(width).unwrap_or(usize::MAX);
    }
    digits
}

/// So many bits of a big-endian number, from a position on; at most 9.
fn bits_at(number: &[u8], position: usize, width: u32) -> i16 {
    let octet = |place: usize| {
        let index = number.len().checked_sub(1 + place);
        let octet = index.and_then(|index| number.get(index));
        octet.map_or(0, |&octet| u16::from(octet))
    };
    let pair = octet(position / 8) | octet(position / 8 + 1) << 8;
    let bits = pair >> (position % 8) & ((1 << width) - 1);
    i16::try_from(bits).unwrap_or(0)
}

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

/// Bits of a digit of a table's scalar, and of a key without a table.
const WIDTH: u32 = 6;
const WIDTH_WITHOUT: u32 = 5;

/// Points of a part of a table.
pub(super) const POINTS: usize = 1 << (WIDTH - 2);
const POINTS_WITHOUT: usize = 1 << (WIDTH_WITHOUT - 2);

/// Digits of the longest scalar: 384 bits, and a carry.
const MAX_DIGITS: usize = 385;

type Digits = [i8; MAX_DIGITS];

/// A split table of a point: `parts` times the first odd multiples.
pub(super) fn table<F: Field>(point: Affine<F>, bits: usize, parts: usize) -> Vec<Affine<F>> {
    let mut points: Vec<Jacobian<F>> = Vec::with_capacity(parts * POINTS);
    let mut base = Jacobian::from(point);
    for part in 0..parts {
        if part > 0 {
            base = (0..bits.div_ceil(parts)).fold(base, |base, _| base.double());
        }
        points.extend(odd_multiples::<F, POINTS>(base));
    }
    Jacobian::normalize(&points)
}

fn odd_multiples<F: Field, const N: usize>(point: Jacobian<F>) -> [Jacobian<F>; N] {
    let (double, mut next) = (point.double(), point);
    [(); N].map(|()| {
        let multiple = next;
        next = next.add(&double);
        multiple
    })
}

/// `u·G + v·Q` by tables of both, of the same number of parts. Scalars are big-endian.
pub(super) fn sum_by_tables<F: Field>(
    (u, generator): (&[u8], &[Affine<F>]),
    (v, point): (&[u8], &[Affine<F>]),
) -> Jacobian<F> {
    let all = [(digits(u, WIDTH), generator), (digits(v, WIDTH), point)];
    let parts = generator.len() / POINTS;
    let length = (8 * u.len()).div_ceil(parts);
    let mut sum = Jacobian::infinity();
    for bit in (0..=length).rev() {
        sum = sum.double();
        for (digits, table) in &all {
            sum = add_parts(sum, digits, table, bit, length);
        }
    }
    sum
}

/// `u·G + v·Q` by a table of the generator.
pub(super) fn sum<F: Field>(
    (u, generator): (&[u8], &[Affine<F>]),
    (v, point): (&[u8], Affine<F>),
) -> Jacobian<F> {
    let multiples: [_; POINTS_WITHOUT] = odd_multiples(Jacobian::from(point));
    let (of_generator, of_point) = (digits(u, WIDTH), digits(v, WIDTH_WITHOUT));
    let bits = 8 * u.len();
    let length = bits.div_ceil(generator.len() / POINTS);
    let mut sum = Jacobian::infinity();
    for bit in (0..=bits).rev() {
        sum = sum.double();
        let digit = of_point.get(bit).copied().unwrap_or(0);
        if let Some(multiple) = multiple(&multiples, digit) {
            let negated = digit < 0;
            sum = sum.add(&if negated {
                multiple.negated()
            } else {
                *multiple
            });
        }
        if bit <= length {
            sum = add_parts(sum, &of_generator, generator, bit, length);
        }
    }
    sum
}

/// Adds what the parts of a table have at a bit. At the end of a part begins the next; only the
/// last one has a digit there, a carry.
#[inline]
fn add_parts<F: Field>(
    mut sum: Jacobian<F>,
    digits: &Digits,
    table: &[Affine<F>],
    bit: usize,
    length: usize,
) -> Jacobian<F> {
    let last = (table.len() / POINTS).saturating_sub(1);
    for (part, points) in table.chunks_exact(POINTS).enumerate() {
        if bit == length && part != last {
            continue;
        }
        let digit = digits.get(part * length + bit).copied().unwrap_or(0);
        if let Some(point) = multiple(points, digit) {
            sum = match digit < 0 {
                true => sum.add_affine(&point.negated()),
                false => sum.add_affine(point),
            };
        }
    }
    sum
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
            // Below 2^(width - 1), and in absolute value: widths end at 7.
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

//! Points of a curve `y² = x³ - 3x + b` and their sums in Jacobian coordinates, by the textbook's
//! chord and tangent. Doubling divides the usual formula by 2 in z, which saves a product: 4
//! products and 4 squares.
//!
//! `(x, y, z)` stands for `(x/z², y/z³)`, and `z = 0` for the point at infinity. All pairs of
//! points are added rightly: equal ones, opposite ones and infinity too. `b` is nowhere needed:
//! that a point is on the curve was checked when it was read.

use alloc::vec;
use alloc::vec::Vec;

use super::field::Field;

/// A point that is not at infinity.
pub(super) struct Affine<F: Field> {
    pub(super) x: F::Element,
    pub(super) y: F::Element,
}

impl<F: Field> Clone for Affine<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Field> Copy for Affine<F> {}

impl<F: Field> Affine<F> {
    /// The opposite point.
    #[inline]
    pub(super) fn negated(&self) -> Self {
        let y = F::sub(F::Element::default(), self.y);
        Self { x: self.x, y }
    }
}

/// Any point.
pub(super) struct Jacobian<F: Field> {
    pub(super) x: F::Element,
    y: F::Element,
    pub(super) z: F::Element,
}

impl<F: Field> Clone for Jacobian<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Field> Copy for Jacobian<F> {}

impl<F: Field> From<Affine<F>> for Jacobian<F> {
    fn from(Affine { x, y }: Affine<F>) -> Self {
        Self { x, y, z: F::ONE }
    }
}

impl<F: Field> Jacobian<F> {
    #[inline]
    pub(super) fn infinity() -> Self {
        Self {
            x: F::ONE,
            y: F::ONE,
            z: F::Element::default(),
        }
    }

    #[inline]
    pub(super) fn is_infinity(&self) -> bool {
        F::is_zero(self.z)
    }

    #[inline]
    pub(super) fn negated(&self) -> Self {
        let y = F::sub(F::Element::default(), self.y);
        Self { y, ..*self }
    }

    /// Is it this point?
    #[cfg(test)]
    pub(super) fn is(&self, point: &Affine<F>) -> bool {
        let zz = F::square(self.z);
        !self.is_infinity()
            && F::equal(F::mul(point.x, zz), self.x)
            && F::equal(F::mul(point.y, F::mul(zz, self.z)), self.y)
    }

    #[inline]
    pub(super) fn double(&self) -> Self {
        if self.is_infinity() {
            return *self;
        }
        let zz = F::square(self.z);
        let w = F::mul(F::sub(self.x, zz), F::add(self.x, zz));
        let slope = F::add(w, F::halve(w)); // 3(x² - z⁴) / 2
        let yy = F::square(self.y);
        let v = F::mul(self.x, yy);
        let x = F::sub(F::sub(F::square(slope), v), v);
        let y = F::sub(F::mul(slope, F::sub(v, x)), F::square(yy));
        let z = F::mul(self.y, self.z);
        Self { x, y, z }
    }

    /// The sum with an affine point.
    #[inline]
    pub(super) fn add_affine(&self, other: &Affine<F>) -> Self {
        if self.is_infinity() {
            return Self::from(*other);
        }
        let zz = F::square(self.z);
        let h = F::sub(F::mul(other.x, zz), self.x);
        let r = F::sub(F::mul(F::mul(other.y, self.z), zz), self.y);
        self.chord((self.x, self.y), h, r, F::mul(self.z, h))
    }

    /// The sum with any point.
    #[inline]
    pub(super) fn add(&self, other: &Self) -> Self {
        if self.is_infinity() {
            return *other;
        }
        if other.is_infinity() {
            return *self;
        }
        let (zz, other_zz) = (F::square(self.z), F::square(other.z));
        let x = F::mul(self.x, other_zz);
        let y = F::mul(F::mul(self.y, other.z), other_zz);
        let h = F::sub(F::mul(other.x, zz), x);
        let r = F::sub(F::mul(F::mul(other.y, self.z), zz), y);
        self.chord((x, y), h, r, F::mul(F::mul(self.z, other.z), h))
    }

    /// The third point of a line, mirrored: by the first point over the common denominator, and how
    /// far the second is away in x and y. Where it is the same point, the line is the tangent.
    #[inline(always)]
    fn chord(
        &self,
        (x, y): (F::Element, F::Element),
        h: F::Element,
        r: F::Element,
        z: F::Element,
    ) -> Self {
        if F::is_zero(h) {
            return if F::is_zero(r) {
                self.double()
            } else {
                Self::infinity()
            };
        }
        let hh = F::square(h);
        let hhh = F::mul(h, hh);
        let v = F::mul(x, hh);
        let x = F::sub(F::sub(F::sub(F::square(r), hhh), v), v);
        let y = F::sub(F::mul(r, F::sub(v, x)), F::mul(y, hhh));
        Self { x, y, z }
    }

    /// The points with `z = 1`, by one inversion for all of them. None may be at infinity.
    pub(super) fn normalize(points: &[Self]) -> Vec<Affine<F>> {
        let mut products = Vec::with_capacity(points.len());
        let mut product = F::ONE;
        for point in points {
            products.push(product);
            product = F::mul(product, point.z);
        }
        let mut inverse = F::invert(product);
        let zero = Affine {
            x: F::Element::default(),
            y: F::Element::default(),
        };
        let mut affine = vec![zero; points.len()];
        let all = affine.iter_mut().zip(points).zip(products);
        for ((affine, point), product) in all.rev() {
            let z = F::mul(inverse, product);
            inverse = F::mul(inverse, point.z);
            let zz = F::square(z);
            *affine = Affine {
                x: F::mul(point.x, zz),
                y: F::mul(point.y, F::mul(zz, z)),
            };
        }
        affine
    }
}

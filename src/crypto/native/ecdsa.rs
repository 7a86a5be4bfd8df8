//! ECDSA on P-256 and P-384 (FIPS 186-5 section 6.4.2), by sums of this crate's own.
//!
//! p256 and p384 decode the key, and check that its point is on the curve; they decode `r` and `s`,
//! reduce the hash and divide by `s`. What is left is the point `u·G + v·Q`, whose x is compared
//! with `r`: without a division, as `r·z² = x`, and with `r + n` too where that is below the prime.

use alloc::sync::Arc;
#[cfg(feature = "std")]
use alloc::vec::Vec;
#[cfg(feature = "std")]
use std::sync::LazyLock;

use super::field::Field;
use super::kept::KeptTable;
use super::point::{Affine, Jacobian};
use super::table::{Layout, Table, points, sum, sum_by_tables};
use super::{generators, p256_field, p384_field};
use crate::certificate::SubjectPublicKeyInfo;
use crate::crypto::algorithm::{NamedCurve, SignatureAlgorithm};
use crate::crypto::key_shape::is_point;
use crate::crypto::provider::{KeyError, PreparedKey, SignatureError};
use crate::crypto::rustcrypto::ecdsa as rustcrypto;
use crate::crypto::signed::{Signed, Verify, ready, with_hash};

/// An `id-ecPublicKey` key. What is not computed here is RustCrypto's.
pub(super) fn prepare(key: &SubjectPublicKeyInfo<'_>) -> Result<Arc<dyn PreparedKey>, KeyError> {
    let curve = NamedCurve::from_parameters(key.algorithm().parameters())?;
    match curve {
        NamedCurve::P256 => on_curve::<P256>(curve, key.key_bits()),
        NamedCurve::P384 => on_curve::<P384>(curve, key.key_bits()),
        NamedCurve::P521 => rustcrypto::prepare(key),
    }
}

fn on_curve<C: Curve>(curve: NamedCurve, point: &[u8]) -> Result<Arc<dyn PreparedKey>, KeyError> {
    if !is_point(curve, point) {
        return Err(KeyError::Malformed);
    }
    let point = C::point(point).ok_or(KeyError::Malformed)?;
    Ok(ready(Key::<C> {
        point,
        table: KeptTable::default(),
    }))
}

/// A curve whose points are added here.
trait Curve: 'static {
    type Field: Field;
    type Octets: AsRef<[u8]>;

    /// The order of the generator, and by how much it is below the prime, big-endian.
    const ORDER: &'static [u8];
    const PRIME_MINUS_ORDER: &'static [u8];

    /// How the tables of keys are laid out, and that of the generator.
    const KEYS: Layout;

    /// The table of the generator.
    fn generator() -> Table<'static, Self::Field>;

    /// The static table.
    #[cfg(any(test, not(feature = "std")))]
    fn small_table() -> Table<'static, Self::Field>;

    /// Decodes a point and finds it on the curve.
    fn point(octets: &[u8]) -> Option<Affine<Self::Field>>;

    /// `r`, and the scalars by which the generator and the key are multiplied.
    fn scalars(signature: &[u8], hash: &[u8]) -> Result<[Self::Octets; 3], SignatureError>;
}

struct P256;
struct P384;

/// A curve, its field and the crate that has its scalars.
macro_rules! curve {
    (
        $Curve:ident, $crate_name:ident, $Field:ty, $octets:literal, $parts:literal,
        $generator:path, $width:literal, $order:literal, $difference:literal
    ) => {
        impl Curve for $Curve {
            type Field = $Field;
            type Octets = $crate_name::FieldBytes;

            const ORDER: &'static [u8] = $order;
            const PRIME_MINUS_ORDER: &'static [u8] = $difference;

            const KEYS: Layout = Layout {
                bits: 8 * $octets,
                parts: $parts,
                width: 5,
            };

            #[cfg(not(feature = "std"))]
            fn generator() -> Table<'static, Self::Field> {
                Self::small_table()
            }

            #[cfg(feature = "std")]
            fn generator() -> Table<'static, Self::Field> {
                static POINTS: LazyLock<Vec<Affine<$Field>>> = LazyLock::new(|| {
                    let [generator, ..] = $generator;
                    points(generator, with_std($Curve::KEYS))
                });
                Table {
                    layout: with_std(Self::KEYS),
                    points: &POINTS,
                }
            }

            #[cfg(any(test, not(feature = "std")))]
            fn small_table() -> Table<'static, Self::Field> {
                let layout = Layout {
                    width: $width,
                    ..Self::KEYS
                };
                let points = &$generator;
                Table { layout, points }
            }

            fn point(octets: &[u8]) -> Option<Affine<Self::Field>> {
                let key = $crate_name::ecdsa::VerifyingKey::from_sec1_bytes(octets).ok()?;
                let point = key.to_sec1_point(false);
                Some(Affine {
                    x: Self::Field::read(point.x()?),
                    y: Self::Field::read(point.y()?),
                })
            }

            fn scalars(signature: &[u8], hash: &[u8]) -> Result<[Self::Octets; 3], SignatureError> {
                use $crate_name::elliptic_curve::ops::Reduce;
                use $crate_name::{FieldBytes, Scalar, ecdsa::Signature};
                let signature = rustcrypto::decode::<Signature, $octets>(signature)?;
                let (r, s) = signature.split_scalars();
                let mut number = FieldBytes::default();
                write_left_bits(hash, &mut number);
                let hashed = <Scalar as Reduce<FieldBytes>>::reduce(&number);
                let inverse: Option<Scalar> = s.invert_vartime().into();
                let inverse = inverse.ok_or(SignatureError::Invalid)?;
                Ok([*r, hashed * inverse, *r * inverse].map(|scalar| scalar.to_bytes()))
            }
        }
    };
}

curve!(
    P256,
    p256,
    p256_field::P256Field,
    32,
    16,
    generators::P256,
    5,
    b"\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\
      \xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51",
    b"\x43\x19\x05\x53\x58\xe8\x61\x7b\x0c\x46\x35\x3d\x03\x9c\xda\xae"
);
curve!(
    P384,
    p384,
    p384_field::P384Field,
    48,
    8,
    generators::P384,
    3,
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
      \xff\xff\xff\xff\xff\xff\xff\xff\xc7\x63\x4d\x81\xf4\x37\x2d\xdf\
      \x58\x1a\x0d\xb2\x48\xb0\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29\x73",
    b"\x38\x9c\xb2\x7e\x0b\xc8\xd2\x1f\xa7\xe5\xf2\x4c\xb7\x4f\x58\x85\
      \x13\x13\xe6\x96\x33\x3a\xd6\x8c"
);

/// The generator's table is larger where it can be made at its first use: 64 kB for P-256, 48 kB
/// for P-384.
#[cfg(feature = "std")]
const fn with_std(layout: Layout) -> Layout {
    Layout { width: 8, ..layout }
}

struct Key<C: Curve> {
    point: Affine<C::Field>,
    table: KeptTable<Affine<C::Field>>,
}

impl<C: Curve> Verify for Key<C> {
    fn verify(&self, signed: &Signed<'_>) -> Result<(), SignatureError> {
        let SignatureAlgorithm::Ecdsa(hash) = signed.algorithm else {
            return Err(SignatureError::AlgorithmKeyMismatch);
        };
        signed.with_null_at_most()?;
        let [r, u, v] = with_hash!(hash, D => {
            let hash = <D as sha2::Digest>::digest(signed.message);
            C::scalars(signed.signature, &hash)?
        });
        let generator = (u.as_ref(), &C::generator());
        let layout = C::KEYS;
        let point = match self.table.get(|| points(self.point, layout)) {
            Some(points) => sum_by_tables(generator, (v.as_ref(), &Table { layout, points })),
            None => sum(generator, (v.as_ref(), self.point)),
        };
        match has_x::<C>(&point, r.as_ref()) {
            true => Ok(()),
            false => Err(SignatureError::Invalid),
        }
    }

    fn keep(&self) {
        self.table.keep();
    }
}

/// Is the x of a point `r` modulo the order? The point at infinity has none.
fn has_x<C: Curve>(point: &Jacobian<C::Field>, r: &[u8]) -> bool {
    if point.is_infinity() {
        return false;
    }
    let zz = C::Field::square(point.z);
    let is_x = |x| C::Field::equal(C::Field::mul(x, zz), point.x);
    let residue = C::Field::read(r);
    if is_x(residue) {
        return true;
    }
    let (high, low) = r.split_at(r.len().saturating_sub(C::PRIME_MINUS_ORDER.len()));
    let wraps = high.iter().all(|&octet| octet == 0) && low < C::PRIME_MINUS_ORDER;
    wraps && is_x(C::Field::add(residue, C::Field::read(C::ORDER)))
}

/// Writes the leftmost bits of a hash as a number: all of a short one, right-aligned.
fn write_left_bits(hash: &[u8], number: &mut [u8]) {
    let length = hash.len().min(number.len());
    let start = number.len() - length;
    if let (Some(number), Some(hash)) = (number.get_mut(start..), hash.get(..length)) {
        number.copy_from_slice(hash);
    }
}

#[cfg(test)]
mod testing;

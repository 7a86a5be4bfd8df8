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
        $generator:path, $order:literal, $difference:literal
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
                Table {
                    layout: Self::KEYS,
                    points: &$generator,
                }
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
mod tests {
    use alloc::vec::Vec;

    use p256::ecdsa::signature::hazmat::PrehashSigner;
    use proptest::prelude::*;

    use super::*;
    use crate::certificate::AlgorithmIdentifier;
    use crate::crypto::testing::{ec_key, ecdsa_signature};
    use crate::crypto::{Native, Provider, RustCrypto};

    /// Scalars that make digits carry, sums vanish and points coincide, beside random ones.
    #[derive(Clone, Copy, Debug)]
    enum Number {
        Small(u8),
        MinusSmall(u8),
        PowerOf2(u16),
        Random([u8; 64]),
    }

    fn any_number() -> impl Strategy<Value = Number> {
        prop_oneof![
            (0..40_u8).prop_map(Number::Small),
            (1..40_u8).prop_map(Number::MinusSmall),
            (0..384_u16).prop_map(Number::PowerOf2),
            proptest::array::uniform32(any::<[u8; 2]>()).prop_map(|octets| {
                let mut all = [0; 64];
                all.copy_from_slice(octets.as_flattened());
                Number::Random(all)
            }),
        ]
    }

    macro_rules! curve_tests {
        ($name:ident, $Curve:ident, $crate_name:ident, $generator:path) => {
            mod $name {
                use $crate_name::elliptic_curve::ops::Reduce;
                use $crate_name::elliptic_curve::sec1::ToSec1Point;
                use $crate_name::elliptic_curve::{Group, PrimeField};
                use $crate_name::{AffinePoint, FieldBytes, ProjectivePoint, Scalar};

                use super::*;

                const OCTETS: usize = <$Curve as Curve>::KEYS.bits / 8;

                fn scalar(number: Number) -> Scalar {
                    match number {
                        Number::Small(small) => Scalar::from(u64::from(small)),
                        Number::MinusSmall(small) => -Scalar::from(u64::from(small)),
                        Number::PowerOf2(power) => power_of_2(power.into()),
                        Number::Random(octets) => {
                            let octets = FieldBytes::try_from(&octets[..OCTETS]);
                            <Scalar as Reduce<FieldBytes>>::reduce(&octets.unwrap())
                        }
                    }
                }

                fn power_of_2(power: usize) -> Scalar {
                    (0..power).fold(Scalar::ONE, |power, _| power + power)
                }

                fn ours(point: &ProjectivePoint) -> Affine<<$Curve as Curve>::Field> {
                    let point = AffinePoint::from(point).to_sec1_point(false);
                    $Curve::point(point.as_bytes()).unwrap()
                }

                fn length() -> usize {
                    $Curve::KEYS.length()
                }

                /// All points of a table of the generator are the peer's.
                fn try_table(layout: Layout, points: &[Affine<<$Curve as Curve>::Field>]) {
                    assert_eq!(points.len(), layout.parts * layout.points());
                    for (place, point) in points.iter().enumerate() {
                        let (part, odd) = (place / layout.points(), place % layout.points());
                        let factor = Scalar::from(2 * odd as u64 + 1);
                        let factor = power_of_2(part * length()) * factor;
                        let expected = ours(&(ProjectivePoint::GENERATOR * factor));
                        assert!(Jacobian::from(*point).is(&expected), "{place}");
                    }
                }

                #[test]
                fn the_generators_tables_are_those_of_the_peer() {
                    try_table($Curve::KEYS, &$generator);
                    let Table { layout, points } = $Curve::generator();
                    try_table(layout, points);
                }

                #[test]
                fn the_table_of_the_generator_as_a_key_is_the_static_one() {
                    let made = points(ours(&ProjectivePoint::GENERATOR), $Curve::KEYS);
                    for (made, point) in made.iter().zip(&$generator) {
                        assert!(Jacobian::from(*made).is(point));
                    }
                }

                /// `u·G + v·(k·G)` for these pairs of `u` and `v`, with a table and without.
                fn try_sums(k: Scalar, factors: impl IntoIterator<Item = [Scalar; 2]>) {
                    if k == Scalar::ZERO {
                        return;
                    }
                    let layout = $Curve::KEYS;
                    let key = ours(&(ProjectivePoint::GENERATOR * k));
                    let made = points(key, layout);
                    let table = Table { layout, points: &made };
                    let small = Table { layout, points: &$generator };
                    for [u, v] in factors {
                        let expected = ProjectivePoint::GENERATOR * (u + v * k);
                        let (u, v) = (u.to_repr(), v.to_repr());
                        for generator in [&$Curve::generator(), &small] {
                            let generator = (u.as_ref(), generator);
                            let sums = [
                                sum(generator, (v.as_ref(), key)),
                                sum_by_tables(generator, (v.as_ref(), &table)),
                            ];
                            for sum in sums {
                                match bool::from(expected.is_identity()) {
                                    true => assert!(sum.is_infinity()),
                                    false => assert!(sum.is(&ours(&expected))),
                                }
                            }
                        }
                    }
                }

                #[test]
                fn sums_that_vanish_and_points_that_coincide() {
                    let numbers = [1, 2, 15, 16].map(Number::Small).into_iter();
                    let numbers = numbers.chain([1, 31].map(Number::MinusSmall));
                    let powers = [length() as u16, 8 * OCTETS as u16 - 1].map(Number::PowerOf2);
                    let all: Vec<Scalar> = numbers.chain(powers).map(scalar).collect();
                    for &k in &all {
                        let factors = all.iter().flat_map(|&v| {
                            let zero = Scalar::ZERO;
                            [[-(k * v), v], [k * v, v], [zero, v], [v, zero]]
                        });
                        try_sums(k, factors.chain([[Scalar::ZERO; 2]]));
                    }
                }

                proptest! {
                    #![proptest_config(ProptestConfig::with_cases(64))]

                    #[test]
                    fn sums_are_those_of_the_peer(
                        k in any_number(),
                        factors in proptest::array::uniform2(any_number()),
                    ) {
                        try_sums(scalar(k), [factors.map(scalar)]);
                    }

                    /// A verdict is RustCrypto's, of keys with a table and without, of signatures
                    /// that hold and of others.
                    #[test]
                    fn verdicts_are_those_of_the_peer(
                        k in any_number(),
                        message in any::<[u8; 4]>(),
                        change in 0..6_u8,
                        r in any_number(),
                        s in any_number(),
                    ) {
                        let Ok(key) = $crate_name::ecdsa::SigningKey::from_bytes(&scalar(k).to_repr())
                        else {
                            return Ok(());
                        };
                        let hash = <sha2::Sha256 as sha2::Digest>::digest(message);
                        let signature: $crate_name::ecdsa::Signature = key.sign_prehash(&hash).unwrap();
                        let (good_r, good_s) = signature.split_scalars();
                        let (r, s) = match change {
                            0 | 1 => (*good_r, *good_s),
                            2 => (*good_r, -*good_s),
                            3 => (*good_r, scalar(s)),
                            4 => (scalar(r), *good_s),
                            _ => (scalar(r), scalar(s)),
                        };
                        let signature = ecdsa_signature(&r.to_repr(), &s.to_repr());
                        let spki = ec_key(key.verifying_key().to_sec1_point(false).as_bytes());
                        let spki = SubjectPublicKeyInfo::from_der(&spki).unwrap();
                        let algorithm = [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
                        let algorithm = AlgorithmIdentifier::from_der(&algorithm).unwrap();
                        let peer = RustCrypto.prepare(&spki, None).unwrap();
                        let expected = peer.verify(&algorithm, &message, &signature);
                        prop_assert_eq!(expected.is_ok(), change <= 2);
                        let own = Native.prepare(&spki, None).unwrap();
                        own.keep();
                        for _ in 0..3 {
                            prop_assert_eq!(own.verify(&algorithm, &message, &signature), expected);
                        }
                    }
                }

                /// `r` in `[n, p)` of a point is `r - n` in a signature.
                #[test]
                fn an_x_above_the_order_is_compared_modulo_the_order() {
                    let order = <$Curve as Curve>::Field::read($Curve::ORDER);
                    let small = [3_u8];
                    let mut r = [0; OCTETS];
                    r[OCTETS - 1] = 3;
                    let field = <$Curve as Curve>::Field::read(&small);
                    let x = <<$Curve as Curve>::Field as Field>::add(order, field);
                    let at = |x| Jacobian::<<$Curve as Curve>::Field>::from(Affine { x, y: x });
                    assert!(has_x::<$Curve>(&at(x), &r));
                    assert!(has_x::<$Curve>(&at(field), &r));
                    let too_large = {
                        let mut r = [0; OCTETS];
                        let start = OCTETS - $Curve::PRIME_MINUS_ORDER.len();
                        r[start..].copy_from_slice($Curve::PRIME_MINUS_ORDER);
                        r
                    };
                    // r + n is the prime, so x would be 0.
                    let zero = <$Curve as Curve>::Field::read(&[]);
                    assert!(!has_x::<$Curve>(&at(zero), &too_large));
                    assert!(!has_x::<$Curve>(&Jacobian::infinity(), &r));
                }
            }
        };
    }

    curve_tests!(p256_curve, P256, p256, generators::P256);
    curve_tests!(p384_curve, P384, p384, generators::P384);

    #[test]
    fn hashes_are_cut_to_their_left_bits() {
        let mut number = [9; 4];
        write_left_bits(&[1, 2, 3, 4, 5], &mut number);
        assert_eq!(number, [1, 2, 3, 4]);
        let mut number = [0; 4];
        write_left_bits(&[1, 2], &mut number);
        assert_eq!(number, [0, 0, 1, 2]);
    }
}

//! Tests of `ecdsa.rs`.

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
    ($name:ident, $Curve:ident, $crate_name:ident) => {
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
                for Table { layout, points } in [$Curve::generator(), $Curve::small_table()] {
                    try_table(layout, points);
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
                let table = Table {
                    layout,
                    points: &made,
                };
                let small = $Curve::small_table();
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

curve_tests!(p256_curve, P256, p256);
curve_tests!(p384_curve, P384, p384);

#[test]
fn hashes_are_cut_to_their_left_bits() {
    let mut number = [9; 4];
    write_left_bits(&[1, 2, 3, 4, 5], &mut number);
    assert_eq!(number, [1, 2, 3, 4]);
    let mut number = [0; 4];
    write_left_bits(&[1, 2], &mut number);
    assert_eq!(number, [0, 0, 1, 2]);
}

//! Parameters of RSASSA-PSS (RFC 4055 section 3.1).
//!
//! ```text
//! RSASSA-PSS-params ::= SEQUENCE {
//!   hashAlgorithm    [0] HashAlgorithm DEFAULT sha1Identifier,
//!   maskGenAlgorithm [1] MaskGenAlgorithm DEFAULT mgf1SHA1Identifier,
//!   saltLength       [2] INTEGER DEFAULT 20,
//!   trailerField     [3] INTEGER DEFAULT 1 }
//! ```
//!
//! A hash identifier may have NULL parameters or none (section 2.1), and a trailer of 1 may be
//! spelt out: a verifier must take both (section 3.1). Anything else that is not DER for exactly
//! this structure is refused.

use super::algorithm::{self, HashAlgorithm};
use crate::certificate::AlgorithmIdentifier;
use crate::der::{Element, Failed, Reader, tag};

/// What the parameters say; defaults are filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PssParameters {
    pub(crate) hash: HashAlgorithm,
    pub(crate) mask_hash: HashAlgorithm,
    pub(crate) salt_len: u32,
}

impl PssParameters {
    /// Reads a whole DER element; `None` when it is malformed or names what this crate does not
    /// know.
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        let mut outer = Reader::quick(der);
        let mut fields = outer.sequence().ok()?;
        outer.finish().ok()?;

        let hash = explicit(&mut fields, 0, hash_of)?.unwrap_or(HashAlgorithm::Sha1);
        let mask_hash = explicit(&mut fields, 1, mask_hash_of)?.unwrap_or(HashAlgorithm::Sha1);
        let salt_len = explicit(&mut fields, 2, length)?.unwrap_or(20);
        let trailer = explicit(&mut fields, 3, length)?.unwrap_or(1);
        fields.finish().ok()?;
        (trailer == 1).then_some(Self {
            hash,
            mask_hash,
            salt_len,
        })
    }

    /// True when the mask is made with the hash of the message, as RFC 4055 section 3.1 strongly
    /// recommends.
    pub(crate) fn has_one_hash(&self) -> bool {
        self.mask_hash == self.hash
    }

    /// True for the form that the CA/Browser Forum prescribes (Baseline Requirements section
    /// 7.1.3.2.1): the mask over the same hash, a salt as long as the hash, and no SHA-1.
    pub(crate) fn is_conventional(&self) -> bool {
        self.hash != HashAlgorithm::Sha1
            && self.has_one_hash()
            && self.salt_len == self.hash.output_len()
    }
}

/// The only element inside `[number]` EXPLICIT: `None` is malformed, `Some(None)` absent.
fn explicit<T>(
    fields: &mut Reader<'_, Failed>,
    number: u8,
    read: impl FnOnce(&Element<'_, Failed>) -> Option<T>,
) -> Option<Option<T>> {
    match fields.optional(tag::context_constructed(number)).ok()? {
        None => Some(None),
        Some(outer) => read(&outer.reader().only_element().ok()?).map(Some),
    }
}

fn hash_of(element: &Element<'_, Failed>) -> Option<HashAlgorithm> {
    let identifier = AlgorithmIdentifier::from_element(element).ok()?;
    match identifier.parameters() {
        None | Some(algorithm::NULL) => HashAlgorithm::from_oid(identifier.oid()),
        Some(_) => None,
    }
}

fn mask_hash_of(element: &Element<'_, Failed>) -> Option<HashAlgorithm> {
    let identifier = AlgorithmIdentifier::from_element(element).ok()?;
    let hash = Reader::quick(identifier.parameters()?).only_element();
    // The one mask generation function there is.
    hash_of(&hash.ok()?).filter(|_| identifier.oid().as_bytes() == algorithm::octets::MGF1)
}

/// An INTEGER from 0 to 32,767. A salt is often longer than the hash: OpenSSL made it as long as
/// the key has room for, which is below 1,024 octets for every key that is computed with.
fn length(element: &Element<'_, Failed>) -> Option<u32> {
    match (element.tag, element.value) {
        (tag::INTEGER, &[low]) if low < 0x80 => Some(u32::from(low)),
        (tag::INTEGER, &[0, low]) if low >= 0x80 => Some(u32::from(low)),
        (tag::INTEGER, &[high @ 1..0x80, low]) => Some(u32::from(high) << 8 | u32::from(low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use portcullis_testkit::der::tlv;
    use portcullis_testkit::parts::{algorithm, pss_parameters};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_sequence_means_sha1() {
        let defaults = PssParameters::from_der(&[0x30, 0]).unwrap();
        assert_eq!(
            defaults,
            PssParameters {
                hash: HashAlgorithm::Sha1,
                mask_hash: HashAlgorithm::Sha1,
                salt_len: 20
            }
        );
        assert!(!defaults.is_conventional());
    }

    #[test]
    fn null_and_absent_hash_parameters_mean_the_same() {
        for null in [true, false] {
            let der = pss_parameters("2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.2", 48, null);
            let read = PssParameters::from_der(&der).unwrap();
            assert_eq!(read.hash, HashAlgorithm::Sha384);
            assert!(read.is_conventional());
        }
    }

    #[test]
    fn a_trailer_of_one_may_be_spelt_out_and_no_other() {
        for (value, good) in [(1u8, true), (2, false), (0x81, false)] {
            let trailer = tlv(0xa3, &[2, 1, value]);
            let der = tlv(0x30, &trailer);
            assert_eq!(PssParameters::from_der(&der).is_some(), good, "{value}");
        }
    }

    #[test]
    fn a_salt_may_be_longer_than_a_hash() {
        for (salt, expected) in [
            (&[2u8, 1, 0][..], 0),
            (&[2, 1, 0x7f], 127),
            (&[2, 2, 0, 0xde], 222),
            (&[2, 2, 1, 0], 256),
            (&[2, 2, 0x7f, 0xff], 0x7fff),
        ] {
            let der = tlv(0x30, &tlv(0xa2, salt));
            let read = PssParameters::from_der(&der).unwrap();
            assert_eq!(read.salt_len, expected);
        }
    }

    #[test]
    fn refuses_other_shapes() {
        let hash = tlv(0xa0, &algorithm("2.16.840.1.101.3.4.2.1", None));
        let odd_hash = tlv(0xa0, &algorithm("2.16.840.1.101.3.4.2.1", Some(&[4, 0])));
        let not_mgf1 = tlv(0xa1, &algorithm("1.2.3", Some(&[5, 0])));
        let no_mask_hash = tlv(0xa1, &algorithm("1.2.840.113549.1.1.8", None));
        let negative_salt = tlv(0xa2, &[2, 1, 0xff]);
        let padded_salt = tlv(0xa2, &[2, 2, 0, 32]);
        let negative_long_salt = tlv(0xa2, &[2, 2, 0x80, 0]);
        let huge_salt = tlv(0xa2, &[2, 3, 1, 0, 0]);
        let two_inside = tlv(0xa2, &[2, 1, 32, 2, 1, 32]);
        let out_of_order: Vec<u8> = [tlv(0xa2, &[2, 1, 32]), hash.clone()].concat();
        for fields in [
            odd_hash,
            not_mgf1,
            no_mask_hash,
            negative_salt,
            padded_salt,
            negative_long_salt,
            huge_salt,
            two_inside,
            out_of_order,
            [hash.clone(), hash].concat(),
        ] {
            assert_eq!(PssParameters::from_der(&tlv(0x30, &fields)), None);
        }
        assert_eq!(PssParameters::from_der(&[5, 0]), None);
        assert_eq!(PssParameters::from_der(&[0x30, 0, 0]), None);
    }

    proptest! {
        #[test]
        fn never_panics(input in proptest::collection::vec(any::<u8>(), 0..48)) {
            let _ = PssParameters::from_der(&input);
        }
    }
}

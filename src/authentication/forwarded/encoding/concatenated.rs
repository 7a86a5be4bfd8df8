//! The certificates of a chain in DER one after the other: where one ends, the next begins.

use alloc::vec::Vec;

use crate::authentication::forwarded::error::HeaderFault;
use crate::der::{Reader, tag};

/// The elements, counted before they are taken.
pub(in super::super) fn split(
    bytes: &[u8],
    room_for: impl Fn(usize) -> Result<(), HeaderFault>,
) -> Result<Vec<Vec<u8>>, HeaderFault> {
    let mut elements = Vec::new();
    let mut reader: Reader<'_> = Reader::new(bytes);
    while !reader.is_empty() {
        // The leaf, which is elsewhere, is 0.
        let index = elements.len() + 1;
        room_for(index)?;
        let element = reader.expect(tag::SEQUENCE).map_err(|error| {
            let field = crate::certificate::Field::Frame;
            let error = crate::certificate::CertificateError::Encoding { field, error };
            HeaderFault::NotACertificate { index, error }
        })?;
        elements.push(element.whole);
    }
    Ok(elements.into_iter().map(Vec::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_follow_each_other_to_the_end() {
        let split = |bytes: &[u8]| split(bytes, |_| Ok(()));
        assert!(split(&[]).unwrap().is_empty());
        assert_eq!(
            split(&[0x30, 0, 0x30, 1, 9]).unwrap(),
            [&[0x30u8, 0][..], &[0x30, 1, 9]]
        );
        for bytes in [
            &[0x30u8][..],
            &[0x30, 2, 1],
            &[0x30, 0, 0],
            &[0x31, 0],
            &[0x30, 0x80, 0, 0],
        ] {
            assert!(split(bytes).is_err(), "{bytes:?}");
        }
    }
}

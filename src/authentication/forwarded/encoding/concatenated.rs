//! The concatenated DER of a chain's certificates.

use alloc::vec::Vec;

use crate::authentication::forwarded::error::HeaderFault;
use crate::authentication::forwarded::header_reader::CertificateLimit;
use crate::certificate::{CertificateError, Field};
use crate::der::{Reader, tag};

/// Splits the bytes into elements. Each is counted before it is read.
pub(in super::super) fn split(
    bytes: &[u8],
    limit: CertificateLimit,
) -> Result<Vec<Vec<u8>>, HeaderFault> {
    let mut elements: Vec<Vec<u8>> = Vec::new();
    let mut reader: Reader<'_> = Reader::new(bytes);
    while !reader.is_empty() {
        // The leaf has index 0 and comes in another header.
        let index = elements.len() + 1;
        limit.check(index)?;
        let element = reader.expect(tag::SEQUENCE).map_err(|error| {
            let field = Field::Frame;
            let error = CertificateError::Encoding { field, error };
            HeaderFault::NotACertificate { index, error }
        })?;
        elements.push(element.whole.to_vec());
    }
    Ok(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_follow_each_other_to_the_end() {
        let split = |bytes: &[u8]| {
            split(
                bytes,
                CertificateLimit::Most {
                    limit: 9,
                    already: 0,
                },
            )
        };
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

//! Constraints on iPAddress (RFC 5280 section 4.2.1.10): an address and a mask in the style of RFC
//! 4632, 8 octets for IPv4 and 32 for IPv6. The bits of the address that the mask leaves out mean
//! nothing.

use super::keys::{Key, Range};

/// An iPAddress of a certificate: addresses of a range stand together, behind those of a family
/// with shorter ones. `None` for octets that are no address.
pub(super) fn key(octets: &[u8]) -> Option<Key<'static>> {
    matches!(octets.len(), 4 | 16).then(|| Key::whole(octets.iter().copied()))
}

/// The addresses that an iPAddress constraint stands for. `None` for another length, or a mask with
/// a one to the right of a zero.
pub(super) fn subtree(octets: &[u8]) -> Option<Range<'static>> {
    if !matches!(octets.len(), 8 | 32) {
        return None;
    }
    let (address, mask) = octets.split_at_checked(octets.len() / 2)?;
    let bits = address.iter().zip(mask);
    let first = Key::whole(bits.clone().map(|(octet, mask)| octet & mask));
    let last = Key::whole(bits.map(|(octet, mask)| octet | !mask));
    is_contiguous(mask).then(|| Range::between(first, last))
}

fn is_contiguous(mask: &[u8]) -> bool {
    let mut rest = mask.iter().skip_while(|&&octet| octet == 0xff);
    let partial = rest
        .next()
        .is_none_or(|octet| octet.leading_ones() == octet.count_ones());
    partial && rest.all(|&octet| octet == 0)
}

#[cfg(test)]
mod tests {
    use core::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    fn contains(subtree: &[u8], address: &[u8]) -> bool {
        place(&super::subtree(subtree).unwrap(), address).is_eq()
    }

    fn place(range: &Range<'_>, address: &[u8]) -> Ordering {
        range.place(&Key::whole(address.iter().copied()).to_octets())
    }

    #[test]
    fn ranges() {
        let net = [192, 0, 2, 77, 255, 255, 255, 0];
        assert!(contains(&net, &[192, 0, 2, 1]));
        assert!(!contains(&net, &[192, 0, 3, 1]));
        assert!(contains(&[0; 8], &[1, 2, 3, 4]));
        assert!(!contains(&[10, 0, 0, 0, 255, 240, 0, 0], &[10, 16, 0, 0]));
        let mut loopback = [0xff; 32];
        loopback[..15].fill(0);
        loopback[15] = 1;
        let mut address = [0; 16];
        assert!(!contains(&loopback, &address));
        address[15] = 1;
        assert!(contains(&loopback, &address));
    }

    #[test]
    fn families_do_not_mix() {
        assert!(!contains(&[0; 8], &[0; 16]));
        assert!(!contains(&[0; 32], &[0; 4]));
        assert!(!contains(&[0; 8], &[]));
    }

    #[test]
    fn malformed_constraints() {
        for length in [0, 4, 5, 7, 9, 16, 31, 33] {
            assert!(subtree(&[0; 33][..length]).is_none(), "{length}");
        }
        for mask in [
            [255, 0, 255, 0],
            [0, 255, 255, 255],
            [255, 255, 253, 0],
            [255, 254, 1, 0],
        ] {
            let octets = [10, 0, 0, 0, mask[0], mask[1], mask[2], mask[3]];
            assert!(subtree(&octets).is_none(), "{mask:?}");
        }
    }

    proptest! {
        #[test]
        fn contiguous_masks_are_prefixes(bits in 0u32..=32, address: [u8; 4], other: [u8; 4]) {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            let mut octets = [0; 8];
            octets[..4].copy_from_slice(&address);
            octets[4..].copy_from_slice(&mask.to_be_bytes());
            let same = (u32::from_be_bytes(address) ^ u32::from_be_bytes(other)) & mask == 0;
            prop_assert_eq!(contains(&octets, &other), same);
        }

        #[test]
        fn never_panics(
            subtree in proptest::collection::vec(any::<u8>(), 0..40),
            address in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            if let Some(range) = super::subtree(&subtree) {
                let _ = place(&range, &address);
            }
        }
    }
}

//! One certificate as hexadecimal digits of its DER: the header of ASP.NET's sample for a custom
//! proxy, and of some IIS and HAProxy setups. Separators, a `0x` prefix and an odd number of digits
//! are errors.

use alloc::string::String;
use alloc::vec::Vec;

use super::codec::Codec;
use super::encoding::hex;
use super::format::{Decoded, ValueFormat};
use super::header_reader::HeaderOptions;
use crate::validator::Presented;

/// The default header, that of ASP.NET's sample.
pub const HEADER: &str = "X-SSL-CERT";

/// Hexadecimal digits of DER.
#[derive(Clone, Debug)]
pub struct HexDer;

/// Hexadecimal digits of DER, in `X-SSL-CERT` unless named otherwise.
pub fn hex() -> Codec<HexDer> {
    Codec::new(HEADER, HexDer)
}

impl ValueFormat for HexDer {
    fn decode(&self, value: &[u8], _: &HeaderOptions) -> Decoded {
        Ok(Vec::from([hex::decode(value)?]))
    }

    fn encode(&self, presented: &Presented) -> String {
        hex::encode(presented.leaf().as_der())
    }
}

#[cfg(test)]
mod tests {
    use super::super::HeaderFault;
    use super::super::testing::{behaves, fault, leaf, named, read};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pairs_of_digits() {
        behaves(&super::hex(), false);
        let value = hex::encode(leaf().as_der());
        assert_eq!(
            read(&super::hex(), &[(HEADER, &value.to_ascii_uppercase())]),
            [leaf()]
        );
        let odd = alloc::format!("{value}a");
        assert_eq!(fault(&super::hex(), &[(HEADER, &odd)]), HeaderFault::NotHex);
        let two = value.repeat(2);
        assert!(matches!(
            fault(&super::hex(), &[(HEADER, &two)]),
            HeaderFault::NotACertificate { index: 0, .. }
        ));
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(name in "[ -~]{1,40}") {
            let written = super::hex().encode(&Presented::new(named(&name)));
            prop_assert_eq!(read(&super::hex(), &[(HEADER, &written[0].1)]), [named(&name)]);
        }
    }
}

//! One certificate as hexadecimal digits of its DER: the header of ASP.NET's sample for a proxy of
//! one's own, variants of IIS and HAProxy. Separators, `0x` and an odd digit are errors.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::codec::{Certificates, Codec, Wire};
use super::encoding::hex;
use super::error::ForwardedError;
use super::headers::HeaderName;
use super::source::Source;
use crate::validator::Presented;

/// The default header, that of ASP.NET's sample.
pub const HEADER: &str = "X-SSL-CERT";

/// Hexadecimal digits of DER.
#[derive(Clone, Debug)]
pub struct Hex;

/// Hexadecimal digits of DER, in `X-SSL-CERT` unless named otherwise.
pub fn hex() -> Codec<Hex> {
    Codec::new(HEADER, Hex)
}

impl Wire for Hex {
    fn more_headers(&self) -> Vec<HeaderName> {
        Vec::new()
    }

    fn read(&self, source: &mut Source<'_>) -> Result<Option<Certificates>, ForwardedError> {
        let Some(value) = source.certificate()? else {
            return Ok(None);
        };
        let der = hex::decode(value).map_err(|fault| source.error(fault))?;
        Ok(Some(Vec::from([der])))
    }

    fn write(&self, header: &HeaderName, presented: &Presented) -> Vec<(String, String)> {
        let value = hex::encode(presented.leaf().as_der());
        Vec::from([(header.to_string(), value)])
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

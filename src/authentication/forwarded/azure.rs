//! The header of Azure App Service front ends and of IIS Application Request Routing (ARR): base64
//! of DER, neither PEM nor hexadecimal.
//!
//! **Both accept any certificate** and do not validate it. A rewrite rule of Azure Application
//! Gateway may use the same header name for PEM, which is a different format.

use super::base64_der::Base64Der;
use super::codec::Codec;

/// The default header.
pub const HEADER: &str = "X-ARR-ClientCert";

/// Azure App Service and IIS's ARR: base64 of DER in `X-ARR-ClientCert`.
pub fn azure() -> Codec<Base64Der> {
    Codec::new(HEADER, Base64Der)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{behaves, fault, leaf, read};
    use super::super::{HeaderFault, Padding};
    use super::*;
    use crate::validator::Presented;
    use proptest::prelude::*;

    #[test]
    fn one_certificate_in_base64() {
        behaves(&azure(), false);
        behaves(&azure().padding(Padding::Optional), false);
    }

    #[test]
    fn pem_is_another_format() {
        let pem = leaf().to_pem().replace(char::is_whitespace, "");
        assert_eq!(fault(&azure(), &[(HEADER, &pem)]), HeaderFault::NotBase64);
        let hex = super::super::encoding::hex::encode(leaf().as_der());
        assert!(super::super::testing::decode(&azure(), &[(HEADER, &hex)]).is_err());
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(name in "[ -~]{1,40}") {
            let certificate = super::super::testing::named(&name);
            let written = azure().encode(&Presented::new(certificate.clone()));
            prop_assert_eq!(read(&azure(), &[(HEADER, &written[0].1)]), [certificate]);
        }
    }
}

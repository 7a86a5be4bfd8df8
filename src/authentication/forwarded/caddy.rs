//! `{http.request.tls.client.certificate_der_base64}` of Caddy: the leaf alone.
//!
//! The placeholder `certificate_pem` is not read: it contains line breaks, which a header cannot
//! hold.

use super::base64_der::Base64Der;
use super::codec::Codec;

/// The default header.
pub const HEADER: &str = "X-Client-Cert";

/// Caddy: base64 of DER, in `X-Client-Cert` unless named otherwise.
pub fn caddy() -> Codec<Base64Der> {
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
        behaves(&caddy(), false);
        behaves(&caddy().padding(Padding::Optional), false);
    }

    #[test]
    fn a_placeholder_that_was_empty_can_be_taken_for_absent() {
        let lenient = caddy().empty_is_absent(true);
        assert!(
            super::super::testing::decode(&lenient, &[(HEADER, "")])
                .unwrap()
                .is_none()
        );
        assert_eq!(fault(&lenient, &[(HEADER, " ")]), HeaderFault::NotBase64);
        assert_eq!(
            fault(&lenient, &[(HEADER, ""), (HEADER, "")]),
            HeaderFault::Repeated { times: 2 }
        );
        assert_eq!(
            leaf().as_der(),
            read(
                &lenient,
                &[(HEADER, &lenient.encode(&Presented::new(leaf()))[0].1)]
            )[0]
            .as_der()
        );
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(name in "[ -~]{1,40}") {
            let certificate = super::super::testing::named(&name);
            let written = caddy().encode(&Presented::new(certificate.clone()));
            prop_assert_eq!(read(&caddy(), &[(HEADER, &written[0].1)]), [certificate]);
        }
    }
}

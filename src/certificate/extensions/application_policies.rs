//! Application policies (Microsoft's 1.3.6.1.4.1.311.21.10, MS-WCCE section 2.2.2.7.7.3): where
//! present, .NET and Windows take them instead of the extended key usage.
//!
//! The syntax is that of certificate policies, the meaning that of extended key usage; so a purpose
//! may be named twice.

use const_oid::ObjectIdentifier;

use super::certificate_policies::PolicyInformation;
use super::list::sequence_of;

sequence_of! {
    /// The purposes that a certificate may be used for, in Microsoft's form.
    ApplicationPolicies<'a> of PolicyInformation<'a>
}

impl ApplicationPolicies<'_> {
    /// True when this purpose is named; any-application-policy stands for itself only.
    #[must_use]
    pub fn contains(&self, purpose: &ObjectIdentifier) -> bool {
        self.iter().any(|information| information.id == *purpose)
    }
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH};

    use super::*;
    use crate::der::ErrorKind;

    const CLIENT: [u8; 12] = [0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 2];

    #[test]
    fn purposes() {
        let der = [&[0x30, 12][..], &CLIENT].concat();
        let policies = ApplicationPolicies::from_der(&der).unwrap();
        assert!(policies.contains(&ID_KP_CLIENT_AUTH) && !policies.contains(&ID_KP_SERVER_AUTH));
        assert!(
            ApplicationPolicies::from_der(&[0x30, 0])
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn a_purpose_may_come_twice() {
        let der = [&[0x30, 24][..], &CLIENT, &CLIENT].concat();
        assert_eq!(
            ApplicationPolicies::from_der(&der).unwrap().iter().count(),
            2
        );
    }

    #[test]
    fn faults() {
        for (der, kind) in [
            (&[0x30, 9, 1][..], ErrorKind::Truncated),
            (&[0x30, 3, 6, 1, 0x2a], ErrorKind::UnexpectedTag),
            (&[0x30, 4, 0x30, 2, 6, 0], ErrorKind::BadValue),
            (&[0x30, 0, 0], ErrorKind::TrailingData),
        ] {
            assert_eq!(
                ApplicationPolicies::from_der(der).unwrap_err().kind,
                kind,
                "{der:x?}"
            );
        }
    }
}

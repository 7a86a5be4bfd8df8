//! A certificate as requirements look at it.

use crate::certificate::extensions::{DecodedExtensions, KeyUsage, Subtree};
use crate::certificate::{Certificate, ExtensionKind, GeneralNames, Version};
use crate::path::checked_certificate::{CertificateCheck, Role};

use crate::path::issuer_requirement::IssuerRequirement;

/// A requirement, and whether a certificate keeps it.
pub(super) type Row = (IssuerRequirement, fn(&ProfileSubject<'_>) -> bool);

/// A table of requirements, each with a function that says whether it is kept.
macro_rules! requirements {
    ($($requirement:ident: $is_kept:expr;)*) => {
        &[$(($crate::path::IssuerRequirement::$requirement, $is_kept)),*]
    };
}

pub(super) use requirements;

/// A certificate, its role, and its extensions. An extension that does not decode is a violation of
/// its own, and is absent here: requirements that ask whether it is there ask the certificate.
pub(super) struct ProfileSubject<'a> {
    pub(super) check: &'a CertificateCheck<'a>,
    pub(super) extensions: &'a DecodedExtensions<'a>,
}

impl<'a> ProfileSubject<'a> {
    pub(super) fn certificate(&self) -> &'a Certificate {
        self.check.certificate
    }

    pub(super) fn has(&self, extension: ExtensionKind) -> bool {
        self.certificate().has(extension)
    }

    pub(super) fn is_critical(&self, extension: ExtensionKind) -> bool {
        self.certificate().is_critical(extension)
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.check.role == Role::Leaf
    }

    /// It says that it is a CA, or stands where one must.
    pub(super) fn is_ca(&self) -> bool {
        !self.is_leaf() || self.says_ca()
    }

    /// basicConstraints has cA.
    pub(super) fn says_ca(&self) -> bool {
        let basic = self.extensions.basic_constraints;
        basic.is_some_and(|basic| basic.ca)
    }

    /// A CA that could have extensions. An anchor of version 1 has none to be missed: whoever
    /// configured it vouches for what they would say (section 6.1.4 (k)).
    pub(super) fn is_extensible_ca(&self) -> bool {
        self.is_ca() && self.certificate().version() == Version::V3
    }

    /// An anchor that issued itself.
    pub(super) fn is_root(&self) -> bool {
        self.check.role == Role::Anchor && self.certificate().is_self_issued()
    }

    /// keyUsage has all of these.
    pub(super) fn says_usage(&self, usage: KeyUsage) -> bool {
        let said = self.extensions.key_usage;
        said.is_some_and(|said| said.contains(usage))
    }

    pub(super) fn alternative_names(&self) -> Option<GeneralNames<'a>> {
        self.extensions.subject_alt_name.map(|names| names.names())
    }

    /// The dNSNames of the subject.
    pub(super) fn dns_names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let names = self.alternative_names().into_iter();
        names.flat_map(|names| names.dns_names())
    }

    /// The subtrees of nameConstraints, permitted and excluded.
    pub(super) fn subtrees(&self) -> impl Iterator<Item = Subtree<'a>> + use<'a> {
        let constraints = self.extensions.name_constraints.into_iter();
        constraints.flat_map(|constraints| constraints.permitted().chain(constraints.excluded()))
    }
}

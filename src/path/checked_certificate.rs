//! A certificate in its place on a path, as its checks look at it.

use super::options::PathOptions;
use super::peer_name::PeerName;
use super::violation::{Findings, Rule, Violation};
use crate::certificate::Certificate;
use crate::time::Time;

/// What a certificate does on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The end entity.
    Leaf,
    /// A CA between leaf and anchor.
    Intermediate,
    /// The certificate that an anchor was made from.
    Anchor,
}

/// The checks of one certificate.
pub(crate) struct CertificateCheck<'a> {
    pub(crate) certificate: &'a Certificate,
    pub(crate) position: usize,
    pub(crate) role: Role,
    pub(crate) at: Time,
    pub(crate) options: &'a PathOptions,
    /// Names that the leaf must have, all of them, beside those of the options.
    pub(crate) expected: &'a [PeerName],
    /// Is it self-issued, if that is known? Of a leaf nobody asks.
    pub(crate) self_issued: Option<bool>,
    /// Did its own key make its signature? Some profiles ask. A leaf is taken at its names; an
    /// intermediate has another issuer on the path.
    pub(crate) signs_itself: &'a dyn Fn() -> bool,
}

impl CertificateCheck<'_> {
    /// Notes a rule that the certificate breaks.
    pub(crate) fn note(&self, findings: &mut impl Findings, rule: Rule) -> Result<(), Violation> {
        let position = self.position;
        findings.note(Violation { position, rule })
    }
}

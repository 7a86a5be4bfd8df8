//! Certificates that keep every requirement, and ways to spoil them.

use alloc::vec::Vec;

use crate::certificate::Certificate;
use crate::certificate::extensions::DecodedExtensions;
use crate::certificate::testing::{Parts, common_name, extension, sequence, tlv};
use crate::path::checked_certificate::{CertificateCheck, Role};
use crate::path::options::{PathOptions, Purpose};
use crate::path::violation::{AllViolations, Rule};
use crate::path::{IssuerRequirement, Profile};
use crate::time::Time;

/// Last arcs of id-ce, 2.5.29.
pub(super) const SKI: u8 = 14;
pub(super) const KEY_USAGE: u8 = 15;
pub(super) const SAN: u8 = 17;
pub(super) const IAN: u8 = 18;
pub(super) const BASIC: u8 = 19;
pub(super) const NAMES: u8 = 30;
pub(super) const CRL_POINTS: u8 = 31;
pub(super) const POLICIES: u8 = 32;
pub(super) const MAPPINGS: u8 = 33;
pub(super) const AKI: u8 = 35;
pub(super) const POLICY_CONSTRAINTS: u8 = 36;
pub(super) const EKU: u8 = 37;
pub(super) const FRESHEST: u8 = 46;
pub(super) const INHIBIT_ANY: u8 = 54;

/// id-pe-authorityInfoAccess has an arc of its own.
pub(super) const ACCESS: [u8; 8] = [0x2b, 6, 1, 5, 5, 7, 1, 1];

pub(super) const CA: [u8; 5] = [0x30, 3, 1, 1, 0xff];
pub(super) const SERVER_AUTH: [u8; 10] = [6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];

/// An extension: identifier, critical, value.
type Spec = (Vec<u8>, bool, Vec<u8>);

#[derive(Clone)]
pub(super) struct Sample {
    pub(super) parts: Parts,
    extensions: Vec<Spec>,
    signs_itself: bool,
    purpose: Purpose,
}

impl Sample {
    fn new() -> Self {
        Self {
            parts: Parts::default(),
            extensions: Vec::new(),
            signs_itself: false,
            purpose: Purpose::Any,
        }
    }

    /// The certificate of a public server.
    pub(super) fn leaf() -> Self {
        let mut leaf = Self::new()
            .with(AKI, false, &sequence(&[tlv(0x80, &[1])]))
            .with(EKU, false, &tlv(0x30, &SERVER_AUTH))
            .with(KEY_USAGE, false, &[3, 2, 7, 0x80])
            .with(SAN, false, &sequence(&[tlv(0x82, b"example.com")]));
        leaf.parts.subject = common_name("example.com");
        leaf
    }

    pub(super) fn ca() -> Self {
        Self::new()
            .with(AKI, false, &sequence(&[tlv(0x80, &[1])]))
            .with(SKI, false, &[4, 1, 2])
            .with(BASIC, true, &CA)
            .with(KEY_USAGE, true, &[3, 2, 1, 6])
    }

    pub(super) fn root() -> Self {
        let mut root = Self::ca().without(AKI);
        root.parts.issuer = root.parts.subject.clone();
        root.signs_itself = true;
        root
    }

    /// Puts an extension of id-ce in the place of that which was there.
    pub(super) fn with(self, last_arc: u8, critical: bool, value: &[u8]) -> Self {
        self.with_other(&[0x55, 0x1d, last_arc], critical, value)
    }

    pub(super) fn with_other(mut self, oid: &[u8], critical: bool, value: &[u8]) -> Self {
        self.extensions.retain(|(known, ..)| known != oid);
        self.extensions.push((oid.into(), critical, value.into()));
        self
    }

    pub(super) fn without(mut self, last_arc: u8) -> Self {
        self.extensions
            .retain(|(oid, ..)| oid != &[0x55, 0x1d, last_arc]);
        self
    }

    /// Without extensions, of version 1.
    pub(super) fn bare(mut self) -> Self {
        self.extensions.clear();
        self.parts.version = Vec::new();
        self.parts.extensions = Vec::new();
        self
    }

    pub(super) fn with_san(self, names: &[Vec<u8>]) -> Self {
        self.with(SAN, false, &sequence(names))
    }

    pub(super) fn edit(mut self, edit: impl FnOnce(&mut Parts)) -> Self {
        edit(&mut self.parts);
        self
    }

    pub(super) fn signed_by_itself(mut self, yes: bool) -> Self {
        self.signs_itself = yes;
        self
    }

    pub(super) fn asked_for(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// The requirements that it does not keep.
    pub(super) fn broken(&self, profile: Profile, role: Role) -> Vec<IssuerRequirement> {
        let mut parts = self.parts.clone();
        if !self.extensions.is_empty() {
            let each = self.extensions.iter();
            let list: Vec<_> = each
                .map(|(oid, critical, value)| extension(oid, critical.then_some(0xff), value))
                .collect();
            parts = parts.with_extensions(&list);
        }
        let certificate = Certificate::from_der(&parts.der()).unwrap();
        let options = PathOptions {
            profile,
            purpose: self.purpose.clone(),
            ..PathOptions::default()
        };
        let check = CertificateCheck {
            certificate: &certificate,
            position: 0,
            role,
            at: Time::from_unix(0),
            options: &options,
            expected: &[],
            self_issued: None,
            signs_itself: &|| self.signs_itself,
        };
        let mut findings = AllViolations::default();
        let mut extensions = DecodedExtensions::default();
        check.decode(&mut extensions, &mut findings).unwrap();
        super::check(&check, &extensions, &mut findings).unwrap();
        let requirements =
            findings
                .violations
                .iter()
                .filter_map(|violation| match violation.rule {
                    Rule::IssuerRequirement(requirement) => Some(requirement),
                    _ => None,
                });
        requirements.collect()
    }
}

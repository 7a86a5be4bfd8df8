//! CRLs before they are signed.

use crate::certificate::{Authority, Made, assemble, serial};
use crate::der::{constructed, enumerated, sequence, small, time};
use crate::distribution::IssuingDistributionPoint;
use crate::extensions::{Extension, authority_key_identifier};
use crate::keys::Key;
use crate::names::directory;

pub const CRL_NUMBER: &str = "2.5.29.20";
pub const REASON_CODE: &str = "2.5.29.21";
pub const DELTA_INDICATOR: &str = "2.5.29.27";
pub const CERTIFICATE_ISSUER: &str = "2.5.29.29";

pub const KEY_COMPROMISE: u8 = 1;
pub const CA_COMPROMISE: u8 = 2;
pub const HOLD: u8 = 6;
pub const REMOVE: u8 = 8;

/// An entry of a CRL; its serial number follows from a label unless it is given.
#[derive(Clone)]
pub struct CrlEntry {
    /// A whole INTEGER.
    serial: Vec<u8>,
    date: String,
    extensions: Vec<Extension>,
}

impl CrlEntry {
    pub fn of(made: &Made) -> Self {
        Self::labelled(&made.label)
    }

    /// For the certificate of this label.
    pub fn labelled(label: &str) -> Self {
        Self::numbered(serial(label))
    }

    /// For this serial number, a whole INTEGER.
    pub fn numbered(serial: Vec<u8>) -> Self {
        Self {
            serial,
            date: "20250601000000Z".into(),
            extensions: Vec::new(),
        }
    }

    pub fn dated(mut self, date: &str) -> Self {
        self.date = date.into();
        self
    }

    pub fn reason(self, number: u8) -> Self {
        self.with(Extension::new(REASON_CODE, enumerated(number)))
    }

    /// certificateIssuer, for this entry and those that follow.
    pub fn issued_by(self, name: &[u8]) -> Self {
        let names = sequence(&[directory(name)]);
        self.with(Extension::new(CERTIFICATE_ISSUER, names).critical())
    }

    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    fn encode(&self) -> Vec<u8> {
        let mut parts = vec![self.serial.clone(), time(&self.date)];
        if !self.extensions.is_empty() {
            let all: Vec<Vec<u8>> = self.extensions.iter().map(Extension::encode).collect();
            parts.push(sequence(&all));
        }
        sequence(&parts)
    }
}

/// A CRL before it is signed: current at the time of most tests, its number 7.
#[derive(Clone)]
pub struct CrlTemplate {
    name: Vec<u8>,
    key: Key,
    v1: bool,
    this_update: String,
    next_update: Option<String>,
    number: Option<u32>,
    base: Option<u32>,
    hint: Option<Vec<u8>>,
    scope: Option<IssuingDistributionPoint>,
    entries: Vec<CrlEntry>,
    extensions: Vec<Extension>,
}

impl CrlTemplate {
    pub fn by(issuer: &Authority) -> Self {
        Self::under(&issuer.name, &issuer.key)
    }

    /// By the holder of this name and key.
    pub fn under(name: &[u8], key: &Key) -> Self {
        Self {
            name: name.to_vec(),
            key: key.clone(),
            v1: false,
            this_update: "20251215000000Z".into(),
            next_update: Some("20260115000000Z".into()),
            number: Some(7),
            base: None,
            hint: Some(key.identifier()),
            scope: None,
            entries: Vec::new(),
            extensions: Vec::new(),
        }
    }

    pub fn v1(mut self) -> Self {
        self.v1 = true;
        self
    }

    pub fn named(mut self, name: &[u8]) -> Self {
        self.name = name.to_vec();
        self
    }

    /// Signed by another key, of which it says nothing.
    pub fn signed_by(mut self, key: &Key) -> Self {
        self.key = key.clone();
        self
    }

    /// thisUpdate and nextUpdate, each as `YYYYMMDDHHMMSSZ`.
    pub fn issued(mut self, this: &str, next: Option<&str>) -> Self {
        self.this_update = this.into();
        self.next_update = next.map(Into::into);
        self
    }

    pub fn number(mut self, number: u32) -> Self {
        self.number = Some(number);
        self
    }

    pub fn unnumbered(mut self) -> Self {
        self.number = None;
        self
    }

    /// A delta to the CRL of this number.
    pub fn delta_to(mut self, base: u32) -> Self {
        self.base = Some(base);
        self
    }

    pub fn key_hint(mut self, hint: Option<Vec<u8>>) -> Self {
        self.hint = hint;
        self
    }

    pub fn scope(mut self, scope: IssuingDistributionPoint) -> Self {
        self.scope = Some(scope);
        self
    }

    pub fn revoking(self, made: &Made) -> Self {
        self.entry(CrlEntry::of(made))
    }

    pub fn entry(mut self, entry: CrlEntry) -> Self {
        self.entries.push(entry);
        self
    }

    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    /// Signed, and known by this label.
    pub fn made(&self, label: &str) -> Made {
        Made {
            label: label.into(),
            der: self.der(),
        }
    }

    pub fn der(&self) -> Vec<u8> {
        let scheme = self.key.scheme();
        let mut parts = Vec::new();
        if !self.v1 {
            parts.push(small(1));
        }
        parts.extend([
            scheme.identifier(),
            self.name.clone(),
            time(&self.this_update),
        ]);
        parts.extend(self.next_update.as_deref().map(time));
        if !self.entries.is_empty() {
            let entries: Vec<Vec<u8>> = self.entries.iter().map(CrlEntry::encode).collect();
            parts.push(sequence(&entries));
        }
        let extensions = self.all_extensions();
        if !self.v1 && !extensions.is_empty() {
            parts.push(constructed(0, &sequence(&extensions)));
        }
        let tbs = sequence(&parts);
        assemble(&tbs, scheme, &self.key.sign(scheme, &tbs))
    }

    fn all_extensions(&self) -> Vec<Vec<u8>> {
        let hint = self
            .hint
            .as_ref()
            .map(|hint| authority_key_identifier(hint));
        let number = |kind| move |number| Extension::new(kind, small(number));
        let all = hint
            .into_iter()
            .chain(self.number.map(number(CRL_NUMBER)))
            .chain(
                self.base
                    .map(number(DELTA_INDICATOR))
                    .map(Extension::critical),
            )
            .chain(self.scope.as_ref().map(IssuingDistributionPoint::extension))
            .chain(self.extensions.iter().cloned());
        all.map(|extension| extension.encode()).collect()
    }
}

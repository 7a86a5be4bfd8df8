//! Evidence of revocation for tests: lists and OCSP responses that say what they are told to say,
//! right or wrong.

use portcullis::certificate::{sha1, sha256};

use super::pki::asn1::{
    bit_string, boolean, concat, constructed, named_bits, null, octet_string, oid, primitive,
    sequence, small, time, tlv,
};
use super::pki::certificate::{assemble, serial};
use super::pki::extensions::{
    AUTHORITY_INFO_ACCESS, DISTRIBUTION_POINTS, Extension, authority_key_identifier,
};
use super::pki::keys::Key;
use super::pki::names::{directory, uri};
use super::{Authority, Made};

pub const CRL_NUMBER: &str = "2.5.29.20";
pub const REASON_CODE: &str = "2.5.29.21";
pub const DELTA_INDICATOR: &str = "2.5.29.27";
pub const ISSUING_POINT: &str = "2.5.29.28";
pub const CERTIFICATE_ISSUER: &str = "2.5.29.29";
pub const FRESHEST_CRL: &str = "2.5.29.46";
const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
const BASIC: &str = "1.3.6.1.5.5.7.48.1.1";

pub const KEY_COMPROMISE: u8 = 1;
pub const CA_COMPROMISE: u8 = 2;
pub const HOLD: u8 = 6;
pub const REMOVE: u8 = 8;

/// All bits of ReasonFlags that mean something.
pub const ALL_REASONS: &[u8] = &[1, 2, 3, 4, 5, 6, 7, 8];

/// A distribution point of a certificate.
#[derive(Clone, Default)]
pub struct Point {
    name: Option<Vec<u8>>,
    reasons: Option<Vec<u8>>,
    issuer: Option<Vec<u8>>,
}

impl Point {
    /// Without anything.
    pub fn bare() -> Self {
        Self::default()
    }

    pub fn url(url: &str) -> Self {
        Self::full(&[uri(url)])
    }

    /// fullName of these general names.
    pub fn full(names: &[Vec<u8>]) -> Self {
        Self {
            name: Some(constructed(0, &concat(names))),
            ..Self::default()
        }
    }

    /// nameRelativeToCRLIssuer of this AttributeTypeAndValue.
    pub fn relative(attribute: &[u8]) -> Self {
        Self {
            name: Some(constructed(1, attribute)),
            ..Self::default()
        }
    }

    pub fn reasons(mut self, bits: &[u8]) -> Self {
        self.reasons = Some(bits_at(1, bits));
        self
    }

    /// cRLIssuer of these Names.
    pub fn issued_by(mut self, names: &[&[u8]]) -> Self {
        let names: Vec<Vec<u8>> = names.iter().map(|name| directory(name)).collect();
        self.issuer = Some(constructed(2, &concat(&names)));
        self
    }

    fn encode(&self) -> Vec<u8> {
        let name = self.name.as_ref().map(|name| constructed(0, name));
        let parts = name.into_iter().chain(self.reasons.clone());
        sequence(&parts.chain(self.issuer.clone()).collect::<Vec<_>>())
    }
}

/// `[n] IMPLICIT ReasonFlags`.
fn bits_at(number: u8, bits: &[u8]) -> Vec<u8> {
    let mut der = named_bits(bits);
    der[0] = 0x80 | number;
    der
}

fn points_of(kind: &'static str, points: &[Point]) -> Extension {
    let points: Vec<Vec<u8>> = points.iter().map(Point::encode).collect();
    Extension::new(kind, sequence(&points))
}

/// cRLDistributionPoints.
pub fn points(points: &[Point]) -> Extension {
    points_of(DISTRIBUTION_POINTS, points)
}

/// freshestCRL, of a certificate or a list.
pub fn freshest(points: &[Point]) -> Extension {
    points_of(FRESHEST_CRL, points)
}

/// authorityInfoAccess with these responders and places of the issuer's certificate.
pub fn access(ocsp: &[&str], issuers: &[&str]) -> Extension {
    let of = |method: &'static str| move |url: &&str| sequence(&[oid(method), uri(url)]);
    let ocsp = ocsp.iter().map(of("1.3.6.1.5.5.7.48.1"));
    let issuers = issuers.iter().map(of("1.3.6.1.5.5.7.48.2"));
    let all: Vec<Vec<u8>> = ocsp.chain(issuers).collect();
    Extension::new(AUTHORITY_INFO_ACCESS, sequence(&all))
}

/// The issuing distribution point of a list.
#[derive(Clone, Default)]
pub struct Scope {
    name: Option<Vec<u8>>,
    user: bool,
    ca: bool,
    reasons: Option<Vec<u8>>,
    indirect: bool,
    attribute: bool,
}

impl Scope {
    pub fn all() -> Self {
        Self::default()
    }

    pub fn url(url: &str) -> Self {
        Self::full(&[uri(url)])
    }

    pub fn full(names: &[Vec<u8>]) -> Self {
        Self {
            name: Some(constructed(0, &concat(names))),
            ..Self::default()
        }
    }

    pub fn relative(attribute: &[u8]) -> Self {
        Self {
            name: Some(constructed(1, attribute)),
            ..Self::default()
        }
    }

    pub fn user(mut self) -> Self {
        self.user = true;
        self
    }

    pub fn ca(mut self) -> Self {
        self.ca = true;
        self
    }

    pub fn attribute(mut self) -> Self {
        self.attribute = true;
        self
    }

    pub fn indirect(mut self) -> Self {
        self.indirect = true;
        self
    }

    pub fn reasons(mut self, bits: &[u8]) -> Self {
        self.reasons = Some(bits_at(3, bits));
        self
    }

    fn extension(&self) -> Extension {
        let flag = |number: u8, set: bool| set.then(|| primitive(number, &[0xff]));
        let parts = [
            self.name.as_ref().map(|name| constructed(0, name)),
            flag(1, self.user),
            flag(2, self.ca),
            self.reasons.clone(),
            flag(4, self.indirect),
            flag(5, self.attribute),
        ];
        let parts: Vec<Vec<u8>> = parts.into_iter().flatten().collect();
        Extension::new(ISSUING_POINT, sequence(&parts)).critical()
    }
}

/// An entry of a list; the serial number follows from a label.
#[derive(Clone)]
pub struct Entry {
    label: String,
    date: &'static str,
    extensions: Vec<Extension>,
}

impl Entry {
    pub fn of(made: &Made) -> Self {
        Self::labelled(&made.label)
    }

    pub fn labelled(label: &str) -> Self {
        Self {
            label: label.into(),
            date: "20250601000000Z",
            extensions: Vec::new(),
        }
    }

    pub fn dated(mut self, date: &'static str) -> Self {
        self.date = date;
        self
    }

    pub fn reason(self, number: u8) -> Self {
        self.with(Extension::new(REASON_CODE, tlv(0x0a, &[number])))
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
        let mut parts = vec![serial(&self.label), time(self.date)];
        if !self.extensions.is_empty() {
            let all: Vec<Vec<u8>> = self.extensions.iter().map(Extension::encode).collect();
            parts.push(sequence(&all));
        }
        sequence(&parts)
    }
}

/// A list before it is signed. Current at the time of most tests, number 7.
#[derive(Clone)]
pub struct List {
    name: Vec<u8>,
    key: Key,
    v1: bool,
    this_update: &'static str,
    next_update: Option<&'static str>,
    number: Option<u32>,
    base: Option<u32>,
    hint: Option<Vec<u8>>,
    scope: Option<Scope>,
    entries: Vec<Entry>,
    extensions: Vec<Extension>,
}

impl List {
    pub fn by(issuer: &Authority) -> Self {
        Self {
            name: issuer.name.clone(),
            key: issuer.key.clone(),
            v1: false,
            this_update: "20251215000000Z",
            next_update: Some("20260115000000Z"),
            number: Some(7),
            base: None,
            hint: Some(issuer.key.identifier()),
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

    pub fn issued(mut self, this: &'static str, next: Option<&'static str>) -> Self {
        self.this_update = this;
        self.next_update = next;
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

    /// A delta to the list of this number.
    pub fn delta_to(mut self, base: u32) -> Self {
        self.base = Some(base);
        self
    }

    pub fn key_hint(mut self, hint: Option<Vec<u8>>) -> Self {
        self.hint = hint;
        self
    }

    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    pub fn revoking(self, made: &Made) -> Self {
        self.entry(Entry::of(made))
    }

    pub fn entry(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }

    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
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
            time(self.this_update),
        ]);
        parts.extend(self.next_update.map(time));
        if !self.entries.is_empty() {
            let entries: Vec<Vec<u8>> = self.entries.iter().map(Entry::encode).collect();
            parts.push(sequence(&entries));
        }
        if !self.v1 {
            parts.push(constructed(0, &sequence(&self.all_extensions())));
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
            .chain(self.scope.as_ref().map(Scope::extension))
            .chain(self.extensions.iter().cloned());
        all.map(|extension| extension.encode()).collect()
    }
}

/// What a responder says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Good,
    /// Since 2025-06-01, for keyCompromise.
    Revoked,
    /// Since 2027-01-01.
    RevokedLater,
    Unknown,
}

/// The parts of a CertID of which one can be made wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdField {
    Algorithm,
    Name,
    Key,
    Serial,
}

/// A statement of a response.
#[derive(Clone)]
pub struct Single {
    name: Vec<u8>,
    key_bits: Vec<u8>,
    label: String,
    said: Said,
    this_update: &'static str,
    next_update: Option<&'static str>,
    sha256: bool,
    wrong: Option<IdField>,
    extensions: Vec<Extension>,
}

impl Single {
    pub fn about(issuer: &Authority, made: &Made, said: Said) -> Self {
        Self {
            name: issuer.name.clone(),
            key_bits: issuer.key.public_bits(),
            label: made.label.clone(),
            said,
            this_update: "20251231000000Z",
            next_update: Some("20260107000000Z"),
            sha256: false,
            wrong: None,
            extensions: Vec::new(),
        }
    }

    pub fn issued(mut self, this: &'static str, next: Option<&'static str>) -> Self {
        self.this_update = this;
        self.next_update = next;
        self
    }

    pub fn sha256(mut self) -> Self {
        self.sha256 = true;
        self
    }

    pub fn wrong(mut self, field: IdField) -> Self {
        self.wrong = Some(field);
        self
    }

    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    fn encode(&self) -> Vec<u8> {
        let hash = |octets: &[u8], wrong: bool| {
            let mut hash = if self.sha256 {
                sha256(octets).to_vec()
            } else {
                sha1(octets).to_vec()
            };
            hash[0] ^= u8::from(wrong);
            octet_string(&hash)
        };
        let is = |field| self.wrong == Some(field);
        let algorithm = match self.sha256 != is(IdField::Algorithm) {
            true => "2.16.840.1.101.3.4.2.1",
            false => "1.3.14.3.2.26",
        };
        let label = if is(IdField::Serial) {
            "another number"
        } else {
            &self.label
        };
        let id = sequence(&[
            sequence(&[oid(algorithm), null()]),
            hash(&self.name, is(IdField::Name)),
            hash(&self.key_bits, is(IdField::Key)),
            serial(label),
        ]);
        let revoked = |date| {
            let reason = constructed(0, &tlv(0x0a, &[KEY_COMPROMISE]));
            constructed(1, &[moment(date), reason].concat())
        };
        let status = match self.said {
            Said::Good => primitive(0, &[]),
            Said::Revoked => revoked("20250601000000Z"),
            Said::RevokedLater => revoked("20270101000000Z"),
            Said::Unknown => primitive(2, &[]),
        };
        let mut parts = vec![id, status, moment(self.this_update)];
        parts.extend(self.next_update.map(|next| constructed(0, &moment(next))));
        if !self.extensions.is_empty() {
            let all: Vec<Vec<u8>> = self.extensions.iter().map(Extension::encode).collect();
            parts.push(constructed(1, &sequence(&all)));
        }
        sequence(&parts)
    }
}

/// A GeneralizedTime in any year, as all times of OCSP are.
fn moment(text: &str) -> Vec<u8> {
    tlv(0x18, text.as_bytes())
}

/// A response before it is signed.
#[derive(Clone)]
pub struct Response {
    name: Vec<u8>,
    key: Key,
    by_key: bool,
    singles: Vec<Single>,
    certificates: Vec<Vec<u8>>,
    extensions: Vec<Extension>,
}

impl Response {
    pub fn by(responder: &Authority) -> Self {
        Self {
            name: responder.name.clone(),
            key: responder.key.clone(),
            by_key: false,
            singles: Vec::new(),
            certificates: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// What the issuer itself says of one certificate.
    pub fn of(issuer: &Authority, made: &Made, said: Said) -> Self {
        Self::by(issuer).single(Single::about(issuer, made, said))
    }

    pub fn single(mut self, single: Single) -> Self {
        self.singles.push(single);
        self
    }

    /// Names the responder by its key.
    pub fn by_key(mut self) -> Self {
        self.by_key = true;
        self
    }

    pub fn signed_by(mut self, key: &Key) -> Self {
        self.key = key.clone();
        self
    }

    pub fn sending(mut self, made: &Made) -> Self {
        self.certificates.push(made.der.clone());
        self
    }

    pub fn nonce(self, octets: &[u8]) -> Self {
        self.with(Extension::new(NONCE, octet_string(octets)))
    }

    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    pub fn der(&self) -> Vec<u8> {
        let id = if self.by_key {
            constructed(2, &octet_string(&sha1(&self.key.public_bits())))
        } else {
            constructed(1, &self.name)
        };
        let singles: Vec<Vec<u8>> = self.singles.iter().map(Single::encode).collect();
        let mut parts = vec![id, moment("20251231000000Z"), sequence(&singles)];
        if !self.extensions.is_empty() {
            let all: Vec<Vec<u8>> = self.extensions.iter().map(Extension::encode).collect();
            parts.push(constructed(1, &sequence(&all)));
        }
        let tbs = sequence(&parts);
        let scheme = self.key.scheme();
        let signature = bit_string(&self.key.sign(scheme, &tbs));
        let mut basic = vec![tbs, scheme.identifier(), signature];
        if !self.certificates.is_empty() {
            basic.push(constructed(0, &sequence(&self.certificates)));
        }
        let bytes = sequence(&[oid(BASIC), octet_string(&sequence(&basic))]);
        sequence(&[tlv(0x0a, &[0]), constructed(0, &bytes)])
    }
}

/// OCSPResponse with an error status and nothing else.
pub fn ocsp_error(status: u8) -> Vec<u8> {
    sequence(&[tlv(0x0a, &[status])])
}

/// With one bit of the signature turned over.
pub fn broken(mut der: Vec<u8>) -> Vec<u8> {
    if let Some(last) = der.last_mut() {
        *last ^= 1;
    }
    der
}

/// A critical extension that nobody knows.
pub fn unknown_critical() -> Extension {
    Extension::new(super::pki::extensions::UNKNOWN, boolean(true)).critical()
}

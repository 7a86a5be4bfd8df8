//! Where evidence of revocation is found, and what a CRL covers.

use crate::der::{concat, constructed, named_bits, oid, primitive, sequence};
use crate::extensions::{AUTHORITY_INFO_ACCESS, DISTRIBUTION_POINTS, Extension};
use crate::names::{directory, uri};

pub const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";
pub const FRESHEST_CRL: &str = "2.5.29.46";

/// All bits of ReasonFlags that mean something.
pub const ALL_REASONS: &[u8] = &[1, 2, 3, 4, 5, 6, 7, 8];

/// A distribution point of a certificate.
#[derive(Clone, Default)]
pub struct DistributionPoint {
    name: Option<Vec<u8>>,
    reasons: Option<Vec<u8>>,
    issuer: Option<Vec<u8>>,
}

impl DistributionPoint {
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

fn points_of(kind: &'static str, points: &[DistributionPoint]) -> Extension {
    let points: Vec<Vec<u8>> = points.iter().map(DistributionPoint::encode).collect();
    Extension::new(kind, sequence(&points))
}

/// cRLDistributionPoints.
pub fn points(points: &[DistributionPoint]) -> Extension {
    points_of(DISTRIBUTION_POINTS, points)
}

/// freshestCRL, of a certificate or a CRL.
pub fn freshest(points: &[DistributionPoint]) -> Extension {
    points_of(FRESHEST_CRL, points)
}

/// authorityInfoAccess with the URLs of these responders and of the issuer's certificates.
pub fn access(ocsp: &[&str], issuers: &[&str]) -> Extension {
    let of = |method: &'static str| move |url: &&str| sequence(&[oid(method), uri(url)]);
    let ocsp = ocsp.iter().map(of("1.3.6.1.5.5.7.48.1"));
    let issuers = issuers.iter().map(of("1.3.6.1.5.5.7.48.2"));
    let all: Vec<Vec<u8>> = ocsp.chain(issuers).collect();
    Extension::new(AUTHORITY_INFO_ACCESS, sequence(&all))
}

/// The extension of a CRL that says what it covers.
#[derive(Clone, Default)]
pub struct IssuingDistributionPoint {
    name: Option<Vec<u8>>,
    user: bool,
    ca: bool,
    reasons: Option<Vec<u8>>,
    indirect: bool,
    attribute: bool,
}

impl IssuingDistributionPoint {
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

    pub(crate) fn extension(&self) -> Extension {
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
        Extension::new(ISSUING_DISTRIBUTION_POINT, sequence(&parts)).critical()
    }
}

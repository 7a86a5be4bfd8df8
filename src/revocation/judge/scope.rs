//! Is a CRL about a certificate, and for which reasons (RFC 5280 section 6.3.3 (b), (d) and its
//! last paragraph)?
//!
//! A certificate says at its distribution points where CRLs about it are and who issues them; a CRL
//! says in its issuing distribution point which certificates it is about. Both must agree, for any
//! name of any point with any name of the CRL: else a CRL from elsewhere that happens to lack the
//! serial number would pass for one that clears it. Beside the points of the certificate there is
//! always one more, with the name of the certificate's issuer, for all reasons. Where the points
//! leave all revocation to other issuers, a CRL of that last point revokes and does not clear.
//!
//! Comparing names costs the product of their numbers, and is paid for.

use alloc::vec::Vec;

use super::Judge;
use super::crl::Coverage;
use crate::certificate::extensions::{
    BasicConstraints, CrlDistributionPoints, DistributionPoint, DistributionPointName, ReasonFlags,
};
use crate::certificate::{Certificate, GeneralName, GeneralNames, Name};
use crate::der::writer::{element, sequence};
use crate::der::{self, tag};
use crate::path::budget::comparisons_to_read;
use crate::path::{Budget, Exhausted};
use crate::revocation::crl::{Crl, IssuingDistributionPoint};

/// A certificate as CRLs see it.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) certificate: &'a Certificate,
    pub(crate) is_ca: bool,
}

impl<'a> Subject<'a> {
    /// A certificate that is no anchor.
    pub(crate) fn of(certificate: &'a Certificate) -> Self {
        let basic = certificate.readable::<BasicConstraints>();
        Self {
            certificate,
            is_ca: basic.is_some_and(|basic| basic.ca),
        }
    }

    /// Its distribution points; none where the extension is absent.
    pub(crate) fn points(&self) -> Option<CrlDistributionPoints<'a>> {
        self.certificate.readable()
    }

    fn issuer(&self) -> Name<'a> {
        self.certificate.issuer()
    }
}

impl Judge<'_> {
    /// What a CRL covers of a certificate; `None` where it is not about it.
    pub(crate) fn coverage(
        &self,
        crl: &Crl,
        subject: Subject<'_>,
        budget: &mut Budget,
    ) -> Result<Option<Coverage>, Exhausted> {
        let scope = crl.issuing_distribution_point();
        if scope.is_some_and(|scope| !role_fits(&scope, subject.is_ca)) {
            return Ok(None);
        }
        let listed = scope.and_then(|scope| scope.only_some_reasons);
        let listed = listed.unwrap_or(ReasonFlags::ALL);
        let matching = Matching {
            crl,
            scope,
            subject,
        };
        let mut covered = None;
        let mut issuer_speaks = true;
        for (place, point) in subject.points().iter().flatten().enumerate() {
            budget.spend_step()?;
            let by_issuer = is_issued_by_issuer(&point, subject.issuer());
            issuer_speaks = by_issuer || (place > 0 && issuer_speaks);
            if matching.fits(Some(&point), budget)? {
                let reasons = point.reasons.unwrap_or(ReasonFlags::ALL) & listed;
                covered = Some(covered.map_or(reasons, |covered| covered | reasons));
            }
        }
        if covered.is_some_and(|covered| covered.contains(listed)) {
            return Ok(covered.map(Coverage::Reasons));
        }
        let is_complete = matching.fits(None, budget)?;
        let by_points_alone = covered.is_some() && self.policy.reasons_by_points_alone;
        Ok(match covered {
            _ if is_complete && issuer_speaks && !by_points_alone => {
                Some(Coverage::Reasons(listed))
            }
            Some(reasons) => Some(Coverage::Reasons(reasons)),
            None => is_complete.then_some(Coverage::RevokesOnly),
        })
    }
}

/// A CRL and a certificate that it may be about.
struct Matching<'a> {
    crl: &'a Crl,
    scope: Option<IssuingDistributionPoint<'a>>,
    subject: Subject<'a>,
}

impl Matching<'_> {
    /// (b)(1) and (b)(2)(i): is the CRL one of this point? `None` is the point that RFC 5280
    /// section 6.3.3 supposes at the end.
    fn fits(
        &self,
        point: Option<&DistributionPoint<'_>>,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        Ok(self.issuer_fits(point, budget)? && self.names_fit(point, budget)?)
    }

    /// (b)(1): the CRL is issued by whom the point names. A CRL of the certificate's own issuer
    /// need not say that it is indirect; one of somebody else must.
    fn issuer_fits(
        &self,
        point: Option<&DistributionPoint<'_>>,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        let issuer = self.crl.issuer();
        let is_own = issuer.matches(&self.subject.issuer());
        budget.spend_comparisons(comparisons_to_read(issuer))?;
        let Some(named) = point.and_then(|point| point.crl_issuer) else {
            return Ok(is_own);
        };
        let indirect = self.scope.is_some_and(|scope| scope.indirect);
        if !indirect && !is_own {
            return Ok(false);
        }
        for name in directory_names(named) {
            budget.spend_comparisons(comparisons_to_read(name) + comparisons_to_read(issuer))?;
            if name.matches(&issuer) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// (b)(2)(i): one of the CRL's names is one of the point's.
    fn names_fit(
        &self,
        point: Option<&DistributionPoint<'_>>,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        let Some(listed) = self.scope.and_then(|scope| scope.name) else {
            return Ok(true);
        };
        let wanted = match point {
            None => Some(Names::Whole(self.subject.issuer())),
            Some(point) => names_of_point(point, self.subject),
        };
        let listed = Names::of(listed, self.crl.issuer());
        wanted.map_or(Ok(false), |wanted| listed.meet(&wanted, budget))
    }
}

/// A name of a scope, as far as evidence is found by it.
#[derive(Clone, Copy)]
pub(crate) enum ScopeName<'a> {
    Directory(Name<'a>),
    /// Any other, by its octets.
    Other(&'a [u8]),
}

/// The names that a CRL's issuing distribution point has, as long as the visitor wants more.
pub(crate) fn names_of_crl(crl: &Crl, visit: &mut dyn FnMut(ScopeName<'_>) -> bool) {
    let scope = crl.issuing_distribution_point();
    if let Some(name) = scope.and_then(|scope| scope.name) {
        Names::of(name, crl.issuer()).visit(visit);
    }
}

/// The names of which a CRL about this certificate has one: those of its distribution points, and
/// that of its issuer.
pub(crate) fn names_of_points(subject: Subject<'_>, visit: &mut dyn FnMut(ScopeName<'_>) -> bool) {
    let points = subject.points();
    let points = points.iter().flatten();
    let named = points.filter_map(|point| names_of_point(&point, subject));
    for names in core::iter::once(Names::Whole(subject.issuer())).chain(named) {
        if !names.visit(visit) {
            return;
        }
    }
}

/// (b)(2)(ii) to (iv).
fn role_fits(scope: &IssuingDistributionPoint<'_>, is_ca: bool) -> bool {
    let excluded = if is_ca {
        scope.only_user
    } else {
        scope.only_ca
    };
    !excluded && !scope.only_attribute
}

/// Does the certificate's own issuer issue the CRL of this point?
fn is_issued_by_issuer(point: &DistributionPoint<'_>, issuer: Name<'_>) -> bool {
    point
        .crl_issuer
        .is_none_or(|names| directory_names(names).any(|name| name.matches(&issuer)))
}

/// The directory names among these.
pub(crate) fn directory_names<'a>(names: GeneralNames<'a>) -> impl Iterator<Item = Name<'a>> {
    names.iter().filter_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    })
}

/// The names of a point: its own, or those of its CRL issuer.
fn names_of_point<'a>(point: &DistributionPoint<'a>, subject: Subject<'a>) -> Option<Names<'a>> {
    match (point.name, point.crl_issuer) {
        (Some(name), by) => {
            let by = by.and_then(|names| directory_names(names).next());
            Some(Names::of(name, by.unwrap_or(subject.issuer())))
        }
        (None, by) => by.map(Names::Given),
    }
}

/// The names of a CRL or of a point.
enum Names<'a> {
    Given(GeneralNames<'a>),
    Whole(Name<'a>),
    /// A name below an issuer's, put together.
    Made(Vec<u8>),
}

impl<'a> Names<'a> {
    fn of(name: DistributionPointName<'a>, issuer: Name<'_>) -> Self {
        match name {
            DistributionPointName::FullName(names) => Self::Given(names),
            DistributionPointName::RelativeName(rdn) => Self::Made(below(issuer, rdn)),
        }
    }

    fn iter(&self) -> impl Iterator<Item = GeneralName<'_>> {
        let (given, single) = match self {
            Self::Given(names) => (Some(names.iter()), None),
            Self::Whole(name) => (None, Some(*name)),
            Self::Made(der) => (None, Name::from_der(der).ok()),
        };
        let single = single.map(GeneralName::Directory);
        given.into_iter().flatten().chain(single)
    }

    /// False once the visitor wants no more.
    fn visit(&self, visit: &mut dyn FnMut(ScopeName<'_>) -> bool) -> bool {
        self.iter().all(|name| match name {
            GeneralName::Directory(name) => visit(ScopeName::Directory(name)),
            GeneralName::Uri(uri) => visit(ScopeName::Other(uri.as_bytes())),
            // Of other forms there are few: those of one CRL issuer share a place.
            _ => visit(ScopeName::Other(&[])),
        })
    }

    fn meet(&self, other: &Self, budget: &mut Budget) -> Result<bool, Exhausted> {
        for a in self.iter() {
            for b in other.iter() {
                budget.spend_comparisons(work(&a) + work(&b))?;
                if is_same(&a, &b) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// The work of reading a name once.
fn work(name: &GeneralName<'_>) -> usize {
    match name {
        GeneralName::Directory(name) => comparisons_to_read(*name),
        _ => 1,
    }
}

fn is_same(a: &GeneralName<'_>, b: &GeneralName<'_>) -> bool {
    match (a, b) {
        (GeneralName::Directory(a), GeneralName::Directory(b)) => a.matches(b),
        (a, b) => a == b,
    }
}

/// The name of an issuer with one RDN more, given by the content octets of its SET.
fn below(issuer: Name<'_>, rdn: &[u8]) -> Vec<u8> {
    let mut reader = der::Reader::new(issuer.as_der());
    let above = reader
        .sequence()
        .map(|rdns| rdns.rest())
        .unwrap_or_default();
    sequence(&[above, &element(tag::SET, &[rdn])])
}

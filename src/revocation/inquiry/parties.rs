//! Who stands on a path, as evidence sees them: a certificate of the pool or an anchor.

use crate::certificate::extensions::{BasicConstraints, CrlDistributionPoints};
use crate::certificate::{Certificate, GeneralName, Name, SubjectPublicKeyInfo};
use crate::path::context::{Issuer, PathContext};
use crate::revocation::scope::Subject;

/// The certificate in question and how lists see it.
pub(super) fn subject_of<'a>(context: &PathContext<'a>, party: Issuer) -> Option<Subject<'a>> {
    let certificate = certificate_of(context, party)?;
    let basic = certificate.readable::<BasicConstraints>();
    let is_root = matches!(party, Issuer::Anchor(_));
    Some(Subject {
        certificate,
        is_ca: basic.map_or(is_root, |basic| basic.ca),
    })
}

/// Who else than the issuer issues lists about a certificate, by its distribution points.
pub(super) fn crl_issuers(certificate: &Certificate) -> impl Iterator<Item = Name<'_>> {
    let points = certificate.readable::<CrlDistributionPoints<'_>>();
    let points = points.into_iter().flat_map(|points| points.iter());
    let names = points.filter_map(|point| point.crl_issuer);
    names
        .flat_map(|names| names.iter())
        .filter_map(|name| match name {
            GeneralName::Directory(name) => Some(name),
            _ => None,
        })
}

pub(super) fn certificate_of<'a>(
    context: &PathContext<'a>,
    party: Issuer,
) -> Option<&'a Certificate> {
    match party {
        Issuer::Pool(id) => Some(context.certificate(id)),
        Issuer::Anchor(id) => context.anchor(id)?.certificate(),
    }
}

pub(super) fn name_of<'a>(context: &PathContext<'a>, party: Issuer) -> Option<Name<'a>> {
    match party {
        Issuer::Pool(id) => Some(context.certificate(id).subject()),
        Issuer::Anchor(id) => context.anchor(id).map(|anchor| anchor.subject()),
    }
}

pub(super) fn key_of<'a>(
    context: &PathContext<'a>,
    party: Issuer,
) -> Option<SubjectPublicKeyInfo<'a>> {
    match party {
        Issuer::Pool(id) => Some(context.certificate(id).public_key()),
        Issuer::Anchor(id) => context.anchor(id).map(|anchor| anchor.public_key()),
    }
}

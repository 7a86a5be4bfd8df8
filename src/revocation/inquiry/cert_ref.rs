//! The certificates, names and keys of those who stand on a path: certificates of the pool and
//! anchors.

use crate::certificate::extensions::{BasicConstraints, CrlDistributionPoints};
use crate::certificate::{Certificate, GeneralName, Name, SubjectPublicKeyInfo};
use crate::path::context::{Issuer, PathContext};
use crate::revocation::judge::scope::Subject;

/// The certificate in question, as CRLs see it.
pub(super) fn subject_of<'a>(context: &PathContext<'a>, holder: Issuer) -> Option<Subject<'a>> {
    let certificate = certificate_of(context, holder)?;
    let mut subject = Subject::of(certificate);
    // A root of version 1 has no extension that says so.
    let says_nothing = certificate.readable::<BasicConstraints>().is_none();
    subject.is_ca |= says_nothing && matches!(holder, Issuer::Anchor(_));
    Some(subject)
}

/// Who else than the issuer issues CRLs about a certificate, by its distribution points.
pub(crate) fn crl_issuers(certificate: &Certificate) -> impl Iterator<Item = Name<'_>> {
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
    holder: Issuer,
) -> Option<&'a Certificate> {
    match holder {
        Issuer::Pool(id) => Some(context.certificate(id)),
        Issuer::Anchor(id) => context.anchor(id)?.certificate(),
    }
}

pub(super) fn name_of<'a>(context: &PathContext<'a>, holder: Issuer) -> Option<Name<'a>> {
    match holder {
        Issuer::Pool(id) => Some(context.certificate(id).subject()),
        Issuer::Anchor(id) => context.anchor(id).map(|anchor| anchor.subject()),
    }
}

pub(super) fn key_of<'a>(
    context: &PathContext<'a>,
    holder: Issuer,
) -> Option<SubjectPublicKeyInfo<'a>> {
    match holder {
        Issuer::Pool(id) => Some(context.certificate(id).public_key()),
        Issuer::Anchor(id) => context.anchor(id).map(|anchor| anchor.public_key()),
    }
}

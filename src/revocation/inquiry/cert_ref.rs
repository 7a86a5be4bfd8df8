//! The certificates, names and keys of those who stand on a path: certificates of the pool and
//! anchors.

use alloc::sync::Arc;

use crate::certificate::extensions::{BasicConstraints, CrlDistributionPoints};
use crate::certificate::{Certificate, Name, SubjectPublicKeyInfo};
use crate::path::context::{Issuer, PathContext};
use crate::path::search::FoundPath;
use crate::revocation::judge::scope::{Subject, directory_names};

/// A position on a path: 0 is its first certificate, and behind the last stands the anchor, which
/// is its own issuer.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) path: Arc<FoundPath>,
    pub(super) index: usize,
}

impl Position {
    /// Another position on the same path.
    pub(super) fn with_index(&self, index: usize) -> Self {
        let path = Arc::clone(&self.path);
        Self { path, index }
    }

    /// Where the issuer of this one stands.
    pub(super) fn issuer(&self) -> Self {
        self.with_index(self.index + 1)
    }

    /// Where the anchor stands.
    pub(super) fn top(&self) -> usize {
        self.path.certificates.len()
    }

    /// Whose certificate stands there.
    pub(super) fn holder(&self) -> Issuer {
        let certificate = self.path.certificates.get(self.index);
        certificate.map_or(Issuer::Anchor(self.path.anchor), |&id| Issuer::Pool(id))
    }

    /// Do the same certificates stand there and above, up to the same anchor?
    pub(super) fn is_below_the_same(&self, other: &Self) -> bool {
        self.path.anchor == other.path.anchor
            && self.path.certificates.get(self.index..)
                == other.path.certificates.get(other.index..)
    }

    /// Those above it, the anchor last.
    pub(super) fn holders_above(&self) -> impl Iterator<Item = Issuer> {
        (self.index + 1..=self.top()).map(|index| self.with_index(index).holder())
    }
}

/// Who else than the issuer issues CRLs about a certificate, by its distribution points.
pub(crate) fn crl_issuers(certificate: &Certificate) -> impl Iterator<Item = Name<'_>> {
    let points = certificate.readable::<CrlDistributionPoints<'_>>();
    let points = points.into_iter().flat_map(|points| points.iter());
    let names = points.filter_map(|point| point.crl_issuer);
    names.flat_map(directory_names)
}

impl<'a> PathContext<'a> {
    pub(super) fn certificate_of(&self, holder: Issuer) -> Option<&'a Certificate> {
        match holder {
            Issuer::Pool(id) => Some(self.certificate(id)),
            Issuer::Anchor(id) => self.anchor(id)?.certificate(),
        }
    }

    pub(super) fn name_of(&self, holder: Issuer) -> Option<Name<'a>> {
        match holder {
            Issuer::Pool(id) => Some(self.certificate(id).subject()),
            Issuer::Anchor(id) => self.anchor(id).map(|anchor| anchor.subject()),
        }
    }

    pub(super) fn key_of(&self, holder: Issuer) -> Option<SubjectPublicKeyInfo<'a>> {
        match holder {
            Issuer::Pool(id) => Some(self.certificate(id).public_key()),
            Issuer::Anchor(id) => self.anchor(id).map(|anchor| anchor.public_key()),
        }
    }

    /// A certificate as CRLs see it.
    pub(super) fn subject_of(&self, holder: Issuer) -> Option<Subject<'a>> {
        let certificate = self.certificate_of(holder)?;
        let mut subject = Subject::of(certificate);
        // A root of version 1 has no extension that says so.
        let says_nothing = certificate.readable::<BasicConstraints>().is_none();
        subject.is_ca |= says_nothing && matches!(holder, Issuer::Anchor(_));
        Some(subject)
    }
}

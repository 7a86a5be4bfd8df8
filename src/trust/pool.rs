//! Certificates that may stand between a leaf and an anchor.

use alloc::vec::Vec;

use super::name_index::{NameIndex, is_alike};
use crate::certificate::{Certificate, Name};

/// Certificates that may stand between a leaf and an anchor, indexed by subject.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    certificates: Vec<Certificate>,
    by_subject: NameIndex,
}

impl Pool {
    pub(crate) fn new(certificates: Vec<Certificate>) -> Self {
        let mut by_subject = NameIndex::default();
        for (i, certificate) in certificates.iter().enumerate() {
            by_subject.insert(i, certificate.subject());
        }
        Self {
            certificates,
            by_subject,
        }
    }

    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    pub(crate) fn named(&self, name: Name<'_>) -> impl Iterator<Item = usize> {
        let same = move |c: &Certificate| c.subject().as_der() == name.as_der();
        let same = |&i: &usize| self.certificates.get(i).is_some_and(same);
        self.by_subject.same_bytes(name, same)
    }

    pub(crate) fn named_alike(&self, name: Name<'_>) -> impl Iterator<Item = usize> {
        let alike = move |c: &Certificate| is_alike(c.subject(), name);
        let found = self.by_subject.alike(name);
        found.filter(move |&i| self.certificates.get(i).is_some_and(alike))
    }
}

//! Checks whether the available evidence revokes a certificate of a path, before the verdict of
//! another server is used.
//!
//! Servers do not see a new CRL at the same moment, and a server that has not seen it must not
//! decide for those that have. This is not a second validation: nothing is verified or fetched. If
//! any available CRL or OCSP response lists a certificate of the path as revoked, the client is
//! validated instead. Unverified evidence counts here, and so does a hold that was released later:
//! this may cost a validation but never changes a verdict.

use alloc::vec::Vec;

use super::{Accepted, Validator};
use crate::certificate::{Certificate, SubjectPublicKeyInfo};
use crate::revocation::inquiry::crl_issuers;
use crate::revocation::judge::scope::Subject;
use crate::revocation::ocsp::{CertStatus, IssuerHashes};
use crate::revocation::{EvidenceStore, KnownStatus, RevocationFlag, RevocationReason, Speaker};
use crate::time::Time;

impl Validator {
    /// Whether available evidence revokes a certificate of this path that is subject to revocation
    /// checks.
    pub(crate) fn knows_revoked(&self, accepted: &Accepted, at: Time) -> bool {
        let shared = &self.shared;
        let Some(anchor) = accepted.anchor().filter(|_| shared.revocation.is_checked()) else {
            return false;
        };
        let subjects = accepted.certificates().chain(anchor.certificate());
        let issuers = accepted.certificates().skip(1);
        let keys = issuers.map(Certificate::public_key);
        // A root can only be listed on its own CRL.
        let keys = keys.chain([anchor.public_key(), anchor.public_key()]);
        let below_anchor = accepted.certificates().count();
        let checked = match shared.revocation.flag {
            RevocationFlag::EndCertificateOnly => 1,
            RevocationFlag::ExcludeRoot => below_anchor,
            RevocationFlag::EntireChain => below_anchor + 1,
        };
        let mut checked = subjects.zip(keys).take(checked);
        checked.any(|(certificate, key)| {
            let source = shared.status_source.as_ref();
            let known = source.map(|source| source.status(certificate, &key, at));
            let store = shared.evidence.as_deref();
            matches!(known, Some(KnownStatus::Revoked { .. }))
                || store.is_some_and(|store| self.may_be_revoked(store, certificate, &key))
        })
    }

    /// Whether evidence in the store may revoke a certificate that the issuer with this key issued.
    /// True if a CRL issuer whose key is unknown here covers the certificate.
    fn may_be_revoked(
        &self,
        store: &dyn EvidenceStore,
        certificate: &Certificate,
        key: &SubjectPublicKeyInfo<'_>,
    ) -> bool {
        let (serial, issuer) = (certificate.serial(), certificate.issuer());
        let mut speakers = Vec::from([(issuer, Some(key.as_der())), (issuer, None)]);
        for name in crl_issuers(certificate) {
            let configured = self.shared.store.candidates().iter();
            let configured = configured.filter(|one| one.subject().matches(&name));
            let keys: Vec<&[u8]> = configured.map(Certificate::spki_der).collect();
            if keys.is_empty() && !name.matches(&issuer) {
                return true;
            }
            speakers.push((name, None));
            speakers.extend(keys.into_iter().map(|key| (name, Some(key))));
        }
        let hashes = IssuerHashes::new(&issuer, key);
        let mut crls = Vec::new();
        for (name, key) in speakers {
            let speaker = Speaker { name, key };
            let subject = Subject::of(certificate);
            store.read(&mut |evidence| crls.extend(evidence.crls_of(speaker, subject)));
        }
        let mut responses = Vec::new();
        store.read(&mut |evidence| {
            responses = evidence.responses_about(certificate, key, &hashes);
        });
        let is_listed = crls.iter().any(|(crl, _)| {
            let entry = crl.find(serial, issuer);
            entry.is_some_and(|entry| entry.reason() != Some(RevocationReason::RemoveFromCrl))
        });
        is_listed
            || responses.iter().any(|(response, _)| {
                let mut singles = response.singles_for(serial, &hashes);
                singles.any(|single| matches!(single.status, CertStatus::Revoked { .. }))
            })
    }
}

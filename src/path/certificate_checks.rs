//! What one certificate must satisfy by itself, wherever its path leads: RFC 5280 sections 6.1.3
//! (a)(2), 6.1.4 (k), (n), (o) and 6.1.5 (f), key usage and extended key usage (4.2.1.3, 4.2.1.12),
//! the names of the leaf (RFC 9525), the algorithm policy and the profile.
//!
//! These checks depend on the certificate, its role and the time, not on the certificates around
//! it. So the search runs them once for each certificate, and never follows one that fails. They
//! cost decoding each extension once and comparing a few numbers; no signature is checked.

use alloc::vec::Vec;

use const_oid::ObjectIdentifier;

use super::checked_certificate::{CertificateCheck, Role};
use super::options::{PathOptions, UsageScope, usages_consistent_with};
use super::requirements;
use super::violation::{Findings, FirstViolation, Rule, Violation};
use crate::certificate::ExtensionKind;
use crate::certificate::extensions::{DecodedExtensions, KeyUsage};
use crate::oid;
use crate::time::Time;
use crate::trust::{AnchorKeys, TrustAnchor, TrustStore};

/// What the search and the checks of whole paths need to know of a certificate, without decoding it
/// again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CertificateSummary {
    /// pathLenConstraint.
    pub(crate) path_len: Option<u32>,
    pub(crate) self_issued: bool,
    /// Has nameConstraints.
    pub(crate) constrains_names: bool,
    /// Has policyMappings or policyConstraints.
    pub(crate) demands_policies: bool,
    /// Has tlsfeature.
    pub(crate) promises_features: bool,
}

impl CertificateCheck<'_> {
    /// Runs them all.
    pub(crate) fn run(
        &self,
        findings: &mut impl Findings,
    ) -> Result<CertificateSummary, Violation> {
        let summary = self.timeless(findings)?;
        self.period(findings)?;
        Ok(summary)
    }

    /// Runs those that come out the same at any moment.
    fn timeless(&self, findings: &mut impl Findings) -> Result<CertificateSummary, Violation> {
        let mut extensions = DecodedExtensions::default();
        self.decode(&mut extensions, findings)?;
        self.critical_extensions(&extensions, findings)?;
        self.algorithms(findings)?;
        match self.role {
            Role::Leaf => self.leaf(&extensions, findings)?,
            Role::Intermediate | Role::Anchor => self.issuer(&extensions, findings)?,
        }
        requirements::check(self, &extensions, findings)?;
        self.usage(&extensions, findings)?;
        Ok(CertificateSummary {
            path_len: extensions
                .basic_constraints
                .and_then(|basic| basic.path_len),
            self_issued: match self.self_issued {
                Some(known) => known,
                None => self.role != Role::Leaf && self.certificate.is_self_issued(),
            },
            constrains_names: extensions.name_constraints.is_some(),
            demands_policies: extensions.policy_mappings.is_some()
                || extensions.policy_constraints.is_some(),
            promises_features: extensions.tls_feature.is_some(),
        })
    }

    /// Decodes all known extensions, used or not: what does not decode is malformed whatever the
    /// purpose, is noted as that and counts as absent afterwards.
    pub(crate) fn decode<'a>(
        &'a self,
        extensions: &mut DecodedExtensions<'a>,
        findings: &mut impl Findings,
    ) -> Result<(), Violation> {
        if self.certificate.decode_extensions(extensions).is_ok() {
            return Ok(());
        }
        self.note_malformed(extensions, findings)
    }

    #[cold]
    fn note_malformed<'a>(
        &'a self,
        extensions: &mut DecodedExtensions<'a>,
        findings: &mut impl Findings,
    ) -> Result<(), Violation> {
        *extensions = DecodedExtensions::default();
        for (extension, value) in self.certificate.known_extensions() {
            if let Err(error) = extensions.add(extension, value) {
                self.note(findings, Rule::InvalidExtension { extension, error })?;
            }
        }
        Ok(())
    }

    /// RFC 5280 sections 6.1.4 (o) and 6.1.5 (f): each critical extension is known, and all of it
    /// can be interpreted.
    fn critical_extensions(
        &self,
        extensions: &DecodedExtensions<'_>,
        findings: &mut impl Findings,
    ) -> Result<(), Violation> {
        // Known, but not read unless the caller says so: critical, it is as good as unknown (RFC
        // 5280 section 4.2).
        let unread = ExtensionKind::ApplicationPolicies;
        if self.certificate.is_critical(unread) && !self.options.usage.application_policies {
            let rule = Rule::UnknownCriticalExtension(unread.oid().to_owned());
            self.note(findings, rule)?;
        }
        // Whoever takes a critical extension can interpret all of it: here, what is said of a
        // policy.
        if let Some(policies) = &extensions.certificate_policies
            && self
                .certificate
                .is_critical(ExtensionKind::CertificatePolicies)
            && let Some(oid) = policies
                .iter()
                .find_map(|policy| policy.uninterpretable_qualifier())
        {
            self.note(findings, Rule::UnknownPolicyQualifier(oid.to_owned()))?;
        }
        match self.certificate.unknown_critical_extension() {
            Some(oid) => self.note(findings, Rule::UnknownCriticalExtension(oid.to_owned())),
            None => Ok(()),
        }
    }

    /// The caller's policy on keys and signature algorithms.
    fn algorithms(&self, findings: &mut impl Findings) -> Result<(), Violation> {
        let policy = &self.options.algorithms;
        let certificate = self.certificate;
        if !policy.takes_key(certificate.spki_der())
            && let Err(error) = policy.check_key(&certificate.public_key())
        {
            self.note(findings, Rule::Algorithm(error))?;
        }
        // Nobody verifies the signature of an anchor.
        if self.role != Role::Anchor
            && !policy.takes_signatures_by(certificate.signature_algorithm_der())
            && let Err(error) = policy.check_signature(&certificate.signature_algorithm())
        {
            self.note(findings, Rule::Algorithm(error))?;
        }
        Ok(())
    }

    /// What the caller asks of the leaf: usages of its key (RFC 5280 section 4.2.1.3) and names
    /// (RFC 9525 section 6).
    fn leaf(
        &self,
        extensions: &DecodedExtensions<'_>,
        findings: &mut impl Findings,
    ) -> Result<(), Violation> {
        let asked = self.options.key_usage;
        let allowed = extensions.key_usage;
        if !asked.is_empty() && !allowed.is_none_or(|allowed| allowed.contains(asked)) {
            self.note(findings, Rule::KeyUsageMissing)?;
        }
        let names = extensions
            .subject_alt_name
            .map(|extension| extension.names());
        let mut asked = self.options.peer_names.iter().chain(self.expected);
        if !asked.all(|name| name.matches(names.as_ref())) {
            self.note(findings, Rule::NameMismatch)?;
        }
        Ok(())
    }

    /// RFC 5280 section 6.1.4 (k) and (n): who issued a certificate is a CA, and its key may sign
    /// certificates.
    fn issuer(
        &self,
        extensions: &DecodedExtensions<'_>,
        findings: &mut impl Findings,
    ) -> Result<(), Violation> {
        // An anchor may be a version 1 certificate, or an old one that does not say that it is a
        // CA; one that says that it is none is taken at its word.
        let stands = self.certificate.has(ExtensionKind::BasicConstraints);
        let is_ca = match extensions.basic_constraints {
            Some(basic) => basic.ca,
            // What stands there and does not decode has been noted as that.
            None => self.role == Role::Anchor || stands,
        };
        if !is_ca {
            self.note(findings, Rule::NotACa)?;
        }
        let may_sign = |usage: KeyUsage| usage.contains(KeyUsage::KEY_CERT_SIGN);
        if !extensions.key_usage.is_none_or(may_sign) {
            self.note(findings, Rule::MayNotSignCertificates)?;
        }
        Ok(())
    }

    /// Extended key usage (RFC 5280 section 4.2.1.12), or Microsoft's application policies in its
    /// place.
    fn usage(
        &self,
        extensions: &DecodedExtensions<'_>,
        findings: &mut impl Findings,
    ) -> Result<(), Violation> {
        let required = self.options.purpose.required();
        let policy = self.options.usage;
        if required.is_empty() || (self.role != Role::Leaf && policy.scope == UsageScope::LeafOnly)
        {
            return Ok(());
        }
        let replaced = extensions
            .application_policies
            .as_ref()
            .filter(|_| policy.application_policies);
        if let Some(policies) = replaced {
            if !required.iter().all(|purpose| policies.contains(purpose)) {
                self.note(findings, Rule::WrongUsage)?;
            }
            return Ok(());
        }
        let Some(usage) = &extensions.extended_key_usage else {
            if self.role == Role::Leaf && policy.leaf_must_have {
                self.note(findings, Rule::NoExtendedKeyUsage)?;
            }
            return Ok(());
        };
        let any = policy.any_stands_for_all && usage.contains(&oid::ANY_EXTENDED_KEY_USAGE);
        if !any && !required.iter().all(|purpose| usage.contains(purpose)) {
            self.note(findings, Rule::WrongUsage)?;
        } else if self.role == Role::Leaf && !policy.ignores_key_usage {
            self.key_usage_allows(required, extensions, findings)?;
        }
        Ok(())
    }

    /// Where a certificate has both, keyUsage too must allow each purpose (RFC 5280 section
    /// 4.2.1.12).
    fn key_usage_allows(
        &self,
        purposes: &[ObjectIdentifier],
        extensions: &DecodedExtensions<'_>,
        findings: &mut impl Findings,
    ) -> Result<(), Violation> {
        let Some(allowed) = extensions.key_usage else {
            return Ok(());
        };
        let mut wanted = purposes.iter().filter_map(usages_consistent_with);
        if wanted.all(|usages| allowed.intersects(usages)) {
            return Ok(());
        }
        self.note(findings, Rule::KeyUsageAgainstPurpose)
    }

    /// RFC 5280 section 6.1.3 (a)(2): the validity period includes the moment that is asked for
    /// (6.1.1 (b)).
    fn period(&self, findings: &mut impl Findings) -> Result<(), Violation> {
        let skew = i64::from(self.options.clock_skew);
        let not_before = self.certificate.not_before();
        let not_after = self.certificate.not_after();
        if self.at < not_before.plus(-skew) {
            self.note(findings, Rule::NotYetValid { not_before })?;
        }
        if self.at > not_after.plus(skew) {
            self.note(findings, Rule::Expired { not_after })?;
        }
        Ok(())
    }
}

/// What is known of anchors whatever the moment, by their place in the store; `None` for one that
/// fails by itself. It is found out once, so that a validation does not decode the same roots
/// again.
#[derive(Debug, Default)]
pub(crate) struct AnchorSummaries(Vec<Option<CertificateSummary>>);

impl AnchorSummaries {
    pub(crate) fn prepare(store: &TrustStore, keys: &AnchorKeys, options: &PathOptions) -> Self {
        let summary = |(index, anchor)| {
            // Any place above the leaf will do: it only decides what is forgiven.
            let mut findings = FirstViolation(options.forgiven);
            let signs_itself = || keys.signs_itself(index, anchor);
            timeless_anchor(anchor, 1, options, &signs_itself, &mut findings).ok()
        };
        Self(store.anchors().iter().enumerate().map(summary).collect())
    }

    /// What is known of this anchor.
    pub(crate) fn get(&self, index: usize) -> Option<CertificateSummary> {
        self.0.get(index).copied().flatten()
    }
}

/// RFC 5280 section 6.1.1 (d): the checks of an anchor at the top of a path, which are those of its
/// certificate, if it has one, and of the caller's constraints. `known` are the [`AnchorSummaries`]
/// of this anchor; without them it is looked at anew.
pub(crate) fn check_anchor(
    anchor: &TrustAnchor,
    position: usize,
    at: Time,
    options: &PathOptions,
    known: Option<CertificateSummary>,
    signs_itself: &dyn Fn() -> bool,
    findings: &mut impl Findings,
) -> Result<CertificateSummary, Violation> {
    let constraints = anchor.constraints();
    if let Some(not_after) = constraints.not_after
        && at > not_after
    {
        let rule = Rule::AnchorExpired { not_after };
        findings.note(Violation { position, rule })?;
    }
    if let Some(purposes) = &constraints.purposes
        && !options.ignores_anchor_purposes
        && !vouches(purposes, options.purpose.required())
    {
        let rule = Rule::AnchorPurpose;
        findings.note(Violation { position, rule })?;
    }
    let summary = match known {
        Some(summary) => summary,
        None => timeless_anchor(anchor, position, options, signs_itself, findings)?,
    };
    if let Some(check) = anchor_check(anchor, position, at, options, signs_itself) {
        check.period(findings)?;
    }
    Ok(summary)
}

/// The checks of an anchor's certificate, if it has one.
fn anchor_check<'a>(
    anchor: &'a TrustAnchor,
    position: usize,
    at: Time,
    options: &'a PathOptions,
    signs_itself: &'a dyn Fn() -> bool,
) -> Option<CertificateCheck<'a>> {
    Some(CertificateCheck {
        certificate: anchor.certificate()?,
        position,
        role: Role::Anchor,
        at,
        options,
        expected: &[],
        self_issued: None,
        signs_itself,
    })
}

/// Does an anchor that is trusted for these purposes vouch for what is asked? Whoever asks for no
/// purpose lets each one pass, which is more than it vouches for.
fn vouches(trusted: &[ObjectIdentifier], asked: &[ObjectIdentifier]) -> bool {
    !asked.is_empty() && asked.iter().all(|purpose| trusted.contains(purpose))
}

fn timeless_anchor(
    anchor: &TrustAnchor,
    position: usize,
    options: &PathOptions,
    signs_itself: &dyn Fn() -> bool,
    findings: &mut impl Findings,
) -> Result<CertificateSummary, Violation> {
    let any_time = Time::from_unix(0);
    let mut summary = match anchor_check(anchor, position, any_time, options, signs_itself) {
        Some(check) => check.timeless(findings)?,
        None => bare_anchor(anchor, position, options, findings)?,
    };
    summary.constrains_names |= anchor.constraints().name_constraints.is_some();
    Ok(summary)
}

fn bare_anchor(
    anchor: &TrustAnchor,
    position: usize,
    options: &PathOptions,
    findings: &mut impl Findings,
) -> Result<CertificateSummary, Violation> {
    if let Err(error) = options.algorithms.check_key(&anchor.public_key()) {
        let rule = Rule::Algorithm(error);
        findings.note(Violation { position, rule })?;
    }
    Ok(CertificateSummary::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Certificate;
    use crate::certificate::testing::{Parts, extension};
    use crate::path::violation::AllViolations;

    #[test]
    fn each_known_extension_is_decoded_whatever_is_asked() {
        for kind in ExtensionKind::ALL {
            // No extension of these is an INTEGER but one, which is not negative.
            let garbage = [0x02, 0x01, 0xff];
            let parts = Parts::default();
            let parts = parts.with_extensions(&[extension(kind.oid().as_bytes(), None, &garbage)]);
            let certificate = Certificate::from_der(&parts.der()).unwrap();
            let mut findings = AllViolations::default();
            let options = PathOptions::default();
            let check = CertificateCheck {
                certificate: &certificate,
                position: 0,
                role: Role::Leaf,
                at: Time::from_unix(0),
                options: &options,
                expected: &[],
                self_issued: None,
                signs_itself: &|| false,
            };
            let mut extensions = DecodedExtensions::default();
            check.decode(&mut extensions, &mut findings).unwrap();
            let [violation] = &findings.violations[..] else {
                panic!("{kind:?}: {:?}", findings.violations);
            };
            assert!(
                matches!(violation.rule, Rule::InvalidExtension { extension, .. } if extension == kind)
            );
        }
    }
}

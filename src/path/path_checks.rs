//! The checks that depend on a path as a whole: its length, its names, its policies, the TLS
//! features that its CAs promise (RFC 5280 sections 6.1.3 (b) to (f), 6.1.4 (a), (b), (g) to (j),
//! (l), (m), 6.1.5 (a), (b), (g); RFC 7633 section 4.2.2).
//!
//! Signatures are checked in `signatures.rs`, and what a certificate must satisfy by itself in
//! `certificate_checks.rs`. Lengths cost a comparison for each certificate. Names and policies cost
//! nothing where no certificate constrains them, and are paid for from the budget where one does.

use alloc::vec::Vec;

use const_oid::ObjectIdentifier;
use tinyvec::TinyVec;

use super::budget::{Budget, OCTETS_PER_COMPARISON, Refusal};
use super::certificate_checks::CertificateSummary;
use super::context::{PathContext, PoolId};
use super::name_constraints::{CertificateNames, Constraints, LeadingDot};
use super::policy_graph::{CertificatePolicyView, PolicyGraph, PolicyOutcome, PolicyViolation};
use super::policy_inputs::PolicyInputs;
use super::profile::Profile;
use super::violation::{Findings, Rule, Violation};
use crate::certificate::extensions::{
    CertificatePolicies, InhibitAnyPolicy, NameConstraints, PolicyConstraints, PolicyMappings,
    SubjectAltName, TlsFeature,
};
use crate::certificate::{Certificate, ExtensionKind};
use crate::trust::TrustAnchor;

/// What is known of the certificates of a path, leaf first.
pub(crate) type CertificateSummaries = TinyVec<[CertificateSummary; 8]>;

/// A path: leaf first, and the anchor that it ends in, if it does.
pub(crate) struct PathChecks<'p, 'a> {
    pub(crate) context: &'p PathContext<'a>,
    pub(crate) certificates: &'p [PoolId],
    pub(crate) summaries: &'p [CertificateSummary],
    pub(crate) anchor: Option<(&'a TrustAnchor, CertificateSummary)>,
}

impl<'a> PathChecks<'_, 'a> {
    /// Runs all checks of the path as a whole.
    pub(crate) fn check(
        &self,
        budget: &mut Budget,
        findings: &mut impl Findings,
    ) -> Result<(), Violation> {
        self.lengths(findings)?;
        self.hashes(findings)?;
        self.names(budget, findings)?;
        self.features(budget, findings)?;
        self.policies(budget, findings)
    }

    /// RFC 5280 sections 6.1.2 (k) and 6.1.4 (l) and (m), max_path_length: at most
    /// pathLenConstraint certificates that are not self-issued may stand between a CA and the leaf.
    /// It is counted from the leaf up. The pathLenConstraint of an anchor counts too.
    fn lengths(&self, findings: &mut impl Findings) -> Result<(), Violation> {
        let mut below = 0u32;
        let top = self.summaries.len();
        for (position, summary) in self.summaries.iter().enumerate().skip(1) {
            allow(position, summary, below, findings)?;
            below += u32::from(!summary.self_issued);
        }
        if let Some((_, summary)) = &self.anchor {
            allow(top, summary, below, findings)?;
        }
        if let Some(allowed) = self.context.options.max_intermediates
            && below > allowed
        {
            let (position, rule) = (top.saturating_sub(1), Rule::TooDeep { allowed });
            findings.note(Violation { position, rule })?;
        }
        Ok(())
    }

    /// Where the policy asks for it, each signature is over the hash that suits the key that made
    /// it.
    fn hashes(&self, findings: &mut impl Findings) -> Result<(), Violation> {
        let policy = &self.context.options.algorithms;
        if !policy.binds_hashes() {
            return Ok(());
        }
        let anchor = self.anchor.iter().map(|(anchor, _)| anchor.public_key());
        let certificates = self.certificates.iter();
        let certificates = certificates.map(|&id| self.context.certificate(id));
        let issuers = certificates.clone().skip(1).map(Certificate::public_key);
        for (position, (child, key)) in certificates.zip(issuers.chain(anchor)).enumerate() {
            if let Err(error) = policy.check_pair(&key, &child.signature_algorithm()) {
                let rule = Rule::Algorithm(error);
                findings.note(Violation { position, rule })?;
            }
        }
        Ok(())
    }

    /// Name constraints, from the anchor down.
    fn names(&self, budget: &mut Budget, findings: &mut impl Findings) -> Result<(), Violation> {
        let anchor_summary = self.anchor.as_ref().map(|(_, summary)| summary);
        let mut issuers = self.summaries.iter().skip(1).chain(anchor_summary);
        if !issuers.any(|summary| summary.constrains_names) {
            return Ok(());
        }
        // RFC 5280 sections 6.1.1 (h) and (i), 6.1.2 (b) and (c): the initial subtrees are those of
        // the anchor, as the caller and its certificate give them.
        let mut constraints = Constraints::new(self.leading_dot());
        if let Some((anchor, _)) = self.anchor {
            let own = anchor.constraints().name_constraints.as_deref();
            let own = own.and_then(|der| NameConstraints::from_der(der).ok());
            let certificates = anchor.certificate().and_then(Certificate::readable);
            own.into_iter()
                .chain(certificates)
                .for_each(|more| constraints.push(more));
        }
        let certificates = self.certificates.iter().zip(self.summaries);
        for (position, (&id, summary)) in certificates.enumerate().rev() {
            let certificate = self.context.certificate(id);
            // RFC 5280 section 6.1.3 (b) and (c). Nothing is asked of the names of a self-issued
            // CA: they are not even read.
            if position == 0 || !summary.self_issued {
                let checked = check_names(&constraints, certificate, position == 0, budget);
                note(findings, position, Rule::Name, checked)?;
            }
            // RFC 5280 section 6.1.4 (g).
            let own = octets(certificate, &[ExtensionKind::NameConstraints]);
            let paid = budget.spend_comparisons(own / OCTETS_PER_COMPARISON);
            note(findings, position, Rule::Name, paid.map_err(Refusal::from))?;
            if position > 0
                && let Some(more) = certificate.readable()
            {
                constraints.push(more);
            }
        }
        Ok(())
    }

    /// RFC 5280 section 4.2.1.10 knows no leading dot in constraints on DNS names; issuers write it
    /// all the same.
    fn leading_dot(&self) -> LeadingDot {
        match self.context.options.profile {
            Profile::Rfc5280 => LeadingDot::Refused,
            _ => LeadingDot::Subdomains,
        }
    }

    /// RFC 7633 section 4.2.2 (TLS feature): what a CA promises to do in TLS, every certificate
    /// that it issued promises too.
    fn features(&self, budget: &mut Budget, findings: &mut impl Findings) -> Result<(), Violation> {
        let top = self.anchor.as_ref();
        let top = top.map(|(anchor, summary)| (anchor.certificate(), summary));
        let below = self.certificates.iter().zip(self.summaries);
        let below = below.map(|(&id, summary)| (Some(self.context.certificate(id)), summary));
        let issuers = below.clone().skip(1).chain(top);
        for (position, ((child, _), (issuer, summary))) in below.zip(issuers).enumerate() {
            if !summary.promises_features {
                continue;
            }
            let (promised, kept) = (features(issuer), features(child));
            let read = [issuer, child].into_iter().flatten();
            let read = read.map(|certificate| octets(certificate, &[ExtensionKind::TlsFeature]));
            let read = read.sum::<usize>() / OCTETS_PER_COMPARISON;
            let pairs = promised
                .clone()
                .count()
                .saturating_mul(kept.clone().count());
            if let Err(exhausted) = budget.spend_comparisons(read.saturating_add(pairs)) {
                let rule = Rule::Exhausted(exhausted);
                findings.note(Violation { position, rule })?;
                continue;
            }
            let mut promised = promised;
            if !promised.all(|feature| kept.clone().any(|kept| kept == feature)) {
                let rule = Rule::TlsFeatureMissing;
                findings.note(Violation { position, rule })?;
            }
        }
        Ok(())
    }

    /// Certificate policies: RFC 5280 sections 6.1.3 (d) to (f), 6.1.4 (a), (b) and (h) to (j),
    /// 6.1.5 (a), (b) and (g), in `policy_graph.rs`.
    ///
    /// They can only make a path fall where a certificate or the caller demands a policy, or a
    /// certificate maps one. What they come to otherwise is worked out when it is asked for.
    fn policies(&self, budget: &mut Budget, findings: &mut impl Findings) -> Result<(), Violation> {
        let inputs = &self.context.options.policies;
        let anchor_summary = self.anchor.as_ref().map(|(_, summary)| summary);
        let mut summaries = self.summaries.iter().chain(anchor_summary);
        let demanded = summaries.any(|summary| summary.demands_policies);
        if !inputs.require_policy() && !demanded {
            return Ok(());
        }
        let path: Vec<_> = self
            .certificates
            .iter()
            .zip(self.summaries)
            .map(|(&id, summary)| (self.context.certificate(id), summary.self_issued))
            .collect();
        let anchor = self.anchor.and_then(|(anchor, _)| anchor.certificate());
        match policies_of(&path, anchor, inputs, budget) {
            Ok(_) => Ok(()),
            Err((position, refusal)) => note(findings, position, Rule::Policy, Err(refusal)),
        }
    }
}

/// Does pathLenConstraint of the certificate at this place allow so many below it?
#[inline]
fn allow(
    position: usize,
    summary: &CertificateSummary,
    below: u32,
    findings: &mut impl Findings,
) -> Result<(), Violation> {
    match summary.path_len {
        Some(allowed) if below > allowed => {
            let rule = Rule::PathTooLong { allowed };
            findings.note(Violation { position, rule })
        }
        _ => Ok(()),
    }
}

/// The octets of these extensions.
fn octets(certificate: &Certificate, kinds: &[ExtensionKind]) -> usize {
    let each = kinds.iter().filter_map(|kind| certificate.extension(*kind));
    each.map(<[u8]>::len).sum()
}

/// Checks the names of one certificate, and pays for reading them.
fn check_names(
    constraints: &Constraints<'_>,
    certificate: &Certificate,
    last: bool,
    budget: &mut Budget,
) -> Result<(), Refusal<super::name_constraints::Violation>> {
    let alternative = octets(certificate, &[ExtensionKind::SubjectAltName]);
    let read = alternative + certificate.subject().as_der().len();
    budget.spend_comparisons(read / OCTETS_PER_COMPARISON)?;
    let alternative = certificate.readable::<SubjectAltName<'_>>();
    let alternative = alternative.map(|extension| extension.names());
    let names = CertificateNames {
        subject: certificate.subject(),
        alternative: alternative.as_ref(),
        // A CA that is self-issued does not come here.
        self_issued: false,
        last,
    };
    constraints.check(&names, budget)
}

/// The policies that a path is good for: its certificates, leaf first, and whether each is
/// self-issued; and the anchor's certificate, for what it demands.
///
/// # Errors
/// The position of the certificate at which processing failed, and why.
pub(crate) fn policies_of<'a>(
    path: &[(&'a Certificate, bool)],
    anchor: Option<&Certificate>,
    inputs: &'a PolicyInputs,
    budget: &mut Budget,
) -> Result<PolicyOutcome<'a>, (usize, Refusal<PolicyViolation>)> {
    let mut graph = PolicyGraph::new(inputs, path.len());
    if let Some(anchor) = anchor {
        graph.lower(&policy_view(anchor, false));
    }
    for (position, &(certificate, self_issued)) in path.iter().enumerate().rev() {
        let read = octets(certificate, &POLICY_EXTENSIONS) / OCTETS_PER_COMPARISON;
        budget
            .spend_policy_nodes(1 + read)
            .map_err(|exhausted| (position, exhausted.into()))?;
        graph
            .step(policy_view(certificate, self_issued), budget)
            .map_err(|refusal| (position, refusal))?;
    }
    graph
        .finish()
        .map_err(|violation| (0, Refusal::Violation(violation)))
}

const POLICY_EXTENSIONS: [ExtensionKind; 2] = [
    ExtensionKind::CertificatePolicies,
    ExtensionKind::PolicyMappings,
];

fn policy_view<'a>(
    certificate: &'a Certificate,
    self_issued: bool,
) -> CertificatePolicyView<
    impl Iterator<Item = crate::Oid<'a>>,
    impl Iterator<Item = (crate::Oid<'a>, crate::Oid<'a>)>,
> {
    let policies = certificate.readable::<CertificatePolicies<'_>>();
    let mappings = certificate.readable::<PolicyMappings<'_>>();
    let constraints = certificate.readable::<PolicyConstraints>();
    let inhibit = certificate.readable::<InhibitAnyPolicy>();
    CertificatePolicyView {
        policies: policies.map(|policies| policies.iter().map(|policy| policy.id)),
        mappings: mappings.map(|mappings| {
            mappings
                .iter()
                .map(|pair| (pair.issuer_domain, pair.subject_domain))
        }),
        require_explicit_policy: constraints.as_ref().and_then(|c| c.require_explicit),
        inhibit_policy_mapping: constraints.as_ref().and_then(|c| c.inhibit_mapping),
        inhibit_any_policy: inhibit.map(|InhibitAnyPolicy(skip)| skip),
        self_issued,
    }
}

/// The TLS features that a certificate promises.
fn features(certificate: Option<&Certificate>) -> impl Iterator<Item = u32> + Clone {
    let features = certificate.and_then(Certificate::readable::<TlsFeature<'_>>);
    features.into_iter().flat_map(|features| features.iter())
}

fn note<T>(
    findings: &mut impl Findings,
    position: usize,
    rule: impl FnOnce(T) -> Rule,
    result: Result<(), Refusal<T>>,
) -> Result<(), Violation> {
    let rule = match result {
        Ok(()) => return Ok(()),
        Err(Refusal::Violation(violation)) => rule(violation),
        Err(Refusal::Exhausted(exhausted)) => Rule::Exhausted(exhausted),
    };
    findings.note(Violation { position, rule })
}

/// Object identifiers that are too long to keep are left out of the owned form.
pub(crate) fn owned_oids<'a>(
    oids: impl IntoIterator<Item = crate::Oid<'a>>,
) -> Vec<ObjectIdentifier> {
    oids.into_iter().filter_map(|oid| oid.to_owned()).collect()
}

//! One allowance of work per validation, spent before the work is done (RFC 5280 section 8 leaves
//! this to the relying party).
//!
//! Whoever presents certificates chooses how many there are, how they name each other and how long
//! their lists are, so every kind of work that grows with these choices has a counter. The counters
//! belong to the whole validation, not to one candidate path: a hundred paths that each cost little
//! are as bad as one that costs much. A counter that ran out stays empty, so that a caller who goes
//! on by mistake is refused again.

use core::fmt;

use crate::certificate::Name;
use crate::table::errors;

/// How much of each kind of work one validation may cost.
///
/// ```
/// use portcullis::Limits;
///
/// let mut limits = Limits::default();
/// limits.signatures = 20;
/// assert_ne!(limits, Limits::default());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Limits {
    /// Signature checks over all candidate paths. 100, Go's answer to CVE-2018-16875, which
    /// rustls-webpki took over.
    pub signatures: u32,
    /// Issuer candidates looked at while searching. 200,000, the number of build steps that
    /// mozilla::pkix allows. Where a path failed for its policies, up to 10,000 of those left look
    /// for longer paths, in which a name and key come back.
    pub search_steps: u32,
    /// Comparisons of names with name constraints and with each other, longer ones counted by
    /// their length. 250,000, the default of Go's crypto/x509, which rustls-webpki took over.
    /// Names are looked up in order: 500 of them under 100 constraints cost 7,000. See
    /// [`Exhausted::NameConstraintPairs`] for a limit that stands beside it, as in OpenSSL.
    pub name_comparisons: u32,
    /// Certificates whose policies are processed, policies, mappings and nodes of policy graphs,
    /// over all candidate paths. 16,000: OpenSSL's 1,000 for a tree, for as many tried paths as a
    /// report keeps.
    pub policy_nodes: u32,
    /// Certificates presented or fetched, the leaf included. 128: above the 101 of the deepest
    /// chain in public suites, so that such chains fail for what is wrong with them.
    pub certificates: u32,
    /// Bytes of these certificates. 1 MiB: ten times what OpenSSL takes from a peer, as issuers
    /// may be fetched too.
    pub bytes: u32,
    /// Certificates on one path, the leaf included and the anchor not. 32: twice GnuTLS's depth.
    pub path_length: u32,
    /// Requests for evidence and issuers. 64: two sources for each certificate of the longest
    /// path.
    pub fetches: u32,
    /// Bytes of CRLs and OCSP responses that are taken in. 64 MiB: the largest lists of public CAs
    /// have about 10 MB.
    pub evidence_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            signatures: 100,
            search_steps: 200_000,
            name_comparisons: 250_000,
            policy_nodes: 16_000,
            certificates: 128,
            bytes: 1 << 20,
            path_length: 32,
            fetches: 64,
            evidence_bytes: 64 << 20,
        }
    }
}

/// The running counters of one validation.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    left: Limits,
}

impl Budget {
    /// A full budget.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            left: limits.clone(),
        }
    }

    /// What is left of each allowance.
    #[must_use]
    pub const fn left(&self) -> &Limits {
        &self.left
    }

    /// Pays for one signature check.
    ///
    /// # Errors
    /// [`Exhausted::Signatures`].
    #[inline]
    pub fn spend_signature(&mut self) -> Result<(), Exhausted> {
        spend(&mut self.left.signatures, 1, Exhausted::Signatures)
    }

    /// Pays for one step of the search.
    ///
    /// # Errors
    /// [`Exhausted::SearchSteps`].
    #[inline]
    pub fn spend_step(&mut self) -> Result<(), Exhausted> {
        spend(&mut self.left.search_steps, 1, Exhausted::SearchSteps)
    }

    /// Pays for comparisons of names with constraints.
    ///
    /// # Errors
    /// [`Exhausted::NameComparisons`].
    #[inline]
    pub fn spend_comparisons(&mut self, count: usize) -> Result<(), Exhausted> {
        let left = &mut self.left.name_comparisons;
        spend(left, count, Exhausted::NameComparisons)
    }

    /// Pays for entries of policy extensions and nodes of a policy graph.
    ///
    /// # Errors
    /// [`Exhausted::PolicyNodes`].
    #[inline]
    pub fn spend_policy_nodes(&mut self, count: usize) -> Result<(), Exhausted> {
        spend(&mut self.left.policy_nodes, count, Exhausted::PolicyNodes)
    }

    /// Pays for taking in one certificate of this many bytes.
    ///
    /// # Errors
    /// [`Exhausted::Certificates`] or [`Exhausted::Bytes`].
    pub fn spend_certificate(&mut self, bytes: usize) -> Result<(), Exhausted> {
        spend(&mut self.left.certificates, 1, Exhausted::Certificates)?;
        spend(&mut self.left.bytes, bytes, Exhausted::Bytes)
    }

    /// Pays for one request.
    ///
    /// # Errors
    /// [`Exhausted::Fetches`].
    pub fn spend_fetch(&mut self) -> Result<(), Exhausted> {
        spend(&mut self.left.fetches, 1, Exhausted::Fetches)
    }

    /// Pays for taking in this many bytes of evidence. What is too large takes nothing from what is
    /// smaller.
    ///
    /// # Errors
    /// [`Exhausted::EvidenceBytes`].
    pub fn spend_evidence(&mut self, bytes: usize) -> Result<(), Exhausted> {
        let left = u32::try_from(bytes).ok();
        let left = left.and_then(|bytes| self.left.evidence_bytes.checked_sub(bytes));
        self.left.evidence_bytes = left.ok_or(Exhausted::EvidenceBytes)?;
        Ok(())
    }

    /// Sets aside what another round of the search may not use: all steps but so many, and half of
    /// what its checks and an explanation share. So it spends from the same budget, and does not
    /// use it up (`tests/paths/hostile.rs`, `second_rounds_share_the_budget`).
    pub(crate) fn set_aside(&mut self, steps: u32) -> SetAside {
        let Limits {
            search_steps,
            name_comparisons,
            policy_nodes,
            ..
        } = &mut self.left;
        SetAside {
            search_steps: take(search_steps, steps),
            name_comparisons: take(name_comparisons, *name_comparisons / 2),
            policy_nodes: take(policy_nodes, *policy_nodes / 2),
        }
    }

    /// Puts back what was set aside.
    pub(crate) fn put_back(&mut self, aside: &SetAside) {
        self.left.search_steps += aside.search_steps;
        self.left.name_comparisons += aside.name_comparisons;
        self.left.policy_nodes += aside.policy_nodes;
    }

    /// Refuses a path of more than [`Limits::path_length`] certificates; nothing is spent.
    ///
    /// # Errors
    /// [`Exhausted::PathLength`].
    pub fn check_path_length(&self, certificates: usize) -> Result<(), Exhausted> {
        if u32::try_from(certificates).is_ok_and(|n| n <= self.left.path_length) {
            Ok(())
        } else {
            Err(Exhausted::PathLength)
        }
    }
}

/// What [`Budget::set_aside`] took out of a budget.
#[derive(Debug)]
pub(crate) struct SetAside {
    search_steps: u32,
    name_comparisons: u32,
    policy_nodes: u32,
}

/// Leaves at most `rest`, and gives what was taken.
fn take(left: &mut u32, rest: u32) -> u32 {
    let taken = left.saturating_sub(rest);
    *left -= taken;
    taken
}

/// Octets of names and of extensions that are as much work as one comparison.
pub(crate) const OCTETS_PER_COMPARISON: usize = 64;

/// What it costs to compare so many octets.
pub(crate) const fn comparisons_for(octets: usize) -> usize {
    1 + octets / OCTETS_PER_COMPARISON
}

/// What it costs to read a name once in its normal form.
pub(crate) fn comparisons_to_read(name: Name<'_>) -> usize {
    comparisons_for(name.work())
}

#[inline]
fn spend(left: &mut u32, cost: usize, out: Exhausted) -> Result<(), Exhausted> {
    let rest = u32::try_from(cost)
        .ok()
        .and_then(|cost| left.checked_sub(cost));
    *left = rest.unwrap_or(0);
    rest.map(|_| ()).ok_or(out)
}

errors! {
    /// The allowance that ran out.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Exhausted {
        /// [`Limits::signatures`].
        Signatures => "more signature checks than one validation may cost";
        /// [`Limits::search_steps`].
        SearchSteps => "more search steps than one validation may cost";
        /// [`Limits::name_comparisons`].
        NameComparisons => "more name constraint comparisons than one validation may cost";
        /// [`Limits::policy_nodes`].
        PolicyNodes => "more policy nodes than one validation may cost";
        /// [`Limits::certificates`].
        Certificates => "more certificates than one validation takes in";
        /// [`Limits::bytes`].
        Bytes => "more bytes of certificates than one validation takes in";
        /// [`Limits::path_length`].
        PathLength => "a path of more certificates than allowed";
        /// [`Limits::fetches`].
        Fetches => "more requests than one validation may make";
        /// [`Limits::evidence_bytes`].
        EvidenceBytes => "more bytes of evidence than one validation takes in";
        /// More than 2^20 pairs of a name and a name constraint of one CA: a limit that nobody can
        /// raise.
        NameConstraintPairs => "more than 2^20 pairs of a name and a name constraint of one CA";
    }
}

/// Why a check did not pass: what it found, or that it was too much work to find out.
///
/// The first speaks against one path, the second ends the validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Refusal<F> {
    /// The certificates break a rule.
    Violation(F),
    /// The budget ran out before the rule was checked.
    Exhausted(Exhausted),
}

impl<F> From<Exhausted> for Refusal<F> {
    fn from(exhausted: Exhausted) -> Self {
        Self::Exhausted(exhausted)
    }
}

impl<F: fmt::Display> fmt::Display for Refusal<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Violation(violation) => violation.fmt(f),
            Self::Exhausted(exhausted) => exhausted.fmt(f),
        }
    }
}

impl<F: fmt::Debug + fmt::Display> core::error::Error for Refusal<F> {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn small() -> Limits {
        Limits {
            signatures: 2,
            search_steps: 2,
            name_comparisons: 10,
            policy_nodes: 10,
            certificates: 2,
            bytes: 100,
            path_length: 3,
            fetches: 2,
            evidence_bytes: 100,
        }
    }

    #[test]
    fn the_last_unit_is_spendable_and_the_next_is_not() {
        let mut budget = Budget::new(&small());
        assert_eq!(budget.spend_signature(), Ok(()));
        assert_eq!(budget.spend_signature(), Ok(()));
        assert_eq!(budget.spend_signature(), Err(Exhausted::Signatures));
        assert_eq!(budget.spend_step(), Ok(()));
        assert_eq!(budget.spend_step(), Ok(()));
        assert_eq!(budget.spend_step(), Err(Exhausted::SearchSteps));
    }

    #[test]
    fn a_counter_that_ran_out_stays_empty() {
        let mut budget = Budget::new(&small());
        assert_eq!(
            budget.spend_comparisons(11),
            Err(Exhausted::NameComparisons)
        );
        assert_eq!(budget.spend_comparisons(1), Err(Exhausted::NameComparisons));
        assert_eq!(budget.spend_policy_nodes(10), Ok(()));
        assert_eq!(
            budget.spend_policy_nodes(usize::MAX),
            Err(Exhausted::PolicyNodes)
        );
        assert_eq!(budget.left().policy_nodes, 0);
    }

    #[test]
    fn certificates_are_counted_and_weighed() {
        let mut budget = Budget::new(&small());
        assert_eq!(budget.spend_certificate(90), Ok(()));
        assert_eq!(budget.spend_certificate(11), Err(Exhausted::Bytes));
        assert_eq!(budget.spend_certificate(1), Err(Exhausted::Certificates));
    }

    #[test]
    fn path_length_is_compared_and_not_spent() {
        let budget = Budget::new(&small());
        assert_eq!(budget.check_path_length(3), Ok(()));
        assert_eq!(budget.check_path_length(4), Err(Exhausted::PathLength));
        assert_eq!(
            budget.check_path_length(usize::MAX),
            Err(Exhausted::PathLength)
        );
        assert_eq!(budget.check_path_length(3), Ok(()));
    }

    #[test]
    fn exhaustion_is_an_error_of_its_own() {
        let refusal: Refusal<&str> = Exhausted::Signatures.into();
        assert_eq!(refusal.to_string(), Exhausted::Signatures.to_string());
        assert_eq!(Refusal::Violation("violation").to_string(), "violation");
    }

    proptest! {
        #[test]
        fn never_spends_more_than_the_limit(
            limit in 0u32..1000,
            costs in proptest::collection::vec(0usize..400, 0..40),
        ) {
            let limits = Limits { name_comparisons: limit, ..Limits::default() };
            let mut budget = Budget::new(&limits);
            let paid: usize = costs
                .iter()
                .filter(|&&cost| budget.spend_comparisons(cost).is_ok())
                .sum();
            prop_assert!(paid <= limit as usize);
        }
    }
}

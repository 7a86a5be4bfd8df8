//! The rejection: which path it shows, and what it says of it.
//!
//! A path that fell to revocation came closest of all, and is shown as it fell. Otherwise a second
//! look explains the path that did, with all that is wrong with it. What nobody asked about is said
//! as .NET says it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::validation::{Engine, Setting, fetched};
use super::verdict::{Found, Rejected, Rejection, TriedPath, chain};
use crate::path::explain::{Choice, Explanation, explain, primary};
use crate::path::fault::{Fault, FirstFault, Rule};
use crate::path::search::FoundPath;
use crate::path::tried::TriedPaths;
use crate::path::world::PoolId;
use crate::path::{ChainStatus, UnknownStatus};
use crate::revocation::{RevocationFlag, RevocationStatus};

/// A path that fell to revocation.
pub(super) struct Fallen {
    pub(super) path: FoundPath,
    pub(super) faults: Vec<Fault>,
    pub(super) statuses: Vec<Option<RevocationStatus>>,
    pub(super) error: Fault,
}

impl Engine {
    /// The rejection, when no path is left.
    pub(super) fn reject(&mut self, setting: Setting<'_>) -> Rejected {
        if self.search.exhausted.is_none()
            && let Some(fallen) = self.fallen.take()
        {
            let Fallen {
                path,
                faults,
                statuses,
                error,
            } = *fallen;
            let anchor = Some(path.anchor.0);
            return self.rejected(
                setting,
                &path.certificates,
                anchor,
                faults,
                Some(error),
                &statuses,
            );
        }
        let shared = setting.shared;
        let choice = if shared.dotnet {
            Choice::AsDotNet
        } else {
            Choice::Closest
        };
        let world = Self::world(setting, fetched(self.issuers.as_deref()));
        let Explanation {
            certificates,
            anchor,
            mut faults,
        } = explain(&world, &mut self.search, choice);
        let forgiven = FirstFault(shared.path.forgiven);
        let mut error = primary(&faults, |fault| forgiven.is_forgiven(fault)).copied();
        if error.is_some_and(|error| error.position == 0 && error.rule.lacks_issuer())
            && let Some(own) = self.own_flaw(setting)
        {
            faults.insert(0, own);
            let passes = |fault: &Fault| fault.rule.lacks_issuer() || forgiven.is_forgiven(fault);
            error = primary(&faults, passes).copied();
        }
        let statuses = not_asked(setting, &faults, certificates.len(), anchor.is_some());
        faults.extend(faults_of(&statuses));
        faults.sort_by_key(|fault| fault.position);
        let anchor = anchor.map(|id| id.0);
        self.rejected(setting, &certificates, anchor, faults, error, &statuses)
    }

    pub(super) fn rejected(
        &mut self,
        setting: Setting<'_>,
        path: &[PoolId],
        anchor: Option<u32>,
        faults: Vec<Fault>,
        error: Option<Fault>,
        statuses: &[Option<RevocationStatus>],
    ) -> Rejected {
        let shared = setting.shared;
        let world = Self::world(setting, fetched(self.issuers.as_deref()));
        let anchors = shared.store.anchors();
        let TriedPaths { kept, more } = core::mem::take(&mut self.search.tried);
        let tried = kept.into_iter().map(|tried| TriedPath {
            certificates: tried
                .certificates
                .iter()
                .map(|&id| world.certificate(id).clone())
                .collect(),
            anchor: tried.anchor.and_then(|id| world.anchor(id)).cloned(),
            fault: tried.fault,
        });
        let tried: Vec<TriedPath> = tried.collect();
        let path: Vec<_> = path
            .iter()
            .map(|&id| (world.certificate(id).clone(), world.origin(id)))
            .collect();
        let anchor = anchor.and_then(|i| anchors.get(i as usize));
        // Something made every path fall; should the second look not find it again, the search's
        // own word stands.
        let last_word = Fault {
            position: 0,
            rule: Rule::NoIssuer,
        };
        let error = error
            .or_else(|| {
                tried
                    .iter()
                    .map(|tried| tried.fault)
                    .max_by_key(|fault| fault.rule.closeness())
            })
            .unwrap_or(last_word);
        let found = Found {
            faults: &faults,
            revocation: statuses,
        };
        Rejected(Arc::new(Rejection {
            leaf: setting.presented.leaf.clone(),
            expected: Box::from(setting.presented.expected()),
            unreadable: Box::from(setting.presented.unreadable()),
            digest: shared.digest,
            chain: chain(&path, anchor, found, shared.dotnet),
            error,
            faults,
            tried,
            more_tried: more,
        }))
    }
}

/// A refusal before any path was looked for.
pub(super) fn refuse(setting: Setting<'_>, rule: Rule) -> Rejected {
    let error = Fault { position: 0, rule };
    let faults = Vec::from([error]);
    Rejected(Arc::new(Rejection {
        leaf: setting.presented.leaf.clone(),
        expected: Box::from(setting.presented.expected()),
        unreadable: Box::from(setting.presented.unreadable()),
        digest: setting.shared.digest,
        error,
        faults,
        chain: Vec::new(),
        tried: Vec::new(),
        more_tried: 0,
    }))
}

/// The faults that statuses make, leaf first.
pub(super) fn faults_of(statuses: &[Option<RevocationStatus>]) -> Vec<Fault> {
    let found = statuses.iter().enumerate();
    let found = found.filter_map(|(position, status)| {
        let rule = match status {
            Some(RevocationStatus::Revoked(revocation, _)) => Rule::Revoked(*revocation),
            Some(RevocationStatus::Unknown(reason)) => Rule::RevocationUnknown(*reason),
            _ => return None,
        };
        Some(Fault { position, rule })
    });
    found.collect()
}

/// What a path that fell says of revocation, about which nobody asked: as in .NET, a complete path
/// that fell for anything but time or usage says that all but its root are unknown; any other says
/// nothing.
fn not_asked(
    setting: Setting<'_>,
    faults: &[Fault],
    certificates: usize,
    has_anchor: bool,
) -> Vec<Option<RevocationStatus>> {
    let policy = &setting.shared.revocation;
    let of_time_or_usage = ChainStatus::NOT_TIME_VALID.union(ChainStatus::NOT_VALID_FOR_USAGE);
    let other = |fault: &Fault| {
        let status = fault.rule.status();
        !status.is_empty() && !of_time_or_usage.contains(status)
    };
    let ends_in_root = || faults.iter().any(|fault| fault.rule == Rule::UntrustedRoot);
    let is_complete = has_anchor || ends_in_root();
    if !policy.is_checked() || !is_complete || !faults.iter().any(other) {
        return Vec::new();
    }
    let below_root = if has_anchor {
        certificates
    } else {
        certificates.saturating_sub(1)
    };
    let count = match policy.flag {
        RevocationFlag::EndCertificateOnly => below_root.min(1),
        _ => below_root,
    };
    let unknown = RevocationStatus::Unknown(UnknownStatus::PathFell);
    (0..count).map(|_| Some(unknown)).collect()
}

//! Root hints: the names of authorities that a server's request for a certificate carries (RFC 8446
//! section 4.2.4).
//!
//! Clients that hold several certificates choose by them, and browsers offer no other. Names come
//! from the anchors and then from the store's candidates, as received, each once. Candidates that
//! don't fit are left out, all of them. Anchors that don't fit are left out whole: with part of the
//! list, clients below the other anchors would send nothing, while an empty one asks for any
//! certificate.

use std::collections::BTreeSet;

use portcullis::{Certificate, Name, TrustAnchor, TrustStore};
use rustls::DistinguishedName;

/// Octets of a list that fits into one TLS record with the rest of the server's flight, some 100
/// names.
const DEFAULT_OCTETS: usize = 12 * 1024;

/// What a list may have at most: its length has two octets, and so has that of the extension around
/// it.
const MOST_OCTETS: usize = u16::MAX as usize - 2;

/// Which authorities a server names when it asks for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RootHints {
    /// All anchors and candidates of the store, or the anchors alone, or none, where the list would
    /// be longer than this many octets. What TLS has room for, 65,533, is the limit in any case.
    Anchors {
        /// Most octets of the list, two for each name included.
        octets: usize,
    },
    /// None: clients may send any certificate. This also keeps the names of the anchors from
    /// whoever connects.
    None,
}

impl Default for RootHints {
    /// All anchors and candidates, in at most 12 KiB.
    fn default() -> Self {
        Self::Anchors {
            octets: DEFAULT_OCTETS,
        }
    }
}

impl RootHints {
    pub(crate) fn of(self, store: &TrustStore) -> Vec<DistinguishedName> {
        let Self::Anchors { octets } = self else {
            return Vec::new();
        };
        let most = octets.min(MOST_OCTETS);
        let anchors = || store.anchors().iter().map(TrustAnchor::subject);
        let candidates = store.candidates().iter().map(Certificate::subject);
        // A client that has only its own certificate recognises the CA that issued it.
        list(anchors().chain(candidates), most)
            .or_else(|| list(anchors(), most))
            .unwrap_or_default()
    }
}

/// Each name once; `None` where they don't fit.
fn list<'a>(names: impl Iterator<Item = Name<'a>>, most: usize) -> Option<Vec<DistinguishedName>> {
    let mut seen = BTreeSet::new();
    let mut hints = Vec::new();
    let mut spent = 0_usize;
    for name in names.map(|name| name.as_der()) {
        if !seen.insert(name) {
            continue;
        }
        spent = spent.saturating_add(name.len()).saturating_add(2);
        if spent > most {
            return None;
        }
        hints.push(DistinguishedName::from(Vec::from(name)));
    }
    Some(hints)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::anchor;

    fn store(names: &[&str]) -> TrustStore {
        TrustStore::new(names.iter().map(|name| anchor(name)))
    }

    fn names(hints: RootHints, store: &TrustStore) -> Vec<Vec<u8>> {
        hints
            .of(store)
            .iter()
            .map(|name| name.as_ref().to_vec())
            .collect()
    }

    #[test]
    fn each_name_is_sent_once_and_as_it_was_received() {
        let store = store(&["one", "two", "one"]);
        let expected = ["one", "two"].map(|name| anchor(name).subject().as_der().to_vec());
        assert_eq!(names(RootHints::default(), &store), expected);
    }

    /// S1: a client that sends its own certificate alone finds the CA that issued it.
    #[test]
    fn candidates_follow_the_anchors_where_they_fit() {
        let candidate = include_bytes!("../../../testdata/chains/good-d2.pem");
        let candidate = Certificate::from_pem_bundle(candidate).unwrap().remove(1);
        let store = store(&["one"]).with_candidates([candidate.clone()]);
        let anchor = anchor("one").subject().as_der().to_vec();
        let issuer = candidate.subject().as_der().to_vec();
        let whole = anchor.len() + issuer.len() + 4;
        let of = |octets| names(RootHints::Anchors { octets }, &store);
        assert_eq!(of(whole), [anchor.clone(), issuer]);
        assert_eq!(of(whole - 1), [anchor]);
    }

    #[test]
    fn a_list_that_does_not_fit_is_left_out_whole() {
        let store = store(&["one", "two"]);
        let each = anchor("one").subject().as_der().len() + 2;
        let of = |octets| names(RootHints::Anchors { octets }, &store).len();
        assert_eq!(of(2 * each), 2);
        assert_eq!(of(2 * each - 1), 0);
        assert_eq!(of(0), 0);
        assert_eq!(names(RootHints::None, &store).len(), 0);
    }

    #[test]
    fn tls_has_an_end_too() {
        let name = |n: usize| format!("{n:0>200}");
        let many: Vec<_> = (0..400).map(|n| anchor(&name(n))).collect();
        let any = RootHints::Anchors { octets: usize::MAX };
        assert!(any.of(&TrustStore::new(many.clone())).is_empty());
        let few = TrustStore::new(many.into_iter().take(200));
        assert_eq!(any.of(&few).len(), 200);
        assert!(RootHints::default().of(&few).is_empty());
    }
}

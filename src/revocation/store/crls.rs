//! CRLs by speaker and scope.
//!
//! A speaker is a name and the key that signed: a name alone is not enough, since whoever may
//! certify somebody of that name could fill the store under it. A look-up for a certificate asks
//! for speakers whose keys the validation knows, and for the names that its distribution points
//! have. So it meets no CRL of anybody else, and of a CA that cuts its CRL into thousands of parts
//! those that the points name. Each name costs a hash, and at most [`MAX_FOUND`] CRLs of one
//! speaker are given.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};

use super::accounts::Party;
use super::entry::{Entry, Source};
use super::table::Hashes;
use super::{Evidence, EvidenceStore, Kept, TooLarge};
use crate::certificate::{Certificate, Name};
use crate::revocation::crl::Crl;
use crate::revocation::judge::Judge;
use crate::revocation::judge::scope::{ScopeName, Subject, names_of_crl, names_of_points};

/// Most CRLs that a look-up gives of one speaker.
const MAX_FOUND: usize = 64;

/// Most names of a certificate's points that are looked up.
pub(crate) const MAX_POINT_NAMES: usize = 32;

/// Most names of a CRL's scope under which it is found.
const MAX_SCOPE_NAMES: usize = 8;

/// Whose CRLs are looked up; without a key those of this name that nobody has verified.
#[derive(Clone, Copy)]
pub(crate) struct Speaker<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) key: Option<&'a [u8]>,
}

impl Evidence {
    /// The CRLs of a speaker that may be about a certificate, each with the key that is known to
    /// have signed it.
    pub(crate) fn crls_of(
        &self,
        speaker: Speaker<'_>,
        subject: Subject<'_>,
    ) -> Vec<(Crl, Option<Arc<[u8]>>)> {
        if speaker.key.is_none() && self.aside == 0 {
            return Vec::new();
        }
        let of_speaker = self.speaker_hash(speaker);
        let mut hashes = Vec::from([self.crl_hash(of_speaker, None)]);
        names_of_points(subject, &mut |name| {
            hashes.push(self.crl_hash(of_speaker, Some(name)));
            hashes.len() <= MAX_POINT_NAMES
        });
        let is_of_speaker = |entry: &Entry| entry.key.as_deref() == speaker.key;
        let found = self.entries.find(&hashes, MAX_FOUND, is_of_speaker);
        let crls = found.into_iter().filter_map(|place| {
            let entry = self.entries.get(place)?;
            entry.note_use();
            Some((entry.held.crl()?.clone(), entry.key.clone()))
        });
        crls.collect()
    }

    /// Adds a CRL by hand. It counts as soon as a validation finds that it is signed by whom it
    /// must be, and stands beside all others until then; afterwards the newer one wins. It is never
    /// given up for others.
    ///
    /// While it counts, nobody asks for its successor: what is revoked after it was signed is not
    /// seen before it ends, unless [`insert_crl_from`](Self::insert_crl_from) says where it is from
    /// and the refresh polls.
    ///
    /// # Errors
    /// When the store has no room for what is inserted.
    pub fn insert_crl(&mut self, crl: Crl) -> Result<(), TooLarge> {
        self.put_aside(Entry::of_crl(crl, None, None))
    }

    /// As [`insert_crl`](Self::insert_crl), for a CRL that was fetched from there, before a restart
    /// say: its successor is due when it ends.
    ///
    /// # Errors
    /// As [`insert_crl`](Self::insert_crl).
    pub fn insert_crl_from(&mut self, crl: Crl, source: Source) -> Result<(), TooLarge> {
        self.put_aside(Entry::of_crl(crl, None, Some(source)))
    }

    /// Keeps a CRL whose signature has held under the last key of a party, and where it came from.
    pub(crate) fn keep_crl(
        &mut self,
        judge: Judge<'_>,
        crl: &Crl,
        party: &Party,
        source: Option<&Source>,
    ) -> Kept {
        let key = party.last().cloned();
        self.keep(
            judge,
            Entry::of_crl(crl.clone(), key, source.cloned()),
            party,
        )
    }

    pub(super) fn crl_hashes(&self, crl: &Crl, key: Option<&[u8]>) -> Hashes {
        let name = crl.issuer();
        let speaker = self.speaker_hash(Speaker { name, key });
        let mut hashes = Hashes::new();
        names_of_crl(crl, &mut |name| {
            let hash = self.crl_hash(speaker, Some(name));
            if !hashes.contains(&hash) {
                hashes.push(hash);
            }
            hashes.len() < MAX_SCOPE_NAMES
        });
        if hashes.is_empty() {
            hashes.push(self.crl_hash(speaker, None));
        }
        hashes
    }

    fn speaker_hash(&self, speaker: Speaker<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        speaker.name.write_key(&mut hasher);
        hasher.write(speaker.key.unwrap_or_default());
        hasher.finish()
    }

    /// The hash under which a speaker's CRLs of a scope stand; without a name those that have none.
    fn crl_hash(&self, speaker: u64, scope: Option<ScopeName<'_>>) -> u64 {
        match scope {
            None => self.hasher.hash_one(speaker),
            Some(ScopeName::Directory(name)) => {
                let key = None;
                let of_name = self.speaker_hash(Speaker { name, key });
                self.hasher.hash_one((speaker, 1_u8, of_name))
            }
            Some(ScopeName::Other(octets)) => self.hasher.hash_one((speaker, 2_u8, octets)),
        }
    }
}

/// Does a CRL in the store that this key signed name a certificate of its issuer?
pub(crate) fn is_listed_in(
    store: &dyn EvidenceStore,
    certificate: &Certificate,
    key: &[u8],
) -> bool {
    let speaker = Speaker {
        name: certificate.issuer(),
        key: Some(key),
    };
    let mut crls = Vec::new();
    store.read(&mut |evidence| crls = evidence.crls_of(speaker, Subject::of(certificate)));
    crls.iter().any(|(crl, _)| {
        let found = crl.find(certificate.serial(), certificate.issuer());
        !crl.is_delta() && found.is_some()
    })
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::super::keep::MAX_ALIKE;
    use super::super::testing::{ListParts, at, certificate, judge, keep_crl, key, party, source};
    use super::*;

    fn keep(evidence: &mut Evidence, parts: &ListParts) -> Kept {
        keep_crl(evidence, parts, 0)
    }

    /// The CRLs that are held for a certificate of the issuer: those that its key signed, and those
    /// that nobody has verified.
    fn held(evidence: &mut Evidence, points: &[&str]) -> Vec<Crl> {
        let certificate = certificate("issuer", 9, points);
        let (name, own) = (certificate.issuer(), key(1));
        let speakers = [Some(&*own), None].map(|key| Speaker { name, key });
        let subject = Subject::of(&certificate);
        let found = speakers.map(|speaker| evidence.crls_of(speaker, subject));
        found.into_iter().flatten().map(|(crl, _)| crl).collect()
    }

    #[test]
    fn a_replay_does_not_undo_a_revocation() {
        let old = ListParts::default();
        let new = ListParts {
            this: 10,
            number: Some(2),
            serials: Vec::from([9]),
            ..ListParts::default()
        };
        for order in [[&old, &new], [&new, &old]] {
            let mut evidence = Evidence::new();
            for parts in order {
                keep(&mut evidence, parts);
            }
            assert_eq!(keep(&mut evidence, &old), Kept::Known);
            // Given in by hand, it stands beside until it is verified, and falls then.
            evidence.insert_crl(old.list()).unwrap();
            assert_eq!(held(&mut evidence, &[]).len(), 2);
            assert_eq!(keep(&mut evidence, &old), Kept::Known);
            assert_eq!(held(&mut evidence, &[]), [new.list()]);
        }
    }

    #[test]
    fn of_one_date_the_number_decides_and_both_of_one_number_stay() {
        let first = ListParts::default();
        let numbered = ListParts {
            number: Some(100),
            ..ListParts::default()
        };
        let longer = ListParts {
            serials: Vec::from([1]),
            ..numbered.clone()
        };
        let mut evidence = Evidence::new();
        for parts in [&first, &numbered, &longer] {
            assert_eq!(keep(&mut evidence, parts), Kept::New);
        }
        for parts in [&longer, &numbered, &first] {
            assert_eq!(keep(&mut evidence, parts), Kept::Known);
        }
        assert_eq!(held(&mut evidence, &[]), [numbered.list(), longer.list()]);
    }

    #[test]
    fn a_stale_list_stays_until_its_successor_comes() {
        let stale = ListParts {
            next: Some(1),
            serials: Vec::from([9]),
            ..ListParts::default()
        };
        let mut evidence = Evidence::new();
        keep(&mut evidence, &stale);
        let other = ListParts {
            issuer: "other",
            ..ListParts::default()
        };
        evidence.keep_crl(judge(1_000_000), &other.list(), &party(&[1]), None);
        assert_eq!(held(&mut evidence, &[]), [stale.list()]);
    }

    #[test]
    fn keys_scopes_and_names_stand_side_by_side() {
        let mut evidence = Evidence::new();
        let all = [
            ListParts::default(),
            ListParts {
                key: 2,
                this: 5,
                ..ListParts::default()
            },
            ListParts {
                uris: Vec::from(["http://example/1"]),
                this: 6,
                ..ListParts::default()
            },
            ListParts {
                issuer: "ISSUER ",
                this: 7,
                ..ListParts::default()
            },
            ListParts {
                issuer: "other",
                this: 8,
                ..ListParts::default()
            },
        ];
        for parts in &all {
            assert_eq!(keep(&mut evidence, parts), Kept::New);
        }
        // The fourth bears the name of the first, written otherwise.
        assert_eq!(evidence.crls().count(), 4);
        let held = held(&mut evidence, &["http://example/1"]);
        // Another key's are looked up by that key.
        assert_eq!(held.len(), 2);
        assert!(held.contains(&all[2].list()) && held.contains(&all[3].list()));
    }

    #[test]
    fn parts_are_found_by_their_urls() {
        let mut evidence = Evidence::new();
        let part = |uris: &[&'static str]| ListParts {
            uris: uris.into(),
            ..ListParts::default()
        };
        let one = part(&["http://example/1"]);
        let two = part(&["http://example/2", "ldap://example/2"]);
        let foreign = ListParts {
            issuer: "other",
            ..one.clone()
        };
        for parts in [&one, &two, &foreign] {
            keep(&mut evidence, parts);
        }
        let mut found = |points: &[&str]| held(&mut evidence, points);
        assert_eq!(found(&[]), []);
        assert_eq!(found(&["http://example/3"]), []);
        assert_eq!(found(&["http://example/1"]), [one.list()]);
        assert_eq!(found(&["http://x/", "ldap://example/2"]), [two.list()]);
        let both = found(&["http://example/2", "http://example/1", "ldap://example/2"]);
        assert_eq!(both.len(), 2);
    }

    /// R1: what somebody else signed under the same name hides nothing, however new and however
    /// much it is; and of what one speaker brings up under one name a few stay.
    #[test]
    fn crls_of_another_key_hide_nothing() {
        const URIS: [&str; 3] = ["http://example/1", "http://example/2", "ldap://example/3"];
        let mut evidence = Evidence::new();
        let own = ListParts::default();
        keep(&mut evidence, &own);
        for this in 1..100 {
            let theirs = ListParts {
                key: 2,
                this,
                number: None,
                // No two have the same scope.
                uris: URIS
                    .into_iter()
                    .chain([&*format!("http://{this}/").leak()])
                    .collect(),
                ..ListParts::default()
            };
            assert_eq!(keep(&mut evidence, &theirs), Kept::New);
        }
        assert_eq!(held(&mut evidence, &URIS), [own.list()]);
        let speaker = key(2);
        let certificate = certificate("issuer", 9, &URIS);
        let speaker = Speaker {
            name: certificate.issuer(),
            key: Some(&speaker),
        };
        let found = evidence.crls_of(speaker, Subject::of(&certificate));
        assert_eq!(found.len(), MAX_ALIKE);
        let newest = found.iter().map(|(crl, _)| crl.this_update()).max();
        assert_eq!(newest, Some(at(99)));
    }

    #[test]
    fn deltas_make_way_for_what_says_as_much() {
        let delta = |this: i64, base: u8| ListParts {
            this,
            number: Some(this as u8),
            base: Some(base),
            serials: Vec::from([9]),
            ..ListParts::default()
        };
        let complete = |this: i64| ListParts {
            this,
            number: Some(this as u8),
            ..ListParts::default()
        };
        let mut evidence = Evidence::new();
        keep(&mut evidence, &complete(10));
        keep(&mut evidence, &delta(11, 10));
        assert_eq!(keep(&mut evidence, &delta(12, 10)), Kept::New);
        assert_eq!(held(&mut evidence, &[]).len(), 2);
        // A delta to a list that is not here says nothing of what the other one says.
        keep(&mut evidence, &delta(21, 20));
        assert_eq!(held(&mut evidence, &[]).len(), 3);
        keep(&mut evidence, &complete(20));
        let left = held(&mut evidence, &[]);
        assert_eq!(left.len(), 2);
        assert!(left.contains(&complete(20).list()) && left.contains(&delta(21, 20).list()));
        assert_eq!(keep(&mut evidence, &delta(12, 10)), Kept::Known);
    }

    #[test]
    fn what_the_caller_inserts_replaces_nothing_until_it_is_verified() {
        let mut evidence = Evidence::new();
        let forged = ListParts {
            key: 66,
            this: 100,
            ..ListParts::default()
        };
        let true_one = ListParts {
            this: 50,
            serials: Vec::from([9]),
            ..ListParts::default()
        };
        evidence.insert_crl(forged.list()).unwrap();
        evidence.insert_crl(forged.list()).unwrap();
        evidence.insert_crl(true_one.list()).unwrap();
        assert_eq!(keep(&mut evidence, &ListParts::default()), Kept::New);
        assert_eq!(evidence.len(), 3);
        assert_eq!(keep(&mut evidence, &true_one), Kept::New);
        let verified = evidence.crls().filter(|kept| kept.is_verified());
        let verified: Vec<Crl> = verified.map(|kept| kept.crl().clone()).collect();
        assert_eq!(verified, [true_one.list()]);
        assert_eq!(evidence.len(), 2);
    }

    #[test]
    fn a_successor_inherits_where_it_comes_from() {
        let mut evidence = Evidence::new();
        let cert = certificate("issuer", 9, &[]);
        let request = source(&cert, None, "crl.example");
        let first = ListParts::default().list();
        evidence.keep_crl(judge(0), &first, &party(&[1]), Some(&request));
        let second = ListParts {
            this: 1,
            ..ListParts::default()
        };
        keep(&mut evidence, &second);
        let urls = evidence.crls().map(|kept| kept.urls().len());
        assert_eq!(urls.collect::<Vec<_>>(), [2]);
    }

    fn any_list() -> impl Strategy<Value = ListParts> {
        let issuer = prop_oneof![Just("issuer"), Just("other")];
        let serials = prop_oneof![Just(0..0_u8), Just(0..1), Just(0..2)];
        let uris = prop_oneof![Just(None), Just(Some("http://example/1"))];
        (issuer, 1..3_u8, 0..5_u8, 0..8_u8, serials, uris).prop_map(
            |(issuer, key, this, base, serials, uris)| ListParts {
                issuer,
                key,
                this: i64::from(this),
                // Half of them are deltas.
                base: base.checked_sub(4).map(|base| base.min(this)),
                number: Some(this),
                serials: serials.collect(),
                uris: uris.into_iter().collect(),
                ..ListParts::default()
            },
        )
    }

    proptest! {
        /// Whatever the order, those are held than which none held is newer.
        #[test]
        fn holds_what_a_naive_store_holds(
            all in proptest::collection::vec((any_list(), any::<bool>()), 0..24),
        ) {
            let mut evidence = Evidence::new();
            let mut verified: Vec<ListParts> = Vec::new();
            let mut aside: Vec<Crl> = Vec::new();
            for (parts, is_inserted) in &all {
                let list = parts.list();
                if *is_inserted {
                    evidence.insert_crl(list.clone()).unwrap();
                    if !aside.contains(&list) {
                        aside.push(list);
                    }
                } else {
                    keep(&mut evidence, parts);
                    aside.retain(|known| *known != list);
                    verified.push(parts.clone());
                }
            }
            let same = |a: &ListParts, b: &ListParts| {
                (a.issuer, a.key, &a.uris) == (b.issuer, b.key, &b.uris)
            };
            let is_last = |parts: &ListParts| {
                let alike = verified.iter().filter(|one| same(one, parts));
                let alike: Vec<Crl> = alike.map(ListParts::list).collect();
                let complete = alike.iter().filter(|one| !one.is_delta());
                let complete = complete.max_by_key(|one| crate::revocation::judge::crl::order(one));
                let old = parts.list();
                !alike.iter().any(|new| judge(0).replaces(new, &old, complete))
            };
            let lists = verified.iter().filter(|parts| is_last(parts));
            let mut expected: Vec<Vec<u8>> = lists.map(ListParts::der).collect();
            expected.sort();
            expected.dedup();
            expected.extend(aside.iter().map(|list| list.as_der().to_vec()));
            expected.sort();
            let mut held: Vec<Vec<u8>> =
                evidence.crls().map(|kept| kept.crl().as_der().to_vec()).collect();
            held.sort();
            prop_assert_eq!(held, expected);
            let sizes: usize = evidence.crls().map(|kept| kept.size()).sum();
            prop_assert_eq!(evidence.bytes(), sizes);
        }
    }
}

//! An oracle for the judge: RFC 5280 section 6.3.3 and RFC 6960 section 3.2 written a second time,
//! over plain facts instead of bytes, each step in the order of the text and each set by looking at
//! everything. Random worlds are put before both.
//!
//! `ORACLE_WORLDS=1000000 cargo test --release --lib oracle` looks at so many; a failing world
//! prints itself and the number that it grew from.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::{env, format};

use alloc::vec::Vec;

use portcullis_testkit::Key;
use portcullis_testkit::crl::{CrlEntry, CrlTemplate};
use portcullis_testkit::distribution::{DistributionPoint, IssuingDistributionPoint, points};
use portcullis_testkit::names::{common_name, directory, uri};
use portcullis_testkit::parts::CertificateParts;

use crate::certificate::Certificate;
use crate::path::{Budget, Limits, Revocation, UnknownStatus};
use crate::revocation::crl::Crl;
use crate::revocation::judge::crl::ApplicableCrl;
use crate::revocation::judge::response::together;
use crate::revocation::judge::scope::Subject;
use crate::revocation::judge::{Dates, Judge, Statement};
use crate::revocation::policy::RevocationPolicy;
use crate::revocation::status::{EvidenceKind, EvidenceUsed, Finding};
use crate::time::Time;

/// The moment that is asked for, and a step of time.
const NOW: i64 = 1_767_225_600;
const STEP: i64 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    Issuer,
    Other,
    Stranger,
}

/// A name of a scope or point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    Url(u8),
    Name(Who),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Only {
    Users,
    Cas,
    Attributes,
}

/// An issuing distribution point.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Scope {
    place: Option<Place>,
    only: Option<Only>,
    reasons: Option<u8>,
    indirect: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Entry {
    Plain,
    Hold,
    Removed,
    /// Of a certificate with the same number that somebody else issued.
    OfOther,
}

/// A CRL, complete or delta. Times are in steps from now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Said {
    by: Who,
    scope: Option<Scope>,
    this: i8,
    next: Option<i8>,
    number: u8,
    base: Option<u8>,
    hint: Option<u8>,
    entry: Option<Entry>,
}

#[derive(Clone, Debug)]
struct Point {
    place: Option<Place>,
    by: Option<Who>,
    reasons: Option<u8>,
}

/// A certificate, and CRLs with the key that signed each; the key 0 is nobody's.
#[derive(Clone, Debug)]
struct World {
    points: Vec<Point>,
    is_ca: bool,
    crls: Vec<(Said, u8)>,
}

/// Reasons are two bits here: the first four of the RFC's, and the others.
const ALL: u8 = 3;
const FIRST: [u8; 4] = [1, 2, 3, 4];
const OTHERS: [u8; 4] = [5, 6, 7, 8];

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ word >> 31) % bound
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()].clone()
    }

    fn who(&mut self) -> Who {
        self.pick(&[
            Who::Issuer,
            Who::Issuer,
            Who::Issuer,
            Who::Other,
            Who::Stranger,
        ])
    }

    fn place(&mut self) -> Option<Place> {
        self.pick(&[
            None,
            None,
            Some(Place::Url(0)),
            Some(Place::Url(0)),
            Some(Place::Url(1)),
            Some(Place::Name(Who::Issuer)),
            Some(Place::Name(Who::Other)),
        ])
    }

    fn reasons(&mut self) -> Option<u8> {
        self.pick(&[None, None, None, Some(1), Some(2), Some(3)])
    }

    fn said(&mut self) -> Said {
        let scope = Scope {
            place: self.place(),
            only: self.pick(&[
                None,
                None,
                None,
                None,
                Some(Only::Users),
                Some(Only::Cas),
                Some(Only::Attributes),
            ]),
            reasons: self.reasons(),
            indirect: self.below(3) == 0,
        };
        let number = self.pick(&[1, 2, 3, 4]);
        Said {
            by: self.who(),
            scope: (self.below(3) > 0).then_some(scope),
            this: self.pick(&[-4, -3, -2, -1, -1, 1]),
            next: self.pick(&[None, Some(-1), Some(1), Some(2), Some(3)]),
            number,
            base: (self.below(3) == 0).then(|| self.pick(&[1, 2, 3])),
            hint: self.pick(&[None, Some(1), Some(1), Some(2)]),
            entry: self.pick(&[
                None,
                None,
                Some(Entry::Plain),
                Some(Entry::Hold),
                Some(Entry::Removed),
                Some(Entry::OfOther),
            ]),
        }
    }

    fn world(&mut self) -> World {
        let points = (0..self.below(3)).map(|_| Point {
            place: self.place(),
            by: self.pick(&[None, None, Some(Who::Issuer), Some(Who::Other)]),
            reasons: self.reasons(),
        });
        let points = points.filter(|point| point.place.is_some() || point.by.is_some());
        let points = points.collect();
        // Often the same CRL once more, a little changed.
        let mut crls: Vec<(Said, u8)> = Vec::new();
        for _ in 0..=self.below(4) {
            let mut said = self.said();
            if let Some((known, _)) = crls.last().filter(|_| self.below(2) == 0) {
                said = Said {
                    by: known.by,
                    scope: known.scope.clone(),
                    hint: known.hint,
                    ..said
                };
            }
            crls.push((said, self.pick(&[0, 1, 1, 1, 2])));
        }
        World {
            points,
            is_ca: self.below(4) == 0,
            crls,
        }
    }
}

// What the RFC says.

/// 6.3.3 (b) and (d): the reasons for which a CRL is about the certificate at a point.
fn at_point(world: &World, said: &Said, point: &Point) -> Option<u8> {
    let scope = said.scope.as_ref();
    // (1)
    match point.by {
        Some(by) => {
            let is_own = said.by == Who::Issuer;
            if said.by != by || !(is_own || scope.is_some_and(|scope| scope.indirect)) {
                return None;
            }
        }
        None if said.by != Who::Issuer => return None,
        None => {}
    }
    let Some(scope) = scope else {
        return Some(point.reasons.unwrap_or(ALL));
    };
    // (2)(i)
    if let Some(place) = scope.place {
        let names = point.place.or(point.by.map(Place::Name));
        if names != Some(place) {
            return None;
        }
    }
    // (2)(ii) to (iv)
    match scope.only {
        Some(Only::Users) if world.is_ca => return None,
        Some(Only::Cas) if !world.is_ca => return None,
        Some(Only::Attributes) => return None,
        _ => {}
    }
    // (d)
    Some(point.reasons.unwrap_or(ALL) & scope.reasons.unwrap_or(ALL))
}

/// For which reasons it clears, and whether it is about the certificate at all.
fn covered(world: &World, said: &Said) -> Option<Option<u8>> {
    let at = world
        .points
        .iter()
        .filter_map(|point| at_point(world, said, point));
    let by_points = at.reduce(|a, b| a | b);
    // The last paragraph: one more point, with the name of the issuer.
    let last = Point {
        place: Some(Place::Name(Who::Issuer)),
        by: None,
        reasons: None,
    };
    let by_last = at_point(world, said, &last);
    // It clears unless all points leave revocation to somebody else.
    let own = |point: &Point| point.by.is_none_or(|by| by == Who::Issuer);
    let issuer_speaks = world.points.is_empty() || world.points.iter().any(own);
    match (by_points, by_last) {
        (None, None) => None,
        (points, Some(last)) if issuer_speaks => Some(Some(points.unwrap_or(0) | last)),
        (Some(points), _) => Some(Some(points)),
        (None, Some(_)) => Some(None),
    }
}

fn is_early(said: &Said) -> bool {
    said.this > 0
}

fn is_current(said: &Said) -> bool {
    said.next.is_none_or(|next| next >= 0)
}

/// 6.3.3 (c) and 5.2.4: which deltas are laid over a CRL.
fn deltas<'w>(world: &'w World, said: &Said, key: u8) -> Vec<&'w Said> {
    let fits = |delta: &&(Said, u8)| {
        let (delta, by) = delta;
        *by == key
            && !is_early(delta)
            && delta.by == said.by
            && delta.scope == said.scope
            && (delta.hint == said.hint || delta.hint.is_none() || said.hint.is_none())
            && delta
                .base
                .is_some_and(|base| base <= said.number && delta.number > said.number)
    };
    let all: Vec<&Said> = world
        .crls
        .iter()
        .filter(fits)
        .map(|(delta, _)| delta)
        .collect();
    let newest = all.iter().map(|delta| (delta.this, delta.number)).max();
    let all = all.into_iter();
    all.filter(|delta| Some((delta.this, delta.number)) == newest)
        .collect()
}

/// What one CRL says with its deltas.
struct Word {
    key: u8,
    order: (i8, u8),
    covers: Option<u8>,
    is_revoked: bool,
    /// It is current, or its deltas are.
    counts: bool,
}

fn word(world: &World, said: &Said, key: u8, covers: Option<u8>) -> Word {
    let deltas = deltas(world, said, key);
    // Only an indirect CRL can say that an entry is about somebody else's certificate.
    let about_it = |said: &Said| {
        let is_indirect = said.scope.as_ref().is_some_and(|scope| scope.indirect);
        let of_other = |entry: &Entry| is_indirect && *entry == Entry::OfOther;
        said.entry.filter(|entry| !of_other(entry))
    };
    let deltas_count = !deltas.is_empty() && deltas.iter().all(|delta| is_current(delta));
    let entries: Vec<_> = deltas.iter().map(|delta| about_it(delta)).collect();
    let named = entries
        .iter()
        .flatten()
        .any(|entry| *entry != Entry::Removed);
    let released = deltas_count
        && entries.iter().all(|entry| *entry == Some(Entry::Removed))
        && deltas.iter().all(|delta| delta.hint == said.hint);
    let own = (said.this, said.number);
    let order = deltas.iter().map(|delta| (delta.this, delta.number));
    Word {
        key,
        order: order.fold(own, Ord::max),
        covers,
        // removeFromCRL in a complete CRL means nothing, so that the entry stands.
        is_revoked: named || (!released && about_it(said).is_some()),
        counts: is_current(said) || deltas_count,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Good,
    Revoked,
    Unknown,
}

fn by_the_text(world: &World) -> Answer {
    let complete = world.crls.iter().filter(|(said, _)| said.base.is_none());
    let words: Vec<Word> = complete
        .filter(|(said, key)| *key != 0 && !is_early(said))
        .filter_map(|(said, key)| Some(word(world, said, *key, covered(world, said)?)))
        .collect();
    // Of one key the newest counts, where it covers what the older ones do: over what clears in any
    // case, over what revokes if it is current or revokes too.
    let stands = |old: &&Word| {
        !words.iter().any(|new| {
            let reaches = match (new.covers, old.covers) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(new), Some(old)) => new & old == old,
            };
            let holds = new.is_revoked || new.counts;
            new.key == old.key && new.order > old.order && reaches && (holds || !old.is_revoked)
        })
    };
    let standing: Vec<&Word> = words.iter().filter(stands).collect();
    if standing.iter().any(|word| word.is_revoked) {
        return Answer::Revoked;
    }
    let clearing = standing.iter().filter(|word| word.counts);
    let reasons = clearing
        .filter_map(|word| word.covers)
        .fold(0, |a, b| a | b);
    match reasons {
        ALL => Answer::Good,
        _ => Answer::Unknown,
    }
}

// The same as bytes.

fn name(who: Who) -> Vec<u8> {
    common_name(match who {
        Who::Issuer => "issuer",
        Who::Other => "other",
        Who::Stranger => "stranger",
    })
}

fn general(place: Place) -> Vec<u8> {
    match place {
        Place::Url(number) => uri(&format!("http://crl.test/{number}")),
        Place::Name(who) => directory(&name(who)),
    }
}

fn bits(reasons: u8) -> Vec<u8> {
    let first = FIRST.into_iter().filter(|_| reasons & 1 != 0);
    let others = OTHERS.into_iter().filter(|_| reasons & 2 != 0);
    first.chain(others).collect()
}

fn moment(steps: i8) -> alloc::string::String {
    let time = Time::from_unix(NOW + i64::from(steps) * STEP);
    let text = alloc::string::ToString::to_string(&time);
    text.chars().filter(|c| !"-:T".contains(*c)).collect()
}

fn crl(said: &Said) -> Crl {
    static KEY: LazyLock<Key> = LazyLock::new(|| Key::ed25519_of_seed([1; 32]));
    let next = said.next.map(moment);
    let mut crl = CrlTemplate::under(&name(said.by), &KEY)
        .issued(&moment(said.this), next.as_deref())
        .number(said.number.into())
        .key_hint(said.hint.map(|hint| Vec::from([hint])));
    if let Some(base) = said.base {
        crl = crl.delta_to(base.into());
    }
    if let Some(scope) = &said.scope {
        let mut idp = match scope.place {
            Some(place) => IssuingDistributionPoint::full(&[general(place)]),
            None => IssuingDistributionPoint::all(),
        };
        idp = match scope.only {
            Some(Only::Users) => idp.user(),
            Some(Only::Cas) => idp.ca(),
            Some(Only::Attributes) => idp.attribute(),
            None => idp,
        };
        if let Some(reasons) = scope.reasons {
            idp = idp.reasons(&bits(reasons));
        }
        if scope.indirect {
            idp = idp.indirect();
        }
        crl = crl.scope(idp);
    }
    let is_indirect = said.scope.as_ref().is_some_and(|scope| scope.indirect);
    let entry = said.entry.map(|entry| {
        let numbered = CrlEntry::numbered(Vec::from([2, 1, 7])).dated("20250601000000Z");
        let of = match entry {
            Entry::OfOther => Who::Stranger,
            _ => Who::Issuer,
        };
        let of_certificate = match is_indirect {
            true => numbered.issued_by(&name(of)),
            false => numbered,
        };
        match entry {
            Entry::Plain | Entry::OfOther => of_certificate,
            Entry::Hold => of_certificate.reason(6),
            Entry::Removed => of_certificate.reason(8),
        }
    });
    let crl = entry.into_iter().fold(crl, CrlTemplate::entry);
    Crl::from_der(&crl.der()).unwrap()
}

fn certificate(world: &World) -> Certificate {
    let points_of = world.points.iter().map(|point| {
        let mut made = match point.place {
            Some(place) => DistributionPoint::full(&[general(place)]),
            None => DistributionPoint::bare(),
        };
        if let Some(by) = point.by {
            made = made.issued_by(&[&name(by)]);
        }
        match point.reasons {
            Some(reasons) => made.reasons(&bits(reasons)),
            None => made,
        }
    });
    let all: Vec<_> = points_of.collect();
    let parts = CertificateParts {
        serial: Vec::from([2, 1, 7]),
        issuer: name(Who::Issuer),
        ..CertificateParts::default()
    };
    let parts = match all.is_empty() {
        true => parts,
        false => parts.with_extensions(&[points(&all).encode()]),
    };
    Certificate::from_der(&parts.der()).unwrap()
}

fn by_the_judge(judge: Judge<'_>, world: &World, made: &mut HashMap<Said, Crl>) -> Answer {
    let certificate = certificate(world);
    let subject = Subject {
        certificate: &certificate,
        is_ca: world.is_ca,
    };
    let mut budget = Budget::new(&Limits::default());
    let all: Vec<(Crl, u8)> = world
        .crls
        .iter()
        .map(|(said, key)| {
            let crl = made.entry(said.clone()).or_insert_with(|| crl(said));
            (crl.clone(), *key)
        })
        .collect();
    let keys = [[0], [1], [2]];
    let mut applicable = Vec::new();
    for (one, key) in all.iter().filter(|(one, key)| !one.is_delta() && *key != 0) {
        let coverage = judge.coverage(one, subject, &mut budget).unwrap();
        let Some(coverage) = coverage else { continue };
        if !judge.can_use(one) || judge.crl_dates(one) == Dates::Early {
            continue;
        }
        let deltas = all
            .iter()
            .filter(|(delta, by)| by == key && judge.fits(one, delta));
        applicable.push(ApplicableCrl {
            crl: one.clone(),
            coverage,
            key: &keys[usize::from(*key)],
            signer_until: None,
            deltas: deltas.map(|(delta, _)| delta.clone()).collect(),
        });
    }
    answer(judge.by_crls(&certificate, &applicable))
}

fn answer(finding: Finding) -> Answer {
    match finding {
        Finding::Good(_) => Answer::Good,
        Finding::Revoked(..) => Answer::Revoked,
        Finding::Unknown(_) | Finding::Pending => Answer::Unknown,
    }
}

fn worlds() -> u64 {
    let asked = env::var("ORACLE_WORLDS").ok();
    asked.map_or(3_000, |asked| asked.parse().unwrap())
}

#[test]
fn the_judge_and_the_text_agree_about_crls() {
    let policy = RevocationPolicy::default();
    let judge = Judge::new(&policy, Time::from_unix(NOW));
    let mut made = HashMap::new();
    let mut answers = [0_u64; 3];
    for number in 0..worlds() {
        let world = Random(number.wrapping_mul(0xd134_2543_de82_ef95)).world();
        let expected = by_the_text(&world);
        let said = by_the_judge(judge, &world, &mut made);
        assert_eq!(said, expected, "world {number}: {world:#?}");
        answers[expected as usize] += 1;
        if made.len() > 200_000 {
            made.clear();
        }
    }
    assert!(
        answers.iter().all(|count| *count > worlds() / 50),
        "{answers:?}"
    );
}

/// Of statements about one certificate, by their moments: those that revoke count unless something
/// newer holds, those that clear only if nothing is newer.
#[test]
fn the_judge_and_the_text_agree_about_responses() {
    for number in 0..worlds() {
        let mut random = Random(number.wrapping_mul(0xd134_2543_de82_ef95) ^ 1);
        let used = EvidenceUsed {
            kind: EvidenceKind::Ocsp,
            this_update: Time::from_unix(0),
            until: None,
        };
        let revoked = Revocation::new(Time::from_unix(0), None);
        let all: Vec<(u64, Answer)> = (0..=random.below(4))
            .map(|_| {
                let said = random.pick(&[Answer::Good, Answer::Revoked, Answer::Unknown]);
                (random.below(4), said)
            })
            .collect();
        let statements: Vec<Statement<'static>> = all
            .iter()
            .map(|(this, said)| Statement {
                order: (Time::from_unix(i64::try_from(*this).unwrap()), None),
                finding: match said {
                    Answer::Good => Finding::Good(used),
                    Answer::Revoked => Finding::Revoked(revoked, used),
                    Answer::Unknown => Finding::Unknown(UnknownStatus::Stale),
                },
            })
            .collect();
        let last = |wanted: Answer| {
            let of_it = all.iter().filter(|(_, said)| *said == wanted);
            of_it.map(|(this, _)| *this).max()
        };
        let (good, bad, unknown) = (
            last(Answer::Good),
            last(Answer::Revoked),
            last(Answer::Unknown),
        );
        let expected = if bad.is_some() && bad >= good {
            Answer::Revoked
        } else if good.is_some() && good > unknown && good > bad {
            Answer::Good
        } else {
            Answer::Unknown
        };
        let said = together(&statements).map(|one| answer(one.finding));
        assert_eq!(said, Some(expected), "world {number}: {all:?}");
    }
}

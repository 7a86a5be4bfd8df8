//! A few CAs, their mirrors and their clients, for a day. The hostile CA is in [`hostile`], what
//! the URLs send in [`network`].
//!
//! [`hostile`]: super::hostile
//! [`network`]: super::network

use std::cell::RefCell;
use std::collections::BTreeMap;

use portcullis::revocation::{Crl, Source};
use portcullis::{Certificate, Presented, Time};
use portcullis_testkit::crl::CrlEntry;
use portcullis_testkit::distribution::{
    DistributionPoint, IssuingDistributionPoint, access, freshest, points,
};
use portcullis_testkit::names::uri;
use portcullis_testkit::{Authority, CrlTemplate, Key, Made, Template};

use crate::random::Random;

/// Seconds between the statements of a CA, and for how long each counts.
pub const INTERVAL: i64 = 3_600;
pub const LIFE: i64 = INTERVAL + 1_800;

/// Honest CAs, the parts into which each cuts its CRL, and the mirrors of each.
pub const CAS: usize = 3;
pub const PARTS: usize = 2;
pub const MIRRORS: usize = 2;

/// How a CA says who is revoked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// By CRLs. A revocation brings a new one.
    Crls,
    /// By CRLs. A revocation brings a delta CRL.
    DeltaCrls,
    /// By OCSP responses that it signs itself.
    Responses,
}

/// The first CA issues CRLs, the second delta CRLs too, the third answers by OCSP.
pub fn speech(ca: usize) -> Speech {
    [Speech::Crls, Speech::DeltaCrls, Speech::Responses][ca % CAS]
}

pub struct Client {
    pub ca: usize,
    /// The key that issued its certificate, among those of its CA.
    pub key: usize,
    pub part: usize,
    pub made: Made,
    pub issuer: Made,
    /// When its CA said that it is revoked.
    pub revoked: Option<i64>,
}

/// What a CA has published at a time: a CRL and a delta CRL for each part.
pub struct Published {
    until: i64,
    pub parts: Vec<Vec<u8>>,
    pub deltas: Vec<Vec<u8>>,
    /// The number and the time of the CRLs.
    base: (u32, i64),
}

/// An honest CA: its keys, one after the other, and what each has published.
pub struct Ca {
    pub keys: Vec<Authority>,
    pub published: Vec<Vec<Published>>,
    next: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mirror {
    Up,
    Hangs,
    /// Serves what came before the last.
    Lags,
    /// Serves a page that says "not found".
    Lies,
    /// Serves the other part of the CRL (R13).
    Swaps,
}

const MIRROR_STATES: [Mirror; 6] = [
    Mirror::Up,
    Mirror::Up,
    Mirror::Hangs,
    Mirror::Lags,
    Mirror::Lies,
    Mirror::Swaps,
];

pub struct World {
    pub root: Authority,
    pub cas: Vec<Ca>,
    pub evil: Authority,
    /// Namesakes of the CAs, below the evil one.
    pub fakes: Vec<Authority>,
    pub clients: Vec<Client>,
    mirrors: BTreeMap<(usize, usize), Mirror>,
    /// Since when each CA has had a mirror that serves its newest statements.
    served_since: Vec<Option<i64>>,
    /// When the servers first got a CRL of a CA, a key, a part: before, they knew nothing to poll.
    pub got_at: RefCell<BTreeMap<(usize, usize, usize), i64>>,
    pub evil_clients: u64,
    pub now: i64,
    /// Tells what happens, for one who replays a seed.
    pub is_told: bool,
}

pub fn moment(at: i64) -> String {
    let text = Time::from_unix(at).to_string();
    text.chars().filter(|c| !"-:T".contains(*c)).collect()
}

fn ca_template(label: &str) -> Template {
    Template::ca(label).key(Key::mark(label))
}

/// Where a CRL is: the part `part`, or `part/delta`.
pub fn url(ca: usize, mirror: usize, key: usize, part: impl std::fmt::Display) -> String {
    format!("http://{mirror}.ca{ca}.test/{key}/{part}")
}

/// The same at all mirrors, as names.
fn at_mirrors(ca: usize, key: usize, part: &str) -> Vec<Vec<u8>> {
    (0..MIRRORS)
        .map(|mirror| uri(&url(ca, mirror, key, part)))
        .collect()
}

impl World {
    pub fn new(start: i64) -> Self {
        let root = Authority::self_signed(ca_template("root"));
        let evil = root.issue_ca(ca_template("evil"));
        let first = |number: usize| root.issue_ca(ca_template(&format!("ca {number}")));
        let cas: Vec<Ca> = (0..CAS)
            .map(|number| Ca {
                keys: vec![first(number)],
                published: vec![Vec::new()],
                next: start,
            })
            .collect();
        let fakes = cas.iter().enumerate().map(|(number, ca)| {
            let template = ca_template(&format!("fake {number}"));
            evil.issue_ca(template.subject(ca.keys[0].name.clone()))
        });
        Self {
            fakes: fakes.collect(),
            root,
            cas,
            evil,
            clients: Vec::new(),
            mirrors: BTreeMap::new(),
            served_since: vec![Some(start); CAS],
            got_at: RefCell::default(),
            evil_clients: 0,
            now: start,
            is_told: false,
        }
    }

    pub fn tell(&self, what: impl FnOnce() -> String) {
        if self.is_told {
            println!(
                "{} {}",
                &Time::from_unix(self.now).to_string()[11..19],
                what()
            );
        }
    }

    /// What happens by itself as time goes on.
    pub fn pass(&mut self, seconds: i64, random: &mut Random) {
        self.now += seconds;
        for number in 0..CAS {
            if self.now >= self.cas[number].next {
                self.publish(number);
            }
        }
        if self.clients.len() < 40 && random.once_in(2) {
            self.enrol(random);
        }
        if random.once_in(12) {
            self.revoke(random);
        }
        if random.once_in(60) {
            self.rotate(random);
        }
        if random.once_in(3) {
            self.change_a_mirror(random);
        }
        for number in 0..CAS {
            let is_served = (0..MIRRORS).any(|mirror| self.mirror(number, mirror) == Mirror::Up);
            let since = &mut self.served_since[number];
            *since = is_served.then(|| since.unwrap_or(self.now));
        }
    }

    /// CRLs of all keys and parts, each with a delta CRL that adds nothing yet.
    fn publish(&mut self, number: usize) {
        let now = self.now;
        self.tell(|| format!("CA {number} publishes"));
        for key in 0..self.cas[number].keys.len() {
            let edition = self.cas[number].published[key].len() as u32 + 1;
            let base = (edition, now);
            let all = |crl: &dyn Fn(usize) -> Vec<u8>| (0..PARTS).map(crl).collect();
            let published = Published {
                until: now + LIFE,
                parts: all(&|part| self.crl(number, key, part, edition)),
                deltas: all(&|part| self.delta(number, key, part, (edition, base))),
                base,
            };
            self.cas[number].published[key].push(published);
        }
        self.cas[number].next = now + INTERVAL;
    }

    /// Delta CRLs to the CRLs that there are.
    fn publish_deltas(&mut self, number: usize) {
        self.tell(|| format!("CA {number} publishes delta CRLs"));
        for key in 0..self.cas[number].keys.len() {
            let edition = self.cas[number].published[key].len() as u32 + 1;
            let last = self.cas[number].published[key]
                .last()
                .expect("it began with one");
            let (base, parts) = (last.base, last.parts.clone());
            let deltas = (0..PARTS).map(|part| self.delta(number, key, part, (edition, base)));
            let published = Published {
                until: self.now + LIFE,
                parts,
                deltas: deltas.collect(),
                base,
            };
            self.cas[number].published[key].push(published);
        }
    }

    fn crl(&self, number: usize, key: usize, part: usize, edition: u32) -> Vec<u8> {
        let crl = self.statement(number, key, part, i64::MIN).number(edition);
        match speech(number) {
            Speech::DeltaCrls => {
                let names = at_mirrors(number, key, &format!("{part}/delta"));
                crl.with(freshest(&[DistributionPoint::full(&names)])).der()
            }
            _ => crl.der(),
        }
    }

    fn delta(
        &self,
        number: usize,
        key: usize,
        part: usize,
        (edition, (base, since)): (u32, (u32, i64)),
    ) -> Vec<u8> {
        let crl = self.statement(number, key, part, since).number(edition);
        crl.delta_to(base).der()
    }

    /// Who of a part has been revoked since then.
    fn statement(&self, number: usize, key: usize, part: usize, since: i64) -> CrlTemplate {
        let names = at_mirrors(number, key, &part.to_string());
        let crl = CrlTemplate::by(&self.cas[number].keys[key])
            .scope(IssuingDistributionPoint::full(&names))
            .issued(&moment(self.now), Some(&moment(self.now + LIFE)));
        let revoked = self.clients.iter().filter(|client| {
            (client.ca, client.key, client.part) == (number, key, part)
                && client.revoked.is_some_and(|revoked| revoked >= since)
        });
        let entry = |client: &Client| CrlEntry::of(&client.made).dated(&moment(self.now));
        revoked.map(entry).fold(crl, CrlTemplate::entry)
    }

    fn enrol(&mut self, random: &mut Random) {
        let (number, part) = (random.place(CAS), random.place(PARTS));
        let ca = &self.cas[number];
        let key = ca.keys.len() - 1;
        let label = format!("client {}", self.clients.len());
        let template = Template::client(&label).key(Key::mark(&label));
        let template = match speech(number) {
            Speech::Responses => {
                let urls = [0, 1].map(|mirror| url(number, mirror, key, "ocsp"));
                template.with(access(&[&urls[0], &urls[1]], &[]))
            }
            _ => {
                let names = at_mirrors(number, key, &part.to_string());
                template.with(points(&[DistributionPoint::full(&names)]))
            }
        };
        self.clients.push(Client {
            ca: number,
            key,
            part,
            made: ca.keys[key].issue(template),
            issuer: ca.keys[key].certificate.clone(),
            revoked: None,
        });
    }

    /// A CA revokes a client, and publishes at once.
    fn revoke(&mut self, random: &mut Random) {
        if self.clients.is_empty() {
            return;
        }
        let place = random.place(self.clients.len());
        let client = &mut self.clients[place];
        if client.revoked.is_none() {
            client.revoked = Some(self.now);
            let (ca, key, part) = (client.ca, client.key, client.part);
            self.tell(|| format!("client {place} is revoked: CA {ca}, key {key}, part {part}"));
            match ca {
                ca if speech(ca) == Speech::DeltaCrls => self.publish_deltas(ca),
                ca => self.publish(ca),
            }
        }
    }

    /// A CA takes a new key; the old one goes on signing statements about what it issued.
    fn rotate(&mut self, random: &mut Random) {
        let number = random.place(CAS);
        let ca = &mut self.cas[number];
        let label = format!("ca {number} key {}", ca.keys.len());
        let template = ca_template(&label).subject(ca.keys[0].name.clone());
        ca.keys.push(self.root.issue_ca(template));
        ca.published.push(Vec::new());
        self.publish(number);
    }

    fn change_a_mirror(&mut self, random: &mut Random) {
        let mirror = (random.place(CAS), random.place(MIRRORS));
        let state = MIRROR_STATES[random.place(MIRROR_STATES.len())];
        self.tell(|| format!("CA {}, mirror {}: {state:?}", mirror.0, mirror.1));
        self.mirrors.insert(mirror, state);
    }

    pub fn mirror(&self, ca: usize, mirror: usize) -> Mirror {
        let known = self.mirrors.get(&(ca, mirror));
        known.copied().unwrap_or(Mirror::Up)
    }

    pub fn presented(&self, client: &Client) -> Presented {
        let chain = [&client.made, &client.issuer];
        Presented::from_der(chain.map(|made| &made.der)).expect("it parses")
    }

    /// For how many seconds has one of the CA's mirrors served the newest statements without a
    /// break?
    pub fn served_for(&self, ca: usize) -> i64 {
        self.served_since[ca].map_or(0, |since| self.now - since)
    }

    /// For how many seconds could the servers have known that a client is revoked: it was
    /// published, it was reachable, and they knew of the CRL.
    pub fn known_for(&self, client: &Client) -> Option<i64> {
        let published = self.now - client.revoked?;
        let reachable = published.min(self.served_for(client.ca));
        if speech(client.ca) == Speech::Responses {
            return Some(reachable);
        }
        let place = (client.ca, client.key, client.part);
        let got_at = self.got_at.borrow().get(&place).copied();
        Some(got_at.map_or(0, |at| reachable.min(self.now - at)))
    }

    /// The last end of all statements that there have been of a CA.
    pub fn last_end(&self, ca: usize) -> i64 {
        if speech(ca) == Speech::Responses {
            return self.now + LIFE;
        }
        let published = self.cas[ca].published.iter().flatten();
        published.map(|one| one.until).max().unwrap_or(0)
    }

    /// A CRL of some time and its source, as an operator puts it in that came by mail.
    pub fn by_mail(&self, random: &mut Random) -> Option<(Crl, Source)> {
        let client = &self.clients[random.place(self.clients.len())];
        let all = &self.cas[client.ca].published[client.key];
        let one = all.get(random.place(all.len().max(1)))?;
        let crl = Crl::from_der(&one.parts[client.part]).expect("it parses");
        self.tell(|| {
            let issued = crl.this_update();
            format!(
                "by mail: CA {}, key {}, part {}, of {issued}",
                client.ca, client.key, client.part
            )
        });
        let place = (client.ca, client.key, client.part);
        self.got_at.borrow_mut().entry(place).or_insert(self.now);
        let urls = (0..MIRRORS).map(|mirror| url(client.ca, mirror, client.key, client.part));
        let certificate = Certificate::from_der(&client.made.der).expect("it parses");
        Some((crl, Source::of_crl(certificate, urls)))
    }
}

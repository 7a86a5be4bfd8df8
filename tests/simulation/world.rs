//! A few CAs, their mirrors and clients, and a hostile CA, for a day.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use portcullis::revocation::{Crl, FetchFailure, Request, RequestKind, RevocationFetcher, Source};
use portcullis::{Certificate, Presented, Time};
use portcullis_testkit::crl::CrlEntry;
use portcullis_testkit::distribution::{DistributionPoint, IssuingDistributionPoint, points};
use portcullis_testkit::names::uri;
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate};
use portcullis_testkit::{Authority, CrlTemplate, Key, Made, Template};

use crate::random::Random;

/// Seconds between the CRLs of a CA, and for how much longer than that they count.
const INTERVAL: i64 = 3_600;
const GRACE: i64 = 1_800;

/// How long a URL that hangs takes.
const HANGING: i64 = 10;

/// Honest CAs, and the parts into which each cuts its CRL.
const CAS: usize = 3;
const PARTS: usize = 2;

pub struct Client {
    pub ca: usize,
    part: usize,
    made: Made,
    issuer: Made,
    /// When its CA said that it is revoked.
    pub revoked: Option<i64>,
}

/// What a CA has published at a time: a CRL for each part.
struct Published {
    until: i64,
    parts: Vec<Vec<u8>>,
}

/// An honest CA: its keys, one after the other, and what each has published.
struct Ca {
    keys: Vec<Authority>,
    published: Vec<Vec<Published>>,
    next: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mirror {
    Up,
    Hangs,
    /// Serves the CRL before the last.
    Lags,
    Lies,
}

pub struct World {
    pub root: Authority,
    cas: Vec<Ca>,
    evil: Authority,
    /// Namesakes of the CAs, below the evil one.
    fakes: Vec<Authority>,
    pub clients: Vec<Client>,
    mirrors: BTreeMap<String, Mirror>,
    /// Since when each CA has had a mirror that serves its newest CRLs.
    served_since: Vec<Option<i64>>,
    evil_clients: u64,
    pub now: i64,
}

fn moment(at: i64) -> String {
    let text = Time::from_unix(at).to_string();
    text.chars().filter(|c| !"-:T".contains(*c)).collect()
}

fn ca_template(label: &str) -> Template {
    Template::ca(label).key(Key::mark(label))
}

fn url(ca: usize, mirror: usize, key: usize, part: usize) -> String {
    format!("http://{mirror}.ca{ca}.test/{key}/{part}")
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
            evil_clients: 0,
            now: start,
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
            let is_served = (0..2).any(|mirror| self.mirror(number, mirror) == Mirror::Up);
            let since = &mut self.served_since[number];
            *since = is_served.then(|| since.unwrap_or(self.now));
        }
    }

    fn publish(&mut self, number: usize) {
        let now = self.now;
        for key in 0..self.cas[number].keys.len() {
            let parts = (0..PARTS).map(|part| self.crl(number, key, part)).collect();
            self.cas[number].published[key].push(Published {
                until: now + INTERVAL + GRACE,
                parts,
            });
        }
        self.cas[number].next = now + INTERVAL;
    }

    fn crl(&self, number: usize, key: usize, part: usize) -> Vec<u8> {
        let ca = &self.cas[number];
        let names: Vec<Vec<u8>> = (0..2)
            .map(|mirror| uri(&url(number, mirror, key, part)))
            .collect();
        let edition = ca.published[key].len() as u32 + 1;
        let until = moment(self.now + INTERVAL + GRACE);
        let crl = CrlTemplate::by(&ca.keys[key])
            .scope(IssuingDistributionPoint::full(&names))
            .number(edition)
            .issued(&moment(self.now), Some(&until));
        let revoked = self.clients.iter().filter(|client| {
            client.ca == number
                && client.part == part
                && client.revoked.is_some()
                && client.issuer.der == ca.keys[key].certificate.der
        });
        let entry = |client: &Client| CrlEntry::of(&client.made).dated(&moment(self.now));
        revoked.map(entry).fold(crl, CrlTemplate::entry).der()
    }

    fn enrol(&mut self, random: &mut Random) {
        let (number, part) = (random.place(CAS), random.place(PARTS));
        let ca = &self.cas[number];
        let key = ca.keys.len() - 1;
        let names: Vec<Vec<u8>> = (0..2)
            .map(|mirror| uri(&url(number, mirror, key, part)))
            .collect();
        let label = format!("client {}", self.clients.len());
        let template = Template::client(&label)
            .key(Key::mark(&label))
            .with(points(&[DistributionPoint::full(&names)]));
        self.clients.push(Client {
            ca: number,
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
        let now = self.now;
        let client = &mut self.clients[place];
        if client.revoked.is_none() {
            client.revoked = Some(now);
            let ca = client.ca;
            self.publish(ca);
        }
    }

    /// A CA takes a new key; the old one goes on signing CRLs about what it issued.
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
        let host = format!("{}.ca{}", random.place(2), random.place(CAS));
        let all = [
            Mirror::Up,
            Mirror::Up,
            Mirror::Hangs,
            Mirror::Lags,
            Mirror::Lies,
        ];
        self.mirrors.insert(host, all[random.place(all.len())]);
    }

    fn mirror(&self, ca: usize, mirror: usize) -> Mirror {
        let known = self.mirrors.get(&format!("{mirror}.ca{ca}"));
        known.copied().unwrap_or(Mirror::Up)
    }

    pub fn presented(&self, client: &Client) -> Presented {
        let chain = [&client.made, &client.issuer];
        Presented::from_der(chain.map(|made| &made.der)).expect("it parses")
    }

    /// For how many seconds has one of the CA's mirrors served the newest CRLs without a break?
    pub fn served_for(&self, ca: usize) -> i64 {
        self.served_since[ca].map_or(0, |since| self.now - since)
    }

    /// The last end of all CRLs that there have been about this client's part.
    pub fn last_end(&self, ca: usize) -> i64 {
        let published = self.cas[ca].published.iter().flatten();
        published
            .map(|published| published.until)
            .max()
            .unwrap_or(0)
    }

    /// A client of the evil CA, or of nobody, that makes trouble for a victim.
    pub fn evil_client(&mut self, random: &mut Random) -> Presented {
        self.evil_clients += 1;
        let label = format!("evil client {}", self.evil_clients);
        let victim = random.place(CAS);
        let key = self.cas[victim].keys.len() - 1;
        let theirs = url(victim, random.place(2), key, random.place(PARTS));
        let own = format!("http://evil.test/{}", self.evil_clients);
        let fake = &self.fakes[victim];
        let named = &fake.name[..];
        let point = match random.below(5) {
            // The victim's URL beside one that is dead: a pause for the victim?
            0 => DistributionPoint::full(&[uri(&theirs), uri("http://dead.test/")]),
            // The victim as the issuer of CRLs.
            1 => DistributionPoint::full(&[uri(&own)]).issued_by(&[named]),
            2 => DistributionPoint::full(&[uri(&own), uri(&theirs)]),
            3 => DistributionPoint::full(&[uri("http://slow.test/")]),
            _ => DistributionPoint::url(&own),
        };
        let template = Template::client(&label)
            .key(Key::mark(&label))
            .with(points(&[point]));
        let (issuer, chain) = match random.below(3) {
            0 => (&self.evil, vec![&self.evil, fake]),
            1 => (fake, vec![fake, &self.evil]),
            _ => (&self.evil, vec![&self.evil]),
        };
        let leaf = issuer.issue(template);
        let more = chain.iter().map(|one| &one.certificate.der);
        Presented::from_der(std::iter::once(&leaf.der).chain(more)).expect("it parses")
    }

    /// What a URL sends, and how long that takes.
    fn serve(
        &self,
        request: &Request,
        random: &mut Random,
    ) -> (i64, Result<Vec<u8>, FetchFailure>) {
        let url = request.url();
        let host = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split('/').next());
        let host = host.unwrap_or_default();
        if let Some((mirror, rest)) = host.split_once(".ca") {
            let ca: usize = rest
                .strip_suffix(".test")
                .and_then(|ca| ca.parse().ok())
                .unwrap_or(0);
            let mirror = self.mirror(ca, mirror.parse().unwrap_or(0));
            let mut path = url.rsplit('/');
            let part: usize = path.next().and_then(|part| part.parse().ok()).unwrap_or(0);
            let key: usize = path.next().and_then(|key| key.parse().ok()).unwrap_or(0);
            return self.honest(ca, mirror, (key, part));
        }
        match host {
            "evil.test" => (1, Ok(self.forged(request, random))),
            "slow.test" => (HANGING, Err(FetchFailure::Unreachable)),
            _ => (1, Err(FetchFailure::Unreachable)),
        }
    }

    fn honest(
        &self,
        ca: usize,
        mirror: Mirror,
        (key, part): (usize, usize),
    ) -> (i64, Result<Vec<u8>, FetchFailure>) {
        let published = self.cas[ca].published.get(key);
        let edition = |back: usize| {
            let all = published?;
            let one = all.get(all.len().checked_sub(1 + back)?)?;
            one.parts.get(part).cloned()
        };
        let found = match mirror {
            Mirror::Up => edition(0),
            Mirror::Lags => edition(1),
            Mirror::Lies => Some(b"<html>not found</html>".to_vec()),
            Mirror::Hangs => return (HANGING, Err(FetchFailure::Unreachable)),
        };
        (1, found.ok_or(FetchFailure::Status(404)))
    }

    /// What the evil CA makes of a request: clean CRLs and responses in whoever's name.
    fn forged(&self, request: &Request, random: &mut Random) -> Vec<u8> {
        let victim = random.place(CAS);
        let by = match random.below(3) {
            0 => &self.evil,
            _ => &self.fakes[victim],
        };
        let (this, next) = (moment(self.now), moment(self.now + 86_400 * 30));
        if request.kind() == RequestKind::Ocsp {
            let client = random.place(self.clients.len().max(1));
            let Some(client) = self.clients.get(client) else {
                return Vec::new();
            };
            return ResponseTemplate::of(by, &client.made, CertStatus::Good).der();
        }
        let key = self.cas[victim].keys.len() - 1;
        let theirs = url(victim, random.place(2), key, random.place(PARTS));
        let names = [uri(request.url()), uri(&theirs)];
        let mut crl = CrlTemplate::by(by)
            .number(1_000_000)
            .issued(&this, Some(&next));
        crl = match random.below(4) {
            0 => crl.scope(IssuingDistributionPoint::full(&names)),
            1 => crl.scope(IssuingDistributionPoint::full(&names).indirect()),
            2 => crl
                .delta_to(1)
                .scope(IssuingDistributionPoint::full(&names)),
            _ => crl,
        };
        let padding = (0..random.below(40)).map(|number| {
            let number = u8::try_from(number).unwrap_or(0);
            CrlEntry::numbered(vec![2, 2, 1, number]).dated(&this)
        });
        padding.fold(crl, CrlTemplate::entry).der()
    }

    /// A CRL of some time and its source, as an operator puts it in that came by mail.
    pub fn by_mail(&self, random: &mut Random) -> Option<(Crl, Source)> {
        let client = &self.clients[random.place(self.clients.len())];
        let ca = &self.cas[client.ca];
        let is_issuer = |key: &Authority| key.certificate.der == client.issuer.der;
        let key = ca.keys.iter().position(is_issuer)?;
        let all = &ca.published[key];
        let one = all.get(random.place(all.len().max(1)))?;
        let crl = Crl::from_der(&one.parts[client.part]).expect("it parses");
        let urls = (0..2).map(|mirror| url(client.ca, mirror, key, client.part));
        let certificate = Certificate::from_der(&client.made.der).expect("it parses");
        Some((crl, Source::of_crl(certificate, urls)))
    }
}

/// The network of a world, from a moment on.
pub struct Network<'w> {
    world: &'w World,
    random: RefCell<&'w mut Random>,
    clock: Cell<i64>,
    deadline: i64,
}

impl<'w> Network<'w> {
    /// A round of fetching that must end after so many seconds.
    pub fn of(world: &'w World, random: &'w mut Random, seconds: i64) -> Self {
        Self {
            world,
            random: RefCell::new(random),
            clock: Cell::new(world.now),
            deadline: world.now + seconds,
        }
    }
}

impl RevocationFetcher for Network<'_> {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        let (took, sent) = self.world.serve(request, &mut self.random.borrow_mut());
        self.clock.set(self.clock.get() + took);
        sent
    }

    fn now(&self) -> Option<Time> {
        Some(Time::from_unix(self.clock.get()))
    }

    fn deadline(&self) -> Option<Time> {
        Some(Time::from_unix(self.deadline))
    }
}

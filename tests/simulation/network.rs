//! What the URLs of a world send, and how long that takes.

use std::cell::{Cell, RefCell};

use portcullis::Time;
use portcullis::revocation::{Crl, FetchFailure, Request, RevocationFetcher};
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate, SingleResponse};

use crate::random::Random;
use crate::world::{INTERVAL, LIFE, Mirror, PARTS, Published, World, moment};

/// How long a URL that hangs takes.
pub const HANGING: i64 = 10;

/// The network of a world, from a moment on.
pub struct Network<'w> {
    world: &'w World,
    random: RefCell<&'w mut Random>,
    clock: Cell<i64>,
    deadline: i64,
    requests: Cell<u32>,
}

impl<'w> Network<'w> {
    /// A round of fetching that must end after so many seconds.
    pub fn of(world: &'w World, random: &'w mut Random, seconds: i64) -> Self {
        Self {
            world,
            random: RefCell::new(random),
            clock: Cell::new(world.now),
            deadline: world.now + seconds,
            requests: Cell::new(0),
        }
    }

    /// How many seconds over its deadline it was in use.
    pub fn overtime(&self) -> i64 {
        self.clock.get() - self.deadline
    }

    pub fn requests(&self) -> u32 {
        self.requests.get()
    }
}

impl RevocationFetcher for Network<'_> {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        self.requests.set(self.requests.get() + 1);
        let (took, sent) = self.world.serve(request, &mut self.random.borrow_mut());
        self.clock.set(self.clock.get() + took);
        self.world.tell(|| {
            let issued = |sent: &Vec<u8>| Crl::from_der(sent).ok().map(|crl| crl.this_update());
            format!("  {}: {:?}", request.url(), sent.as_ref().map(issued))
        });
        sent
    }

    fn now(&self) -> Option<Time> {
        Some(Time::from_unix(self.clock.get()))
    }

    fn deadline(&self) -> Option<Time> {
        Some(Time::from_unix(self.deadline))
    }
}

type Sent = (i64, Result<Vec<u8>, FetchFailure>);

impl World {
    fn serve(&self, request: &Request, random: &mut Random) -> Sent {
        let url = request.url().strip_prefix("http://").unwrap_or_default();
        let (host, path) = url.split_once('/').unwrap_or((url, ""));
        match host {
            "evil.test" => (1, Ok(self.forged(request, random))),
            // What it sent once, it never renews (R10).
            "later.test" if random.once_in(4) => (1, Ok(self.short_lived(request))),
            "slow.test" | "later.test" => (HANGING, Err(FetchFailure::Unreachable)),
            _ => {
                let honest = self.mirror_of(host);
                let sent = honest.map(|(ca, mirror)| self.honest(request, ca, mirror, path));
                sent.unwrap_or((1, Err(FetchFailure::Unreachable)))
            }
        }
    }

    fn mirror_of(&self, host: &str) -> Option<(usize, Mirror)> {
        let (mirror, rest) = host.split_once(".ca")?;
        let ca = rest.strip_suffix(".test")?.parse().ok()?;
        Some((ca, self.mirror(ca, mirror.parse().ok()?)))
    }

    fn honest(&self, request: &Request, ca: usize, mirror: Mirror, path: &str) -> Sent {
        let mut path = path.split('/');
        let mut number = || path.next().and_then(|text| text.parse().ok());
        let key: usize = number().unwrap_or(0);
        let part: Option<usize> = number();
        let is_delta = path.next() == Some("delta");
        let back = match mirror {
            Mirror::Hangs => return (HANGING, Err(FetchFailure::Unreachable)),
            Mirror::Lies => return (1, Ok(b"<html>not found</html>".to_vec())),
            Mirror::Lags => 1,
            Mirror::Up | Mirror::Swaps => 0,
        };
        let sent = match part {
            None => self.response(request, ca, key, self.now - INTERVAL * back),
            Some(part) => {
                let other = usize::from(mirror == Mirror::Swaps);
                let found = self.edition(ca, key, back as usize);
                found.and_then(|one| {
                    if mirror != Mirror::Swaps {
                        let place = (ca, key, part);
                        self.got_at.borrow_mut().entry(place).or_insert(self.now);
                    }
                    let all = if is_delta { &one.deltas } else { &one.parts };
                    all.get((part + other) % PARTS).cloned()
                })
            }
        };
        (1, sent.ok_or(FetchFailure::Status(404)))
    }

    fn edition(&self, ca: usize, key: usize, back: usize) -> Option<&Published> {
        let all = self.cas[ca].published.get(key)?;
        all.get(all.len().checked_sub(1 + back)?)
    }

    /// What a CA says at a time about the certificate of a request.
    fn response(&self, request: &Request, ca: usize, key: usize, at: i64) -> Option<Vec<u8>> {
        let asked = request.certificate().as_der();
        let client = self.clients.iter().find(|client| client.made.der == asked);
        let client = client.filter(|client| (client.ca, client.key) == (ca, key))?;
        let status = match client.revoked {
            Some(revoked) if revoked <= at => CertStatus::Revoked,
            _ => CertStatus::Good,
        };
        let issuer = &self.cas[ca].keys[key];
        let single = SingleResponse::about(issuer, &client.made, status)
            .issued(&moment(at), Some(&moment(at + LIFE)));
        let response = ResponseTemplate::by(issuer).produced_at(&moment(at));
        Some(response.single(single).der())
    }
}

//! What a CA below the same root does to the others: its clients, and what its URLs send. Each move
//! bears the id of the attack of which it is a part.

use portcullis::Presented;
use portcullis::revocation::{Request, RequestKind};
use portcullis_testkit::crl::CrlEntry;
use portcullis_testkit::distribution::{
    DistributionPoint, IssuingDistributionPoint, access, points,
};
use portcullis_testkit::names::{directory, uri};
use portcullis_testkit::ocsp::{CertStatus, ResponseTemplate, SingleResponse};
use portcullis_testkit::{Authority, CrlTemplate, Key, Made, Template};

use crate::random::Random;
use crate::world::{CAS, MIRRORS, PARTS, World, moment, url};

/// URLs of a leaf that has very many.
const MANY: usize = 40;

impl World {
    /// A client of the evil CA, or of nobody, that makes trouble for a victim.
    pub fn evil_client(&mut self, random: &mut Random) -> Presented {
        self.evil_clients += 1;
        let number = self.evil_clients;
        let label = format!("evil client {number}");
        let victim = random.place(CAS);
        let theirs = self.url_of(victim, random);
        let own = format!("http://evil.test/{number}");
        let fake = &self.fakes[victim];
        let point = |urls: &[&str]| {
            let names: Vec<Vec<u8>> = urls.iter().map(|url| uri(url)).collect();
            DistributionPoint::full(&names)
        };
        let extension = match random.below(9) {
            // R12: the victim's URL beside one that is dead: a pause for the victim?
            0 => points(&[point(&[&theirs, "http://dead.test/"])]),
            1 => access(&[&theirs, "http://dead.test/"], &[]),
            // R1, R2: the victim as the issuer of CRLs.
            2 => points(&[point(&[&own]).issued_by(&[&fake.name])]),
            // R4, R11, R17: a CRL under the victim's URL.
            3 => points(&[point(&[&own, &theirs])]),
            // R9: it takes the time of others.
            4 => points(&[point(&["http://slow.test/"])]),
            // R10: what has run out and is never renewed.
            5 => points(&[point(&[&format!("http://later.test/{number}")])]),
            // R14: parts that have names of directories.
            6 => points(&[DistributionPoint::full(&[directory(&fake.name), uri(&own)])]),
            // R15, R16, R18: very many names.
            7 => {
                let urls: Vec<String> = (0..MANY).map(|one| format!("{own}/{one}")).collect();
                let all: Vec<DistributionPoint> = urls.iter().map(|url| point(&[url])).collect();
                points(&all)
            }
            // R3, R6, R7.
            _ => access(&[&own], &[]),
        };
        let template = Template::client(&label).key(Key::mark(&label));
        let (issuer, chain) = match random.below(3) {
            0 => (&self.evil, vec![&self.evil, fake]),
            1 => (fake, vec![fake, &self.evil]),
            _ => (&self.evil, vec![&self.evil]),
        };
        let leaf = issuer.issue(template.with(extension));
        let more = chain.iter().map(|one| &one.certificate.der);
        Presented::from_der(std::iter::once(&leaf.der).chain(more)).expect("it parses")
    }

    fn url_of(&self, victim: usize, random: &mut Random) -> String {
        let key = self.cas[victim].keys.len() - 1;
        url(victim, random.place(MIRRORS), key, random.place(PARTS))
    }

    /// What the evil CA makes of a request: statements in whoever's name.
    pub fn forged(&self, request: &Request, random: &mut Random) -> Vec<u8> {
        let victim = random.place(CAS);
        let by = match random.below(3) {
            0 => &self.evil,
            _ => &self.fakes[victim],
        };
        match request.kind() {
            RequestKind::Ocsp => self.forged_response(by, random),
            _ => self.forged_crl(by, victim, request, random),
        }
    }

    fn forged_response(&self, by: &Authority, random: &mut Random) -> Vec<u8> {
        let client = random.place(self.clients.len().max(1));
        let Some(client) = self.clients.get(client) else {
            return Vec::new();
        };
        let issuer = &self.cas[client.ca].keys[client.key];
        let about = |issuer: &Authority, made: &Made, status, early| {
            let this = self.now + early;
            SingleResponse::about(issuer, made, status)
                .issued(&moment(this), Some(&moment(this + 86_400)))
        };
        let good = about(issuer, &client.made, CertStatus::Good, 0);
        let response = ResponseTemplate::by(by).produced_at(&moment(self.now));
        match random.below(4) {
            // R6: newer, and it says nothing.
            0 => response.single(about(issuer, &client.made, CertStatus::Unknown, 0)),
            // R7: one of several comes from the future.
            1 => response
                .single(good)
                .single(about(by, &client.made, CertStatus::Good, 100_000)),
            // R3: of a responder that the evil CA has appointed.
            2 => {
                let label = "evil responder";
                let key = Key::mark(label);
                let responder = by.issue(Template::responder(label).key(key.clone()));
                let response = ResponseTemplate::under(&by.name, &key).by_key();
                response.single(good).sending(&responder)
            }
            _ => response.single(good),
        }
        .der()
    }

    fn forged_crl(
        &self,
        by: &Authority,
        victim: usize,
        request: &Request,
        random: &mut Random,
    ) -> Vec<u8> {
        let names = [uri(request.url()), uri(&self.url_of(victim, random))];
        let (this, next) = (moment(self.now), moment(self.now + 86_400 * 30));
        let crl = CrlTemplate::by(by)
            .number(1_000_000)
            .issued(&this, Some(&next));
        let scope = IssuingDistributionPoint::full(&names);
        let crl = match random.below(5) {
            0 => crl.scope(scope),
            // R1.
            1 => crl.scope(scope.indirect()),
            // R4.
            2 => crl.delta_to(1).scope(scope),
            // R11: a copy of what the victim published once.
            3 => {
                let all = &self.cas[victim].published[0];
                let copy = all.get(random.place(all.len().max(1)));
                let part = random.place(PARTS);
                return copy.map(|one| one.parts[part].clone()).unwrap_or_default();
            }
            _ => crl,
        };
        // R5: it fills the room.
        let padding = (0..random.below(40)).map(|number| {
            let number = u8::try_from(number).unwrap_or(0);
            CrlEntry::numbered(vec![2, 2, 1, number]).dated(&this)
        });
        padding.fold(crl, CrlTemplate::entry).der()
    }

    /// R10: a CRL of the evil CA that ends at once.
    pub fn short_lived(&self, request: &Request) -> Vec<u8> {
        let names = [uri(request.url())];
        CrlTemplate::by(&self.evil)
            .scope(IssuingDistributionPoint::full(&names))
            .issued(&moment(self.now), Some(&moment(self.now + 300)))
            .der()
    }
}

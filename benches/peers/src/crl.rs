//! A CRL of 100,000 entries, the same for both sides.
//!
//! An entry has 49 octets, as in large CRLs of the public web: a random serial number of 16 octets,
//! a UTCTime, a reason. The signature is not valid. These rows measure parsing and look-ups, which
//! do not check it.

use portcullis::revocation::Crl;
use portcullis_testkit::der::{oid, sequence, small, tlv};
use portcullis_testkit::extensions::authority_key_identifier;
use portcullis_testkit::names::common_name;
use portcullis_testkit::parts::{CrlParts, ce, reason_code};
use webpki::{CertRevocationList, OwnedCertRevocationList};

/// How many certificates the CRL revokes.
pub const ENTRIES: usize = 100_000;

/// How many certificates a large CRL revokes.
pub const LARGE: usize = 2_000_000;

/// How many of them are looked up in turn.
pub const LISTED: usize = 256;

/// A CRL and its serial numbers.
pub struct List {
    pub der: Vec<u8>,
    serials: Vec<[u8; 16]>,
}

impl List {
    pub fn new() -> Self {
        let mut random = Random(1);
        Self::of((0..ENTRIES).map(|_| random.serial()).collect())
    }

    /// A CRL of two million random serial numbers.
    pub fn large() -> Self {
        let mut random = Random(1);
        Self::of((0..LARGE).map(|_| random.serial()).collect())
    }

    /// A CRL of two million serial numbers whose last eight octets are the same.
    pub fn same_tails() -> Self {
        let mut random = Random(1);
        let serial = |_| {
            let mut serial = random.serial();
            serial[8..].fill(7);
            serial
        };
        Self::of((0..LARGE).map(serial).collect())
    }

    fn of(serials: Vec<[u8; 16]>) -> Self {
        let mut random = Random(2);
        let entries: Vec<u8> = serials
            .iter()
            .flat_map(|serial| entry(serial, &mut random))
            .collect();
        Self {
            der: list(&entries),
            serials,
        }
    }

    /// Serial numbers at regular distances in the CRL.
    pub fn listed(&self) -> [[u8; 16]; LISTED] {
        std::array::from_fn(|i| self.serials[i * (ENTRIES / LISTED)])
    }

    /// As many serial numbers that are not in the CRL.
    pub fn unlisted(&self) -> Vec<[u8; 16]> {
        let mut random = Random(2);
        (0..LISTED).map(|_| random.serial()).collect()
    }

    /// All serial numbers of the CRL.
    pub fn all(&self) -> Vec<[u8; 16]> {
        self.serials.clone()
    }

    pub fn ours(&self) -> Crl {
        Crl::from_der(&self.der).expect("it parses")
    }

    pub fn theirs(&self) -> OwnedCertRevocationList {
        OwnedCertRevocationList::from_der(&self.der).expect("it parses")
    }
}

impl Default for List {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether both sides find the same entry.
pub fn agree(ours: &Crl, theirs: &CertRevocationList<'_>, serial: &[u8]) -> bool {
    let ours = ours.find(serial, ours.issuer());
    let theirs = theirs.find_serial(serial).expect("entries are sound");
    let ours = ours.map(|entry| (entry.serial(), entry.revocation_date().unix() as u64));
    ours == theirs.map(|entry| (entry.serial_number, entry.revocation_date.as_secs()))
}

fn entry(serial: &[u8; 16], random: &mut Random) -> Vec<u8> {
    let date = format!(
        "{:02}{:02}{:02}{:02}{:02}{:02}Z",
        24 + random.below(2),
        1 + random.below(12),
        1 + random.below(28),
        random.below(24),
        random.below(60),
        random.below(60)
    );
    let reason = [0, 1, 3, 4, 5, 9][random.below(6)];
    let extensions = sequence(&[reason_code(reason)]);
    sequence(&[tlv(2, serial), tlv(0x17, date.as_bytes()), extensions])
}

fn list(entries: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[oid("1.2.840.10045.4.3.2")]);
    let parts = CrlParts {
        inner_algorithm: algorithm.clone(),
        issuer: common_name("Issuer"),
        next_update: tlv(0x17, b"260108000000Z"),
        revoked: tlv(0x30, entries),
        outer_algorithm: algorithm,
        signature: tlv(3, &[0; 72]),
        ..CrlParts::default()
    };
    let number = ce(20, false, &small(0x1234));
    let parts = parts.extensions(&[authority_key_identifier(&[7; 20]).encode(), number]);
    parts.der()
}

/// SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// A positive serial number of 16 octets.
    fn serial(&mut self) -> [u8; 16] {
        let word = u128::from(self.next()) << 64 | u128::from(self.next());
        (word >> 1 | 1 << 126).to_be_bytes()
    }
}

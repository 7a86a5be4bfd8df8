//! What differs from run to run: the labels that determine keys, and the time.

use std::fs::File;
use std::io::{self, Read};

use portcullis::Time;

/// A label of 256 random bits. The testkit derives the private key from it, so the key is as secret
/// as the label.
pub fn label() -> io::Result<String> {
    let mut octets = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut octets)?;
    Ok(octets.iter().map(|octet| format!("{octet:02x}")).collect())
}

/// `YYYYMMDDHHMMSSZ`, the format of times in the testkit.
pub fn moment(time: Time) -> String {
    let (year, month, day, hour, minute, second) = time.to_civil();
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}

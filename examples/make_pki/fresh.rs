//! What differs from run to run: the labels that keys follow from, and the clock.

use std::fs::File;
use std::io::{self, Read};

use portcullis::Time;

/// A label that nobody guesses: 256 random bits. The key that the builder makes of it is as secret
/// as the label.
pub fn label() -> io::Result<String> {
    let mut octets = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut octets)?;
    Ok(octets.iter().map(|octet| format!("{octet:02x}")).collect())
}

/// `YYYYMMDDHHMMSSZ`, as the builder takes moments.
pub fn moment(time: Time) -> String {
    let (year, month, day, hour, minute, second) = time.to_civil();
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}

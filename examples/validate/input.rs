//! Files in; certificates, revocation lists and OCSP responses out.
//!
//! Sizes are bounded before anything is parsed, and a complaint names the file and what to do about
//! it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use portcullis::Certificate;
use portcullis::certificate::CertificateError;
use portcullis::revocation::{Crl, CrlInputError, OcspResponse};

use crate::Problem;

/// Most bytes of one file: a bundle of all public roots has some 250 kB.
const LIMIT: u64 = 1024 * 1024;

/// Most bytes of a file of revocation lists: the largest of public CAs have some 10 MB.
const LIST_LIMIT: u64 = 16 * LIMIT;

/// The first byte of every certificate in DER: a SEQUENCE.
const DER_SEQUENCE: u8 = 0x30;

/// The certificates of a file, or of standard input for `-`; at least one.
pub(crate) fn certificates(file: &OsStr) -> Result<Vec<Certificate>, Problem> {
    let bytes = read(file, LIMIT).map_err(of(file))?;
    parse(&bytes).map_err(of(file))
}

/// What became of each certificate of a file, or of standard input for `-`; at least one. A bundle
/// may hold some that do not parse.
pub(crate) fn presented(file: &OsStr) -> Result<Vec<Parsed>, Problem> {
    let bytes = read(file, LIMIT).map_err(of(file))?;
    parse_blocks(&bytes).map_err(of(file))
}

/// A certificate, or why it is none.
pub(crate) type Parsed = Result<Certificate, CertificateError>;

/// The revocation lists of a file; at least one.
pub(crate) fn lists(file: &OsStr) -> Result<Vec<Crl>, Problem> {
    let bytes = read(file, LIST_LIMIT).map_err(of(file))?;
    parse_lists(&bytes).map_err(of(file))
}

/// The OCSP response of a file.
pub(crate) fn response(file: &OsStr) -> Result<OcspResponse, Problem> {
    let bytes = read(file, LIMIT).map_err(of(file))?;
    let parsed = OcspResponse::from_der(&bytes);
    parsed.map_err(|error| of(file)(format!("is no OCSP response in DER: {error}")))
}

/// Makes a complaint about this file.
pub(crate) fn of(file: &OsStr) -> impl Fn(String) -> Problem {
    let shown = if file == "-" {
        String::from("standard input")
    } else {
        Path::new(file).display().to_string()
    };
    move |error| Problem::new(format!("{shown}: {error}"))
}

fn read(file: &OsStr, limit: u64) -> Result<Vec<u8>, String> {
    let bytes = if file == "-" {
        bounded(io::stdin().lock(), limit)
    } else {
        File::open(file).and_then(|file| bounded(file, limit))
    };
    let bytes = bytes.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > limit {
        return Err(format!(
            "more than {limit} bytes; pass what is needed alone, in several files if need be"
        ));
    }
    Ok(bytes)
}

/// Reads one byte more than the limit at most, so that passing it shows.
fn bounded(input: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// DER first, as for certificates.
fn parse_lists(bytes: &[u8]) -> Result<Vec<Crl>, String> {
    let der = match Crl::from_der(bytes) {
        Ok(list) => return Ok(vec![list]),
        Err(error) => error,
    };
    match Crl::from_pem_bundle(bytes) {
        Ok(lists) => Ok(lists),
        Err(CrlInputError::Empty) if bytes.first() == Some(&DER_SEQUENCE) => {
            Err(format!("is not a revocation list in DER: {der}"))
        }
        Err(CrlInputError::Empty) => Err(
            "has no revocation list: neither a PEM block `-----BEGIN X509 CRL-----` nor DER".into(),
        ),
        Err(CrlInputError::Crl { index, error }) => {
            Err(format!("list {} in it is malformed: {error}", index + 1))
        }
        Err(error) => Err(format!("is broken PEM: {error}")),
    }
}

fn parse(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let parsed = parse_blocks(bytes)?.into_iter().enumerate();
    let parsed = parsed.map(|(index, parsed)| parsed.map_err(|error| malformed(index, &error)));
    parsed.collect()
}

/// Says which certificate of a file does not parse.
pub(crate) fn malformed(index: usize, error: &CertificateError) -> String {
    format!("certificate {} in it is malformed: {error}", index + 1)
}

/// DER is tried first: a certificate in DER may contain text that looks like PEM, and a note above
/// PEM may begin with the same character as DER.
fn parse_blocks(bytes: &[u8]) -> Result<Vec<Parsed>, String> {
    let looks_like_der = bytes.first() == Some(&DER_SEQUENCE);
    let der = match Certificate::from_der(bytes) {
        Ok(certificate) => return Ok(vec![Ok(certificate)]),
        Err(error) => error,
    };
    let blocks = Certificate::from_pem_blocks(bytes);
    let blocks = blocks.map_err(|error| format!("is broken PEM: {error}"))?;
    if !blocks.is_empty() {
        return Ok(blocks);
    }
    Err(match (bytes.is_empty(), looks_like_der) {
        (true, _) => "is empty".into(),
        (_, true) => format!(
            "is not a certificate in DER: {der}; take certificates out of PKCS #12 or PKCS #7 files first (openssl pkcs12, \
             openssl pkcs7)"
        ),
        _ => "has no certificate: neither a PEM block `-----BEGIN CERTIFICATE-----` nor DER".into(),
    })
}

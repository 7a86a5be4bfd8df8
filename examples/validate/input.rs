//! Reads certificates, CRLs and OCSP responses from files.
//!
//! The size of a file is limited before it is parsed. An error names the file, and says what to do.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use portcullis::Certificate;
use portcullis::certificate::CertificateError;
use portcullis::revocation::{Crl, CrlInputError, OcspResponse};

use crate::Problem;

/// The most bytes of one file. A bundle of all public roots has some 250 kB.
const LIMIT: u64 = 1024 * 1024;

/// The most bytes of a file of CRLs. The largest CRLs of public CAs have some 10 MB.
const CRL_LIMIT: u64 = 16 * LIMIT;

/// The first byte of every certificate in DER: a SEQUENCE.
const DER_SEQUENCE: u8 = 0x30;

/// The certificates of a file, or of standard input for `-`. There is at least one.
pub(crate) fn certificates(file: &OsStr) -> Result<Vec<Certificate>, Problem> {
    let bytes = read(file, LIMIT).map_err(of(file))?;
    parse(&bytes).map_err(of(file))
}

/// As [`certificates`], but a bundle may have certificates that do not parse.
pub(crate) fn presented(file: &OsStr) -> Result<Vec<Parsed>, Problem> {
    let bytes = read(file, LIMIT).map_err(of(file))?;
    parse_blocks(&bytes).map_err(of(file))
}

/// A certificate, or why it does not parse.
pub(crate) type Parsed = Result<Certificate, CertificateError>;

/// The CRLs of a file. There is at least one.
pub(crate) fn crls(file: &OsStr) -> Result<Vec<Crl>, Problem> {
    let bytes = read(file, CRL_LIMIT).map_err(of(file))?;
    parse_crls(&bytes).map_err(of(file))
}

/// The OCSP response of a file.
pub(crate) fn response(file: &OsStr) -> Result<OcspResponse, Problem> {
    let bytes = read(file, LIMIT).map_err(of(file))?;
    let parsed = OcspResponse::from_der(&bytes);
    parsed.map_err(|error| of(file)(format!("is no OCSP response in DER: {error}")))
}

/// Turns a text into a problem with this file.
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
            "more than {limit} bytes; pass only what is needed, in several files if necessary"
        ));
    }
    Ok(bytes)
}

/// Reads at most one byte more than the limit, so that the caller sees that there is more.
fn bounded(input: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Tries DER first, as for certificates.
fn parse_crls(bytes: &[u8]) -> Result<Vec<Crl>, String> {
    let der = match Crl::from_der(bytes) {
        Ok(crl) => return Ok(vec![crl]),
        Err(error) => error,
    };
    match Crl::from_pem_bundle(bytes) {
        Ok(crls) => Ok(crls),
        Err(CrlInputError::Empty) if bytes.first() == Some(&DER_SEQUENCE) => {
            Err(format!("is not a CRL in DER: {der}"))
        }
        Err(CrlInputError::Empty) => {
            Err("has no CRL: neither a PEM block `-----BEGIN X509 CRL-----` nor DER".into())
        }
        Err(CrlInputError::Crl { index, error }) => {
            Err(format!("CRL {} in it is malformed: {error}", index + 1))
        }
        Err(error) => Err(format!("is broken PEM: {error}")),
    }
}

fn parse(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let parsed = parse_blocks(bytes)?.into_iter().enumerate();
    let parsed = parsed.map(|(index, parsed)| parsed.map_err(|error| malformed(index, &error)));
    parsed.collect()
}

/// Which certificate of a file does not parse, and why.
pub(crate) fn malformed(index: usize, error: &CertificateError) -> String {
    format!("certificate {} in it is malformed: {error}", index + 1)
}

/// Tries DER first, because a certificate in DER may contain text that looks like PEM. If it is not
/// DER it may still be PEM, because text above the first block may begin as DER does.
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
            "is not a certificate in DER: {der}; take certificates out of PKCS #12 or PKCS #7 \
             files first (openssl pkcs12, openssl pkcs7)"
        ),
        _ => "has no certificate: neither a PEM block `-----BEGIN CERTIFICATE-----` nor DER".into(),
    })
}

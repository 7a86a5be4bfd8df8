//! Makes a PKI to try things with: a root, an intermediate, a server, clients, a revoked client, a
//! client with a self-signed certificate, and the CRLs.
//!
//! ```text
//! cargo run --release --example make_pki -- DIR [--host NAME]... [--client NAME]...
//! cargo run --release --example make_pki -- --help
//! ```
//!
//! For each name it writes a chain in PEM and a private key in PKCS #8. Keys are random,
//! certificates are valid from now on, and no file is overwritten. It prints what it made and
//! commands to try. The page `authentication::making_certificates` explains what is in the
//! certificates, and makes the same ones with openssl.

mod arguments;
mod authority;
mod folder;
mod fresh;
mod private;
mod summary;

use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

use arguments::{CRL_FOLDER, Command, HELP};
use folder::Folder;
use portcullis::Time;

const DONE: u8 = 0;
/// The command line is wrong, or the folder cannot be written. `validate` uses the same number.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    match run() {
        Ok(text) => {
            print!("{text}");
            ExitCode::from(DONE)
        }
        Err(error) => {
            eprintln!("make_pki: {error}");
            ExitCode::from(UNUSABLE)
        }
    }
}

/// Does what the command line says. Returns the text to print.
fn run() -> Result<String, Box<dyn Error>> {
    let options = match arguments::parse()? {
        Command::Help => return Ok(HELP.into()),
        Command::Make(options) => options,
    };
    let folder = Folder::create(&options.folder)?;
    let made = authority::make(&options, Time::from(SystemTime::now()))?;
    for holder in &made.holders {
        folder.write(&format!("{}.pem", holder.name), &holder.chain)?;
        folder.write(&format!("{}.key", holder.name), &holder.key)?;
    }
    folder.write("intermediate.index", &made.index)?;
    // Away from the keys, so that a web server can publish this folder.
    let crls = folder.inner(CRL_FOLDER)?;
    for crl in &made.crls {
        crls.write(&format!("{}.crl", crl.issuer), &crl.der)?;
    }
    summary::of(&options, &made.holders)
}

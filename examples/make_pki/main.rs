//! Makes an authority to try things with: a root, an intermediate, a server, clients, one that is
//! revoked, the CRLs that say so, and clients that sign for themselves.
//!
//! ```text
//! cargo run --release --example make_pki -- DIR [--host NAME]... [--client NAME]...
//! cargo run --release --example make_pki -- --help
//! ```
//!
//! Each name gets a chain in PEM and a key in PKCS #8. Keys are random, certificates hold from now
//! on, and nothing that exists is overwritten. It says what it made and how to look at it. The page
//! of `authentication::making_certificates` explains what the certificates say, and makes the same
//! ones with openssl.

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
/// As `validate` has it: a command line that makes no sense, or a folder that cannot be written.
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

/// Does what the command line says, and answers what there is to tell.
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
    // Apart from the keys, so that a web server can be given this folder.
    let crls = folder.inner(CRL_FOLDER)?;
    for crl in &made.crls {
        crls.write(&format!("{}.crl", crl.issuer), &crl.der)?;
    }
    summary::of(&options, &made.holders)
}

//! Writes `testdata/`: a small PKI with readable names, and the cases that use it.
//!
//! `cargo run --release --example make_testdata` writes the files. With `-- --check` it only
//! compares them, and fails if one differs. Keys, serial numbers, nonces and salts are derived from
//! labels in this program, so every run gives the same bytes.

mod cases;
mod corpus;
mod text;

use std::path::Path;
use std::process::ExitCode;
use std::{env, io};

use corpus::{Corpus, Generated};

fn main() -> io::Result<ExitCode> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let generated = generate();
    if env::args().any(|argument| argument == "--check") {
        return check(&generated, &folder);
    }
    generated.write(&folder)?;
    println!("{}: {}", folder.display(), generated.summary());
    Ok(ExitCode::SUCCESS)
}

fn generate() -> Generated {
    let mut corpus = Corpus::default();
    cases::all(&mut corpus);
    corpus.finish()
}

fn check(generated: &Generated, folder: &Path) -> io::Result<ExitCode> {
    let differences = generated.differences(folder)?;
    for path in &differences {
        eprintln!("{} differs from what is generated", path.display());
    }
    println!("{}", generated.summary());
    Ok(if differences.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

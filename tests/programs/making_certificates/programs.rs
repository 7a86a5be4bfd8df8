//! Folders and programs for these tests.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Examples stand beside the folder that test binaries stand in.
pub fn examples() -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    profile.join("examples")
}

pub fn example(name: &str) -> Command {
    let path = examples().join(name);
    assert!(
        path.exists(),
        "{} is not there: run `cargo build --examples`",
        path.display()
    );
    Command::new(path)
}

/// The beginning of a script that ends with the first failure, and whose `cargo run` runs what is
/// built already.
pub fn cargo_in_shell() -> String {
    let programs = examples();
    format!(
        "set -eu
cargo() {{
    test \"$1 $2 $3 $5\" = 'run --release --example --'
    program=$4
    shift 5
    '{}'/\"$program\" \"$@\"
}}
",
        programs.display()
    )
}

/// A folder that is empty and only this test uses.
pub fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("making-certificates-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    folder
}

/// Is openssl 3 here? Says so if not.
pub fn has_openssl() -> bool {
    let version = Command::new("openssl").arg("version").output();
    let version = version.map(|output| said(&output)).unwrap_or_default();
    let is_current = version
        .strip_prefix("OpenSSL ")
        .and_then(|rest| rest.split('.').next())
        .and_then(|major| major.parse().ok())
        .is_some_and(|major: u32| major >= 3);
    if !is_current {
        eprintln!("skipped: openssl 3 is not installed ({version:?})");
    }
    is_current
}

/// What openssl says; it must succeed.
#[track_caller]
pub fn openssl(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    said(&output)
}

/// Both streams of a program.
pub fn said(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}

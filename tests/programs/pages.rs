//! What pages name exists: files, tests, other pages, commands, and items of the code.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::items::{Sources, root};

/// The text between backticks.
pub(crate) fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether this is the name of a function, and not of a type, a header or a command.
fn is_function(name: &str) -> bool {
    name.contains('_')
        && name
            .chars()
            .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
}

/// The tests of a row of the findings: each file, and the functions that are named after it.
fn tests_of(row: &str) -> Vec<(&str, Vec<&str>)> {
    let tests = row.trim_end_matches([' ', '|']).rsplit(" | ").next();
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for name in code(tests.unwrap_or_default()) {
        match found.last_mut() {
            _ if name.ends_with(".rs") => found.push((name, Vec::new())),
            Some((_, functions)) if is_function(name) => functions.push(name),
            _ => {}
        }
    }
    found
}

#[test]
fn findings_name_tests_that_exist() {
    let page = fs::read_to_string(root().join("docs/FINDINGS.md")).unwrap();
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| id "));
    let sources = Sources::default();
    let mut seen = 0;
    for row in rows {
        let id = row.split(' ').nth(1).unwrap();
        let tests = tests_of(row);
        assert!(!tests.is_empty(), "{id} has no test: {row}");
        for (file, functions) in tests {
            let source = sources.get(file);
            let source = source.unwrap_or_else(|| panic!("{id}: no {file}"));
            assert!(!functions.is_empty(), "{id}: {file}: which test?");
            for function in functions {
                let found = source.find(function);
                let is_test = found.iter().any(|item| source.is_test(item));
                assert!(is_test, "{id}: {file}: {function}");
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "the rows were not found");
}

/// The Markdown files of the repository, without build folders.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && !matches!(&*name, "target" | "corpus") {
            pages(&path, found);
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// The targets of a page's links to files of the repository.
pub(crate) fn links(page: &str) -> impl Iterator<Item = &str> {
    let targets = page.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    targets.filter(|target| {
        target.starts_with('#') || (target.contains(['/', '.']) && !target.contains("://"))
    })
}

#[test]
fn links_lead_somewhere() {
    let mut found = Vec::new();
    pages(root(), &mut found);
    let mut seen = 0;
    for path in found {
        let page = fs::read_to_string(&path).unwrap();
        for link in links(&page) {
            let file = link.split('#').next().unwrap();
            let target = path.parent().unwrap().join(file);
            assert!(target.exists(), "{}: {link}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 8, "no links were found");
}

/// Pages for users and contributors, by their path.
const PAGES: [&str; 7] = [
    "README.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "crates/rustls/README.md",
    "fuzz/README.md",
    "src/revocation/guide.md",
    "testdata/README.md",
];

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The folders of the packages with programs.
const PACKAGES: [&str; 3] = ["", "crates/rustls", "fuzz"];

/// Whether a package has a program of this name in this folder.
fn has_program(folder: &str, name: &str) -> bool {
    PACKAGES.iter().any(|package| {
        let folder = root().join(package).join(folder);
        folder.join(name).join("main.rs").exists() || folder.join(format!("{name}.rs")).exists()
    })
}

fn has_package(name: &str) -> bool {
    ["", "crates/rustls", "crates/testkit"]
        .iter()
        .any(|package| {
            let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
            manifest.contains(&format!("\nname = \"{name}\"\n"))
        })
}

#[test]
fn commands_name_programs_that_exist() {
    let mut seen = 0;
    for name in PAGES {
        let page = page(name);
        let words: Vec<&str> = page
            .split(|c: char| c.is_whitespace() || c == '`')
            .collect();
        for three in words.windows(3) {
            let (option, value) = (three[1], three[2]);
            let exists = match option {
                "--example" => has_program("examples", value),
                "--test" => has_program("tests", value),
                "-p" => has_package(value),
                "run" if three[0] == "fuzz" && !value.starts_with("--") => {
                    has_program("fuzz_targets", value)
                }
                _ => continue,
            };
            assert!(exists, "{name}: {option} {value}");
            seen += 1;
        }
    }
    assert!(seen >= 15, "the commands were not found");
}

/// A page without its blocks of code, which are compiled or run elsewhere.
fn prose(page: &str) -> String {
    page.split("\n```").step_by(2).collect()
}

/// Whether a word looks like a name of Rust: `CamelCase` or `snake_case`.
fn is_name(word: &str) -> bool {
    let is_camel = word
        .as_bytes()
        .windows(2)
        .any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    word.starts_with(|c: char| c.is_ascii_alphabetic()) && (is_camel || word.contains('_'))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

/// The words of all sources and manifests.
fn words_of_code(folder: &Path, found: &mut HashSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && !matches!(&*name, "target" | "corpus") {
            words_of_code(&path, found);
        } else if name.ends_with(".rs") && name != "pages.rs" || name == "Cargo.toml" {
            let text = fs::read_to_string(&path).unwrap();
            found.extend(words(&text).map(str::to_owned));
        }
    }
}

#[test]
fn pages_name_items_and_files_that_exist() {
    /// Names of other libraries.
    const FOREIGN: [&str; 1] = ["WebPkiClientVerifier"];
    let mut known = HashSet::new();
    words_of_code(root(), &mut known);
    known.extend(words(&page(".ci/run")).map(str::to_owned));
    let mut seen = 0;
    for name in PAGES {
        let page = prose(&page(name));
        for code in code(&page) {
            let (folder, is_file) = match code.rsplit_once('/') {
                Some((folder, _)) => (folder, !code.contains([' ', '*', ':'])),
                None => ("", false),
            };
            if is_file && root().join(folder).is_dir() {
                assert!(root().join(code).exists(), "{name}: {code}");
                seen += 1;
            }
            for word in words(code).filter(|word| is_name(word)) {
                let is_known = known.contains(word) || FOREIGN.contains(&word);
                assert!(is_known, "{name}: {word}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 100, "the names were not found");
}

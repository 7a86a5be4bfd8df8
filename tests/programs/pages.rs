//! Pages name files, tests and other pages that exist.

use std::fs;
use std::path::{Path, PathBuf};

use crate::items::{Sources, root};

/// What stands between backticks.
pub(crate) fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Is this the name of a function, and not of a type, a header or a command?
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

/// The Markdown of the repository, but for what is built.
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

/// Where the links of a page lead that stay in the repository: those of Markdown, with a path.
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

//! Glob imports of the crate's modules give no ambiguous names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[allow(unused_imports, reason = "that they go together is the test")]
use portcullis::{
    authentication::*, cache::*, certificate::*, crypto::*, path::*, revocation::*, *,
};

/// Names that a module of the crate exports, each with the path that it re-exports.
fn exports(module: &str) -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let text = fs::read_to_string(src.join(module)).unwrap();
    let mut found = Vec::new();
    for list in text.split("\npub use ").skip(1) {
        let list = list.split(';').next().unwrap();
        let (path, names) = list.split_once("::{").unwrap_or(("", list));
        for name in names.trim_end_matches('}').split(',').map(str::trim) {
            let name = name.split_once(" as ").map_or(name, |(_, name)| name);
            let last = name.rsplit("::").next().unwrap();
            if !last.is_empty() {
                found.push((last.to_owned(), format!("{path}::{name}")));
            }
        }
    }
    found
}

#[test]
fn no_two_modules_export_the_same_name() {
    let modules = [
        "authentication",
        "cache",
        "certificate",
        "crypto",
        "path",
        "revocation",
    ];
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for module in modules {
        for (name, _) in exports(&format!("{module}/mod.rs")) {
            let other = owners.insert(name.clone(), module);
            assert_eq!(other, None, "{name} is a name in {module} too");
        }
    }
    assert!(owners.len() > 100, "the exports were not found");
    // The root has the items of these modules, and of private ones, under their own names.
    for (name, path) in exports("lib.rs") {
        if let Some(owner) = owners.get(&name) {
            assert!(path.starts_with(owner), "{name}: {path} is not {owner}'s");
        }
    }
}

/// The names that have been homonyms elsewhere mean one thing here.
#[test]
fn what_a_glob_brings_is_not_ambiguous() {
    fn name<T>() -> &'static str {
        std::any::type_name::<T>()
    }
    let names = [
        name::<Violation>(),
        name::<NameViolation>(),
        name::<PolicyViolation>(),
        name::<Field>(),
        name::<CrlField>(),
        name::<Request>(),
        name::<AuthenticationError>(),
        name::<ValidatedDecision>(),
        name::<Hex>(),
        name::<TooLarge>(),
        name::<Extension<'_>>(),
        name::<Revocation>(),
        name::<RevocationReason>(),
    ];
    assert!(names.iter().all(|name| name.starts_with("portcullis::")));
}

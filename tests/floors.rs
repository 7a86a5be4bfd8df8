//! A module imports only from floors below its own, or from its own.

use std::fs;
use std::path::{Path, PathBuf};

/// The floor of a top-level module of the crate.
fn floor(module: &str) -> Option<u8> {
    match module {
        "der" | "few" | "narrow" | "octets" | "time" | "oid" | "certificate" => Some(0),
        "trust" | "crypto" => Some(1),
        "path" => Some(2),
        "revocation" => Some(3),
        "validator" => Some(4),
        "cache" => Some(5),
        "authentication" => Some(6),
        "rustls" => Some(7),
        _ => None,
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// What re-exports at the root of the crate stand for.
fn module_of(item: &str) -> &str {
    match item {
        "Oid" => "oid",
        "Time" => "time",
        "Certificate" | "Name" => "certificate",
        other => other,
    }
}

#[test]
fn no_module_imports_from_above() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut seen = 0;
    for file in files {
        let inner = file.strip_prefix(&src).unwrap();
        let top = inner
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let Some(own) = floor(top.trim_end_matches(".rs")) else {
            assert_eq!(inner, Path::new("lib.rs"), "a module without a floor");
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for mention in code.split("crate::").skip(1) {
            let end = mention
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(mention.len());
            let Some(other) = floor(module_of(&mention[..end])) else {
                continue;
            };
            assert!(
                other <= own,
                "{} (floor {own}) imports from floor {other}",
                inner.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 50, "the imports were not found");
}

//! Each format of forwarded certificates is told about, tested and fuzzed.

use std::fs;
use std::path::Path;

/// The functions of a source that make a codec.
fn makers(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("pub fn ")?.split_once('(')?;
        rest.contains("-> Codec<").then_some(name)
    })
}

#[test]
fn no_format_is_forgotten() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("src/authentication/forwarded");
    let guide = fs::read_to_string(folder.join("proxies.md")).unwrap();
    // It is no part of the package.
    let target = root.join("fuzz/fuzz_targets/forwarded.rs");
    let target = fs::read_to_string(target).ok();
    let mut seen = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for name in makers(&source) {
            assert!(
                guide.contains(&format!("[`{name}()`]")),
                "{name}: proxies.md"
            );
            assert!(source.contains("#[test]"), "{name}: tests");
            if let Some(target) = &target {
                assert!(
                    target.contains(&format!("forwarded::{name}(")),
                    "{name}: fuzz target"
                );
            }
            seen += 1;
        }
    }
    assert!(seen >= 15, "the formats were not found");
}

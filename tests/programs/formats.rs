//! Each format of forwarded certificates has documentation, tests and a fuzz target.

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

/// The sections of a page, from their headings on: `# ` at the beginning of a line outside of code.
fn sections(page: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut is_code = false;
    for line in page.lines() {
        is_code ^= line.starts_with("```");
        if !is_code && line.starts_with("# ") {
            sections.push(String::new());
        }
        let last = sections.last_mut().unwrap();
        last.push_str(line);
        last.push('\n');
    }
    sections
}

/// S7: an address is that of every program at it. Each proxy of the page sends a secret, or the
/// page says that it can't.
#[test]
fn each_proxy_sends_a_secret() {
    let page = include_str!("../../src/authentication/forwarded/proxies.md");
    let proxies = sections(page);
    let proxies = proxies
        .iter()
        .skip_while(|section| !section.starts_with("# nginx\n"));
    let mut seen = 0;
    for section in proxies {
        let title = section.lines().next().unwrap();
        let sends = section.contains("X-Proxy-Secret") && section.contains("proxy_secret(");
        let cannot = section.contains("so there is no secret");
        assert!(sends || cannot, "{title}");
        seen += 1;
    }
    assert!(seen >= 11, "the sections were not found");
}

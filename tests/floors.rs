//! A module imports only from its own floor and from those below: in code, in macros and in the
//! links of its documentation. Only code behind `#[cfg(test)]` may import from above.
//! `docs/ARCHITECTURE.md` has the floors.
//!
//! proc-macro2 reads the files as tokens, along the `mod` declarations that begin in `lib.rs`. A
//! path counts if it begins with `crate` or `super`, and is resolved from the root of the crate.
//! Aliases of the root and glob imports from it are not allowed, because they would hide where a
//! name comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The floor of a top-level module of the crate.
fn floor(module: &str) -> Option<u8> {
    match module {
        "der" | "few" | "lru" | "narrow" | "octets" | "recorded" | "accessors" | "table"
        | "time" | "oid" | "certificate" => Some(0),
        "trust" | "crypto" => Some(1),
        "path" => Some(2),
        "revocation" => Some(3),
        "validator" => Some(4),
        "cache" => Some(5),
        "authentication" => Some(6),
        _ => None,
    }
}

/// Floors whose modules import each other in one direction.
const CHECKED_FOR_CIRCLES: &[&str] = &[
    "path",
    "trust",
    "crypto",
    "cache",
    "authentication",
    "validator",
];

/// A path from the root of the crate, and where it stands.
#[derive(Debug, PartialEq)]
struct Mention {
    line: usize,
    /// It is a link of the documentation.
    in_docs: bool,
    path: Vec<String>,
}

/// A declaration `mod name;`.
struct Declared {
    name: String,
    only_for_tests: bool,
}

/// What a file says.
#[derive(Default)]
struct Contents {
    mentions: Vec<Mention>,
    declared: Vec<Declared>,
}

impl Contents {
    /// Reads the source of a module whose path is this.
    fn read(source: &str, module: &[String]) -> Self {
        let tokens: TokenStream = source.parse().expect("it compiles");
        let mut contents = Self::default();
        contents.walk(&Vec::from_iter(tokens), module);
        contents
    }

    fn walk(&mut self, tokens: &[TokenTree], module: &[String]) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if let Some((attribute, end)) = attribute(tokens, at) {
                self.attribute(attribute, module);
                at = end;
                if is_for_tests(attribute) {
                    at = end_of_item(tokens, end);
                    self.declare(&tokens[end..at], true);
                }
                continue;
            }
            at = match token {
                TokenTree::Ident(word) if word == "mod" => self.module(tokens, at, module),
                TokenTree::Ident(word) if word == "crate" || word == "super" || word == "self" => {
                    self.path(tokens, at, module)
                }
                TokenTree::Group(group) => {
                    self.walk(&inside(group), module);
                    at + 1
                }
                _ => at + 1,
            };
        }
    }

    /// Documentation is an attribute too.
    fn attribute(&mut self, attribute: &Group, module: &[String]) {
        let tokens = inside(attribute);
        match &tokens[..] {
            [TokenTree::Ident(doc), _, TokenTree::Literal(text)] if doc == "doc" => {
                self.text(&text.to_string(), text.span().start().line, module);
            }
            _ => self.walk(&tokens, module),
        }
    }

    /// `mod name;` or `mod name { … }`, which begins at `at`. Returns where it ends.
    fn module(&mut self, tokens: &[TokenTree], at: usize, module: &[String]) -> usize {
        match (tokens.get(at + 1), tokens.get(at + 2)) {
            (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) => {
                let inner = [module, &[name.to_string()]].concat();
                self.walk(&inside(body), &inner);
                at + 3
            }
            _ => {
                self.declare(&tokens[at..], false);
                at + 1
            }
        }
    }

    /// Notes the `mod name;` that these tokens begin with, visibility aside.
    fn declare(&mut self, item: &[TokenTree], only_for_tests: bool) {
        let mut words = item.iter().skip_while(|token| !is_word(token, "mod"));
        let declared = (words.nth(1), words.next());
        if let (Some(TokenTree::Ident(name)), Some(end)) = declared
            && is_sign(end, ';')
        {
            self.declared.push(Declared {
                name: name.to_string(),
                only_for_tests,
            });
        }
    }

    /// A path that begins at `at`, if one does. Returns where its first word ends, or all of it.
    fn path(&mut self, tokens: &[TokenTree], at: usize, module: &[String]) -> usize {
        let line = tokens[at].span().start().line;
        if is_word(&tokens[at], "crate") && tokens.get(at + 1).is_some_and(|t| is_word(t, "as")) {
            self.mention(line, &[]);
        } else if separator(tokens, at + 1) {
            return self.tree(tokens, at, module.to_vec());
        }
        at + 1
    }

    /// One path or a tree of a `use`, whose words go on from `base`.
    fn tree(&mut self, tokens: &[TokenTree], mut at: usize, mut base: Vec<String>) -> usize {
        while let Some(token) = tokens.get(at) {
            let line = token.span().start().line;
            match token {
                TokenTree::Ident(word) => match word.to_string().as_str() {
                    "crate" => base.clear(),
                    "super" => drop(base.pop()),
                    "self" => {}
                    other => base.push(other.into()),
                },
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner = inside(group);
                    for branch in inner.split(|token| is_sign(token, ',')) {
                        if !branch.is_empty() {
                            self.tree(branch, 0, base.clone());
                        }
                    }
                    return at + 1;
                }
                // `*`, or the `<` of arguments.
                _ => {
                    self.mention(line, &base);
                    return at;
                }
            }
            at += 1;
            if !separator(tokens, at) {
                self.mention(line, &base);
                return at;
            }
            at += 2;
        }
        at
    }

    /// The paths in a text.
    fn text(&mut self, text: &str, line: usize, module: &[String]) {
        let of_paths = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
        for (lines, words) in text.lines().enumerate() {
            for path in words.split(of_paths) {
                let words: Vec<&str> = path
                    .split("::")
                    .take_while(|word| !word.is_empty())
                    .collect();
                let (Some(&("crate" | "super")), 2..) = (words.first(), words.len()) else {
                    continue;
                };
                let mut base = module.to_vec();
                for word in words {
                    match word {
                        "crate" => base.clear(),
                        "super" => drop(base.pop()),
                        other => base.push(other.into()),
                    }
                }
                self.note(line + lines, &base, true);
            }
        }
    }

    fn mention(&mut self, line: usize, path: &[String]) {
        self.note(line, path, false);
    }

    fn note(&mut self, line: usize, path: &[String], in_docs: bool) {
        self.mentions.push(Mention {
            line,
            in_docs,
            path: path.to_vec(),
        });
    }
}

fn inside(group: &Group) -> Vec<TokenTree> {
    Vec::from_iter(group.stream())
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// Is there a `::` at this place?
fn separator(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at: usize| tokens.get(at).is_some_and(|token| is_sign(token, ':'));
    is_colon(at) && is_colon(at + 1)
}

/// The attribute that begins at this place, and where it ends.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<(&Group, usize)> {
    if !is_sign(tokens.get(at)?, '#') {
        return None;
    }
    let inner = tokens.get(at + 1).is_some_and(|token| is_sign(token, '!'));
    let at = at + 1 + usize::from(inner);
    match tokens.get(at)? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => Some((group, at + 1)),
        _ => None,
    }
}

/// Is it a `#[cfg(…)]` that holds in tests alone?
fn is_for_tests(attribute: &Group) -> bool {
    match &inside(attribute)[..] {
        [TokenTree::Ident(cfg), TokenTree::Group(predicate)] => {
            cfg == "cfg" && implies_test(&inside(predicate))
        }
        _ => false,
    }
}

fn implies_test(predicate: &[TokenTree]) -> bool {
    match predicate {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(word), TokenTree::Group(parts)] => {
            let parts = inside(parts);
            let mut parts = parts
                .split(|token| is_sign(token, ','))
                .filter(|part| !part.is_empty());
            match word.to_string().as_str() {
                "all" => parts.any(implies_test),
                "any" => parts.all(implies_test),
                _ => false,
            }
        }
        _ => false,
    }
}

/// Where the item, field, arm or statement ends that begins at this place, attributes included.
fn end_of_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while let Some((_, end)) = attribute(tokens, at) {
        at = end;
    }
    // Visibility.
    if tokens.get(at).is_some_and(|token| is_word(token, "pub")) {
        at += 1;
        if matches!(tokens.get(at), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
        {
            at += 1;
        }
    }
    let starts_with = |words: &[&str]| {
        let first = tokens.get(at);
        first.is_some_and(|token| words.iter().any(|word| is_word(token, word)))
    };
    let is_function = tokens.get(at + 1).is_some_and(|token| is_word(token, "fn"));
    // Their braces are values or trees; a body ends all others, and commas stand in their generics.
    let has_value = starts_with(&["use", "const", "static", "type", "let"]) && !is_function;
    let has_body = starts_with(&[
        "mod",
        "fn",
        "const",
        "async",
        "unsafe",
        "extern",
        "struct",
        "enum",
        "union",
        "trait",
        "impl",
        "macro_rules",
    ]);
    while let Some(token) = tokens.get(at) {
        at += 1;
        let ends = match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !has_value,
            TokenTree::Punct(sign) if sign.as_char() == ',' => !has_value && !has_body,
            other => is_sign(other, ';'),
        };
        if ends {
            break;
        }
    }
    at
}

/// The crate: the modules that the names at its root come from.
struct Root(BTreeMap<String, String>);

impl Root {
    /// From the `pub use` of `lib.rs`.
    fn read(source: &str) -> Self {
        let tokens: TokenStream = source.parse().expect("it compiles");
        let tokens = Vec::from_iter(tokens);
        let mut names = BTreeMap::new();
        for (at, token) in tokens.iter().enumerate() {
            if is_word(token, "use") {
                // Read as a path from the root, which it is, or one into another crate.
                let mut contents = Contents::default();
                contents.tree(&tokens, at + 1, Vec::new());
                for mention in contents.mentions {
                    let (first, last) = (mention.path.first(), mention.path.last());
                    names.extend(last.cloned().zip(first.cloned()));
                }
            }
        }
        Self(names)
    }

    /// What is wrong with these paths in a module of this floor.
    fn violations(&self, mentions: &[Mention], own: u8) -> Vec<String> {
        let said = |Mention { line, path, .. }: &Mention| {
            let Some(first) = path.first() else {
                return Some(format!("{line}: the root itself"));
            };
            let home = self.0.get(first).unwrap_or(first);
            match floor(home) {
                Some(other) if other <= own => None,
                Some(other) => Some(format!("{line}: {} is on floor {other}", path.join("::"))),
                // From another crate.
                None if self.0.contains_key(first) => None,
                None => Some(format!("{line}: {first} at the root is unknown")),
            }
        };
        mentions.iter().filter_map(said).collect()
    }
}

/// The sources, as far as they have been read.
struct Sources {
    root: Root,
    read: BTreeSet<PathBuf>,
    mentions: usize,
    violations: Vec<String>,
    imports: Imports,
}

/// Which modules of one floor import which others of it, by their names below the floor's.
type Imports = BTreeMap<[String; 2], BTreeSet<[String; 2]>>;

impl Sources {
    /// Reads the file of a module, and those of the modules that it declares.
    fn file(&mut self, file: &Path, module: &[String], only_for_tests: bool) {
        let source = fs::read_to_string(file).unwrap();
        let mut contents = Contents::read(&source, module);
        contents.mentions.retain(|_| !only_for_tests);
        self.judge(file, &contents.mentions, module);
        self.read.insert(file.into());

        let is_folder = matches!(
            file.file_name().unwrap().to_str(),
            Some("lib.rs" | "mod.rs")
        );
        let folder = if is_folder {
            file.parent().unwrap().to_path_buf()
        } else {
            file.with_extension("")
        };
        for Declared {
            name,
            only_for_tests: this,
        } in contents.declared
        {
            let own = folder.join(format!("{name}.rs"));
            let file = if own.exists() {
                own
            } else {
                folder.join(&name).join("mod.rs")
            };
            self.file(&file, &[module, &[name]].concat(), only_for_tests || this);
        }
    }

    fn judge(&mut self, file: &Path, mentions: &[Mention], module: &[String]) {
        // The root re-exports what it likes.
        let Some(top) = module.first() else {
            return;
        };
        let own = floor(top).unwrap_or_else(|| panic!("{top} has no floor"));
        self.mentions += mentions.len();
        if let Some(from) = second(module) {
            let to = mentions.iter().filter(|mention| !mention.in_docs);
            let to = to.filter_map(|mention| second(&mention.path));
            let to: Vec<_> = to.filter(|to| to[0] == from[0] && *to != from).collect();
            self.imports.entry(from).or_default().extend(to);
        }
        let violations = self.root.violations(mentions, own).into_iter();
        let said = |violation| format!("{}:{violation}, this on floor {own}", file.display());
        self.violations.extend(violations.map(said));
    }
}

/// The first two words of a path, if the second can be a module.
fn second(path: &[String]) -> Option<[String; 2]> {
    let [first, second, ..] = path else {
        return None;
    };
    let is_module = second.starts_with(|c: char| c.is_ascii_lowercase());
    is_module.then(|| [first.clone(), second.clone()])
}

/// A module that imports itself by way of others, and the next one on that way.
fn circle(imports: &Imports) -> Option<([String; 2], [String; 2])> {
    let reaches = |from: &[String; 2], wanted: &[String; 2]| {
        let (mut seen, mut left) = (BTreeSet::new(), vec![from]);
        while let Some(next) = left.pop() {
            if next == wanted {
                return true;
            }
            if seen.insert(next) {
                left.extend(imports.get(next).into_iter().flatten());
            }
        }
        false
    };
    let all = imports.iter();
    let mut all = all.flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    let found = all.find(|(from, to)| reaches(to, from));
    found.map(|(from, to)| (from.clone(), to.clone()))
}

fn sources(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.insert(path);
        }
    }
}

/// The sources of the crate.
fn read() -> (Sources, PathBuf) {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = src.join("lib.rs");
    let mut read = Sources {
        root: Root::read(&fs::read_to_string(&lib).unwrap()),
        read: BTreeSet::new(),
        mentions: 0,
        violations: Vec::new(),
        imports: Imports::new(),
    };
    read.file(&lib, &[], false);
    (read, src)
}

#[test]
fn modules_of_a_floor_import_each_other_in_one_direction() {
    let (read, _) = read();
    for floor in CHECKED_FOR_CIRCLES {
        let imports = read.imports.iter();
        let imports = imports.filter(|(from, _)| from[0] == *floor);
        let imports: Imports = imports
            .map(|(from, to)| (from.clone(), to.clone()))
            .collect();
        assert!(imports.len() > 2, "the imports of {floor} were not found");
        assert_eq!(circle(&imports), None);
    }
}

#[test]
fn a_circle_is_found() {
    let imports = |pairs: &[(&str, &str)]| {
        let mut imports = Imports::new();
        let module = |name: &str| ["path".to_owned(), name.to_owned()];
        for (from, to) in pairs {
            imports.entry(module(from)).or_default().insert(module(to));
        }
        imports
    };
    let straight = [("a", "b"), ("b", "c"), ("a", "c")];
    assert_eq!(circle(&imports(&straight)), None);
    let back = [("a", "b"), ("b", "c"), ("c", "a")];
    assert!(circle(&imports(&back)).is_some());
    assert!(circle(&imports(&[("a", "b"), ("b", "a")])).is_some());
}

#[test]
fn no_module_imports_from_above() {
    let (read, src) = read();
    let mut all = BTreeSet::new();
    sources(&src, &mut all);
    let undeclared: Vec<_> = all.difference(&read.read).collect();
    assert!(undeclared.is_empty(), "no module declares {undeclared:?}");
    assert!(read.mentions > 1000, "the imports were not found");
    assert!(read.violations.is_empty(), "{}", read.violations.join("\n"));
}

/// What is wrong with this source of the module `certificate::name`, on the lowest floor.
fn violations(source: &str) -> Vec<String> {
    let root = Root::read(
        "pub use certificate::{Certificate, extensions::KeyUsage}; pub use const_oid::ObjectIdentifier;
         pub use trust::TrustStore; pub use validator::{Validator as Judge};",
    );
    let module = ["certificate", "name"].map(String::from);
    root.violations(&Contents::read(source, &module).mentions, 0)
}

#[test]
fn an_import_from_above_is_found_wherever_it_stands() {
    for planted in [
        "use crate::path::Rule;",
        "pub(crate) use crate::path::*;",
        "pub(in crate::path) fn f() {}",
        "use crate::path;",
        "use crate::{der, path::Rule};",
        "use crate::{der::{self, Reader}, oid::Oid, trust as t};",
        "use crate::{{path::Rule}};",
        "use {crate::path::Rule, core::fmt};",
        "use super::super::trust::TrustStore;",
        "use super::{super::trust::TrustStore};",
        "use self::super::super::trust::TrustStore;",
        "use super::super::{der, path::Rule};",
        "mod inner { use super::super::super::path::Rule; }",
        "mod inner { mod more { type T = super::super::super::super::path::Rule; } }",
        "fn f() { crate::path::search() }",
        "fn f() { let x = super::super::path::search(); }",
        "fn f() { g(|x| match x { crate::path::Rule::NoIssuer => 1, _ => 2 }) }",
        "fn f() { use crate::path::Rule; }",
        "fn f() { g::<crate::path::Rule>() }",
        "fn f(x: &[crate::path::Rule; 2]) {}",
        "struct S { x: Vec<crate::path::Rule> }",
        "struct S(Option<Box<dyn crate::path::Rule>>);",
        "impl From<crate::path::Rule> for S {}",
        "impl crate::path::Rule {}",
        "const X: crate::path::Rule = 1;",
        "macro_rules! m { () => { $crate::path::Rule }; }",
        "macro_rules! m { ($x:ty) => { use crate::path::Rule; }; }",
        "fn f() { vec![crate::path::Rule::NoIssuer]; }",
        "table! { A => crate::path::Rule, }",
        "#[derive(crate::path::Rule)] struct S;",
        "#[cfg_attr(test, derive(Debug))] struct S(crate::path::Rule);",
        "use crate::TrustStore;",
        "fn f(x: crate::TrustStore) {}",
        "use crate::{Certificate, Judge};",
        "//! As [the rules](crate::path::Rule) say.",
        "//! As the rules say.\n//!\n//! [`the rules`]: crate::path::Rule",
        "/// As [`crate::path::Rule`] says.\nfn f() {}",
        "/** As\n [`crate::path::Rule`] says. */ fn f() {}",
        "/// [`TrustStore`](crate::TrustStore)\nfn f() {}",
        "/// [`TrustStore`](super::super::trust::TrustStore)\nfn f() {}",
        "struct S { /// [`Rule`](crate::path::Rule)\n x: u8 }",
        "table! { /// [`Rule`](crate::path::Rule)\n A, }",
        "#[doc = \"[`Rule`](crate::path::Rule)\"] fn f() {}",
        // An alias of the root, and all that is in it.
        "use crate as us;",
        "use crate::{self as us};",
        "use crate::*;",
        "use super::super::*;",
        // What nobody knows might be anything.
        "crate::something!();",
        // It is built without tests too.
        "#[cfg(any(test, feature = \"std\"))] use crate::path::Rule;",
        "#[cfg(not(test))] use crate::path::Rule;",
        "#[cfg(feature = \"test\")] use crate::path::Rule;",
    ] {
        assert_eq!(violations(planted).len(), 1, "{planted}");
        // Behind tests as well.
        let behind = format!("{planted}\n#[cfg(test)] mod tests {{ use crate::path::Rule; }}");
        assert_eq!(violations(&behind).len(), 1, "{behind}");
        if !planted.starts_with("//!") {
            let after = format!("#[cfg(test)] mod tests {{ use crate::path::Rule; }}\n{planted}");
            assert_eq!(violations(&after).len(), 1, "{after}");
        }
    }
}

#[test]
fn what_is_behind_a_test_and_nothing_else_is_passed_over() {
    for test in [
        "mod tests { use crate::path::Rule; }",
        "mod testing;",
        "pub(crate) mod testing;",
        "use crate::path::Rule;",
        "use crate::path::{Rule, Purpose};",
        "use crate::{path::Rule, trust};",
        "pub(crate) use crate::path::{Rule};",
        "fn f<A, B>(x: crate::path::Rule) -> [u8; 2] { crate::path::search() }",
        "pub(crate) const fn f() { crate::path::search() }",
        "impl<A, B> From<A> for crate::path::Rule<B> { fn f() {} }",
        "const X: [crate::path::Rule; 2] = { [crate::path::Rule; 2] };",
        "static X: crate::path::Rule = crate::path::Rule { x: 1 };",
        "type X = crate::path::Rule;",
        "struct S<A, B>(crate::path::Rule);",
        "struct S<A, B> { x: crate::path::Rule }",
        "enum E { A(crate::path::Rule), B }",
        "macro_rules! m { () => { crate::path::Rule } }",
        "/// [`Rule`](crate::path::Rule)\n#[derive(Debug)] struct S { x: crate::path::Rule }",
        "crate::path::table! { a, b }",
    ] {
        for cfg in [
            "test",
            "all(test, feature = \"std\")",
            "any(test, all(test, unix))",
        ] {
            let source = format!("#[cfg({cfg})] {test} use crate::trust::TrustStore;");
            assert_eq!(violations(&source).len(), 1, "{source}");
        }
    }
    for within in [
        "struct S { #[cfg(test)] x: crate::path::Rule, y: crate::trust::TrustStore }",
        "enum E { #[cfg(test)] A(crate::path::Rule), B(crate::trust::TrustStore) }",
        "fn f() { match x { #[cfg(test)] 1 => crate::path::f(), _ => crate::trust::f() } }",
        "fn f() { match x { #[cfg(test)] 1 => { crate::path::f() } _ => crate::trust::f() } }",
        "fn f() { #[cfg(test)] let x = crate::path::X { y }; crate::trust::f(); }",
        "fn f() { #[cfg(test)] crate::path::f(a, b); crate::trust::f(); }",
        "fn f(#[cfg(test)] x: crate::path::Rule, y: crate::trust::TrustStore) {}",
    ] {
        assert_eq!(violations(within).len(), 1, "{within}");
    }
}

#[test]
fn what_is_not_from_above_is_let_be() {
    for fine in [
        "use crate::der::Reader;",
        "use crate::{der::{self, Reader}, oid::{Oid}, Certificate, KeyUsage, ObjectIdentifier};",
        "use super::super::der; use super::*; use super::{Certificate, path};",
        "use self::path::Rule; mod path {} use core::{fmt, path};",
        "mod path { use super::path; }",
        "pub(crate) fn path() {} pub(super) fn trust() {}",
        "// crate::path\nfn f() -> &'static str { \"crate::path\" }",
        "/// A path, not a crate: trust.\nfn f(self) { self.path(); Self::path() }",
        "/// [`Reader`](crate::der::Reader) and [`path`](super::path)\nfn f() {}",
    ] {
        assert_eq!(violations(fine), Vec::<String>::new(), "{fine}");
    }
}

#[test]
fn modules_are_followed() {
    let source = "mod a; pub(crate) mod b; #[cfg(test)] mod c; #[cfg(test)] pub mod d; mod e {}";
    let declared = Contents::read(source, &[]).declared;
    let declared = declared.iter();
    let declared: Vec<_> = declared
        .map(|one| (&one.name[..], one.only_for_tests))
        .collect();
    assert_eq!(
        declared,
        [("a", false), ("b", false), ("c", true), ("d", true)]
    );
}

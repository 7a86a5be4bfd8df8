//! The items that a Rust file defines, and their lines. Pages that name functions and tests are
//! compared with them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The repository's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files that have been read.
#[derive(Default)]
pub(crate) struct Sources(RefCell<BTreeMap<String, Option<Rc<Source>>>>);

impl Sources {
    /// A file of the repository; `None` if it does not exist.
    pub(crate) fn get(&self, file: &str) -> Option<Rc<Source>> {
        let mut known = self.0.borrow_mut();
        let read = || {
            let text = std::fs::read_to_string(root().join(file)).ok()?;
            Some(Rc::new(Source::read(&text)))
        };
        known.entry(file.into()).or_insert_with(read).clone()
    }
}

/// What one file defines.
pub(crate) struct Source {
    lines: Vec<String>,
    items: Vec<Item>,
}

/// A function, a type, a constant, a macro, a module.
#[derive(Clone)]
pub(crate) struct Item {
    /// Its name, after those of what it stands in: modules, types, functions.
    path: Vec<String>,
    /// Its lines, counted from 0, with the comments and attributes above it.
    lines: Range<usize>,
}

impl Source {
    pub(crate) fn read(text: &str) -> Self {
        let lines = text.lines().map(str::to_owned).collect();
        let mut source = Self {
            lines,
            items: Vec::new(),
        };
        let tokens: TokenStream = text.parse().expect("it compiles");
        source.walk(&Vec::from_iter(tokens), &[]);
        source
    }

    /// The items of this name; `a::b` is a `b` that stands in `a`.
    pub(crate) fn find(&self, name: &str) -> Vec<&Item> {
        let wanted: Vec<&str> = name.split("::").collect();
        let is_wanted = |item: &&Item| item.path.iter().rev().eq(wanted.iter().rev());
        let ends_so = |item: &&Item| {
            let mut own = item.path.iter().rev();
            wanted
                .iter()
                .rev()
                .all(|word| own.next().is_some_and(|own| own == word))
        };
        let whole: Vec<_> = self.items.iter().filter(is_wanted).collect();
        if whole.is_empty() {
            self.items.iter().filter(ends_so).collect()
        } else {
            whole
        }
    }

    /// The lines of an item.
    pub(crate) fn lines(&self, item: &Item) -> &[String] {
        &self.lines[item.lines.clone()]
    }

    /// The comments over an item and in it, as one line.
    pub(crate) fn comments(&self, item: &Item) -> String {
        let comments = self.lines(item).iter();
        let comments = comments.filter_map(|line| line.split_once("//"));
        let text: Vec<&str> = comments
            .map(|(_, text)| text.trim_start_matches(['/', ' ']))
            .collect();
        text.join(" ")
    }

    /// Does this word stand in the code of an item?
    pub(crate) fn mentions(&self, item: &Item, word: &str) -> bool {
        let of_words = |c: char| !(c.is_alphanumeric() || c == '_');
        let code = self
            .lines(item)
            .iter()
            .filter(|line| !line.trim_start().starts_with("//"));
        code.flat_map(|line| line.split(of_words))
            .any(|found| found == word)
    }

    /// Is it a function that the test runner runs?
    pub(crate) fn is_test(&self, item: &Item) -> bool {
        let mut lines = self.lines(item).iter().map(|line| line.trim());
        lines.any(|line| matches!(line, "#[test]" | "#[tokio::test]"))
    }

    fn walk(&mut self, tokens: &[TokenTree], within: &[String]) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let named = named(tokens, at);
            let end = match (&named, token) {
                (Some((_, from)), _) => end(tokens, token, *from),
                (None, TokenTree::Group(group)) => {
                    self.walk(&inside(group), within);
                    at + 1
                }
                _ => at + 1,
            };
            if let Some((name, from)) = named {
                let path = [within, &[name]].concat();
                if !is_word(token, "impl") {
                    let lines = self.first_line(token)..line(&tokens[end - 1], false) + 1;
                    self.items.push(Item {
                        path: path.clone(),
                        lines,
                    });
                }
                self.walk(&tokens[from..end], &path);
            }
            at = end;
        }
    }

    /// The first line of the comments and attributes over a token.
    fn first_line(&self, token: &TokenTree) -> usize {
        let own = line(token, true);
        let above = self.lines[..own].iter().rev();
        let above = above.map(|line| line.trim_start());
        own - above
            .take_while(|line| line.starts_with("//") || line.starts_with("#["))
            .count()
    }
}

/// Where the item of this keyword ends, whose body or value is looked for from this place on.
fn end(tokens: &[TokenTree], keyword: &TokenTree, from: usize) -> usize {
    let has_value = ["const", "static", "type"]
        .iter()
        .any(|word| is_word(keyword, word));
    let rest = tokens.iter().enumerate().skip(from);
    let mut ends = rest.filter(|(_, token)| {
        let is_body =
            matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        is_sign(token, ';') || (is_body && !has_value)
    });
    ends.next().map_or(tokens.len(), |(place, _)| place + 1)
}

/// The name of the item that begins at this place, and where its name ends.
fn named(tokens: &[TokenTree], at: usize) -> Option<(String, usize)> {
    let TokenTree::Ident(keyword) = tokens.get(at)? else {
        return None;
    };
    let name = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(name)) => Some((name.to_string(), at + 1)),
        _ => None,
    };
    match keyword.to_string().as_str() {
        "fn" | "struct" | "enum" | "trait" | "mod" | "type" | "static" => name(at + 1),
        "const" => name(at + 1).filter(|(name, _)| name != "fn" && name != "_"),
        "macro_rules" => name(at + 2),
        "impl" => implementer(tokens, at),
        _ => None,
    }
}

/// The type that an `impl` is for: the last word before its body that stands outside of `<>`.
fn implementer(tokens: &[TokenTree], at: usize) -> Option<(String, usize)> {
    let (mut depth, mut name) = (0, None);
    for (place, token) in tokens.iter().enumerate().skip(at + 1) {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '<' => depth += 1,
            // Not that of `->`.
            TokenTree::Punct(sign)
                if sign.as_char() == '>' && !is_sign(&tokens[place - 1], '-') =>
            {
                depth -= 1
            }
            TokenTree::Punct(sign) if matches!(sign.as_char(), ';' | ',' | '=') && depth == 0 => {
                return None;
            }
            TokenTree::Ident(word) if word == "where" => depth += 100,
            TokenTree::Ident(word) if depth == 0 => name = Some(word.to_string()),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                return Some((name?, place));
            }
            _ => {}
        }
    }
    None
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

/// The line on which a token begins or ends, counted from 0.
fn line(token: &TokenTree, begins: bool) -> usize {
    let span = token.span();
    let place = if begins { span.start() } else { span.end() };
    place.line - 1
}

const SOURCE: &str = "
/// 6.1.4 (k)
#[inline]
pub(crate) const fn first<T>(x: fn(u8) -> u8) -> [u8; 2] {
    // 6.1.3 (a)(1)
    fn inner() {}
    Word
}
const TABLE: &[u8] = &{ [1] };
impl<T: Into<u8>> Trait<T> for Type<T> where T: Copy { fn method(&self) { impl_word } }
impl Other { fn method(&self) -> impl Iterator<Item = u8> { x } fn after() {} }
macro_rules! table { () => { struct Made; } }
table! { pub enum Listed { A } }
mod tests {
    #[test]
    fn runs() {}
    proptest! {
        /// Text.
        #[test]
        fn also(x in any::<u8>()) { second() }
    }
    fn helper() {}
}
";

fn count(name: &str) -> usize {
    Source::read(SOURCE).find(name).len()
}

#[test]
fn items_are_found_by_name_and_by_what_they_stand_in() {
    let names =
        "first inner first::inner TABLE Type::method Other::method Other::after Made Listed";
    for name in names
        .split(' ')
        .chain(["table", "tests", "runs", "tests::also"])
    {
        assert_eq!(count(name), 1, "{name}");
    }
    assert_eq!(count("method"), 2);
    for name in [
        "A",
        "u8",
        "Type",
        "Trait::method",
        "tests::first",
        "impl_word",
        "x",
    ] {
        assert_eq!(count(name), 0, "{name}");
    }
}

#[test]
fn an_item_has_its_comments_words_and_whether_it_is_a_test() {
    let source = Source::read(SOURCE);
    let [first] = source.find("first")[..] else {
        panic!()
    };
    assert_eq!(source.comments(first), "6.1.4 (k) 6.1.3 (a)(1)");
    assert!(source.mentions(first, "Word") && !source.mentions(first, "Wor"));
    assert!(!source.mentions(first, "method") && !source.is_test(first));
    for (name, is_test) in [
        ("runs", true),
        ("also", true),
        ("helper", false),
        ("TABLE", false),
    ] {
        assert_eq!(source.is_test(source.find(name)[0]), is_test, "{name}");
    }
}

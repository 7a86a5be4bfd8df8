//! `docs/ARCHITECTURE.md` is true: files, functions, tests, numbers and sections are those of the
//! code, and each rule and each step of RFC 5280 section 6.1 has a row in its index.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use portcullis::{IssuerRequirement, Rule};

const PAGE: &str = include_str!("../../docs/ARCHITECTURE.md");

/// The last letter of each part of RFC 5280 section 6.1.
const LETTERS: [(&str, char); 5] = [
    ("6.1.1", 'i'),
    ("6.1.2", 'k'),
    ("6.1.3", 'f'),
    ("6.1.4", 'o'),
    ("6.1.5", 'g'),
];

/// A part of section 6.1 and a letter of it.
type Step = (String, char);

fn source(file: &str) -> Option<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).ok()
}

/// What follows of a text behind each place where another occurs.
fn behind<'t>(text: &'t str, start: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(start)
        .map(move |(at, _)| &text[at + start.len()..])
}

fn is_word(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet == b'_'
}

/// Does a source declare this: a function, a type, a macro, or a row of a table?
fn declares(source: &str, name: &str) -> bool {
    let kinds = [
        "fn ",
        "struct ",
        "enum ",
        "trait ",
        "type ",
        "macro_rules! ",
    ];
    let ends = |rest: &str| {
        let rest = rest.strip_prefix(name);
        rest.is_some_and(|rest| !rest.bytes().next().is_some_and(is_word))
    };
    let row = format!("\n    {name}: ");
    kinds.iter().any(|kind| behind(source, kind).any(ends)) || source.contains(&row)
}

/// Is there a test of this name?
fn tests(source: &str, name: &str) -> bool {
    behind(source, "#[test]").any(|rest| {
        let declaration = rest.split_once("fn ").map(|(_, rest)| rest);
        declaration.is_some_and(|rest| rest.starts_with(&format!("{name}(")))
    })
}

/// The files of a text, each with the names that stand directly behind it, and every name alone
/// behind a file: `` `file.rs` `one`, `other` ``.
fn references(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut parts = text.split('`');
    let mut follows = false;
    while let (Some(between), Some(code)) = (parts.next(), parts.next()) {
        follows &= matches!(between, " " | ", " | "\n   " | ",\n   ");
        if code.ends_with(".rs") && code.contains('/') {
            found.push((code.into(), Vec::new()));
            follows = true;
        } else if let Some((_, names)) = found.last_mut().filter(|_| follows) {
            names.push(code.into());
        } else {
            follows = false;
        }
    }
    found
}

/// The steps of section 6.1 that a text names: `6.1.4 (i) and (j)`, `6.1.2 (d) to (f)`.
fn steps(text: &str) -> BTreeSet<Step> {
    let mut found = BTreeSet::new();
    for (part, last) in LETTERS {
        for rest in behind(text, part) {
            let mut words = rest.split([' ', ',', ';', '.', ':', '/', '!', '\n']);
            if words.next() != Some("") {
                continue;
            }
            let (mut known, mut is_range) = (None, false);
            for word in words {
                match word {
                    "" | "and" | "or" => {}
                    "to" => is_range = true,
                    _ => {
                        let letter = word.strip_prefix('(').and_then(|word| {
                            let mut chars = word.chars();
                            let letter = chars.next()?;
                            (chars.next()? == ')').then_some(letter)
                        });
                        let Some(letter) = letter.filter(|letter| ('a'..=last).contains(letter))
                        else {
                            break;
                        };
                        let from = known.filter(|_| is_range).unwrap_or(letter);
                        found.extend((from..=letter).map(|letter| (part.into(), letter)));
                        (known, is_range) = (Some(letter), false);
                    }
                }
            }
        }
    }
    found
}

/// The comments of a source, as one text.
fn comments(source: &str) -> String {
    let lines = source.lines().map(str::trim_start);
    let lines = lines.filter_map(|line| line.strip_prefix("//"));
    let lines = lines.map(|line| line.trim_start_matches(['/', '!']));
    lines.collect::<Vec<_>>().join("")
}

/// A row of the index.
struct Row<'p> {
    heading: &'p str,
    cells: Vec<&'p str>,
}

fn rows(page: &str) -> Vec<Row<'_>> {
    let index = page
        .split_once("## The rule index")
        .map_or("", |(_, index)| index);
    let mut heading = "";
    let mut rows = Vec::new();
    for line in index.lines() {
        if let Some(next) = line.strip_prefix("### ") {
            heading = next;
        }
        let is_row = line.starts_with("| ") && !line.starts_with("| Section ");
        if let Some(line) = line.strip_suffix('|').filter(|_| is_row) {
            let cells = line.split('|').skip(1).map(str::trim).collect();
            rows.push(Row { heading, cells });
        }
    }
    rows
}

/// The section that the code gives for the rule of this number, where it is one for all of it.
fn section_of_rule(number: &str) -> Option<String> {
    let table = source("src/path/violation.rs")?;
    let row = behind(&table, &format!("= {number} [\""))
        .next()?
        .to_owned();
    row.split_once('"').map(|(section, _)| section.to_owned())
}

/// Everything that is not true of a page.
fn faults(page: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (file, names) in references(page) {
        let Some(source) = source(&file) else {
            faults.push(format!("no file {file}"));
            continue;
        };
        let missing = names.iter().filter(|name| !declares(&source, name));
        faults.extend(missing.map(|name| format!("{file} has no {name}")));
    }
    let mut numbered = BTreeSet::new();
    let mut covered = BTreeSet::new();
    for row in rows(page) {
        let [section, _, decided, number, test] = row.cells[..] else {
            faults.push(format!(
                "a row of {} cells: {:?}",
                row.cells.len(),
                row.cells
            ));
            continue;
        };
        for (cell, needed) in [(decided, "function"), (test, "test")] {
            if references(cell).iter().all(|(_, names)| names.is_empty()) {
                faults.push(format!("{section}: no {needed}"));
            }
        }
        for (file, names) in references(test) {
            let source = source(&file).unwrap_or_default();
            let missing = names.iter().filter(|name| !tests(&source, name));
            faults.extend(missing.map(|name| format!("{file} has no test {name}")));
        }
        faults.extend(number_faults(row.heading, section, number, &mut numbered));
        let said: String = references(decided)
            .iter()
            .filter_map(|(file, _)| source(file))
            .map(|source| comments(&source))
            .collect();
        let (asked, said) = (steps(section), steps(&said));
        let missing = asked
            .iter()
            .filter(|step| step.0 != "6.1.1" && !said.contains(step));
        faults.extend(missing.map(|(part, letter)| format!("no code says {part} ({letter})")));
        covered.extend(asked);
    }
    for (part, last) in LETTERS {
        let missing = ('a'..=last).filter(|&letter| !covered.contains(&(part.into(), letter)));
        faults.extend(missing.map(|letter| format!("no row for {part} ({letter})")));
    }
    let rules = Rule::NUMBERS
        .iter()
        .map(|(name, number)| format!("Rule {number} {name}"));
    let requirements = IssuerRequirement::ALL.iter();
    let requirements =
        requirements.map(|one| format!("IssuerRequirement {} {one:?}", one.number()));
    // This one has a row for each requirement instead.
    let all = rules
        .chain(requirements)
        .filter(|one| !one.ends_with(" IssuerRequirement"));
    let missing = all.filter(|one| !numbered.contains(one));
    faults.extend(missing.map(|one| format!("no row for {one}")));
    faults
}

/// Is this a number of the code, in a row of its section?
fn number_faults(
    heading: &str,
    section: &str,
    number: &str,
    numbered: &mut BTreeSet<String>,
) -> Option<String> {
    if number.is_empty() {
        return None;
    }
    numbered.insert(number.into());
    let words: Vec<&str> = number.split(' ').collect();
    let [kind, digits, name] = words[..] else {
        return Some(format!("{number} is no number"));
    };
    let expected = match kind {
        "Rule" => {
            let known = Rule::NUMBERS.iter();
            let known = known.map(|(name, number)| (*name, number.to_string()));
            if !known
                .into_iter()
                .any(|known| known == (name, digits.to_owned()))
            {
                return Some(format!("there is no {number}"));
            }
            section_of_rule(digits)
        }
        _ => {
            let known = IssuerRequirement::ALL.iter();
            let mut known = known.filter(|one| format!("{one:?}") == name);
            match known
                .next()
                .filter(|one| one.number().to_string() == digits)
            {
                Some(known) => Some(known.section().to_owned()),
                None => return Some(format!("there is no {number}")),
            }
        }
    };
    // "RFC 5280 section 4.1" and "section 4.1" under a heading of that RFC are one.
    let short = |text: &str| {
        let text = text.replace("sections ", "").replace("section ", "");
        text.replace("RFC 5280 ", "")
            .replace("CA/Browser Forum BR ", "")
    };
    let expected = expected.map(|expected| short(&expected));
    // A rule that is asked at several places stands in the section of each.
    let asked = steps(&format!("6.1 {section}"));
    let fits = expected.as_ref().is_none_or(|expected| {
        short(section).contains(expected.as_str())
            || short(heading).contains(expected.as_str())
            || (!asked.is_empty() && number != "Rule 6 NotACa" && repeats(number))
    });
    (!fits).then(|| {
        format!(
            "{number} is of {}, not {section}",
            expected.unwrap_or_default()
        )
    })
}

/// Rules that stand in the index once more, where section 6.1 asks for what they are about.
fn repeats(number: &str) -> bool {
    matches!(
        number,
        "Rule 13 Name" | "Rule 14 Policy" | "Rule 19 NoIssuer"
    )
}

#[test]
fn the_page_is_true() {
    let faults = faults(PAGE);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(rows(PAGE).len() > 150, "the rows were not found");
}

#[test]
fn what_is_wrong_is_found() {
    let breaks = [
        (
            "src/path/budget.rs",
            "src/path/purse.rs",
            "no file src/path/purse.rs",
        ),
        (
            "`lengths`",
            "`widths`",
            "src/path/path_checks.rs has no widths",
        ),
        ("`path_lengths`", "`path_widths`", "has no test path_widths"),
        // A function that is there, and no test.
        ("`byte_sequences`", "`Rfc9440`", "has no test Rfc9440"),
        (
            "Rule 7 PathTooLong",
            "Rule 8 PathTooLong",
            "there is no Rule 8 PathTooLong",
        ),
        ("Rule 7 PathTooLong", "", "no row for Rule 7 PathTooLong"),
        (
            "IssuerRequirement 12 SubjectKeyIdentifierNotCritical",
            "IssuerRequirement 13 SubjectKeyIdentifierNotCritical",
            "there is no IssuerRequirement 13",
        ),
        ("| 6.1.4 (k) |", "| 6.1.4 (g) |", "no row for 6.1.4 (k)"),
        (
            "| 6.1.4 (k) |",
            "| 6.1.4 (k), (c) |",
            "no code says 6.1.4 (c)",
        ),
        ("| 4.1.2.8 |", "| 4.1.2.6 |", "is of 4.1.2.8, not 4.1.2.6"),
        (
            "| 6.1.3 (a)(1) | The signature",
            "| 6.1.3 (a) The signature",
            "a row of 4 cells",
        ),
    ];
    for (was, is, expected) in breaks {
        assert!(PAGE.contains(was), "{was}");
        let broken = PAGE.replace(was, is);
        let faults = faults(&broken);
        let found = faults.iter().any(|fault| fault.contains(expected));
        assert!(found, "{expected}: {faults:#?}");
    }
}

#[test]
fn steps_are_read_as_they_are_written() {
    let text = "RFC 5280 sections 6.1.2 (k) and 6.1.4 (l) and (m); 6.1.2 (d) to (f), 6.1.5 (g).";
    let letters: String = steps(text).into_iter().map(|(_, letter)| letter).collect();
    assert_eq!(letters, "defklmg");
    assert!(steps("6.1.4 says (k); 6.1.3.2 (a)").is_empty());
}

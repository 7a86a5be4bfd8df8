//! Holds `docs/ARCHITECTURE.md` to the code: what it names exists, its numbers and sections are
//! those of the library, and no rule and no step of RFC 5280 section 6.1 is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use portcullis::certificate::{CertificateError, ExtensionKind, Field};
use portcullis::path::PolicyViolation;
use portcullis::revocation::crl::Crl;
use portcullis::revocation::{Evidence, NoFetcher, RevocationFlag, RevocationMode, SharedEvidence};
use portcullis::{
    IssuerRequirement, Presented, Rule, TrustMode, TrustStore, UnknownStatus, Validator,
};

use crate::items::{Item, Source, Sources, root};
use crate::pages::{code, links};
use crate::support::{now, rules};

const PAGE: &str = "docs/ARCHITECTURE.md";
const INDEX: &str = "## The rule index";
const LOOK_FOR: &str = "## I look for";

/// Where names of files begin that the page may name.
const FOLDERS: [&str; 8] = [
    "src/",
    "crates/",
    "tests/",
    "examples/",
    "fuzz/",
    "docs/",
    "benches/",
    "testdata/",
];

/// Steps of RFC 5280 section 6.1: the section, its letters, and those of them that have parts.
const STEPS: [(&str, char, char); 4] = [
    ("6.1.2", 'a', 'k'),
    ("6.1.3", 'b', 'f'),
    ("6.1.4", 'a', 'o'),
    ("6.1.5", 'a', 'g'),
];

/// A file, and what in it.
#[derive(Clone, Debug, PartialEq)]
struct Reference {
    file: String,
    name: String,
}

/// The files, and items of them, that a text names. `::name` is in the file that was named last.
fn references(text: &str) -> Vec<Reference> {
    let mut found: Vec<Reference> = Vec::new();
    for span in code(text) {
        let (file, name) = span.split_once("::").unwrap_or((span, ""));
        let last = found.last().map(|last| last.file.clone());
        let file = match last {
            Some(last) if file.is_empty() => last,
            _ if FOLDERS.iter().any(|folder| file.starts_with(folder)) => file.into(),
            _ => continue,
        };
        let name = name.into();
        found.push(Reference { file, name });
    }
    found
}

/// A row of the index.
struct Row<'a> {
    section: &'a str,
    decided: &'a str,
    numbers: &'a str,
    tests: &'a str,
}

/// The cells of the rows of the tables below a heading, up to the next one of its rank or above.
fn cells<'a>(page: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let rank = |line: &str| line.chars().take_while(|c| *c == '#').count();
    let below = page.lines().skip_while(|line| *line != heading).skip(1);
    let is_below = |line: &&str| rank(line) == 0 || rank(line) > rank(heading);
    let rows = below.take_while(is_below);
    let rows = rows.filter(|line| line.starts_with('|') && !line.starts_with("|-"));
    let cells = rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect());
    // The names of the columns are in italics.
    let is_row = |cells: &Vec<&str>| !cells.iter().all(|cell| cell.starts_with('_'));
    cells.filter(is_row).collect()
}

/// The rows of the index; a fault for each that has another number of cells.
fn rows<'a>(page: &'a str, faults: &mut Vec<String>) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for cells in cells(page, INDEX) {
        match cells[..] {
            [section, _, decided, numbers, tests] => rows.push(Row {
                section,
                decided,
                numbers,
                tests,
            }),
            _ => faults.push(format!(
                "{} cells and not 5: {}",
                cells.len(),
                cells.join(" | ")
            )),
        }
    }
    rows
}

/// A section as the index writes it.
fn short(section: &str) -> String {
    let words = ["sections ", "section ", "CA/Browser Forum "];
    words
        .iter()
        .fold(section.into(), |text: String, word| text.replace(word, ""))
}

/// The steps of RFC 5280 that a text names, as `6.1.3 (a)(2)`. `6.1.4 (d) to (f)` is three of them.
fn steps(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find("6.1.") {
        let is_inside = rest[..at].ends_with(|c: char| c.is_ascii_digit() || c == '.');
        rest = &rest[at + 4..];
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let section = format!("6.1.{}", &rest[..digits]);
        rest = &rest[digits..];
        if !is_inside && digits > 0 {
            rest = letters(rest, &section, &mut found);
        }
    }
    found
}

/// The letters that follow the number of a section, with commas, `and` and `to` between them.
/// Returns what follows them.
fn letters<'a>(mut text: &'a str, section: &str, found: &mut BTreeSet<String>) -> &'a str {
    let mut from: Option<char> = None;
    loop {
        let mut word = text.trim_start();
        let mut is_range = false;
        for between in [", and ", ", ", "and ", "to "] {
            if let Some(rest) = word
                .strip_prefix(between)
                .filter(|rest| rest.starts_with('('))
            {
                (word, is_range) = (rest, between == "to ");
                break;
            }
        }
        let mut step = String::new();
        while let Some((part, rest)) = word.strip_prefix('(').and_then(|rest| rest.split_once(')'))
        {
            // A letter, and the numbers of its parts.
            if part.len() > if step.is_empty() { 1 } else { 4 } {
                break;
            }
            step += &format!("({part})");
            word = rest;
        }
        if step.is_empty() {
            return text;
        }
        let letter = step.chars().nth(1);
        if let (true, Some(first), Some(last)) = (is_range, from, letter) {
            found.extend((first..last).map(|letter| format!("{section} ({letter})")));
        }
        found.insert(format!("{section} {step}"));
        (text, from) = (word, letter);
    }
}

/// What an enum of the library says of its variants: name, number, and the sections that it may
/// name.
type Numbered = Vec<(String, u16, Vec<String>)>;

/// A value of the one rule whose value only a validation can make.
fn revoked() -> Rule {
    let read = |file: &str| fs::read(root().join("testdata").join(file)).unwrap();
    let mut evidence = Evidence::new();
    for file in ["crls/crl-root.pem", "crls/crl-intermediate-revoking.pem"] {
        let list = Crl::from_pem(&read(file)).unwrap();
        evidence.insert_crl(list).unwrap();
    }
    let roots = TrustStore::from_pem(&read("roots/root.pem")).unwrap();
    let validator = Validator::builder(TrustMode::CustomRootTrust(roots))
        .revocation(RevocationMode::Offline, RevocationFlag::ExcludeRoot)
        .evidence(Arc::new(SharedEvidence::new(evidence)))
        .build()
        .unwrap();
    let presented = Presented::from_pem(&read("chains/crl-good.pem")).unwrap();
    validator
        .validate(&presented, now(), &NoFetcher)
        .unwrap_err()
        .error()
        .rule
}

/// The sections that a rule may name.
fn sections_of(rule: &Rule) -> Vec<String> {
    let all: Vec<&str> = match rule {
        Rule::Malformed(_) => {
            let others = [
                CertificateError::DuplicateExtension { offset: 0 },
                CertificateError::AlgorithmMismatch,
                CertificateError::TooManyExtensions,
            ];
            let others = others.iter().map(CertificateError::section);
            Field::ALL
                .iter()
                .map(|field| field.section())
                .chain(others)
                .collect()
        }
        Rule::InvalidExtension { .. } => ExtensionKind::ALL
            .iter()
            .map(|kind| kind.section())
            .collect(),
        Rule::Policy(_) => PolicyViolation::ALL
            .iter()
            .map(|why| why.section())
            .collect(),
        Rule::IssuerRequirement(_) => {
            let sections = IssuerRequirement::ALL.iter().map(|one| one.section());
            sections.chain(["the profile of the caller"]).collect()
        }
        rule => vec![rule.section()],
    };
    all.into_iter().map(short).collect()
}

fn numbered() -> BTreeMap<&'static str, Numbered> {
    macro_rules! with_sections {
        ($Name:ident) => {
            (
                stringify!($Name),
                $Name::ALL
                    .iter()
                    .map(|one| {
                        (
                            format!("{one:?}"),
                            u16::from(one.number()),
                            vec![short(one.section())],
                        )
                    })
                    .collect(),
            )
        };
    }
    let rules: Vec<Rule> = rules().into_iter().chain([revoked()]).collect();
    let rule = |(name, number): &(&str, u16)| {
        let known = rules.iter().find(|rule| rule.number() == *number);
        let known = known.unwrap_or_else(|| panic!("tests/support: a value of Rule::{name}"));
        ((*name).to_owned(), *number, sections_of(known))
    };
    let statuses = UnknownStatus::ALL.iter();
    let statuses = statuses.map(|one| (format!("{one:?}"), u16::from(one.number()), Vec::new()));
    BTreeMap::from([
        ("Rule", Rule::NUMBERS.iter().map(rule).collect()),
        ("UnknownStatus", statuses.collect()),
        with_sections!(IssuerRequirement),
        with_sections!(PolicyViolation),
    ])
}

/// Finds what is wrong with a page.
struct Reader {
    sources: Sources,
    numbered: BTreeMap<&'static str, Numbered>,
    faults: Vec<String>,
}

impl Reader {
    fn new() -> Self {
        Self {
            sources: Sources::default(),
            numbered: numbered(),
            faults: Vec::new(),
        }
    }

    /// What is wrong with this page.
    fn read(&mut self, page: &str) -> Vec<String> {
        self.faults = Vec::new();
        self.lines(page);
        self.links(page);
        for reference in references(page) {
            self.find(&reference);
        }
        let rows = rows(page, &mut self.faults);
        for row in &rows {
            self.row(row);
        }
        self.unfounded(&rows);
        self.missing_numbers(&rows);
        self.pointers(&rows);
        self.missing_steps(&rows);
        self.order(page);
        self.look_for(page, &rows);
        std::mem::take(&mut self.faults)
    }

    fn fault(&mut self, text: String) {
        self.faults.push(text);
    }

    fn lines(&mut self, page: &str) {
        for line in page.lines().filter(|line| !line.starts_with('|')) {
            if line.chars().count() > 100 {
                self.fault(format!("longer than 100 characters: {line}"));
            }
        }
    }

    fn links(&mut self, page: &str) {
        let folder = root().join(Path::new(PAGE).parent().unwrap());
        for link in links(page) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            if !folder.join(file).exists() {
                self.fault(format!("no such file: {link}"));
            }
            if file.is_empty() && !headings(page).any(|heading| heading == anchor) {
                self.fault(format!("no such heading: {link}"));
            }
        }
    }

    /// The item that a reference names; `None` for a file as a whole, and for what is not there.
    fn find(&mut self, reference: &Reference) -> Option<(Rc<Source>, Item)> {
        let Reference { file, name } = reference;
        if !root().join(file).exists() {
            self.fault(format!("no such file: {file}"));
            return None;
        }
        if name.is_empty() {
            return None;
        }
        let source = self.sources.get(file)?;
        let found = source.find(name).into_iter().cloned().collect::<Vec<_>>();
        match &found[..] {
            [item] => Some((source, item.clone())),
            [] => {
                self.fault(format!("{file}: no {name}"));
                None
            }
            _ => {
                self.fault(format!("{file}: several {name}: say in what it stands"));
                None
            }
        }
    }

    fn row(&mut self, row: &Row<'_>) {
        let section = row.section;
        let decided: Vec<_> = references(row.decided)
            .iter()
            .filter_map(|one| self.find(one))
            .collect();
        for (source, item) in &decided {
            if source.is_test(item) {
                self.fault(format!(
                    "{section}: a test decides nothing: {}",
                    row.decided
                ));
            }
        }
        self.row_numbers(row);
        if row.decided.contains("not decided") {
            return;
        }
        if decided.is_empty() {
            self.fault(format!("{section}: who decides? {}", row.decided));
        }
        let tests: Vec<_> = references(row.tests)
            .iter()
            .filter_map(|one| self.find(one))
            .collect();
        if tests.is_empty() {
            self.fault(format!("{section}: which test? {}", row.tests));
        }
        for (source, item) in &tests {
            if !source.is_test(item) {
                self.fault(format!("{section}: no test: {}", row.tests));
            }
        }
        for step in steps(section) {
            let says =
                |(source, item): &(Rc<Source>, Item)| steps(&source.comments(item)).contains(&step);
            if !decided.iter().any(says) {
                self.fault(format!(
                    "{step} does not stand over the code: {}",
                    row.decided
                ));
            }
        }
    }

    fn row_numbers(&mut self, row: &Row<'_>) {
        let section = row.section;
        for span in code(row.numbers) {
            let words: Vec<&str> = span
                .split([' ', ':'])
                .filter(|word| !word.is_empty())
                .collect();
            let fault = match words[..] {
                [kind, number, name] => self.number(row, (kind, number, name)),
                [kind, name] => {
                    (!is_variant(&self.sources, kind, name)).then(|| format!("no {kind}::{name}"))
                }
                _ => Some(format!("what is {span}?")),
            };
            if let Some(fault) = fault {
                self.fault(format!("{section}: {fault}"));
            }
        }
    }

    fn number(&self, row: &Row<'_>, (kind, number, name): (&str, &str, &str)) -> Option<String> {
        let Some(all) = self.numbered.get(kind) else {
            return Some(format!("no numbers of {kind}"));
        };
        let known = all.iter().find(|(known, ..)| known == name);
        let Some((_, own, sections)) = known else {
            return Some(format!("no {kind} {name}"));
        };
        if own.to_string() != number {
            return Some(format!("{kind} {name} is number {own} and not {number}"));
        }
        if !sections.is_empty() && !sections.iter().any(|section| section == row.section) {
            return Some(format!(
                "{kind} {name} is a rule of {}",
                sections.join(", ")
            ));
        }
        if kind == "IssuerRequirement" {
            let judge = requirement(&self.sources, name);
            let named = references(row.decided);
            let is_named = judge.as_ref().is_some_and(|(file, name)| {
                let is_it = |one: &Reference| {
                    one.name == *name && file.as_ref().is_none_or(|file| one.file == *file)
                };
                named.iter().any(is_it)
            });
            return (!is_named).then(|| format!("{name} is decided by {judge:?}"));
        }
        None
    }

    /// The function in some row of a number makes the rule; of a requirement, some test names it.
    fn unfounded(&mut self, rows: &[Row<'_>]) {
        let spans: BTreeSet<&str> = rows.iter().flat_map(|row| code(row.numbers)).collect();
        for span in spans {
            let words: Vec<&str> = span.split(' ').collect();
            let [kind, _, name] = words[..] else {
                continue;
            };
            let has_number = |row: &&Row<'_>| code(row.numbers).any(|other| other == span);
            let of_number = rows.iter().filter(has_number);
            let of_number = of_number.filter(|row| !row.decided.contains("not decided"));
            let cells: Vec<&str> = of_number
                .map(|row| match kind {
                    "IssuerRequirement" => row.tests,
                    _ => row.decided,
                })
                .collect();
            let speaks = |one: Reference| {
                let source = self.sources.get(&one.file);
                source.is_some_and(|source| {
                    let mut found = source.find(&one.name).into_iter();
                    found.any(|item| source.mentions(item, name))
                })
            };
            if !cells.is_empty() && !cells.iter().flat_map(|cell| references(cell)).any(speaks) {
                self.fault(format!("{} do not speak of {name}", cells.join(", ")));
            }
        }
    }

    fn missing_numbers(&mut self, rows: &[Row<'_>]) {
        let spans: BTreeSet<&str> = rows.iter().flat_map(|row| code(row.numbers)).collect();
        let mut missing = Vec::new();
        for kind in ["Rule", "IssuerRequirement", "PolicyViolation"] {
            for (name, number, _) in &self.numbered[kind] {
                if !spans.contains(&format!("{kind} {number} {name}")[..]) {
                    missing.push(format!("missing: {kind} {number} {name}"));
                }
            }
        }
        self.faults.extend(missing);
    }

    /// Rows that have their number in another row say in which.
    fn pointers(&mut self, rows: &[Row<'_>]) {
        for row in rows {
            for part in row
                .numbers
                .split(", ")
                .filter(|part| !part.starts_with('`') && *part != "—")
            {
                let target = part.strip_prefix("see ");
                if !rows.iter().any(|other| Some(other.section) == target) {
                    self.fault(format!("{}: no row {part}", row.section));
                }
            }
        }
    }

    fn missing_steps(&mut self, rows: &[Row<'_>]) {
        let rfc5280 = rows
            .iter()
            .filter(|row| row.section.starts_with("RFC 5280 "));
        let named: BTreeSet<String> = rfc5280.flat_map(|row| steps(row.section)).collect();
        let of_validity = (1..=4).map(|part| format!("6.1.3 (a)({part})"));
        let letters = STEPS.iter().flat_map(|(section, first, last)| {
            (*first..=*last).map(move |letter| format!("{section} ({letter})"))
        });
        let missing = of_validity
            .chain(letters)
            .filter(|step| !named.contains(step));
        self.faults
            .extend(missing.map(|step| format!("missing: {step}")));
    }

    /// The rows of each table stand in the order of their sections.
    fn order(&mut self, page: &str) {
        for heading in page.lines().filter(|line| line.starts_with("### ")) {
            let cells = cells(page, heading);
            let sections = cells.iter().filter_map(|cells| cells.first());
            let sections: Vec<&str> = sections
                .copied()
                .filter(|section| !place(section).is_empty())
                .collect();
            for pair in sections.windows(2) {
                if place(pair[0]) > place(pair[1]) {
                    self.fault(format!("{} stands behind {}", pair[1], pair[0]));
                }
            }
        }
    }

    /// The list of what readers look for: in order, and its rows exist.
    fn look_for(&mut self, page: &str, rows: &[Row<'_>]) {
        let mut before = String::new();
        for cells in cells(page, LOOK_FOR) {
            let [name, row, decided] = cells[..] else {
                self.fault(format!(
                    "{} cells and not 3: {}",
                    cells.len(),
                    cells.join(" | ")
                ));
                continue;
            };
            let key = name.trim_matches('`').to_lowercase();
            if key < before {
                self.fault(format!("{name} stands behind {before}"));
            }
            before = key;
            if !rows.iter().any(|known| known.section == row) {
                self.fault(format!("{name}: no row {row}"));
            }
            if references(decided).is_empty() {
                self.fault(format!("{name}: where? {decided}"));
            }
        }
    }
}

/// The numbers and letters of a section; appendices come behind all sections. Empty for a row that
/// has another name than a section.
fn place(section: &str) -> Vec<u32> {
    const APPENDIX: u32 = 1000;
    let section = section.split(" and ").next().unwrap_or_default();
    if !section.contains(|c: char| c.is_ascii_digit()) {
        return Vec::new();
    }
    let words = section.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    let number = |word: &str| match word.parse() {
        Ok(number) => Some(number),
        Err(_) if word == "appendix" => Some(APPENDIX),
        Err(_) => word
            .chars()
            .next()
            .filter(|_| word.len() == 1)
            .map(u32::from),
    };
    words.filter_map(number).collect()
}

/// The headings of a page as links lead to them.
fn headings(page: &str) -> impl Iterator<Item = String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let titles = headings.map(|line| line.trim_start_matches(['#', ' ']).to_lowercase());
    titles.map(|title| {
        let kept = title
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

/// Does an error of the library have this variant?
fn is_variant(sources: &Sources, kind: &str, name: &str) -> bool {
    const ERRORS: [&str; 12] = [
        "src/certificate/error.rs",
        "src/certificate/pem.rs",
        "src/crypto/provider.rs",
        "src/crypto/policy_error.rs",
        "src/path/budget.rs",
        "src/path/peer_name.rs",
        "src/revocation/crl/error.rs",
        "src/revocation/ocsp/error.rs",
        "src/authentication/forwarded/error.rs",
        "src/trust/anchor.rs",
        "src/trust/store.rs",
        "src/validator/builder.rs",
    ];
    ERRORS
        .iter()
        .filter_map(|file| sources.get(file))
        .any(|source| {
            source
                .find(kind)
                .iter()
                .any(|item| source.mentions(item, name))
        })
}

/// The function that decides a requirement; or the table and its file, where it is decided there.
fn requirement(sources: &Sources, name: &str) -> Option<(Option<String>, String)> {
    let tables = [
        ("rfc5280", "REQUIREMENTS"),
        ("rfc5280", "LIFTED_BY_BASELINE_REQUIREMENTS"),
        ("web_pki", "REQUIREMENTS"),
        ("web_pki", "LEAF_REQUIREMENTS"),
    ];
    tables.iter().find_map(|(file, table)| {
        let file = format!("src/path/requirements/{file}.rs");
        let source = sources.get(&file)?;
        let [item] = source.find(table)[..] else {
            return None;
        };
        let mut lines = source.lines(item).iter();
        let own = lines.find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "))?;
        let function = own.trim_end_matches(';').rsplit("::").next()?;
        Some(match own.starts_with('|') {
            true => (Some(file), (*table).into()),
            false => (None, function.into()),
        })
    })
}

fn page() -> String {
    fs::read_to_string(root().join(PAGE)).unwrap()
}

#[test]
fn the_page_says_what_the_code_does() {
    let faults = Reader::new().read(&page());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn steps_are_read_with_their_ranges() {
    let steps = |text| Vec::from_iter(steps(text)).join(", ");
    assert_eq!(
        steps("sections 6.1.3 (a)(2), 6.1.4 (k), (n) and (o)"),
        "6.1.3 (a)(2), 6.1.4 (k), 6.1.4 (n), 6.1.4 (o)"
    );
    assert_eq!(
        steps("6.1.3 (d) to (f), and then 6.1.4 (a), (b)"),
        "6.1.3 (d), 6.1.3 (e), 6.1.3 (f), 6.1.4 (a), 6.1.4 (b)"
    );
    assert_eq!(
        steps("RFC 5280 section 6.1.5 (a) and (b) (c)"),
        "6.1.5 (a), 6.1.5 (b), 6.1.5 (c)"
    );
    assert_eq!(steps("1.3.6.1.5.5 (a) 6.1.2 and (that) 6.1 (a)"), "");
}

/// Each kind of fault, planted in the page, and what is said of it.
#[test]
fn faults_are_found() {
    let page = page();
    let (mut reader, mut overlooked) = (Reader::new(), Vec::new());
    let lengths = "`src/path/path_checks.rs::PathChecks::lengths`";
    let path_length = "`Rule 7 PathTooLong`";
    for (from, to, said) in [
        // Files, items, links, lines.
        (
            "`src/path/search/mod.rs`",
            "`src/path/search/search.rs`",
            "no such file: src/path/search/search.rs",
        ),
        (
            "`tests/paths/hostile.rs` hold",
            "`tests/paths/hostil.rs` hold",
            "no such file: tests/paths/hostil.rs",
        ),
        (
            lengths,
            "`src/path/path_checks.rs::PathChecks::length`",
            "no PathChecks::length",
        ),
        (
            lengths,
            "`src/path/path_checks.rs::Budget::lengths`",
            "no Budget::lengths",
        ),
        (
            "`src/path/path_checks.rs::PathChecks::names`",
            "`src/path/path_checks.rs::note_`",
            "no note_",
        ),
        (
            "`src/path/violation.rs::Rule`,",
            "`src/path/violation.rs::fmt`,",
            "several fmt",
        ),
        (
            "(../CONTRIBUTING.md)",
            "(../CONTRIBUTE.md)",
            "no such file: ../CONTRIBUTE.md",
        ),
        ("(#principles)", "(#principle)", "no such heading"),
        (
            "## Principles\n",
            "## Principles\n\nA line that goes on and on, further than any line of text may go, until it is longer than that, which it is.....\n",
            "longer than 100",
        ),
        // Rows.
        (
            path_length,
            "`Rule 8 PathTooLong`",
            "Rule PathTooLong is number 7 and not 8",
        ),
        (path_length, "`Rule 7 PathToLong`", "no Rule PathToLong"),
        (path_length, "`Rule 7`", "no Rule::7"),
        (path_length, "`Rules 7 PathTooLong`", "no numbers of Rules"),
        (path_length, "—", "missing: Rule 7 PathTooLong"),
        (
            path_length,
            "`Rule 7 PathTooLong` | `x`",
            "6 cells and not 5",
        ),
        (
            "`IssuerRequirement 40 EcdsaWithoutParameters`",
            "—",
            "missing: IssuerRequirement 40",
        ),
        (
            "`IssuerRequirement 40 ",
            "`IssuerRequirement 39 ",
            "is number 40 and not 39",
        ),
        (
            "`PolicyViolation 1 MappedAnyPolicy`",
            "—",
            "missing: PolicyViolation 1",
        ),
        (
            "`UnknownStatus 2 NoSource`",
            "`UnknownStatus 3 NoSource`",
            "is number 2 and not 3",
        ),
        (
            "`CertificateError::AlgorithmMismatch`",
            "`CertificateError::Mismatch`",
            "no CertificateError::Mismatch",
        ),
        (
            "| RFC 5280 6.1.4 (k) | an issuer",
            "| RFC 5280 6.1.4 (n) | an issuer",
            "NotACa is a rule of RFC 5280 6.1.4 (k)",
        ),
        (
            "| RFC 5280 4.2.1.14 | inhibitAnyPolicy is",
            "| RFC 5280 4.2.1.15 | inhibitAnyPolicy is",
            "InhibitAnyPolicyCritical is a rule of",
        ),
        (
            "see RFC 5280 6.1.4 (l)",
            "see RFC 5280 6.1.4 (x)",
            "no row see RFC 5280 6.1.4 (x)",
        ),
        (
            "see RFC 5280 6.1.4 (l)",
            "RFC 5280 6.1.4 (l)",
            "no row RFC 5280 6.1.4 (l)",
        ),
        // Who decides, and which test.
        (
            "`src/path/certificate_checks.rs::CertificateCheck::issuer` | `Rule 6",
            "the check | `Rule 6",
            "who decides? the check",
        ),
        (
            "`src/path/certificate_checks.rs::CertificateCheck::issuer` | `Rule 6",
            "`tests/paths/search.rs::path_lengths` | `Rule 6",
            "a test decides nothing",
        ),
        (
            "`src/path/certificate_checks.rs::CertificateCheck::issuer` | `Rule 6",
            "`src/path/path_checks.rs::allow` | `Rule 6",
            "do not speak of NotACa",
        ),
        (
            "::has_short_serial_number` |",
            "::has_positive_serial_number` |",
            "ShortSerialNumber is decided by",
        ),
        (
            "`src/path/requirements/web_pki.rs::REQUIREMENTS` | `IssuerRequirement 101",
            "`src/path/requirements/rfc5280.rs::REQUIREMENTS` | `IssuerRequirement 101",
            "Version3 is decided by",
        ),
        (
            "::tests::version_1_is_refused`",
            "::tests::a_leaf_is_no_ca`",
            "do not speak of Version3",
        ),
        (
            "`tests/paths/regressions.rs::cve_2002_0862_ca_bit`",
            "nobody",
            "which test? nobody",
        ),
        (
            "`tests/paths/regressions.rs::cve_2002_0862_ca_bit`",
            "`tests/support/mod.rs::now`",
            "no test: ",
        ),
        // Steps.
        (
            "| RFC 5280 6.1.2 (k) |",
            "| RFC 5280 6.1 |",
            "missing: 6.1.2 (k)",
        ),
        (
            "| RFC 5280 6.1.3 (a)(4) |",
            "| RFC 5280 6.1 |",
            "missing: 6.1.3 (a)(4)",
        ),
        (
            "| RFC 5280 6.1.5 (c) |",
            "| RFC 5280 6.1 |",
            "missing: 6.1.5 (c)",
        ),
        (
            "| RFC 5280 6.1.4 (d) |",
            "| RFC 5280 6.1.4 (m) |",
            "6.1.4 (m) does not stand over the code",
        ),
        (
            "| RFC 5280 6.1.2 (k) |",
            "| RFC 5280 6.1.4 (l) |",
            "RFC 5280 6.1.3 (a)(1) stands behind RFC 5280 6.1.4 (l)",
        ),
        (
            "| RFC 5280 4.1 |",
            "| RFC 5280 appendix A.2 |",
            "stands behind RFC 5280 appendix A.2",
        ),
        // The list in front.
        (
            "| must-staple | RFC 7633 4.3.3 |",
            "| must-staple | RFC 7633 4.3.4 |",
            "must-staple: no row",
        ),
        ("| must-staple |", "| a staple |", "a staple stands behind"),
        (
            "| must-staple | RFC 7633 4.3.3 | `src/validator/engine.rs::promises_staple` |",
            "| must-staple | RFC 7633 4.3.3 | there |",
            "must-staple: where?",
        ),
        (
            "| must-staple | RFC 7633 4.3.3 |",
            "| must-staple |",
            "2 cells and not 3",
        ),
    ] {
        let faults = reader.read(&page.replacen(from, to, 1));
        if !page.contains(from) || !faults.iter().any(|fault| fault.contains(said)) {
            overlooked.push(format!("{from} as {to}: {faults:?}"));
        }
    }
    assert!(overlooked.is_empty(), "{}", overlooked.join("\n"));
}

#[test]
fn a_page_without_an_index_has_every_fault() {
    let faults = Reader::new().read("# Architecture\n").join("\n");
    let all = [
        Rule::NUMBERS.len(),
        IssuerRequirement::ALL.len(),
        PolicyViolation::ALL.len(),
    ];
    let steps: usize = 11 + (4 + 5) + 15 + 7;
    assert_eq!(faults.lines().count(), all.iter().sum::<usize>() + steps);
}

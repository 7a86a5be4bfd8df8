//! The report for people: the verdict, the path as a tree with the root at the top, and the
//! violations.

use std::fmt::Write;

use portcullis::certificate::SubjectPublicKeyInfo;
use portcullis::revocation::{RevocationMode, RevocationStatus};
use portcullis::{
    Accepted, Certificate, ChainElement, ChainStatus, Origin, Profile, Purpose, Rejected,
    TriedPath, TrustAnchor, TrustStore, Violation,
};

use crate::question::Question;
use crate::requests::Asked;
use crate::style::Style;
use crate::{advice, describe};

/// The most names of a certificate that are shown.
const MAX_NAMES: usize = 8;

/// The whole report.
pub(crate) fn verdict(
    question: &Question,
    verdict: &Result<Accepted, Rejected>,
    requests: &[Asked],
    style: Style,
) -> String {
    let mut page = Page {
        text: String::new(),
        style,
    };
    match verdict {
        Ok(accepted) => page.accepted(accepted),
        Err(rejected) => page.rejected(question, rejected),
    }
    page.requests(requests);
    page.asked(question);
    page.text
}

/// The verdict on a sample in one line: its title if it is accepted, otherwise the rule that it
/// breaks.
pub(crate) fn line(
    sample: &str,
    title: &str,
    verdict: &Result<Accepted, Rejected>,
    style: Style,
) -> String {
    match verdict {
        Ok(_) => format!("{} {sample:<23} {title}", style.good("ACCEPTED")),
        Err(rejected) => {
            let violation = rejected.error();
            // Without the section, which would not fit on the line. The whole report has it.
            let section = format!(" [{}]", violation.rule.section());
            let rule = violation.rule.to_string();
            let rule = rule.strip_suffix(&section).unwrap_or(&rule);
            let verdict = style.bad("REJECTED");
            match violation.position {
                0 => format!("{verdict} {sample:<23} {rule}"),
                n => format!("{verdict} {sample:<23} issuer {n}: {rule}"),
            }
        }
    }
}

/// One certificate of the tree.
struct Node<'a> {
    role: String,
    certificate: Option<&'a Certificate>,
    anchor: Option<&'a TrustAnchor>,
    origin: String,
    status: ChainStatus,
    revocation: Option<&'a RevocationStatus>,
}

impl<'a> Node<'a> {
    fn of(position: usize, element: &'a ChainElement) -> Self {
        let origin = describe::origin(element.origin);
        let (role, origin) = match (position, element.origin) {
            (0, Origin::Anchor) => ("leaf, itself trusted".into(), origin.into()),
            (0, _) => ("leaf".into(), origin.into()),
            (n, Origin::Anchor) => {
                let root = element.certificate.as_ref().is_none_or(TrustStore::is_root);
                let what = if root { "root" } else { "anchor, not a root" };
                (format!("issuer {n}, trusted {what}"), chosen(element))
            }
            (n, _) => (format!("issuer {n}"), chosen(element)),
        };
        Self {
            role,
            certificate: element.certificate.as_ref(),
            anchor: element.anchor.as_ref(),
            origin,
            status: element.status,
            revocation: element.revocation.as_ref(),
        }
    }

    /// A leaf, if no path was looked for.
    fn lone(leaf: &'a Certificate) -> Self {
        Self {
            role: "leaf".into(),
            certificate: Some(leaf),
            anchor: None,
            origin: describe::origin(Origin::Leaf).into(),
            status: ChainStatus::empty(),
            revocation: None,
        }
    }
}

fn chosen(element: &ChainElement) -> String {
    let origin = describe::origin(element.origin);
    format!("{origin}; {}", describe::choice(element.key_id))
}

/// The report while it is being written. Writing to a `String` cannot fail, so results are ignored.
struct Page {
    text: String,
    style: Style,
}

impl Page {
    fn accepted(&mut self, accepted: &Accepted) {
        let style = self.style;
        let until = accepted.not_after();
        self.line(format_args!(
            "{} the path holds until {until}",
            style.good("ACCEPTED")
        ));
        self.line("");
        let chain = accepted.chain();
        self.chain(&chain);
        let forgiven = chain.iter().any(|element| !element.status.is_empty());
        if forgiven {
            self.line("  The statuses shown were forgiven, as the options say.");
        }
    }

    fn rejected(&mut self, question: &Question, rejected: &Rejected) {
        let style = self.style;
        self.line(format_args!("{} {rejected}", style.bad("REJECTED")));
        if let Some(advice) = advice::on(rejected) {
            self.line(format_args!("  {advice}"));
        }
        self.line("");
        if rejected.chain().is_empty() {
            self.tree(&[Node::lone(question.presented.leaf())], None);
        } else {
            self.chain(rejected.chain());
        }
        self.violations(rejected.violations());
        self.tried(rejected);
    }

    fn chain(&mut self, chain: &[ChainElement]) {
        let nodes = chain.iter().enumerate();
        let nodes: Vec<_> = nodes.map(|(n, element)| Node::of(n, element)).collect();
        self.tree(&nodes, missing_issuer(chain).as_deref());
    }

    /// Draws the nodes, which are given leaf first, with the last one at the top. Above it stands
    /// `missing`, an issuer that was not found.
    fn tree(&mut self, nodes: &[Node<'_>], missing: Option<&str>) {
        let mut depth = 0;
        if let Some(missing) = missing {
            self.line(format_args!("  {}", self.style.bad(missing)));
            depth += 1;
        }
        for (below, node) in nodes.iter().enumerate().rev() {
            self.node(depth, node, below > 0);
            depth += 1;
        }
        self.line("");
    }

    fn node(&mut self, depth: usize, node: &Node<'_>, has_child: bool) {
        let style = self.style;
        let subject = match (node.certificate, node.anchor) {
            (Some(certificate), _) => describe::name(certificate.subject()),
            (None, Some(anchor)) => describe::name(anchor.subject()),
            (None, None) => String::new(),
        };
        let branch = match depth {
            0 => "  ".to_owned(),
            n => format!("  {}└─ ", "   ".repeat(n - 1)),
        };
        let role = style.faint(format!("({})", node.role));
        self.line(format_args!("{branch}{}  {role}", style.strong(subject)));
        let indent = "   ".repeat(depth);
        let bar = if has_child { "│" } else { " " };
        let margin = format!("  {indent}{bar}    ");
        if let Some(certificate) = node.certificate {
            self.certificate(&margin, certificate);
        } else if let Some(anchor) = node.anchor {
            self.bare_key(&margin, anchor.spki_der());
        }
        self.detail(&margin, "why", &node.origin);
        if let Some(status) = node.revocation {
            self.detail(&margin, "revoked", describe::revocation(status));
        }
        if !node.status.is_empty() {
            self.detail(&margin, "status", style.bad(node.status));
        }
    }

    fn certificate(&mut self, margin: &str, certificate: &Certificate) {
        let (sha1, sha256) = describe::thumbprints(certificate);
        let key = describe::Key::of(&certificate.public_key());
        let signed = describe::signature(certificate.signature_algorithm().oid());
        let (from, to) = (certificate.not_before(), certificate.not_after());
        let serial = describe::hex(certificate.serial());
        self.detail(margin, "issuer", describe::name(certificate.issuer()));
        self.detail(margin, "serial", serial);
        self.detail(margin, "valid", format_args!("{from} to {to}"));
        self.detail(margin, "key", key);
        self.detail(margin, "signed", signed);
        self.detail(margin, "SHA-1", sha1);
        self.detail(margin, "SHA-256", sha256);
        let names = describe::names(certificate);
        if !names.is_empty() {
            self.detail(margin, "names", in_short(&names));
        }
    }

    /// An anchor without a certificate.
    fn bare_key(&mut self, margin: &str, spki: &[u8]) {
        if let Ok(parsed) = SubjectPublicKeyInfo::from_der(spki) {
            self.detail(margin, "key", describe::Key::of(&parsed));
        }
        self.detail(margin, "key's SHA-256", describe::key_hash(spki));
    }

    fn violations(&mut self, violations: &[Violation]) {
        self.line("  All that is wrong with this path, with its X509ChainStatusFlags:");
        for violation in violations {
            let status = violation.rule.status();
            let status = if status.is_empty() {
                "(no status)".to_owned()
            } else {
                status.to_string()
            };
            self.line(format_args!("    - {}", self.style.bad(status)));
            self.line(format_args!("      {violation}"));
        }
        self.line("");
    }

    fn tried(&mut self, rejected: &Rejected) {
        let tried = rejected.tried();
        if tried.is_empty() {
            return;
        }
        self.line(format_args!(
            "  Paths tried: {}",
            tried.len() + rejected.more_tried()
        ));
        for (n, path) in tried.iter().enumerate() {
            self.line(format_args!("    {}. {}", n + 1, steps(path)));
            self.line(format_args!("       rejected because {}", path.violation));
        }
        if rejected.more_tried() > 0 {
            self.line(format_args!("    and {} more", rejected.more_tried()));
        }
        self.line("");
    }

    /// What was fetched. The URLs come from certificates, so they are escaped.
    fn requests(&mut self, requests: &[Asked]) {
        if requests.is_empty() {
            return;
        }
        self.line("  Fetched:");
        for asked in requests {
            let outcome = match asked.outcome {
                Ok(bytes) => format!("{bytes} bytes"),
                Err(failure) => self.style.bad(failure).to_string(),
            };
            let url = describe::harmless(&asked.url);
            self.line(format_args!("    - {} from {url}: {outcome}", asked.kind));
        }
        self.line("");
    }

    /// The options and the time.
    fn asked(&mut self, question: &Question) {
        let anchors = question.validator.store().anchors().len();
        let mut asked = format!(
            "asked for {} at {}, {} profile, {anchors} trust anchor{}",
            purpose(&question.purpose),
            question.at,
            profile(question.profile),
            if anchors == 1 { "" } else { "s" },
        );
        let (mode, flag) = question.revocation;
        match mode {
            RevocationMode::NoCheck => asked.push_str(", revocation not checked"),
            mode => asked.push_str(&format!(
                ", revocation {} ({})",
                describe::mode(mode),
                describe::flag(flag)
            )),
        }
        if !question.names.is_empty() {
            asked.push_str(&format!(", as {}", question.names.join(" and ")));
        }
        self.line(format_args!("  {}", self.style.faint(asked)));
    }

    fn detail(&mut self, margin: &str, label: &str, value: impl std::fmt::Display) {
        let label = self.style.faint(format!("{label:<8}"));
        self.line(format_args!("{margin}{label} {value}"));
    }

    fn line(&mut self, line: impl std::fmt::Display) {
        let _ = writeln!(self.text, "{line}");
    }
}

/// The line above an incomplete path: the issuer that is missing.
fn missing_issuer(chain: &[ChainElement]) -> Option<String> {
    let top = chain.last()?;
    let certificate = top.certificate.as_ref()?;
    if top.anchor.is_some() || certificate.has_identical_names() {
        return None;
    }
    let issuer = certificate.issuer();
    let mut subjects = chain.iter().filter_map(ChainElement::subject);
    let what = if subjects.any(|subject| subject.matches(&issuer)) {
        "on the path already: they issued each other"
    } else {
        "not found"
    };
    Some(format!("? {}: {what}", describe::name(issuer)))
}

/// `CN=leaf <- CN=issuer <- CN=root, trusted`, each with the beginning of its SHA-256, because
/// names may be the same.
fn steps(path: &TriedPath) -> String {
    let mut steps: Vec<String> = path.certificates.iter().map(step).collect();
    if let Some(anchor) = &path.anchor {
        steps.push(format!("{}, trusted", describe::name(anchor.subject())));
    }
    steps.join(" <- ")
}

fn step(certificate: &Certificate) -> String {
    let (_, sha256) = describe::thumbprints(certificate);
    let start: String = sha256.chars().take(8).collect();
    format!("{} [{start}]", describe::name(certificate.subject()))
}

fn in_short(names: &[String]) -> String {
    let shown = names.iter().take(MAX_NAMES);
    let shown: Vec<String> = shown.map(|name| describe::harmless(name)).collect();
    match names.len().saturating_sub(MAX_NAMES) {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    }
}

/// A purpose in words.
pub(crate) fn purpose(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Any => "any purpose".into(),
        Purpose::ClientAuth => "client authentication".into(),
        Purpose::ServerAuth => "server authentication".into(),
        other => {
            let required = other.required().iter().map(ToString::to_string);
            required.collect::<Vec<_>>().join(" and ")
        }
    }
}

/// A profile, as on the command line.
pub(crate) const fn profile(profile: Profile) -> &'static str {
    match profile {
        Profile::Default => "default",
        Profile::Rfc5280 => "rfc5280",
        Profile::WebPki => "webpki",
        _ => "unknown",
    }
}

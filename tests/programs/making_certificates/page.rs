//! Runs the commands of the page from first to last, as a reader would, and validates the results
//! with the library.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use portcullis::revocation::{
    Crl, Evidence, NoFetcher, RevocationFlag, RevocationMode, SharedEvidence,
};
use portcullis::{
    Certificate, CertificateTypes, ChainElement, Pin, Presented, Purpose, Rule, Time, TrustMode,
    TrustStore, Validator, ValidatorBuilder, Violation,
};

use super::programs::{cargo_in_shell, has_openssl, said, scratch};

pub const PAGE: &str = include_str!("../../../src/authentication/making_certificates.md");

/// Commands of the page, and what it says that they print.
struct Block {
    commands: String,
    /// The last command must answer 1, the status of a rejection.
    is_refused: bool,
    prints: Vec<String>,
}

/// The blocks of a page: ` ```sh ` or ` ```sh refused `, with a ` ```text ` block behind it or
/// without.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else {
            continue;
        };
        let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match kind {
            "sh" | "sh refused" => blocks.push(Block {
                commands: inside.join("\n"),
                is_refused: kind != "sh",
                prints: Vec::new(),
            }),
            "text" => {
                blocks.last_mut().unwrap().prints = inside.iter().map(ToString::to_string).collect()
            }
            "" | "no_run" => {} // Rust: a documentation test
            other => panic!("blocks of kind {other:?} are not known here"),
        }
    }
    blocks
}

/// One script, so that a later block finds the folder and the variables of an earlier one. What
/// block N prints goes to the file N.
fn script(blocks: &[Block], outputs: &Path) -> String {
    let outputs = outputs.display();
    let mut text = cargo_in_shell();
    for (n, block) in blocks.iter().enumerate() {
        let commands = &block.commands;
        if block.is_refused {
            let _ = writeln!(
                text,
                "set +e\n( {commands}\n) >'{outputs}/{n}' 2>&1\nstatus=$?\nset -e\ntest $status = 1"
            );
        } else {
            let _ = writeln!(text, "{{ {commands}\n}} >'{outputs}/{n}' 2>&1");
        }
    }
    text
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap()
}

fn verdict(
    folder: &Path,
    builder: ValidatorBuilder,
    name: &str,
) -> Result<Vec<ChainElement>, Violation> {
    let presented = Presented::from_pem(&read(folder, name)).unwrap();
    let now = Time::from(SystemTime::now());
    let verdict = builder
        .build()
        .unwrap()
        .validate(&presented, now, &NoFetcher);
    match verdict {
        Ok(accepted) => Ok(accepted.chain()),
        Err(rejected) => Err(*rejected.error()),
    }
}

/// Does the page show this line? Its `...` stands for anything.
fn is_as(shown: &str, printed: &str) -> bool {
    let mut rest = printed;
    shown.split("...").all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[test]
fn the_page_is_true() {
    if !has_openssl() {
        return;
    }
    let blocks = blocks(PAGE);
    assert!(blocks.len() > 10);
    let (checkout, outputs) = (scratch("checkout"), scratch("outputs"));
    let run = Command::new("sh")
        .args(["-c", &script(&blocks, &outputs)])
        .current_dir(&checkout)
        .output()
        .unwrap();
    for (n, block) in blocks.iter().enumerate() {
        let printed = fs::read_to_string(outputs.join(n.to_string()));
        let printed =
            printed.unwrap_or_else(|_| panic!("the script ended before block {n}: {}", said(&run)));
        for line in &block.prints {
            let commands = &block.commands;
            let is_there = printed.lines().any(|printed| is_as(line, printed));
            assert!(
                is_there,
                "{line:?} is not what {commands} printed:\n{printed}"
            );
        }
    }
    let last = fs::read_to_string(outputs.join((blocks.len() - 1).to_string())).unwrap();
    assert!(run.status.success(), "{}\n{last}", said(&run));

    what_came_out(&checkout.join("openssl-pki"));
}

/// The certificates that openssl made, as a server of this crate sees them.
fn what_came_out(folder: &Path) {
    let roots = || TrustStore::from_pem(&read(folder, "root.pem")).unwrap();
    let clients =
        || Validator::builder(TrustMode::CustomRootTrust(roots())).purpose(Purpose::ClientAuth);
    let unchecked = || clients().revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot);

    let chain = verdict(folder, unchecked(), "alice.pem").unwrap();
    let leaf = chain[0].subject().unwrap();
    assert_eq!(leaf.to_string(), "CN=alice");
    assert_eq!(chain.len(), 3);
    let servers = unchecked().purpose(Purpose::ServerAuth);
    let error = verdict(folder, servers, "alice.pem").unwrap_err();
    assert_eq!(error.rule, Rule::WrongUsage);
    let error = verdict(folder, unchecked(), "alice.leaf.pem").unwrap_err();
    assert_eq!(error.rule, Rule::NoIssuer);

    let listed = || {
        let mut evidence = Evidence::new();
        for name in ["root.crl", "intermediate.crl"] {
            let list = Crl::from_pem(&read(folder, name)).unwrap();
            evidence.insert_crl(list).unwrap();
        }
        clients()
            .revocation(RevocationMode::Offline, RevocationFlag::ExcludeRoot)
            .evidence(std::sync::Arc::new(SharedEvidence::new(evidence)))
    };
    let error = verdict(folder, listed(), "alice.pem").unwrap_err();
    assert!(
        matches!((error.position, error.rule), (0, Rule::Revoked(_))),
        "{error}"
    );
    verdict(folder, listed(), "alice-renewed.pem").unwrap();

    let device = Certificate::from_pem(&read(folder, "device.pem")).unwrap();
    let pinned = |pin| {
        unchecked()
            .certificate_types(CertificateTypes::SelfSigned)
            .pins([pin])
    };
    for name in ["device.pem", "device-renewed.pem"] {
        verdict(folder, pinned(Pin::public_key(&device)), name).unwrap();
    }
    verdict(folder, pinned(Pin::certificate(&device)), "device.pem").unwrap();
    let error = verdict(
        folder,
        pinned(Pin::certificate(&device)),
        "device-renewed.pem",
    )
    .unwrap_err();
    assert_eq!(error.rule, Rule::SelfSignedNotPinned);
}

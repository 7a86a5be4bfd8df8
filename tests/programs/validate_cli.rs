//! The program `examples/validate` as its users run it: exit statuses, output, and input that it
//! refuses to read.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use portcullis::certificate::{Hex, sha1, sha256};
use portcullis::{Certificate, Time};
use serde_json::Value;

const ACCEPTED: i32 = 0;
const REJECTED: i32 = 1;
const UNREADABLE: i32 = 2;

/// When the test data is valid.
const NOW: &str = "2026-01-01T00:00:00Z";

/// An example. They are built into the folder beside that of the test binaries.
fn example(name: &str) -> Command {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = profile.join("examples").join(file);
    assert!(
        path.exists(),
        "{} is not there: run `cargo build --examples`",
        path.display()
    );
    let mut command = Command::new(path);
    // The settings of this machine must not matter.
    for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        command.env_remove(variable);
    }
    command
}

fn testdata(path: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    folder.join(path).to_str().unwrap().to_owned()
}

/// Writes a file that only this test reads.
fn scratch(name: &str, contents: &[u8]) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("validate-cli-{name}"));
    fs::write(&path, contents).unwrap();
    path.to_str().unwrap().to_owned()
}

struct Run {
    status: i32,
    out: String,
    err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code().expect("not ended by a signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asserts the status and that each of these texts was printed.
    #[track_caller]
    fn expect(self, status: i32, texts: &[&str]) -> Self {
        assert_eq!(self.status, status, "{}{}", self.out, self.err);
        let printed = if status == UNREADABLE {
            assert_eq!(self.out, "", "errors go to standard error alone");
            &self.err
        } else {
            &self.out
        };
        for text in texts {
            assert!(printed.contains(text), "{text:?} is not in:\n{printed}");
        }
        self
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

fn validate(arguments: &[&str]) -> Run {
    let command = example("validate").args(arguments).output();
    Run::of(command.unwrap())
}

fn validate_stdin(input: &[u8], arguments: &[&str]) -> Run {
    let mut child = example("validate")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Writing fails where the program stops reading at its limit.
    let _ = child.stdin.take().unwrap().write_all(input);
    Run::of(child.wait_with_output().unwrap())
}

/// Validates a chain of the test data under a root of it.
fn judge(chain: &str, root: &str, more: &[&str]) -> Run {
    let chain = testdata(&format!("chains/{chain}.pem"));
    let root = testdata(&format!("roots/{root}.pem"));
    let mut arguments = vec![chain.as_str(), "--roots", &root, "--time", NOW];
    arguments.extend(more);
    if more.contains(&"--revocation") {
        return validate(&arguments);
    }
    unchecked(&arguments)
}

/// Without revocation: most of the test data has no CRL.
fn unchecked(arguments: &[&str]) -> Run {
    validate(&[arguments, &["--revocation", "off"]].concat())
}

fn leaf_of(chain: &str) -> Certificate {
    let pem = fs::read(testdata(&format!("chains/{chain}.pem"))).unwrap();
    Certificate::from_pem(&pem).unwrap()
}

/// Lines of a terminal that is 80 columns wide.
fn lines_on_a_screen(text: &str) -> usize {
    let lines = text.lines().map(|line| line.chars().count().max(1));
    lines.map(|columns| columns.div_ceil(80)).sum()
}

#[test]
fn the_samples_fit_on_a_screen() {
    let run = validate(&[]).expect(
        ACCEPTED,
        &[
            "ACCEPTED good-d3                 3 signatures, P-256\n",
            "REJECTED san-dns-other           it does not have the name that was asked for\n",
            "REJECTED ca-leaf-signs           issuer 1: it issued a certificate and is no CA\n",
            "12 of 12 verdicts",
            "Try next:",
            "--verbose",
        ],
    );
    assert!(lines_on_a_screen(&run.out) <= 24, "{}", run.out);
    let count = |text| run.out.lines().filter(|l| l.starts_with(text)).count();
    assert_eq!((count("ACCEPTED"), count("REJECTED")), (4, 8));
}

#[test]
fn what_to_try_next_works() {
    let expired = testdata("chains/time-leaf-expired.pem");
    validate(&[&expired, "--roots", &testdata("roots/root.pem")])
        .expect(REJECTED, &["REJECTED leaf CN=time-leaf-expired/leaf"]);
}

#[test]
fn what_is_no_root_is_an_anchor_by_name_only() {
    let chain = testdata("chains/good-d2.pem");
    let bundle = Certificate::from_pem_bundle(&fs::read(&chain).unwrap()).unwrap();
    let intermediate = scratch("intermediate.pem", bundle[1].to_pem().as_bytes());
    let leaf = scratch("leaf.pem", bundle[0].to_pem().as_bytes());
    let judge = |option: &str| unchecked(&[&leaf, option, &intermediate, "--time", NOW]);
    let said = ["intermediate.pem: there is no root in it", "--anchors"];
    judge("--roots").expect(UNREADABLE, &said);
    judge("--anchors").expect(ACCEPTED, &["1 trust anchor", "trusted anchor, not a root"]);

    // Beside its root it is a candidate, as if it had been sent along.
    let root = fs::read_to_string(testdata("roots/root.pem")).unwrap();
    let both = scratch("both.pem", (bundle[1].to_pem() + &root).as_bytes());
    let run = unchecked(&[&leaf, "--roots", &both, "--time", NOW]);
    run.expect(ACCEPTED, &["1 trust anchor", "(issuer 2, trusted root)"]);
}

#[test]
fn the_samples_are_as_the_index_says() {
    let run = validate(&["--verbose"]).expect(
        ACCEPTED,
        &[
            "12 of 12 verdicts",
            "=== 1/12  good-d3",
            "└─ CN=good-d3/leaf  (leaf)",
            "key      RSA, 2048 bits",
            "status   HasNotPermittedNameConstraint",
        ],
    );
    assert!(!run.out.contains('\x1b'), "no colour but on a terminal");
    let count = |text| run.out.lines().filter(|l| l.starts_with(text)).count();
    assert_eq!((count("ACCEPTED"), count("REJECTED")), (4, 8));
}

#[test]
fn a_good_chain_is_shown_as_a_tree() {
    let run = judge("good-d2", "root", &["--purpose", "client"]);
    let leaf = leaf_of("good-d2");
    let (short, long) = (sha1(leaf.as_der()), sha256(leaf.as_der()));
    let run = run.expect(
        ACCEPTED,
        &[
            "ACCEPTED",
            "CN=root  (issuer 2, trusted root)",
            "└─ CN=good-d2/leaf  (leaf)",
            "a trust anchor; the certificate below names its name and key identifier",
            "sent along with the leaf",
            "key      EC, curve P-256",
            "signed   ECDSA over SHA-256",
            "valid    2024-01-01T00:00:00Z to 2044-01-01T00:00:00Z",
            "asked for client authentication at 2026-01-01T00:00:00Z",
            &format!("serial   {}", Hex(leaf.serial())),
            &format!("SHA-1    {}", Hex(&short)),
            &format!("SHA-256  {}", Hex(&long)),
        ],
    );
    assert_eq!(run.err, "");
    let place = |text| run.out.find(text).unwrap();
    assert!(place("CN=root  (") < place("CN=good-d2/leaf  ("));
}

#[test]
fn what_is_wrong_is_said() {
    judge("time-leaf-expired", "root", &[]).expect(
        REJECTED,
        &[
            "REJECTED leaf CN=time-leaf-expired/leaf",
            "valid only until 2025-01-01T00:00:00Z [RFC 5280 section 6.1.3 (a)(2)]",
            "Renew the certificate.",
            "status   NotTimeValid",
            "Paths tried: 1",
        ],
    );
    judge("good-d2", "another-root", &[]).expect(
        REJECTED,
        &[
            "? CN=root: not found",
            "PartialChain",
            "--intermediates",
            "rejected because",
        ],
    );
    judge("unknown-root-presented", "another-root", &[])
        .expect(REJECTED, &["UntrustedRoot", "add it with --roots"]);
    judge("loop", "root", &[]).expect(REJECTED, &["they issued each other"]);
    judge("mesh-3x3", "mesh-root-4", &[]).expect(
        REJECTED,
        &[
            "Paths tried:",
            "NotSignatureValid",
            "    2. CN=mesh-3x3/leaf",
        ],
    );
}

#[test]
fn the_time_decides() {
    let first = |time| judge("time-at-not-before", "root", &["--time", time]).status;
    assert_eq!(first("2025-03-01T12:00:00Z"), ACCEPTED);
    assert_eq!(first("1740830400"), ACCEPTED);
    assert_eq!(first("1740830399"), REJECTED);
    let run = judge("time-1960", "time-1960-root", &["--time", "-301276800"]);
    run.expect(ACCEPTED, &["at 1960-06-15T00:00:00Z"]);
    // Without a time it is the clock's.
    let chain = testdata("chains/good-d1.pem");
    let root = testdata("roots/root.pem");
    let before = Time::from(SystemTime::now()).unix();
    let report = validate(&[&chain, "--roots", &root, "--json"]).json();
    let asked = report["question"]["unix"].as_i64().unwrap();
    assert!((before..before + 600).contains(&asked), "{asked}");
}

#[test]
fn purposes_and_names_decide() {
    let purpose = |purpose| judge("leaf-server", "root", &["--purpose", purpose]).status;
    assert_eq!(purpose("any"), ACCEPTED);
    assert_eq!(purpose("server"), ACCEPTED);
    assert_eq!(purpose("1.3.6.1.5.5.7.3.1"), ACCEPTED);
    assert_eq!(purpose("client"), REJECTED);
    assert_eq!(purpose("1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2"), REJECTED);

    let name = |chain, name| judge(chain, "root", &["--name", name]).status;
    assert_eq!(name("san-dns", "host.example.test"), ACCEPTED);
    assert_eq!(name("san-dns", "dns:host.example.test"), ACCEPTED);
    assert_eq!(name("san-dns", "other.example.test"), REJECTED);
    assert_eq!(name("san-ipv4", "192.0.2.42"), ACCEPTED);
    assert_eq!(name("san-ipv4", "ip:192.0.2.43"), REJECTED);
    assert_eq!(name("san-ipv6", "2001:db8::2a"), ACCEPTED);
    assert_eq!(name("san-email", "client@example.test"), ACCEPTED);
    assert_eq!(name("san-email", "email:other@example.test"), REJECTED);
    let both = [
        "--name",
        "host.example.test",
        "--name",
        "other.example.test",
    ];
    judge("san-dns", "root", &both).expect(
        REJECTED,
        &[
            "as host.example.test and other.example.test",
            "names    dns:HOST.example.test",
        ],
    );
}

#[test]
fn all_profiles_are_known() {
    for profile in ["default", "rfc5280"] {
        let run = judge("good-d2", "root", &["--profile", profile, "--json"]);
        assert_eq!(run.json()["question"]["profile"], profile);
    }
    let run = judge("good-d2", "root", &["--profile", "webpki", "--json"]);
    assert_eq!(run.json()["question"]["profile"], "webpki");
    assert_ne!(run.status, UNREADABLE);
}

#[test]
fn der_and_intermediates_from_elsewhere() {
    let leaf = scratch("leaf.der", leaf_of("leaf-client").as_der());
    let root = testdata("der/root.der");
    let trust = [leaf.as_str(), "--roots", &root, "--time", NOW];
    validate(&trust).expect(REJECTED, &["? CN=intermediate: not found"]);

    let intermediate = testdata("der/intermediate.der");
    let run = unchecked(&[&trust[..], &["--intermediates", &intermediate]].concat());
    run.expect(ACCEPTED, &["configured as an intermediate"]);
    let several = unchecked(&[&trust[..], &[&intermediate]].concat());
    several.expect(ACCEPTED, &["sent along with the leaf"]);
}

#[test]
fn standard_input() {
    let root = testdata("roots/root.pem");
    let trust = ["-", "--roots", &root, "--time", NOW, "--revocation", "off"];
    let pem = fs::read(testdata("chains/good-d3.pem")).unwrap();
    validate_stdin(&pem, &trust).expect(ACCEPTED, &["CN=good-d3/leaf"]);
    let der = fs::read(testdata("der/good-d1.der")).unwrap();
    validate_stdin(&der, &trust).expect(ACCEPTED, &["CN=good-d1/leaf"]);
    // The same character begins DER and this note.
    let noted = [b"0 note above\r\n".as_slice(), &pem].concat();
    validate_stdin(&noted, &trust).expect(ACCEPTED, &["CN=good-d3/leaf"]);
    validate_stdin(b"hello", &trust).expect(UNREADABLE, &["standard input", "BEGIN CERTIFICATE"]);
    validate_stdin(b"", &trust).expect(UNREADABLE, &["standard input", "empty"]);
    let large = vec![b'\n'; 3 << 20];
    validate_stdin(&large, &trust).expect(UNREADABLE, &["more than 1048576 bytes"]);
}

#[test]
fn self_signed_certificates_are_trusted_by_pin_alone() {
    let file = testdata("chains/self-signed-unknown.pem");
    let leaf = leaf_of("self-signed-unknown");
    judge("self-signed-unknown", "root", &[]).expect(
        REJECTED,
        &[
            "self-signed certificates are not allowed",
            "--allow-self-signed",
        ],
    );
    let whole = Hex(&sha256(leaf.as_der())).to_string();
    let key = format!("spki:{}", Hex(&sha256(leaf.spki_der())));
    for pin in [&whole, &format!("cert:{whole}"), &key] {
        let pinned = [&file, "--allow-self-signed", pin, "--time", NOW];
        validate(&pinned).expect(ACCEPTED, &["0 trust anchors"]);
        judge("self-signed-unknown", "root", &pinned[1..3]).expect(ACCEPTED, &[]);
    }
    let other = "00".repeat(32);
    let run = validate(&[&file, "--allow-self-signed", &other, "--time", NOW]);
    run.expect(REJECTED, &["not among the pinned"]);
    // Pins alone trust no CA.
    let chained = testdata("chains/good-d1.pem");
    let run = validate(&[&chained, "--allow-self-signed", &other, "--time", NOW]);
    run.expect(REJECTED, &["only self-signed certificates are allowed"]);
}

#[test]
fn reports_for_programs() {
    let run = judge("good-d2", "root", &["--json", "--purpose", "client"]);
    let report = run.expect(ACCEPTED, &[]).json();
    assert_eq!(report["format"], "portcullis-validate/1");
    assert_eq!(report["verdict"], "accepted");
    assert_eq!(report["question"]["time"], NOW);
    assert_eq!(report["question"]["purposes"][0], "1.3.6.1.5.5.7.3.2");
    assert_eq!(report["outcome"]["not_after"], "2044-01-01T00:00:00Z");
    let chain = report["outcome"]["chain"].as_array().unwrap();
    let origins: Vec<_> = chain.iter().map(|element| &element["origin"]).collect();
    assert_eq!(origins, ["leaf", "presented", "anchor"]);
    assert_eq!(chain[1]["key_id_match"], "same");
    let leaf = leaf_of("good-d2");
    let expected = Hex(&sha256(leaf.as_der())).to_string();
    assert_eq!(chain[0]["certificate"]["sha256"], expected);
    assert_eq!(chain[0]["certificate"]["key"]["curve"], "P-256");
    assert_eq!(chain[0]["certificate"]["pem"], leaf.to_pem());

    let run = judge("time-leaf-expired", "root", &["--json"]);
    let report = run.expect(REJECTED, &[]).json();
    assert_eq!(report["verdict"], "rejected");
    let error = &report["outcome"]["error"];
    assert_eq!(error["position"], 0);
    assert_eq!(error["rule"], 5);
    assert_eq!(error["section"], "RFC 5280 section 6.1.3 (a)(2)");
    assert_eq!(error["status"]["value"], 1);
    assert_eq!(error["status"]["names"][0], "NotTimeValid");
    assert_eq!(report["outcome"]["violations"][0]["rule"], 5);
    assert_eq!(report["outcome"]["tried"][0]["violation"]["rule"], 5);
    assert_eq!(report["outcome"]["more_tried"], 0);

    // No path was looked for, and the leaf is shown all the same.
    let run = judge("self-signed-unknown", "root", &["--json"]);
    let report = run.expect(REJECTED, &[]).json();
    assert_eq!(report["leaf"]["subject"], "CN=self-signed-unknown-leaf");
}

/// As [`judge`], with revocation checked by these CRLs and responses only.
fn judge_offline(chain: &str, lists: &[&str], responses: &[&str], more: &[&str]) -> Run {
    let lists = lists.iter().flat_map(|list| {
        let file = testdata(&format!("crls/{list}.pem"));
        ["--crl".to_owned(), file]
    });
    let responses = responses.iter().flat_map(|response| {
        let file = testdata(&format!("ocsp/{response}.der"));
        ["--ocsp".to_owned(), file]
    });
    let evidence: Vec<String> = lists.chain(responses).collect();
    let evidence = evidence.iter().map(String::as_str);
    let arguments: Vec<&str> = ["--revocation", "offline"]
        .into_iter()
        .chain(evidence)
        .chain(more.iter().copied())
        .collect();
    judge(chain, "root", &arguments)
}

#[test]
fn revocation_by_lists_at_hand() {
    let judge = |lists: &[&str]| judge_offline("crl-good", lists, &[], &[]);
    judge(&["crl-root", "crl-intermediate"]).expect(
        ACCEPTED,
        &[
            "ACCEPTED the path holds until 2026-01-15T00:00:00Z",
            "revoked  no, by the CRL of 2025-12-15T00:00:00Z, valid until 2026-01-15T00:00:00Z",
            "revocation offline (exclude-root)",
        ],
    );
    judge(&["crl-root", "crl-intermediate-revoking"]).expect(
        REJECTED,
        &[
            "REJECTED leaf CN=crl/leaf: it was revoked on 2025-06-01T00:00:00Z, reason keyCompromise",
            "a new key if the old one may be stolen",
            "revoked  on 2025-06-01T00:00:00Z, reason keyCompromise, by the CRL of ",
            "status   Revoked",
        ],
    );
    judge(&["crl-root-revoking", "crl-intermediate"])
        .expect(REJECTED, &["REJECTED issuer 1 above the leaf"]);
    for (list, status, advice) in [
        (
            "crl-intermediate-stale",
            "the evidence is not current",
            "publish",
        ),
        (
            "crl-intermediate-early",
            "the evidence is not current",
            "publish",
        ),
        (
            "crl-intermediate-broken",
            "no evidence speaks",
            "this issuer's CRL",
        ),
        (
            "crl-root",
            "its sources were not asked",
            "--revocation online",
        ),
    ] {
        let status = format!("is not known: {status}");
        let unknown = "RevocationStatusUnknown, OfflineRevocation";
        judge(&["crl-root", list]).expect(REJECTED, &[&status, advice, unknown]);
    }
    let off = ["--revocation", "off"];
    let run = self::judge("crl-good", "root", &off).expect(ACCEPTED, &["revocation not checked"]);
    assert!(!run.out.contains("revoked  "), "{}", run.out);
}

/// S8: the defaults are those of the library.
#[test]
fn revocation_is_checked_unless_somebody_says_otherwise() {
    let root = testdata("roots/root.pem");
    let judge = |chain: &str, lists: &[&str]| {
        let chain = testdata(&format!("chains/{chain}.pem"));
        let lists: Vec<String> = lists
            .iter()
            .flat_map(|list| ["--crl".to_owned(), testdata(&format!("crls/{list}.pem"))])
            .collect();
        let mut arguments = vec![chain.as_str(), "--roots", &root, "--time", NOW];
        arguments.extend(lists.iter().map(String::as_str));
        validate(&arguments)
    };
    judge("good-d1", &[]).expect(REJECTED, &["names no source that can be asked", "--crl"]);
    judge("crl-good", &["crl-root", "crl-intermediate"])
        .expect(ACCEPTED, &["revocation online (exclude-root)"]);
    judge("crl-good", &["crl-root", "crl-intermediate-revoking"])
        .expect(REJECTED, &["it was revoked"]);
}

#[test]
fn revocation_by_responses_at_hand() {
    let judge = |responses: &[&str]| judge_offline("ocsp-good", &[], responses, &[]);
    judge(&["ocsp-root", "ocsp-good"]).expect(
        ACCEPTED,
        &["revoked  no, by the OCSP response of 2025-12-31T00:00:00Z, valid until "],
    );
    judge(&["ocsp-root", "ocsp-revoked"]).expect(REJECTED, &["Revoked"]);
    judge(&["ocsp-root", "ocsp-unknown"])
        .expect(REJECTED, &["the responder does not know it", "too new"]);
    judge(&["ocsp-root", "ocsp-stranger"]).expect(REJECTED, &["no evidence speaks for it"]);
    judge_offline("ocsp-good", &["ocsp-root-crl"], &["ocsp-good"], &[]).expect(ACCEPTED, &[]);

    let stapled = testdata("ocsp/ocsp-good.der");
    let staple = ["--stapled", stapled.as_str()];
    judge_offline("ocsp-good", &[], &["ocsp-root"], &staple).expect(ACCEPTED, &[]);
    judge_offline("ocsp-good", &[], &["ocsp-root"], &[]).expect(REJECTED, &["names no source"]);
}

#[test]
fn the_flag_says_whose_revocation_is_checked() {
    let flag =
        |flag, lists: &[&str]| judge_offline("crl-good", lists, &[], &["--revocation-flag", flag]);
    flag("end", &["crl-intermediate"]).expect(ACCEPTED, &["revocation offline (end)"]);
    flag("exclude-root", &["crl-intermediate"]).expect(REJECTED, &[]);
    flag("chain", &["crl-root", "crl-intermediate"]).expect(ACCEPTED, &["(chain)"]);
    judge_offline("good-d1", &[], &[], &[])
        .expect(REJECTED, &["names no source that can be asked", "--crl"]);
}

#[test]
fn revocation_in_reports_for_programs() {
    let report = |list| {
        let run = judge_offline("crl-good", &["crl-root", list], &[], &["--json"]);
        run.json()
    };
    let good = report("crl-intermediate");
    assert_eq!(good["question"]["revocation"], "offline");
    assert_eq!(good["question"]["revocation_flag"], "exclude-root");
    assert_eq!(good["requests"], Value::Array(Vec::new()));
    assert_eq!(good["outcome"]["not_after"], "2026-01-15T00:00:00Z");
    let chain = &good["outcome"]["chain"];
    let leaf = &chain[0]["revocation"];
    assert_eq!(leaf["status"], "good");
    assert_eq!(leaf["evidence"]["kind"], "crl");
    assert_eq!(leaf["evidence"]["this_update"], "2025-12-15T00:00:00Z");
    assert_eq!(leaf["evidence"]["until"], "2026-01-15T00:00:00Z");
    assert_eq!(chain[2]["revocation"], Value::Null);

    let revoked = report("crl-intermediate-revoking");
    let leaf = &revoked["outcome"]["chain"][0]["revocation"];
    assert_eq!(leaf["status"], "revoked");
    assert_eq!(leaf["date"], "2025-06-01T00:00:00Z");
    assert_eq!(leaf["reason"], "keyCompromise");
    assert_eq!(leaf["evidence"]["kind"], "crl");
    assert_eq!(revoked["outcome"]["error"]["rule"], 29);

    let unknown = report("crl-intermediate-stale");
    let leaf = &unknown["outcome"]["chain"][0]["revocation"];
    assert_eq!(leaf["status"], "unknown");
    assert_eq!(leaf["message"], "the evidence is not current");
    assert_eq!(unknown["outcome"]["error"]["rule"], 30);

    let run = judge("crl-good", "root", &["--json"]);
    let chain = &run.json()["outcome"]["chain"];
    assert_eq!(chain[0]["revocation"], Value::Null);
}

#[test]
fn evidence_that_cannot_be_read() {
    let pem = fs::read_to_string(testdata("crls/crl-root.pem")).unwrap();
    let read = |option, file: &str| {
        judge(
            "crl-good",
            "root",
            &["--revocation", "offline", option, file],
        )
    };
    let list = |name, contents: &[u8], text| {
        let file = scratch(name, contents);
        read("--crl", &file).expect(UNREADABLE, &[&file, text]);
    };
    list("list-text", b"hello", "-----BEGIN X509 CRL-----");
    list("list-der", &[0x30, 0x00], "is not a CRL in DER");
    list(
        "list-cut",
        &pem.as_bytes()[..pem.len() / 2],
        "is broken PEM",
    );
    list(
        "list-large",
        &vec![b'\n'; (16 << 20) + 1],
        "more than 16777216",
    );
    let certificate = testdata("chains/good-d1.pem");
    read("--crl", &certificate).expect(UNREADABLE, &["has no CRL"]);
    for option in ["--ocsp", "--stapled"] {
        let file = scratch("response", b"hello");
        read(option, &file).expect(UNREADABLE, &[&file, "is no OCSP response in DER"]);
    }
    // DER is read as well, and a bundle.
    let bundle = pem + &fs::read_to_string(testdata("crls/crl-intermediate.pem")).unwrap();
    let both = scratch("lists.pem", bundle.as_bytes());
    read("--crl", &both).expect(ACCEPTED, &[]);
    let list = fs::read(testdata("crls/crl-intermediate.pem")).unwrap();
    let list = portcullis::revocation::Crl::from_pem(&list).unwrap();
    let der = scratch("list.der", list.as_der());
    let end = ["--revocation-flag", "end", "--crl", &der];
    judge_offline("crl-good", &[], &[], &end).expect(ACCEPTED, &[]);
}

#[test]
fn system_roots_come_from_the_environment() {
    let chain = testdata("chains/good-d2.pem");
    let off = ["--revocation", "off"];
    let arguments = [&[chain.as_str(), "--system-roots", "--time", NOW], &off[..]].concat();
    let with = |file: &str| {
        let mut command = example("validate");
        let command = command.args(&arguments).env("SSL_CERT_FILE", file);
        Run::of(command.output().unwrap())
    };
    with(&testdata("roots/root.pem")).expect(ACCEPTED, &["1 trust anchor"]);
    with(&testdata("roots/another-root.pem")).expect(REJECTED, &["PartialChain"]);
    let none = scratch("no-roots.pem", b"");
    with(&none).expect(UNREADABLE, &["has no roots", "--roots FILE"]);
}

#[test]
fn help_tells_all_options() {
    for option in ["--help", "-h"] {
        let options = [
            "--verbose",
            "--roots",
            "--anchors",
            "--system-roots",
            "--intermediates",
            "--time",
            "--purpose",
            "--profile",
            "--name",
            "--allow-self-signed",
            "--json",
            "--revocation MODE",
            "--revocation-flag",
            "--crl",
            "--ocsp",
            "--stapled",
            "--allow-private",
            "EXIT STATUS",
        ];
        validate(&[option]).expect(ACCEPTED, &options);
    }
}

#[test]
fn command_lines_that_make_no_sense() {
    let chain = testdata("chains/good-d2.pem");
    let root = testdata("roots/root.pem");
    for (more, texts) in [
        (
            &["--time", "yesterday"][..],
            &["--time", "2026-01-31T12:00:00Z"][..],
        ),
        (&["--time", "2026-02-30T00:00:00Z"], &["--time"]),
        (&["--time"], &["--time"]),
        (&["--purpose", "cooking"], &["--purpose", "client"]),
        (&["--purpose", ""], &["--purpose"]),
        (&["--purpose", "1.2.3,,1.2.4"], &["--purpose"]),
        (&["--profile", "strict"], &["--profile", "webpki"]),
        (
            &["--name", "*.example.test"],
            &["--name", "not a host name"],
        ),
        (&["--name", "ip:300.0.0.1"], &["--name", "ip:ADDRESS"]),
        (&["--name", "email:nobody"], &["--name", "not a mailbox"]),
        (&["--name", "a b@"], &["--name"]),
        (
            &["--allow-self-signed", "sha1:00"],
            &["--allow-self-signed", "64 hexadecimal"],
        ),
        (&["--revocation", "maybe"], &["--revocation", "offline"]),
        (&["--revocation-flag", "leaf"], &["exclude-root"]),
        (
            &["--crl", "-", "--revocation", "off"],
            &["does not check it", "--revocation offline"],
        ),
        (
            &["--ocsp", "-", "--revocation", "off"],
            &["does not check it"],
        ),
        (
            &["--stapled", "-", "--revocation", "off"],
            &["does not check it"],
        ),
        (
            &["--revocation", "offline", "--crl", "-", "--stapled", "-"],
            &["one place only"],
        ),
        (&["--frobnicate"], &["--frobnicate"]),
        (&["--json=yes"], &["json"]),
        (&["-x"], &["-x"]),
        (&["-", "-"], &["one place only"]),
    ] {
        let arguments = [&[chain.as_str(), "--roots", &root], more].concat();
        let texts = [texts, &["--help"]].concat();
        validate(&arguments).expect(UNREADABLE, &texts);
    }
    let nobody = [
        "nobody is trusted",
        "--roots FILE",
        "--system-roots",
        "--allow-self-signed",
    ];
    validate(&[&chain]).expect(UNREADABLE, &nobody);
    validate(&["--roots", &root]).expect(UNREADABLE, &["name a file"]);
}

#[test]
fn what_cannot_be_read() {
    let root = testdata("roots/root.pem");
    let der = fs::read(testdata("der/good-d1.der")).unwrap();
    let pem = fs::read_to_string(testdata("chains/good-d1.pem")).unwrap();
    let oversized = vec![b'-'; (1 << 20) + 1];
    let cases: [(&str, &[u8], &str); 9] = [
        ("empty", b"", "is empty"),
        ("text", b"not a certificate", "-----BEGIN CERTIFICATE-----"),
        ("zeros", &[0; 64], "neither a PEM block"),
        ("oversized", &oversized, "more than 1048576 bytes"),
        ("cut.der", &der[..der.len() - 1], "not a certificate in DER"),
        (
            "longer.der",
            &[&der[..], &[0]].concat(),
            "not a certificate in DER",
        ),
        ("pkcs12", &[0x30, 0x03, 0x02, 0x01, 0x03], "openssl pkcs12"),
        ("cut.pem", &pem.as_bytes()[..pem.len() / 2], "is broken PEM"),
        (
            "key.pem",
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "no certificate",
        ),
    ];
    for (name, contents, text) in cases {
        let file = scratch(name, contents);
        let as_leaf = validate(&[&file, "--roots", &root]);
        as_leaf.expect(UNREADABLE, &[&file, text]);
        let leaf = testdata("chains/good-d1.pem");
        validate(&[&leaf, "--roots", &file]).expect(UNREADABLE, &[&file, text]);
        let run = validate(&[&leaf, "--roots", &root, "--intermediates", &file]);
        run.expect(UNREADABLE, &[&file, text]);
    }
    let nowhere = testdata("chains/there-is-no-such-file.pem");
    validate(&[&nowhere, "--roots", &root]).expect(UNREADABLE, &[&nowhere, "cannot be read"]);
    let folder = testdata("chains");
    validate(&[&folder, "--roots", &root]).expect(UNREADABLE, &[&folder]);
    let malformed = testdata("chains/algorithms-differ.pem");
    validate(&[&malformed, "--roots", &root]).expect(
        UNREADABLE,
        &["certificate 1 in it is malformed", "RFC 5280"],
    );
}

/// F7: as in a handshake, a presented certificate that does not parse is skipped, with a note.
#[test]
fn presented_certificates_that_cannot_be_read() {
    let root = testdata("roots/root.pem");
    let chain = fs::read_to_string(testdata("chains/good-d2.pem")).unwrap();
    let spoiled = fs::read_to_string(testdata("chains/algorithms-differ.pem")).unwrap();
    let end = "-----END CERTIFICATE-----\n";
    let [leaf, ca] = [0, 1].map(|n| format!("{}{end}", chain.split(end).nth(n).unwrap()));
    let spoiled = format!("{}{end}", spoiled.split(end).next().unwrap());
    let judge = |name: &str, blocks: &[&str], more: &[&str]| {
        let file = scratch(name, blocks.concat().as_bytes());
        let mut arguments = vec![&*file, "--roots", &root, "--time", NOW];
        arguments.extend(more);
        unchecked(&arguments)
    };
    let run = judge("unreadable-issuer", &[&leaf, &spoiled], &[]);
    let texts = [
        "presented certificate 1 could not be read",
        "may be the issuer",
    ];
    let run = run.expect(REJECTED, &texts);
    assert!(
        run.err.contains("note: presented certificate 1"),
        "{}",
        run.err
    );
    let run = judge("unreadable-stray", &[&leaf, &spoiled, &ca], &["--json"]);
    let unreadable = &run.expect(ACCEPTED, &[]).json()["question"]["unreadable"];
    assert_eq!(unreadable[0]["place"], 1);
    assert_eq!(unreadable[0]["section"], "RFC 5280 section 4.1.1.2");
    judge("unreadable-leaf", &[&spoiled, &ca], &[])
        .expect(UNREADABLE, &["certificate 1 in it is malformed"]);
}

#[test]
fn a_file_just_at_the_limit_is_read() {
    let mut pem = fs::read(testdata("chains/good-d1.pem")).unwrap();
    pem.resize(1 << 20, b'\n');
    let file = scratch("at-limit.pem", &pem);
    let root = testdata("roots/root.pem");
    unchecked(&[&file, "--roots", &root, "--time", NOW]).expect(ACCEPTED, &[]);
}

#[test]
fn changed_octets_never_accept_and_never_panic() {
    let root = testdata("roots/root.pem");
    let der = fs::read(testdata("der/good-d1.der")).unwrap();
    for at in (0..der.len()).step_by(17) {
        let mut changed = der.clone();
        changed[at] ^= 0x41;
        let run = validate_stdin(
            &changed,
            &["-", "--roots", &root, "--time", NOW, "--revocation", "off"],
        );
        assert!(
            matches!(run.status, REJECTED | UNREADABLE),
            "octet {at}: {} {}{}",
            run.status,
            run.out,
            run.err
        );
    }
}

#[test]
fn a_deny_list_denies_keys_and_serial_numbers() {
    let run = Run::of(example("deny_list").output().unwrap());
    let run = run.expect(ACCEPTED, &["an empty list: accepted"]);
    assert_eq!(
        run.out
            .matches("rejected: leaf CN=good-d2/leaf: it was revoked")
            .count(),
        2
    );
    let mut lines = run.out.lines().filter(|line| line.starts_with("serial "));
    let (serial, issuer) = (lines.next().unwrap(), lines.next());
    assert_eq!(issuer, None);
    let with = |list: &str| {
        let list = scratch("denied.txt", list.as_bytes());
        let paths = [
            testdata("chains/good-d2.pem"),
            testdata("roots/root.pem"),
            list,
        ];
        Run::of(example("deny_list").args(paths).output().unwrap())
    };
    let remark = format!("# nobody\n\nkey {}\n", "00".repeat(32));
    with(&remark).expect(ACCEPTED, &["accepted"]);
    with(&format!("{remark}{serial}\n")).expect(REJECTED, &["it was revoked"]);
    for bad in ["key 00", "serial 00", "keys", "key zz"] {
        let run = with(&format!("{remark}{bad}"));
        assert!(run.err.contains(&format!("line 4: {bad}")), "{}", run.err);
    }
}

#[test]
fn roots_of_the_system_and_of_mozilla() {
    let mut command = example("system_roots");
    let command = command.env("SSL_CERT_FILE", testdata("roots/root.pem"));
    let chain = testdata("chains/leaf-server.pem");
    let run = Run::of(command.args([&chain, NOW]).output().unwrap());
    let accepted = "operating system: accepted, trusted by CN=root";
    let run = run.expect(ACCEPTED, &["operating system: 1 anchors", accepted]);
    assert!(run.out.contains("Mozilla: rejected: "), "{}", run.out);
    assert_eq!(run.err, "", "no root is skipped");
    let count = run
        .out
        .lines()
        .find_map(|line| line.strip_prefix("Mozilla: "));
    let count = count.and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(count.parse::<usize>().unwrap() > 50, "{count}");
}

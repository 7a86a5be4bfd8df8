//! What `make_pki` makes, and what it refuses.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::SystemTime;

use portcullis::revocation::{
    Crl, Evidence, NoFetcher, RevocationFlag, RevocationMode, SharedEvidence,
};
use portcullis::{
    Certificate, CertificateTypes, ChainElement, PeerName, Pin, Presented, Profile, Purpose, Rule,
    Time, TrustMode, TrustStore, Validator, ValidatorBuilder, Violation,
};
use portcullis_testkit::web::{Page, WebServer};

use super::programs::{cargo_in_shell, example, has_openssl, openssl, said, scratch};

const DAY: i64 = 86_400;

/// Runs the generator, which must succeed.
#[track_caller]
fn make(folder: &Path, arguments: &[&str]) -> String {
    let output = example("make_pki").arg(folder).args(arguments).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    said(&output)
}

fn now() -> Time {
    Time::from(SystemTime::now())
}

fn certificate(folder: &Path, name: &str) -> Certificate {
    Certificate::from_pem(&fs::read(folder.join(name)).unwrap()).unwrap()
}

fn trusting(folder: &Path) -> ValidatorBuilder {
    let roots = TrustStore::from_pem(&fs::read(folder.join("root.pem")).unwrap()).unwrap();
    Validator::builder(TrustMode::CustomRootTrust(roots))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
}

fn presented(folder: &Path, name: &str) -> Presented {
    Presented::from_pem(&fs::read(folder.join(name)).unwrap()).unwrap()
}

fn verdict(
    builder: ValidatorBuilder,
    presented: &Presented,
    at: Time,
) -> Result<Vec<ChainElement>, Violation> {
    let verdict = builder.build().unwrap().validate(presented, at, &NoFetcher);
    match verdict {
        Ok(accepted) => Ok(accepted.chain()),
        Err(rejected) => Err(*rejected.error()),
    }
}

#[test]
fn what_it_makes_is_accepted_for_its_purpose_only() {
    let folder = scratch("made").join("pki");
    let hosts = ["--host", "host.example.test", "--host", "192.0.2.1"];
    let clients = ["--client", "alice", "--client", "build-7.x", "--days", "2"];
    let text = make(&folder, &[hosts.as_slice(), &clients].concat());
    let as_client = || trusting(&folder).purpose(Purpose::ClientAuth);
    let as_server = || trusting(&folder).purpose(Purpose::ServerAuth);

    for name in ["alice.pem", "build-7.x.pem"] {
        let client = presented(&folder, name);
        let chain = verdict(as_client(), &client, now()).unwrap();
        assert_eq!(chain.len(), 3);
        assert!(text.contains(name), "{text}");
        // The strictest profile for private authorities has nothing to say against it either.
        verdict(as_client().profile(Profile::Rfc5280), &client, now()).unwrap();
        let error = verdict(as_server(), &client, now()).unwrap_err();
        assert_eq!((error.position, error.rule), (0, Rule::WrongUsage));
        let error = verdict(as_client(), &client, now().plus(3 * DAY)).unwrap_err();
        assert!(matches!(error.rule, Rule::Expired { .. }));
    }
    let server = presented(&folder, "server.pem")
        .expecting(PeerName::dns("host.example.test").unwrap())
        .expecting(PeerName::ip([192, 0, 2, 1]));
    verdict(as_server(), &server, now()).unwrap();
    let error = verdict(as_client(), &server, now()).unwrap_err();
    assert_eq!(error.rule, Rule::WrongUsage);

    let device = presented(&folder, "device.pem");
    let pinned = |certificate: &Certificate| {
        as_client()
            .certificate_types(CertificateTypes::SelfSigned)
            .pins([Pin::certificate(certificate)])
    };
    verdict(pinned(device.leaf()), &device, now()).unwrap();
    let another = certificate(&folder, "alice.pem");
    let error = verdict(pinned(&another), &device, now()).unwrap_err();
    assert_eq!(error.rule, Rule::SelfSignedNotPinned);
    // The pin that it prints is the right one.
    let printed = text.split("--allow-self-signed ").nth(1).unwrap();
    let printed = printed.split_whitespace().next().unwrap();
    assert_eq!(printed.parse(), Ok(Pin::certificate(device.leaf())));
}

#[test]
fn openssl_thinks_so_too() {
    if !has_openssl() {
        return;
    }
    let folder = scratch("openssl").join("pki");
    make(&folder, &[]);
    let below = [
        "verify",
        "-x509_strict",
        "-CAfile",
        "root.pem",
        "-untrusted",
        "intermediate.pem",
    ];
    for (purpose, file) in [("sslserver", "server.pem"), ("sslclient", "alice.pem")] {
        let arguments = [&below[..], &["-purpose", purpose, file]].concat();
        assert_eq!(openssl(&folder, &arguments).trim(), format!("{file}: OK"));
    }
    let itself = [
        "verify",
        "-CAfile",
        "device.pem",
        "-purpose",
        "sslclient",
        "device.pem",
    ];
    assert_eq!(openssl(&folder, &itself).trim(), "device.pem: OK");
    for name in ["root", "intermediate", "server", "alice", "device"] {
        let (key, file) = (format!("{name}.key"), format!("{name}.pem"));
        openssl(&folder, &["pkey", "-in", &key, "-check", "-noout"]);
        let of_key = openssl(&folder, &["pkey", "-in", &key, "-pubout"]);
        let certified = openssl(&folder, &["x509", "-in", &file, "-noout", "-pubkey"]);
        assert_eq!(of_key, certified);
    }
}

#[test]
fn the_commands_that_it_prints_work() {
    if !has_openssl() {
        return;
    }
    let folder = scratch("printed").join("it's a folder");
    let text = make(
        &folder,
        &["--host", "host.example.test", "--host", "2001:db8::1"],
    );
    let commands = text.split("Try it:").nth(1).unwrap();
    let (accepted, refused) = commands.split_once("Refused:").unwrap();
    let run = |commands: &str| {
        let script = cargo_in_shell() + commands;
        let run = Command::new("sh").args(["-c", &script]).output().unwrap();
        (run.status.code(), said(&run))
    };
    let (status, printed) = run(accepted);
    assert_eq!(status, Some(0), "{printed}");
    assert_eq!(printed.matches("ACCEPTED").count(), 3, "{printed}");
    assert_eq!(printed.matches(".pem: OK").count(), 3, "{printed}");
    let (status, printed) = run(refused);
    assert_eq!(status, Some(1), "{printed}");
    assert!(
        printed.contains("REJECTED leaf CN=mallory: it was revoked"),
        "{printed}"
    );
}

/// The lists of a folder, as its operator gives them to a server.
fn made_lists(folder: &Path) -> Evidence {
    let mut evidence = Evidence::new();
    for name in ["root.crl", "intermediate.crl"] {
        let list = fs::read(folder.join("crls").join(name)).unwrap();
        evidence.insert_crl(Crl::from_der(&list).unwrap()).unwrap();
    }
    evidence
}

fn lists(folder: &Path) -> Arc<SharedEvidence> {
    Arc::new(SharedEvidence::new(made_lists(folder)))
}

/// A validator with every option that is about revocation at its default.
fn with_defaults(folder: &Path) -> ValidatorBuilder {
    let roots = TrustStore::from_pem(&fs::read(folder.join("root.pem")).unwrap()).unwrap();
    Validator::builder(TrustMode::CustomRootTrust(roots))
}

#[track_caller]
fn is_revoked(verdict: Result<Vec<ChainElement>, Violation>) {
    let error = verdict.unwrap_err();
    let revoked = matches!((error.position, error.rule), (0, Rule::Revoked(_)));
    assert!(revoked, "{error}");
}

/// S8: what it makes is of use to a server that is told nothing about revocation.
#[test]
fn what_it_makes_works_with_the_defaults() {
    let folder = scratch("defaults").join("pki");
    make(&folder, &["--revoked", "mallory", "--revoked", "eve"]);
    let clients = || {
        with_defaults(&folder)
            .purpose(Purpose::ClientAuth)
            .evidence(lists(&folder))
    };
    let alice = presented(&folder, "alice.pem");
    for profile in [Profile::Default, Profile::Rfc5280] {
        verdict(clients().profile(profile), &alice, now()).unwrap();
    }
    for name in ["mallory.pem", "eve.pem"] {
        is_revoked(verdict(clients(), &presented(&folder, name), now()));
    }
    let list = fs::read(folder.join("crls/intermediate.crl")).unwrap();
    let list = Crl::from_der(&list).unwrap();
    assert_eq!(list.len(), 2);
    for entry in list.entries() {
        assert!(entry.revocation_date() <= list.this_update());
    }
    let server = presented(&folder, "server.pem").expecting(PeerName::dns("localhost").unwrap());
    let servers = with_defaults(&folder)
        .purpose(Purpose::ServerAuth)
        .evidence(lists(&folder));
    verdict(servers, &server, now()).unwrap();
    // As long as the certificates do, the lists hold.
    verdict(clients(), &alice, now().plus(90 * DAY - 60)).unwrap();
    // They are needed: without them nobody knows.
    let unknown = with_defaults(&folder).purpose(Purpose::ClientAuth);
    let error = verdict(unknown, &alice, now()).unwrap_err();
    assert!(matches!(error.rule, Rule::RevocationUnknown(_)), "{error}");
    // What signs for itself has no authority to revoke it.
    let device = presented(&folder, "device.pem");
    let pinned = with_defaults(&folder)
        .certificate_types(CertificateTypes::SelfSigned)
        .pins([Pin::certificate(device.leaf())]);
    verdict(pinned, &device, now()).unwrap();
}

/// S8: the same by the programs, with the lists from where the certificates say, and from files.
#[test]
fn the_recipe_works_from_end_to_end() {
    let folder = scratch("recipe").join("pki");
    let web = WebServer::start();
    make(&folder, &["--crl-url", &web.url("")]);
    for name in ["root.crl", "intermediate.crl"] {
        let crl = fs::read(folder.join("crls").join(name)).unwrap();
        web.put(&format!("/{name}"), Page::Body(crl));
    }
    let validate = |name: &str, more: &[&str]| {
        let mut command = example("validate");
        command
            .current_dir(&folder)
            .args([name, "--roots", "root.pem", "--purpose", "client"])
            .args(more);
        let output = command.output().unwrap();
        (output.status.code(), said(&output))
    };
    let files = ["--crl", "crls/root.crl", "--crl", "crls/intermediate.crl"];
    for source in [&files[..], &["--allow-private"]] {
        let (status, printed) = validate("alice.pem", source);
        assert_eq!(status, Some(0), "{printed}");
        let (status, printed) = validate("mallory.pem", source);
        assert_eq!(status, Some(1), "{printed}");
        assert!(printed.contains("it was revoked"), "{printed}");
    }
    // No address of one's own network is asked because a certificate says so.
    let (status, printed) = validate("alice.pem", &[]);
    assert_eq!(status, Some(1), "{printed}");
    assert!(printed.contains("--allow-private"), "{printed}");
}

#[test]
fn openssl_reads_the_lists_too() {
    if !has_openssl() {
        return;
    }
    let folder = scratch("openssl-lists").join("pki");
    make(&folder, &[]);
    for name in ["root", "intermediate"] {
        let (der, pem) = (format!("crls/{name}.crl"), format!("{name}.crl"));
        openssl(
            &folder,
            &["crl", "-inform", "DER", "-in", &der, "-out", &pem],
        );
    }
    let check = |name: &str| {
        let arguments = [
            "verify",
            "-x509_strict",
            "-crl_check_all",
            "-CAfile",
            "root.pem",
            "-untrusted",
            "intermediate.pem",
            "-CRLfile",
            "root.crl",
            "-CRLfile",
            "intermediate.crl",
            name,
        ];
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(&folder)
            .output();
        said(&output.unwrap())
    };
    assert_eq!(check("alice.pem").trim(), "alice.pem: OK");
    let refused = check("mallory.pem");
    assert!(refused.contains("certificate revoked"), "{refused}");
}

/// The page says so: the authority of this program is one that openssl goes on with.
#[test]
fn openssl_adds_clients_and_revokes_them() {
    if !has_openssl() {
        return;
    }
    let folder = scratch("goes-on").join("pki");
    make(&folder, &["--client", "alice", "--client", "bob"]);
    openssl(
        &folder,
        &[
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-noenc",
            "-keyout",
            "carol.key",
            "-out",
            "carol.csr",
            "-subj",
            "/CN=carol",
        ],
    );
    fs::write(
        folder.join("carol.ext"),
        "extendedKeyUsage = clientAuth\nauthorityKeyIdentifier = keyid\n",
    )
    .unwrap();
    openssl(
        &folder,
        &[
            "x509",
            "-req",
            "-in",
            "carol.csr",
            "-CA",
            "intermediate.pem",
            "-CAkey",
            "intermediate.key",
            "-extfile",
            "carol.ext",
            "-out",
            "carol.leaf.pem",
        ],
    );
    let chain =
        ["carol.leaf.pem", "intermediate.pem"].map(|name| fs::read(folder.join(name)).unwrap());
    fs::write(folder.join("carol.pem"), chain.concat()).unwrap();

    let config = super::page::PAGE
        .split("cat > ca.cnf <<END\n")
        .nth(1)
        .unwrap();
    fs::write(folder.join("ca.cnf"), config.split("END\n").next().unwrap()).unwrap();
    for name in ["root", "intermediate"] {
        // touch
        let index = folder.join(format!("{name}.index"));
        let index = fs::OpenOptions::new().append(true).create(true).open(index);
        drop(index.unwrap());
        fs::write(folder.join(format!("{name}.number")), "01").unwrap();
    }
    let ca = |name: &str, arguments: &[&str]| {
        openssl(
            &folder,
            &[&["ca", "-config", "ca.cnf", "-name", name], arguments].concat(),
        )
    };
    ca("root", &["-gencrl", "-out", "root.crl"]);
    ca("intermediate", &["-revoke", "alice.pem"]);
    ca("intermediate", &["-gencrl", "-out", "intermediate.crl"]);

    let mut evidence = Evidence::new();
    for name in ["root.crl", "intermediate.crl"] {
        let list = Crl::from_pem(&fs::read(folder.join(name)).unwrap()).unwrap();
        evidence.insert_crl(list).unwrap();
    }
    let evidence = Arc::new(SharedEvidence::new(evidence));
    let checked = || {
        trusting(&folder)
            .purpose(Purpose::ClientAuth)
            .revocation(RevocationMode::Offline, RevocationFlag::ExcludeRoot)
            .evidence(evidence.clone())
    };
    for name in ["bob.pem", "carol.pem"] {
        verdict(checked(), &presented(&folder, name), now()).unwrap();
    }
    // Who was revoked from the beginning is in its books.
    for name in ["alice.pem", "mallory.pem"] {
        is_revoked(verdict(checked(), &presented(&folder, name), now()));
    }
    // The new list is newer than the one that was made with the authority.
    let mut both = made_lists(&folder);
    for list in ["root.crl", "intermediate.crl"] {
        let list = Crl::from_pem(&fs::read(folder.join(list)).unwrap()).unwrap();
        both.insert_crl(list).unwrap();
    }
    let clients = with_defaults(&folder)
        .purpose(Purpose::ClientAuth)
        .evidence(Arc::new(SharedEvidence::new(both)));
    is_revoked(verdict(clients, &presented(&folder, "alice.pem"), now()));
}

#[test]
fn only_the_owner_gets_at_the_keys_and_none_is_overwritten() {
    let folder = scratch("kept");
    #[cfg(unix)]
    fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
    make(&folder, &[]);
    #[cfg(unix)]
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    // Elsewhere the folder above decides.
    #[cfg(not(unix))]
    let mode = |path: &Path| if path.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(mode(&folder), 0o700);
    let contents = || {
        let folders = [&folder, &folder.join("crls")];
        let entries = folders.into_iter().flat_map(|folder| {
            let entries = fs::read_dir(folder).unwrap();
            entries.map(|entry| entry.unwrap().path())
        });
        let mut files: Vec<_> = entries
            .filter(|path| path.is_file())
            .map(|path| (mode(&path), fs::read(&path).unwrap(), path))
            .collect();
        files.sort();
        files
    };
    let before = contents();
    assert_eq!(before.len(), 15);
    assert!(before.iter().all(|(mode, ..)| *mode == 0o600));
    let again = example("make_pki").arg(&folder).output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("not empty"), "{}", said(&again));
    assert_eq!(contents(), before);
}

#[test]
fn no_two_runs_share_a_key() {
    let [first, second] = ["first", "second"].map(|name| scratch(name).join("pki"));
    for folder in [&first, &second] {
        make(folder, &["--client", "alice", "--client", "bob"]);
    }
    let mut keys = Vec::new();
    for folder in [&first, &second] {
        for name in [
            "root",
            "intermediate",
            "server",
            "alice",
            "bob",
            "mallory",
            "device",
        ] {
            keys.push(fs::read(folder.join(format!("{name}.key"))).unwrap());
        }
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 14);
}

#[test]
fn a_command_line_that_makes_no_sense_makes_nothing() {
    let folder = scratch("refused").join("pki");
    for arguments in [
        &["--client", "root"][..],
        &["--client", "../alice"],
        &["--client", ""],
        &["--client", ".hidden"],
        &["--client", "a b"],
        &["--client", "a..b"],
        &["--client", "alice", "--self-signed", "ALICE"],
        &["--client", "alice", "--revoked", "alice"],
        &["--client", "mallory"],
        &["--none-revoked", "--revoked", "eve"],
        &["--crl-url", "https://lists.example.test/"],
        &["--crl-url", "http://"],
        &["--crl-url", "http:///crls/"],
        &["--crl-url", "http://lists.example.test/a b/"],
        &[
            "--client",
            "x123456789x123456789x123456789x123456789x123456789x123456789x1234",
        ],
        &["--host", "*.example.test"],
        &["--host", "host.example.test."],
        &["--host", "host name"],
        &["--days", "0"],
        &["--days", "3651"],
        &["--days", "-1"],
        &["--colour"],
        &["another-folder"],
    ] {
        let output = example("make_pki").arg(&folder).args(arguments).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).contains("--help"), "{}", said(&output));
        assert!(!folder.exists());
    }
    let mallory = ["--client", "mallory"];
    let output = example("make_pki").arg(&folder).args(mallory).output();
    let said_of_mallory = said(&output.unwrap());
    assert!(
        said_of_mallory.contains("--revoked mallory"),
        "{said_of_mallory}"
    );
    make(&folder, &[&mallory[..], &["--none-revoked"]].concat());
    let output = example("make_pki").output().unwrap();
    assert!(said(&output).contains("name the folder"));
    let output = example("make_pki").arg("--help").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(said(&output).contains("USAGE"));
}

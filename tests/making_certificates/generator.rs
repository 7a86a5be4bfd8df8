//! What `make_pki` makes, and what it refuses to.

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
    Certificate, CertificateTypes, ChainElement, Fault, PeerName, Pin, Presented, Profile, Purpose,
    Rule, Time, TrustMode, TrustStore, Validator, ValidatorBuilder,
};

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
) -> Result<Vec<ChainElement>, Fault> {
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
    assert_eq!(Pin::parse(printed), Ok(Pin::certificate(device.leaf())));
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
    let commands: Vec<&str> = text.split("Try it:").nth(1).unwrap().lines().collect();
    let script = cargo_in_shell() + &commands.join("\n");
    let run = Command::new("sh").args(["-c", &script]).output().unwrap();
    let said = said(&run);
    assert!(run.status.success(), "{said}");
    assert_eq!(said.matches("ACCEPTED").count(), 3, "{said}");
    assert_eq!(said.matches(".pem: OK").count(), 3, "{said}");
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
        fs::write(folder.join(format!("{name}.index")), "").unwrap();
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
        evidence.insert_list(list).unwrap();
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
    let error = verdict(checked(), &presented(&folder, "alice.pem"), now()).unwrap_err();
    assert!(
        matches!((error.position, error.rule), (0, Rule::Revoked(_))),
        "{error}"
    );
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
        let entries = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries
            .map(|path| (mode(&path), fs::read(&path).unwrap(), path))
            .collect();
        files.sort();
        files
    };
    let before = contents();
    assert_eq!(before.len(), 10);
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
        for name in ["root", "intermediate", "server", "alice", "bob", "device"] {
            keys.push(fs::read(folder.join(format!("{name}.key"))).unwrap());
        }
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 12);
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
    let output = example("make_pki").output().unwrap();
    assert!(said(&output).contains("name the folder"));
    let output = example("make_pki").arg("--help").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(said(&output).contains("USAGE"));
}

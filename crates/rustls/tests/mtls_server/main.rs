//! The example server from end to end: as a process, asked by curl and `openssl s_client`, directly
//! and through nginx.
//!
//! Where a command is not there, the tests that need it pass and say that they were skipped.

mod authority;
mod clients;
mod server;

use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use authority::Silent;
use clients::{Answer, Connection, Nginx, alert, ask_once, ask_path, curl, have};
use server::{PATIENCE, SECRET, Server, until};

const EXPIRED: u64 = 5;
const WRONG_USAGE: u64 = 10;
const NOT_PINNED: u64 = 25;
const REVOKED: u64 = 29;

const CERTS: &str = "certs.localhost";
const STRICT: &str = "strict.localhost";

/// Both versions of TLS, as curl calls them.
const VERSIONS: [&[&str]; 2] = [&["--tls-max", "1.2"], &["--tlsv1.3"]];

impl Server {
    fn url(&self, host: &str) -> String {
        format!("https://{host}:{}/whoami", self.tls)
    }

    /// By curl, from the host that says why not.
    #[track_caller]
    fn ask(&self, client: &str) -> Answer {
        curl(self, Some(client), &self.url(CERTS), &[]).unwrap()
    }

    /// Waits until the server has heard of it.
    fn revoke_and_wait(&self, client: &str) {
        self.revoke(client);
        until("the revocation", || {
            (self.ask(client).status == 403).then_some(())
        });
    }
}

#[test]
fn clients_are_let_in_or_learn_why_not() {
    if !have(&["curl"]) {
        return;
    }
    let server = Server::start();
    for version in VERSIONS {
        let ask = |client| curl(&server, client, &server.url(CERTS), version).unwrap();
        let alice = ask(Some("alice"));
        assert_eq!(alice.name(), "alice");
        assert_eq!(alice.body["provenance"], "handshake");
        assert_eq!(alice.body["spiffe"], "spiffe://example.test/alice");
        assert_eq!(alice.body["upn"], "alice@corp.example.test");
        let claims = alice.body["claims"].as_array().unwrap();
        let issuer = claims.iter().find(|claim| claim["type"] == "issuer");
        assert_eq!(issuer.unwrap()["value"], "CN=Demo CA");

        assert_eq!(ask(None).denied(), ("no-certificate", None));
        assert_eq!(
            ask(Some("expired")).denied(),
            ("chain-invalid", Some(EXPIRED))
        );
        let wrong = ask(Some("wrong-eku"));
        assert_eq!(wrong.denied(), ("chain-invalid", Some(WRONG_USAGE)));
        assert_eq!(ask(Some("pinned")).name(), "pinned");
        let other = ask(Some("self-signed"));
        assert_eq!(other.denied(), ("chain-invalid", Some(NOT_PINNED)));
    }
    server.counts("mtls_requests_total{outcome=\"ok\"}", 4);
    server.counts("mtls_requests_total{outcome=\"chain-invalid\"}", 6);
}

#[test]
fn a_host_that_demands_a_certificate_says_so_in_the_handshake() {
    if !have(&["curl", "openssl"]) {
        return;
    }
    let server = Server::start();
    // Nobody has asked for evidence yet: the first one is turned away, and it is fetched beside.
    assert_eq!(
        alert(&server, Some("alice"), STRICT, "-tls1_3"),
        "unknown ca"
    );
    let alice = || curl(&server, Some("alice"), &server.url(STRICT), &[]).ok();
    assert_eq!(until("evidence", alice).name(), "alice");
    assert!(server.metric("mtls_evidence_fetched_total") > 0);

    server.revoke_and_wait("bob");
    for (version, none) in [
        ("-tls1_2", "certificate required"),
        ("-tls1_3", "certificate required"),
    ] {
        for (client, expected) in [
            (None, none),
            (Some("expired"), "certificate expired"),
            (Some("wrong-eku"), "unsupported certificate"),
            (Some("self-signed"), "unknown ca"),
            (Some("bob"), "certificate revoked"),
        ] {
            let alert = alert(&server, client, STRICT, version);
            assert_eq!(alert, expected, "{client:?} {version}");
        }
        for client in ["alice", "pinned"] {
            let (_, answer) = ask_once(&server, client, STRICT, &[version]);
            assert_eq!(answer.name(), client);
        }
    }
    server.counts("mtls_handshakes_total{outcome=\"revoked\"}", 2);
    server.counts("mtls_handshakes_total{outcome=\"no-certificate\"}", 2);
}

#[test]
fn who_comes_to_the_wrong_host_is_sent_on() {
    if !have(&["curl", "openssl"]) {
        return;
    }
    let server = Server::start();
    let url = format!("{}?a=b", server.url("localhost"));
    let answer = curl(&server, Some("alice"), &url, &["--request", "PUT"]).unwrap();
    assert_eq!(answer.status, 307);
    let location = ["--write-out", "%{redirect_url}\n%{http_code}"];
    let expected = format!("https://{CERTS}:{}/whoami?a=b", server.tls);
    let followed = curl(&server, Some("alice"), &url, &["--location"]).unwrap();
    assert_eq!(followed.name(), "alice");
    let told = Command::new("curl")
        .args([
            "--silent",
            "--noproxy",
            "*",
            "--cacert",
            &server.path("root.pem"),
        ])
        .args(["--resolve", &format!("localhost:{}:127.0.0.1", server.tls)])
        .args(location)
        .arg(&url)
        .output();
    let told = String::from_utf8(told.unwrap().stdout).unwrap();
    assert_eq!(told, format!("{expected}\n307"));

    // The name in the handshake decides, and no other.
    let host = format!("Host: {CERTS}:{}", server.tls);
    let misdirected = curl(
        &server,
        None,
        &server.url("localhost"),
        &["--header", &host],
    );
    assert_eq!(misdirected.unwrap().status, 421);
    let host = format!("Host: localhost:{}", server.tls);
    let misdirected = curl(
        &server,
        Some("alice"),
        &server.url(STRICT),
        &["--header", &host],
    );
    assert!(misdirected.is_err() || misdirected.unwrap().status == 421);
    let elsewhere = curl(&server, Some("alice"), &server.url("other.localhost"), &[]);
    assert!(elsewhere.is_err());
    let nameless = Command::new("openssl")
        .args(["s_client", "-noservername", "-connect"])
        .arg(format!("127.0.0.1:{}", server.tls))
        .stdin(std::process::Stdio::null())
        .output();
    assert!(!nameless.unwrap().status.success());
    server.counts("mtls_handshakes_total{outcome=\"unknown-host\"}", 2);
}

#[test]
fn who_is_revoked_while_connected_is_out_with_the_next_request() {
    if !have(&["curl", "openssl"]) {
        return;
    }
    let server = Server::start();
    let mut bob = Connection::open(&server, "bob", CERTS);
    let mut alice = Connection::open(&server, "alice", CERTS);
    assert_eq!(bob.ask().name(), "bob");
    assert_eq!(alice.ask().name(), "alice");
    server.revoke("bob");
    let answer = until("the revocation", || {
        let answer = bob.ask();
        (answer.status != 200).then_some(answer)
    });
    assert_eq!(answer.denied(), ("chain-invalid", Some(REVOKED)));
    assert_eq!(alice.ask().name(), "alice");
    assert!(server.metric("mtls_evidence_renewed_total") > 0);
}

/// One after the other, the lists of these clients alone would take longer than the test waits.
#[test]
fn an_authority_that_does_not_answer_delays_no_other() {
    if !have(&["curl", "openssl"]) {
        return;
    }
    let server = Server::start();
    let mut bob = Connection::open(&server, "bob", CERTS);
    assert_eq!(bob.ask().name(), "bob");
    let silent = Silent::new(&server);
    for number in 0..20 {
        let name = format!("client-{number}");
        silent.issue(&server, &name);
        assert!(curl(&server, Some(&name), &server.url(STRICT), &[]).is_err());
    }
    server.counts("mtls_handshakes_total{outcome=\"unknown-status\"}", 20);
    // The lists of all of them are being asked for.
    server.counts("mtls_clients_lacking_evidence", 0);
    server.revoke_and_wait("bob");
    assert_eq!(bob.ask().denied(), ("chain-invalid", Some(REVOKED)));
}

#[test]
fn resumed_sessions_are_judged_anew() {
    if !have(&["curl", "openssl"]) {
        return;
    }
    let server = Server::start();
    // Fetches the evidence that the strict host gets along with.
    assert_eq!(server.ask("alice").name(), "alice");
    let mut sessions = Vec::new();
    for host in [CERTS, STRICT] {
        for version in ["-tls1_2", "-tls1_3"] {
            for client in ["alice", "bob"] {
                let file = server.path(&format!("{client}{version}.{host}.session"));
                let begin = [version, "-sess_out", &file];
                let (resumed, answer) = ask_once(&server, client, host, &begin);
                assert_eq!((resumed, answer.name()), (false, client));
                sessions.push((host, version, client, file));
            }
        }
    }
    server.revoke_and_wait("bob");
    for (host, version, client, file) in sessions {
        assert!(fs::metadata(&file).is_ok_and(|file| file.len() > 0));
        let (resumed, answer) = ask_once(&server, client, host, &[version, "-sess_in", &file]);
        assert!(resumed, "{client} {version} {host}");
        if client == "bob" {
            assert_eq!(answer.denied(), ("chain-invalid", Some(REVOKED)));
        } else {
            assert_eq!(answer.name(), "alice");
        }
        // Where a certificate is demanded, that is so for all there is.
        if host == STRICT {
            for path in ["/", "/nothing"] {
                let more = [version, "-sess_in", &file];
                let (resumed, answer) = ask_path(&server, client, host, path, &more);
                assert!(resumed);
                match client {
                    "bob" => assert_eq!(answer.denied(), ("chain-invalid", Some(REVOKED))),
                    _ => assert_eq!(answer.status, if path == "/" { 200 } else { 404 }),
                }
            }
        }
    }
    server.counts("mtls_handshakes_total{outcome=\"resumed\"}", 16);
}

/// S3: a target in absolute form wins over `Host`, and so is held to the host of the handshake.
#[test]
fn an_absolute_target_is_no_way_past_the_handshake() {
    if !have(&["openssl"]) {
        return;
    }
    let server = Server::start();
    let ask = |host, target: &str| ask_path(&server, "alice", host, target, &[]).1;
    for elsewhere in [
        format!("https://{STRICT}/whoami"),
        format!("https://{}:{}/whoami", STRICT.to_uppercase(), server.tls),
        format!("https://{STRICT}./whoami"),
        "https://127.0.0.1/whoami".into(),
        "https://[::1]/whoami".into(),
    ] {
        assert_eq!(ask(CERTS, &elsewhere).status, 421, "{elsewhere}");
        assert_eq!(ask("localhost", &elsewhere).status, 421, "{elsewhere}");
    }
    assert_eq!(ask(CERTS, &format!("https://x@{CERTS}/whoami")).status, 400);
    let own = format!("https://{CERTS}:{}/whoami", server.tls);
    assert_eq!(ask(CERTS, &own).name(), "alice");
}

/// A session of a host that asks for nothing resumes nowhere else.
#[test]
fn sessions_stay_with_their_host() {
    if !have(&["openssl"]) {
        return;
    }
    let server = Server::start();
    for version in ["-tls1_2", "-tls1_3"] {
        let file = server.path(&format!("session{version}"));
        let (_, answer) = ask_once(
            &server,
            "alice",
            "localhost",
            &[version, "-sess_out", &file],
        );
        assert_eq!(answer.status, 307);
        let (resumed, answer) = ask_once(&server, "alice", CERTS, &[version, "-sess_in", &file]);
        assert!(!resumed);
        assert_eq!(answer.name(), "alice");
    }
}

/// S8: nginx answers nobody itself, so that whoever is refused learns why.
#[test]
fn certificates_come_through_nginx() {
    if !have(&["curl", "nginx"]) {
        return;
    }
    let server = Server::behind("127.0.0.1");
    let nginx = Nginx::start(&server);
    let url = format!("https://{CERTS}:{}/whoami", nginx.port);
    let ask = |client, more: &[&str]| curl(&server, client, &url, more).unwrap();
    let alice = ask(Some("alice"), &[]);
    assert_eq!(alice.name(), "alice");
    assert_eq!(alice.body["provenance"], "forwarded");
    assert_eq!(ask(Some("pinned"), &[]).name(), "pinned");
    assert_eq!(ask(None, &[]).denied(), ("no-certificate", None));
    for (client, rule) in [
        ("expired", EXPIRED),
        ("wrong-eku", WRONG_USAGE),
        ("self-signed", NOT_PINNED),
    ] {
        let denied = ask(Some(client), &[]);
        assert_eq!(denied.denied(), ("chain-invalid", Some(rule)), "{client}");
        let post = ask(Some(client), &["--data", "something"]);
        assert_eq!(post.denied(), denied.denied());
    }
    server.revoke_and_wait("bob");
    let bob = ask(Some("bob"), &[]);
    assert_eq!(bob.denied(), ("chain-invalid", Some(REVOKED)));

    // What a client says of itself is overwritten, and so is the secret.
    let certificate = format!("ssl-client-cert: {}", escaped_leaf(&server, "alice"));
    let forged = ["--header", &certificate];
    let guessed = ["--header", "x-proxy-secret: guessed"];
    let forged_twice = [&forged[..], &guessed].concat();
    for forged in [&forged[..], &forged_twice] {
        assert_eq!(ask(None, forged).denied(), ("no-certificate", None));
        assert_eq!(ask(Some("bob"), forged).denied(), bob.denied());
    }
    assert_eq!(ask(Some("alice"), &guessed).name(), "alice");
    // Where it comes in the handshake it counts for nothing.
    let direct = |client, more: &[&str]| curl(&server, client, &server.url(CERTS), more).unwrap();
    assert_eq!(direct(None, &forged).denied(), ("no-certificate", None));
}

/// S7: at the proxy's address there are other programs.
#[test]
fn the_proxy_is_known_by_its_secret() {
    if !have(&["curl"]) {
        return;
    }
    let server = Server::behind("127.0.0.1");
    let plain = format!("http://{CERTS}:{}/whoami", server.plain);
    let certificate = format!("ssl-client-cert: {}", escaped_leaf(&server, "alice"));
    let (https, secret) = (
        "x-forwarded-proto: https",
        format!("X-Proxy-Secret: {SECRET}"),
    );
    let said = |lines: &[&str]| {
        let headers: Vec<_> = lines.iter().flat_map(|line| ["--header", line]).collect();
        curl(&server, None, &plain, &headers).unwrap()
    };
    assert_eq!(said(&[&certificate, https, &secret]).name(), "alice");
    let code = |lines: &[&str]| said(lines).denied().0.to_owned();
    assert_eq!(code(&[&certificate, https]), "header-not-trusted");
    let wrong = secret.replace('0', "1");
    assert_eq!(code(&[&certificate, https, &wrong]), "header-not-trusted");
    let twice = [&certificate, https, &secret, &secret];
    assert_eq!(code(&twice), "unreadable");
    assert_eq!(code(&[&certificate, &secret]), "not-https");
    // Nor is anything else believed of a stranger.
    assert_eq!(code(&[https]), "not-https");
    assert_eq!(code(&[https, &secret]), "no-certificate");
    // S4: of two schemes neither counts.
    let http = "x-forwarded-proto: http";
    for [one, other] in [[https, http], [http, https], [https, https]] {
        let twice = [&certificate, &secret, one, other];
        assert_eq!(code(&twice), "unreadable");
    }
}

/// S7: there is no trusting a mere address.
#[test]
fn a_proxy_without_a_secret_is_not_trusted() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mtls-no-secret");
    let file = folder.with_extension("secret");
    fs::write(&file, "short\n").unwrap();
    let file = file.to_str().unwrap();
    for (more, text) in [
        (&[][..], "needs --proxy-secret"),
        (&["--proxy-secret", file], "32 characters or more"),
        (&["--proxy-secret", "/there/is/none"], "/there/is/none"),
    ] {
        let options = [&["--trust-proxy", "127.0.0.1"], more].concat();
        let ended = Server::command(&folder, &options).output().unwrap();
        assert!(!ended.status.success());
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(said.contains(text), "{said}");
        assert!(!folder.exists());
    }
}

#[test]
fn a_proxy_is_trusted_by_its_address() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mtls-no-address");
    let options = ["--trust-proxy", "localhost"];
    let ended = Server::command(&folder, &options).output().unwrap();
    assert!(!ended.status.success());
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("--trust-proxy: "), "{said}");
    assert!(!folder.exists());
}

/// S6: a proxy is trusted however its address is written, and whatever the socket calls it.
#[test]
fn a_proxy_has_one_address() {
    if !have(&["curl"]) {
        return;
    }
    let mut ways = vec![["127.0.0.1:0", "::ffff:127.0.0.1"]];
    // A socket for IPv6 takes IPv4 too, but not everywhere is there IPv6.
    if TcpListener::bind("[::1]:0").is_ok() {
        ways.push(["[::]:0", "127.0.0.1"]);
    }
    for [plain, proxy] in ways {
        let server = Server::behind_with(proxy, &["--plain", plain]);
        let url = format!("http://{CERTS}:{}/whoami", server.plain);
        let certificate = format!("ssl-client-cert: {}", escaped_leaf(&server, "alice"));
        let secret = format!("X-Proxy-Secret: {SECRET}");
        let lines = [&certificate, &secret, "x-forwarded-proto: https"];
        let lines: Vec<_> = lines.iter().flat_map(|line| ["--header", line]).collect();
        let said = || curl(&server, None, &url, &lines).unwrap();
        assert_eq!(said().name(), "alice", "{plain} {proxy}");
    }
}

/// The certificate of this client as nginx forwards it.
fn escaped_leaf(server: &Server, client: &str) -> String {
    let pem = fs::read_to_string(server.path(&format!("{client}.pem"))).unwrap();
    let end = "-----END CERTIFICATE-----\n";
    let leaf = format!("{}{end}", pem.split(end).next().unwrap());
    let escaped = leaf
        .replace(' ', "%20")
        .replace('\n', "%0A")
        .replace('+', "%2B");
    escaped.replace('/', "%2F").replace('=', "%3D")
}

#[test]
fn strangers_forward_nothing() {
    if !have(&["curl"]) {
        return;
    }
    // A program on the machine of the server is a stranger too, unless it is said not to be.
    for server in [Server::behind("192.0.2.1"), Server::start()] {
        let plain = format!("http://{CERTS}:{}/whoami", server.plain);
        let certificate = format!("ssl-client-cert: {}", escaped_leaf(&server, "alice"));
        let secret = format!("x-proxy-secret: {SECRET}");
        let headers = [&certificate, &secret, "x-forwarded-proto: https"];
        let headers: Vec<_> = headers.iter().flat_map(|line| ["--header", line]).collect();
        let said = curl(&server, None, &plain, &headers).unwrap();
        assert_eq!(said.denied().0, "header-not-trusted");
    }
}

#[test]
fn who_says_nothing_is_cut_off() {
    let server = Server::start();
    let mut silent = TcpStream::connect(("127.0.0.1", server.tls)).unwrap();
    silent.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(silent.read(&mut [0]).unwrap(), 0);
    server.counts("mtls_handshakes_total{outcome=\"timeout\"}", 1);
}

/// Who keeps all connections that it gets keeps out nobody at another address, and the server has
/// its lists.
#[test]
fn one_address_does_not_take_all_the_room() {
    if !have(&["curl"]) {
        return;
    }
    let server = Server::start();
    assert_eq!(server.ask("alice").name(), "alice");
    let connect = |port| TcpStream::connect(("127.0.0.1", port)).unwrap();
    // Only the one that asks.
    server.counts("mtls_connections_open", 1);
    let greedy: Vec<_> = (0..128).map(|_| connect(server.tls)).collect();
    server.counts("mtls_connections_turned_away_total", 128 - 64);
    let elsewhere = ["--interface", "127.0.0.2"];
    let alice = curl(&server, Some("alice"), &server.url(CERTS), &elsewhere);
    assert_eq!(alice.unwrap().name(), "alice");
    drop(greedy);
    let alice = || curl(&server, Some("alice"), &server.url(CERTS), &[]).ok();
    assert_eq!(until("room", alice).name(), "alice");
}

/// Nobody is an authority whose keys somebody else has laid out.
#[test]
fn keys_are_written_to_a_new_folder_alone() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mtls-laid-out");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let ended = Server::command(&folder, &[]).output().unwrap();
    assert!(!ended.status.success());
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(
        said.contains("mtls-laid-out") && said.contains("no file `seed`"),
        "{said}"
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn it_ends_when_it_is_told_to() {
    let closes = Server::start().end(|process| drop(process.stdin.take()));
    assert!(closes.success());
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_terminated() {
    let terminated = Server::start().end(|process| {
        let id = process.id().to_string();
        let kill = Command::new("kill").args(["-TERM", &id]).status();
        assert!(kill.unwrap().success());
    });
    assert!(terminated.success());
}

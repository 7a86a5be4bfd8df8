//! Clients that others wrote: curl, `openssl s_client`, and nginx in between.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::server::{SECRET, Server, until};

/// Are these commands there? Where they are not, a test passes and says that it was skipped.
pub fn have(commands: &[&str]) -> bool {
    for command in commands {
        let version = if *command == "nginx" { "-v" } else { "version" };
        let version = if *command == "curl" {
            "--version"
        } else {
            version
        };
        let found = Command::new(command).arg(version).output();
        // Those that use the TLS of Windows or macOS read no PEM.
        let usable = found.is_ok_and(|found| {
            let said = String::from_utf8_lossy(&found.stdout);
            *command != "curl" || said.contains("SSL/") || said.contains("GnuTLS")
        });
        if !usable {
            // Past the harness, which shows nothing that passing tests print.
            let word = format!("SKIPPED: there is no {command} to test with\n");
            let _ = std::io::stderr().write_all(word.as_bytes());
            return false;
        }
    }
    true
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    fn parse(status: u16, body: &[u8]) -> Self {
        let body = serde_json::from_slice(body).unwrap_or(Value::Null);
        Self { status, body }
    }

    /// The name of the client that was let in.
    #[track_caller]
    pub fn name(&self) -> &str {
        assert_eq!(self.status, 200, "{self:?}");
        self.body["name"].as_str().unwrap()
    }

    /// Why it was not let in: the word, and the number of the rule.
    #[track_caller]
    pub fn denied(&self) -> (&str, Option<u64>) {
        assert_eq!(self.status, 403, "{self:?}");
        assert!(!self.body["reason"].as_str().unwrap().is_empty());
        let rule = self.body["rule"]["number"].as_u64();
        (self.body["error"].as_str().unwrap(), rule)
    }
}

/// Asks by curl, as this client if there is one. An error is what curl says when no answer came.
pub fn curl(
    server: &Server,
    client: Option<&str>,
    url: &str,
    more: &[&str],
) -> Result<Answer, String> {
    let mut curl = Command::new("curl");
    curl.args([
        "--silent",
        "--show-error",
        "--max-time",
        "20",
        "--noproxy",
        "*",
    ])
    .args(["--resolve", &format!("*:{}:127.0.0.1", port_of(url))])
    .args(["--cacert", &server.path("root.pem")])
    .args(["--write-out", "\n%{http_code}"]);
    if let Some(name) = client {
        curl.args(["--cert", &server.path(&format!("{name}.pem"))])
            .args(["--key", &server.path(&format!("{name}.key"))]);
    }
    let run = curl.args(more).arg(url).output().unwrap();
    if !run.status.success() {
        return Err(String::from_utf8(run.stderr).unwrap());
    }
    let text = String::from_utf8(run.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    Ok(Answer::parse(status.parse().unwrap(), body.as_bytes()))
}

fn port_of(url: &str) -> &str {
    let rest = url.split("://").nth(1).unwrap();
    let authority = rest.split('/').next().unwrap();
    authority.rsplit_once(':').unwrap().1
}

/// `openssl s_client` with the certificate of this client.
fn s_client(server: &Server, client: &str, host: &str, more: &[&str]) -> Command {
    let mut command = nobody(server, host);
    command
        .args(["-cert", &server.path(&format!("{client}.pem"))])
        .args(["-key", &server.path(&format!("{client}.key"))])
        .args(["-cert_chain", &server.path("ca.pem")])
        .args(more);
    command
}

/// `openssl s_client` without a certificate.
fn nobody(server: &Server, host: &str) -> Command {
    let mut command = Command::new("openssl");
    command
        .args(["s_client", "-connect", &format!("127.0.0.1:{}", server.tls)])
        .args(["-servername", host, "-CAfile", &server.path("root.pem")])
        .args(["-verify_return_error"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// The alert with which a server ends the handshake of a client, if it has a certificate or not.
pub fn alert(server: &Server, client: Option<&str>, host: &str, version: &str) -> String {
    let mut command = match client {
        Some(client) => s_client(server, client, host, &[version]),
        None => {
            let mut command = nobody(server, host);
            command.arg(version);
            command
        }
    };
    // In TLS 1.3 the client has finished before the server has seen its certificate: it reads until
    // the end.
    let ended = command
        .arg("-ign_eof")
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output();
    let said = String::from_utf8(ended.unwrap().stderr).unwrap();
    let alert = said
        .split(" alert ")
        .nth(1)
        .unwrap_or_else(|| panic!("{said}"));
    alert.split(':').next().unwrap().to_owned()
}

/// One request on a connection of its own; whether its session was resumed, and the answer.
pub fn ask_once(server: &Server, client: &str, host: &str, more: &[&str]) -> (bool, Answer) {
    ask_path(server, client, host, "/whoami", more)
}

/// As [`ask_once`], for something else.
pub fn ask_path(
    server: &Server,
    client: &str,
    host: &str,
    path: &str,
    more: &[&str],
) -> (bool, Answer) {
    let mut process = s_client(server, client, host, more)
        .arg("-ign_eof")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let mut input = process.stdin.take().unwrap();
    input.write_all(request.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap().stdout;
    let text = String::from_utf8_lossy(&output);
    let answer = text
        .split("HTTP/1.1 ")
        .nth(1)
        .unwrap_or_else(|| panic!("{text}"));
    let status = answer[..3].parse().unwrap();
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    // What s_client says of itself comes behind.
    let body = body.split_inclusive('\n').next().unwrap();
    let resumed = text.lines().any(|line| line.starts_with("Reused, "));
    (resumed, Answer::parse(status, body.as_bytes()))
}

/// A connection that stays open.
pub struct Connection {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    host: String,
}

impl Connection {
    pub fn open(server: &Server, client: &str, host: &str) -> Self {
        let mut process = s_client(server, client, host, &["-quiet"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()),
            process,
            host: host.to_owned(),
        }
    }

    pub fn ask(&mut self) -> Answer {
        let request = format!("GET /whoami HTTP/1.1\r\nHost: {}\r\n\r\n", self.host);
        self.input.write_all(request.as_bytes()).unwrap();
        let mut line = || {
            let mut line = String::new();
            self.output.read_line(&mut line).unwrap();
            assert!(!line.is_empty(), "the connection ended");
            line.trim_end().to_ascii_lowercase()
        };
        let status = line();
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        let mut length = 0;
        loop {
            let field = line();
            match field.strip_prefix("content-length: ") {
                Some(value) => length = value.parse().unwrap(),
                None if field.is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        Answer::parse(status, &body)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// nginx before the plain listener of a server: it takes the handshakes, and forwards the
/// certificates.
pub struct Nginx {
    process: Child,
    pub port: u16,
    folder: PathBuf,
}

impl Nginx {
    pub fn start(server: &Server) -> Self {
        let port = free_port();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("nginx-{port}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("nginx.conf");
        fs::write(&file, configuration(server, port, &folder)).unwrap();
        let process = Command::new("nginx")
            .arg("-p")
            .arg(&folder)
            .arg("-e")
            .arg(folder.join("error.log"))
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .spawn();
        let mut nginx = Self {
            process: process.unwrap(),
            port,
            folder,
        };
        until("nginx", || {
            if nginx.process.try_wait().unwrap().is_some() {
                let log = fs::read_to_string(nginx.folder.join("error.log"));
                panic!("nginx ended: {log:?}");
            }
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The page on proxies, whose first configuration is tried here as it stands there.
const PAGE: &str = include_str!("../../../../src/authentication/forwarded/proxies.md");

/// Block number `n` of those for nginx on the page.
fn block(n: usize) -> &'static str {
    let block = PAGE.split("```nginx\n").nth(n + 1).unwrap();
    block.split("```").next().unwrap()
}

/// What the page says, with the files, the ports and the secret of this test.
fn configuration(server: &Server, port: u16, folder: &Path) -> String {
    let temporary = folder.display().to_string();
    let include = format!("{temporary}/proxy-secret.conf");
    fs::write(&include, replaced(block(1), &[("SECRET", SECRET)])).unwrap();
    let site = replaced(
        block(0),
        &[
            ("listen 443", &format!("listen 127.0.0.1:{port}")),
            ("/etc/nginx/site.pem", &server.path("server.pem")),
            ("/etc/nginx/site.key", &server.path("server.key")),
            ("/etc/nginx/proxy-secret.conf", &include),
            ("127.0.0.1:8080", &format!("127.0.0.1:{}", server.plain)),
        ],
    );
    format!(
        "daemon off;
master_process off;
pid {temporary}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {temporary}/body;
  proxy_temp_path {temporary}/proxy;
  fastcgi_temp_path {temporary}/fastcgi;
  uwsgi_temp_path {temporary}/uwsgi;
  scgi_temp_path {temporary}/scgi;
  {site}
}}
"
    )
}

/// The text with all of these, each of which is there, in place of what the page has.
fn replaced(text: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old:?} is not in:\n{text}");
        text.replace(old, new)
    })
}

/// A port that nobody listens on now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

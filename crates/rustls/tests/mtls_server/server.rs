//! The example server as a process, ended when its value is dropped, and that is on a panic too.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long something may take that takes a moment.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What a proxy that is trusted sends.
pub const SECRET: &str = "0f8d2b7a6c5e4d3c2b1a0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c";

/// A running server with an authority of its own.
pub struct Server {
    process: Child,
    pub tls: u16,
    pub plain: u16,
    folder: PathBuf,
}

impl Server {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(more: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mtls-server-{number}"));
        let _ = fs::remove_dir_all(&folder);
        let process = Self::command(&folder, more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = process
            .expect("run `cargo build -p portcullis-rustls --examples` before this test alone");
        let output = process.stdout.take().unwrap();
        let first = BufReader::new(output).lines().next().unwrap().unwrap();
        let port = |name: &str| {
            let address = first.split(' ').find_map(|word| word.strip_prefix(name));
            let port = address.unwrap().rsplit_once(':').unwrap().1;
            port.parse().unwrap()
        };
        Self {
            tls: port("tls="),
            plain: port("plain="),
            process,
            folder,
        }
    }

    /// A server that trusts this proxy, if it sends the secret.
    pub fn behind(proxy: &str) -> Self {
        Self::behind_with(proxy, &[])
    }

    /// As [`Server::behind`], with more options.
    pub fn behind_with(proxy: &str, more: &[&str]) -> Self {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mtls-secret-{proxy}"));
        fs::write(&file, format!("{SECRET}\n")).unwrap();
        let secret = file.to_str().unwrap();
        let options = ["--trust-proxy", proxy, "--proxy-secret", secret];
        Self::start_with(&[&options, more].concat())
    }

    /// A server whose authority is in this folder, or is made there.
    pub fn command(folder: &Path, more: &[&str]) -> Command {
        let mut command = Command::new(example());
        command
            .args(["--tls", "127.0.0.1:0", "--plain", "127.0.0.1:0"])
            .args(["--refresh", "1", "--until-stdin-closes", "--pki"])
            .arg(folder)
            .args(more);
        command
    }

    /// A file of its authority.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    pub fn revoke(&self, name: &str) {
        let revoked = OpenOptions::new()
            .append(true)
            .open(self.path("revoked.txt"));
        writeln!(revoked.unwrap(), "{name}").unwrap();
    }

    /// What it counts under this name.
    pub fn metric(&self, name: &str) -> u64 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.plain)).unwrap();
        let request = "GET /metrics HTTP/1.1\r\nHost: metrics\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        value.map_or(0, |value| value.trim().parse().unwrap())
    }

    /// Waits until it counts so many under this name: it counts after it has spoken.
    #[track_caller]
    pub fn counts(&self, name: &str, expected: u64) {
        until(name, || (self.metric(name) == expected).then_some(()));
    }

    /// Ends it in this way and waits; how it ended.
    pub fn end(mut self, how: impl FnOnce(&mut Child)) -> ExitStatus {
        how(&mut self.process);
        let ended = until("the end of the server", || self.process.try_wait().unwrap());
        assert!(TcpStream::connect(("127.0.0.1", self.tls)).is_err());
        ended
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Examples stand beside the folder that test binaries stand in.
fn example() -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let path = profile.join("examples").join("mtls_server");
    path.with_extension(env::consts::EXE_EXTENSION)
}

/// Asks again and again until there is an answer.
#[track_caller]
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    let mut ask = ask;
    while start.elapsed() < PATIENCE {
        if let Some(answer) = ask() {
            return answer;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("waited in vain for: {what}");
}

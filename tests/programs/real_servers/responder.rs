//! `openssl ocsp` as a responder. It ends when it is dropped, also on a panic.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portcullis_testkit::web::is_of_web;

use super::pki::{Pki, Serial, Standing};

/// A running responder.
pub struct Responder {
    process: Child,
    port: u16,
}

/// How long a responder may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

impl Responder {
    /// Answers for the authority, signing by it.
    pub fn start(pki: &Pki, serial: Serial, standing: Standing) -> Self {
        Self::signing_as(pki, "ca", serial, standing, &[])
    }

    /// Answers for the authority, with this signer and these further arguments.
    pub fn signing_as(
        pki: &Pki,
        signer: &str,
        serial: Serial,
        standing: Standing,
        more: &[&str],
    ) -> Self {
        // Someone else may take a port between its choice and its use; another responder of these
        // tests does not.
        static STARTING: Mutex<()> = Mutex::new(());
        let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..5 {
            let port = free_port();
            let index = pki.index(&format!("responder-{port}"), serial, standing);
            let process = Command::new("openssl")
                .args(["ocsp", "-ignore_err", "-port", &port.to_string(), "-index"])
                .arg(index)
                .arg("-CA")
                .arg(pki.path("ca.pem"))
                .arg("-rsigner")
                .arg(pki.path(&format!("{signer}.pem")))
                .arg("-rkey")
                .arg(pki.path(&format!("{signer}.key")))
                .args(more)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            let mut responder = Self {
                process: process.unwrap(),
                port,
            };
            if responder.is_up() {
                return responder;
            }
        }
        panic!("openssl ocsp does not start");
    }

    fn is_up(&mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.process.try_wait().unwrap().is_some() {
                return false;
            }
            if answers(self.port) == Some(true) {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Does it answer a request of no meaning? A connection without any request would keep it busy for
/// ever.
fn answers(port: u16) -> Option<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(b"GET /AA== HTTP/1.0\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(answer.starts_with(b"HTTP/1") && !is_of_web(&answer))
}

/// A port that nobody listens on now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

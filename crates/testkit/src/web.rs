//! An HTTP server that answers each path as it was told to, and remembers what was asked.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What stands at a path.
#[derive(Clone)]
pub enum Page {
    Body(Vec<u8>),
    Status(u16),
    /// A redirect with this status.
    Moved(u16, String),
    /// Takes the request and says nothing.
    Silent,
    /// One octet after the other, each a moment later, for ever.
    Drip,
    /// As fast as it can, for ever.
    Endless,
}

/// A server on a port of its own on loopback. Its threads end with the process.
pub struct WebServer {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    pages: HashMap<String, Page>,
    asked: Vec<String>,
}

impl WebServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { port, state }
    }

    /// Puts something at a path and returns its URL.
    pub fn put(&self, path: &str, page: Page) -> String {
        let mut state = self.state.lock().unwrap();
        state.pages.insert(path.to_owned(), page);
        self.url(path)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What has been asked since this was last called, as `GET /path`.
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }
}

/// Does an answer come from one of these servers?
pub fn is_of_web(answer: &[u8]) -> bool {
    answer.windows(MARK.len()).any(|window| window == MARK)
}

/// A field of all answers.
const MARK: &[u8] = b"Server: web of tests\r\n";

fn serve(mut stream: TcpStream, state: &Mutex<State>) -> Option<()> {
    let head = read_request(&mut stream)?;
    let mut words = head.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    let page = {
        let mut state = state.lock().unwrap();
        state.asked.push(format!("{method} {path}"));
        let page = state.pages.get(path).cloned();
        page.unwrap_or(Page::Status(404))
    };
    answer(&mut stream, page).ok()
}

/// The head of a request. Its body is read too: to close the connection before could take the
/// answer along.
fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut octet = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut octet).ok()?;
        request.push(octet[0]);
    }
    let head = String::from_utf8(request).ok()?.to_ascii_lowercase();
    let length = head.lines().find_map(|l| l.strip_prefix("content-length:"));
    let length = length.map_or(0, |length| length.trim().parse().unwrap());
    stream.read_exact(&mut vec![0; length]).ok()?;
    // Methods are shown as they are written, paths here have no capitals.
    Some(head.replacen("get", "GET", 1).replacen("post", "POST", 1))
}

fn answer(stream: &mut TcpStream, page: Page) -> std::io::Result<()> {
    let mut head = |status: u16, more: &str| {
        stream.write_all(format!("HTTP/1.1 {status} It\r\n{more}").as_bytes())?;
        stream.write_all(MARK)?;
        stream.write_all(b"Connection: close\r\n\r\n")
    };
    let length = |length: usize| format!("Content-Length: {length}\r\n");
    match page {
        Page::Body(body) => {
            head(200, &length(body.len()))?;
            stream.write_all(&body)
        }
        Page::Status(status) => head(status, &length(0)),
        Page::Moved(status, to) => head(status, &format!("Location: {to}\r\n{}", length(0))),
        Page::Silent => {
            // Until the client goes away.
            let _ = stream.read(&mut [0]);
            Ok(())
        }
        Page::Drip => {
            head(200, "")?;
            loop {
                stream.write_all(&[0x30])?;
                thread::sleep(Duration::from_millis(20));
            }
        }
        Page::Endless => {
            head(200, "")?;
            loop {
                stream.write_all(&[0x30; 4096])?;
            }
        }
    }
}

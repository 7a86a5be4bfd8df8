//! A store in Redis. It speaks as much of the protocol RESP2 as `GET` and `SET` need, over a few
//! connections that stay open.
//!
//! A slow Redis must not slow down the server. A command has one deadline from beginning to end. If
//! all connections are in use, the command fails at once. After a failure no command is sent for a
//! second.
//!
//! Copy this file, or send the same two commands with your Redis client:
//! `GET portcullis:NAME` and `SET portcullis:NAME VALUE EX SECONDS`.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portcullis::cache::{MAX_SEALED, SharedStore};

/// The most octets of a line of the protocol.
const MAX_LINE: u64 = 1024;

/// The most connections.
const CONNECTIONS: usize = 8;

/// How long no command is sent after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// A Redis server.
pub struct Redis {
    address: SocketAddr,
    /// How long a command may take, from connecting to the last octet. After that the server
    /// validates the client itself.
    time_limit: Duration,
    connections: [Mutex<Option<Connection>>; CONNECTIONS],
    down_until: Mutex<Option<Instant>>,
}

/// Why a command failed.
#[derive(Debug)]
pub enum RedisError {
    /// The connection failed, or the time was over.
    Io(io::Error),
    /// Redis answered with an error.
    Refused(String),
    /// The answer does not follow the protocol, or is longer than any verdict.
    Protocol,
    /// Every connection is in use.
    Busy,
    /// A command failed less than a second ago.
    Down,
}

impl fmt::Display for RedisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Refused(text) => write!(f, "Redis says: {text}"),
            Self::Protocol => f.write_str("the answer does not follow the protocol of Redis"),
            Self::Busy => f.write_str("every connection to Redis is in use"),
            Self::Down => f.write_str("Redis failed less than a second ago"),
        }
    }
}

impl std::error::Error for RedisError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for RedisError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Redis {
    /// Connects with the first command.
    pub fn new(address: SocketAddr, time_limit: Duration) -> Self {
        Self {
            address,
            time_limit,
            connections: [const { Mutex::new(None) }; CONNECTIONS],
            down_until: Mutex::new(None),
        }
    }

    /// Sends a command and reads its answer: text, or nothing.
    pub fn command(&self, words: &[&[u8]]) -> Result<Option<Vec<u8>>, RedisError> {
        let now = Instant::now();
        if self.down_until().is_some_and(|until| now < until) {
            return Err(RedisError::Down);
        }
        let mut free = self.connections.iter();
        let free = free.find_map(|connection| connection.try_lock().ok());
        let answer = self.ask(
            &mut *free.ok_or(RedisError::Busy)?,
            words,
            now + self.time_limit,
        );
        if matches!(answer, Err(RedisError::Io(_))) {
            *self.down_until() = Some(Instant::now() + PAUSE);
        }
        answer
    }

    fn ask(
        &self,
        kept: &mut Option<Connection>,
        words: &[&[u8]],
        deadline: Instant,
    ) -> Result<Option<Vec<u8>>, RedisError> {
        if let Some(mut connection) = kept.take() {
            connection.get_mut().deadline = deadline;
            match ask(&mut connection, words) {
                // Redis may have closed the connection: open another.
                Err(RedisError::Io(error)) if was_closed(&error) => {}
                answer => return keep(kept, connection, answer),
            }
        }
        let mut connection = self.connect(deadline)?;
        let answer = ask(&mut connection, words);
        keep(kept, connection, answer)
    }

    fn connect(&self, deadline: Instant) -> Result<Connection, RedisError> {
        let stream = TcpStream::connect_timeout(&self.address, left(deadline)?)?;
        stream.set_nodelay(true)?;
        Ok(BufReader::new(Timed { stream, deadline }))
    }

    fn down_until(&self) -> MutexGuard<'_, Option<Instant>> {
        let until = self.down_until.lock();
        until.unwrap_or_else(PoisonError::into_inner)
    }
}

type Connection = BufReader<Timed>;

/// A stream with one deadline for all reads and writes together.
struct Timed {
    stream: TcpStream,
    deadline: Instant,
}

impl Read for Timed {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(left(self.deadline)?))?;
        self.stream.read(octets)
    }
}

impl Write for Timed {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(left(self.deadline)?))?;
        self.stream.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    match left.is_zero() {
        true => Err(io::ErrorKind::TimedOut.into()),
        false => Ok(left),
    }
}

impl SharedStore for Redis {
    type Error = RedisError;

    fn get(&self, name: &[u8; 32]) -> Result<Option<Vec<u8>>, RedisError> {
        self.command(&[b"GET", &key(name)])
    }

    fn put(&self, name: &[u8; 32], value: &[u8], seconds: u32) -> Result<(), RedisError> {
        let seconds = seconds.to_string();
        self.command(&[b"SET", &key(name), value, b"EX", seconds.as_bytes()])?;
        Ok(())
    }
}

/// The key in Redis: a prefix that says whose it is, and the name, which tells nothing about the
/// client.
pub fn key(name: &[u8; 32]) -> Vec<u8> {
    [b"portcullis:".as_slice(), name].concat()
}

fn was_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}

/// Keeps the connection if the answer was read to its end.
fn keep<T>(
    kept: &mut Option<Connection>,
    connection: Connection,
    answer: Result<T, RedisError>,
) -> Result<T, RedisError> {
    if matches!(answer, Ok(_) | Err(RedisError::Refused(_))) {
        *kept = Some(connection);
    }
    answer
}

fn ask(connection: &mut Connection, words: &[&[u8]]) -> Result<Option<Vec<u8>>, RedisError> {
    let mut sent = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        sent.extend(format!("${}\r\n", word.len()).bytes());
        sent.extend_from_slice(word);
        sent.extend(b"\r\n");
    }
    connection.get_mut().write_all(&sent)?;
    let line = line(connection)?;
    let (kind, rest) = line.split_at_checked(1).ok_or(RedisError::Protocol)?;
    match kind {
        "+" | ":" => Ok(Some(rest.as_bytes().to_vec())),
        "-" => Err(RedisError::Refused(rest.into())),
        "$" if rest == "-1" => Ok(None),
        "$" => text(connection, rest.parse().map_err(|_| RedisError::Protocol)?).map(Some),
        _ => Err(RedisError::Protocol),
    }
}

fn line(connection: &mut Connection) -> Result<String, RedisError> {
    let mut line = String::new();
    connection.take(MAX_LINE).read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(line) => Ok(line.into()),
        None if line.is_empty() => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        None => Err(RedisError::Protocol),
    }
}

fn text(connection: &mut Connection, length: usize) -> Result<Vec<u8>, RedisError> {
    if length > MAX_SEALED {
        return Err(RedisError::Protocol);
    }
    let mut text = vec![0; length + 2];
    connection.read_exact(&mut text)?;
    match text.strip_suffix(b"\r\n") {
        Some(text) => Ok(text.to_vec()),
        None => Err(RedisError::Protocol),
    }
}

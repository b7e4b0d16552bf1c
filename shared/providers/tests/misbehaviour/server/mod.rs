//! A server that misbehaves: raw TCP on the loopback address, one [`Shape`] of misbehaviour each.
//!
//! A shape is what the server does with one request: wrong statuses, wrong bytes, silence in the
//! wrong place. Where a shape needs a right answer to spoil, the test gives it one. Every
//! conversation ends after [`LIFETIME`].

mod drift;
mod list;
mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

pub(crate) use list::SHAPES;

/// The longest that one connection is served.
pub(crate) const LIFETIME: Duration = Duration::from_secs(20);
/// Longest request that is read, in bytes.
const REQUEST_MAX: usize = 1 << 20;

/// The shape whose port nobody listens on.
const REFUSED: &str = "connection_refused";
const RESET_AT_ONCE: &str = "reset_before_the_request";
const CLOSED_AT_ONCE: &str = "closed_before_the_request";
const ANSWERS_FIRST: &str = "answers_before_the_request";

/// What is done before a request is read.
fn before_request(name: &str) -> Vec<Step> {
    match name {
        RESET_AT_ONCE => vec![Step::Reset],
        CLOSED_AT_ONCE => vec![Step::Close],
        ANSWERS_FIRST => vec![Step::Send(wire::respond("200 OK", &[wire::JSON], b"{}"))],
        _ => Vec::new(),
    }
}

/// What a careful client makes of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// It is harmless: the answer is read as if nothing were wrong.
    Works,
    /// A failure, or what is right about the answer: a part that nobody reads may be nonsense.
    FailsOrEmpty,
    /// A failure.
    Fails,
}

/// A way to misbehave.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// As in `reset_in_body`.
    pub(crate) name: &'static str,
    /// What a careful client makes of it.
    pub(crate) expected: Expected,
    script: fn(&Exchange) -> Vec<Step>,
}

const fn shape(
    name: &'static str,
    expected: Expected,
    script: fn(&Exchange) -> Vec<Step>,
) -> Shape {
    Shape {
        name,
        expected,
        script,
    }
}

impl std::fmt::Debug for Shape {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

/// A request, and what is needed to answer it wrongly.
struct Exchange {
    /// The request as it came.
    request: Vec<u8>,
    /// A right answer's body.
    healthy: Arc<Value>,
    /// A server that nobody should be led to.
    elsewhere: SocketAddr,
}

/// What is done on a connection after the request was read.
enum Step {
    /// Bytes are sent.
    Send(Vec<u8>),
    /// Bytes are sent so many times, with a pause after each.
    Again(Vec<u8>, usize, Duration),
    /// Nothing, until the client goes away.
    Hang,
    /// The connection is reset.
    Reset,
    /// The connection is closed.
    Close,
}

#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    elsewhere: AtomicU64,
}

/// A running server. It stops when it is dropped.
pub(crate) struct Misbehaviour {
    address: SocketAddr,
    counts: Arc<Counts>,
    tasks: Vec<JoinHandle<()>>,
}

impl Misbehaviour {
    /// Serves one shape on a free port of 127.0.0.1; `healthy` is what a right answer holds.
    ///
    /// # Errors
    /// When no port can be bound.
    pub(crate) async fn start(shape: Shape, healthy: Value) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let elsewhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, other) = (listener.local_addr()?, elsewhere.local_addr()?);
        let counts = Arc::new(Counts::default());
        let mut tasks = vec![tokio::spawn(count_visits(elsewhere, Arc::clone(&counts)))];
        // Dropping the listener refuses every connection.
        if shape.name != REFUSED {
            let healthy = Arc::new(healthy);
            let serving = serve(listener, shape, healthy, other, Arc::clone(&counts));
            tasks.push(tokio::spawn(serving));
        }
        Ok(Self {
            address,
            counts,
            tasks,
        })
    }

    /// The base address without a final slash, as in `http://127.0.0.1:41234`.
    #[must_use]
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests so far.
    #[must_use]
    pub(crate) fn requests(&self) -> u64 {
        self.counts.requests.load(Ordering::Relaxed)
    }

    /// Connections to the server that redirects point to.
    #[must_use]
    pub(crate) fn visits_elsewhere(&self) -> u64 {
        self.counts.elsewhere.load(Ordering::Relaxed)
    }
}

impl Drop for Misbehaviour {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn count_visits(listener: TcpListener, counts: Arc<Counts>) {
    while listener.accept().await.is_ok() {
        counts.elsewhere.fetch_add(1, Ordering::Relaxed);
    }
}

async fn serve(
    listener: TcpListener,
    shape: Shape,
    healthy: Arc<Value>,
    elsewhere: SocketAddr,
    counts: Arc<Counts>,
) {
    // Dropping the set ends every connection.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let exchange = Exchange {
            request: Vec::new(),
            healthy: Arc::clone(&healthy),
            elsewhere,
        };
        let counts = Arc::clone(&counts);
        connections.spawn(async move {
            let conversation = converse(stream, shape, exchange, &counts);
            // A client that has gone away, or a conversation that has taken too long, is over.
            let _ = tokio::time::timeout(LIFETIME, conversation).await;
        });
    }
}

async fn converse(
    mut stream: TcpStream,
    shape: Shape,
    mut exchange: Exchange,
    counts: &Counts,
) -> io::Result<()> {
    let before = before_request(shape.name);
    if !before.is_empty() && !perform(&mut stream, before).await? {
        return Ok(());
    }
    loop {
        exchange.request = read_request(&mut stream).await?;
        counts.requests.fetch_add(1, Ordering::Relaxed);
        if !perform(&mut stream, (shape.script)(&exchange)).await? {
            return Ok(());
        }
    }
}

/// Whether the connection goes on.
async fn perform(stream: &mut TcpStream, steps: Vec<Step>) -> io::Result<bool> {
    for step in steps {
        match step {
            Step::Send(bytes) => {
                stream.write_all(&bytes).await?;
                stream.flush().await?;
            }
            Step::Again(bytes, times, pause) => {
                for _ in 0..times {
                    stream.write_all(&bytes).await?;
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                }
            }
            Step::Hang => {
                // Ends when the client closes its side, or with the conversation.
                let mut rest = [0; 1024];
                while stream.read(&mut rest).await? > 0 {}
                return Ok(false);
            }
            Step::Reset => {
                stream.set_zero_linger()?;
                return Ok(false);
            }
            Step::Close => {
                stream.shutdown().await?;
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// A request with its whole body, by its `content-length`.
async fn read_request(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        if let Some(length) = full_length(&request)
            && request.len() >= length
        {
            return Ok(request);
        }
        let read = stream.read(&mut buffer).await?;
        if read == 0 || request.len() > REQUEST_MAX {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        request.extend_from_slice(buffer.get(..read).unwrap_or_default());
    }
}

/// Length of a request whose head has come.
fn full_length(request: &[u8]) -> Option<usize> {
    let end = request.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(request.get(..end)?).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|value| value.trim().parse::<usize>().ok());
    Some(end + length.unwrap_or(0))
}

//! A small server of the Lambda Runtime API (AWS Lambda Developer Guide, "Using the Lambda runtime
//! API for custom runtimes"). It hands one event to one process, and says when the first answer came
//! and what it was. Each process has a server of its own, so that nothing that a stopped one has
//! still under way is taken for a word of the next.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::report::Error;

const VERSION: &str = "/2018-06-01/runtime/";
const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000001";
/// What is kept of an answer: enough to see what kind it is.
const BODY_KEPT_BYTES: usize = 2_000;
const HEADERS_MAX: usize = 100;

/// The first that a process said of its event, or of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// When its request line and headers had arrived.
    pub(super) at: Instant,
    /// What it was, as in `ok`, `INVALID_INPUT` or `401`.
    pub(super) what: String,
    /// Whether the process failed before it took an event.
    pub(super) failed_to_start: bool,
}

/// What the connections share.
struct Shared {
    event: String,
    taken: AtomicBool,
    closed: AtomicBool,
}

/// The server.
pub(super) struct RuntimeApi {
    address: SocketAddr,
    shared: Arc<Shared>,
    answers: Receiver<Answer>,
}

impl RuntimeApi {
    /// Listens on a free port of this machine, with one event.
    pub(super) fn start(event: &str) -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            event: event.to_owned(),
            taken: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        });
        let (sender, answers) = channel();
        let of_all = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if of_all.closed.load(Ordering::Acquire) {
                    return;
                }
                let (shared, sender) = (of_all.clone(), sender.clone());
                // A connection that breaks is that of a process that was stopped.
                thread::spawn(move || drop(converse(stream, &shared, &sender)));
            }
        });
        Ok(Self {
            address,
            shared,
            answers,
        })
    }

    /// `host:port`, as in `AWS_LAMBDA_RUNTIME_API`.
    pub(super) fn address(&self) -> String {
        self.address.to_string()
    }

    /// The first answer; `None` when none came in time.
    pub(super) fn answer(&self, patience: Duration) -> Option<Answer> {
        self.answers.recv_timeout(patience).ok()
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
        // Wakes the thread that listens; where that fails it has ended by itself.
        let _ = TcpStream::connect(self.address);
    }
}

/// A request's line and those headers that matter.
#[derive(Debug, Default)]
struct Head {
    post: bool,
    path: String,
    length: usize,
}

fn converse(stream: TcpStream, shared: &Shared, answers: &Sender<Answer>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(head) = read_head(&mut reader)? {
        let at = Instant::now();
        if !head.post {
            if shared.taken.swap(true, Ordering::AcqRel) {
                // Lambda freezes a process that waits for its next event.
                return io::copy(&mut reader, &mut io::sink()).map(drop);
            }
            writer.write_all(next_event(&shared.event).as_bytes())?;
            continue;
        }
        let body = read_body(&mut reader, head.length)?;
        let path = head.path.strip_prefix(VERSION).unwrap_or_default();
        let answer = Answer {
            at,
            what: describe(&body),
            failed_to_start: !path.starts_with("invocation/"),
        };
        // Nobody waits any more when the benchmark has ended.
        let _ = answers.send(answer);
        writer.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")?;
    }
    Ok(())
}

fn next_event(event: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\n\
         Content-Type: application/json\r\n\
         Lambda-Runtime-Aws-Request-Id: {REQUEST_ID}\r\n\
         Lambda-Runtime-Deadline-Ms: 4102444800000\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:bench\r\n\
         Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0\r\n\
         Content-Length: {}\r\n\r\n{event}",
        event.len(),
    )
}

/// `None` where the other side has closed.
fn read_head(reader: &mut impl BufRead) -> io::Result<Option<Head>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let mut head = Head {
        post: words.next() == Some("POST"),
        path: words.next().unwrap_or_default().to_owned(),
        ..Head::default()
    };
    for _ in 0..HEADERS_MAX {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else {
            return Ok(Some(head));
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            head.length = value.parse().unwrap_or(0);
        }
    }
    Err(io::Error::other("more headers than a runtime sends"))
}

fn read_body(reader: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let mut whole = reader.take(u64::try_from(length).unwrap_or(u64::MAX));
    (&mut whole)
        .take(u64::try_from(BODY_KEPT_BYTES).unwrap_or(u64::MAX))
        .read_to_end(&mut body)?;
    io::copy(&mut whole, &mut io::sink())?;
    Ok(body)
}

/// The type of an error, the status of an answer to API Gateway, or `ok`.
fn describe(body: &[u8]) -> String {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    match (answer.get("errorType"), answer.get("statusCode")) {
        (Some(Value::String(kind)), _) => kind.clone(),
        (_, Some(status)) => status.to_string(),
        _ => "ok".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(api: &RuntimeApi, request: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(api.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut text).unwrap(), 0, "{text}");
        }
        (stream, text)
    }

    fn post(path: &str, body: &str) -> String {
        format!(
            "POST {VERSION}{path} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    const PATIENCE: Duration = Duration::from_secs(10);

    #[test]
    fn a_process_takes_its_event_once_and_answers_it() {
        let api = RuntimeApi::start("{\"a\":1}").unwrap();
        let next = format!("GET {VERSION}invocation/next HTTP/1.1\r\n\r\n");
        let (_process, head) = send(&api, &next);
        assert!(head.contains("Content-Length: 7\r\n"), "{head}");
        assert!(
            head.contains(&format!("Lambda-Runtime-Aws-Request-Id: {REQUEST_ID}\r\n")),
            "{head}"
        );
        let before = Instant::now();
        send(
            &api,
            &post(&format!("invocation/{REQUEST_ID}/response"), "{}"),
        );
        let answer = api.answer(PATIENCE).unwrap();
        assert_eq!(
            (answer.what.as_str(), answer.failed_to_start),
            ("ok", false)
        );
        assert!(answer.at >= before && answer.at <= Instant::now());
        let mut again = TcpStream::connect(api.address).unwrap();
        again.write_all(next.as_bytes()).unwrap();
        again
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        assert!(again.read(&mut [0]).is_err(), "a second event");
    }

    #[test]
    fn what_was_answered_is_said() {
        for (path, body, expected) in [
            ("response", "{\"statusCode\":401}", "401"),
            (
                "error",
                "{\"errorType\":\"INVALID_INPUT\"}",
                "INVALID_INPUT",
            ),
        ] {
            let api = RuntimeApi::start("{}").unwrap();
            send(
                &api,
                &post(&format!("invocation/{REQUEST_ID}/{path}"), body),
            );
            assert_eq!(api.answer(PATIENCE).unwrap().what, expected);
        }
        let api = RuntimeApi::start("{}").unwrap();
        send(&api, &post("init/error", "{}"));
        assert!(api.answer(PATIENCE).unwrap().failed_to_start);
    }

    #[test]
    fn silence_is_no_answer_and_a_closed_server_answers_nobody() {
        let api = RuntimeApi::start("{}").unwrap();
        assert_eq!(api.answer(Duration::from_millis(10)), None);
        let address = api.address;
        drop(api);
        // The port is free as soon as the thread has ended.
        let gone = (0..1_000).any(|_| {
            thread::sleep(Duration::from_millis(1));
            TcpListener::bind(address).is_ok()
        });
        assert!(gone);
    }
}

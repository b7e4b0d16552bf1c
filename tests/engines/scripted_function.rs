//! A Lambda function that does as it is told: it hands each payload to the address in
//! `HUNTER_SCRIPT_URL` and answers, fails or dies as the status there says (200: the body is the
//! answer; 400: the body is the error; anything else: the process exits with 1).
//!
//! It speaks the [Runtime API](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) over
//! bare sockets: dozens of it start at once, each a process of its own.

use std::io::{self, Read, Write};
use std::net::TcpStream;

#[expect(
    clippy::disallowed_methods,
    reason = "the Lambda service tells a function its addresses in the environment"
)]
fn setting(name: &str) -> io::Result<String> {
    let missing = |_| io::Error::other(format!("`{name}` is not set"));
    std::env::var(name).map_err(missing)
}

/// An HTTP answer: status, head, body.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut named = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim())
    }
}

/// One request on a connection of its own.
fn http(method: &str, host: &str, path: &str, body: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(host)?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let malformed = || io::Error::other("malformed HTTP answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, rest) = answer.split_at(end.ok_or_else(malformed)?);
    let head = String::from_utf8_lossy(head).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Ok(Answer {
        status: status.ok_or_else(malformed)?,
        body: rest.get(4..).unwrap_or_default().to_vec(),
        head,
    })
}

fn main() -> io::Result<()> {
    let runtime = setting("AWS_LAMBDA_RUNTIME_API")?;
    let script = setting("HUNTER_SCRIPT_URL")?;
    let script = script.trim_start_matches("http://");
    let (host, path) = script.split_once('/').unwrap_or((script, ""));
    loop {
        let next = http("GET", &runtime, "/2018-06-01/runtime/invocation/next", b"")?;
        let Some(id) = next.header("lambda-runtime-aws-request-id") else {
            return Err(io::Error::other(
                "the runtime API gives no more invocations",
            ));
        };
        let told = http("POST", host, &format!("/{path}"), &next.body)?;
        let kind = match told.status {
            200 => "response",
            400 => "error",
            _ => std::process::exit(1),
        };
        let path = format!("/2018-06-01/runtime/invocation/{id}/{kind}");
        http("POST", &runtime, &path, &told.body)?;
    }
}

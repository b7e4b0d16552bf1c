//! `hunter serve` and `hunter token` as their users call them.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStderr, ChildStdout},
};

use serde_json::{Value, json};

use crate::harness::{User, send};

/// A server; killed when a test fails.
struct Serving {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    fn start(user: &User) -> Self {
        let mut child = user.spawn(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--source",
            "sandbox",
            "--town",
            "80",
        ]);
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            stdout,
            stderr,
        }
    }

    /// Reads standard output up to the line that holds `text`.
    fn line_with(&mut self, text: &str) -> String {
        line_with(&mut self.stdout, text)
    }

    fn end(mut self, signal: &str) -> Option<i32> {
        send(&self.child, signal);
        self.child.wait().unwrap().code()
    }
}

fn line_with(output: &mut impl BufRead, text: &str) -> String {
    loop {
        let mut line = String::new();
        let read = output.read_line(&mut line).unwrap();
        assert_ne!(read, 0, "it ended before it said `{text}`");
        if line.contains(text) {
            return line.trim().to_owned();
        }
    }
}

/// What the printed `curl` does.
fn get(url: &str, token: &str) -> (u16, Value) {
    let (address, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "GET /{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

#[test]
fn serve_says_how_to_begin_and_ends_on_ctrl_c() {
    let user = User::new();
    let mut serving = Serving::start(&user);
    let curl = serving.line_with("curl");
    let url = curl.rsplit(' ').next().unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{curl}");

    // A token is made while the server has the folder.
    let token = user.hunter(&["token", "--tenant", "cust_a"]);
    assert_eq!((token.code, token.stderr.as_str()), (0, ""), "{token:?}");
    let (status, body) = get(url, token.stdout.trim());
    assert_eq!(status, 200, "{body}");
    assert_eq!(
        body["balance"],
        json!({ "avail": 99.99, "held": 0, "spent": 0 })
    );
    assert_eq!(get(url, "e30.e30.e30").0, 401);
    // Another command has to wait for its end.
    user.assert_refused(&["runs", "list"], 5, "CONFLICT", "another `hunter`");
    assert_eq!(serving.end("INT"), Some(0));
    assert_eq!(user.json(&["runs", "list"]), json!([]));
}

#[test]
fn a_token_can_wait_for_the_server_which_ends_on_sigterm() {
    let user = User::new();
    let waiting = user.spawn(&["token", "--wait"]);
    let mut serving = Serving::start(&user);
    let curl = serving.line_with("curl");
    let token = waiting.wait_with_output().unwrap();
    assert!(token.status.success(), "{token:?}");
    let token = String::from_utf8(token.stdout).unwrap();
    assert_eq!(get(curl.rsplit(' ').next().unwrap(), token.trim()).0, 200);
    assert_eq!(serving.end("TERM"), Some(0));
}

#[test]
fn a_token_needs_a_folder_and_a_sensible_life() {
    let user = User::new();
    user.assert_refused(&["token"], 4, "NOT_FOUND", "is no folder");
    assert!(!user.data().exists(), "nothing is made");
    for life in ["0s", "31d", "soon", "-1h"] {
        let life = format!("--expires={life}");
        user.assert_refused(&["token", &life], 2, "INVALID_INPUT", "at most 30d");
    }
    user.assert_refused(
        &["token", "--tenant", "a#b"],
        2,
        "INVALID_INPUT",
        "customer_id",
    );
}

#[test]
fn requests_can_be_put_into_the_run_queue_and_bad_ones_are_refused() {
    let user = User::new();
    let request = json!({
        "customer_id": "cust_a", "execution_id": "exec_1", "agent_id": "agent_example",
    });
    let good = user.file("run.json", request.to_string());
    let sent = user.json(&["queue", "send", &good]);
    assert_eq!(sent["execution_id"], "exec_1");
    let bad = user.file("bad.json", "{\"customer_id\": 7}");
    user.assert_refused(&["queue", "send", &bad], 2, "INVALID_INPUT", "customer_id");
    assert_eq!(user.json(&["queue", "dead"]), json!([]));
    assert_eq!(user.json(&["queue", "redrive"]), json!({ "redriven": 0 }));

    // No such customer has an agent: the server finds out and buries it.
    let mut serving = Serving::start(&user);
    serving.line_with("curl");
    line_with(&mut serving.stderr, "buried");
    assert_eq!(serving.end("INT"), Some(0));
    let dead = user.json(&["queue", "dead"]);
    assert_eq!(dead[0]["reason"]["code"], "NOT_FOUND", "{dead:#}");
    assert_eq!(user.json(&["queue", "redrive"]), json!({ "redriven": 1 }));
    assert_eq!(user.json(&["queue", "dead"]), json!([]));
}

//! A server that answers what it is told to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use hunter_providers::contacts::ContactsConfig;

/// An answer: status, headers beside the content type, body.
#[derive(Clone)]
pub(crate) struct Canned {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
}

impl Canned {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

#[derive(Default)]
struct Script {
    /// Answers by a part of the target; the last one of a target stays.
    answers: Vec<(&'static str, VecDeque<Canned>)>,
    seen: Vec<(String, HeaderMap)>,
}

/// The running server; it stops when dropped.
pub(crate) struct Server {
    script: Arc<Mutex<Script>>,
    pub(crate) url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers a target that holds the words with the given answers in turn; 404 in plain text for
    /// any other.
    pub(crate) async fn start(answers: &[(&'static str, &[Canned])]) -> Self {
        let script = Arc::new(Mutex::new(Script {
            answers: answers
                .iter()
                .map(|(part, answers)| (*part, answers.iter().cloned().collect()))
                .collect(),
            seen: Vec::new(),
        }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&script));
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.unwrap();
        });
        Self { script, url, task }
    }

    /// All services at this server.
    pub(crate) fn config(&self) -> ContactsConfig {
        let url = &self.url;
        ContactsConfig::default()
            .with("hunter_io", url)
            .with("rocketreach", url)
            .with("clearbit", url)
            .with("dns", url)
    }

    /// Targets that were asked for, with their headers.
    pub(crate) fn seen(&self) -> Vec<(String, HeaderMap)> {
        self.script.lock().unwrap().seen.clone()
    }

    pub(crate) fn asked(&self, part: &str) -> usize {
        self.seen()
            .iter()
            .filter(|(target, _)| target.contains(part))
            .count()
    }
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let target = request.uri().to_string();
    let mut script = script.lock().unwrap();
    script
        .seen
        .push((target.clone(), request.headers().clone()));
    let found = script
        .answers
        .iter_mut()
        .find(|(part, _)| target.contains(part));
    let canned = match found {
        Some((_, answers)) if answers.len() > 1 => answers.pop_front(),
        Some((_, answers)) => answers.front().cloned(),
        None => None,
    };
    let Some(canned) = canned else {
        return (StatusCode::NOT_FOUND, "no such page").into_response();
    };
    let status = StatusCode::from_u16(canned.status).unwrap();
    let mut response = (status, canned.body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
    for (name, value) in canned.headers {
        headers.insert(name, value.parse().unwrap());
    }
    response
}

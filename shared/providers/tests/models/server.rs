//! A server that gives one answer and keeps what it was asked.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Response},
};

#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: serde_json::Value,
}

pub(crate) struct Server {
    pub(crate) base_url: String,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) async fn start(status: u16, headers: &[(&'static str, &str)], body: String) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let headers: Vec<(&'static str, String)> = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let (kept, given) = (seen.clone(), body);
        let app = Router::new().fallback(move |request: Request| {
            let (kept, given, headers) = (kept.clone(), given.clone(), headers.clone());
            async move {
                let (head, body) = request.into_parts();
                let bytes = to_bytes(body, 1 << 24).await.unwrap();
                kept.lock().unwrap().push(Seen {
                    path: head.uri.to_string(),
                    headers: head.headers,
                    body: serde_json::from_slice(&bytes).unwrap_or_default(),
                });
                let mut response = Response::builder()
                    .status(status)
                    .header("content-type", "application/json");
                for (name, value) in &headers {
                    response = response.header(*name, value);
                }
                response.body(Body::from(given)).unwrap()
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            base_url,
            seen,
            task,
        }
    }
}

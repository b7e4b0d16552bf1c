//! What functions take for AWS: hands every request on to an emulator, but refuses to store the
//! results that a scenario wants lost.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::Response;
use hunter_contracts::RecipeId;
use serde_json::json;

/// The proxy.
#[derive(Clone)]
pub(crate) struct StoreProxy {
    http: reqwest::Client,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    emulator: String,
    /// The sort key of the item that is refused, as it stands in a request.
    refused: Arc<Mutex<Option<String>>>,
}

impl StoreProxy {
    /// Starts in front of an emulator.
    pub(crate) async fn start(emulator: String) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .build()
            .unwrap();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let proxy = Self {
            http,
            address: listener.local_addr().unwrap(),
            emulator,
            refused: Arc::default(),
        };
        let router = Router::new().fallback(pass).with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        proxy
    }

    /// Refuses the result of a recipe for a chunk from now on, or nothing.
    pub(crate) fn refuse(&self, result: Option<(RecipeId, u32)>) {
        // As `hunter_aws` writes the keys of results.
        let key = result.map(|(recipe, chunk)| format!("\"P#{recipe}#c{chunk:04}\""));
        *self.refused.lock().unwrap() = key;
    }

    fn is_refused(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let target = headers.get("x-amz-target");
        let target = target
            .and_then(|target| target.to_str().ok())
            .unwrap_or_default();
        let refused = self.refused.lock().unwrap().clone();
        target.ends_with(".PutItem")
            && refused.is_some_and(|key| String::from_utf8_lossy(body).contains(&key))
    }
}

async fn pass(
    State(proxy): State<StoreProxy>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    if proxy.is_refused(&headers, &body) {
        let kind = "com.amazon.coral.validate#ValidationException";
        let message = "Item size has exceeded the maximum allowed size";
        let error = json!({"__type": kind, "message": message});
        return Response::builder()
            .status(StatusCode::BAD_REQUEST)
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.0")
            .body(Body::from(error.to_string()))
            .unwrap();
    }
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    let request = proxy
        .http
        .request(method, format!("{}{uri}", proxy.emulator))
        .headers(headers)
        .body(body);
    let answer = async {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok::<_, reqwest::Error>((status, headers, response.bytes().await?))
    };
    match answer.await {
        Ok((status, headers, body)) => {
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            let fields = response.headers_mut();
            fields.remove(header::TRANSFER_ENCODING);
            fields.remove(header::CONNECTION);
            response
        }
        Err(error) => Response::builder()
            .status(StatusCode::BAD_GATEWAY)
            .body(Body::from(error.to_string()))
            .unwrap(),
    }
}

//! What goes over the wire between a client and a look-alike.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{HeaderMap, Method, Response, StatusCode, Uri, header};

/// A request with its whole body.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The how-many-eth time this is that the same is asked, from 1: what a service that is
    /// polled goes by.
    pub(crate) attempt: u64,
}

impl Request {
    /// A header as text; `None` when absent or not text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Host that it is for, lower case and without port: from an absolute address (as proxies get
    /// it), or else from the `Host` header.
    pub(crate) fn host(&self) -> String {
        let named = self.uri.host().or_else(|| self.header("host"));
        let named = named.unwrap_or_default();
        let bare = named.split_once(':').map_or(named, |(host, _)| host);
        bare.trim_end_matches('.').to_ascii_lowercase()
    }

    /// Value of a parameter in the address.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.uri.query()?;
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// What a handler wants done.
pub(crate) enum Answer {
    Reply(Response<Full<Bytes>>),
    /// Close the connection without a word.
    Close,
}

/// A reply with one content type.
pub(crate) fn reply(status: u16, content_type: &str, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = header::HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    Answer::Reply(response)
}

/// A reply with further headers.
pub(crate) fn with_headers(answer: Answer, headers: &[(&'static str, &str)]) -> Answer {
    let Answer::Reply(mut response) = answer else {
        return answer;
    };
    for (name, value) in headers {
        if let Ok(value) = header::HeaderValue::from_str(value) {
            response.headers_mut().insert(*name, value);
        }
    }
    Answer::Reply(response)
}

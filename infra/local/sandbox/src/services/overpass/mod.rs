//! A look-alike of the Overpass API: `POST /api/interpreter` with `data=<Overpass QL>`, as
//! documented at <https://wiki.openstreetmap.org/wiki/Overpass_API>.

mod elements;
mod parse;
mod run;

use hyper::Method;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::town::Town;
use crate::wire::{Answer, Request, reply};

/// Names of HTTP libraries; a client that sends nothing more has not identified itself.
const BARE_AGENTS: [&str; 8] = [
    "python-requests",
    "python-urllib",
    "curl",
    "wget",
    "go-http-client",
    "okhttp",
    "java",
    "reqwest",
];

pub(crate) fn answer(town: &Town, request: &Request) -> Answer {
    match request.uri.path() {
        "/api/status" => reply(200, "text/plain", STATUS),
        "/api/interpreter" => interpret(town, request),
        _ => reply(404, "text/html", "<title>404 Not Found</title>"),
    }
}

fn interpret(town: &Town, request: &Request) -> Answer {
    if !identifies_itself(request.header("user-agent").unwrap_or_default()) {
        return reply(406, "text/html; charset=iso-8859-1", NOT_ACCEPTABLE);
    }
    let query = match request.method {
        Method::POST => form_field(request),
        _ => request.parameter("data"),
    };
    let query = query.unwrap_or_default();
    match parse::parse(&query) {
        Ok(script) => {
            let elements = run::run(town, &script);
            json_reply(&envelope(town, elements, None))
        }
        Err(error) => html_error(
            400,
            &format!("line {}: parse error: {} ", error.line, error.message),
        ),
    }
}

/// `data` of a form, or the whole body, as clients like `curl --data @query` send it.
fn form_field(request: &Request) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(&request.body);
    let field = pairs
        .find(|(key, _)| key == "data")
        .map(|(_, value)| value.into_owned());
    field.or_else(|| String::from_utf8(request.body.to_vec()).ok())
}

fn identifies_itself(agent: &str) -> bool {
    let name = agent
        .split('/')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    // `curl/8.5.0` names a library; `curl/8.5.0 (me@host.example)` names somebody.
    let bare = BARE_AGENTS.contains(&name.as_str()) && !agent.contains('(');
    !name.is_empty() && !bare
}

fn envelope(town: &Town, elements: Vec<Value>, remark: Option<&str>) -> Value {
    let base = town.options().now;
    let mut body = json!({
        "version": 0.6,
        "generator": "Overpass API 0.7.62.4 sandbox",
        "osm3s": {
            "timestamp_osm_base": base.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "copyright": "The data included in this document is generated for the sandbox; \
                          the real service's is from www.openstreetmap.org under ODbL.",
        },
        "elements": elements,
    });
    if let (Some(fields), Some(remark)) = (body.as_object_mut(), remark) {
        fields.insert("remark".to_owned(), json!(remark));
    }
    body
}

fn json_reply(body: &Value) -> Answer {
    reply(200, "application/json", format!("{body:#}\n"))
}

pub(crate) fn faulty(fault: Fault) -> Answer {
    match fault {
        Fault::RateLimited => html_error(
            429,
            "runtime error: open64: 0 Success /osm3s_osm_base \
             Dispatcher_Client::request_read_and_idx::rate_limited. Please check /api/status \
             for the quota of your IP address. ",
        ),
        // The trap: a failure with status 200 and no elements.
        Fault::QueryTimeout => json_reply(&json!({
            "version": 0.6,
            "generator": "Overpass API 0.7.62.4 sandbox",
            "osm3s": { "timestamp_osm_base": "", "copyright": "generated for the sandbox" },
            "elements": [],
            "remark": "runtime error: Query timed out in \"query\" at line 1 after 26 seconds.",
        })),
        _ => html_error(
            504,
            "runtime error: open64: 0 Success /osm3s_osm_base \
             Dispatcher_Client::request_read_and_idx::timeout. The server is probably too busy \
             to handle your request. ",
        ),
    }
}

fn html_error(status: u16, text: &str) -> Answer {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;");
    let page = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML \
         1.0 Strict//EN\"\n    \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n<head>\n\
         <title>OSM3S Response</title>\n</head>\n<body>\n\n<p>The data included in this document \
         is generated for the sandbox.</p>\n<p><strong style=\"color:#FF0000\">Error</strong>: \
         {text}</p>\n\n</body>\n</html>\n"
    );
    reply(status, "text/html; charset=utf-8", page)
}

const STATUS: &str = "Connected as: 1\nCurrent time: 2024-01-01T00:00:00Z\nAnnounced endpoint: \
    none\nRate limit: 2\n2 slots available now.\nCurrently running queries (pid, space limit, \
    time limit, start time):\n";

const NOT_ACCEPTABLE: &str = "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n\
    <title>406 Not Acceptable</title>\n</head><body>\n<h1>Not Acceptable</h1>\n<p>An appropriate \
    representation of the requested resource could not be found on this server.</p>\n\
    </body></html>\n";

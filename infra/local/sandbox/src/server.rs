//! One listener on the loopback address per outside service.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Collected, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, header};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::body::Payload;
use crate::endpoint::Endpoint;
use crate::faults::{BodyFault, Fault, Faults, Judge};
use crate::town::{SiteKind, Town};
use crate::wire::{Answer, Request, reply};

/// Longest request body in bytes; the real services refuse far shorter ones.
const BODY_MAX: usize = 1 << 20;
/// Longest request body to a model in bytes: Anthropic takes 32 MB.
const MODEL_BODY_MAX: usize = 32 << 20;

/// What the servers were asked so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Calls to Places, refused ones included.
    pub places: u64,
    /// Queries to Overpass, refused ones included.
    pub overpass: u64,
    /// Calls to every other service, by its name.
    pub by_server: BTreeMap<&'static str, u64>,
    /// Requests to web sites.
    pub sites: u64,
    /// Those for robots.txt.
    pub robots: u64,
    /// Requests for pages that robots.txt forbids: each is a fault of the crawler.
    pub forbidden_by_robots: u64,
    /// Answers that a fault changed.
    pub faults: u64,
    /// Connections closed without an answer.
    pub closed: u64,
    /// Requests to web sites by host.
    pub by_host: BTreeMap<String, u64>,
    /// Answers by server (`places`, `overpass`, `sites`) and status.
    pub by_status: BTreeMap<&'static str, BTreeMap<u16, u64>>,
}

/// A request that was answered, and how long the answer was held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Served {
    /// `places`, `overpass` or `sites`.
    pub server: &'static str,
    /// The host that was asked for.
    pub host: String,
    /// Host, path and query; for an API path and what was searched.
    pub target: String,
    /// The injected latency in milliseconds.
    pub delay_ms: u64,
}

type Handler = dyn Fn(&Town, &Request) -> Answer + Send + Sync;
type FaultHandler = dyn Fn(Fault) -> Answer + Send + Sync;

/// A look-alike of a service: how it answers, and how it fails.
pub(crate) struct Service {
    pub(crate) answer: Box<Handler>,
    pub(crate) faulty: Box<FaultHandler>,
}

struct State {
    town: Town,
    judge: Judge,
    services: BTreeMap<Endpoint, Service>,
    slow_body: Duration,
    silence: Duration,
    counters: Mutex<Counters>,
    served: Mutex<Vec<Served>>,
}

impl State {
    fn log(&self, served: Served) {
        let mut log = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(served);
    }

    fn count(&self, count: impl FnOnce(&mut Counters)) {
        count(&mut self.counters.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The running servers. They stop when it is dropped; [`Sandbox::stop`] also waits for the end.
pub struct Sandbox {
    addresses: BTreeMap<Endpoint, SocketAddr>,
    sites: SocketAddr,
    state: Arc<State>,
    shutdown: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a server for each service on free ports of 127.0.0.1.
    pub(crate) async fn serve(
        town: Town,
        faults: Faults,
        services: BTreeMap<Endpoint, Service>,
    ) -> io::Result<Self> {
        let state = Arc::new(State {
            town,
            services,
            slow_body: Duration::from_millis(faults.slow_body_ms),
            silence: Duration::from_millis(faults.silence_ms),
            judge: Judge::new(faults),
            counters: Mutex::default(),
            served: Mutex::default(),
        });
        let (shutdown, ended) = watch::channel(false);
        let mut tasks = Vec::new();
        let mut addresses = BTreeMap::new();
        for endpoint in state.services.keys().copied() {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            addresses.insert(endpoint, listener.local_addr()?);
            let serving = serve(listener, endpoint, Arc::clone(&state), ended.clone());
            tasks.push(tokio::spawn(serving));
        }
        let sites = addresses.get(&Endpoint::SITES).copied();
        Ok(Self {
            sites: sites.ok_or_else(|| io::Error::other("no server of web sites"))?,
            addresses,
            state,
            shutdown,
            tasks,
        })
    }

    /// The address of a server, as in `127.0.0.1:41234`.
    #[must_use]
    pub fn address(&self, endpoint: Endpoint) -> SocketAddr {
        self.addresses.get(&endpoint).copied().unwrap_or(self.sites)
    }

    /// The base address of a server without a final slash, as in `http://127.0.0.1:41234`.
    #[must_use]
    pub fn base_url(&self, endpoint: Endpoint) -> String {
        format!("http://{}", self.address(endpoint))
    }

    /// The server behind every host of the town. A client may connect here for any of them
    /// (the `Host` header decides), or use it as an HTTP proxy.
    #[must_use]
    pub fn site_gateway(&self) -> SocketAddr {
        self.sites
    }

    /// The town that is served.
    #[must_use]
    pub fn town(&self) -> &Town {
        &self.state.town
    }

    /// Every request so far with its injected latency, in order of arrival.
    #[must_use]
    pub fn served(&self) -> Vec<Served> {
        let log = self.state.served.lock();
        log.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the servers were asked so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.state
            .counters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Closes the listeners and every connection, and waits until they are closed.
    pub async fn stop(self) {
        // Without receivers the tasks have ended already.
        let _ = self.shutdown.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

async fn serve(
    listener: TcpListener,
    endpoint: Endpoint,
    state: Arc<State>,
    mut ended: watch::Receiver<bool>,
) {
    // Dropping the set ends every connection.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = ended.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, endpoint, Arc::clone(&state)));
                }
                Err(error) => tracing::warn!(%error, server = endpoint.name, "accept failed"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
    connections.shutdown().await;
}

/// Closes a connection: hyper drops it when the service fails.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("connection closed on purpose")
    }
}

impl std::error::Error for Closed {}

async fn converse(stream: TcpStream, endpoint: Endpoint, state: Arc<State>) {
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let state = Arc::clone(&state);
        async move {
            match handle(request, endpoint, &state).await {
                Answer::Reply(response) => {
                    let status = response.status().as_u16();
                    let Some(response) = outgoing(response, &state).await else {
                        state.count(|counters| counters.closed += 1);
                        return Err(Closed);
                    };
                    state.count(|counters| {
                        let statuses = counters.by_status.entry(endpoint.name).or_default();
                        *statuses.entry(status).or_default() += 1;
                    });
                    Ok(response)
                }
                Answer::Close => {
                    state.count(|counters| counters.closed += 1);
                    Err(Closed)
                }
            }
        }
    });
    if let Err(error) = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await
    {
        tracing::debug!(%error, server = endpoint.name, "connection ended early");
    }
}

async fn handle(request: hyper::Request<Incoming>, endpoint: Endpoint, state: &State) -> Answer {
    let (head, body) = request.into_parts();
    let limit = if endpoint.is_model {
        MODEL_BODY_MAX
    } else {
        BODY_MAX
    };
    let Ok(body) = Limited::new(body, limit).collect().await else {
        return reply(413, "text/plain", "request body too large");
    };
    let mut request = Request {
        method: head.method,
        uri: head.uri,
        headers: head.headers,
        body: body.to_bytes(),
        attempt: 1,
    };
    match endpoint {
        Endpoint::PLACES => state.count(|counters| counters.places += 1),
        Endpoint::OVERPASS => state.count(|counters| counters.overpass += 1),
        Endpoint::SITES => count_site(&request, state),
        other => state.count(|counters| {
            *counters.by_server.entry(other.name).or_default() += 1;
        }),
    }
    let host = request.host();
    let slow = endpoint == Endpoint::SITES
        && state
            .town
            .by_host(&host)
            .is_some_and(|business| business.site == SiteKind::Slow);
    let key = key(&request, endpoint, &host);
    let verdict = state.judge.decide(endpoint, &key, slow);
    request.attempt = verdict.attempt;
    state.log(Served {
        server: endpoint.name,
        host,
        target: key,
        delay_ms: u64::try_from(verdict.delay.as_millis()).unwrap_or(u64::MAX),
    });
    if !verdict.delay.is_zero() {
        tokio::time::sleep(verdict.delay).await;
    }
    let Some(service) = state.services.get(&endpoint) else {
        return Answer::Close;
    };
    if let Some(fault) = verdict.fault {
        state.count(|counters| counters.faults += 1);
        return match fault {
            Fault::ConnectionClosed => Answer::Close,
            fault => (service.faulty)(fault),
        };
    }
    let answer = (service.answer)(&state.town, &request);
    match (answer, verdict.body) {
        (Answer::Reply(mut response), Some(fault)) => {
            state.count(|counters| counters.faults += 1);
            response.extensions_mut().insert(fault);
            Answer::Reply(response)
        }
        (answer, _) => answer,
    }
}

/// The answer as it goes out, or nothing where the work is done and nothing is said.
async fn outgoing(response: Response<Full<Bytes>>, state: &State) -> Option<Response<Payload>> {
    let (mut head, body) = response.into_parts();
    let Ok(body) = body.collect().await.map(Collected::to_bytes);
    let payload = match head.extensions.get::<BodyFault>() {
        None => Payload::whole(body),
        Some(BodyFault::SuccessThenTimeout) => {
            tokio::time::sleep(state.silence).await;
            return None;
        }
        Some(fault) => {
            // The body's own length counts.
            head.headers.remove(header::CONTENT_LENGTH);
            Payload::spoilt(&body, *fault, state.slow_body)
        }
    };
    Some(Response::from_parts(head, payload))
}

/// Names a request for the faults: what was asked, not who asked or when.
fn key(request: &Request, endpoint: Endpoint, host: &str) -> String {
    let target = request
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    match endpoint {
        Endpoint::SITES => format!("{host}{target}"),
        _ => format!("{target} {}", String::from_utf8_lossy(&request.body)),
    }
}

fn count_site(request: &Request, state: &State) {
    let host = request.host();
    let robots = request.uri.path() == "/robots.txt";
    let forbidden = !robots
        && state
            .town
            .by_host(&host)
            .is_some_and(|business| business.forbids(request.uri.path()));
    state.count(|counters| {
        counters.sites += 1;
        counters.robots += u64::from(robots);
        counters.forbidden_by_robots += u64::from(forbidden);
        *counters.by_host.entry(host).or_default() += 1;
    });
}

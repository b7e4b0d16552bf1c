//! A server with its cloud, and customers who call it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use hunter_cloud::{
    LocalCloud, agent_file,
    serve::{ServeOptions, Server},
    spec::{OutsideSpec, SandboxSpec, SiteMode},
};
use hunter_contracts::{AgentConfig, TenantId};
use hunter_core::ports::{Clock, SystemClock};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// The machine's clock, moved ahead at will.
#[derive(Clone, Default)]
pub(crate) struct AheadClock(Arc<AtomicI64>);

impl AheadClock {
    pub(crate) fn advance(&self, duration: Duration) {
        let seconds = i64::try_from(duration.as_secs()).unwrap();
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for AheadClock {
    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.0.load(Ordering::SeqCst));
        SystemClock.now().checked_add(ahead).unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        SystemClock.sleep(duration).await;
    }
}

/// A server on a town.
pub(crate) struct Place {
    pub(crate) cloud: LocalCloud,
    pub(crate) clock: AheadClock,
    pub(crate) directory: TempDir,
    options: ServeOptions,
    server: Server,
    http: Client,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Place {
    /// A quick town of 80 businesses.
    pub(crate) async fn open() -> Self {
        Self::with_latency(0).await
    }

    /// A town whose web sites take their time.
    pub(crate) async fn with_latency(crawl_latency_ms: u64) -> Self {
        // Nothing here speaks TLS, but the client wants to know how it would.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = tempfile::tempdir().unwrap();
        let clock = AheadClock::default();
        let mut cloud = LocalCloud::in_memory(directory.path()).await.unwrap();
        cloud.clock = Arc::new(clock.clone());
        let options = ServeOptions {
            listen: "127.0.0.1:0".parse().unwrap(),
            runs_max: 4,
            outside: OutsideSpec {
                with_sandbox: true,
                sites: SiteMode::Sandbox,
                concurrency: 20,
                sandbox: SandboxSpec {
                    town: 80,
                    crawl_latency_ms,
                    ..SandboxSpec::default()
                },
                ..OutsideSpec::default()
            },
        };
        let server = Server::start(&cloud, &options).await.unwrap();
        Self {
            cloud,
            clock,
            directory,
            options,
            server,
            http: Client::new(),
        }
    }

    /// Ends the server, then starts another one, at another address.
    pub(crate) async fn end_and_start(mut self) -> Self {
        self.server.stop().await;
        self.server = Server::start(&self.cloud, &self.options).await.unwrap();
        self
    }

    pub(crate) async fn close(self) {
        self.server.stop().await;
        self.cloud.stop().await;
    }

    pub(crate) fn url(&self) -> &str {
        self.server.url()
    }

    pub(crate) fn customer<'a>(&'a self, name: &str) -> Customer<'a> {
        let tenant = TenantId::new(name).unwrap();
        let life = Duration::from_hours(48);
        let token = self.server.token(&tenant, life).unwrap();
        Customer {
            place: self,
            tenant,
            token,
        }
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answered {
        let mut request = self.http.request(method, format!("{}{path}", self.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        Answered {
            status,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
        }
    }
}

/// A customer with a token.
pub(crate) struct Customer<'a> {
    place: &'a Place,
    pub(crate) tenant: TenantId,
    pub(crate) token: String,
}

impl Customer<'_> {
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str())];
        self.place.call(method, path, &headers, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answered = self.call(Method::GET, path, None).await;
        assert_eq!(answered.status, 200, "{path}: {answered:?}");
        answered.body
    }

    /// Sets the example agent, changed as `change` says, looking for 30 dentists.
    pub(crate) async fn put_agent(&self, change: impl FnOnce(&mut AgentConfig)) {
        let mut agent = agent_file::example().unwrap();
        let target = agent.target.as_mut().unwrap();
        target.max_results = Some(30);
        target.source = Some("google_places".into());
        change(&mut agent);
        let body = serde_json::to_value(&agent).unwrap();
        let put = self
            .call(Method::PUT, "/v1/agents/agent_example", Some(body))
            .await;
        assert!(matches!(put.status, 200 | 201), "{put:?}");
    }

    /// An agent whose runs take a chunk of four leads after the other.
    pub(crate) async fn put_slow_agent(&self) {
        let slow = |agent: &mut AgentConfig| {
            agent.chunk_size = 4;
            agent.max_concurrency = 1;
        };
        self.put_agent(slow).await;
    }

    /// Asks for a run of the agent.
    pub(crate) async fn start(&self, key: &str, request: Value) -> Answered {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
        let body = json!({ "agent_id": "agent_example", "request": request });
        self.place
            .call(Method::POST, "/v1/runs", &headers, Some(body))
            .await
    }

    /// Starts a run; answers its id.
    pub(crate) async fn run(&self, key: &str) -> String {
        let started = self.start(key, json!({})).await;
        assert_eq!(started.status, 202, "{started:?}");
        started.body["execution_id"].as_str().unwrap().to_owned()
    }

    /// Polls something until it is as it should be.
    pub(crate) async fn wait_for(&self, path: &str, is: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let found = self.get(path).await;
            if is(&found) {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "{path} is still {found:#}");
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
    }

    /// Polls a run to its end.
    pub(crate) async fn ended(&self, id: &str) -> Value {
        let path = format!("/v1/runs/{id}");
        self.wait_for(&path, |run| {
            !["starting", "queued", "running"].contains(&run["status"].as_str().unwrap())
        })
        .await
    }

    /// Waits until a run has drafted for some chunks.
    pub(crate) async fn drafted(&self, id: &str, chunks: u64) -> Value {
        let path = format!("/v1/runs/{id}");
        self.wait_for(&path, |run| {
            let all = run["progress"].as_array().unwrap();
            let outreach = all.iter().find(|stage| stage["recipe_id"] == "outreach");
            outreach.is_some_and(|stage| stage["chunks_done"].as_u64().unwrap() >= chunks)
        })
        .await
    }

    /// The balance.
    pub(crate) async fn balance(&self) -> Value {
        self.get("/v1/subscription").await["balance"].clone()
    }
}

/// Files of a folder, waited for.
pub(crate) async fn files(directory: &TempDir, folder: &str, count: usize) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let entries = std::fs::read_dir(directory.path().join(folder));
        let paths = entries
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path());
        let found: Vec<String> = paths
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        if found.len() >= count {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{folder} holds {found:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

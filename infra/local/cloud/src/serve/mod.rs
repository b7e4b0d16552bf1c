//! The Hunter as a server on one machine: the HTTP API, schedules, the run queue and the alert
//! queue around the embedded cloud. The handlers are those of the Lambda functions.

mod connections;
mod progress;
mod pump;
mod tokens;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use api::{ApiState, TokenVerifier};
use axum::{
    Json, Router,
    extract::{Request, State},
    http::header,
    middleware::{self, Next},
    response::Response,
    routing,
};
use hunter_contracts::{
    AgentConfig, CustomerProfile, EmailAddress, EmailAddressError, ErrorCode, RecipeFailure,
    ScheduleTick, TenantId, chain, to_json,
};
use hunter_core::{
    control_plane::{ControlPlane, tick_request},
    ports::{Clock, Queue, SystemIds},
    store::Accounts,
};
use notify::{EmailChannel, Notify};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use trigger::Trigger;

use crate::{
    adapters::{Mailbox, OutboxAlerts, QueuedAlerts, Timekeeper},
    cloud::LocalCloud,
    engine::Engine,
    executions::LocalExecutions,
    files::{read_json, write_json},
    functions::InProcessFunctions,
    plans::LocalPlans,
    spec::OutsideSpec,
    wiring::Outside,
};

pub use tokens::{AUDIENCE, TENANT_CLAIM, TokenKey};

use self::{
    connections::{Limits, serve},
    progress::LogProgress,
    pump::pump,
};

/// Where the keys are that tokens are verified with.
pub const JWKS_PATH: &str = "/.well-known/jwks.json";
/// How long requests under way may take when the server is to end.
const GRACE: Duration = Duration::from_secs(5);
/// How long a message of the run queue that failed stays out of sight.
const RUN_VISIBILITY: Duration = Duration::from_secs(30);
/// Likewise of the alert queue: longer than a delivery may take, or a message meets its own lease.
const ALERT_VISIBILITY: Duration = Duration::from_secs(notify::LEASE.as_secs() + 30);

/// How to serve.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Where to listen; port 0 is any free one.
    pub listen: SocketAddr,
    /// Runs under way at once.
    pub runs_max: usize,
    /// What runs talk to.
    pub outside: OutsideSpec,
}

/// A server at work.
pub struct Server {
    address: SocketAddr,
    url: String,
    key: Arc<TokenKey>,
    clock: Arc<dyn Clock>,
    executions: LocalExecutions,
    outside: Outside,
    stop: watch::Sender<bool>,
    http: JoinHandle<()>,
    others: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts everything; executions that an earlier process left are taken up first.
    ///
    /// # Errors
    /// `CONNECTION_ERROR` when the address cannot be had; when the cloud or the outside fails.
    pub async fn start(cloud: &LocalCloud, options: &ServeOptions) -> Result<Self, RecipeFailure> {
        let listener = TcpListener::bind(options.listen).await;
        let listener = listener.map_err(|error| cannot_listen(options.listen, error))?;
        let address = listener.local_addr();
        let address = address.map_err(|error| cannot_listen(options.listen, error))?;
        let url = format!("http://{}", reachable(address));
        // The key first: who finds the server asks for a token next.
        let key = Arc::new(TokenKey::open(&cloud.directory)?);
        Whereabouts { url: url.clone() }
            .write(&cloud.directory)
            .await?;

        let outside = Outside::without_files(cloud, &options.outside).await?;
        let alert_queue: Arc<dyn Queue> = Arc::new(cloud.alert_queue().await?);
        let run_queue: Arc<dyn Queue> = Arc::new(cloud.run_queue().await?);
        let plans = cloud.plans();
        let engine = engine(cloud, &outside, options, &alert_queue, &plans)?;
        let executions =
            LocalExecutions::new(cloud, engine, options.outside.clone(), options.runs_max);
        recover(&executions).await?;
        let timekeeper = Timekeeper::open(&cloud.directory, cloud.clock.clone())?;
        let control = ControlPlane {
            store: cloud.store.clone(),
            accounts: cloud.store.clone(),
            executions: Arc::new(executions.clone()),
            schedules: Arc::new(timekeeper.clone()),
            clock: cloud.clock.clone(),
            ids: Arc::new(SystemIds),
        };
        let trigger = Trigger::new(control.clone(), run_queue.clone());
        let notify = notify(cloud, &alert_queue)?;
        let others = vec![
            tokio::spawn(keep_time(timekeeper, trigger.clone())),
            tokio::spawn(pump("runs", run_queue, RUN_VISIBILITY, move |event| {
                let trigger = trigger.clone();
                async move { trigger::handle(&trigger, event).await }
            })),
            tokio::spawn(pump(
                "alerts",
                alert_queue,
                ALERT_VISIBILITY,
                move |event| {
                    let notify = notify.clone();
                    async move { notify::handle(&notify, event).await }
                },
            )),
        ];
        let verifier = tokens::verifier(&key, &url, cloud.clock.clone())?;
        let router = router(cloud, control, verifier, plans, &key);
        let (stop, stopped) = watch::channel(false);
        Ok(Self {
            address,
            url,
            key,
            clock: cloud.clock.clone(),
            executions,
            outside,
            stop,
            http: tokio::spawn(serve(listener, router, Limits::SERVER, stopped)),
            others,
        })
    }

    /// Where it answers.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, which is also the issuer of its tokens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A development token.
    ///
    /// # Errors
    /// As [`TokenKey::issue`].
    pub fn token(&self, tenant: &TenantId, life: Duration) -> Result<String, RecipeFailure> {
        self.key.issue(&self.url, tenant, self.clock.now(), life)
    }

    /// Stops: requests under way are answered, executions are left as they are for the next one.
    pub async fn stop(mut self) {
        for task in &self.others {
            task.abort();
        }
        self.stop.send_replace(true);
        if tokio::time::timeout(GRACE, &mut self.http).await.is_err() {
            self.http.abort();
        }
        self.executions.leave().await;
        self.outside.stop().await;
    }
}

fn cannot_listen(address: SocketAddr, error: std::io::Error) -> RecipeFailure {
    RecipeFailure::new(
        ErrorCode::ConnectionError,
        format!("cannot listen on `{address}`; use another address"),
    )
    .caused_by(error)
}

/// An address that this machine reaches itself by.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn engine(
    cloud: &LocalCloud,
    outside: &Outside,
    options: &ServeOptions,
    alert_queue: &Arc<dyn Queue>,
    plans: &LocalPlans,
) -> Result<Engine, RecipeFailure> {
    let concurrency = usize::from(options.outside.concurrency);
    let agent = AgentConfig::unconfigured();
    let mut platform = cloud.platform(Arc::new(LogProgress), agent, concurrency);
    let outbox = OutboxAlerts::new(&cloud.directory);
    platform.alerts = Arc::new(QueuedAlerts::new(outbox, alert_queue.clone()));
    let functions = InProcessFunctions::new(outside.recipes(), platform).with_plans(plans.clone());
    Engine::new(functions, cloud.clock.clone())
}

/// An address on this machine: mails stay in the outbox.
fn local_address(name: &str) -> Result<EmailAddress, RecipeFailure> {
    let address = format!("{name}@localhost.localdomain").parse();
    address.map_err(|error: EmailAddressError| RecipeFailure::internal(error.to_string()))
}

fn notify(cloud: &LocalCloud, alert_queue: &Arc<dyn Queue>) -> Result<Notify, RecipeFailure> {
    let from = local_address("hunter")?;
    let mailbox = Mailbox::new(&cloud.directory, from, cloud.clock.clone());
    let email = EmailChannel {
        mailer: Arc::new(mailbox),
        console_url: None,
    };
    Ok(Notify {
        store: cloud.store.clone(),
        accounts: cloud.store.clone(),
        alert_queue: alert_queue.clone(),
        channels: vec![Arc::new(email)],
        clock: cloud.clock.clone(),
        admin_email: Some(local_address("admin")?),
        concurrency: notify::CONCURRENCY_DEFAULT,
    })
}

async fn recover(executions: &LocalExecutions) -> Result<(), RecipeFailure> {
    for (entry, recovered) in executions.recover().await? {
        let (tenant, run) = (&entry.request.customer_id, &entry.request.execution_id);
        tracing::info!(%tenant, %run, ?recovered, "found a run that was under way");
    }
    Ok(())
}

/// Sends ticks to the trigger, as EventBridge Scheduler does.
async fn keep_time(timekeeper: Timekeeper, trigger: Trigger) {
    let send = |tick| send_tick(trigger.clone(), tick);
    timekeeper.keep(send).await;
}

/// A tick that cannot be handled is tried again a few times; one that never can be lies with the run
/// queue's dead letters.
async fn send_tick(trigger: Trigger, tick: ScheduleTick) {
    const ATTEMPTS_MAX: u64 = 3;
    let event = to_json(&tick);
    for attempt in 1..=ATTEMPTS_MAX {
        match trigger::handle(&trigger, event.clone()).await {
            Ok(_) => return,
            Err(failure) => tracing::warn!(
                attempt,
                failure = chain(&failure),
                "the tick starts nothing yet"
            ),
        }
        tokio::time::sleep(Duration::from_secs(attempt)).await;
    }
    let body = to_json(&tick_request(&tick)).to_string();
    let reason = RecipeFailure::new(ErrorCode::FunctionFailed, "the tick was not handled");
    if let Err(failure) = trigger.run_queue.bury(&body, &reason).await {
        tracing::error!(failure = chain(&failure), "a tick is lost");
    }
}

/// What requests pass before they reach the API.
#[derive(Clone)]
struct Reception {
    verifier: Arc<dyn TokenVerifier>,
    plans: LocalPlans,
    accounts: Arc<dyn Accounts>,
}

fn router(
    cloud: &LocalCloud,
    control: ControlPlane,
    verifier: Arc<dyn TokenVerifier>,
    plans: LocalPlans,
    key: &TokenKey,
) -> Router {
    let reception = Reception {
        verifier: verifier.clone(),
        plans,
        accounts: cloud.store.clone(),
    };
    let jwks = key.jwks();
    api::router(ApiState { control, verifier })
        .layer(middleware::from_fn_with_state(reception, receive))
        .route(JWKS_PATH, routing::get(|| async { Json(jwks) }))
}

/// Gives a customer whom a good token names a plan and a mailbox; the API itself judges the token.
async fn receive(State(reception): State<Reception>, request: Request, next: Next) -> Response {
    let token = request.headers().get(header::AUTHORIZATION);
    let token = token.and_then(|value| value.to_str().ok()?.split_once(' '));
    if let Some((_, token)) = token
        && let Ok(tenant) = reception.verifier.verify(token.trim()).await
        && let Err(failure) = reception.admit(&tenant).await
    {
        tracing::error!(%tenant, failure = chain(&failure), "the customer has no plan");
    }
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    tracing::info!(%method, path, status = response.status().as_u16(), "answered");
    response
}

impl Reception {
    async fn admit(&self, tenant: &TenantId) -> Result<(), RecipeFailure> {
        if self.plans.has(tenant) {
            return Ok(());
        }
        let account = self.accounts.account(tenant);
        if account.profile().await?.is_none() {
            let profile = CustomerProfile {
                name: tenant.to_string(),
                // A customer's id may be longer than the name of a mailbox.
                email: local_address(tenant.as_str()).or_else(|_| local_address("customer"))?,
            };
            account.put_profile(&profile).await?;
        }
        self.plans.renew(tenant).await
    }
}

/// Where the last server of a directory answers: `hunter token` needs the issuer's name.
#[derive(Debug, Serialize, Deserialize)]
pub struct Whereabouts {
    /// Its URL.
    pub url: String,
}

impl Whereabouts {
    fn path(directory: &Path) -> PathBuf {
        directory.join("serve.json")
    }

    /// Reads them; absent where nothing has served yet.
    #[must_use]
    pub fn read(directory: &Path) -> Option<Self> {
        read_json(&Self::path(directory)).ok()?
    }

    async fn write(&self, directory: &Path) -> Result<(), RecipeFailure> {
        write_json(&Self::path(directory), self).await
    }
}

//! An embedded DynamoDB behind a real socket, and a client whose requests can be made to fail.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use aws_sdk_dynamodb::Client;
use aws_smithy_http_client::Builder as HttpBuilder;
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use hunter_aws::{
    dynamodb::{DynamoStore, Tables},
    test_support,
};
use hunter_core::{ports::ManualClock, store::TenantStore};

/// The embedded server with a clock that is moved by hand.
pub struct Embedded {
    pub client: Client,
    pub clock: ManualClock,
    pub store: Arc<DynamoStore>,
    server: test_support::Embedded,
}

impl Embedded {
    pub async fn start() -> Self {
        let clock = ManualClock::new("2025-12-14T10:15:00Z".parse().unwrap());
        let server = test_support::Embedded::start(Arc::new(clock.clone())).await;
        Self {
            client: server.client.clone(),
            clock,
            store: server.store.clone(),
            server,
        }
    }

    pub fn tenant(&self, name: &str) -> Arc<dyn TenantStore> {
        self.server.tenant(name)
    }

    /// A store whose requests meet the faults that `plan` gives them.
    pub fn with_faults(&self, plan: impl Fn(u64) -> Fault + Send + Sync + 'static) -> DynamoStore {
        let faults = Faulty {
            inner: HttpBuilder::new().build_http(),
            plan: Arc::new(plan),
            sent: Arc::default(),
        };
        let config = self.client.config().to_builder().http_client(faults);
        let client = Client::from_conf(config.build());
        DynamoStore::new(client, Tables::default(), Arc::new(self.clock.clone()))
    }
}

/// What happens to a request; requests are numbered from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It is done and the answer is lost.
    AnswerLost,
    /// The connection breaks before it is sent.
    NotSent,
    /// It is done without telling the capacity that it consumed.
    CapacityUntold,
    /// It is refused with this error type.
    Refused(&'static str),
    /// A transaction is cancelled because of this reason; other requests are throttled.
    Cancelled(&'static str),
}

type FaultPlan = Arc<dyn Fn(u64) -> Fault + Send + Sync>;

#[derive(Clone)]
struct Faulty {
    inner: SharedHttpClient,
    plan: FaultPlan,
    sent: Arc<AtomicU64>,
}

impl std::fmt::Debug for Faulty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Faulty")
    }
}

impl HttpClient for Faulty {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(FaultyConnector {
            inner: Mutex::new(self.inner.http_connector(settings, components)),
            plan: self.plan.clone(),
            sent: self.sent.clone(),
        })
    }
}

struct FaultyConnector {
    inner: Mutex<SharedHttpConnector>,
    plan: FaultPlan,
    sent: Arc<AtomicU64>,
}

impl std::fmt::Debug for FaultyConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FaultyConnector")
    }
}

impl HttpConnector for FaultyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let fault = (self.plan)(self.sent.fetch_add(1, Ordering::Relaxed));
        let inner = self.inner.lock().unwrap().clone();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let fault = match fault {
            Fault::Cancelled(_) if !target.ends_with("TransactWriteItems") => {
                Fault::Refused("ThrottlingException")
            }
            fault => fault,
        };
        let broken = || ConnectorError::io("the connection broke".into());
        HttpConnectorFuture::new(async move {
            match fault {
                Fault::None => inner.call(request).await,
                Fault::AnswerLost => {
                    inner.call(request).await?;
                    Err(broken())
                }
                Fault::CapacityUntold => inner.call(without_capacity(request)).await,
                Fault::NotSent => Err(broken()),
                Fault::Refused(kind) => Ok(answer(&format!(
                    r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{kind}","message":"no"}}"#
                ))),
                Fault::Cancelled(code) => Ok(answer(&format!(
                    r#"{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                    "Message":"cancelled","CancellationReasons":[{{"Code":"{code}"}}]}}"#
                ))),
            }
        })
    }
}

/// The same request of the same length; the server checks no signature.
fn without_capacity(mut request: HttpRequest) -> HttpRequest {
    let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
    let asked = r#""ReturnConsumedCapacity":"TOTAL""#;
    assert!(body.contains(asked), "{body}");
    let changed = body.replace(asked, r#""ReturnConsumedCapacity":"NONE" "#);
    *request.body_mut() = changed.into();
    request
}

fn answer(body: &str) -> HttpResponse {
    HttpResponse::new(400.try_into().unwrap(), body.to_owned().into())
}

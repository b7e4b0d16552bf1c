//! The whole Hunter on an engine in real time: on ministack deployed from the template, with the
//! real bootstraps, which the emulator starts itself; on moto with `cargo lambda watch`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hunter_aws::config::{Keys, Settings};
use hunter_aws::dynamodb::{DynamoStore, Tables, create_tables};
use hunter_cloud::EmbeddedDynamo;
use hunter_contracts::{RecipeId, RunRequest};
use hunter_core::{
    ports::{Clock as _, SystemClock, execution_name},
    store::{AuditEntry, AuditEvent, Store as _},
};
use hunter_e2e::{Account, Disturbance, EngineUnderTest, RunEnd, Setup, Step, Terms};
use hunter_sandbox::{Endpoint, Sandbox, Town, TownOptions};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tokio::sync::RwLock;
use tokio::time::Instant;

use crate::aws::Aws;
use crate::server::{Port, Server, executable};
use crate::store_proxy::StoreProxy;
use crate::switch::Switch;
use crate::watched::{self, Watched};

/// An execution that takes longer has not ended.
const GIVE_UP: Duration = Duration::from_secs(120);
/// The time limit of a function that is to be cut off.
const SHORT_LIMIT_S: u32 = 2;
/// What the template gives discovery.
const USUAL_LIMIT_S: u32 = 900;

/// The Hunter on a running engine.
pub(crate) struct Deployed {
    server: Server,
    aws: Aws,
    proxy: StoreProxy,
    services: Services,
    store: Arc<DynamoStore>,
    machine: String,
    functions: Functions,
    scene: RwLock<Option<(Sandbox, Disturbance)>>,
}

/// Who runs the functions.
enum Functions {
    /// The engine, under names that begin with this.
    OfTheEngine(String),
    /// The runtime of `cargo lambda watch`, over a DynamoDB in this process.
    Watched(Box<(Watched, EmbeddedDynamo)>),
}

/// The folder with `<function>/bootstrap`.
#[expect(
    clippy::disallowed_methods,
    reason = "where the bootstraps are built is a matter of this test alone"
)]
pub(crate) fn bootstraps() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = std::env::var("HUNTER_BOOTSTRAPS");
    folder.map_or_else(|_| root.join("target/lambda"), PathBuf::from)
}

impl Deployed {
    /// Starts ministack and deploys the template to it.
    pub(crate) async fn on_ministack() -> Self {
        let port = Port::hold();
        let proxy = StoreProxy::start(format!("http://{}", port.address)).await;
        // The functions get this process as their AWS.
        let server = crate::start_ministack(port, proxy.address).await;
        let services = start_services().await;
        let outputs = deploy(&server.url(), &services).await;
        let table = |name: &str| outputs["tables"][name].as_str().unwrap().to_owned();
        let settings = Settings {
            region: "us-east-1".into(),
            endpoint_url: Some(server.url()),
            keys: Keys::local(),
            table: table("main"),
            audit_table: table("audit"),
        };
        let store = open(&settings);
        Self {
            aws: Aws::new(server.url()),
            server,
            proxy,
            services,
            store: Arc::new(store),
            machine: outputs["state_machine_arn"].as_str().unwrap().to_owned(),
            functions: Functions::OfTheEngine(outputs["function_prefix"].as_str().unwrap().into()),
            scene: RwLock::default(),
        }
    }

    /// Starts moto, whose machine calls functions under `cargo lambda watch` through a router. The
    /// store is an embedded DynamoDB: moto's own loses updates.
    pub(crate) async fn on_moto() -> Self {
        let port = Port::hold();
        let router = watched::route_to(port.address).await;
        let (server, aws) = crate::start_moto(router).await;
        let topic = aws.create_topic("alerts").await;
        let dynamo = EmbeddedDynamo::in_memory().await.unwrap();
        let settings = Settings::local(dynamo.endpoint());
        let tables = Tables::from(&settings);
        create_tables(&settings.dynamodb_client().unwrap(), &tables)
            .await
            .unwrap();
        let proxy = StoreProxy::start(dynamo.endpoint()).await;
        let services = start_services().await;
        let mut environment = vec![
            ("AWS_ENDPOINT_URL", server.url()),
            (
                "AWS_ENDPOINT_URL_DYNAMODB",
                format!("http://{}", proxy.address),
            ),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ("HUNTER_ALERT_TOPIC_ARN", topic),
        ];
        for (endpoint, switch) in &services {
            environment.push((variable(*endpoint), address(*endpoint, switch)));
        }
        let definition = include_str!("../../statemachine/hunter.asl.json")
            .replace("${Partition}", "aws")
            .replace("${RunFunction}", "run")
            .replace("${SubscriptionFunction}", "subscription");
        let machine = aws.create_machine("hunter", &definition).await.unwrap();
        let watch = watched::start(port, router, &environment).await;
        let store = open(&settings);
        Self {
            server,
            aws,
            proxy,
            services,
            store: Arc::new(store),
            machine,
            functions: Functions::Watched(Box::new((watch, dynamo))),
            scene: RwLock::default(),
        }
    }

    /// What the emulator has written.
    pub(crate) fn log(&self) -> String {
        match &self.functions {
            Functions::OfTheEngine(_) => self.server.log(),
            Functions::Watched(watched) => format!("{}\n{}", self.server.log(), watched.0.log()),
        }
    }

    /// The engine's own function of a recipe.
    fn function(&self, recipe: RecipeId) -> Result<String, String> {
        match &self.functions {
            Functions::OfTheEngine(prefix) => Ok(format!("{prefix}{recipe}")),
            Functions::Watched(_) => Err("the engine does not run the functions".into()),
        }
    }

    /// Kills a function's processes, as they are, once the sandbox has been asked something.
    async fn kill_in_the_middle(&self, recipe: RecipeId, sandbox: &Sandbox) {
        let function = self.function(recipe).unwrap();
        while sandbox.served().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let processes = processes_of(self.server.id(), &function);
        assert!(!processes.is_empty(), "no process of `{function}` is there");
        for process in processes {
            println!("killed {function}, process {process}");
            let kill = Command::new("kill")
                .args(["-KILL", &process.to_string()])
                .status();
            assert!(kill.unwrap().success());
        }
    }

    async fn end_of(&self, execution: &str) -> crate::aws::Ended {
        let started = Instant::now();
        loop {
            if let Some(ended) = self.aws.ended(execution).await {
                return ended;
            }
            let waited = started.elapsed();
            assert!(waited < GIVE_UP, "`{execution}` runs after {waited:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The steps of an execution, in the order in which the audit log has them.
    async fn steps(&self, request: &RunRequest) -> Vec<Step> {
        let store = self.store.tenant(&request.customer_id);
        let today = SystemClock.now().to_zoned(TimeZone::UTC).date();
        let mut entries = Vec::new();
        for day in [today.yesterday().unwrap(), today] {
            entries.extend(store.audit_log(day).await.unwrap());
        }
        let step = |entry: AuditEntry| {
            let executed = entry.action.event == AuditEvent::RecipeExecuted;
            let recipe = entry.context.recipe_id.filter(|_| executed)?;
            let chunk = entry.result.details.get("chunk").and_then(Value::as_u64);
            Some((recipe, chunk.map(|chunk| u32::try_from(chunk).unwrap())))
        };
        entries.retain(|entry| entry.context.execution_id.as_ref() == Some(&request.execution_id));
        entries.into_iter().filter_map(step).collect()
    }
}

fn open(settings: &Settings) -> DynamoStore {
    let client = settings.dynamodb_client().unwrap();
    DynamoStore::new(client, Tables::from(settings), Arc::new(SystemClock))
}

/// A fixed address for every outside service: the functions are to reach no other ones.
type Services = BTreeMap<Endpoint, Switch>;

async fn start_services() -> Services {
    let mut services = Services::new();
    for endpoint in Sandbox::endpoints() {
        services.insert(endpoint, Switch::start().await);
    }
    services
}

/// The variable that names a service's address.
fn variable(endpoint: Endpoint) -> &'static str {
    let mut played = hunter_cloud::wiring::played();
    let service = played.find(|&(_, one, _)| one == endpoint);
    service.map_or("HUNTER_SITES_GATEWAY", |(service, ..)| service.variable)
}

fn address(endpoint: Endpoint, switch: &Switch) -> String {
    match endpoint {
        Endpoint::SITES => switch.address.to_string(),
        _ => format!("http://{}", switch.address),
    }
}

/// Deploys by the project's own script, with the sandbox's fixed addresses.
async fn deploy(endpoint: &str, services: &Services) -> Value {
    let directory = tempfile::tempdir().unwrap();
    let outputs = directory.path().join("outputs.json");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/emulator/deploy.py");
    let mut command = tokio::process::Command::new(executable("python"));
    command
        .arg(script)
        .args(["--endpoint", endpoint, "--stack", "hunter-e2e"])
        .arg("--bootstraps")
        .arg(bootstraps())
        .arg("--outputs")
        .arg(&outputs)
        .env("NO_PROXY", "*");
    for (endpoint, switch) in services {
        let (name, value) = (variable(*endpoint), address(*endpoint, switch));
        command.args(["--variable", &format!("{name}={value}")]);
    }
    let ran = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "not deployed: {said}");
    println!("{}", said.trim());
    serde_json::from_str(&std::fs::read_to_string(outputs).unwrap()).unwrap()
}

/// The processes below another one that serve a function, by their environment.
fn processes_of(ancestor: u32, function: &str) -> Vec<u32> {
    let variable = format!("AWS_LAMBDA_FUNCTION_NAME={function}");
    let parent = |process: u32| {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
        line.trim().parse::<u32>().ok()
    };
    let serves = |process: &u32| {
        let environment = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        let mut variables = environment.split(|&byte| byte == 0);
        variables.any(|found| found == variable.as_bytes())
            && std::iter::successors(Some(*process), |&process| parent(process))
                .any(|process| process == ancestor)
    };
    let entries = std::fs::read_dir("/proc").unwrap();
    let names = entries.filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    names
        .filter_map(|name| name.parse().ok())
        .filter(serves)
        .collect()
}

#[async_trait]
impl EngineUnderTest for Deployed {
    async fn prepare(&self, setup: Setup) -> Result<(), String> {
        let town = TownOptions {
            businesses: 80,
            ..TownOptions::new(7, SystemClock.now())
        };
        let sandbox = Sandbox::start(Town::generate(town), setup.faults)
            .await
            .unwrap();
        for (endpoint, switch) in &self.services {
            switch.turn(sandbox.address(*endpoint));
        }
        let refused = match setup.disturbance {
            Disturbance::Refused(recipe, chunk) => Some((recipe, chunk)),
            _ => None,
        };
        self.proxy.refuse(refused);
        let limit_s = match setup.disturbance {
            Disturbance::Timeout(RecipeId::Discovery) => SHORT_LIMIT_S,
            Disturbance::Timeout(recipe) => return Err(format!("`{recipe}` stays as it is")),
            _ => USUAL_LIMIT_S,
        };
        match (self.function(RecipeId::Discovery), setup.disturbance) {
            (Ok(function), _) => self.aws.set_time_limit(&function, limit_s).await,
            (Err(reason), Disturbance::Timeout(_) | Disturbance::Crash(_)) => return Err(reason),
            _ => {}
        }
        *self.scene.write().await = Some((sandbox, setup.disturbance));
        Ok(())
    }

    async fn sign_up(&self, name: &str, terms: Terms) -> Account {
        // A stack's secrets lie under its name.
        let prefix = match &self.functions {
            Functions::OfTheEngine(prefix) => prefix.trim_end_matches('-'),
            Functions::Watched(_) => "hunter",
        };
        let secret = format!("{prefix}/{name}/google_maps_api_key");
        self.aws.put_secret(&secret, Sandbox::PLACES_API_KEY).await;
        Account::sign_up(self.store.as_ref(), SystemClock.now(), name, terms).await
    }

    async fn run(&self, request: &RunRequest) -> RunEnd {
        let scene = self.scene.read().await;
        let (sandbox, disturbance) = scene.as_ref().unwrap();
        let name = execution_name(&request.customer_id, &request.execution_id);
        let execution = self.aws.start(&self.machine, &name, &json!(request)).await;
        if let Disturbance::Crash(recipe) = disturbance {
            self.kill_in_the_middle(*recipe, sandbox).await;
        }
        let ended = self.end_of(&execution).await;
        // What was done to the function is what the engine saw.
        let expected = match disturbance {
            Disturbance::Crash(_) => Some("Runtime.ExitError"),
            Disturbance::Timeout(_) => Some("Sandbox.Timedout"),
            Disturbance::None | Disturbance::Refused(..) => None,
        };
        let history = self.aws.history(&execution).await;
        let failed = history
            .iter()
            .filter_map(|event| event["taskFailedEventDetails"]["error"].as_str());
        let failed: Vec<_> = failed.collect();
        assert!(
            expected.is_none_or(|error| failed.contains(&error)),
            "{failed:?}"
        );
        RunEnd {
            elapsed: Duration::from_secs_f64(ended.elapsed_s.unwrap_or_default()),
            status: ended.status,
            error: ended.error,
            cause: ended.cause,
            steps: self.steps(request).await,
        }
    }

    async fn places(&self) -> SocketAddr {
        let scene = self.scene.read().await;
        let (sandbox, _) = scene.as_ref().unwrap();
        sandbox.address(Endpoint::PLACES)
    }
}

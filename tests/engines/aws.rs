//! The few AWS calls that the cases need, as an SDK sends them but for the signature, which no
//! emulator looks at.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

/// A role that nobody assumes.
const ROLE: &str = "arn:aws:iam::000000000000:role/case";

/// A client of an emulator.
pub(crate) struct Aws {
    http: reqwest::Client,
    endpoint: String,
}

/// The end of an execution.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its status.
    pub(crate) status: String,
    /// Its output, read.
    pub(crate) output: Option<Value>,
    /// Its error.
    pub(crate) error: Option<String>,
    /// Its cause.
    pub(crate) cause: Option<String>,
    /// From its start to its end, if both are told.
    pub(crate) elapsed_s: Option<f64>,
}

impl Aws {
    /// Of the emulator at `endpoint`.
    pub(crate) fn new(endpoint: String) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self { http, endpoint }
    }

    fn request(&self, path: &str, service: &str, body: &Value) -> reqwest::RequestBuilder {
        let credential = format!("Credential=test/20260101/us-east-1/{service}/aws4_request");
        let authorization =
            format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0");
        self.http
            .post(format!("{}{path}", self.endpoint))
            .header("authorization", authorization)
            .body(body.to_string())
    }

    /// Posts without more, as to an emulator's own settings.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.request(path, "none", body);
        answer(request.header("content-type", "application/json"))
            .await
            .unwrap()
    }

    async fn states(&self, action: &str, body: Value) -> Result<Value, String> {
        let request = self
            .request("/", "states", &body)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AWSStepFunctions.{action}"));
        answer(request).await
    }

    /// Creates a state machine; its ARN, or why it is refused.
    pub(crate) async fn create_machine(
        &self,
        name: &str,
        definition: &str,
    ) -> Result<String, String> {
        let body = json!({"name": name, "definition": definition, "roleArn": ROLE});
        let created = self.states("CreateStateMachine", body).await?;
        Ok(text(&created["stateMachineArn"]).unwrap())
    }

    /// Starts an execution; its ARN.
    pub(crate) async fn start(&self, machine: &str, name: &str, input: &Value) -> String {
        let body = json!({"stateMachineArn": machine, "name": name, "input": input.to_string()});
        let started = self.states("StartExecution", body).await.unwrap();
        text(&started["executionArn"]).unwrap()
    }

    /// Stops an execution.
    pub(crate) async fn stop(&self, execution: &str) {
        let body = json!({"executionArn": execution});
        self.states("StopExecution", body).await.unwrap();
    }

    /// The end of an execution, once it has one.
    pub(crate) async fn ended(&self, execution: &str) -> Option<Ended> {
        let body = json!({"executionArn": execution});
        let described = self.states("DescribeExecution", body).await.unwrap();
        let status = text(&described["status"]).unwrap();
        if status == "RUNNING" {
            return None;
        }
        let [start, stop] = ["startDate", "stopDate"].map(|field| described[field].as_f64());
        let succeeded = status == "SUCCEEDED";
        let output = text(&described["output"]).filter(|_| succeeded);
        Some(Ended {
            output: output.map(|output| serde_json::from_str(&output).unwrap()),
            error: text(&described["error"]).filter(|error| !error.is_empty()),
            cause: text(&described["cause"]),
            elapsed_s: start.zip(stop).map(|(start, stop)| stop - start),
            status,
        })
    }

    /// The events of an execution.
    pub(crate) async fn history(&self, execution: &str) -> Vec<Value> {
        let body = json!({"executionArn": execution, "maxResults": 1000});
        let history = self.states("GetExecutionHistory", body).await.unwrap();
        history["events"].as_array().cloned().unwrap_or_default()
    }

    /// Creates a function of the emulator's own Lambda.
    pub(crate) async fn create_function(&self, name: &str, zip: &[u8], variables: Value) {
        let body = json!({
            "FunctionName": name,
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Role": ROLE,
            "Timeout": 60,
            "MemorySize": 128,
            "Code": {"ZipFile": BASE64_STANDARD.encode(zip)},
            "Environment": {"Variables": variables},
        });
        let request = self.request("/2015-03-31/functions", "lambda", &body);
        answer(request.header("content-type", "application/json"))
            .await
            .unwrap();
    }

    /// Gives a function another time limit.
    pub(crate) async fn set_time_limit(&self, function: &str, seconds: u32) {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        let body = json!({"Timeout": seconds});
        let post = self.request(&path, "lambda", &body).build().unwrap();
        let put = self
            .http
            .put(post.url().clone())
            .headers(post.headers().clone())
            .header("content-type", "application/json")
            .body(body.to_string());
        answer(put).await.unwrap();
    }

    /// Creates a topic; its ARN.
    pub(crate) async fn create_topic(&self, name: &str) -> String {
        let form = format!("Action=CreateTopic&Version=2010-03-31&Name={name}");
        let request = self
            .request("/", "sns", &Value::Null)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(form);
        let response = request.send().await.unwrap().text().await.unwrap();
        // The answer is XML.
        let arn = response.split_once("<TopicArn>");
        let arn = arn.and_then(|(_, rest)| rest.split_once("</TopicArn>"));
        arn.unwrap_or_else(|| panic!("no topic: {response}"))
            .0
            .to_owned()
    }

    /// Creates a secret.
    pub(crate) async fn put_secret(&self, name: &str, value: &str) {
        let body = json!({
            "Name": name,
            "SecretString": value,
            "ClientRequestToken": "00000000-0000-4000-8000-000000000000",
        });
        let request = self
            .request("/", "secretsmanager", &body)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "secretsmanager.CreateSecret");
        answer(request).await.unwrap();
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Value, String> {
    let response = request.send().await.map_err(|error| error.to_string())?;
    let status = response.status();
    let body = response.text().await.map_err(|error| error.to_string())?;
    if !status.is_success() {
        return Err(format!("{status}: {body}"));
    }
    Ok(serde_json::from_str(&body).unwrap_or(Value::Null))
}

/// A deployment package: one executable as `bootstrap`.
pub(crate) fn package(executable: &Path) -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .unix_permissions(0o755);
    zip.start_file("bootstrap", options).unwrap();
    zip.write_all(&std::fs::read(executable).unwrap()).unwrap();
    zip.finish().unwrap().into_inner()
}

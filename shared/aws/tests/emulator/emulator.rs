//! The emulator, and clients of it that make and look at what the adapters work with.

use std::{collections::BTreeMap, sync::Arc};

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig,
};
use aws_smithy_http_client::Builder as HttpBuilder;
use aws_types::SdkConfig;
use hunter_aws::{Aws, config::Environment};
use hunter_core::ports::{Clock, SystemClock};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const REGION: &str = "us-east-1";

/// A running emulator and the environment of a function that uses it.
pub struct Emulator {
    pub url: String,
    /// Ends the names of what a test makes.
    pub suffix: String,
    variables: BTreeMap<&'static str, String>,
}

impl Emulator {
    pub fn get() -> Self {
        let environment = Environment::of_process();
        let purpose = "the address of a running emulator, as in `http://127.0.0.1:4566`";
        let url = environment.required("HUNTER_EMULATOR_URL", purpose);
        let url = url.expect("the emulator").to_owned();
        let bundle = environment.optional("AWS_CA_BUNDLE").unwrap_or_default();
        let variables = [
            ("AWS_ENDPOINT_URL", url.clone()),
            ("AWS_REGION", REGION.into()),
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ("AWS_CA_BUNDLE", bundle.to_owned()),
        ];
        Self {
            url,
            suffix: format!("{:x}", SystemClock.now().as_nanosecond()),
            variables: variables.into(),
        }
    }

    /// With one more variable.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.variables.insert(name, value.into());
    }

    /// What a function would get from these variables.
    pub fn aws(&self) -> Aws {
        let variables = self.variables.iter().map(|(k, v)| (*k, v.as_str()));
        Aws::from_environment(&variables.collect()).unwrap()
    }

    pub fn name(&self, name: &str) -> String {
        format!("{name}-{}", self.suffix)
    }

    pub fn sdk(&self) -> SdkConfig {
        let keys = Credentials::new("test", "test", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(REGION))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .retry_config(RetryConfig::disabled())
            .http_client(HttpBuilder::new().build_http())
            .endpoint_url(&self.url)
            .build()
    }

    /// A page of the emulator's own, outside AWS's protocols.
    pub async fn page(&self, path: &str) -> serde_json::Value {
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.unwrap();
        let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }
}

pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

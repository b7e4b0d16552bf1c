//! A function in a process of its own.

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
    time::Duration,
};

use serde_json::Value;

use crate::runtime_api::{Answer, RuntimeApi};

/// Long enough for a busy machine: only a test that fails waits for it.
const LIMIT: Duration = Duration::from_secs(60);

/// Waits for something that must come.
pub(super) async fn limited<T>(awaited: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, awaited).await.unwrap()
}

/// What a function wrote.
pub(super) struct Written {
    /// The lines of standard error.
    pub(super) logs: Vec<Value>,
    /// The lines of standard output.
    pub(super) metrics: Vec<Value>,
    /// Both, as they came.
    pub(super) text: String,
}

pub(super) struct FunctionProcess {
    child: Child,
    output: Option<[JoinHandle<String>; 2]>,
}

impl FunctionProcess {
    /// Starts the function that is the ignored test `name`.
    pub(super) fn start(api: &RuntimeApi, name: &str, variables: &[(&str, &str)]) -> Self {
        let environment = api.environment("hunter-test-function");
        let environment = environment.iter().map(|(k, v)| (*k, v.as_str()));
        Self::spawn(name, environment.chain(variables.iter().copied()))
    }

    /// Starts it as a person would, with nothing set.
    pub(super) fn without_lambda(name: &str) -> Self {
        Self::spawn(name, [])
    }

    fn spawn<'a>(name: &str, environment: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                &format!("tests::{name}"),
                "--ignored",
                "--nocapture",
            ])
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = [
            reader(child.stdout.take().unwrap()),
            reader(child.stderr.take().unwrap()),
        ];
        Self {
            child,
            output: Some(output),
        }
    }

    pub(super) async fn invoke(&self, api: &RuntimeApi, event: &Value) -> Answer {
        limited(api.invoke(event.to_string())).await
    }

    pub(super) async fn invoke_bytes(&self, api: &RuntimeApi, event: &'static [u8]) -> Answer {
        limited(api.invoke(event)).await
    }

    /// Ends it, as Lambda does, between two invocations.
    pub(super) fn end(mut self) -> Written {
        self.child.kill().unwrap();
        self.wait()
    }

    /// What it wrote until it ended.
    pub(super) fn wait(mut self) -> Written {
        self.child.wait().unwrap();
        let [stdout, stderr] = self
            .output
            .take()
            .unwrap()
            .map(|reader| reader.join().unwrap());
        // The test program itself writes, too, but no JSON.
        let lines = |text: &str| -> Vec<Value> {
            let lines = text.lines().filter(|line| line.starts_with('{'));
            lines
                .map(|line| serde_json::from_str(line).unwrap())
                .collect()
        };
        Written {
            logs: lines(&stderr),
            metrics: lines(&stdout),
            text: stdout + &stderr,
        }
    }
}

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        // It has ended already, or a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn reader(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = Vec::new();
        from.read_to_end(&mut text).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    })
}

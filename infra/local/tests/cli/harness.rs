//! Runs the binary in a directory of its own.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// A small generated town: a run takes a few seconds.
pub(crate) const SMALL_RUN: [&str; 7] = [
    "run",
    "--source",
    "sandbox",
    "--town",
    "80",
    "--max-results",
    "30",
];

/// What a command left.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    fn of(output: std::process::Output) -> Self {
        Self {
            // None is death by a signal, which no test expects of a command that answers.
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output, which must be one JSON value and nothing else.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("not JSON: {error}\n{self:#?}"))
    }
}

/// A user with an empty directory.
pub(crate) struct User {
    home: TempDir,
}

impl User {
    pub(crate) fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// A path in the user's directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Where the command keeps everything.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Writes a file and answers its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A command in the user's directory.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hunter"));
        command
            .arg0("hunter")
            .current_dir(self.home.path())
            .env_clear()
            .arg("--dir")
            .arg(self.data())
            .args(args)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn hunter(&self, args: &[&str]) -> Answer {
        Answer::of(self.command(args).output().unwrap())
    }

    /// Runs a command to its end with variables set.
    pub(crate) fn hunter_with(&self, variables: &[(&str, &str)], args: &[&str]) -> Answer {
        let mut command = self.command(args);
        command.envs(variables.iter().copied());
        Answer::of(command.output().unwrap())
    }

    /// Starts a command of which both outputs are to be read.
    pub(crate) fn spawn(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Runs a command with `--json` that must succeed.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let answer = self.hunter(&[args, &["--json"]].concat());
        assert_eq!(answer.code, 0, "{args:?}: {answer:#?}");
        answer.json()
    }

    /// Starts a run that says on standard error what it does.
    pub(crate) fn start_run(&self, args: &[&str]) -> Running {
        let stdout = self.path("stdout");
        let mut child = self
            .command(args)
            .env("RUST_LOG", "hunter_cloud=debug")
            .stdout(File::create(&stdout).unwrap())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Running {
            child,
            stdout,
            stderr,
        }
    }

    /// Checks that a refused command left no run, charge or ledger entry but the plan's grant.
    pub(crate) fn assert_untouched(&self) {
        assert_eq!(self.json(&["runs", "list"]), serde_json::json!([]));
        let credits = self.json(&["credits", "--check"]);
        let expected = serde_json::json!({ "avail": 99.99, "held": 0, "spent": 0 });
        assert_eq!(credits["balance"], expected);
        let kinds: Vec<_> = credits["ledger"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["kind"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["grant"]);
        assert!(journal_is_empty(&self.data().join("executions")));
    }

    /// Runs a command that must be refused with a code and a text; nothing may be stored.
    pub(crate) fn assert_refused(&self, args: &[&str], exit: i32, code: &str, text: &str) {
        let answer = self.hunter(&[args, &["--json"]].concat());
        assert_eq!(answer.code, exit, "{args:?}: {answer:#?}");
        let json = answer.json();
        assert_eq!(json["status"], "failed", "{args:?}");
        let errors = json["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{args:?}");
        let keys: Vec<_> = errors[0].as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            ["error_code", "error_message", "record_id", "retryable"]
        );
        assert_eq!(errors[0]["error_code"], code, "{args:?}: {errors:?}");
        assert_eq!(errors[0]["retryable"], false, "{args:?}");
        let message = errors[0]["error_message"].as_str().unwrap();
        assert!(message.contains(text), "{args:?}: {message}");
        assert!(answer.stderr.contains(message), "{answer:#?}");
    }
}

/// Sends a signal.
pub(crate) fn send(child: &Child, name: &str) {
    let id = child.id().to_string();
    let status = Command::new("kill").args(["-s", name, &id]).status();
    assert!(status.unwrap().success());
}

fn journal_is_empty(directory: &Path) -> bool {
    std::fs::read_dir(directory).map_or(true, |mut entries| entries.next().is_none())
}

/// A command under way.
pub(crate) struct Running {
    child: Child,
    stdout: PathBuf,
    stderr: BufReader<ChildStderr>,
}

impl Running {
    /// Waits until the log names a state or function for the nth time: `RunRecipe` is entered,
    /// `outreach` has answered.
    pub(crate) fn wait_for(mut self, name: &str, nth: usize) -> Self {
        let quoted = format!("\"{name}\"");
        let mut seen = 0;
        while seen < nth {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it ended before {name} came for the {nth}. time");
            seen += usize::from(line.contains(&quoted));
        }
        self
    }

    /// What Ctrl-C does.
    pub(crate) fn interrupt(self) -> Answer {
        self.signal("INT")
    }

    /// Sends a signal, which must end the command.
    pub(crate) fn signal(mut self, name: &str) -> Answer {
        send(&self.child, name);
        let mut stderr = String::new();
        self.stderr.read_to_string(&mut stderr).unwrap();
        Answer {
            code: self.child.wait().unwrap().code().unwrap(),
            stdout: std::fs::read_to_string(&self.stdout).unwrap(),
            stderr,
        }
    }

    /// The end that nobody can prepare for.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), None, "it ended before it was killed");
    }
}

//! The engines' processes.

use std::ffi::OsString;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long an engine may take to answer its first request.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long it may take to end when asked to.
const END_TIMEOUT: Duration = Duration::from_secs(5);

/// A process that listens on an address of this machine; ends when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What it writes goes here, and everything else of its own.
    directory: tempfile::TempDir,
}

/// A port that is free now.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap()
}

/// An executable of the engines: in the folder `HUNTER_ENGINES_BIN`, or on the path.
#[expect(
    clippy::disallowed_methods,
    reason = "where the engines are installed is a matter of this test alone"
)]
pub(crate) fn executable(name: &str) -> PathBuf {
    let folder = std::env::var("HUNTER_ENGINES_BIN").map(PathBuf::from);
    folder.map_or_else(|_| PathBuf::from(name), |folder| folder.join(name))
}

impl Server {
    /// Starts a program and waits until it accepts connections at `address`.
    pub(crate) async fn start(
        mut command: Command,
        environment: &[(&str, OsString)],
        address: SocketAddr,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(directory.path().join("log")).unwrap();
        command
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env("TMPDIR", directory.path())
            .env("TZ", "UTC")
            .env("NO_PROXY", "*")
            // A group of its own: what it starts ends with it.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let child = command.spawn().unwrap_or_else(|error| {
            let program = command.get_program().display();
            panic!("cannot start `{program}` ({error}): docs/engines.md says how to install it")
        });
        let mut server = Self {
            child,
            address,
            directory,
        };
        let started = Instant::now();
        while tokio::net::TcpStream::connect(address).await.is_err() {
            let ended = server.child.try_wait().unwrap();
            assert!(
                ended.is_none() && started.elapsed() < START_TIMEOUT,
                "it does not start: {ended:?}\n{}",
                server.log()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        server
    }

    /// What it has written.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read(self.directory.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `http://` and its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, so that it can end the processes that it has started.
        let group = format!("-{}", self.child.id());
        let tell = |signal| {
            let _ = Command::new("kill").args([signal, "--", &group]).status();
        };
        tell("-TERM");
        let asked = Instant::now();
        while asked.elapsed() < END_TIMEOUT {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        tell("-KILL");
        let _ = self.child.wait();
    }
}

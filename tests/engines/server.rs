//! The engines' processes.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;

/// How long an engine may take to accept its first connection, also on a machine that is busy.
const START_TIMEOUT: Duration = Duration::from_secs(180);
/// How long it may take to end when asked to.
const END_TIMEOUT: Duration = Duration::from_secs(5);

/// A process that listens on an address of this machine; ends when dropped.
pub(crate) struct Server {
    child: Child,
    port: Port,
    /// What it writes goes here, and everything else of its own.
    directory: tempfile::TempDir,
}

/// A port of 127.0.0.1 that is held for a program until it listens, and longer: bound here and not
/// listened on. The kernel gives it to nobody who asks for any port, and lets the program bind it
/// too, because both set `SO_REUSEADDR`, as the engines do.
pub(crate) struct Port {
    pub(crate) address: SocketAddr,
    _socket: TcpSocket,
}

impl Port {
    pub(crate) fn hold() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        Self {
            address: socket.local_addr().unwrap(),
            _socket: socket,
        }
    }
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
    /// Starts a program and waits until it accepts connections at its port.
    pub(crate) async fn start(
        mut command: Command,
        environment: &[(&str, OsString)],
        port: Port,
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
            port,
            directory,
        };
        let started = Instant::now();
        while tokio::net::TcpStream::connect(server.port.address)
            .await
            .is_err()
        {
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
        format!("http://{}", self.port.address)
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

/// Nobody who asks for any port gets one that is held, and who is told the port can listen on it.
#[tokio::test]
async fn a_held_port_is_given_to_its_program_alone() {
    let port = Port::hold();
    let others: Vec<_> = (0..2_000)
        .map(|_| std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap())
        .collect();
    let taken = |other: &std::net::TcpListener| other.local_addr().unwrap() == port.address;
    assert!(!others.iter().any(taken));
    std::net::TcpListener::bind(port.address).unwrap();
}

//! DynamoDB in this process: its real HTTP protocol on a port of 127.0.0.1, kept in a file.

use std::{fs::File, io, net::SocketAddr, path::Path, time::Duration};

use dynoxide::{Database, server};
use hunter_contracts::{ErrorCode, RecipeFailure};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// How often items whose time has come are removed.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// A running embedded DynamoDB. Only one process at a time may have a directory open.
pub struct EmbeddedDynamo {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<Result<(), String>>,
    sweeper: JoinHandle<()>,
    // Held for as long as the database is open.
    _lock: Option<File>,
}

fn failed(message: String) -> RecipeFailure {
    RecipeFailure::new(ErrorCode::StoreUnavailable, message)
}

/// Takes the directory's lock.
fn lock(directory: &Path) -> Result<File, RecipeFailure> {
    let path = directory.join("lock");
    let shown = path.display();
    let file = File::create(&path)
        .map_err(|error| failed(format!("cannot write `{shown}`")).caused_by(error))?;
    file.try_lock().map_err(|_| {
        RecipeFailure::new(
            ErrorCode::Conflict,
            format!(
                "another `hunter` is at work in `{}`: wait until it ends, or use another directory",
                directory.display()
            ),
        )
    })?;
    Ok(file)
}

impl EmbeddedDynamo {
    /// Opens the database of a directory and serves it.
    ///
    /// # Errors
    /// `CONFLICT` when another process has it open, `STORE_UNAVAILABLE` when it cannot be opened.
    pub async fn open(directory: &Path) -> Result<Self, RecipeFailure> {
        let shown = directory.display();
        std::fs::create_dir_all(directory)
            .map_err(|error| failed(format!("cannot create `{shown}`")).caused_by(error))?;
        let lock = lock(directory)?;
        let path = directory.join("hunter.db");
        let text = path
            .to_str()
            .ok_or_else(|| failed("the directory's path is not UTF-8".into()))?;
        let database = Database::new(text)
            .map_err(|error| failed(format!("cannot open `{text}`")).caused_by(error))?;
        Self::serve(database, Some(lock)).await
    }

    /// Serves a database that is gone with the process.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` when no port can be had.
    pub async fn in_memory() -> Result<Self, RecipeFailure> {
        let database = Database::memory()
            .map_err(|error| failed("cannot open a database".into()).caused_by(error))?;
        Self::serve(database, None).await
    }

    async fn serve(database: Database, lock: Option<File>) -> Result<Self, RecipeFailure> {
        let unheard =
            |error: io::Error| failed("cannot listen on 127.0.0.1".into()).caused_by(error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(unheard)?;
        let address = listener.local_addr().map_err(unheard)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let swept = database.clone();
        let sweeper = tokio::spawn(async move {
            loop {
                tokio::time::sleep(SWEEP_INTERVAL).await;
                let database = swept.clone();
                let result = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
                tracing::debug!(?result, "expired items swept");
            }
        });
        let server = tokio::spawn(server::serve_with_shutdown(listener, database, async {
            let _ = stopped.await;
        }));
        Ok(Self {
            address,
            stop: Some(stop),
            server,
            sweeper,
            _lock: lock,
        })
    }

    /// Where it answers, as in `http://127.0.0.1:40123`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops it after the requests under way.
    pub async fn stop(mut self) {
        self.sweeper.abort();
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        // Idle keep-alive connections of the client would hold the server open.
        let _ = tokio::time::timeout(Duration::from_millis(200), &mut self.server).await;
        self.server.abort();
    }
}

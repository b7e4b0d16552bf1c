//! A fixed address in front of whatever stands behind it: functions are told an address once, and
//! each scenario has a sandbox of its own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// Forwards connections.
pub(crate) struct Switch {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    behind: Arc<Mutex<Option<SocketAddr>>>,
    open: Arc<Mutex<Vec<AbortHandle>>>,
}

impl Switch {
    /// Listens; closes every connection until it is told where to forward.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let behind = Arc::new(Mutex::new(None::<SocketAddr>));
        let open = Arc::new(Mutex::new(Vec::new()));
        let (target, connections) = (behind.clone(), open.clone());
        tokio::spawn(async move {
            while let Ok((mut inbound, _)) = listener.accept().await {
                let Some(target) = *target.lock().unwrap() else {
                    continue;
                };
                let forward = tokio::spawn(async move {
                    if let Ok(mut outbound) = TcpStream::connect(target).await {
                        let _ = copy_bidirectional(&mut inbound, &mut outbound).await;
                    }
                });
                connections.lock().unwrap().push(forward.abort_handle());
            }
        });
        Self {
            address,
            behind,
            open,
        }
    }

    /// Forwards elsewhere from now on; connections to the old place end.
    pub(crate) fn turn(&self, target: SocketAddr) {
        *self.behind.lock().unwrap() = Some(target);
        for connection in self.open.lock().unwrap().drain(..) {
            connection.abort();
        }
    }
}

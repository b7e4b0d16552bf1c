//! Connections to the server: how many there may be, and how long a request may take to arrive.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::Router;
use futures::FutureExt;
use hunter_contracts::chain;
use hyper::{
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::{Notify, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// What connections are held to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Open at once. At a further one the oldest that no handler works for gives way; where handlers
    /// work for all of them, it waits.
    pub(super) connections_max: usize,
    /// From a connection's beginning, or the answer before, to the end of a request's head.
    pub(super) head_timeout: Duration,
}

impl Limits {
    /// Those of a server: well below the 1,024 files that a process may have open by default.
    pub(super) const SERVER: Self = Self {
        connections_max: 512,
        head_timeout: Duration::from_secs(10),
    };
}

/// How long it takes to look again for a connection that may give way, or for one to accept.
const PAUSE: Duration = Duration::from_millis(10);

/// Serves until it is told to stop; requests under way are answered then. Whoever drops this ends
/// them.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stopped: watch::Receiver<bool>,
) {
    let crowded = Arc::new(Notify::new());
    let mut open = JoinSet::new();
    let mut stop = pin!(told(stopped.clone()));
    loop {
        let accepted = select! {
            accepted = listener.accept() => accepted,
            Some(_) = open.join_next() => continue,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(error = chain(&error), "a connection was not accepted");
                sleep(PAUSE).await;
                continue;
            }
        };
        while open.len() >= limits.connections_max {
            crowded.notify_one();
            let _ = timeout(PAUSE, open.join_next()).await;
        }
        let (router, crowded, stop) = (router.clone(), crowded.clone(), told(stopped.clone()));
        open.spawn(converse(stream, router, limits, crowded, stop));
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

async fn told(mut stopped: watch::Receiver<bool>) {
    // Gone with the server, it is to stop too.
    let _ = stopped.wait_for(|&stop| stop).await;
}

async fn converse(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    crowded: Arc<Notify>,
    stop: impl Future<Output = ()>,
) {
    let answering = AtomicBool::new(false);
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request| {
        answering.store(true, Ordering::Relaxed);
        router
            .call(request)
            .inspect(|_| answering.store(false, Ordering::Relaxed))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .serve_connection(TokioIo::new(stream), service);
    let (mut connection, mut stop) = (pin!(connection), pin!(stop.fuse()));
    loop {
        select! {
            // What fails here is the other side: it is gone, or too slow.
            _ = connection.as_mut() => return,
            // The one that has waited longest is told.
            () = crowded.notified() => if !answering.load(Ordering::Relaxed) { return },
            () = &mut stop => connection.as_mut().graceful_shutdown(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, sync::Arc};

    use axum::routing::get;
    use futures::future::join_all;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::Semaphore,
        task::JoinHandle,
        time::timeout,
    };

    use super::*;

    /// Longer than anything here takes.
    const PATIENCE: Duration = Duration::from_secs(30);
    const HOUR: Duration = Duration::from_hours(1);

    struct Served {
        address: SocketAddr,
        stop: watch::Sender<bool>,
        server: JoinHandle<()>,
        /// How many handlers of `/slow` are at work, and leave to end for each.
        begun: Arc<Semaphore>,
        leave: Arc<Semaphore>,
    }

    async fn served(connections_max: usize, head_timeout: Duration) -> Served {
        let (begun, leave) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (begins, left) = (begun.clone(), leave.clone());
        let slow = move || async move {
            begins.add_permits(1);
            left.acquire().await.unwrap().forget();
            "slow"
        };
        let router = Router::new()
            .route("/", get(|| async { "here" }))
            .route("/slow", get(slow));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let limits = Limits {
            connections_max,
            head_timeout,
        };
        Served {
            address,
            stop,
            server: tokio::spawn(serve(listener, router, limits, stopped)),
            begun,
            leave,
        }
    }

    impl Served {
        async fn send(&self, text: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            stream
        }

        async fn half_sent(&self) -> TcpStream {
            self.send("GET / HTTP/1.1\r\nhost: x\r\n").await
        }

        async fn asked(&self, path: &str) -> TcpStream {
            let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
            self.send(&head).await
        }

        /// Waits until so many handlers of `/slow` have begun.
        async fn wait_for(&self, count: u32) {
            let begun = timeout(PATIENCE, self.begun.acquire_many(count)).await;
            begun.expect("handlers begin").unwrap().forget();
        }
    }

    /// What comes until the other side ends.
    async fn rest(mut stream: TcpStream) -> String {
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
        // A connection may be reset: what was sent to it has not been read.
        let _ = read.expect("the connection is ended");
        String::from_utf8(bytes).unwrap()
    }

    /// Whether the other side ended, without waiting for it.
    fn is_ended(stream: &TcpStream) -> bool {
        let read = stream.try_read(&mut [0]);
        !read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    }

    #[tokio::test]
    async fn half_sent_requests_keep_nobody_waiting() {
        let served = served(128, HOUR).await;
        let mut half = Vec::new();
        for _ in 0..600 {
            half.push(served.half_sent().await);
        }
        assert!(rest(served.asked("/").await).await.ends_with("here"));
        // The oldest ones gave way.
        join_all(half.drain(..600 - 128).map(rest)).await;
        let open = half.iter().filter(|stream| !is_ended(stream)).count();
        assert!(open >= 120, "{open}");
    }

    #[tokio::test]
    async fn half_sent_requests_end_after_a_while() {
        let served = served(512, Duration::from_millis(300)).await;
        let silent = TcpStream::connect(served.address).await.unwrap();
        let mut half = vec![silent];
        for _ in 0..100 {
            half.push(served.half_sent().await);
        }
        for answer in join_all(half.into_iter().map(rest)).await {
            assert!(!answer.contains("200"), "{answer}");
        }
        // A handler may take longer than a request to arrive.
        let slow = served.asked("/slow").await;
        served.wait_for(1).await;
        tokio::time::sleep(Duration::from_millis(600)).await;
        served.leave.add_permits(1);
        assert!(rest(slow).await.ends_with("slow"));
    }

    #[tokio::test]
    async fn a_head_that_drips_is_ended() {
        let served = served(512, Duration::from_millis(300)).await;
        let mut stream = served.half_sent().await;
        let drip = async {
            while stream.write_all(b"x").await.is_ok() && !is_ended(&stream) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, drip)
            .await
            .expect("the dripping is ended");
    }

    #[tokio::test]
    async fn who_is_being_answered_never_gives_way() {
        let served = served(2, HOUR).await;
        let slow = [served.asked("/slow").await, served.asked("/slow").await];
        served.wait_for(2).await;
        let mut third = served.asked("/").await;
        let early = timeout(Duration::from_millis(200), third.read_u8()).await;
        assert!(early.is_err(), "{early:?}");
        served.leave.add_permits(2);
        for stream in slow {
            assert!(rest(stream).await.ends_with("slow"));
        }
        assert!(rest(third).await.ends_with("here"));
    }

    #[tokio::test]
    async fn a_server_that_stops_answers_first() {
        let served = served(512, HOUR).await;
        let slow = served.asked("/slow").await;
        let idle = served.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        served.wait_for(1).await;
        idle.readable().await.unwrap();
        served.stop.send_replace(true);
        assert!(rest(idle).await.ends_with("here"));
        served.leave.add_permits(1);
        assert!(rest(slow).await.ends_with("slow"));
        timeout(PATIENCE, served.server)
            .await
            .expect("it ends")
            .unwrap();
        TcpStream::connect(served.address).await.unwrap_err();
    }
}

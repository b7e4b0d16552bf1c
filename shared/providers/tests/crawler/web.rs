//! An internet on this machine: servers that count as public, and an inside that nobody may touch.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use hunter_core::ports::ManualClock;
use hunter_providers::{HttpSites, HttpSitesConfig, Route, StandIn};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2026-01-02T03:04:05Z".parse().unwrap()))
}

/// A file or folder of the real-world data, where it is present.
pub(crate) fn recorded(path: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/realworld");
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: `{path}` of the real-world data is not here");
    None
}

/// What was asked of a server: the `Host` header and the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) host: String,
    pub(crate) path: String,
}

/// An answer as it goes over the wire; the connection is closed after it.
pub(crate) type Answer = Vec<u8>;

pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
    let mut bytes = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.as_ref().len()).as_bytes());
    bytes.extend_from_slice(body.as_ref());
    bytes
}

pub(crate) fn page(body: &str) -> Answer {
    answer(200, &[("content-type", "text/html")], body)
}

pub(crate) fn redirect(to: &str) -> Answer {
    answer(302, &[("location", to)], "")
}

/// A server that counts as public.
pub(crate) struct Public {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Public {
    pub(crate) async fn start(answers: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (kept, answers) = (Arc::clone(&asked), Arc::new(answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, answers) = (Arc::clone(&kept), Arc::clone(&answers));
                tokio::spawn(async move {
                    let _ = serve(stream, &kept, answers.as_ref()).await;
                });
            }
        });
        Self { address, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    kept: &Mutex<Vec<Asked>>,
    answers: &(impl Fn(&Asked) -> Answer + Send + Sync),
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&head);
    let host = head
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default();
    let asked = Asked {
        host: host.to_owned(),
        path: head.split(' ').nth(1).unwrap_or_default().to_owned(),
    };
    kept.lock().unwrap().push(asked.clone());
    stream.write_all(&answers(&asked)).await?;
    stream.shutdown().await
}

/// Servers that only programs on this machine may talk to, on one port and on as many addresses of
/// this machine as it has. They count who connects.
pub(crate) struct Inside {
    pub(crate) port: u16,
    pub(crate) listening: Vec<SocketAddr>,
    connections: Arc<AtomicUsize>,
}

impl Inside {
    pub(crate) async fn start() -> Self {
        let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = first.local_addr().unwrap().port();
        let mut inside = Self {
            port,
            listening: Vec::new(),
            connections: Arc::new(AtomicUsize::new(0)),
        };
        inside.count(first);
        for host in ["127.0.0.2", "127.1.1.1", "127.255.255.254", "[::1]"] {
            inside.also(&format!("{host}:{port}")).await;
        }
        // What a crawler inside a cloud function would find, where nobody else holds the port.
        for port in [80, 443, 8080, 8443, 9001] {
            inside.also(&format!("127.0.0.1:{port}")).await;
            inside.also(&format!("[::1]:{port}")).await;
        }
        inside
    }

    async fn also(&mut self, address: &str) {
        if let Ok(listener) = TcpListener::bind(address).await {
            self.count(listener);
        }
    }

    fn count(&mut self, listener: TcpListener) {
        self.listening.push(listener.local_addr().unwrap());
        let connections = Arc::clone(&self.connections);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(&page("secret")).await;
            }
        });
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// What names mean: a list of answers, of which the last is given again and again.
#[derive(Clone, Default)]
pub(crate) struct Names {
    answers: Arc<Mutex<HashMap<String, Vec<Vec<SocketAddr>>>>>,
    /// What every other name means.
    others: Vec<SocketAddr>,
    lookups: Arc<AtomicUsize>,
}

impl Names {
    /// Names that mean these addresses, all of them.
    pub(crate) fn meaning(addresses: &[SocketAddr]) -> Self {
        Self {
            others: addresses.to_vec(),
            ..Self::default()
        }
    }

    pub(crate) fn set(&self, name: &str, answers: &[&[SocketAddr]]) {
        let mut answers: Vec<Vec<SocketAddr>> = answers.iter().map(|a| a.to_vec()).collect();
        answers.reverse();
        let mut known = self.answers.lock().unwrap();
        known.insert(name.to_owned(), answers);
    }

    pub(crate) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }

    fn answer(&self, name: &str) -> Vec<SocketAddr> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let mut known = self.answers.lock().unwrap();
        match known.get_mut(name) {
            Some(answers) if answers.len() > 1 => answers.pop().unwrap(),
            Some(answers) => answers[0].clone(),
            None => self.others.clone(),
        }
    }
}

/// The crawler as it is in production, but for what the names mean and which sockets are public.
pub(crate) fn live(names: &Names, public: &[SocketAddr], ports: &[u16]) -> HttpSites {
    configured(HttpSitesConfig::new(Route::Live), names, public, ports)
}

pub(crate) fn configured(
    config: HttpSitesConfig,
    names: &Names,
    public: &[SocketAddr],
    ports: &[u16],
) -> HttpSites {
    let names = names.clone();
    let web = StandIn {
        lookup: Arc::new(move |name: String| {
            let answer = names.answer(&name);
            Box::pin(async move { Ok(answer) })
        }),
        public: public.to_vec(),
        ports: ports.to_vec(),
    };
    HttpSites::on_stand_in(web, config, clock()).unwrap()
}

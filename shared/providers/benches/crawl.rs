//! The measurement behind `cargo xtask bench crawl`: pages per second of one core that the crawler
//! reads, beside a loop of bare GET requests with the same HTTP client.
//!
//! The server is a process of its own, and so is each measurement: the time that counts is the
//! client's own processor time. Both read the same pages of the same hosts over loopback, 32 at
//! once. The crawler does what it does on the live web — names through its resolver, every address
//! checked, robots.txt, limits, politeness per host — except that one address of this machine
//! counts as public.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::header::CONTENT_TYPE;
use futures::{StreamExt, stream};
use hunter_core::ports::{SiteFetcher, SystemClock};
use hunter_providers::{HttpSites, HttpSitesConfig, Route, StandIn};
use serde::{Deserialize, Serialize};

type Failure = Box<dyn std::error::Error>;

const HOSTS: usize = 512;
const SIDE_BY_SIDE: usize = 16;
const PAGES_PER_HOST: usize = 20;
const CONCURRENCY: usize = 32;
const ROUNDS: usize = 5;
const PAGE_BYTES: usize = 30_000;

/// What one process measured.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Measured {
    pages: usize,
    wall_ms: f64,
    cpu_ms: f64,
}

impl Measured {
    /// Pages per second of processor time.
    fn per_core(&self) -> f64 {
        self.pages as f64 / self.cpu_ms.max(1.0) * 1e3
    }

    fn per_second(&self) -> f64 {
        self.pages as f64 / self.wall_ms.max(1.0) * 1e3
    }
}

/// What the whole benchmark says; medians over the rounds.
#[derive(Debug, Serialize)]
struct Summary {
    pages: usize,
    page_bytes: usize,
    rounds: usize,
    crawler_pages_per_s_core: f64,
    bare_pages_per_s_core: f64,
    ratio: f64,
    crawler_pages_per_s: f64,
    bare_pages_per_s: f64,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    match arguments.as_slice() {
        ["serve"] => runtime.block_on(serve()),
        ["crawler", address] => print(&runtime.block_on(crawler(address.parse()?))?),
        ["bare", address] => print(&runtime.block_on(bare(address.parse()?))?),
        ["--json"] => print(&rounds()?),
        _ => report(&rounds()?),
    }
}

fn print(value: &impl Serialize) -> Result<(), Failure> {
    println!("{}", serde_json::to_string(value)?);
    Ok(())
}

fn report(summary: &Summary) -> Result<(), Failure> {
    println!(
        "{} pages of {} kB on {HOSTS} hosts, medians of {} rounds",
        summary.pages,
        summary.page_bytes / 1_000,
        summary.rounds
    );
    println!("{:<16} {:>16} {:>12}", "", "pages/s/core", "pages/s");
    for (name, core, wall) in [
        (
            "crawler",
            summary.crawler_pages_per_s_core,
            summary.crawler_pages_per_s,
        ),
        (
            "bare GET loop",
            summary.bare_pages_per_s_core,
            summary.bare_pages_per_s,
        ),
    ] {
        println!("{name:<16} {core:>16.0} {wall:>12.0}");
    }
    println!("{:<16} {:>16.2}", "ratio", summary.ratio);
    Ok(())
}

/// The server's process; ends with this one.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn rounds() -> Result<Summary, Failure> {
    use std::io::{BufRead, BufReader};
    let program = std::env::current_exe()?;
    let mut server = Command::new(&program)
        .arg("serve")
        .stdout(Stdio::piped())
        .spawn()?;
    let output = server.stdout.take().ok_or("the server has no output")?;
    let _server = Server(server);
    let mut address = String::new();
    BufReader::new(output).read_line(&mut address)?;
    let run = |which: &str| -> Result<Measured, Failure> {
        let output = Command::new(&program)
            .args([which, address.trim()])
            .output()?;
        if !output.status.success() {
            return Err(format!("{which}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    };
    let (mut crawled, mut bare) = (Vec::new(), Vec::new());
    // Turn and turn about, so that what else the machine does meets both.
    for _ in 0..ROUNDS {
        crawled.push(run("crawler")?);
        bare.push(run("bare")?);
    }
    let ratios = crawled.iter().zip(&bare);
    let ratios = ratios.map(|(c, b)| c.per_core() / b.per_core()).collect();
    Ok(Summary {
        pages: HOSTS * PAGES_PER_HOST,
        page_bytes: PAGE_BYTES,
        rounds: ROUNDS,
        crawler_pages_per_s_core: median(crawled.iter().map(Measured::per_core).collect()),
        bare_pages_per_s_core: median(bare.iter().map(Measured::per_core).collect()),
        ratio: median(ratios),
        crawler_pages_per_s: median(crawled.iter().map(Measured::per_second).collect()),
        bare_pages_per_s: median(bare.iter().map(Measured::per_second).collect()),
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Answers every host with a page and a robots.txt; prints where.
async fn serve() -> Result<(), Failure> {
    let paragraph = "<p>Bread is baked here every morning but on Sundays.</p>\n";
    let mut page = String::from("<!doctype html><title>Bakery</title><h1>Bakery</h1>\n");
    page.push_str(&paragraph.repeat((PAGE_BYTES - page.len()) / paragraph.len()));
    let page = bytes(page);
    let rules = bytes("User-agent: *\nDisallow: /private\nDisallow: /*.pdf$\n".to_owned());
    let app = axum::Router::new().fallback(move |request: axum::extract::Request| {
        let rules_wanted = request.uri().path() == "/robots.txt";
        let body = if rules_wanted { &rules } else { &page }.clone();
        async move { ([(CONTENT_TYPE, "text/html; charset=utf-8")], body) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

fn bytes(text: String) -> axum::body::Bytes {
    axum::body::Bytes::from(text)
}

/// Sixteen hosts side by side, so that neither asks one host for more than two or so pages at once:
/// more connections to a host would cost the bare loop what the crawler's politeness saves.
fn addresses() -> impl Iterator<Item = String> {
    (0..HOSTS / SIDE_BY_SIDE).flat_map(|group| {
        (0..PAGES_PER_HOST).flat_map(move |page| {
            let hosts = group * SIDE_BY_SIDE..(group + 1) * SIDE_BY_SIDE;
            hosts.map(move |host| format!("http://host-{host}.example/page-{page}"))
        })
    })
}

async fn crawler(server: SocketAddr) -> Result<Measured, Failure> {
    let web = StandIn {
        lookup: Arc::new(move |_| Box::pin(async move { Ok(vec![server]) })),
        public: vec![server],
        ports: Vec::new(),
    };
    let config = HttpSitesConfig::new(Route::Live);
    let sites = HttpSites::on_stand_in(web, config, Arc::new(SystemClock))?;
    measure(async |url| sites.fetch(&url).await.map(|page| page.body.len()).ok()).await
}

/// Hands out one address, as the crawler's resolver does.
struct One(SocketAddr);

impl reqwest::dns::Resolve for One {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let address = self.0;
        Box::pin(async move { Ok(Box::new(std::iter::once(address)) as reqwest::dns::Addrs) })
    }
}

async fn bare(server: SocketAddr) -> Result<Measured, Failure> {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .dns_resolver(Arc::new(One(server)))
        .build()?;
    measure(async |url| {
        let response = client.get(url).send().await.ok()?;
        response.bytes().await.ok().map(|body| body.len())
    })
    .await
}

async fn measure(fetch: impl AsyncFn(String) -> Option<usize>) -> Result<Measured, Failure> {
    let (begun, cpu) = (Instant::now(), cpu_ms());
    let sizes: Vec<Option<usize>> = stream::iter(addresses().map(|url| fetch(url)))
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    let measured = Measured {
        pages: sizes.len(),
        wall_ms: begun.elapsed().as_secs_f64() * 1e3,
        cpu_ms: cpu_ms() - cpu,
    };
    let whole = |size: &Option<usize>| size.is_some_and(|s| s.abs_diff(PAGE_BYTES) < 100);
    if sizes.iter().all(whole) {
        Ok(measured)
    } else {
        let missing = sizes.iter().filter(|size| !whole(size)).count();
        Err(format!("{missing} of {} pages were not read", sizes.len()).into())
    }
}

/// User and system time of this process in milliseconds, in ticks of 10 ms (`proc_pid_stat(5)`).
fn cpu_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|f| f.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) * 10.0
}

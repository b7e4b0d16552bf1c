//! Hostile robots.txt files against the crawler: `cargo run --profile lambda -p robots`.
//!
//! In the deployed profile a panic ends the process, and no test harness is built that way. This
//! program is: it ends with 0 when every file was read and every page of theirs judged. Its server
//! is this process.

#![expect(clippy::print_stdout, reason = "it says what it did")]

use std::{
    error::Error,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use hunter_core::ports::{SiteFetcher, SystemClock};
use hunter_providers::{HttpSites, HttpSitesConfig, Route};

/// Files that chance makes.
const BY_CHANCE: usize = 1_500;
/// What chance makes files of.
const WORDS: [&[u8]; 24] = [
    b"User-agent",
    b"user agent:",
    b"Disallow",
    b"Allow:",
    b"Crawl-delay:",
    b"Sitemap: ",
    b": ",
    b"*",
    b"$",
    b"/",
    b"/a",
    b"%",
    b"%2",
    b"%c3%A4",
    b"#",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xFF\xFE",
    b"\xEF\xBB\xBF",
    "\u{e4}\u{1f980}".as_bytes(),
    b"\xC3",
    b"HunterBot",
    b"9e999",
];

/// Files that were written to be read wrongly.
fn by_hand() -> Vec<Vec<u8>> {
    let of = |text: String| text.into_bytes();
    vec![
        Vec::new(),
        vec![0; 600_000],
        vec![0xFF; 600_000],
        b"\xFF\xFEU".to_vec(),
        b"\xFE\xFF\xD8\x00".to_vec(),
        b"\xEF\xBB\xBF\xEF\xBB\xBFUser-agent: *\nDisallow: /".to_vec(),
        of(format!(
            "User-agent: *\nDisallow: /{}",
            "*a".repeat(250_000)
        )),
        of(format!(
            "User-agent: *\n{}",
            "Disallow: /*a*b$\n".repeat(25_000)
        )),
        of(format!("User-agent: *\nDisallow: {}", "%".repeat(500_000))),
        of(format!("User-agent: *\nDisallow: {}", "$".repeat(500_000))),
        of(format!("User-agent: {}", "\u{1f980}".repeat(125_000))),
        of("User-agent: *\n".repeat(40_000)),
        of("Sitemap: http://[::\n".repeat(25_000)),
        of(format!(
            "User-agent: *\nCrawl-delay: {}",
            "9".repeat(400_000)
        )),
        of("User-agent: *\nCrawl-delay: -1\nCrawl-delay: NaN\nCrawl-delay: 1e39".to_owned()),
        of("Disallow: (?i)[a-\nDisallow: /\\\nUser-agent: *\nDisallow: /{{{".to_owned()),
    ]
}

/// A file of such words: the same one for the same number.
fn by_chance(number: usize) -> Vec<u8> {
    let mut state = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or(0)
    };
    let mut file = Vec::new();
    for _ in 0..next() % 200 {
        match next() % 8 {
            0 => file.push((next() % 256) as u8),
            _ => file.extend(WORDS.get(next() % WORDS.len()).copied().unwrap_or_default()),
        }
    }
    file
}

/// Answers one request: the file whose number the host begins with, or a page.
fn answer(stream: TcpStream, files: &[Vec<u8>]) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut path, mut host) = (String::new(), String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        match line.split_once(' ') {
            Some(("GET", rest)) => rest.clone_into(&mut path),
            Some((name, rest)) if name.eq_ignore_ascii_case("host:") => rest.clone_into(&mut host),
            _ => {}
        }
    }
    let number = host.trim_start_matches('n').split('.').next();
    let file = number.and_then(|number| files.get(number.parse::<usize>().ok()?));
    let (kind, body) = match file.filter(|_| path.starts_with("/robots.txt")) {
        Some(file) => ("text/plain", file.as_slice()),
        None => ("text/html", &b"<p>ok"[..]),
    };
    let length = body.len();
    let mut stream = reader.into_inner();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: \
         close\r\n\r\n"
    )?;
    stream.write_all(body)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<_> = by_hand()
        .into_iter()
        .chain((0..BY_CHANCE).map(by_chance))
        .collect();
    let count = files.len();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut config = HttpSitesConfig::new(Route::Gateway(listener.local_addr()?));
    config.crawl_delay_max = std::time::Duration::ZERO;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Of a client that has gone away nothing is wanted any more.
            let _ = answer(stream, &files);
        }
    });
    let sites = HttpSites::new(config, Arc::new(SystemClock))?;
    let mut allowed = 0;
    for number in 0..count {
        let host = format!("http://n{number}.example");
        let page = sites.fetch(&format!("{host}/a/%c3%a4?b=c$*")).await;
        allowed += usize::from(page.is_ok());
        sites.sitemaps(&host).await;
    }
    println!("{count} robots.txt files read, {allowed} of their pages allowed");
    // A server that answered nothing, or a reader that refuses all, would prove nothing.
    if allowed == 0 || allowed == count {
        return Err("every page, or none, was allowed".into());
    }
    Ok(())
}

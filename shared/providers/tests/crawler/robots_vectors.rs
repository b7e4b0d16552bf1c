//! Reads Google's robots.txt conformance cases: protocol buffers in text form, of which the few
//! constructs that occur are read, and a list in JSON.

use std::{fs, path::Path};

use serde_json::Value;

/// A robots.txt with what it means.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) file: String,
    pub(crate) robots: Vec<u8>,
    pub(crate) agent: String,
    pub(crate) url: String,
    pub(crate) allowed: bool,
    /// Whether the case is about what Google does beyond the standard.
    pub(crate) google_only: bool,
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Text(Vec<u8>),
    Close,
}

fn tokens(source: &str) -> Vec<Token> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'#' => at += bytes[at..].iter().take_while(|b| **b != b'\n').count(),
            quote @ (b'"' | b'\'') => {
                let (text, length) = literal(&bytes[at + 1..], quote);
                found.push(Token::Text(text));
                at += length + 1;
                continue;
            }
            b'}' => found.push(Token::Close),
            b if b.is_ascii_alphabetic() => {
                let word = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
                let length = bytes[at..].iter().take_while(word).count();
                found.push(Token::Word(string(&bytes[at..at + length])));
                at += length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// A literal's bytes, and how many of the source it takes up with its closing quote.
fn literal(bytes: &[u8], quote: u8) -> (Vec<u8>, usize) {
    let mut text = Vec::new();
    let mut at = 0;
    while bytes[at] != quote {
        if bytes[at] != b'\\' {
            text.push(bytes[at]);
            at += 1;
            continue;
        }
        at += 2;
        match bytes[at - 1] {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'x' => {
                let digits = std::str::from_utf8(&bytes[at..at + 2]).unwrap();
                text.push(u8::from_str_radix(digits, 16).unwrap());
                at += 2;
            }
            first @ b'0'..=b'7' => {
                let octal = |b: &&u8| (b'0'..=b'7').contains(*b);
                let more = bytes[at..].iter().take(2).take_while(octal).count();
                let all = std::iter::once(&first).chain(&bytes[at..at + more]);
                text.push(all.fold(0, |value, digit| value * 8 + (digit - b'0')));
                at += more;
            }
            other => text.push(other),
        }
    }
    (text, at + 1)
}

fn string(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn text_proto(path: &Path) -> Vec<Case> {
    let source = fs::read_to_string(path).unwrap();
    let file = path.file_name().unwrap().to_str().unwrap().to_owned();
    let (mut cases, mut robots, mut key) = (Vec::new(), Vec::new(), String::new());
    let blank = |robots: &[u8]| Case {
        file: file.clone(),
        robots: robots.to_vec(),
        agent: String::new(),
        url: String::new(),
        allowed: true,
        google_only: false,
    };
    let mut case = blank(&[]);
    let mut open = false;
    for token in tokens(&source) {
        match token {
            Token::Word(word) => match word.as_str() {
                "ALLOWED" => case.allowed = true,
                "DISALLOWED" => case.allowed = false,
                "GOOGLE_SPECIFIC" => case.google_only = true,
                "robotstxt" => (key, robots) = (word, Vec::new()),
                _ => key = word,
            },
            Token::Text(text) => match key.as_str() {
                "robotstxt" => robots.extend(text),
                "testurl" => {
                    (case.url, open) = (case.url + &string(&text), true);
                }
                "useragent" => case.agent.push_str(&string(&text)),
                _ => {}
            },
            Token::Close if open => {
                case.robots.clone_from(&robots);
                cases.push(std::mem::replace(&mut case, blank(&robots)));
                open = false;
            }
            Token::Close => {}
        }
    }
    cases
}

pub(crate) fn json(path: &Path) -> Vec<Case> {
    let list: Vec<Value> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let case = |value: &Value| Case {
        file: text(&value["test"]),
        robots: text(&value["robots_txt"]).into_bytes(),
        agent: text(&value["user_agent"]),
        url: text(&value["url"]),
        allowed: value["allowed"].as_bool().unwrap(),
        google_only: text(&value["test"]).starts_with("GoogleOnly"),
    };
    list.iter().map(case).collect()
}

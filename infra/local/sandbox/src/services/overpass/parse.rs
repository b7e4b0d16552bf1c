//! Parses the part of Overpass QL that simple clients write:
//! `[out:json][timeout:25]; area["name"="X"]->.a; (nwr["k"="v"](area.a); …); out center;`
//!
//! Statements: queries for `node`, `way`, `relation`, `nw`, `nwr`, `area`; unions; the recursion
//! `>`; sets `._` and `.name`; `out`. Filters: keys, values, patterns, `around`, boxes, areas.

use regex::{Regex, RegexBuilder};

/// A query for one result.
pub(super) struct Script {
    /// Box of the settings: south, west, north, east.
    pub(super) bbox: Option<[f64; 4]>,
    pub(super) statements: Vec<Statement>,
}

pub(super) enum Statement {
    Query(Query),
    /// Objects of all parts; the name of the set to store them in.
    Union(Vec<Statement>, Option<String>),
    /// Objects of a stored set, `_` for the last result.
    Set(String),
    /// Points of the outlines in the last result.
    Recurse,
    Out(Out),
}

pub(super) struct Query {
    pub(super) kind: Kind,
    pub(super) filters: Vec<Filter>,
    pub(super) into: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Node,
    Way,
    Relation,
    NodeOrWay,
    Any,
    Area,
}

pub(super) enum Filter {
    Has(String),
    HasNot(String),
    Equals(String, String),
    Differs(String, String),
    Matches(String, Regex),
    MatchesNot(String, Regex),
    Around {
        radius_m: f64,
        latitude: f64,
        longitude: f64,
    },
    Bbox([f64; 4]),
    Area(String),
    Id(Vec<i64>),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Out {
    pub(super) center: bool,
    pub(super) ids_only: bool,
    pub(super) limit: Option<usize>,
}

/// Why a query cannot be read.
#[derive(Debug)]
pub(super) struct ParseError {
    pub(super) line: usize,
    pub(super) message: String,
}

type Parsed<T> = Result<T, ParseError>;

pub(super) fn parse(text: &str) -> Parsed<Script> {
    let mut reader = Reader {
        rest: text,
        line: 1,
    };
    let mut script = Script {
        bbox: None,
        statements: Vec::new(),
    };
    reader.skip();
    if reader.rest.starts_with('[') {
        while reader.accept("[") {
            let setting = reader.until(']')?;
            let (name, value) = setting.split_once(':').unwrap_or((&setting, ""));
            match name.trim() {
                "out" if value.trim() == "json" => {}
                "bbox" => script.bbox = Some(numbers(&reader, value)?),
                "timeout" | "maxsize" | "date" => {}
                other => {
                    return Err(reader.error(format!(
                        "Unknown setting or output format \"{other}:{value}\": the sandbox \
                         speaks json"
                    )));
                }
            }
        }
        reader.expect(";")?;
    } else {
        return Err(reader.error("the sandbox answers in json only: begin with [out:json];"));
    }
    while !reader.at_end() {
        script.statements.push(statement(&mut reader)?);
        reader.expect(";")?;
    }
    if script.statements.is_empty() {
        return Err(reader.error("Unexpected end of input."));
    }
    Ok(script)
}

fn statement(reader: &mut Reader<'_>) -> Parsed<Statement> {
    if reader.accept("(") {
        let mut parts = Vec::new();
        while !reader.accept(")") {
            parts.push(statement(reader)?);
            reader.expect(";")?;
        }
        return Ok(Statement::Union(parts, reader.target()?));
    }
    if reader.accept(">") {
        reader.accept(">");
        return Ok(Statement::Recurse);
    }
    if reader.accept(".") {
        let name = reader.word();
        if reader.word_is("out") {
            return out(reader);
        }
        return Ok(Statement::Set(name));
    }
    let word = reader.word();
    let kind = match word.as_str() {
        "out" => return out(reader),
        "node" => Kind::Node,
        "way" => Kind::Way,
        "relation" | "rel" => Kind::Relation,
        "nw" => Kind::NodeOrWay,
        "nwr" => Kind::Any,
        "area" => Kind::Area,
        _ => return Err(reader.error(format!("Unknown type \"{word}\""))),
    };
    let mut filters = Vec::new();
    loop {
        if reader.accept("[") {
            filters.push(tag_filter(reader)?);
        } else if reader.accept("(") {
            filters.push(place_filter(reader)?);
        } else if reader.rest.starts_with('.') && kind == Kind::Any {
            return Err(reader.error("filters by set are not supported by the sandbox"));
        } else {
            break;
        }
    }
    Ok(Statement::Query(Query {
        kind,
        filters,
        into: reader.target()?,
    }))
}

fn out(reader: &mut Reader<'_>) -> Parsed<Statement> {
    let mut out = Out::default();
    loop {
        let word = reader.word();
        match word.as_str() {
            "" => return Ok(Statement::Out(out)),
            "center" => out.center = true,
            "ids" => out.ids_only = true,
            "body" | "tags" | "meta" | "skel" | "qt" | "asc" | "geom" | "bb" => {}
            other => match other.parse() {
                Ok(limit) => out.limit = Some(limit),
                Err(_) => return Err(reader.error(format!("Unknown print mode \"{other}\""))),
            },
        }
    }
}

/// After `[`: `"key"`, `!"key"`, `"key"="value"`, `"key"~"pattern",i` and their negations.
fn tag_filter(reader: &mut Reader<'_>) -> Parsed<Filter> {
    let absent = reader.accept("!");
    let key = reader.value()?;
    let filter = if absent {
        Filter::HasNot(key)
    } else if reader.accept("!=") {
        Filter::Differs(key, reader.value()?)
    } else if reader.accept("!~") {
        Filter::MatchesNot(key, pattern(reader)?)
    } else if reader.accept("=") {
        Filter::Equals(key, reader.value()?)
    } else if reader.accept("~") {
        Filter::Matches(key, pattern(reader)?)
    } else {
        Filter::Has(key)
    };
    reader.expect("]")?;
    Ok(filter)
}

fn pattern(reader: &mut Reader<'_>) -> Parsed<Regex> {
    let text = reader.value()?;
    let any_case = reader.accept(",") && reader.word() == "i";
    RegexBuilder::new(&text)
        .case_insensitive(any_case)
        .size_limit(1 << 20)
        .build()
        .map_err(|_| reader.error(format!("Invalid regular expression: \"{text}\"")))
}

/// After `(`: `area.a`, `area`, `around:r,lat,lon`, `id:1,2`, `s,w,n,e` or one id.
fn place_filter(reader: &mut Reader<'_>) -> Parsed<Filter> {
    let text = reader.until(')')?;
    let text = text.trim();
    if let Some(set) = text.strip_prefix("area") {
        let set = set.trim().trim_start_matches('.');
        return Ok(Filter::Area(
            if set.is_empty() { "_" } else { set }.to_owned(),
        ));
    }
    if let Some(circle) = text.strip_prefix("around:") {
        let [radius_m, latitude, longitude] = numbers(reader, circle)?;
        return Ok(Filter::Around {
            radius_m,
            latitude,
            longitude,
        });
    }
    let ids = text.strip_prefix("id:").unwrap_or(text);
    let parsed: Result<Vec<i64>, _> = ids.split(',').map(|id| id.trim().parse()).collect();
    match parsed {
        Ok(ids) if ids.len() == 1 || text.starts_with("id:") => Ok(Filter::Id(ids)),
        _ => numbers(reader, text).map(Filter::Bbox),
    }
}

fn numbers<const N: usize>(reader: &Reader<'_>, text: &str) -> Parsed<[f64; N]> {
    let parsed: Result<Vec<f64>, _> = text.split(',').map(|n| n.trim().parse()).collect();
    parsed
        .ok()
        .and_then(|numbers| numbers.try_into().ok())
        .ok_or_else(|| reader.error(format!("expected {N} numbers, found \"{text}\"")))
}

/// The text that is not read yet.
struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError {
            line: self.line,
            message: message.into(),
        }
    }

    fn advance(&mut self, to: &'a str) {
        let read = self.rest.len() - to.len();
        self.line += self
            .rest
            .bytes()
            .take(read)
            .filter(|byte| *byte == b'\n')
            .count();
        self.rest = to;
    }

    /// Skips blanks and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.rest.trim_start();
            let rest = if let Some(comment) = rest.strip_prefix("//") {
                comment.split_once('\n').map_or("", |(_, after)| after)
            } else if let Some(comment) = rest.strip_prefix("/*") {
                comment.split_once("*/").map_or("", |(_, after)| after)
            } else {
                self.advance(rest);
                return;
            };
            self.advance(rest);
        }
    }

    fn at_end(&mut self) -> bool {
        self.skip();
        self.rest.is_empty()
    }

    fn accept(&mut self, token: &str) -> bool {
        self.skip();
        let Some(rest) = self.rest.strip_prefix(token) else {
            return false;
        };
        self.advance(rest);
        true
    }

    fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.accept(token) {
            return Ok(());
        }
        let found = self
            .rest
            .chars()
            .next()
            .map_or("end of input".to_owned(), |c| c.to_string());
        Err(self.error(format!("'{token}' expected - '{found}' found.")))
    }

    /// A word of letters, digits and underscores; empty when there is none.
    fn word(&mut self) -> String {
        self.skip();
        let rest = self
            .rest
            .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        let word: String = self
            .rest
            .chars()
            .take(self.rest.chars().count() - rest.chars().count())
            .collect();
        self.advance(rest);
        word
    }

    fn word_is(&mut self, word: &str) -> bool {
        self.accept(word)
    }

    /// A value in quotation marks, or a bare one of letters, digits, `_`, `:` and `-`.
    fn value(&mut self) -> Parsed<String> {
        self.skip();
        let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let bare = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-');
            let value: String = self.rest.chars().take_while(|c| bare(*c)).collect();
            self.advance(self.rest.trim_start_matches(bare));
            return if value.is_empty() {
                Err(self.error("Key or value expected."))
            } else {
                Ok(value)
            };
        };
        let mut value = String::new();
        let mut characters = self.rest.chars();
        characters.next();
        loop {
            match characters.next() {
                None => return Err(self.error("Unterminated string.")),
                Some(c) if c == quote => break,
                // Overpass knows \n, \t and quoted characters; a pattern keeps its backslash.
                Some('\\') => match characters.next() {
                    Some('n') => value.push('\n'),
                    Some('t') => value.push('\t'),
                    Some(c) if c == '"' || c == '\'' || c == '\\' => value.push(c),
                    Some(c) => value.extend(['\\', c]),
                    None => return Err(self.error("Unterminated string.")),
                },
                Some(c) => value.push(c),
            }
        }
        self.advance(characters.as_str());
        Ok(value)
    }

    fn until(&mut self, end: char) -> Parsed<String> {
        let Some((text, rest)) = self.rest.split_once(end) else {
            return Err(self.error(format!("'{end}' expected - end of input found.")));
        };
        let text = text.to_owned();
        self.advance(rest);
        Ok(text)
    }

    /// `->.name`
    fn target(&mut self) -> Parsed<Option<String>> {
        if !self.accept("->") {
            return Ok(None);
        }
        self.expect(".")?;
        Ok(Some(self.word()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_query_is_read() {
        let script = parse(
            "[out:json][timeout:25];\narea[\"name\"=\"Mumbai\"]->.a; // city\n(\n  \
             nwr[\"amenity\"=\"dentist\"](area.a);\n  node[name~\"smile\",i](around:500,19.0,72.8);\
             \n);\nout center tags 50;",
        )
        .unwrap();
        assert_eq!(script.statements.len(), 3);
        let Statement::Out(out) = &script.statements[2] else {
            panic!("no out")
        };
        assert_eq!((out.center, out.limit), (true, Some(50)));
    }

    #[test]
    fn errors_name_line_and_reason() {
        for (query, line, message) in [
            (
                "[out:json];\nnodee[\"a\"=\"b\"];out;",
                2,
                "Unknown type \"nodee\"",
            ),
            (
                "[out:json];node[\"a\"=\"b\"](1,2,3);out;",
                1,
                "expected 4 numbers",
            ),
            ("[out:json];node[\"a\";out;", 1, "']' expected"),
            ("[out:xml];node(1);out;", 1, "json"),
            ("node(1);out;", 1, "[out:json]"),
            ("[out:json];", 1, "Unexpected end"),
            (
                "[out:json];node[\"name\"~\"(\"];out;",
                1,
                "Invalid regular expression",
            ),
        ] {
            let error = parse(query).err().unwrap();
            assert_eq!(error.line, line, "{query}");
            assert!(
                error.message.contains(message),
                "{query}: {}",
                error.message
            );
        }
    }
}

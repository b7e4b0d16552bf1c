//! No circle of files in a crate: a file that another one needs does not need that one in turn, not
//! even by a detour. And few re-exports by `*`, so that an import shows where a name comes from.
//!
//! A module and the files below it are one room: what is below may take what the module itself
//! defines. Read from the tokens: `use`, and paths in the code that begin with `crate`, `self`, `super`, a
//! module below or one that is imported. A name is followed through re-exports to the file that
//! defines it. Tests are left out, and so are files that only declare and re-export.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};

use super::File;
use crate::report::{Error, Report};

const GLOBS_MAX: usize = 3;
/// Re-exports of re-exports are followed so far.
const DEPTH_MAX: usize = 16;

/// A path in the code, or of a module within its crate.
type Path = Vec<String>;
/// Of a crate.
type Modules = BTreeMap<Path, Module>;
/// The names that a file takes from another one.
type Arrows<'a> = BTreeMap<&'a str, BTreeMap<&'a str, BTreeSet<String>>>;

/// What a file says of itself and of others.
#[derive(Default)]
struct Module {
    file: String,
    defined: BTreeSet<String>,
    /// Whether it holds more than declarations and re-exports.
    has_code: bool,
    /// What is imported or re-exported, by the name that it has here.
    names: BTreeMap<String, Path>,
    globs: Vec<Path>,
    exported_globs: usize,
    /// Paths in the code.
    mentions: Vec<Path>,
}

/// Where a path ends: in a module, and whether at something that the module defines.
struct Found(Path, bool);

/// Checks every crate.
pub(super) fn check(files: &[File], report: &mut Report) -> Result<(), Error> {
    let mut globs = BTreeMap::new();
    let roots = files
        .iter()
        .filter_map(|file| file.path.strip_suffix("src/lib.rs"));
    let roots: BTreeSet<_> = roots.map(|root| format!("{root}src/")).collect();
    for root in roots {
        let modules = modules(files, &root)?;
        for module in modules.values().filter(|module| module.exported_globs > 0) {
            globs.insert(module.file.clone(), module.exported_globs);
        }
        for circle in circles(&arrows(&modules)) {
            let at = circle.first().map(|(from, _, _)| *from).unwrap_or_default();
            let says = |(from, to, names): &(&str, &str, String)| {
                format!("{from} takes {names} from {to}")
            };
            let arrows: Vec<_> = circle.iter().map(says).collect();
            report.add(
                at,
                format!("is in a circle of files: {}", arrows.join("; ")),
                "move what both sides need into a file below both",
            );
        }
    }
    if globs.values().sum::<usize>() > GLOBS_MAX {
        for file in globs.keys() {
            report.add(
                file,
                format!("re-exports by `*`, of which {GLOBS_MAX} are allowed in all"),
                "name what is re-exported",
            );
        }
    }
    Ok(())
}

/// The modules of the crate whose sources lie in a folder.
fn modules(files: &[File], root: &str) -> Result<Modules, Error> {
    let mut modules = Modules::new();
    for file in files {
        let Some(inside) = file
            .path
            .strip_prefix(root)
            .and_then(|inside| inside.strip_suffix(".rs"))
        else {
            continue;
        };
        let mut path: Path = inside.split('/').map(str::to_owned).collect();
        if path.iter().any(|part| part == "tests" || part == "bin") || inside == "main" {
            continue;
        }
        if inside == "lib" || path.last().is_some_and(|last| last == "mod") {
            path.pop();
        }
        let stream: TokenStream = file
            .text()
            .parse()
            .map_err(|error| format!("{}: {error}", file.path))?;
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        let mut reader = Reader {
            tokens,
            next: 0,
            module: Module::default(),
        };
        reader.read();
        reader.module.file.clone_from(&file.path);
        modules.insert(path, reader.module);
    }
    Ok(modules)
}

fn flatten(stream: TokenStream, into: &mut Vec<String>) {
    for tree in stream {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    proc_macro2::Delimiter::Brace => ("{", "}"),
                    proc_macro2::Delimiter::Bracket => ("[", "]"),
                    _ => ("(", ")"),
                };
                into.push(open.to_owned());
                flatten(group.stream(), into);
                into.push(close.to_owned());
            }
            TokenTree::Literal(_) => into.push("\"".to_owned()),
            other => into.push(other.to_string()),
        }
    }
}

/// Goes through the tokens of a file.
struct Reader {
    tokens: Vec<String>,
    next: usize,
    module: Module,
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

impl Reader {
    fn at(&self, offset: usize) -> &str {
        self.tokens
            .get(self.next + offset)
            .map_or("", String::as_str)
    }

    fn before(&self) -> &str {
        let before = self
            .next
            .checked_sub(1)
            .and_then(|before| self.tokens.get(before));
        before.map_or("", String::as_str)
    }

    fn read(&mut self) {
        let mut depth = 0_usize;
        while self.next < self.tokens.len() {
            let is_test = ["#", "[", "cfg", "(", "test", ")"];
            if (0..)
                .zip(is_test)
                .all(|(offset, token)| self.at(offset) == token)
            {
                self.skip_item();
                continue;
            }
            match self.at(0) {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                "use" if self.at(1) != "<" => {
                    let is_exported = matches!(self.before(), "pub" | ")");
                    let globs = self.module.globs.len();
                    self.next += 1;
                    self.read_use(Path::new());
                    if is_exported {
                        self.module.exported_globs += self.module.globs.len() - globs;
                    }
                    continue;
                }
                "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "union"
                    if depth == 0 =>
                {
                    let name = self.at(1).to_owned();
                    self.module.defined.insert(name);
                    self.module.has_code = true;
                }
                "macro_rules" if depth == 0 => {
                    let name = self.at(2).to_owned();
                    self.module.defined.insert(name);
                    self.module.has_code = true;
                }
                "impl" if depth == 0 => self.module.has_code = true,
                name if is_name(name) && !matches!(self.before(), ":" | "." | "in") => {
                    self.read_path()
                }
                _ => {}
            }
            self.next += 1;
        }
    }

    /// Skips an item with its attributes, to its end.
    fn skip_item(&mut self) {
        let mut depth = 0_usize;
        while self.next < self.tokens.len() {
            let token = self.at(0).to_owned();
            self.next += 1;
            match token.as_str() {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && matches!(token.as_str(), ";" | "}") {
                return;
            }
        }
    }

    /// Reads one tree of a `use`, up to what follows it.
    fn read_use(&mut self, mut path: Path) {
        loop {
            let token = self.at(0).to_owned();
            self.next += 1;
            match token.as_str() {
                ":" => {}
                "*" => {
                    self.module.globs.push(path);
                    return;
                }
                "{" => {
                    while !matches!(self.at(0), "}" | "") {
                        self.read_use(path.clone());
                        if self.at(0) == "," {
                            self.next += 1;
                        }
                    }
                    self.next += 1;
                    return;
                }
                "as" => {
                    let alias = self.at(0).to_owned();
                    self.next += 1;
                    self.module.names.insert(alias, path);
                    return;
                }
                name if is_name(name) && (name != "self" || path.is_empty()) => path.push(token),
                "self" => {}
                _ => {
                    self.next -= 1;
                    if let Some(name) = path.last() {
                        self.module.names.insert(name.clone(), path);
                    }
                    return;
                }
            }
        }
    }

    /// Reads a path in the code, up to its last name.
    fn read_path(&mut self) {
        let mut path = vec![self.at(0).to_owned()];
        while self.at(1) == ":" && self.at(2) == ":" && is_name(self.at(3)) {
            self.next += 3;
            path.push(self.at(0).to_owned());
        }
        if path.len() > 1 {
            self.module.mentions.push(path);
        }
    }
}

/// Follows a path from a module; `None` where it leads out of the crate.
fn find(modules: &Modules, from: &[String], path: &[String], depth: usize) -> Option<Found> {
    let depth = depth.checked_sub(1)?;
    let (first, mut rest) = path.split_first()?;
    let mut at = from.to_vec();
    match first.as_str() {
        "crate" => at.clear(),
        "self" => {}
        "super" => {
            at.pop();
        }
        _ => (at, rest) = (step(modules, from, first, depth)?.0, rest),
    }
    while let Some((name, after)) = rest.split_first() {
        if name == "super" {
            at.pop();
        } else {
            match step(modules, &at, name, depth) {
                Some(Found(module, false)) => at = module,
                found => return found.or(Some(Found(at, true))),
            }
        }
        rest = after;
    }
    Some(Found(at, false))
}

/// Follows one name within a module.
fn step(modules: &Modules, at: &[String], name: &str, depth: usize) -> Option<Found> {
    let below = [at, &[name.to_owned()]].concat();
    let module = modules.get(at)?;
    if module.defined.contains(name) {
        return Some(Found(at.to_vec(), true));
    }
    if modules.contains_key(&below) {
        return Some(Found(below, false));
    }
    if let Some(path) = module.names.get(name) {
        return find(modules, at, path, depth);
    }
    let through = |glob: &Path| {
        let Found(into, _) = find(modules, at, glob, depth)?;
        step(modules, &into, name, depth.checked_sub(1)?)
    };
    module.globs.iter().find_map(through)
}

/// Who takes what from whom.
fn arrows(modules: &Modules) -> Arrows<'_> {
    let mut arrows = Arrows::new();
    for (at, module) in modules.iter().filter(|(_, module)| module.has_code) {
        let named = module
            .names
            .values()
            .chain(&module.globs)
            .chain(&module.mentions);
        for path in named {
            let Some(Found(into, _)) = find(modules, at, path, DEPTH_MAX) else {
                continue;
            };
            if let Some(other) = modules.get(&into).filter(|other| other.has_code)
                && !at.starts_with(&into)
            {
                let names = arrows.entry(&module.file).or_default();
                let names = names.entry(other.file.as_str()).or_default();
                names.extend(path.last().cloned());
            }
        }
    }
    arrows
}

/// The arrows of each circle, with their names as text.
fn circles<'a>(arrows: &Arrows<'a>) -> Vec<Vec<(&'a str, &'a str, String)>> {
    let reach = |start: &'a str| {
        let mut reached = BTreeSet::new();
        let mut open = vec![start];
        while let Some(file) = open.pop() {
            for &next in arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
                if reached.insert(next) {
                    open.push(next);
                }
            }
        }
        reached
    };
    let reached: BTreeMap<_, _> = arrows.keys().map(|&file| (file, reach(file))).collect();
    let reaches = |from, to| reached.get(from).is_some_and(|files| files.contains(to));
    let mut circles: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (&from, targets) in arrows {
        for (&to, names) in targets.iter().filter(|(to, _)| reaches(**to, from)) {
            let first = reached
                .keys()
                .find(|&&file| reaches(file, from) && reaches(from, file));
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let circle = circles.entry(first.copied().unwrap_or(from)).or_default();
            circle.push((from, to, names.join(", ")));
        }
    }
    circles.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{file, problems};

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| file(&format!("shared/x/src/{name}"), text))
            .collect();
        let mut report = Report::default();
        check(&files, &mut report).unwrap();
        problems(&report)
    }

    const CIRCLE: &str = "shared/x/src/a.rs: is in a circle of files: shared/x/src/a.rs takes B from \
                          shared/x/src/b.rs; shared/x/src/b.rs takes A from shared/x/src/a.rs";
    const LIB: (&str, &str) = ("lib.rs", "mod a; mod b; pub use a::A;");

    #[test]
    fn one_way_is_no_circle() {
        let b = ("b.rs", "//! See `crate::a::A`.\npub struct B;");
        let a = ("a.rs", "use crate::b::B; pub struct A(B);");
        assert_eq!(found(&[LIB, a, b]), Vec::<String>::new());
    }

    #[test]
    fn a_circle_is_seen_however_it_is_written() {
        let a = ("a.rs", "use super::b; pub struct A(b::B);");
        let plain = "use crate::a::A; pub struct B(A);";
        let through_the_root = "use crate::A; pub struct B(A);";
        let nested = "use crate::{self as root, a::{A}}; pub struct B(A);";
        let renamed = "pub struct B(Other); use super::a::A as Other;";
        let in_the_code = "pub struct B; fn f() -> B { println!(\"{}\", crate::a::A); B }";
        let glob = "use crate::a::*; pub struct B(A);";
        for text in [plain, through_the_root, nested, renamed, in_the_code, glob] {
            let found = found(&[LIB, a, ("b.rs", text)]);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(
                found[0].contains("shared/x/src/a.rs: is in a circle"),
                "{found:?}"
            );
        }
        let a = ("a.rs", "use crate::b::B; pub struct A(B);");
        assert_eq!(found(&[LIB, a, ("b.rs", plain)]), [CIRCLE]);
    }

    #[test]
    fn a_detour_is_a_circle_and_tests_and_faces_are_none() {
        let lib = ("lib.rs", "mod a; mod b; mod c { }");
        let a = ("a.rs", "use crate::b::B; pub struct A(B);");
        let b = ("b.rs", "use crate::c::C; pub struct B(C);");
        let c = ("c/mod.rs", "mod inner; pub use inner::C;");
        let inner = ("c/inner.rs", "use crate::a::A; pub struct C(A);");
        let seen = found(&[lib, a, b, c, inner]);
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert!(seen[0].contains("c/inner.rs takes A from"), "{seen:?}");
        let below = ("c/inner.rs", "use crate::c::D; pub struct C(D);");
        let c = ("c/mod.rs", "mod inner; pub use inner::C; pub struct D;");
        assert_eq!(found(&[lib, a, b, c, below]), Vec::<String>::new());
        let tested = "pub struct C; #[cfg(test)] mod tests { use crate::a::A; }";
        let inner = ("c/inner.rs", tested);
        assert_eq!(found(&[lib, a, b, c, inner]), Vec::<String>::new());
    }

    #[test]
    fn three_globs_are_re_exported_and_no_more() {
        let a = ("a.rs", "use crate::b::*; fn f() {}");
        let lib = |globs: &str| found(&[("lib.rs", globs), a, ("b.rs", "pub struct B;")]);
        let three = "mod a; mod b; pub use a::*; pub(crate) use b::*; pub use b::{self, *};";
        assert_eq!(lib(three), Vec::<String>::new());
        let found = lib(&format!("{three} pub use a::*;"));
        assert_eq!(
            found,
            ["shared/x/src/lib.rs: re-exports by `*`, of which 3 are allowed in all"]
        );
    }
}

//! How the command was called, for what people are told to do next.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::args::DIRECTORY;

/// The command line so far; set once, when it has been read.
static CALLED: OnceLock<String> = OnceLock::new();

/// Keeps how this process was called, for a directory.
#[expect(
    clippy::disallowed_methods,
    reason = "not configuration: cargo names the package that it runs"
)]
pub(crate) fn remember(directory: &Path) {
    let argv0 = std::env::args_os().next().map(PathBuf::from);
    let program = program(
        argv0.as_deref().unwrap_or(Path::new("")),
        std::env::var("CARGO_PKG_NAME").ok().as_deref(),
    );
    CALLED.get_or_init(|| program + &directory_option(directory));
}

/// The command line so far, as in `hunter --dir demo`.
pub(crate) fn command() -> &'static str {
    CALLED.get().map_or("hunter", String::as_str)
}

/// What a person types to call it again: by cargo where cargo called it, which names the package
/// that it runs; by its path where it was called by one.
fn program(argv0: &Path, cargo_runs: Option<&str>) -> String {
    let folder = argv0.parent().unwrap_or(Path::new(""));
    if cargo_runs == Some(env!("CARGO_PKG_NAME")) {
        let release = folder.ends_with("release");
        return if release {
            "cargo run --release --"
        } else {
            "cargo run --"
        }
        .to_owned();
    }
    if folder == Path::new("") {
        return "hunter".to_owned();
    }
    quoted(&argv0.to_string_lossy())
}

fn directory_option(directory: &Path) -> String {
    match directory.to_string_lossy() {
        usual if usual == DIRECTORY => String::new(),
        other => format!(" --dir {}", quoted(&other)),
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%,=".contains(c);
    match word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_called_again_as_it_was_called() {
        for (argv0, cargo_runs, expected) in [
            (
                "target/release/hunter",
                Some("hunter"),
                "cargo run --release --",
            ),
            ("target/debug/hunter", Some("hunter"), "cargo run --"),
            ("hunter", None, "hunter"),
            ("hunter", Some("xtask"), "hunter"),
            ("", None, "hunter"),
            ("./target/release/hunter", None, "./target/release/hunter"),
            ("/opt/my tools/hunter", None, "'/opt/my tools/hunter'"),
        ] {
            assert_eq!(program(Path::new(argv0), cargo_runs), expected);
        }
    }

    #[test]
    fn a_directory_is_named_where_it_is_not_the_usual_one() {
        for (directory, expected) in [
            (".hunter", ""),
            ("demo", " --dir demo"),
            ("my demo", " --dir 'my demo'"),
            ("it's", r" --dir 'it'\''s'"),
            ("$HOME", " --dir '$HOME'"),
        ] {
            assert_eq!(directory_option(Path::new(directory)), expected);
        }
    }
}

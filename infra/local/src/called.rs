//! How the command is called, for what people are told to do next.

use std::path::Path;

use crate::args::DIRECTORY;

/// The command line so far, for a directory.
#[must_use]
pub(crate) fn command(directory: &Path) -> String {
    let directory = directory.to_string_lossy();
    if directory == DIRECTORY {
        "hunter".to_owned()
    } else if directory.contains(char::is_whitespace) {
        format!("hunter --dir '{directory}'")
    } else {
        format!("hunter --dir {directory}")
    }
}

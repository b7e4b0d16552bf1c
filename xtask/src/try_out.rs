//! `cargo xtask try NAME`: one function as a person tries it. `events/try.sh` does the work; here the
//! tools are made ready and the emulator is started.

use std::process::Command;

use crate::report::{Error, Report, workspace};

/// The tools on the path, an emulator of AWS, and in it the function beside its sample event.
const SCRIPT: &str =
    r#"PATH="$(.ci/tools.sh):$PATH" exec .ci/with-ministack.sh events/try.sh "$0""#;

/// Tries a function.
///
/// # Errors
/// When the function cannot be served, or does not answer as it should.
pub(crate) fn run(name: &str) -> Result<Report, Error> {
    let mut command = Command::new("bash");
    let status = command
        .args(["-c", SCRIPT, name])
        .current_dir(workspace())
        .status();
    let status = status.map_err(|error| format!("`bash` cannot be run: {error}"))?;
    if !status.success() {
        return Err(format!("`{name}` did not answer its sample event as it should").into());
    }
    Ok(Report::default())
}

//! Exit codes, and how a failure becomes one.

use std::process::ExitCode;

use hunter_contracts::{ErrorCode, RecipeFailure};

/// How the command ended. The numbers are a contract with scripts and stand in the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Success = 0,
    /// The run failed, or something here is broken.
    Failed = 1,
    /// The input is not valid: a flag, a file, the agent.
    InvalidInput = 2,
    /// Refused: credits or quota do not cover it.
    Refused = 3,
    /// What was named does not exist.
    NotFound = 4,
    /// Another process or an earlier change stands in the way.
    Conflict = 5,
    /// The run completed with failures that it names.
    Partial = 6,
    /// Stopped by Ctrl-C, SIGTERM or SIGHUP.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// The exit code of a failure.
    #[must_use]
    pub const fn of(code: ErrorCode) -> Self {
        match code {
            ErrorCode::InvalidInput
            | ErrorCode::InvalidConfiguration
            | ErrorCode::SourceUnreadable
            | ErrorCode::SecretMissing => Self::InvalidInput,
            ErrorCode::InsufficientCredits | ErrorCode::QuotaExceeded => Self::Refused,
            ErrorCode::NotFound => Self::NotFound,
            ErrorCode::Conflict => Self::Conflict,
            ErrorCode::Stopped => Self::Interrupted,
            _ => Self::Failed,
        }
    }

    /// The exit code of a recipe's or command's failure.
    #[must_use]
    pub const fn of_failure(failure: &RecipeFailure) -> Self {
        Self::of(failure.code)
    }
}

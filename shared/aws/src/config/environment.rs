//! The environment, and what can be wrong with it.

use std::{collections::BTreeMap, fmt};

/// What is wrong with the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A variable is not set, or empty.
    #[error("environment variable `{name}` is not set: it holds {purpose}")]
    Missing {
        /// The variable.
        name: String,
        /// What it is for.
        purpose: &'static str,
    },
    /// A variable holds something that cannot be used. Never says what.
    #[error("environment variable `{name}` is not usable: {problem}")]
    Invalid {
        /// The variable.
        name: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The rate cards that the function was built with cannot be used.
    #[error(transparent)]
    Rates(#[from] hunter_contracts::RatesError),
}

/// The environment as it was when it was read; a map in tests.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl fmt::Debug for Environment {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let pairs = variables.into_iter();
        Self(pairs.map(|(k, v)| (k.into(), v.into())).collect())
    }
}

impl Environment {
    /// The variables of this process; those that are not Unicode are left out.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// A variable that may be absent; an empty one counts as absent.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(|value| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// A variable that must be set.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] naming the variable and what it is for.
    pub fn required(&self, name: &str, purpose: &'static str) -> Result<&str, ConfigError> {
        self.optional(name).ok_or_else(|| ConfigError::Missing {
            name: name.to_owned(),
            purpose,
        })
    }
}

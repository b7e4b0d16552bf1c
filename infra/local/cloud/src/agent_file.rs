//! Agents as files: TOML or JSON, checked before anything is stored.

use std::{io, path::Path};

use hunter_contracts::{AgentConfig, ErrorCode, RecipeFailure};
use hunter_core::recipe::validate_agent;

/// The example that `hunter agent init` writes and the demo runs.
pub const EXAMPLE: &str = include_str!("../data/agent.example.toml");

/// Larger files are no agents.
const BYTES_MAX: u64 = 1_000_000;

fn invalid(message: String) -> RecipeFailure {
    RecipeFailure::new(ErrorCode::InvalidConfiguration, message)
}

/// Reads and checks an agent.
///
/// # Errors
/// `INVALID_CONFIGURATION` naming the file, the field, the problem and what to do.
pub fn read(path: &Path) -> Result<AgentConfig, RecipeFailure> {
    let shown = path.display();
    let unread =
        |error: io::Error| invalid(format!("cannot read the agent `{shown}`")).caused_by(error);
    let size = std::fs::metadata(path).map_err(unread)?.len();
    if size > BYTES_MAX {
        return Err(invalid(format!(
            "the agent `{shown}` has {size} bytes: at most {BYTES_MAX} are read"
        )));
    }
    let text = std::fs::read_to_string(path).map_err(unread)?;
    let is_json = path
        .extension()
        .is_some_and(|ext| ext.eq_ignore_ascii_case("json"));
    parse(&text, is_json).map_err(|failure| {
        RecipeFailure::new(failure.code, format!("the agent `{shown}`")).caused_by(failure.told())
    })
}

/// Reads and checks the text of an agent.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str, is_json: bool) -> Result<AgentConfig, RecipeFailure> {
    let value: serde_json::Value = if is_json {
        serde_json::from_str(text).map_err(|error| invalid("not JSON".into()).caused_by(error))?
    } else {
        toml::from_str(text)
            .map_err(|error| invalid("not TOML".into()).caused_by(error.to_string().trim()))?
    };
    let agent: AgentConfig =
        hunter_core::recipe::parse(value, "").map_err(|failure| invalid(failure.told()))?;
    validate_agent(&agent)?;
    Ok(agent)
}

/// The example agent.
///
/// # Errors
/// Never, as its test shows.
pub fn example() -> Result<AgentConfig, RecipeFailure> {
    parse(EXAMPLE, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_valid() {
        assert_eq!(example().unwrap().agent_id.as_str(), "agent_example");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("agent_id = \"a#b\"\nname = \"x\"", "a#b"),
            ("agent_id = \"a\"\nname = \"x\"\nsurprise = 1", "surprise"),
            ("agent_id = \"a\"\nname = \"x\"", "seller"),
            ("agent_id = ", "TOML"),
        ] {
            let failure = parse(text, false).unwrap_err();
            assert!(failure.message.contains(expected), "{}", failure.message);
            assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
        }
    }

    #[test]
    fn an_agent_without_subscription_or_with_unknown_recipes_is_refused() {
        let base = EXAMPLE.to_owned();
        let recipes = |ids: &[&str]| {
            ids.iter()
                .map(|id| {
                    format!(
                        "[[recipes]]\nid = \"{id}\"\nrequired = true\ncontinue_on_failure = false\n"
                    )
                })
                .collect::<String>()
        };
        let without = format!("{base}\n{}", recipes(&["discovery", "intelligence"]));
        assert!(
            parse(&without, false)
                .unwrap_err()
                .message
                .contains("subscription")
        );
        let unknown = format!(
            "{base}\n{}",
            recipes(&["discovery", "telepathy", "subscription"])
        );
        assert!(
            parse(&unknown, false)
                .unwrap_err()
                .message
                .contains("telepathy")
        );
    }
}

//! What reading contact services' answers has in common.

use std::time::Duration;

use hunter_contracts::{EmailAddress, ErrorCode, RecipeFailure};
use hunter_core::{
    ports::{Clock, ContactQuery},
    recipe::Caller,
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    client::{Answer, ApiClient},
    http,
};

/// The body as JSON, where it is.
pub(crate) fn json(answer: &Answer) -> Option<Value> {
    serde_json::from_slice(&answer.body).ok()
}

/// Part of a body in a known shape.
///
/// # Errors
/// `API_BAD_RESPONSE` when it is not, counted as a failed call.
pub(crate) fn read<T: DeserializeOwned>(
    client: &ApiClient,
    caller: &Caller,
    operation: &str,
    value: Value,
) -> Result<T, RecipeFailure> {
    serde_json::from_value(value)
        .map_err(|error| not_as_documented(client, caller, operation, &error.to_string()))
}

/// An answer that the service's documentation does not allow, counted as a failed call.
pub(crate) fn not_as_documented(
    client: &ApiClient,
    caller: &Caller,
    operation: &str,
    problem: &str,
) -> RecipeFailure {
    client.count_failed(caller, operation);
    let problem = http::printable(problem, 200);
    RecipeFailure::new(
        ErrorCode::ApiBadResponse,
        format!(
            "{}: the answer to `{operation}` is not as documented: {problem}",
            client.service().name
        ),
    )
}

/// What the service means by an answer whose status is an accepted one, but whose body is a
/// refusal; counted as a failed call.
pub(crate) fn refused(
    client: &ApiClient,
    caller: &Caller,
    operation: &str,
    answer: &Answer,
) -> RecipeFailure {
    client.count_failed(caller, operation);
    client.refused(answer)
}

/// Waits between the polls of an unfinished answer, within a bound.
pub(crate) struct Polling<'a> {
    clock: &'a dyn Clock,
    interval: Duration,
    until: Timestamp,
}

impl<'a> Polling<'a> {
    pub(crate) fn new(clock: &'a dyn Clock, interval: Duration, total: Duration) -> Self {
        let now = clock.now();
        Self {
            clock,
            interval,
            until: now.checked_add(total).unwrap_or(now),
        }
    }

    /// Waits once more; `false` when that would pass the bound.
    pub(crate) async fn again(&self) -> bool {
        let next = self.clock.now().checked_add(self.interval);
        if next.is_ok_and(|next| next <= self.until) {
            self.clock.sleep(self.interval).await;
            return true;
        }
        false
    }
}

/// The business's domain as it is asked for.
///
/// # Errors
/// `INVALID_INPUT` when it is none.
pub(crate) fn domain(query: &ContactQuery) -> Result<String, RecipeFailure> {
    host(&query.domain)
}

/// A domain in the form of the name system: lower case, punycode, without a final dot.
///
/// # Errors
/// `INVALID_INPUT` when it is none.
pub(crate) fn host(domain: &str) -> Result<String, RecipeFailure> {
    let bare = domain.trim().trim_end_matches('.');
    match url::Host::parse(bare) {
        Ok(url::Host::Domain(name)) if name.contains('.') && name.len() <= 253 => Ok(name),
        _ => {
            let shown: String = domain.chars().take(100).collect();
            Err(RecipeFailure::invalid_input(format!(
                "`domain`: `{shown}` is no domain name; give one as in `apollo-dental.com`"
            )))
        }
    }
}

/// A text that says something.
pub(crate) fn said(text: Option<String>) -> Option<String> {
    let text = text?;
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    Some(if trimmed.len() == text.len() {
        text
    } else {
        trimmed.to_owned()
    })
}

/// A number or a text as a text: services change their minds about counts and ranges.
pub(crate) fn count_or_range(value: Option<Value>) -> Option<String> {
    match value? {
        Value::String(text) => said(Some(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A year that a business can have been founded in.
pub(crate) fn year(value: Option<&Value>) -> Option<i16> {
    let year = match value? {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) => text.get(..4)?.parse().ok()?,
        _ => return None,
    };
    i16::try_from(year)
        .ok()
        .filter(|year| (1000..=2200).contains(year))
}

/// An address of e-mail in lower case, as services are compared by; none where it is no address.
pub(crate) fn address(text: &str) -> Option<EmailAddress> {
    text.to_lowercase().parse().ok()
}

/// Whether a mailbox is at a business's domain or below it.
pub(crate) fn is_at(address: &EmailAddress, domain: &str) -> bool {
    let below = address.domain().strip_suffix(domain);
    below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// At most 300 characters, as evidence holds.
pub(crate) fn quote(text: &str) -> String {
    text.chars().take(300).collect()
}

/// A LinkedIn profile as an address, from an address or a handle with or without `in/`.
pub(crate) fn linkedin(handle: Option<String>) -> Option<String> {
    let handle = said(handle)?;
    if handle.starts_with("http://") || handle.starts_with("https://") {
        return Some(handle);
    }
    let bare = handle.trim_matches('/');
    let bare = bare.strip_prefix("www.").unwrap_or(bare);
    let bare = bare.strip_prefix("linkedin.com/").unwrap_or(bare);
    let bare = bare.strip_prefix("in/").unwrap_or(bare);
    (!bare.is_empty()).then(|| format!("https://www.linkedin.com/in/{bare}"))
}

/// Whether two names are one person's: the same words, whatever their case and order.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    let words = |name: &str| {
        let mut words: Vec<String> = name
            .to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty() && *word != "dr")
            .map(str::to_owned)
            .collect();
        words.sort_unstable();
        words
    };
    let one = words(one);
    !one.is_empty() && one == words(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_told_from_other_things() {
        assert_eq!(
            host(" Praxis-Müller.de. ").unwrap(),
            "xn--praxis-mller-klb.de"
        );
        for bad in [
            "",
            "localhost",
            "127.0.0.1",
            "[::1]",
            "a b.de",
            "http://x.de",
        ] {
            assert_eq!(
                host(bad).unwrap_err().code,
                ErrorCode::InvalidInput,
                "{bad}"
            );
        }
    }

    #[test]
    fn profiles_are_addresses() {
        for handle in [
            "ada",
            "in/ada",
            "https://www.linkedin.com/in/ada",
            "linkedin.com/in/ada/",
        ] {
            let address = linkedin(Some(handle.to_owned())).unwrap();
            assert_eq!(address, "https://www.linkedin.com/in/ada", "{handle}");
        }
        assert_eq!(linkedin(Some(String::new())), None);
    }

    #[test]
    fn names_are_compared_by_their_words() {
        assert!(same_name("Dr. Ada Lovelace", "lovelace, Ada"));
        assert!(!same_name("Ada Lovelace", "Ada Byron"));
        assert!(!same_name("", ""));
    }

    #[test]
    fn years_and_counts_come_in_many_forms() {
        assert_eq!(year(Some(&Value::from(1998))), Some(1998));
        assert_eq!(year(Some(&Value::from("1998-05-01"))), Some(1998));
        assert_eq!(year(Some(&Value::from(0))), None);
        assert_eq!(count_or_range(Some(Value::from(200))).unwrap(), "200");
        assert_eq!(count_or_range(Some(Value::from("11-50"))).unwrap(), "11-50");
    }
}

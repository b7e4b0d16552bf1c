//! What a request says besides its body: query strings, ids in the path, headers.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::{HeaderMap, HeaderName, request::Parts};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    LIMIT_MAX,
    problem::{Answer, Refusal},
};

/// The entries of a page where nobody says how many.
const LIMIT_DEFAULT: usize = 25;

/// A query string; parameters that an operation does not know are refused.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        let Query(parameters) = read.map_err(|rejection| {
            let text = rejection.body_text();
            let problem = text
                .rsplit_once("query string: ")
                .map_or("", |(_, rest)| rest);
            let problem: String = problem.chars().take(300).collect();
            Refusal::malformed(format!("the query string is not usable: {problem}"))
        })?;
        Ok(Self(parameters))
    }
}

/// The id in the path. One that cannot be an id is one that does not exist.
pub(crate) struct PathId<T>(pub(crate) T);

impl<S: Send + Sync, T: std::str::FromStr> FromRequestParts<S> for PathId<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let missing = || Refusal::not_found("the path names nothing of this customer");
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| missing())?;
        text.parse().map(Self).map_err(|_| missing())
    }
}

/// `limit` and `cursor` of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    limit: Option<u32>,
    cursor: Option<String>,
}

impl PageQuery {
    pub(crate) const fn new(limit: Option<u32>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    /// How many entries, and where the page begins.
    pub(crate) fn checked(self) -> Answer<(usize, Option<String>)> {
        let limit = match self.limit {
            None => LIMIT_DEFAULT,
            Some(limit) => usize::try_from(limit)
                .ok()
                .filter(|limit| (1..=LIMIT_MAX).contains(limit))
                .ok_or_else(|| {
                    Refusal::malformed(format!("`limit` is {limit}: use 1 to {LIMIT_MAX}"))
                })?,
        };
        Ok((limit, self.cursor))
    }
}

/// A failure of a list: what is not found there is the cursor.
pub(crate) fn list_failure(error: hunter_core::store::StoreError) -> Refusal {
    match error {
        hunter_core::store::StoreError::NotFound(_) => bad_cursor(),
        error => error.into(),
    }
}

pub(crate) fn bad_cursor() -> Refusal {
    Refusal::malformed("`cursor` is not one of this list: start without one")
}

/// The one value of a header; `None` where it is not there.
pub(crate) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Answer<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Refusal::malformed(format!(
            "`{name}` stands there twice: send it once"
        )));
    }
    let text = first.to_str();
    text.map(Some)
        .map_err(|_| Refusal::malformed(format!("`{name}` holds more than visible ASCII")))
}

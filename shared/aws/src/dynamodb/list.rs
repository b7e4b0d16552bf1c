//! Pages of lists. A cursor is the sort key of the last entry that was given out, encoded; the
//! partition always comes from the tenant, so a cursor of another tenant or list opens nothing.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hunter_core::store::{Page, StoreError, StoreResult};
use serde::de::DeserializeOwned;

use super::{
    connection::{Connection, Listing, Table},
    item::{Item, LIST_SK, SK},
    keys::Range,
};

/// Most entries of a page; a larger limit gets so many.
const PAGE_MAX: usize = 1_000;

/// Which list, in which order.
pub(super) struct ListSpec {
    pub(super) operation: &'static str,
    pub(super) range: Range,
    by_index: bool,
    ascending: bool,
}

impl ListSpec {
    /// Items of the main table, last sort key first.
    pub(super) const fn of_table(operation: &'static str, range: Range) -> Self {
        Self {
            operation,
            range,
            by_index: false,
            ascending: false,
        }
    }

    /// Keys of items in the index, last sort key first.
    pub(super) fn of_index(operation: &'static str, range: Range) -> Self {
        let of_table = Self::of_table(operation, range);
        Self {
            by_index: true,
            ..of_table
        }
    }

    /// First sort key first.
    pub(super) fn ascending(self) -> Self {
        Self {
            ascending: true,
            ..self
        }
    }

    const fn sort_key(&self) -> &'static str {
        if self.by_index { LIST_SK } else { SK }
    }
}

/// The page of what the items hold.
pub(super) fn bodies<T: DeserializeOwned>(page: Page<Item>) -> StoreResult<Page<T>> {
    Ok(Page {
        items: page
            .items
            .iter()
            .map(Item::body)
            .collect::<StoreResult<_>>()?,
        cursor: page.cursor,
    })
}

/// A limit within 1 to [`PAGE_MAX`].
pub(super) fn page_limit(limit: usize) -> usize {
    limit.clamp(1, PAGE_MAX)
}

/// Reads one page of a list.
pub(super) async fn list(
    connection: &Connection,
    spec: &ListSpec,
    limit: usize,
    cursor: Option<String>,
) -> StoreResult<Page<Item>> {
    let limit = page_limit(limit);
    let last = cursor.map(|cursor| decode(&cursor)).transpose()?;
    let mut items = after(connection, spec, limit + 1, last.as_deref()).await?;
    let cursor = if items.len() > limit {
        items.truncate(limit);
        items
            .last()
            .map(|item| item.text(spec.sort_key()))
            .transpose()?
            .map(encode)
    } else {
        None
    };
    Ok(Page { items, cursor })
}

/// Up to `limit` items that come after the sort key `last`.
pub(super) async fn after(
    connection: &Connection,
    spec: &ListSpec,
    limit: usize,
    last: Option<&str>,
) -> StoreResult<Vec<Item>> {
    let mut range = spec.range.clone();
    let mut listing = Listing {
        table: Table::Main,
        by_index: spec.by_index,
        ascending: spec.ascending,
        limit,
    };
    if let Some(last) = last {
        // A range includes its ends, so the last entry comes once more.
        listing.limit += 1;
        let outside = *last < *range.low || *last > *range.high;
        if outside {
            return Err(foreign());
        }
        if spec.ascending {
            range.low = last.to_owned();
        } else {
            range.high = last.to_owned();
        }
    }
    let mut items = connection.query(spec.operation, &range, listing).await?;
    items.retain(|item| item.text(spec.sort_key()).ok() != last || last.is_none());
    items.truncate(limit);
    Ok(items)
}

/// The cursor behind a sort key.
pub(super) fn encode(sort_key: &str) -> String {
    URL_SAFE_NO_PAD.encode(sort_key)
}

/// The sort key behind a cursor.
pub(super) fn decode(cursor: &str) -> StoreResult<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| foreign())?;
    let sort_key = String::from_utf8(bytes).map_err(|_| foreign())?;
    if sort_key.is_empty() || sort_key.len() > 1024 {
        return Err(foreign());
    }
    Ok(sort_key)
}

fn foreign() -> StoreError {
    StoreError::NotFound("`cursor` is not one of this list: start without one".into())
}

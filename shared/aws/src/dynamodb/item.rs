//! Items: attributes with types, and what is said when one is missing.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use hunter_contracts::Credits;
use hunter_core::store::{StoreError, StoreResult};
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    codec::{self, Unreadable},
    keys::Key,
};

/// The partition key.
pub(super) const PK: &str = "PK";
/// The sort key.
pub(super) const SK: &str = "SK";
/// The index's partition key, on items that are listed by it.
pub(super) const LIST_PK: &str = "LPK";
/// The index's sort key.
pub(super) const LIST_SK: &str = "LSK";
/// When DynamoDB may delete the item, in seconds since 1970.
pub(super) const TTL: &str = "ttl";
/// The compressed JSON.
pub(super) const BODY: &str = "body";

/// Attributes as the SDK has them.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// A number.
pub(super) fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// An amount, in micro-credits.
pub(super) fn amount(value: Credits) -> AttributeValue {
    number(value.micros())
}

/// A text.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

impl Key {
    /// The attributes of the key.
    pub(super) fn attributes(&self) -> Attributes {
        HashMap::from([
            (PK.to_owned(), text(&self.pk)),
            (SK.to_owned(), text(&self.sk)),
        ])
    }
}

/// A stored item.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item(pub(super) Attributes);

impl Item {
    /// An item with nothing but its key.
    pub(super) fn at(key: &Key) -> Self {
        Self(key.attributes())
    }

    /// With an attribute.
    pub(super) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// With a body; `what` names it when it is too large.
    pub(super) fn with_body<T: Serialize>(self, value: &T, what: &str) -> StoreResult<Self> {
        let body = codec::encode(value, what)?;
        Ok(self.with(BODY, AttributeValue::B(Blob::new(body))))
    }

    /// Listed in the index.
    pub(super) fn listed(self, pk: String, sk: String) -> Self {
        self.with(LIST_PK, text(pk)).with(LIST_SK, text(sk))
    }

    /// To be deleted by DynamoDB some days after `at`.
    pub(super) fn expiring(self, at: Timestamp, days: i64) -> Self {
        let end = at.checked_add(SignedDuration::from_hours(days.saturating_mul(24)));
        self.with(TTL, number(end.unwrap_or(Timestamp::MAX).as_second()))
    }

    /// The key, where both parts are there.
    pub(super) fn key(&self) -> StoreResult<Key> {
        let (pk, sk) = (self.text(PK)?.to_owned(), self.text(SK)?.to_owned());
        Ok(Key { pk, sk })
    }

    /// A text attribute.
    pub(super) fn text(&self, name: &str) -> StoreResult<&str> {
        match self.0.get(name) {
            Some(AttributeValue::S(value)) => Ok(value),
            _ => Err(self.damaged(&format!("`{name}` is not a text"))),
        }
    }

    /// A number attribute.
    pub(super) fn number(&self, name: &str) -> StoreResult<i64> {
        let value = match self.0.get(name) {
            Some(AttributeValue::N(value)) => value.parse().ok(),
            _ => None,
        };
        value.ok_or_else(|| self.damaged(&format!("`{name}` is not a whole number")))
    }

    /// An amount attribute.
    pub(super) fn amount(&self, name: &str) -> StoreResult<Credits> {
        self.number(name).map(Credits::from_micros)
    }

    /// The body.
    pub(super) fn body<T: DeserializeOwned>(&self) -> StoreResult<T> {
        let Some(AttributeValue::B(body)) = self.0.get(BODY) else {
            return Err(self.damaged("it has no body"));
        };
        codec::decode(body.as_ref()).map_err(|error| self.unreadable(error))
    }

    /// Damage of the body, with the place.
    pub(super) fn unreadable(&self, error: Unreadable) -> StoreError {
        self.damaged("its body").caused_by(error)
    }

    /// Damage, with the place.
    pub(super) fn damaged(&self, problem: &str) -> StoreError {
        let part = |name| match self.0.get(name) {
            Some(AttributeValue::S(value)) => value.as_str(),
            _ => "?",
        };
        StoreError::damaged(format!("`{} {}`: {problem}", part(PK), part(SK)))
    }

    /// The size as DynamoDB counts it: names and values in UTF-8 bytes, numbers about half a byte
    /// per digit (Developer Guide, "Item sizes and formats").
    pub(super) fn bytes(&self) -> usize {
        let value_bytes = |value: &AttributeValue| match value {
            AttributeValue::S(value) => value.len(),
            AttributeValue::N(value) => value.len().div_ceil(2) + 1,
            AttributeValue::B(value) => value.as_ref().len(),
            _ => 1,
        };
        let sizes = self
            .0
            .iter()
            .map(|(name, value)| name.len() + value_bytes(value));
        sizes.sum()
    }

    /// Entries that writing it adds to the index.
    pub(super) fn index_entries(&self) -> usize {
        usize::from(self.0.contains_key(LIST_PK))
    }
}

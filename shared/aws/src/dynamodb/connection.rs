//! Requests to DynamoDB: aliased names, bounded retries, counted units.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{
        AttributeValue, CancellationReason, KeysAndAttributes, Put as SdkPut,
        ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
        Update as SdkUpdate,
    },
};
use hunter_core::{
    ports::Clock,
    store::{StoreError, StoreResult},
};

use super::{
    item::{Attributes, Item, LIST_PK, LIST_SK, PK, SK, text},
    keys::{Key, Range},
    retry::{Attempts, failure, is_busy, is_transient},
    tables::{INDEX, Tables},
    units::{Kind, Meter, read_units, write_units},
};

/// Most keys of one `BatchGetItem` (service limit).
const BATCH_KEYS_MAX: usize = 100;
/// The condition of everything that is written once.
pub(super) const NEW: &str = "attribute_not_exists(#PK)";

/// Values of an expression, by placeholder.
pub(super) type Values = Vec<(&'static str, AttributeValue)>;

/// One action of a transaction.
#[derive(Debug, Clone)]
pub(super) enum Write {
    /// An item that must not be there yet.
    New(Item),
    /// An item that replaces another one under a condition.
    Replace {
        item: Item,
        condition: &'static str,
        values: Values,
    },
    /// A change of attributes, under a condition where there is one.
    Update {
        key: Key,
        update: &'static str,
        condition: Option<&'static str>,
        values: Values,
    },
}

/// Why an action did not go through: its condition failed, or another one's did.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// Its own condition held.
    None,
    /// Its condition failed; the item as it stands, where there is one.
    Condition(Option<Item>),
}

/// What a conditional write came to.
pub(super) enum Written {
    /// Done.
    Done,
    /// The condition failed; the item as it stands, where there is one.
    Refused(Option<Item>),
}

/// The main table or the audit table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Main,
    Audit,
}

/// Where to read a range, how, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) table: Table,
    pub(super) by_index: bool,
    pub(super) ascending: bool,
    pub(super) limit: usize,
}

impl Listing {
    /// A range of a table from its beginning to its end.
    pub(super) const fn whole(table: Table) -> Self {
        Self {
            table,
            by_index: false,
            ascending: true,
            limit: usize::MAX,
        }
    }
}

/// A client with what every request needs.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) tables: Tables,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) meter: Meter,
}

impl Connection {
    fn table(&self, table: Table) -> &str {
        match table {
            Table::Main => &self.tables.main,
            Table::Audit => &self.tables.audit,
        }
    }

    fn attempts<'a>(&'a self, key: &Key) -> Attempts<'a> {
        Attempts::new(self.clock.as_ref(), &key.pk, &key.sk)
    }

    /// Reads an item, consistently.
    pub(super) async fn get(
        &self,
        operation: &'static str,
        key: &Key,
    ) -> StoreResult<Option<Item>> {
        let request = self
            .client
            .get_item()
            .table_name(&self.tables.main)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut attempts = self.attempts(key);
        loop {
            match request.clone().send().await {
                Ok(answer) => {
                    let item = answer.item.map(Item);
                    let bytes = item.as_ref().map_or(0, Item::bytes);
                    let said = answer.consumed_capacity.as_slice();
                    let computed = read_units(bytes, true);
                    self.meter.count(operation, Kind::Read, said, computed);
                    return Ok(item);
                }
                Err(error) if is_transient(&error) => attempts.wait(&error).await?,
                Err(error) => return Err(failure(operation, &error)),
            }
        }
    }

    /// Writes an item under a condition; without one it replaces what stands.
    pub(super) async fn put(
        &self,
        operation: &'static str,
        table: Table,
        item: &Item,
        condition: Option<&str>,
        values: Values,
    ) -> StoreResult<Written> {
        let request = self
            .client
            .put_item()
            .table_name(self.table(table))
            .set_item(Some(item.0.clone()))
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_names(condition.and_then(aliases))
            .set_expression_attribute_values(placeholders(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut attempts = self.attempts(&item.key()?);
        loop {
            let error = match request.clone().send().await {
                Ok(answer) => {
                    let said = answer.consumed_capacity.as_slice();
                    let computed = write_units(item.bytes()) + item.index_entries() as f64;
                    self.meter.count(operation, Kind::Write, said, computed);
                    return Ok(Written::Done);
                }
                Err(error) if is_transient(&error) => {
                    attempts.wait(&error).await?;
                    continue;
                }
                Err(error) => error,
            };
            let Some(PutItemError::ConditionalCheckFailedException(refused)) =
                error.as_service_error()
            else {
                return Err(failure(operation, &error));
            };
            let standing = refused.item.clone().map(Item);
            let bytes = standing.as_ref().map_or(0, Item::bytes);
            self.meter
                .count(operation, Kind::Write, &[], write_units(bytes));
            return Ok(Written::Refused(standing));
        }
    }

    /// Writes all or nothing; answers per action what stood against it. Conflicts with other
    /// transactions and throttling are tried again.
    pub(super) async fn transact(
        &self,
        operation: &'static str,
        writes: &[Write],
    ) -> StoreResult<Result<(), Vec<Refusal>>> {
        let actions: Vec<TransactWriteItem> = writes
            .iter()
            .map(|write| self.action(write))
            .collect::<StoreResult<_>>()?;
        let computed: f64 = writes.iter().map(transaction_units).sum();
        let seed = writes.first().map(key_of).transpose()?;
        let (pk, sk) = seed.map(|key| (key.pk, key.sk)).unwrap_or_default();
        let mut attempts = Attempts::new(self.clock.as_ref(), &pk, &sk);
        loop {
            let request = self
                .client
                .transact_write_items()
                .set_transact_items(Some(actions.clone()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            match request.send().await {
                Ok(answer) => {
                    let said = answer.consumed_capacity();
                    self.meter.count(operation, Kind::Write, said, computed);
                    return Ok(Ok(()));
                }
                Err(error) if is_transient(&error) => attempts.wait(&error).await?,
                Err(error) => {
                    self.meter.count(operation, Kind::Write, &[], computed);
                    let reasons = cancellation(error.as_service_error());
                    if reasons.iter().any(is_busy) {
                        attempts.wait(&error).await?;
                    } else if let Some(refusals) = refusals(reasons) {
                        return Ok(Err(refusals));
                    } else {
                        return Err(failure(operation, &error));
                    }
                }
            }
        }
    }

    fn action(&self, write: &Write) -> StoreResult<TransactWriteItem> {
        let put = |item: &Item, condition: &str, values: Values| {
            SdkPut::builder()
                .table_name(&self.tables.main)
                .set_item(Some(item.0.clone()))
                .condition_expression(condition)
                .set_expression_attribute_names(aliases(condition))
                .set_expression_attribute_values(placeholders(values))
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
                .build()
        };
        let action = TransactWriteItem::builder();
        let action = match write {
            Write::New(item) => action.put(put(item, NEW, Vec::new()).map_err(malformed)?),
            Write::Replace {
                item,
                condition,
                values,
            } => action.put(put(item, condition, values.clone()).map_err(malformed)?),
            Write::Update {
                key,
                update,
                condition,
                values,
            } => {
                let names = aliases(&format!("{update} {}", condition.unwrap_or_default()));
                let update = SdkUpdate::builder()
                    .table_name(&self.tables.main)
                    .set_key(Some(key.attributes()))
                    .update_expression(*update)
                    .set_condition_expression(condition.map(str::to_owned))
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(placeholders(values.clone()))
                    .return_values_on_condition_check_failure(
                        ReturnValuesOnConditionCheckFailure::AllOld,
                    )
                    .build()
                    .map_err(malformed)?;
                action.update(update)
            }
        };
        Ok(action.build())
    }

    /// Reads up to `limit` items of a range: consistently from the table, keys only from the index.
    pub(super) async fn query(
        &self,
        operation: &'static str,
        range: &Range,
        listing: Listing,
    ) -> StoreResult<Vec<Item>> {
        let (pk, sk) = if listing.by_index {
            (LIST_PK, LIST_SK)
        } else {
            (PK, SK)
        };
        let values = vec![
            (":pk", text(&range.pk)),
            (":low", text(&range.low)),
            (":high", text(&range.high)),
        ];
        let request = self
            .client
            .query()
            .table_name(self.table(listing.table))
            .set_index_name(listing.by_index.then(|| INDEX.to_owned()))
            .consistent_read(!listing.by_index)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :low AND :high")
            .expression_attribute_names("#pk", pk)
            .expression_attribute_names("#sk", sk)
            .set_expression_attribute_values(placeholders(values))
            .scan_index_forward(listing.ascending)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut items: Vec<Item> = Vec::new();
        let mut from: Option<Attributes> = None;
        let mut attempts = Attempts::new(self.clock.as_ref(), &range.pk, &range.low);
        while items.len() < listing.limit {
            let left = i32::try_from(listing.limit - items.len()).ok();
            let request = request
                .clone()
                .set_limit(left)
                .set_exclusive_start_key(from.clone());
            match request.send().await {
                Ok(answer) => {
                    let page = answer.items.unwrap_or_default().into_iter().map(Item);
                    let page: Vec<Item> = page.collect();
                    let bytes = page.iter().map(Item::bytes).sum();
                    let said = answer.consumed_capacity.as_slice();
                    let computed = read_units(bytes, !listing.by_index);
                    self.meter.count(operation, Kind::Read, said, computed);
                    items.extend(page);
                    from = answer.last_evaluated_key;
                    if from.is_none() {
                        break;
                    }
                }
                Err(error) if is_transient(&error) => attempts.wait(&error).await?,
                Err(error) => return Err(failure(operation, &error)),
            }
        }
        Ok(items)
    }

    /// Reads items by key, consistently, in the order of the keys; those that are gone are left out.
    pub(super) async fn batch_get(
        &self,
        operation: &'static str,
        keys: &[Key],
    ) -> StoreResult<Vec<Item>> {
        let mut found: HashMap<Key, Item> = HashMap::new();
        for part in keys.chunks(BATCH_KEYS_MAX) {
            let mut open: Vec<Attributes> = part.iter().map(Key::attributes).collect();
            let Some(first) = part.first() else {
                continue;
            };
            let mut attempts = self.attempts(first);
            while !open.is_empty() {
                let asked = KeysAndAttributes::builder()
                    .set_keys(Some(open.clone()))
                    .consistent_read(true)
                    .build()
                    .map_err(malformed)?;
                let request = self
                    .client
                    .batch_get_item()
                    .request_items(&self.tables.main, asked)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total);
                match request.send().await {
                    Ok(answer) => {
                        let said = answer.consumed_capacity.unwrap_or_default();
                        let items = answer.responses.unwrap_or_default().into_values().flatten();
                        let mut computed = 0.0;
                        for item in items.map(Item) {
                            computed += read_units(item.bytes(), true);
                            found.insert(item.key()?, item);
                        }
                        self.meter.count(operation, Kind::Read, &said, computed);
                        let rest = answer.unprocessed_keys.unwrap_or_default().into_values();
                        open = rest.flat_map(|rest| rest.keys).collect();
                        if !open.is_empty() {
                            attempts.wait_for("some keys were not read").await?;
                        }
                    }
                    Err(error) if is_transient(&error) => attempts.wait(&error).await?,
                    Err(error) => return Err(failure(operation, &error)),
                }
            }
        }
        Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
    }
}

fn key_of(write: &Write) -> StoreResult<Key> {
    match write {
        Write::New(item) | Write::Replace { item, .. } => item.key(),
        Write::Update { key, .. } => Ok(key.clone()),
    }
}

/// An update's item is taken to be below 1 KB, as holds, balances and counters are.
fn transaction_units(write: &Write) -> f64 {
    match write {
        Write::New(item) | Write::Replace { item, .. } => {
            2.0 * write_units(item.bytes()) + item.index_entries() as f64
        }
        Write::Update { .. } => 2.0,
    }
}

fn cancellation(error: Option<&TransactWriteItemsError>) -> &[CancellationReason] {
    match error {
        Some(TransactWriteItemsError::TransactionCanceledException(exception)) => {
            exception.cancellation_reasons()
        }
        _ => &[],
    }
}

/// What stood against each action, where conditions alone did.
fn refusals(reasons: &[CancellationReason]) -> Option<Vec<Refusal>> {
    let refusals: Option<Vec<Refusal>> = reasons
        .iter()
        .map(|reason| match reason.code() {
            None | Some("None") => Some(Refusal::None),
            Some("ConditionalCheckFailed") => {
                Some(Refusal::Condition(reason.item.clone().map(Item)))
            }
            Some(_) => None,
        })
        .collect();
    refusals.filter(|all| all.iter().any(|refusal| *refusal != Refusal::None))
}

/// The names behind the aliases of an expression: `#left` stands for `left`.
fn aliases(expression: &str) -> Option<HashMap<String, String>> {
    let word_end = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let names: HashMap<String, String> = expression
        .split('#')
        .skip(1)
        .filter_map(|rest| rest.split(word_end).next())
        .map(|name| (format!("#{name}"), name.to_owned()))
        .collect();
    (!names.is_empty()).then_some(names)
}

fn placeholders(values: Values) -> Option<Attributes> {
    let values = values.into_iter();
    let values: Attributes = values
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    (!values.is_empty()).then_some(values)
}

fn malformed(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    StoreError::unavailable("the request cannot be built").caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_an_expression_is_aliased() {
        let names = aliases("SET #left = #left - :c, #settled=#settled + :c").unwrap();
        let mut found: Vec<_> = names.iter().collect();
        found.sort();
        let expected = [("#left", "left"), ("#settled", "settled")];
        assert!(
            found
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .eq(expected),
            "{found:?}"
        );
        assert_eq!(aliases(""), None);
    }

    #[test]
    fn reasons_other_than_conditions_are_no_refusals() {
        let reason = |code: &str| CancellationReason::builder().code(code).build();
        let failed = reason("ConditionalCheckFailed");
        assert_eq!(
            refusals(&[reason("None"), failed.clone()]),
            Some(vec![Refusal::None, Refusal::Condition(None)])
        );
        assert_eq!(refusals(&[reason("ValidationError"), failed]), None);
        assert_eq!(refusals(&[reason("None")]), None);
        assert_eq!(refusals(&[]), None);
    }
}

//! The tables and their index.

use aws_sdk_dynamodb::{
    Client,
    error::ProvideErrorMetadata,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType, TimeToLiveSpecification, TimeToLiveStatus,
    },
};
use hunter_core::store::{StoreError, StoreResult};

use super::{
    item::{LIST_PK, LIST_SK, PK, SK, TTL},
    retry::describe,
};
use crate::config::Settings;

/// The index of the main table: drafts by status, alerts by time. Keys only.
pub const INDEX: &str = "listing";

/// The names of the two tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// The main table.
    pub main: String,
    /// The audit table: put only.
    pub audit: String,
}

impl From<&Settings> for Tables {
    fn from(settings: &Settings) -> Self {
        Self {
            main: settings.table.clone(),
            audit: settings.audit_table.clone(),
        }
    }
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            main: crate::config::TABLE_DEFAULT.into(),
            audit: crate::config::AUDIT_TABLE_DEFAULT.into(),
        }
    }
}

/// Creates both tables where they are not there yet, billed on demand, with the index and the
/// deletion of expired items on the main table. For one machine and for tests: on AWS the template
/// creates them.
///
/// # Errors
/// [`StoreError::Unavailable`] with what DynamoDB says.
pub async fn create_tables(client: &Client, tables: &Tables) -> StoreResult<()> {
    create(client, &tables.main, true).await?;
    create(client, &tables.audit, false).await?;
    expire(client, &tables.main).await
}

async fn create(client: &Client, name: &str, with_index: bool) -> StoreResult<()> {
    let listed = [LIST_PK, LIST_SK].into_iter().filter(|_| with_index);
    let attributes: Vec<AttributeDefinition> = [PK, SK]
        .into_iter()
        .chain(listed)
        .map(|name| {
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()
        })
        .collect::<Result<_, _>>()
        .map_err(unavailable)?;
    let index = GlobalSecondaryIndex::builder()
        .index_name(INDEX)
        .set_key_schema(Some(schema(LIST_PK, LIST_SK)?))
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::KeysOnly)
                .build(),
        )
        .build()
        .map_err(unavailable)?;
    let created = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes))
        .set_key_schema(Some(schema(PK, SK)?))
        .set_global_secondary_indexes(with_index.then(|| vec![index]))
        .send()
        .await;
    match created {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some("ResourceInUseException") => Ok(()),
        Err(error) => Err(unavailable(describe(&error))),
    }
}

async fn expire(client: &Client, name: &str) -> StoreResult<()> {
    let described = client
        .describe_time_to_live()
        .table_name(name)
        .send()
        .await
        .map_err(|error| unavailable(describe(&error)))?;
    let status = described
        .time_to_live_description
        .and_then(|description| description.time_to_live_status);
    if matches!(
        status,
        Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
    ) {
        return Ok(());
    }
    let specification = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name(TTL)
        .build()
        .map_err(unavailable)?;
    let updated = client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(specification)
        .send()
        .await;
    updated
        .map(|_| ())
        .map_err(|error| unavailable(describe(&error)))
}

fn schema(pk: &str, sk: &str) -> StoreResult<Vec<KeySchemaElement>> {
    [(pk, KeyType::Hash), (sk, KeyType::Range)]
        .into_iter()
        .map(|(name, kind)| {
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build()
                .map_err(unavailable)
        })
        .collect()
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::unavailable(format!("the tables cannot be created: {error}"))
}

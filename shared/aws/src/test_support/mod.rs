//! The store for tests (feature `test-support`): the real one, on an embedded DynamoDB behind a real
//! socket.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::sync::Arc;

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, PutRequest, WriteRequest},
};
use dynoxide::{Database, server};
use hunter_contracts::TenantId;
use hunter_core::{
    ports::Clock,
    store::{AccountStore, Accounts, Store, TenantStore},
};
use tokio::{net::TcpListener, sync::Notify};

use crate::{
    config::Settings,
    dynamodb::{DynamoStore, Tables, create_tables},
};

/// A server of its own with empty tables. It runs as long as the runtime, or until it is stopped.
pub struct Embedded {
    /// Speaks to the server.
    pub client: Client,
    /// The store on it.
    pub store: Arc<DynamoStore>,
    stop: Arc<Notify>,
}

impl Embedded {
    /// Starts one.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(Notify::new());
        let stopped = stop.clone();
        let until = async move { stopped.notified().await };
        let database = Database::memory().unwrap();
        tokio::spawn(server::serve_with_shutdown(listener, database, until));
        let settings = Settings::local(format!("http://{address}"));
        let client = settings.dynamodb_client().unwrap();
        let tables = Tables::from(&settings);
        create_tables(&client, &tables).await.unwrap();
        Self {
            store: Arc::new(DynamoStore::new(client.clone(), tables, clock)),
            client,
            stop,
        }
    }

    /// The store of a tenant.
    #[must_use]
    pub fn tenant(&self, name: &str) -> Arc<dyn TenantStore> {
        self.store.tenant(&TenantId::new(name).unwrap())
    }

    /// The account of a tenant.
    #[must_use]
    pub fn account(&self, name: &str) -> Arc<dyn AccountStore> {
        self.store.account(&TenantId::new(name).unwrap())
    }

    /// Adds copies of the first entry to a tenant's ledger, for what reads a long one: no command
    /// wrote them.
    pub async fn lengthen_ledger(&self, tenant: &str, count: usize) {
        let pk = AttributeValue::S(format!("T#{tenant}#L"));
        let first = self.client.query().table_name("hunter").limit(1);
        let first = first.key_condition_expression("PK = :pk");
        let first = first.expression_attribute_values(":pk", pk).send().await;
        let first = first.unwrap().items.unwrap().remove(0);
        let copy = |n: &usize| {
            let sk = format!("{}{n}", first["SK"].as_s().unwrap());
            let put = PutRequest::builder().set_item(Some(first.clone()));
            let put = put.item("SK", AttributeValue::S(sk)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        };
        for part in (0..count).collect::<Vec<_>>().chunks(25) {
            let puts = part.iter().map(copy).collect();
            let written = self.client.batch_write_item().request_items("hunter", puts);
            let left = written.send().await.unwrap().unprocessed_items;
            assert!(left.is_none_or(|left| left.is_empty()));
        }
    }

    /// Stops the server.
    pub fn stop(&self) {
        self.stop.notify_one();
    }
}

//! Tenants do not see each other, and every key says whose it is.

use aws_sdk_dynamodb::types::AttributeValue;

use hunter_core::test_support::{
    samples::at,
    suites::{tenant_store, unused_store},
};

use crate::support::Embedded;

/// All items of both tables. The store itself never scans.
async fn everything(embedded: &Embedded) -> Vec<std::collections::HashMap<String, AttributeValue>> {
    let mut all = Vec::new();
    for table in ["hunter", "hunter-audit"] {
        let scanned = embedded
            .client
            .scan()
            .table_name(table)
            .send()
            .await
            .unwrap();
        assert_eq!(scanned.last_evaluated_key, None);
        all.extend(scanned.items.unwrap());
    }
    all
}

fn text<'a>(
    item: &'a std::collections::HashMap<String, AttributeValue>,
    name: &str,
) -> Option<&'a str> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_are_apart_also_where_one_name_begins_the_other() {
    let embedded = Embedded::start().await;
    let (one, ten) = (embedded.tenant("cust_1"), embedded.tenant("cust_10"));
    tenant_store(one.as_ref()).await;
    let of_one = everything(&embedded).await;
    assert!(of_one.len() > 20, "{}", of_one.len());
    // The second tenant has the same ids and meets nothing of the first.
    unused_store(ten.as_ref()).await;
    tenant_store(ten.as_ref()).await;
    // A cursor of one tenant leads through the other's own list at most.
    let cursor = one.ledger(1, None).await.unwrap().cursor;
    let page = ten.ledger(100, cursor).await.unwrap();
    let own = ten.ledger(100, None).await.unwrap().items;
    assert!(page.items.len() == 3 && page.items.iter().all(|entry| own.contains(entry)));
    let all = everything(&embedded).await;
    assert_eq!(all.len(), of_one.len() * 2);
    for item in &all {
        for name in ["PK", "LPK"] {
            let Some(key) = text(item, name) else {
                continue;
            };
            let owner = key.split('#').nth(1).unwrap();
            assert!(
                key.starts_with("T#") && ["cust_1", "cust_10"].contains(&owner),
                "{key}"
            );
        }
    }
    let unchanged = of_one.iter().all(|item| all.contains(item));
    assert!(unchanged, "the second tenant changed an item of the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_may_go_expires() {
    let embedded = Embedded::start().await;
    tenant_store(embedded.tenant("cust_1").as_ref()).await;
    let (mut kept, mut expiring) = (0, 0);
    for item in everything(&embedded).await {
        let (pk, sk) = (text(&item, "PK").unwrap(), text(&item, "SK").unwrap());
        let may_go = sk.starts_with("P#") || sk.starts_with("AL#") || pk.ends_with("#D");
        assert_eq!(item.contains_key("ttl"), may_go, "{pk} {sk}");
        *if may_go { &mut expiring } else { &mut kept } += 1;
        if let Some(AttributeValue::N(seconds)) = item.get("ttl") {
            // Seconds, not milliseconds, and later than the records' own time.
            let end = jiff::Timestamp::from_second(seconds.parse().unwrap()).unwrap();
            assert!(end > at() && end < "2028-01-01T00:00:00Z".parse().unwrap());
        }
    }
    assert!(kept > 10 && expiring > 5, "{kept} {expiring}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suppressed_address_is_the_one_customers_alone_and_stands_nowhere() {
    let embedded = Embedded::start().await;
    let (one, ten) = (embedded.tenant("cust_1"), embedded.tenant("cust_10"));
    let address = "rajesh.kumar@apollo.example".to_owned();
    let entry = hunter_core::store::Suppression::new(
        one.tenant(),
        &address,
        hunter_core::store::SuppressionReason::OptedOut,
        "hunter_io",
        at(),
    );
    one.suppress(&entry).await.unwrap();
    let asked = [address];
    assert_eq!(one.suppressed(&asked).await.unwrap().len(), 1);
    assert_eq!(ten.suppressed(&asked).await.unwrap().len(), 0);
    // The same hash in another customer's partition would not match either.
    ten.suppress(&entry).await.unwrap();
    assert_eq!(ten.suppressed(&asked).await.unwrap().len(), 0);
    assert!(!serde_json::to_string(&entry).unwrap().contains("rajesh"));
    assert!(!format!("{:?}", everything(&embedded).await).contains("rajesh"));
}

//! Signs a customer up for trying things out: makes the tables if they are missing, puts a plan and
//! a profile, grants credits, and stores agents.
//!
//! `cargo run -p hunter-aws --example seed -- CUSTOMER [AGENT.json …]`, with `AWS_ENDPOINT_URL` and
//! the other variables of the store. Credits are granted once, however often it is called.

#![expect(clippy::print_stdout, reason = "it says what it did")]

use std::{error::Error, sync::Arc};

use hunter_aws::{
    Aws,
    dynamodb::{Tables, create_tables},
};
use hunter_contracts::{AgentConfig, Credits, CustomerProfile, Plan, TenantId};
use hunter_core::{
    ports::{Clock, SystemClock},
    recipe::{parse_text, validate_agent},
    store::{Accounts, Store},
};
use jiff::tz::TimeZone;

/// What is granted: enough for a few runs of 200 leads.
const CREDITS: Credits = Credits::from_micros(100_000_000);
/// Calls to outside services per month.
const API_CALLS: u64 = 100_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let customer = arguments.next();
    let tenant =
        TenantId::new(customer.ok_or("say which customer: seed CUSTOMER [AGENT.json …]")?)?;
    let aws = Aws::from_env()?;
    create_tables(&aws.dynamodb_client()?, &Tables::from(aws.settings())).await?;
    let tenants = aws.store(Arc::new(SystemClock))?;
    let store = tenants.tenant(&tenant);
    let now = SystemClock.now();
    let today = now.to_zoned(TimeZone::UTC).date();
    let plan = Plan {
        plan_id: "professional".into(),
        monthly_credits: CREDITS,
        api_calls_limit: API_CALLS,
        cycle_ends: today.last_of_month(),
        trial_ends: None,
    };
    store.put_plan(&plan).await?;
    let profile = CustomerProfile {
        name: "Example Ltd".into(),
        email: "customer@hunter.example".parse()?,
    };
    tenants.account(&tenant).put_profile(&profile).await?;
    store.grant("seed", CREDITS, now).await?;
    let balance = store.balance().await?;
    println!("{tenant} has {} credits", balance.avail);
    for path in arguments {
        let agent: AgentConfig = parse_text(&std::fs::read_to_string(&path)?, &path)?;
        validate_agent(&agent)?;
        let version = store.put_agent(&agent).await?;
        println!("{tenant} has agent {} in version {version}", agent.agent_id);
    }
    Ok(())
}

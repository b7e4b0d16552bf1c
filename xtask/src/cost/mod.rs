//! `cargo xtask cost`: what a run costs on AWS, service by service.
//!
//! Quantities are counted in a run of the same job on this machine (state transitions and capacity
//! units by the adapter and the engine, calls and durations by the in-process functions), or read
//! from a file; what nothing counts is an assumption with a name (`xtask/data/`). Prices are data
//! with a source and a date. Fees of models and of data providers are no part of it.

mod bill;
mod data;
mod template;

use std::path::PathBuf;

use crate::{
    bench,
    report::{Error, Report, workspace},
};
use bill::{Bill, Line};
use data::{Assumptions, Counts, Prices};
use template::Template;

/// The template of what is deployed.
const TEMPLATE: &str = "infra/template.yaml";
/// The job that is counted: leads, latency of services and of sites in milliseconds.
const JOB: [&str; 4] = ["run", "200", "200", "300"];
const BAR_WIDTH: usize = 32;

/// What to print.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Takes the counts from a file instead of running the job: what
    /// `cargo run --release -p hunter --example bench -- run 200 200 300` prints.
    #[arg(long, value_name = "FILE")]
    counts: Option<PathBuf>,
    /// Prints the figures as JSON.
    #[arg(long)]
    json: bool,
}

/// Computes and prints.
///
/// # Errors
/// When the job fails, or a file does not hold what it should.
pub(crate) fn run(options: &Options) -> Result<Report, Error> {
    let counts = match &options.counts {
        Some(path) => Counts::read(path)?,
        None => count()?,
    };
    let (prices, assumptions) = (Prices::load()?, Assumptions::load()?);
    let template = Template::read(&workspace().join(TEMPLATE))?;
    let bill = Bill::of(&counts, &prices, &assumptions, template.as_ref())?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&bill)?);
        return Ok(Report::default());
    }
    print(&bill, &prices, template.is_some());
    Ok(Report::of(
        "without fees of models and data providers, free tiers, storage and tax",
    ))
}

/// Runs the job on this machine.
fn count() -> Result<Counts, Error> {
    eprintln!("counting: a run of 200 leads with 200 ms per service call and 300 ms per page …");
    let output = bench::example(&JOB)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("the job failed: {}", output.status).into());
    }
    Counts::parse(&String::from_utf8(output.stdout)?)
}

fn print(bill: &Bill, prices: &Prices, with_template: bool) {
    println!(
        "A run of {} leads screened, {} qualified, {} drafts; {}, {}",
        bill.screened, bill.qualified, bill.drafts, prices.region, bill.architecture
    );
    println!();
    for line in &bill.run {
        println!(
            "  {:<22} {:<34} {:>12} {:>11}  {}",
            line.service,
            line.what,
            quantity(line.quantity),
            dollars(line.usd),
            line.basis.word()
        );
    }
    println!();
    println!(
        "  {:<22} {:>11} {:>15} {:>7}",
        "", "per run", "per 1,000 leads", "share"
    );
    for service in bill.services() {
        let share = service.usd / bill.run_usd;
        println!(
            "  {:<22} {:>11} {:>15} {:>6.1} %  {}",
            service.name,
            dollars(service.usd),
            dollars(service.usd * bill.per_thousand()),
            share * 100.0,
            bar(share)
        );
    }
    println!(
        "  {:<22} {:>11} {:>15}",
        "all",
        dollars(bill.run_usd),
        dollars(bill.per_1000_leads_usd)
    );
    println!();
    if with_template {
        println!("By the month, whatever is run: {}", dollars(bill.month_usd));
        for Line {
            service,
            what,
            quantity: count,
            usd,
            ..
        } in &bill.month
        {
            println!(
                "  {service:<22} {what:<34} {:>12} {:>11}",
                quantity(*count),
                dollars(*usd)
            );
        }
    } else {
        println!("`{TEMPLATE}` is not there: memory is assumed, monthly costs are left out");
    }
    println!();
    println!(
        "counted: by the adapters in the run; measured: the local durations of the functions, which \
         wait for the same latencies; assumed: `xtask/data/cost-assumptions.toml`"
    );
    println!("{}", prices.provenance());
}

/// Dollars with as many places as a tenth of a cent of a cent needs.
fn dollars(usd: f64) -> String {
    if usd >= 1.0 {
        format!("${usd:.2}")
    } else {
        format!("${usd:.6}")
    }
}

fn quantity(value: f64) -> String {
    if value >= 100.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.4}")
    }
}

fn bar(share: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a bar of 32 cells"
    )]
    let cells = (share.clamp(0.0, 1.0) * BAR_WIDTH as f64).round() as usize;
    "█".repeat(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_as_long_as_they_have_to_be() {
        assert_eq!(dollars(12.345), "$12.35");
        assert_eq!(dollars(0.000_925), "$0.000925");
        assert_eq!(quantity(37.0), "37");
        assert_eq!(quantity(0.125), "0.1250");
        assert_eq!(quantity(1234.5), "1234");
        assert_eq!(bar(0.5).chars().count(), 16);
        assert_eq!(bar(f64::NAN), "");
    }
}

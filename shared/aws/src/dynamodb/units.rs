//! Capacity units: what DynamoDB charges for. Counted from the server's own figures
//! (`ReturnConsumedCapacity=TOTAL`), and computed from item sizes by the documented rules where it
//! gives none: a write costs one unit per started KB, twice that in a transaction, plus one unit per
//! entry written to the index; a read costs one unit per started 4 KB, half of that when it need not
//! be consistent. Refused writes are counted like done ones: DynamoDB charges for them too.
//! (Amazon DynamoDB Developer Guide, "DynamoDB read and write operations".)

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// What one operation of the store consumed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OperationUnits {
    /// Requests sent to DynamoDB.
    pub requests: u64,
    /// Write units.
    pub write: f64,
    /// Read units; halves where reads need not be consistent.
    pub read: f64,
}

/// What a store consumed since it was made, over all tenants.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Units {
    /// Write units.
    pub write: f64,
    /// Read units.
    pub read: f64,
    /// By the name of the store's method, as in `put_pack`.
    pub by_operation: BTreeMap<&'static str, OperationUnits>,
}

impl Units {
    /// What was consumed since an earlier reading.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut by_operation = BTreeMap::new();
        for (&name, now) in &self.by_operation {
            let before = earlier.by_operation.get(name).copied().unwrap_or_default();
            let difference = OperationUnits {
                requests: now.requests.saturating_sub(before.requests),
                write: now.write - before.write,
                read: now.read - before.read,
            };
            if difference.requests > 0 {
                by_operation.insert(name, difference);
            }
        }
        Self {
            write: self.write - earlier.write,
            read: self.read - earlier.read,
            by_operation,
        }
    }

    /// What one operation consumed.
    #[must_use]
    pub fn of(&self, operation: &str) -> OperationUnits {
        self.by_operation
            .get(operation)
            .copied()
            .unwrap_or_default()
    }
}

/// Whether units are of writing or of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Write,
    Read,
}

/// Adds units up.
#[derive(Debug, Default)]
pub(super) struct Meter(Mutex<Units>);

impl Meter {
    pub(super) fn units(&self) -> Units {
        let units = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        units.clone()
    }

    /// Counts a request: what the server says, else what the rules say.
    pub(super) fn count(
        &self,
        operation: &'static str,
        kind: Kind,
        said: &[ConsumedCapacity],
        computed: f64,
    ) {
        let said = said.iter().filter_map(ConsumedCapacity::capacity_units);
        let units = said.reduce(|sum, units| sum + units).unwrap_or(computed);
        let mut total = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = total.by_operation.entry(operation).or_default();
        of.requests += 1;
        match kind {
            Kind::Write => of.write += units,
            Kind::Read => of.read += units,
        }
        match kind {
            Kind::Write => total.write += units,
            Kind::Read => total.read += units,
        }
    }
}

/// Units of writing `bytes`: one per started KB.
pub(super) fn write_units(bytes: usize) -> f64 {
    bytes.div_ceil(1024).max(1) as f64
}

/// Units of reading `bytes`: one per started 4 KB, half where it need not be consistent.
pub(super) fn read_units(bytes: usize, consistent: bool) -> f64 {
    let units = bytes.div_ceil(4096).max(1) as f64;
    if consistent { units } else { units / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_by_size() {
        assert_eq!(
            [0, 1, 1024, 1025, 2048].map(write_units),
            [1.0, 1.0, 1.0, 2.0, 2.0]
        );
        assert_eq!(
            [0, 4096, 4097].map(|bytes| read_units(bytes, true)),
            [1.0, 1.0, 2.0]
        );
        assert_eq!(read_units(100, false), 0.5);
    }

    #[test]
    fn the_servers_figure_goes_before_the_computed_one() {
        let meter = Meter::default();
        let said = |units| ConsumedCapacity::builder().capacity_units(units).build();
        meter.count("put", Kind::Write, &[said(3.0), said(1.0)], 99.0);
        let before = meter.units();
        meter.count("put", Kind::Write, &[], 2.0);
        meter.count("get", Kind::Read, &[said(0.5)], 99.0);
        let all = meter.units();
        assert_eq!((all.write, all.read), (6.0, 0.5));
        let since = all.since(&before);
        assert_eq!((since.write, since.of("put").requests), (2.0, 1));
        assert_eq!(since.of("get").read, 0.5);
    }
}

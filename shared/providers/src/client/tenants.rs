//! What is kept per customer and service, bounded however many customers there are.

use std::collections::HashMap;

use hunter_contracts::TenantId;

/// Pairs of customer and service that are remembered; a few hundred bytes each.
pub(super) const ENTRIES_MAX: usize = 20_000;

#[derive(Debug)]
struct Entry<T> {
    used: u64,
    value: T,
}

/// Values by customer and service. Where there are too many, the half that was not used for the
/// longest is forgotten.
#[derive(Debug)]
pub(super) struct PerTenant<T> {
    entries: HashMap<(TenantId, &'static str), Entry<T>>,
    entries_max: usize,
    uses: u64,
}

impl<T> PerTenant<T> {
    pub(super) fn new(entries_max: usize) -> Self {
        Self {
            entries: HashMap::new(),
            entries_max,
            uses: 0,
        }
    }

    /// The value, where there is one.
    pub(super) fn get_mut(&mut self, tenant: &TenantId, service: &'static str) -> Option<&mut T> {
        let entry = self.entries.get_mut(&(tenant.clone(), service))?;
        self.uses += 1;
        entry.used = self.uses;
        Some(&mut entry.value)
    }

    /// The value, made where there is none.
    pub(super) fn entry(
        &mut self,
        tenant: &TenantId,
        service: &'static str,
        new: impl FnOnce() -> T,
    ) -> &mut T {
        let key = (tenant.clone(), service);
        if self.entries.len() >= self.entries_max && !self.entries.contains_key(&key) {
            self.forget_half();
        }
        self.uses += 1;
        let entry = self.entries.entry(key).or_insert_with(|| Entry {
            used: 0,
            value: new(),
        });
        entry.used = self.uses;
        &mut entry.value
    }

    /// Half at once, so that the search for the oldest costs each newcomer little.
    fn forget_half(&mut self) {
        let mut uses: Vec<u64> = self.entries.values().map(|entry| entry.used).collect();
        let middle = uses.len() / 2;
        if middle == 0 {
            self.entries.clear();
            return;
        }
        let (_, &mut median, _) = uses.select_nth_unstable(middle);
        self.entries.retain(|_, entry| entry.used > median);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(n: u32) -> TenantId {
        TenantId::new(format!("tenant-{n}")).unwrap()
    }

    #[test]
    fn the_longest_unused_are_forgotten_first() {
        let mut kept = PerTenant::new(10);
        for n in 0..1_000 {
            *kept.entry(&tenant(n), "a", || 0) += n;
            *kept.entry(&tenant(0), "a", || 0) += 1;
            assert!(kept.len() <= 10, "{}", kept.len());
        }
        assert_eq!(kept.get_mut(&tenant(0), "a"), Some(&mut 1_000));
        assert_eq!(kept.get_mut(&tenant(0), "b"), None);
        assert_eq!(kept.get_mut(&tenant(500), "a"), None);
    }

    #[test]
    fn room_for_one_is_enough() {
        let mut kept = PerTenant::new(1);
        for n in 0..5 {
            kept.entry(&tenant(n), "a", || n);
            assert_eq!(kept.len(), 1);
        }
    }
}

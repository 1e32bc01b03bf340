//! How much memory each owner holds, and has held at most.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Budget, MemoryUse, Owner};

/// Bytes that one owner holds now, and held at most.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    now: AtomicU64,
    peak: AtomicU64,
}

impl Gauge {
    /// A part of the owner's memory, counted as long as it lives.
    pub(crate) fn share(&self) -> Share<'_> {
        Share { gauge: self, held: 0 }
    }

    /// What the owner holds as a whole, where that is measured instead of counted.
    pub(crate) fn measured(&self, bytes: u64) {
        self.now.store(bytes, Ordering::Relaxed);
        self.peak.fetch_max(bytes, Ordering::Relaxed);
    }

    /// The most that it held.
    pub(crate) fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: u64) {
        let now = self.now.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.peak.fetch_max(now, Ordering::Relaxed);
    }

    pub(crate) fn subtract(&self, bytes: u64) {
        self.now.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// What one holder has of an owner's memory; nothing any more when it goes.
#[derive(Debug)]
pub(crate) struct Share<'a> {
    gauge: &'a Gauge,
    held: u64,
}

impl Share<'_> {
    /// The holder now has so many bytes.
    pub(crate) fn set(&mut self, bytes: usize) {
        let bytes = bytes as u64;
        match bytes.checked_sub(self.held) {
            Some(more) => self.gauge.add(more),
            None => self.gauge.subtract(self.held - bytes),
        }
        self.held = bytes;
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.gauge.subtract(self.held);
    }
}

/// The gauges of a run.
#[derive(Debug)]
pub(crate) struct Ledger {
    budget: Budget,
    gauges: [Gauge; Owner::ALL.len()],
}

impl Ledger {
    pub(crate) fn new(budget: Budget) -> Self {
        Self { budget, gauges: Default::default() }
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    pub(crate) fn gauge(&self, owner: Owner) -> &Gauge {
        &self.gauges[owner as usize]
    }

    /// What every owner was given and took.
    pub(crate) fn uses(&self) -> Vec<MemoryUse> {
        let of = |owner: Owner| MemoryUse {
            owner,
            share_bytes: self.budget.share(owner),
            peak_bytes: self.gauge(owner).peak(),
        };
        Owner::ALL.into_iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_of_one_owner_add_up_and_give_back_what_they_had() {
        let gauge = Gauge::default();
        let mut first = gauge.share();
        first.set(10);
        {
            let mut second = gauge.share();
            second.set(5);
            first.set(2);
            second.set(20);
        }
        first.set(7);
        assert_eq!((gauge.now.load(Ordering::Relaxed), gauge.peak()), (7, 22));
    }

    #[test]
    fn a_measured_owner_keeps_its_peak() {
        let gauge = Gauge::default();
        [3, 9, 4].into_iter().for_each(|bytes| gauge.measured(bytes));
        assert_eq!(gauge.peak(), 9);
    }
}

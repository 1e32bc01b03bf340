//! How much memory is allocated, counted where it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Sums what its claims hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter(Arc<Totals>);

#[derive(Debug, Default)]
struct Totals {
    held: AtomicUsize,
    most: AtomicUsize,
}

impl Meter {
    /// Bytes that are allocated now.
    pub(crate) fn held(&self) -> usize {
        self.0.held.load(Ordering::Relaxed)
    }

    /// Bytes that were allocated at once at most.
    pub(crate) fn most(&self) -> usize {
        self.0.most.load(Ordering::Relaxed)
    }

    pub(super) fn claim(&self) -> Claim {
        Claim { meter: self.clone(), bytes: 0 }
    }
}

/// What one buffer has allocated.
#[derive(Debug)]
pub(super) struct Claim {
    meter: Meter,
    bytes: usize,
}

impl Claim {
    /// Bytes that the buffer holds from now on.
    pub(super) fn set(&mut self, bytes: usize) {
        let totals = &self.meter.0;
        // Only one worker writes; another thread reads a sum that was true at some moment.
        let held = totals.held.load(Ordering::Relaxed) - self.bytes + bytes;
        totals.held.store(held, Ordering::Relaxed);
        totals.most.fetch_max(held, Ordering::Relaxed);
        self.bytes = bytes;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.set(0);
    }
}

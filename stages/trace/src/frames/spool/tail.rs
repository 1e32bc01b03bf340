//! The newest items of a sequence, as many as memory allows.

use super::claim::{Claim, Meter};

/// Bytes that a buffer has in the beginning.
const FIRST_BYTES: usize = 64 << 10;

/// A buffer that grows up to a limit.
#[derive(Debug)]
pub(super) struct Tail<T> {
    items: Vec<T>,
    /// Items that may be allocated at once, also while the buffer moves to a larger place.
    limit: usize,
    claim: Claim,
}

impl<T: Clone> Tail<T> {
    pub(super) fn new(limit_bytes: usize, meter: &Meter) -> Self {
        Self { items: Vec::new(), limit: limit_bytes / size_of::<T>(), claim: meter.claim() }
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    pub(super) fn items_mut(&mut self) -> &mut [T] {
        &mut self.items
    }

    /// Appends items if they fit, or says that they do not.
    pub(super) fn extend(&mut self, items: &[T]) -> bool {
        let fits = self.make_room(items.len());
        if fits {
            self.items.extend_from_slice(items);
        }
        fits
    }

    /// Forgets the items and keeps their place for others.
    pub(super) fn clear(&mut self) {
        self.items.clear();
    }

    /// Forgets the items and gives their place back.
    pub(super) fn release(&mut self) {
        self.items = Vec::new();
        self.claim.set(0);
    }

    fn make_room(&mut self, more: usize) -> bool {
        let needed = self.items.len().saturating_add(more);
        if needed <= self.items.capacity() {
            return true;
        }
        if self.items.is_empty() && more <= self.limit {
            self.release();
        }
        // The old place and the new one exist side by side while the items move.
        let most = self.limit.saturating_sub(self.items.capacity());
        let larger = (2 * self.items.capacity()).max(FIRST_BYTES / size_of::<T>());
        let wanted = needed.max(larger).min(most);
        if wanted < needed {
            return false;
        }
        self.claim.set((self.items.capacity() + wanted) * size_of::<T>());
        self.items.reserve_exact(wanted - self.items.len());
        self.claim.set(self.items.capacity() * size_of::<T>());
        true
    }
}

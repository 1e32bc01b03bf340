//! Two ascending sequences of leaves, held against each other between two keys.

use std::iter::Peekable;

/// The leaves that should be stored behind one key and up to another, and who is told where they are not.
pub(super) struct Expected<K, V, I: Iterator<Item = (K, V)>, D> {
    leaves: Peekable<I>,
    after: Option<K>,
    last: Option<K>,
    differ: D,
}

/// Where a stored key lies.
pub(super) enum RowPlace<K> {
    /// Not behind this key: it was compared before.
    Before(K),
    /// Where it is compared.
    Within,
    /// Behind the last key: it is compared later.
    Behind,
}

impl<K, V, I, D> Expected<K, V, I, D>
where
    K: Copy + Ord,
    V: PartialEq,
    I: Iterator<Item = (K, V)>,
    D: FnMut(K, Option<V>, Option<V>),
{
    /// `after` is the key before the first, `last` the last one; `None` where there is no end.
    pub(super) fn new(leaves: I, after: Option<K>, last: Option<K>, differ: D) -> Self {
        Self { leaves: leaves.peekable(), after, last, differ }
    }

    /// Takes a stored leaf; they come ascending.
    pub(super) fn take(&mut self, key: K, stored: V) -> RowPlace<K> {
        if let Some(after) = self.after.filter(|after| key <= *after) {
            return RowPlace::Before(after);
        }
        if self.last.is_some_and(|last| key > last) {
            return RowPlace::Behind;
        }
        while let Some((missing, value)) = self.leaves.next_if(|(expected, _)| *expected < key) {
            (self.differ)(missing, Some(value), None);
        }
        match self.leaves.next_if(|(expected, _)| *expected == key) {
            Some((_, expected)) if expected == stored => {}
            expected => (self.differ)(key, expected.map(|(_, value)| value), Some(stored)),
        }
        RowPlace::Within
    }

    /// No more leaves are stored up to the last key.
    pub(super) fn finish(mut self) {
        for (missing, value) in self.leaves {
            (self.differ)(missing, Some(value), None);
        }
    }
}

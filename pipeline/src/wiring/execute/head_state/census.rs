//! Which keys of one set are missing in another, where both are too large to be kept.

use alloy::primitives::B256;

/// Enough to tell thousands of missing keys apart; some 160 KiB.
const BUCKETS: usize = 1 << 12;

/// Two sets of hashes, the second of which is a part of the first, as sums over buckets: those of the first are added,
/// those of the second taken away. What is left in a bucket with one missing hash is that hash.
pub(super) struct Census {
    buckets: Vec<Bucket>,
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    missing: i64,
    /// Exclusive or over what is missing.
    hashes: B256,
}

impl Census {
    pub(super) fn new() -> Self {
        Self { buckets: vec![Bucket::default(); BUCKETS] }
    }

    /// Adds a hash of the first set.
    pub(super) fn add(&mut self, hash: B256) {
        self.change(hash, 1);
    }

    /// Takes one away that the second set has too.
    pub(super) fn take(&mut self, hash: B256) {
        self.change(hash, -1);
    }

    fn change(&mut self, hash: B256, by: i64) {
        let bucket = &mut self.buckets[usize::from(u16::from_be_bytes([hash[0], hash[1]])) % BUCKETS];
        bucket.missing += by;
        bucket.hashes ^= hash;
    }

    /// The hashes that only the first set has.
    pub(super) fn missing(&self) -> Missing {
        let alone = self.buckets.iter().filter(|bucket| bucket.missing == 1);
        let crowded = self.buckets.iter().filter(|bucket| bucket.missing > 1);
        Missing {
            named: alone.map(|bucket| bucket.hashes).collect(),
            unnamed: crowded.map(|bucket| bucket.missing.unsigned_abs()).sum(),
        }
    }
}

/// Hashes that are in one set and not in the other.
pub(super) struct Missing {
    /// Those that are alone in their bucket.
    pub(super) named: Vec<B256>,
    /// How many are not.
    pub(super) unnamed: u64,
}

impl Missing {
    pub(super) fn count(&self) -> u64 {
        self.named.len() as u64 + self.unnamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::keccak256;

    #[test]
    fn what_is_missing_is_counted_and_named() {
        let mut census = Census::new();
        let hashes: Vec<_> = (0_u32..100_000).map(|n| keccak256(n.to_be_bytes())).collect();
        hashes.iter().for_each(|hash| census.add(*hash));
        hashes.iter().skip(3).for_each(|hash| census.take(*hash));
        let mut missing = census.missing();
        missing.named.sort_unstable();
        let mut expected = hashes[..3].to_vec();
        expected.sort_unstable();
        assert_eq!((missing.count(), missing.named), (3, expected));
    }

    #[test]
    fn hashes_that_share_a_bucket_are_only_counted() {
        let mut census = Census::new();
        census.add(B256::with_last_byte(1));
        census.add(B256::with_last_byte(2));
        let missing = census.missing();
        assert_eq!((missing.count(), missing.unnamed), (2, 2));
    }
}

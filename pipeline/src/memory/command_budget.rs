//! The split of `--memory` in commands that run no stage.

use crate::settings::ByteSize;

/// The parts of `--memory` in `verify`, `unwind`, `derive` and `export`, in bytes. What is left is for what
/// DuckDB takes beside its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandBudget {
    /// DuckDB's `memory_limit`.
    pub load: u64,
    /// RocksDB: block cache and memtables.
    pub store: usize,
    /// The state trie: computed anew, or its nodes with the changes that are taken back in one write.
    pub trie: usize,
    /// Rows and blocks that are read together.
    pub window: usize,
}

impl CommandBudget {
    /// `verify`: most checks are asked of DuckDB, which keeps what it has while the store is read.
    pub fn verify(memory: ByteSize) -> Self {
        Self::tenths(memory, 5, 1, 2, 1)
    }

    /// `unwind`: the state goes back in the trie's part, the tables in DuckDB's.
    pub fn unwind(memory: ByteSize) -> Self {
        Self::tenths(memory, 3, 2, 3, 0)
    }

    /// `derive`, `export` and other questions: DuckDB, and single reads of the store.
    pub fn tables(memory: ByteSize) -> Self {
        Self::tenths(memory, 7, 1, 0, 0)
    }

    /// `export` of an archive: receipts are asked of DuckDB, while groups of blocks are checked and packed.
    pub fn archive(memory: ByteSize) -> Self {
        Self::tenths(memory, 4, 2, 0, 2)
    }

    fn tenths(memory: ByteSize, load: u64, store: u64, trie: u64, window: u64) -> Self {
        let part = |tenths| memory.0 / 10 * tenths;
        let bytes = |tenths| part(tenths) as usize;
        Self { load: part(load), store: bytes(store), trie: bytes(trie), window: bytes(window) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;
    use blockmill_store::StoreOptions;

    #[test]
    fn the_parts_never_exceed_the_whole_and_the_least_opens_a_store() {
        for memory in [Budget::least(1), ByteSize(1 << 30), ByteSize(u64::MAX)] {
            for split in
                [CommandBudget::verify, CommandBudget::unwind, CommandBudget::tables, CommandBudget::archive]
            {
                let CommandBudget { load, store, trie, window } = split(memory);
                let sum =
                    u128::from(load) + [store, trie, window].map(|part| part as u128).iter().sum::<u128>();
                assert!(sum <= u128::from(memory.0), "{memory}");
                assert!(store >= StoreOptions::SMALLEST_BUDGET_BYTES, "{memory}");
            }
        }
    }
}

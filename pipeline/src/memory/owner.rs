//! The owners of memory: parts of the program with a share of the budget.

/// A consumer of memory with a share of the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// RocksDB: block cache and memtables.
    Store,
    /// Accounts and slots that were read or changed lately.
    State,
    /// Blocks that the source has decoded, until they are stored, and as far as there is room until they are traced.
    Blocks,
    /// Executed blocks until their slice is written: changes, witnesses, the write itself.
    Slice,
    /// Nodes of the state trie that are kept from one write to the next.
    Tries,
    /// Analysed bytecode, shared by all workers.
    Codes,
    /// Witnesses and receipts of the blocks that workers replay.
    Witnesses,
    /// Row builders of the workers.
    Rows,
    /// Call frames that wait for their end.
    Frames,
    /// Parquet row groups under construction.
    Segments,
    /// DuckDB, as far as it counts its memory.
    Tables,
}

impl Owner {
    /// All of them, along the data's path.
    pub const ALL: [Self; 11] = [
        Self::Store,
        Self::State,
        Self::Blocks,
        Self::Slice,
        Self::Tries,
        Self::Codes,
        Self::Witnesses,
        Self::Rows,
        Self::Frames,
        Self::Segments,
        Self::Tables,
    ];

    /// The name people see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::State => "state",
            Self::Blocks => "blocks",
            Self::Slice => "slice",
            Self::Tries => "tries",
            Self::Codes => "codes",
            Self::Witnesses => "witnesses",
            Self::Rows => "rows",
            Self::Frames => "frames",
            Self::Segments => "segments",
            Self::Tables => "tables",
        }
    }
}

/// What one owner was given, and took at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryUse {
    /// The owner.
    pub owner: Owner,
    /// Its part of the budget, in bytes.
    pub share_bytes: u64,
    /// The most that it held at a time, in bytes.
    pub peak_bytes: u64,
}

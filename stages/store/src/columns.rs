//! The column families: what each is called and how RocksDB should treat it. `schemas/store.md` says what is in them.

/// A column family of the database, named by its key and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Number → header.
    Headers,
    /// Number → transactions, ommers, withdrawals.
    Bodies,
    /// Number → sender of each transaction.
    Senders,
    /// Number → hash, total difficulty, state roots of a file's receipts.
    BlockMeta,
    /// Number → block access list, where the source has it.
    AccessLists,
    /// Hash → number.
    HeaderNumbers,
    /// Address → account.
    Accounts,
    /// Address ‖ slot → value.
    Storage,
    /// Code hash → code.
    Code,
    /// keccak256(address) → account with its storage root: a leaf of the account trie.
    HashedAccounts,
    /// keccak256(address) ‖ keccak256(slot) → value: a leaf of a storage trie.
    HashedStorage,
    /// Path → branch of the account trie.
    AccountBranches,
    /// keccak256(address) ‖ path → branch of a storage trie.
    StorageBranches,
    /// Number → values that the block replaced.
    ChangeSets,
    /// Number → witness.
    Witnesses,
    /// Number → bytes of its witness.
    WitnessSizes,
    /// Identity, checkpoints, counters.
    Meta,
}

/// How a family's blocks are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// No compression: hashes do not compress.
    None,
    /// LZ4 at every level. A branch is mostly hashes; what does compress, a fifth of its bytes, is the zeros that fill
    /// up its path, and of those LZ4 gets as much as ZSTD would, at less cost per read.
    Fast,
    /// LZ4 where rows are still moving, ZSTD at the bottom.
    Layered,
    /// As `Layered`, with a ZSTD dictionary per file: for values that resemble each other from row to row.
    LayeredWithDictionary,
}

impl Family {
    /// All of them, in the order of the document.
    pub const ALL: [Self; 17] = [
        Self::Headers,
        Self::Bodies,
        Self::Senders,
        Self::BlockMeta,
        Self::AccessLists,
        Self::HeaderNumbers,
        Self::Accounts,
        Self::Storage,
        Self::Code,
        Self::HashedAccounts,
        Self::HashedStorage,
        Self::AccountBranches,
        Self::StorageBranches,
        Self::ChangeSets,
        Self::Witnesses,
        Self::WitnessSizes,
        Self::Meta,
    ];

    /// The families that hold the state trie: leaves and branches.
    pub(crate) const TRIE: [Self; 4] =
        [Self::HashedAccounts, Self::HashedStorage, Self::AccountBranches, Self::StorageBranches];

    /// Its name in RocksDB.
    pub fn name(self) -> &'static str {
        match self {
            Self::Headers => "headers",
            Self::Bodies => "bodies",
            Self::Senders => "senders",
            Self::BlockMeta => "block_meta",
            Self::AccessLists => "access_lists",
            Self::HeaderNumbers => "header_numbers",
            Self::Accounts => "accounts",
            Self::Storage => "storage",
            Self::Code => "code",
            Self::HashedAccounts => "hashed_accounts",
            Self::HashedStorage => "hashed_storage",
            Self::AccountBranches => "account_branches",
            Self::StorageBranches => "storage_branches",
            Self::ChangeSets => "change_sets",
            Self::Witnesses => "witnesses",
            Self::WitnessSizes => "witness_sizes",
            Self::Meta => "meta",
        }
    }

    pub(crate) fn compression(self) -> Compression {
        match self {
            Self::HeaderNumbers => Compression::None,
            Self::AccountBranches | Self::StorageBranches => Compression::Fast,
            Self::Headers | Self::Bodies | Self::ChangeSets | Self::Witnesses => {
                Compression::LayeredWithDictionary
            }
            _ => Compression::Layered,
        }
    }

    /// Uncompressed bytes of a data block. A row of the state is read alone, from a disk whose page has 4 KiB; others are
    /// read with their neighbours, and compress better in larger blocks.
    pub(crate) fn block_bytes(self) -> usize {
        match self {
            Self::Accounts | Self::Storage => 4 << 10,
            _ => 16 << 10,
        }
    }

    /// Leading bytes of the key that name the account, where rows are searched by account.
    pub(crate) fn prefix_bytes(self) -> Option<usize> {
        match self {
            Self::Storage => Some(20),
            Self::HashedStorage | Self::StorageBranches => Some(32),
            _ => None,
        }
    }

    /// Its part of the memory for memtables, in [`TOTAL_SHARES`](Self::TOTAL_SHARES)ths: how much of what is
    /// written goes there. A leaf that changes takes its branches with it, so they weigh more than the accounts do.
    pub(crate) fn memtable_shares(self) -> usize {
        match self {
            Self::Witnesses => 5,
            Self::Bodies
            | Self::Storage
            | Self::HashedStorage
            | Self::AccountBranches
            | Self::StorageBranches => 4,
            Self::Accounts | Self::HashedAccounts => 3,
            Self::Headers | Self::ChangeSets => 2,
            Self::Senders | Self::BlockMeta | Self::AccessLists | Self::HeaderNumbers | Self::Code => 1,
            Self::WitnessSizes | Self::Meta => 1,
        }
    }

    /// The sum of all shares. More of them would need a larger `SMALLEST_BUDGET_BYTES`.
    pub(crate) const TOTAL_SHARES: usize = 42;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_add_up() {
        let shares: usize = Family::ALL.into_iter().map(Family::memtable_shares).sum();
        assert_eq!(shares, Family::TOTAL_SHARES);
    }
}

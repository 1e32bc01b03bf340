//! What can go wrong in the store, with the folder, the family and the row it is about, and what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

use alloy::primitives::hex;
use blockmill_chain::WitnessDecodeError;

use crate::Family;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or one of its own files cannot be used.
    #[error("cannot {action} {}: {source}; check that the data folder exists on a disk that you may write to", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The operating system's error.
        source: io::Error,
    },
    /// Another process holds the folder.
    #[error("the data folder {} is in use by process {pid}: wait until it ends, or stop it", path.display())]
    Locked {
        /// The data folder.
        path: PathBuf,
        /// The process that holds it, as far as the lock file says.
        pid: String,
    },
    /// Other processes read the folder, and go on doing so.
    #[error(
        "the data folder {} is being read by another process (one that verifies, say): wait until it ends, or stop it",
        path.display()
    )]
    Readers {
        /// The data folder.
        path: PathBuf,
    },
    /// There is a RocksDB database, but not one of this program.
    #[error("{} holds a database without a format file: it is not a Blockmill store; choose another folder", path.display())]
    NotAStore {
        /// The data folder.
        path: PathBuf,
    },
    /// Written in another format.
    #[error(
        "the store in {} has format {found}, this program reads and writes format {}: use the version that wrote it, or \
         rebuild into an empty folder",
        path.display(),
        crate::FORMAT
    )]
    Format {
        /// The data folder.
        path: PathBuf,
        /// The content of the format file.
        found: String,
    },
    /// RocksDB would not work in so little memory.
    #[error(
        "{budget_bytes} bytes are too few for the store: it needs at least {smallest_bytes}; give more memory"
    )]
    Budget {
        /// The budget that was given.
        budget_bytes: usize,
        /// The least that works.
        smallest_bytes: usize,
    },
    /// RocksDB refused to open the folder.
    #[error("the store in {} does not open: {source}{}", path.display(), advice(source))]
    Open {
        /// The data folder.
        path: PathBuf,
        /// RocksDB's error.
        source: rocksdb::Error,
    },
    /// RocksDB failed to read a row or to scan.
    #[error("cannot read {row}: {source}{}", advice(source))]
    Read {
        /// The row, or where the scan started.
        row: RowId,
        /// RocksDB's error.
        source: rocksdb::Error,
    },
    /// A row does not have the shape that its family has.
    #[error("the row {row} is damaged: {source}; delete the store's folder and rebuild")]
    Row {
        /// The damaged row.
        row: RowId,
        /// What is wrong with it.
        source: RowError,
    },
    /// A block is there only in part.
    #[error("the row {row} is missing, though its block is stored; delete the store's folder and rebuild")]
    MissingRow {
        /// The missing row.
        row: RowId,
    },
    /// A batch was not written; nothing of it was.
    #[error("cannot write a batch of {rows} rows, {bytes} bytes: {source}{}", advice(source))]
    Write {
        /// Puts and deletes in it.
        rows: usize,
        /// The encoded size of the batch, in bytes.
        bytes: usize,
        /// RocksDB's error.
        source: rocksdb::Error,
    },
    /// Memory could not be brought to disk, or a gauge not be read.
    #[error("cannot {action} the store in {}: {source}{}", path.display(), advice(source))]
    Maintain {
        /// The data folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// RocksDB's error.
        source: rocksdb::Error,
    },
    /// Execution asked for the hash of a block that was never stored.
    #[error(
        "block {number} is not in the store, and its hash was asked for: give the source files that hold it"
    )]
    UnknownBlock {
        /// The number asked for.
        number: u64,
    },
}

impl StoreError {
    /// Whether the disk is full: when space is back, the same run goes on from its checkpoints.
    pub fn is_no_space(&self) -> bool {
        match self {
            Self::Folder { source, .. } => source.kind() == io::ErrorKind::StorageFull,
            Self::Open { source, .. }
            | Self::Read { source, .. }
            | Self::Write { source, .. }
            | Self::Maintain { source, .. } => is_no_space(source),
            _ => false,
        }
    }
}

/// RocksDB hands a full disk over as the system's text inside an I/O error.
fn is_no_space(source: &rocksdb::Error) -> bool {
    let text: &str = source.as_ref();
    text.contains("No space left on device")
        || text.contains("NoSpace")
        || text.contains("Disk quota exceeded")
}

fn is_not_ours(source: &rocksdb::Error) -> bool {
    let text = source.as_ref();
    text.contains("Permission denied") || text.contains("Read-only file system")
}

fn advice(source: &rocksdb::Error) -> &'static str {
    match source.kind() {
        _ if is_no_space(source) => "; the disk is full: free some space and run again, the run resumes",
        _ if is_not_ours(source) => "; check that the data folder is yours, on a disk that you may write to",
        rocksdb::ErrorKind::Corruption => "; the store is damaged: delete its folder and rebuild",
        _ => "",
    }
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// A fixed-width key or value of another width.
    #[error("{found} bytes where {expected} belong")]
    Width {
        /// Bytes that belong there.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// The value is not RLP of the expected shape.
    #[error("{0}")]
    Rlp(#[from] alloy_rlp::Error),
    /// The value is not a witness of this format.
    #[error("{0}")]
    Witness(#[from] WitnessDecodeError),
    /// A slot's value that is zero or has leading zeros or more than 32 bytes.
    #[error("a slot value is not the shortest form of a non-zero number")]
    SlotValue,
    /// A branch that says of a child that is not there that it is stored or hashed. The masks have bit n for nibble n.
    #[error("the branch has children {state:#06x}, but stored ones {tree:#06x} and hashed ones {hash:#06x}")]
    BranchMasks {
        /// The mask of the children that exist.
        state: u16,
        /// Children that have rows of their own below them.
        tree: u16,
        /// Children whose hash is in the row.
        hash: u16,
    },
    /// A path longer than any key.
    #[error("a path of {found} nibbles where 64 are the most")]
    PathLength {
        /// Nibbles, as the key says.
        found: u8,
    },
    /// A path with something after its end.
    #[error("the path goes on after its {nibbles} nibbles")]
    PathPadding {
        /// Nibbles, as the key says.
        nibbles: u8,
    },
    /// A note on the trie that this format does not know.
    #[error("it says neither that the trie is whole nor up to where it is rebuilt")]
    TrieState,
    /// There is not one sender per transaction.
    #[error("{senders} senders for {transactions} transactions")]
    Senders {
        /// The number of senders stored.
        senders: usize,
        /// Transactions in the block.
        transactions: usize,
    },
    /// More than one value where at most one belongs.
    #[error("an optional value is there {found} times")]
    Optional {
        /// How many values there are.
        found: usize,
    },
    /// A kind of store that this format does not know.
    #[error("{found} is not a kind of store")]
    Kind {
        /// The number that was stored as the kind.
        found: u8,
    },
    /// The sizes of the witnesses add up to more than was counted.
    #[error("{counted} bytes of witnesses were counted, but {removed} are to be taken off")]
    Count {
        /// The counter, with what is being added.
        counted: u64,
        /// What is to be taken off.
        removed: u64,
    },
}

/// Names a row for people: its family and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowId {
    /// The column family.
    pub family: Family,
    /// The encoded key.
    pub key: Vec<u8>,
}

impl RowId {
    pub(crate) fn new(family: Family, key: impl AsRef<[u8]>) -> Self {
        Self { family, key: key.as_ref().to_vec() }
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = self.family.name();
        match (self.family, <[u8; 8]>::try_from(self.key.as_slice())) {
            (Family::Meta, _) => write!(f, "'{}' of {family}", String::from_utf8_lossy(&self.key)),
            (_, Ok(number)) => write!(f, "of block {} in {family}", u64::from_be_bytes(number)),
            (..) => write!(f, "0x{} of {family}", hex::encode(&self.key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_named_as_people_know_them() {
        let name = |family, key: &[u8]| RowId::new(family, key).to_string();
        assert_eq!(name(Family::Bodies, &[0, 0, 0, 0, 0, 0, 1, 0]), "of block 256 in bodies");
        assert_eq!(name(Family::Meta, b"identity"), "'identity' of meta");
        assert_eq!(name(Family::Code, &[0xab, 1]), "0xab01 of code");
    }
}

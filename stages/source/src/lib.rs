//! Files become checked blocks: era1 and ere archives, RLP exports and witness files, read in bounded memory. Checked blocks
//! become ere archives.
//!
//! What leaves this crate has been checked against its header (transactions, ommers, withdrawals, and receipts where
//! the file has them), against its parent, in archives against the file's accumulator, and carries the senders recovered
//! from the signatures. What executing a block would show (gas, receipts, state) is checked later.

mod block;
mod checksums;
mod cursor;
mod decode;
mod e2store;
mod era1;
mod ere;
mod error;
mod genesis;
mod headers;
#[cfg(test)]
mod hostile_tests;
mod json;
mod kind;
mod limits;
mod link;
mod listing;
mod mapped;
mod order;
mod raw;
mod rlp;
mod senders;
mod single;
mod source;
mod state_dump;
mod verify;
mod witness_file;

pub use block::{ForeignWitness, ReadLimit, SourcedBlock};
pub use checksums::{CHECKSUMS_BY_ERA, CHECKSUMS_WITH_NAMES, Checksums, sha256_of};
pub use ere::{EreSummary, EreWriter, PackedEntry};
pub use error::{Checked, FilePlace, SourceError};
pub use genesis::{GenesisError, read_genesis, read_known_genesis};
pub use kind::{FileKind, SourceKind};
pub use listing::chain_files;
pub use single::{decode_block, recover_senders};
pub use source::{FileSummary, Source};
pub use state_dump::{DumpError, DumpItem, read_state_dump};

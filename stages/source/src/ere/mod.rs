//! ere files: up to 8,192 blocks of any time, in sections. They are still served under their old ending, erae.
//!
//! The format is <https://github.com/eth-clients/e2store-format-specs/blob/main/formats/ere.md>:
//!
//! ```text
//! ere   = Version CompressedHeader+ CompressedBody+ CompressedSlimReceipts* Proof* TotalDifficulty* other* Accumulator? Index
//! Index = start, (header, body, receipts?, difficulty?, proof?)*, component-count, count: all u64, little-endian
//! ```
//!
//! Which component is which is not written down: the type of the entry that the first block has there says it. Headers,
//! bodies and receipts of a block lie far apart, so that only the index leads to them.
//!
//! [`EreFile::open`] reads all headers and checks the structure, the chain of headers and, where blocks from before the merge
//! have an accumulator, that. Proofs lead to the beacon chain and are not read.

mod file;
mod index;
mod name;
mod receipts;
mod writer;

pub(crate) use file::EreFile;
pub use file::EreSummary;
pub(crate) use name::is_era;
#[cfg(test)]
pub(crate) use receipts::SlimReceipt;
pub use writer::{EreWriter, PackedEntry};

#[cfg(test)]
pub(crate) mod damage_tests;

//! era1 files: up to 8,192 blocks from before the merge, with receipts, total difficulty and an accumulator.
//!
//! The format is <https://github.com/eth-clients/e2store-format-specs/blob/main/formats/era1.md>:
//!
//! ```text
//! era1        = Version block-tuple* other-entry* Accumulator BlockIndex
//! block-tuple = CompressedHeader CompressedBody CompressedReceipts TotalDifficulty
//! ```
//!
//! [`Era1File::open`] reads all headers and checks the structure, the index, the chain of headers and the accumulator.
//! Only then are blocks handed out, and each must have the hash that the accumulator vouched for.

mod file;
mod index;

pub(crate) use file::Era1File;

#[cfg(test)]
pub(crate) mod damage_tests;

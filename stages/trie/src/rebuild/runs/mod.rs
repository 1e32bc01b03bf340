//! Sorted runs: files of rows in the order of their hashed keys, and what merges them.

mod block;
mod folder;
mod footer;
mod merge;
mod reader;
mod reduce;
mod writer;

pub(super) use folder::{Folder, Run};
pub(super) use merge::Merge;
pub(super) use reader::READER_BYTES;
pub(super) use reduce::reduce;

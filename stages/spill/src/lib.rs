//! Rows on disk between trace and load: Parquet segments, one folder per unit (a block range), sealed whole by one
//! rename, each segment with a digest of its rows. `schemas/spill.md` is the format.

mod digest;
mod encoding;
mod error;
mod hashed_file;
mod manifest;
mod name;
mod segment;
mod segment_check;
mod spill_dir;
mod unit;
mod unit_writer;

pub use digest::{DigestError, TableDigest};
pub use encoding::ROW_GROUP_ROWS;
pub use error::SpillError;
pub use segment_check::digest_file;
pub use spill_dir::SpillDir;
pub use unit::{FORMAT, Segment, Unit};
pub use unit_writer::UnitWriter;

//! What era1 and ere files have in common: typed entries, snappy frames, headers that are checked before anything else is used.
//!
//! The container is <https://github.com/eth-clients/e2store-format-specs>:
//!
//! ```text
//! entry = type: u16, length: u32, reserved: u16 = 0, data (all little-endian)
//! ```

mod accumulator;
mod archived;
pub(crate) mod entry;
mod snappy;

pub(crate) use accumulator::{MAX_BLOCKS, accumulator_root};
pub(crate) use archived::{ArchivedBlock, HEADERS_AT_A_TIME, decode_headers, total_difficulty};
pub(crate) use snappy::{MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, Unpacker};

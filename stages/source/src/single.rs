//! One block that is already in memory, with the checks that need no other block.

use std::path::Path;

use blockmill_chain::{ChainSpec, RecoveredBlock};

use crate::cursor::RawBlock;
use crate::decode::decode;
use crate::era1::Unpacker;
use crate::error::SourceError;

/// Decodes the RLP of a block, checks its body against its header and recovers its senders. `origin` is what an error
/// names as the file.
pub fn decode_block(rlp: &[u8], spec: &ChainSpec, origin: &Path) -> Result<RecoveredBlock, SourceError> {
    let raw = RawBlock::Rlp { offset: 0, block: rlp.into() };
    Ok(decode(&raw, &mut Unpacker::default(), spec, origin)?.block.block)
}

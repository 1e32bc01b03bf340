//! One block that is already in memory, with the checks that need no other block.

use std::path::Path;

use alloy::primitives::Address;
use blockmill_chain::{Block, ChainSpec, RecoveredBlock};

use crate::cursor::RawBlock;
use crate::decode::decode;
use crate::e2store::Unpacker;
use crate::error::{FilePlace, SourceError};
use crate::senders;
use crate::verify;

/// Decodes the RLP of a block, checks its body against its header, recovers its senders, and checks the rules
/// of consensus that need no other block. `origin` is what an error names as the file.
pub fn decode_block(rlp: &[u8], spec: &ChainSpec, origin: &Path) -> Result<RecoveredBlock, SourceError> {
    let raw = RawBlock::Rlp { offset: 0, block: rlp.into() };
    let decoded = decode(&raw, &mut Unpacker::default(), spec, origin)?;
    let block = decoded.recovered(spec, origin)?.block.block;
    verify::check_rules(spec, &block.block, || FilePlace::block(origin, 0, block.number()))?;
    Ok(block)
}

/// The senders of a block's transactions, in their order, recovered on all threads of the current pool. `origin` is what an
/// error names as the file.
pub fn recover_senders(block: &Block, spec: &ChainSpec, origin: &Path) -> Result<Vec<Address>, SourceError> {
    senders::recover(block, spec, || FilePlace::block(origin, 0, block.header.number))
}

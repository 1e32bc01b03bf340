//! A block in an archive, and the headers of many.

use std::path::Path;

use alloy::consensus::Header;
use alloy::primitives::{B256, U256};
use rayon::prelude::*;

use super::entry::Entry;
use super::snappy::{MAX_HEADER_BYTES, Unpacker, announced_bytes};
use crate::error::{FilePlace, SourceError};

/// Headers decoded at a time while a file is checked: enough for many cores, a few hundred KiB.
pub(crate) const HEADERS_AT_A_TIME: usize = 512;

/// The entries of one block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArchivedBlock<'a> {
    pub(crate) header: Entry<'a>,
    pub(crate) body: Entry<'a>,
    /// Receipts with their blooms, or slim ones; the entry's type says which.
    pub(crate) receipts: Option<Entry<'a>>,
    /// Up to and with this block, where an accumulator vouches for it.
    pub(crate) total_difficulty: Option<U256>,
    /// The hash of the header that was checked when the file was opened.
    pub(crate) hash: B256,
}

impl ArchivedBlock<'_> {
    /// What the entries unpack to.
    pub(crate) fn unpacked_bytes(&self) -> usize {
        let packed = [Some(self.header), Some(self.body), self.receipts];
        packed.iter().flatten().map(|entry| announced_bytes(entry.data)).sum()
    }
}

/// Headers with their hashes, decoded on all cores.
pub(crate) fn decode_headers(entries: &[Entry<'_>], file: &Path) -> Vec<Result<(Header, B256), SourceError>> {
    entries.par_iter().map_init(Unpacker::default, |unpacker, entry| decode(unpacker, *entry, file)).collect()
}

fn decode<'a>(
    unpacker: &mut Unpacker<'a>,
    entry: Entry<'a>,
    file: &Path,
) -> Result<(Header, B256), SourceError> {
    let rlp = unpacker.unpack(entry, "a header", MAX_HEADER_BYTES, file)?;
    let header = alloy_rlp::decode_exact::<Header>(&rlp);
    let header = header.map_err(|source| SourceError::Rlp {
        place: FilePlace::byte(file, entry.offset),
        what: "a header",
        source,
    })?;
    let hash = header.hash_slow();
    Ok((header, hash))
}

/// The number in an entry of that type.
pub(crate) fn total_difficulty(entry: Entry<'_>, file: &Path) -> Result<U256, SourceError> {
    let bytes = entry.data.try_into().map_err(|_| SourceError::Format {
        place: FilePlace::byte(file, entry.offset),
        problem: format!("a total difficulty of {} bytes, where 32 should be", entry.data.len()),
    })?;
    Ok(U256::from_le_bytes::<32>(bytes))
}

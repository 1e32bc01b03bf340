//! One block's RLP in a row of them: how long it is, and which number it has.

use std::path::Path;

use alloy_rlp::{Decodable, Error, Header};

use super::MAX_BLOCK_BYTES;
use crate::error::{FilePlace, SourceError};

/// The longest header of an RLP list: a byte, and up to eight of length.
pub(super) const LIST_HEADER_BYTES: usize = 9;

/// The bytes of the list that starts with `prefix`, its header included. `prefix` holds the first
/// [`LIST_HEADER_BYTES`] of it, or fewer at the end of a file.
pub(super) fn list_length(prefix: &[u8], file: &Path, offset: u64) -> Result<u64, SourceError> {
    announced_length(prefix).map_err(|e| undecodable(file, offset, e))
}

/// Refuses a block that is larger than what is read. `is_there`: the file has so many bytes, which a damaged length does not
/// find.
pub(super) fn within_limit(
    length: u64,
    file: &Path,
    offset: u64,
    is_there: impl FnOnce() -> bool,
) -> Result<(), SourceError> {
    if length <= MAX_BLOCK_BYTES {
        return Ok(());
    }
    let place = FilePlace::byte(file, offset);
    Err(match is_there() {
        true => SourceError::Unsupported {
            place,
            what: format!("the block has {length} bytes, more than {MAX_BLOCK_BYTES}"),
        },
        false => SourceError::TooLarge { place, what: "a block", limit_bytes: MAX_BLOCK_BYTES },
    })
}

fn announced_length(prefix: &[u8]) -> Result<u64, Error> {
    const SHORT_LIST: u8 = 0xc0;
    const LONG_LIST: u8 = 0xf7;
    let (&first, rest) = prefix.split_first().ok_or(Error::InputTooShort)?;
    match first {
        ..SHORT_LIST => Err(Error::UnexpectedString),
        SHORT_LIST..=LONG_LIST => Ok(1 + u64::from(first - SHORT_LIST)),
        _ => {
            let digits = rest.get(..usize::from(first - LONG_LIST)).ok_or(Error::InputTooShort)?;
            let payload = digits.iter().fold(0, |sum: u64, digit| sum << 8 | u64::from(*digit));
            Ok(payload.saturating_add(1 + digits.len() as u64))
        }
    }
}

/// The number of a block, out of the ninth field of its header; nothing else is decoded.
pub(super) fn block_number(block: &[u8], file: &Path, offset: u64) -> Result<u64, SourceError> {
    let number = fields_from_number(block).and_then(|mut fields| u64::decode(&mut fields));
    number.map_err(|e| undecodable(file, offset, e))
}

/// The number and the time of a block that need not be decodable as a whole: a later fork may give it another shape.
pub(crate) fn number_and_time(block: &[u8]) -> Option<(u64, u64)> {
    let mut fields = fields_from_number(block).ok()?;
    let number = u64::decode(&mut fields).ok()?;
    let (_gas_limit, _gas_used) = (u64::decode(&mut fields).ok()?, u64::decode(&mut fields).ok()?);
    Some((number, u64::decode(&mut fields).ok()?))
}

/// The RLP of a block's header, as it stands in the block; `None` where this is no list with a list in it.
pub(crate) fn header_of(mut block: &[u8]) -> Option<&[u8]> {
    let body = Header::decode_bytes(&mut block, true).ok()?;
    let mut rest = body;
    Header::decode_bytes(&mut rest, true).ok()?;
    body.get(..body.len() - rest.len())
}

/// What follows the first eight fields of a header.
fn fields_from_number(mut block: &[u8]) -> Result<&[u8], Error> {
    /// Parent hash, ommers hash, beneficiary, three roots, bloom, difficulty.
    const FIELDS_BEFORE_NUMBER: usize = 8;
    let mut body = Header::decode_bytes(&mut block, true)?;
    let mut fields = Header::decode_bytes(&mut body, true)?;
    for _ in 0..FIELDS_BEFORE_NUMBER {
        Header::decode_bytes(&mut fields, false)?;
    }
    Ok(fields)
}

fn undecodable(file: &Path, offset: u64, source: Error) -> SourceError {
    SourceError::Rlp { place: FilePlace::byte(file, offset), what: "a block", source }
}

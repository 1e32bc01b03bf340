//! Blocks: a few kilobytes of rows with a checksum, so that no row is used before its bytes are known to be right.
//!
//! A row begins with how many bytes of its key are those of the row before (none in the first row of a block, so that
//! a block is read by itself) and with the length of its value; then follow the rest of the key, and the value.

use crate::rebuild::kind::{Entry, Kind, MAX_KEY_BYTES, MAX_VALUE_BYTES};

/// The longest block with its head, in bytes: a unit of reading, of which each open run holds one.
pub(super) const BLOCK_BYTES: usize = 4096;
/// Before the rows: their length in bytes (4, little-endian) and the checksum.
pub(super) const HEAD_BYTES: usize = 4 + 8;
/// The longest row.
pub(super) const MAX_ROW_BYTES: usize = 2 + MAX_KEY_BYTES + MAX_VALUE_BYTES;

/// The checksum of the block with this number: the number is in it, lest blocks change places. It guards against damage,
/// not against anyone's intent, so a part of the digest will do.
pub(super) fn checksum(number: u64, rows: &[u8]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&number.to_le_bytes()).update(rows);
    let mut sum = [0; 8];
    hasher.finalize_xof().fill(&mut sum);
    u64::from_le_bytes(sum)
}

/// Appends a row that follows one with the key `before`, if it does.
pub(super) fn put_row<K: Kind>(out: &mut Vec<u8>, before: Option<&K::Key>, (key, value): &Entry<K>) {
    let key = key.as_ref();
    let shared = before.map_or(0, |before| {
        before.as_ref().iter().zip(key).take_while(|(theirs, ours)| theirs == ours).count()
    });
    out.push(byte(shared));
    let length_at = out.len();
    out.push(0);
    out.extend_from_slice(&key[shared..]);
    let value_at = out.len();
    K::encode(value, out);
    out[length_at] = byte(out.len() - value_at);
}

fn byte(length: usize) -> u8 {
    u8::try_from(length).expect("keys and values are shorter than 256 bytes")
}

/// Takes a row off the front of `rows`; `key` is that of the row before and becomes its own. `None` if the bytes are
/// no row.
pub(super) fn take_row<K: Kind>(rows: &mut &[u8], key: &mut K::Key) -> Option<K::Value> {
    let [shared, value_length, rest @ ..] = *rows else { return None };
    let tail = key.as_mut().get_mut(usize::from(*shared)..)?;
    let (suffix, rest) = rest.split_at_checked(tail.len())?;
    let (value, rest) = rest.split_at_checked(usize::from(*value_length))?;
    tail.copy_from_slice(suffix);
    *rows = rest;
    K::decode(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rebuild::kind::Slots;
    use alloy::primitives::{B512, U256};

    #[test]
    fn rows_leave_out_what_they_share_with_the_one_before() {
        let mut second = B512::repeat_byte(1);
        second[63] = 2;
        let entries = [(B512::repeat_byte(1), U256::from(5)), (second, U256::from(600))];
        let mut bytes = Vec::new();
        put_row::<Slots>(&mut bytes, None, &entries[0]);
        put_row::<Slots>(&mut bytes, Some(&entries[0].0), &entries[1]);
        assert_eq!(bytes.len(), (2 + 64 + 1) + (2 + 1 + 2));

        let (mut rows, mut key) = (&bytes[..], B512::ZERO);
        for entry in entries {
            assert_eq!(take_row::<Slots>(&mut rows, &mut key).map(|value| (key, value)), Some(entry));
        }
        assert!(rows.is_empty() && take_row::<Slots>(&mut rows, &mut key).is_none());
    }
}

//! The end of a run: what is in it, and from which plain key on it was read from the flat state.

use alloy::primitives::{B256, Keccak256};

use crate::rebuild::kind::Kind;

/// The first bytes of a footer; the last of them is the version of the format.
const MAGIC: [u8; 8] = *b"millrun\x01";

/// What a run says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rebuild) struct Footer<Key> {
    /// Which state was read: a block number.
    pub(in crate::rebuild) state: u64,
    /// Rows.
    pub(in crate::rebuild) rows: u64,
    /// Blocks.
    pub(in crate::rebuild) blocks: u64,
    /// The plain key that reading started at.
    pub(in crate::rebuild) from: Key,
    /// The plain key that the next run starts at; `None` if all was read.
    pub(in crate::rebuild) next: Option<Key>,
}

/// Length of a footer.
pub(super) const fn footer_bytes<K: Kind>() -> usize {
    MAGIC.len() + 3 * 8 + 2 * K::KEY_BYTES + 1 + 32
}

/// The bytes of a footer, a checksum last.
pub(super) fn encode<K: Kind>(footer: &Footer<K::Key>) -> Vec<u8> {
    let mut out = Vec::with_capacity(footer_bytes::<K>());
    out.extend_from_slice(&MAGIC);
    for number in [footer.state, footer.rows, footer.blocks] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(footer.from.as_ref());
    out.push(footer.next.is_some().into());
    out.extend_from_slice(footer.next.unwrap_or_default().as_ref());
    let checksum = checksum::<K>(&out);
    out.extend_from_slice(checksum.as_slice());
    out
}

/// A footer from its bytes; `None` if they are not what was written.
pub(super) fn decode<K: Kind>(bytes: &[u8]) -> Option<Footer<K::Key>> {
    let (content, expected) = bytes.split_last_chunk::<32>()?;
    if checksum::<K>(content) != *expected {
        return None;
    }
    let mut rest = content.strip_prefix(&MAGIC)?;
    let [state, rows, blocks] = [take_number(&mut rest)?, take_number(&mut rest)?, take_number(&mut rest)?];
    let from = take_key::<K>(&mut rest)?;
    let (has_next, mut rest) = rest.split_first()?;
    let next = take_key::<K>(&mut rest)?;
    Some(Footer { state, rows, blocks, from, next: (*has_next == 1).then_some(next) })
}

/// The kind's name is in it: accounts are not taken for slots.
fn checksum<K: Kind>(content: &[u8]) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update(K::NAME);
    hasher.update(content);
    hasher.finalize()
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

fn take_key<K: Kind>(bytes: &mut &[u8]) -> Option<K::Key> {
    let (ours, rest) = bytes.split_at_checked(K::KEY_BYTES)?;
    *bytes = rest;
    let mut key = K::Key::default();
    key.as_mut().copy_from_slice(ours);
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rebuild::kind::{Accounts, Slots};

    #[test]
    fn a_footer_is_read_as_it_was_written_or_not_at_all() {
        let from = B256::repeat_byte(1);
        for next in [None, Some(B256::repeat_byte(2))] {
            let footer = Footer { state: 1, rows: 2, blocks: 3, from, next };
            let bytes = encode::<Accounts>(&footer);
            assert_eq!(bytes.len(), footer_bytes::<Accounts>());
            assert_eq!(decode::<Accounts>(&bytes), Some(footer));
            assert_eq!(decode::<Slots>(&bytes), None);
            for at in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1;
                assert_eq!(decode::<Accounts>(&damaged), None, "byte {at}");
            }
        }
    }
}

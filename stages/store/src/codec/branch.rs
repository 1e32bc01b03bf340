//! Branches of the state trie.

use alloy::primitives::B256;
use blockmill_trie::BranchNodeCompact;

use crate::RowError;

const MASKS_BYTES: usize = 6;
const HASH_BYTES: usize = 32;

/// State mask, tree mask and hash mask (2 bytes each, big-endian), then the hashes. A root hash is not stored.
pub(crate) fn encode_branch(branch: &BranchNodeCompact) -> Vec<u8> {
    let mut row = Vec::with_capacity(MASKS_BYTES + HASH_BYTES * branch.hashes.len());
    for mask in [branch.state_mask, branch.tree_mask, branch.hash_mask] {
        row.extend_from_slice(&mask.get().to_be_bytes());
    }
    for hash in branch.hashes.iter() {
        row.extend_from_slice(hash.as_slice());
    }
    row
}

pub(crate) fn decode_branch(bytes: &[u8]) -> Result<BranchNodeCompact, RowError> {
    let width = |expected| RowError::Width { expected, found: bytes.len() };
    let (masks, hashes) = bytes.split_first_chunk::<MASKS_BYTES>().ok_or(width(MASKS_BYTES))?;
    let mask = |at: usize| u16::from_be_bytes([masks[at], masks[at + 1]]);
    let (state, tree, hash) = (mask(0), mask(2), mask(4));
    if (tree | hash) & !state != 0 {
        return Err(RowError::BranchMasks { state, tree, hash });
    }
    let hash_bytes = HASH_BYTES * hash.count_ones() as usize;
    if hashes.len() != hash_bytes {
        return Err(width(MASKS_BYTES + hash_bytes));
    }
    let (hashes, _) = hashes.as_chunks::<HASH_BYTES>();
    // It panics where masks and hashes do not agree; that was just checked.
    Ok(BranchNodeCompact::new(state, tree, hash, hashes.iter().map(B256::from).collect(), None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::hex;
    use proptest::prelude::*;

    #[test]
    fn a_branch_is_its_masks_and_its_hashes() {
        let hashes = vec![B256::repeat_byte(1), B256::repeat_byte(2)];
        let branch = BranchNodeCompact::new(0x8111u16, 0x0100u16, 0x8001u16, hashes, Some(B256::ZERO));
        let row = encode_branch(&branch);
        assert_eq!(row, [hex!("811101008001").as_slice(), &[1; 32], &[2; 32]].concat());
        assert_eq!(decode_branch(&row), Ok(BranchNodeCompact { root_hash: None, ..branch }));
    }

    #[test]
    fn damaged_branches_are_refused() {
        let width = |expected, found| Err(RowError::Width { expected, found });
        assert_eq!(decode_branch(&hex!("0003000000")), width(6, 5));
        assert_eq!(decode_branch(&hex!("000300000001")), width(38, 6));
        assert_eq!(decode_branch(&[hex!("000300000001").as_slice(), &[0; 33]].concat()), width(38, 39));
        let masks = |state, tree, hash| Err(RowError::BranchMasks { state, tree, hash });
        assert_eq!(decode_branch(&hex!("000300040000")), masks(3, 4, 0));
        assert_eq!(decode_branch(&[hex!("000300010004").as_slice(), &[0; 32]].concat()), masks(3, 1, 4));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..140)) {
            if let Ok(branch) = decode_branch(&bytes) {
                prop_assert_eq!(encode_branch(&branch), bytes);
            }
        }
    }
}

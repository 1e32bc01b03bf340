//! The note on how much of the trie is there.

use alloy::primitives::B256;

use crate::{RowError, TrieState};

const REBUILDING: u8 = 0;
const WHOLE: u8 = 1;

/// One byte, and behind it the hashed address up to which a rebuild came; `None` where there is to be no row.
pub(crate) fn encode_trie_state(state: TrieState) -> Option<Vec<u8>> {
    match state {
        TrieState::Absent => None,
        TrieState::Rebuilding { through: None } => Some(vec![REBUILDING]),
        TrieState::Rebuilding { through: Some(hashed) } => Some([&[REBUILDING], hashed.as_slice()].concat()),
        TrieState::Whole => Some(vec![WHOLE]),
    }
}

pub(crate) fn decode_trie_state(bytes: &[u8]) -> Result<TrieState, RowError> {
    match bytes {
        [WHOLE] => Ok(TrieState::Whole),
        [REBUILDING] => Ok(TrieState::Rebuilding { through: None }),
        [REBUILDING, hashed @ ..] => {
            let hashed = B256::try_from(hashed).map_err(|_| RowError::TrieState)?;
            Ok(TrieState::Rebuilding { through: Some(hashed) })
        }
        _ => Err(RowError::TrieState),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_state_is_refused() {
        for wrong in [&[] as &[u8], &[2], &[WHOLE, 0], &[REBUILDING, 1], &[REBUILDING; 34]] {
            assert_eq!(decode_trie_state(wrong), Err(RowError::TrieState), "{wrong:?}");
        }
    }

    #[test]
    fn states_read_back() {
        let through = [None, Some(B256::ZERO), Some(B256::repeat_byte(9))];
        for state in
            through.map(|through| TrieState::Rebuilding { through }).into_iter().chain([TrieState::Whole])
        {
            assert_eq!(decode_trie_state(&encode_trie_state(state).unwrap()), Ok(state));
        }
        assert_eq!(encode_trie_state(TrieState::Absent), None, "it is the absence of the row");
    }
}

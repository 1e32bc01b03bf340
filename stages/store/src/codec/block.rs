//! What is stored beside a block's header and body.

use alloy::primitives::{Address, B256, U256};
use alloy_rlp::{RlpDecodable, RlpEncodable};

use crate::{RowError, StoredBlock};

/// The RLP list `[hash, [total difficulty]?, [state root…]]`.
#[derive(Debug, Clone, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub(crate) struct BlockMeta {
    pub(crate) hash: B256,
    total_difficulty: Vec<U256>,
    pub(crate) transaction_roots: Vec<B256>,
}

impl BlockMeta {
    pub(crate) fn of(stored: &StoredBlock) -> Self {
        Self {
            hash: stored.block.hash,
            total_difficulty: stored.total_difficulty.into_iter().collect(),
            transaction_roots: stored.transaction_roots.clone(),
        }
    }

    pub(crate) fn decode_row(bytes: &[u8]) -> Result<Self, RowError> {
        let meta: Self = super::decode_rlp(bytes)?;
        match meta.total_difficulty.len() {
            0 | 1 => Ok(meta),
            found => Err(RowError::Optional { found }),
        }
    }

    pub(crate) fn total_difficulty(&self) -> Option<U256> {
        self.total_difficulty.first().copied()
    }
}

/// 20 bytes per transaction, in order.
pub(crate) fn encode_senders(senders: &[Address]) -> Vec<u8> {
    senders.iter().flat_map(|sender| sender.into_array()).collect()
}

pub(crate) fn decode_senders(bytes: &[u8]) -> Result<Vec<Address>, RowError> {
    let (whole, rest) = bytes.as_chunks::<20>();
    if !rest.is_empty() {
        return Err(RowError::Width { expected: (whole.len() + 1) * 20, found: bytes.len() });
    }
    Ok(whole.iter().map(Address::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_sender_is_refused() {
        assert_eq!(decode_senders(&[7; 40]).map(|senders| senders.len()), Ok(2));
        assert_eq!(decode_senders(&[7; 30]), Err(RowError::Width { expected: 40, found: 30 }));
    }

    #[test]
    fn two_total_difficulties_are_refused() {
        let meta = BlockMeta {
            hash: B256::ZERO,
            total_difficulty: vec![U256::from(1), U256::from(2)],
            transaction_roots: Vec::new(),
        };
        assert_eq!(BlockMeta::decode_row(&alloy_rlp::encode(&meta)), Err(RowError::Optional { found: 2 }));
    }
}

//! A block with its verified senders.

use alloy::consensus::{EMPTY_OMMER_ROOT_HASH, EthereumTxEnvelope, Header, ReceiptEnvelope, TxEip4844};
use alloy::primitives::{Address, B256};
use alloy_rlp::Encodable;

/// A signed transaction as it stands in a block body (a blob transaction without its sidecar).
pub type Transaction = EthereumTxEnvelope<TxEip4844>;

/// Header, transactions, ommers and withdrawals.
pub type Block = alloy::consensus::Block<Transaction, Header>;

/// A typed receipt with its bloom.
pub type Receipt = ReceiptEnvelope;

/// A block whose hash was computed from its header and whose senders were recovered from the signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveredBlock {
    /// keccak256 of the RLP of the header.
    pub hash: B256,
    /// Header and body.
    pub block: Block,
    /// The sender of each transaction, in order.
    pub senders: Vec<Address>,
}

impl RecoveredBlock {
    /// The block number, from the header.
    pub fn number(&self) -> u64 {
        self.block.header.number
    }

    /// The header, whose hash is `hash`.
    pub fn header(&self) -> &Header {
        &self.block.header
    }

    /// Whether the body has the ommers that the header commits to; a block of `eth_getBlockByNumber` names them only
    /// by their hashes.
    pub fn knows_ommers(&self) -> bool {
        !self.block.body.ommers.is_empty() || self.block.header.ommers_hash == EMPTY_OMMER_ROOT_HASH
    }

    /// About how many bytes it takes in memory.
    pub fn bytes(&self) -> usize {
        let per_transaction = size_of::<Transaction>() + size_of::<Address>();
        size_of::<Self>() + self.rlp_bytes() + self.senders.len() * per_transaction
    }

    /// Bytes of the RLP of the whole block: what `size` is in `eth_getBlockByNumber`.
    pub fn rlp_bytes(&self) -> usize {
        self.block.length()
    }
}

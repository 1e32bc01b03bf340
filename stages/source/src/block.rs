//! What a source hands out, and how much of it at a time.

use alloy::eips::eip7928::BlockAccessList;
use alloy::primitives::{B256, Bytes, U256};
use blockmill_chain::{AccountWitness, RecoveredBlock};

/// A block that was verified against its header and its parent, as far as that needs no execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcedBlock {
    /// The block with its hash and senders.
    pub block: RecoveredBlock,
    /// Total difficulty up to and with this block. Checked in chain files; as the file says in witness files; `None`
    /// where neither the file nor the parent knows it.
    pub total_difficulty: Option<U256>,
    /// The state root after each transaction, out of the file's receipts, which the receipts root confirmed. Empty from
    /// Byzantium on (EIP-658) and where the file has no receipts.
    pub transaction_roots: Vec<B256>,
    /// Whether the ommers in the body are the block's ommers. `eth_getBlockByNumber` gives only their hashes: a witness
    /// file of a block with ommers has an empty list here, and its ommers hash could not be checked.
    pub ommers_known: bool,
    /// The block access list (EIP-7928), where the file has one; its hash is that of the header.
    pub access_list: Option<BlockAccessList>,
    /// The state before the block, where the file holds it.
    pub witness: Option<ForeignWitness>,
}

/// The state part of a witness that another program recorded. What it leaves out did not exist, or was touched only by
/// rewards or withdrawals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignWitness {
    /// Accounts before the block as they are listed, sorted by address. One without nonce, balance, code and storage may not
    /// have existed: some recorders also list accounts that were read and not found.
    pub accounts: Vec<AccountWitness>,
    /// Ancestors that `BLOCKHASH` asked for, sorted by number. Only the parent's hash can be checked.
    pub block_hashes: Vec<(u64, B256)>,
    /// The code of the accounts, each once, sorted by hash.
    pub codes: Vec<Bytes>,
    /// The hashes of the block's ommers, as the file lists them.
    pub ommer_hashes: Vec<B256>,
}

/// When a batch is full. It ends with the block that reaches a limit, so it holds at least one, and overshoots the
/// bytes by at most one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimit {
    /// Number of blocks.
    pub blocks: usize,
    /// Unpacked bytes of the blocks in the file: RLP of header, body and receipts; JSON for witness files. The decoded
    /// blocks take about as much again.
    pub bytes: usize,
}

impl ReadLimit {
    /// Whether a batch that holds this much takes another block.
    pub(crate) fn admits(&self, blocks: usize, bytes: usize) -> bool {
        blocks == 0 || (blocks < self.blocks && bytes < self.bytes)
    }
}

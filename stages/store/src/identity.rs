//! The rows of the meta family: whose data this is, and how far the stages got.

use alloy::primitives::B256;

use crate::codec::{decode_identity, decode_u64};
use crate::{Family, Store, StoreError};

pub(crate) const IDENTITY: &str = "identity";
pub(crate) const SOURCE_CHECKPOINT: &str = "source_checkpoint";
pub(crate) const EXECUTE_CHECKPOINT: &str = "execute_checkpoint";
pub(crate) const TRIE: &str = "trie";
pub(crate) const STATE_ORIGIN: &str = "state_origin";
pub(crate) const WITNESS_BYTES: &str = "witness_bytes";

/// Where a store's blocks come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// A chain from its genesis on, executed here.
    Chain,
    /// Blocks with witnesses made elsewhere; there may be gaps between them, and there is no state.
    Witnesses,
}

/// The chain whose data a store holds; written once, compared at every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Hash of block 0.
    pub genesis_hash: B256,
    /// Where the blocks come from.
    pub kind: StoreKind,
    /// The block whose state was not computed here: 0, or the one that a state was loaded for.
    pub first_block: u64,
}

impl Store {
    /// The chain whose data it holds; `None` in a new store.
    pub fn identity(&self) -> Result<Option<Identity>, StoreError> {
        self.get_decoded(Family::Meta, IDENTITY, decode_identity)
    }

    /// The block that the chain starts from: 0 for genesis and in a new store, else that of a loaded state.
    pub fn first_block(&self) -> Result<u64, StoreError> {
        Ok(self.identity()?.map_or(0, |identity| identity.first_block))
    }

    /// What a state was loaded from, in words; `None` where it was computed from genesis on.
    pub fn state_origin(&self) -> Result<Option<String>, StoreError> {
        let text = |bytes: &[u8]| Ok(String::from_utf8_lossy(bytes).into_owned());
        self.get_decoded(Family::Meta, STATE_ORIGIN, text)
    }

    /// The last block that the source stage stored; `None` before the first.
    pub fn source_checkpoint(&self) -> Result<Option<u64>, StoreError> {
        self.get_decoded(Family::Meta, SOURCE_CHECKPOINT, decode_u64)
    }

    /// The last block whose changes are in the state; `None` before the first.
    pub fn execute_checkpoint(&self) -> Result<Option<u64>, StoreError> {
        self.get_decoded(Family::Meta, EXECUTE_CHECKPOINT, decode_u64)
    }
}

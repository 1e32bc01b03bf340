//! The store's state, where it is as of the last block of the tables.

use std::fmt;

use alloy::consensus::Header;
use blockmill_store::{Store, StoreError, StoreKind};

use crate::genesis::Chain;

/// The state as of one block.
pub(crate) struct HeadState<'a> {
    pub(crate) store: &'a Store,
    pub(crate) header: Header,
}

/// Why there is no state as of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoHeadState {
    /// The data directory holds no store.
    NoStore,
    /// The blocks came with their state, block by block.
    NoChain,
    /// The store's state is as of another block.
    OtherBlock {
        /// The last executed block; `None` where none was executed.
        state: Option<u64>,
        /// The last block of the tables.
        tables: u64,
    },
    /// The store holds another chain.
    OtherChain,
}

impl fmt::Display for NoHeadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStore => f.write_str("the data directory holds no store"),
            Self::NoChain => f.write_str("these are single blocks, which have no last state"),
            Self::OtherBlock { state: Some(state), tables } => {
                write!(f, "the store's state is as of block {state}, the tables end with block {tables}")
            }
            Self::OtherBlock { state: None, .. } => {
                f.write_str("no block was executed, so there is no state")
            }
            Self::OtherChain => {
                f.write_str("the store is that of another chain: give --chain as rebuild had it")
            }
        }
    }
}

impl<'a> HeadState<'a> {
    /// The state as of `last_block`, or why there is none.
    pub(crate) fn at(
        store: Option<&'a Store>,
        last_block: u64,
    ) -> Result<Result<Self, NoHeadState>, StoreError> {
        let Some(store) = store else { return Ok(Err(NoHeadState::NoStore)) };
        if store.identity()?.is_none_or(|identity| identity.kind != StoreKind::Chain) {
            return Ok(Err(NoHeadState::NoChain));
        }
        let state = store.execute_checkpoint()?;
        if state != Some(last_block) {
            return Ok(Err(NoHeadState::OtherBlock { state, tables: last_block }));
        }
        let header = store.header(last_block)?.ok_or(StoreError::UnknownBlock { number: last_block })?;
        Ok(Ok(Self { store, header }))
    }

    /// Whether the store holds this chain.
    pub(crate) fn is_of(&self, chain: &Chain) -> Result<bool, StoreError> {
        let held = self.store.identity()?;
        let is_same = |held: blockmill_store::Identity| {
            (held.chain_id, held.genesis_hash) == (chain.spec.chain_id, chain.genesis_hash())
        };
        Ok(held.is_some_and(is_same))
    }
}

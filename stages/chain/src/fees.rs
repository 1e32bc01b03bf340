//! What a block's gas and blob gas cost, as its parent decides it.

use alloy::consensus::Header;
use alloy::eips::eip1559::{BaseFeeParams, INITIAL_BASE_FEE};

use crate::{ChainSpec, Fork};

impl ChainSpec {
    /// The base fee of the block after `parent` in wei; `None` before London
    /// ([EIP-1559](https://eips.ethereum.org/EIPS/eip-1559)).
    pub fn base_fee(&self, parent: &Header) -> Option<u64> {
        let is_london = self.condition(Fork::London).active_at_block(parent.number.saturating_add(1));
        is_london.then(|| parent.next_block_base_fee(BaseFeeParams::ethereum()).unwrap_or(INITIAL_BASE_FEE))
    }

    /// The excess blob gas of the block after `parent` if its time is `timestamp`; `None` before Cancun
    /// ([EIP-4844](https://eips.ethereum.org/EIPS/eip-4844), [EIP-7918](https://eips.ethereum.org/EIPS/eip-7918)).
    ///
    /// The parameters are those that hold at the block itself, not at its parent.
    pub fn excess_blob_gas(&self, parent: &Header, timestamp: u64) -> Option<u64> {
        let params = self.blob_params(timestamp)?;
        Some(parent.next_block_excess_blob_gas(params).unwrap_or(0))
    }
}

//! The chain's rules as they hold at one block, in the shape alloy-evm asks for.

use alloy::consensus::Header;
use alloy::primitives::Address;
use alloy_evm::EvmEnv;
use alloy_evm::eth::spec::EthExecutorSpec;
use alloy_hardforks::{EthereumHardforks, ForkCondition};
use blockmill_chain::{ChainSpec, Fork};
use revm::primitives::hardfork::SpecId;

/// A chain specification seen from one block. The merge is settled here, because on some chains only the block's
/// difficulty tells; the DAO fork is hidden, because alloy-evm would drain after the transactions (clients do it
/// before the first, and so does [`execute_block`](crate::execute_block)).
#[derive(Debug, Clone, Copy)]
pub struct BlockRules<'a> {
    spec: &'a ChainSpec,
    merged: bool,
}

impl<'a> BlockRules<'a> {
    /// The rules for the block with this header.
    pub fn new(spec: &'a ChainSpec, header: &Header) -> Self {
        Self { spec, merged: spec.is_merged(header.number, header.difficulty) }
    }

    /// The chain specification.
    pub fn spec(&self) -> &'a ChainSpec {
        self.spec
    }

    /// Block and configuration environment of the EVM.
    pub fn evm_env(&self, header: &Header) -> EvmEnv<SpecId> {
        EvmEnv::for_eth_block(header, self, self.spec.chain_id, self.spec.blob_params(header.timestamp))
    }
}

impl EthereumHardforks for BlockRules<'_> {
    fn ethereum_fork_activation(&self, fork: Fork) -> ForkCondition {
        match fork {
            Fork::Paris if self.merged => ForkCondition::Block(0),
            Fork::Paris | Fork::Dao => ForkCondition::Never,
            _ => self.spec.condition(fork),
        }
    }
}

impl EthExecutorSpec for BlockRules<'_> {
    fn deposit_contract_address(&self) -> Option<Address> {
        self.spec.deposit_contract
    }
}

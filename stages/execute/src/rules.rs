//! The chain's rules as they hold at one block, in the shape alloy-evm asks for.

use alloy::consensus::Header;
use alloy::primitives::Address;
use alloy_evm::EvmEnv;
use alloy_evm::eth::spec::EthExecutorSpec;
use alloy_hardforks::{EthereumHardforks, ForkCondition};
use blockmill_chain::{ChainSpec, Fork};
use revm::primitives::hardfork::SpecId;

use crate::constantinople;

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
        let blob_params = self.spec.blob_params(header.timestamp);
        let mut env = EvmEnv::for_eth_block(header, self, self.spec.chain_id, blob_params);
        if self.is_bare_constantinople(header.number) {
            constantinople::set_rules(&mut env);
        }
        env
    }

    /// Constantinople without Petersburg, which the libraries do not know.
    pub(crate) fn is_bare_constantinople(&self, number: u64) -> bool {
        self.is_constantinople_active_at_block(number) && !self.is_petersburg_active_at_block(number)
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

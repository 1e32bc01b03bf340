//! The input of a source of transactions: randomness, keys, contracts, the state after the last block, and
//! the rules.

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::primitives::{Address, B256, U256, keccak256};
use blockmill_chain::{ChainSpec, Fork, StateReader};

use crate::dice::Dice;
use crate::keys::Key;
use crate::roles::{KeyId, ROLES};
use crate::state::ChainState;

/// The block that transactions are wanted for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlockPlan {
    pub(crate) number: u64,
    pub(crate) timestamp: u64,
    pub(crate) difficulty: U256,
    pub(crate) gas_limit: u64,
    /// About the gas that the block should use.
    pub(crate) target_gas: u64,
    /// Blobs that it may carry.
    pub(crate) max_blobs: u64,
}

/// The input of a source of transactions.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) dice: &'a mut Dice,
    pub(crate) keys: &'a [Key],
    pub(crate) state: &'a ChainState,
    pub(crate) spec: &'a ChainSpec,
    pub(crate) block: BlockPlan,
}

impl Scene<'_> {
    /// Whether a fork holds.
    pub(crate) fn is_active(&self, fork: Fork) -> bool {
        self.spec.is_active(fork, self.block.number, self.block.timestamp, self.block.difficulty)
    }

    /// What a transaction can offer: a block's limit, and under Osaka 2^24 (EIP-7825); from Amsterdam on that bounds execution
    /// only (EIP-8037).
    pub(crate) fn most_transaction_gas(&self) -> u64 {
        let is_capped = self.is_active(Fork::Osaka) && !self.is_active(Fork::Amsterdam);
        let cap = if is_capped { 1 << 24 } else { u64::MAX };
        self.block.gas_limit.min(cap)
    }

    /// What a transaction can be made to use, so that it can offer half as much again.
    pub(crate) fn most_expected_gas(&self) -> u64 {
        self.most_transaction_gas() / 10 * 6
    }

    /// An ordinary account with a key; a few are hot.
    pub(crate) fn someone(&mut self) -> KeyId {
        ROLES + self.dice.hot_and_cold((self.keys.len() - ROLES) as u64) as usize
    }

    /// The address of a key.
    pub(crate) fn address(&self, key: KeyId) -> Address {
        self.keys[key].address
    }

    /// A recipient: mostly ordinary accounts, sometimes an address that was never seen before.
    pub(crate) fn recipient(&mut self) -> Address {
        if self.dice.percent(15) {
            return self.dice.stranger();
        }
        let someone = self.someone();
        self.address(someone)
    }

    /// Whether an address had code after the last block.
    pub(crate) fn has_code(&self, address: Address) -> bool {
        let Ok(account) = self.state.account(address);
        account.is_some_and(|account| account.code_hash != KECCAK_EMPTY)
    }

    /// A slot of a contract.
    pub(crate) fn slot(&self, contract: Address, slot: U256) -> U256 {
        self.state.slot(contract, slot)
    }

    /// The value of a `mapping(address => …)` at a slot.
    pub(crate) fn mapped(&self, contract: Address, slot: u64, key: Address) -> U256 {
        self.slot(contract, mapping_slot(key.into_word(), B256::from(U256::from(slot))))
    }
}

/// Where Solidity keeps the value of a mapping: keccak256 of key and slot.
pub(crate) fn mapping_slot(key: B256, slot: B256) -> U256 {
    keccak256([key, slot].concat()).into()
}

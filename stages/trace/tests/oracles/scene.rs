//! Small made-up blocks: a few accounts, one transaction.

use std::convert::Infallible;

use alloy::consensus::{EMPTY_OMMER_ROOT_HASH, Header, Signed, TxLegacy};
use alloy::genesis::{ChainConfig, Genesis};
use alloy::primitives::map::B256Map;
use alloy::primitives::{Address, B256, Bytes, Signature, TxKind, U256, keccak256};
use blockmill_chain::{
    Absence, Account, AccountWitness, Block, ChainSpec, CodeSource, RecoveredBlock, Transaction, Witness,
    WitnessReads,
};

use crate::replayed::{Replayed, seal, steps_and_traces};
use crate::step_row::Step;
use crate::trace_row::Trace;

/// The sender of the transaction.
pub(crate) const SENDER: Address = Address::repeat_byte(0xaa);
/// The recipient of the transaction.
pub(crate) const MAIN: Address = Address::repeat_byte(0x11);
/// Another account.
pub(crate) const OTHER: Address = Address::repeat_byte(0x22);

const GAS_LIMIT: u64 = 25_000_000;

/// Accounts and one transaction to [`MAIN`].
pub(crate) struct Scene {
    pub(crate) spec: ChainSpec,
    pub(crate) accounts: Vec<AccountWitness>,
    codes: B256Map<Bytes>,
    value: U256,
}

impl CodeSource for Scene {
    type Error = Infallible;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, Infallible> {
        Ok(self.codes.get(&hash).cloned())
    }
}

/// A chain without any fork.
pub(crate) fn frontier() -> ChainSpec {
    ChainSpec::custom(&Genesis::default()).unwrap()
}

/// A chain on which Prague holds from the start.
pub(crate) fn prague() -> ChainSpec {
    let zero = Some(0);
    let config = ChainConfig {
        homestead_block: zero,
        eip150_block: zero,
        eip155_block: zero,
        eip158_block: zero,
        byzantium_block: zero,
        constantinople_block: zero,
        petersburg_block: zero,
        istanbul_block: zero,
        berlin_block: zero,
        london_block: zero,
        shanghai_time: zero,
        cancun_time: zero,
        prague_time: zero,
        terminal_total_difficulty: Some(U256::ZERO),
        ..ChainConfig::default()
    };
    ChainSpec::custom(&Genesis { config, ..Genesis::default() }).unwrap()
}

impl Scene {
    /// A rich sender, and `code` at [`MAIN`].
    pub(crate) fn new(spec: ChainSpec, code: &[u8]) -> Self {
        let scene = Self { spec, accounts: Vec::new(), codes: B256Map::default(), value: U256::ZERO };
        scene.with(SENDER, 0, 1_000_000, &[]).with(MAIN, 1, 0, code)
    }

    /// Adds or replaces an account.
    pub(crate) fn with(mut self, address: Address, nonce: u64, balance: u64, code: &[u8]) -> Self {
        let code_hash = keccak256(code);
        self.codes.insert(code_hash, Bytes::copy_from_slice(code));
        self.accounts.retain(|account| account.address != address);
        let account = Some(Account { nonce, balance: U256::from(balance), code_hash });
        self.accounts.push(AccountWitness { address, account, storage: Vec::new() });
        self.accounts.sort_by_key(|account| account.address);
        self
    }

    /// The transaction sends this much wei.
    pub(crate) fn sending(mut self, value: u64) -> Self {
        self.value = U256::from(value);
        self
    }

    pub(crate) fn witness(&self) -> Witness {
        let transaction = TxLegacy {
            to: TxKind::Call(MAIN),
            value: self.value,
            gas_limit: GAS_LIMIT,
            ..TxLegacy::default()
        };
        let signed = Signed::new_unhashed(transaction, Signature::test_signature());
        let mut block = Block { header: self.header(), ..Block::default() };
        block.body.transactions.push(Transaction::Legacy(signed));
        block.body.withdrawals = block.header.withdrawals_root.map(|_| Default::default());
        Witness {
            block: RecoveredBlock { hash: B256::ZERO, block, senders: vec![SENDER] },
            reads: WitnessReads {
                absence: Absence::MeansNonexistent,
                accounts: self.accounts.clone(),
                creation_checks: Vec::new(),
                block_hashes: Vec::new(),
                transaction_roots: Vec::new(),
                total_difficulty: None,
            },
        }
    }

    fn header(&self) -> Header {
        let is_prague = self.spec.is_prague(1);
        Header {
            number: 1,
            timestamp: 1,
            gas_limit: GAS_LIMIT,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            base_fee_per_gas: is_prague.then_some(0),
            withdrawals_root: is_prague.then_some(B256::ZERO),
            blob_gas_used: is_prague.then_some(0),
            excess_blob_gas: is_prague.then_some(0),
            parent_beacon_block_root: is_prague.then_some(B256::ZERO),
            requests_hash: is_prague.then_some(B256::ZERO),
            ..Header::default()
        }
    }

    /// The transaction's instructions.
    pub(crate) fn steps(&self) -> Vec<Step> {
        self.steps_of(self.witness())
    }

    /// The instructions of a witness that was made out of this scene's.
    pub(crate) fn steps_of(&self, mut witness: Witness) -> Vec<Step> {
        seal(&self.spec, &mut witness, self);
        let options = steps_and_traces(false);
        Replayed::with(&options, &self.spec, &witness, self).unwrap().steps()
    }

    /// The slot of an account holds a value before the block.
    pub(crate) fn holding(mut self, address: Address, slot: u64, value: u64) -> Self {
        let account = self.accounts.iter_mut().find(|account| account.address == address).unwrap();
        account.storage.push((U256::from(slot), U256::from(value)));
        self
    }

    /// The transaction's traces; every precompile call is listed only if asked for.
    pub(crate) fn traces(&self, precompiles: bool) -> Vec<Trace> {
        let mut witness = self.witness();
        seal(&self.spec, &mut witness, self);
        let replayed = Replayed::of(&self.spec, &witness, self, precompiles).unwrap();
        let traces = replayed.traces().into_iter();
        traces.filter(|trace| trace.transaction_index.is_some()).collect()
    }
}

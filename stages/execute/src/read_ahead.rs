//! Transactions that are run before their turn, for what they read.
//!
//! Blocks are known long before they are executed. What they will read is what they read on the state as it is now, but for the
//! little that depends on what happens until then.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy_evm::{Evm, FromRecoveredTx};
use blockmill_chain::{Account, ChainSpec, CodeSource, RecoveredBlock, StateReader};
use revm::context::TxEnv;
use revm::inspector::NoOpInspector;

use crate::block_state::BlockState;
use crate::bytecode::CodeCache;
use crate::evm::BlockEvm;
use crate::rules::BlockRules;
use crate::state_cache::ReadAhead;

/// Runs transactions of a block whose turn has not come yet, as long as there is a `next` one, so that what they read is in the
/// cache then, and their code too. Their results are dropped, errors too: where there is one, it comes again when the block is
/// executed.
pub(crate) fn read_ahead<S: StateReader + CodeSource>(
    spec: &ChainSpec,
    codes: &CodeCache,
    rows: &ReadAhead<'_>,
    stored: &S,
    block: &RecoveredBlock,
    mut next: impl FnMut() -> Option<usize>,
) {
    let (header, rules) = (block.header(), BlockRules::new(spec, block.header()));
    let mut env = rules.evm_env(header);
    // Transactions of the same sender that come before it have not run.
    env.cfg_env.disable_nonce_check = true;
    let mut state = BlockState::new(StateAhead { rows, stored }, codes, spec.is_prague(header.timestamp));
    let is_bare_constantinople = rules.is_bare_constantinople(header.number);
    let mut evm = BlockEvm::new(&mut state, env, is_bare_constantinople, NoOpInspector {}, false);
    while let Some(index) = next() {
        let transaction = &block.block.body.transactions[index];
        _ = evm.transact_raw(TxEnv::from_recovered_tx(transaction, block.senders[index]));
    }
}

/// The state as it is: rows that are known, over those that are stored.
struct StateAhead<'a, S> {
    rows: &'a ReadAhead<'a>,
    stored: &'a S,
}

impl<S: StateReader> StateReader for StateAhead<'_, S> {
    type Error = S::Error;

    fn account(&self, address: Address) -> Result<Option<Account>, S::Error> {
        self.rows.account(address, || self.stored.account(address))
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, S::Error> {
        self.rows.slot(address, slot, || self.stored.storage(address, slot))
    }

    fn storage_of(&self, address: Address) -> Result<Vec<(U256, U256)>, S::Error> {
        self.stored.storage_of(address)
    }

    fn has_storage(&self, address: Address) -> Result<bool, S::Error> {
        self.stored.has_storage(address)
    }

    fn block_hash(&self, number: u64) -> Result<B256, S::Error> {
        self.stored.block_hash(number)
    }

    fn is_whole(&self) -> bool {
        self.stored.is_whole()
    }
}

impl<S: CodeSource> CodeSource for StateAhead<'_, S> {
    type Error = S::Error;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, S::Error> {
        self.stored.code(hash)
    }
}

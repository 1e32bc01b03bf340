//! Runs one block: system calls, transactions, requests, rewards and withdrawals, in the order of consensus.

use std::borrow::Cow;

use alloy::consensus::transaction::Recovered;
use alloy::eips::eip7685::Requests;
use alloy::eips::eip7928::BlockAccessList;
use alloy_evm::block::state_changes::post_block_balance_increments;
use alloy_evm::block::{BlockExecutionError, BlockExecutor, BlockValidationError};
use alloy_evm::eth::{EthBlockExecutionCtx, EthBlockExecutor, EthEvmContext};
use alloy_evm::{Database as EvmDatabase, Evm};
use blockmill_chain::{ChainSpec, CodeSource, Fork, Receipt, RecoveredBlock, StateReader};
use revm::Inspector;
use revm::context::result::{ExecutionResult, HaltReason, ResultAndState};
use revm::database_interface::DatabaseCommitExt;
use revm::inspector::NoOpInspector;
use revm::state::EvmState;

use crate::block_state::BlockState;
use crate::error::ExecuteError;
use crate::evm::BlockEvm;
use crate::receipts::StatusReceipts;
use crate::rules::BlockRules;
use crate::{dao_fork, requests};

/// What running a block gives.
#[derive(Debug, Clone, Default)]
pub struct Executed {
    /// One receipt per transaction, with a status whatever the fork.
    pub receipts: Vec<Receipt>,
    /// What the gas of each transaction is made of.
    pub gas: Vec<TransactionGas>,
    /// EIP-7685 requests, from Prague on; `None` where a foreign witness lacks a contract that returns them.
    pub requests: Option<Requests>,
    /// Gas used by all transactions.
    pub gas_used: u64,
    /// Blob gas used by all transactions (EIP-4844).
    pub blob_gas_used: u64,
    /// What the block accessed and changed (EIP-7928). `None` before Amsterdam, and on a foreign witness, which lacks what only
    /// system calls read.
    pub access_list: Option<BlockAccessList>,
}

/// What the gas of a transaction is made of: it uses what it spent without what was refunded, but no less than its floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionGas {
    /// Gas spent, before the refund.
    pub spent: u64,
    /// Gas given back, within the limit of EIP-3529.
    pub refunded: u64,
    /// The least gas that its input uses (EIP-7623); 0 before Prague.
    pub floor: u64,
}

/// An observer of a block that is run. It is called from inside the EVM only where `INSPECTS` is set: that
/// takes revm's slower loop.
pub trait Observer<DB: EvmDatabase>: Inspector<EthEvmContext<DB>> {
    /// Whether the inspector's hooks are to be called.
    const INSPECTS: bool;

    /// A transaction is about to run.
    fn transaction_started(&mut self, _index: usize) {}

    /// A transaction has run; `state` is what it touched, not yet committed.
    fn transaction_finished(
        &mut self,
        _index: usize,
        _result: &ExecutionResult<HaltReason>,
        _state: &EvmState,
    ) {
    }
}

/// An observer that does nothing.
pub type NoObserver = NoOpInspector;

impl<DB: EvmDatabase> Observer<DB> for NoOpInspector {
    const INSPECTS: bool = false;
}

/// Runs `block` on `state`, which must be fresh for it. `after_transaction` is called after each commit with the state
/// as it is then (pre-Byzantium receipts need its root).
///
/// Nothing of the header but what execution needs is checked here; see [`check_block`](crate::check_block).
pub fn execute_block<'e, 's, R, O>(
    spec: &ChainSpec,
    block: &RecoveredBlock,
    state: &'e mut BlockState<'s, R>,
    observer: &'e mut O,
    after_transaction: impl FnMut(&mut BlockState<'s, R>) -> Result<(), ExecuteError>,
) -> Result<Executed, ExecuteError>
where
    R: StateReader + CodeSource,
    O: Observer<&'e mut BlockState<'s, R>>,
{
    let number = block.number();
    if number == 0 {
        // Its state is given.
        return Ok(Executed::default());
    }
    if spec.condition(Fork::Amsterdam).active_at_timestamp(block.header().timestamp) && state.is_whole() {
        state.record_access_list();
    }
    if spec.dao_fork_block == Some(number) {
        dao_fork::drain(state).map_err(|source| ExecuteError::Read { block: number, source })?;
    }
    let failure = state.failure();
    let result = run(spec, block, state, observer, after_transaction);
    match (result, failure.take()) {
        // What the EVM made of a failed read is not the reason; what fails in a commit, it does not see.
        (_, Some(source)) => Err(ExecuteError::Read { block: number, source }),
        (result, _) => result,
    }
}

fn run<'e, 's, R, O>(
    spec: &ChainSpec,
    block: &RecoveredBlock,
    state: &'e mut BlockState<'s, R>,
    observer: &'e mut O,
    mut after_transaction: impl FnMut(&mut BlockState<'s, R>) -> Result<(), ExecuteError>,
) -> Result<Executed, ExecuteError>
where
    R: StateReader + CodeSource,
    O: Observer<&'e mut BlockState<'s, R>>,
{
    let (header, body, number) = (block.header(), &block.block.body, block.number());
    let invalid = |source| ExecuteError::InvalidBlock { block: number, source };
    let rules = BlockRules::new(spec, header);
    let evm = BlockEvm::new(
        state,
        rules.evm_env(header),
        rules.is_bare_constantinople(number),
        observer,
        O::INSPECTS,
    );
    let mut executor = EthBlockExecutor::new(evm, context(block), rules, StatusReceipts::default());
    executor.apply_pre_execution_changes().map_err(invalid)?;
    let mut gas = Vec::with_capacity(body.transactions.len());
    for (index, (transaction, sender)) in body.transactions.iter().zip(&block.senders).enumerate() {
        let recovered = Recovered::new_unchecked(transaction, *sender);
        executor.evm_mut().db_mut().next_access_index();
        executor.evm_mut().inspector_mut().transaction_started(index);
        let output =
            executor.execute_transaction_without_commit(recovered).map_err(|e| located(e, block, index))?;
        let ResultAndState { result, state } = &output.result;
        executor.evm_mut().inspector_mut().transaction_finished(index, result, state);
        let used = result.gas();
        gas.push(TransactionGas {
            spent: used.total_gas_spent(),
            refunded: used.inner_refunded(),
            floor: used.floor_gas(),
        });
        executor.commit_transaction(output);
        executor.evm_mut().db_mut().transaction_committed(index);
        after_transaction(executor.evm_mut().db_mut())?;
    }
    // EIP-8037: from Amsterdam on, the larger of both kinds of gas, without refunds.
    let gas_used = match executor.evm().cfg_env().enable_amsterdam_eip8037 {
        true => executor.max_block_gas_used(),
        false => executor.cumulative_tx_gas_used,
    };
    let EthBlockExecutor { mut evm, ctx, receipts, blob_gas_used, .. } = executor;
    evm.db_mut().next_access_index();
    let is_whole = evm.db().is_whole();
    let requests = requests::collect(spec, number, header.timestamp, &receipts, &mut evm, is_whole)?;
    let paid = post_block_balance_increments(rules, evm.block(), ctx.ommers, ctx.withdrawals.as_deref());
    evm.db_mut()
        .increment_balances(paid)
        .map_err(|_| invalid(BlockValidationError::IncrementBalanceFailed.into()))?;
    let access_list = evm.db_mut().take_access_list();
    Ok(Executed { receipts, gas, requests, gas_used, blob_gas_used, access_list })
}

fn context(block: &RecoveredBlock) -> EthBlockExecutionCtx<'_> {
    let header = block.header();
    EthBlockExecutionCtx {
        parent_hash: header.parent_hash,
        parent_beacon_block_root: header.parent_beacon_block_root,
        ommers: &block.block.body.ommers,
        withdrawals: block.block.body.withdrawals.as_ref().map(|w| Cow::Borrowed(w.as_slice())),
        extra_data: header.extra_data.clone(),
        tx_count_hint: Some(block.block.body.transactions.len()),
        slot_number: None,
    }
}

/// Names the transaction that a block was refused for.
fn located(error: BlockExecutionError, block: &RecoveredBlock, index: usize) -> ExecuteError {
    let hash = *block.block.body.transactions[index].tx_hash();
    ExecuteError::InvalidTransaction { block: block.number(), index, hash, reason: reason(error) }
}

fn reason(error: BlockExecutionError) -> String {
    match error {
        BlockExecutionError::Validation(BlockValidationError::InvalidTx { error, .. }) => error.to_string(),
        other => other.to_string(),
    }
}

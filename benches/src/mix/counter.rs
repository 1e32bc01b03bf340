//! The observer that counts what transactions do while they run.

use alloy::primitives::map::{AddressSet, B256Map, HashSet};
use alloy::primitives::{Address, U256};
use alloy_evm::Database;
use alloy_evm::eth::EthEvmContext;
use blockmill_execute::Observer;
use revm::Inspector;
use revm::context::result::{ExecutionResult, HaltReason};
use revm::context::{ContextTr, JournalTr};
use revm::interpreter::interpreter_types::Jumps;
use revm::interpreter::{
    CallInputs, CallOutcome, CallScheme, CreateInputs, CreateOutcome, CreateScheme, Interpreter,
};
use revm::state::EvmState;

use super::opcodes::OpcodeCounts;

/// Sums over executed transactions. A frame is a call or creation, that of the transaction itself (depth 1) among them,
/// but not a call of a precompile.
#[derive(Debug, Clone, Default)]
pub struct ExecutionCounts {
    /// Transactions that reverted or halted.
    pub failed: u64,
    /// Calls without input that ran no opcode.
    pub plain_transfers: u64,
    /// How often each opcode ran.
    pub opcodes: OpcodeCounts,
    /// Number of frames.
    pub frames: u64,
    /// Sum of the frames' depths.
    pub frame_depths: u64,
    /// The depth of the deepest frame.
    pub deepest: u64,
    /// Transactions that ran an opcode.
    pub transactions_with_code: u64,
    /// Sum of the depths of their deepest frames.
    pub transaction_depths: u64,
    /// Frames below those of the transactions.
    pub internal: InternalCounts,
    /// Calls of precompiles by the last byte of their addresses, those from 16 on as 0.
    pub precompiles: [u64; 16],
    /// Logs that stayed, by their number of topics.
    pub logs_by_topics: [u64; 5],
    /// Bytes of data in them.
    pub log_data_bytes: u64,
    /// Slots that transactions left with another value, failed ones left out.
    pub slots_changed: u64,
    /// Changed slots that were zero before.
    pub slots_created: u64,
    /// Changed slots that are zero now.
    pub slots_cleared: u64,
    /// Different accounts that each transaction loaded.
    pub accounts_by_transaction: u64,
    /// Different accounts that the transactions of each block loaded.
    pub accounts_by_block: u64,
    /// Different slots that the transactions of each block loaded.
    pub slots_by_block: u64,
    /// Bytes of code that calls entered, each time anew.
    pub code_bytes_entered: u64,
    /// Calls that entered code.
    pub code_entered: u64,
    /// Bytes of each code that was entered, by hash.
    pub codes: B256Map<u64>,
}

/// Frames that contracts open, by what opened them.
#[derive(Debug, Clone, Copy, Default)]
pub struct InternalCounts {
    /// `CALL`.
    pub call: u64,
    /// `CALLCODE`.
    pub call_code: u64,
    /// `DELEGATECALL`.
    pub delegate_call: u64,
    /// `STATICCALL`.
    pub static_call: u64,
    /// `CREATE`.
    pub create: u64,
    /// `CREATE2`.
    pub create2: u64,
    /// Frames of all kinds that hand over ether.
    pub with_value: u64,
    /// Frames of all kinds that failed.
    pub failed: u64,
}

/// Counts transactions, block by block.
#[derive(Debug, Default)]
pub(super) struct Counter {
    counts: ExecutionCounts,
    /// Open frames and precompile calls.
    depth: u64,
    /// The deepest frame of the transaction that runs.
    transaction_depth: u64,
    opcodes_before: u64,
    is_call_without_input: bool,
    accounts_of_block: AddressSet,
    slots_of_block: HashSet<(Address, U256)>,
}

impl Counter {
    /// What was counted up to the end of the last block.
    pub(super) fn counts(&self) -> &ExecutionCounts {
        &self.counts
    }

    pub(super) fn end_block(&mut self) {
        self.counts.accounts_by_block += self.accounts_of_block.drain().count() as u64;
        self.counts.slots_by_block += self.slots_of_block.drain().count() as u64;
    }

    fn open_frame(&mut self, has_value: bool, kind: impl FnOnce(&mut InternalCounts) -> &mut u64) {
        self.depth += 1;
        self.counts.frames += 1;
        self.counts.frame_depths += self.depth;
        self.transaction_depth = self.transaction_depth.max(self.depth);
        if self.depth > 1 {
            *kind(&mut self.counts.internal) += 1;
            self.counts.internal.with_value += u64::from(has_value);
        }
    }

    fn close_frame(&mut self, is_ok: bool) {
        self.counts.internal.failed += u64::from(self.depth > 1 && !is_ok);
        self.depth -= 1;
    }

    fn enter_code(&mut self, inputs: &CallInputs) {
        let (hash, code) = &inputs.known_bytecode;
        if !code.is_empty() {
            let bytes = code.original_byte_slice().len() as u64;
            self.counts.code_entered += 1;
            self.counts.code_bytes_entered += bytes;
            self.counts.codes.insert(*hash, bytes);
        }
    }

    fn count_state(&mut self, state: &EvmState) {
        self.counts.accounts_by_transaction += state.len() as u64;
        for (address, account) in state {
            self.accounts_of_block.insert(*address);
            for (slot, value) in &account.storage {
                self.slots_of_block.insert((*address, *slot));
                if value.is_changed() {
                    self.counts.slots_changed += 1;
                    self.counts.slots_created += u64::from(value.original_value.is_zero());
                    self.counts.slots_cleared += u64::from(value.present_value.is_zero());
                }
            }
        }
    }
}

impl<DB: Database> Inspector<EthEvmContext<DB>> for Counter {
    fn step(&mut self, interpreter: &mut Interpreter, _: &mut EthEvmContext<DB>) {
        self.counts.opcodes.add(interpreter.bytecode.opcode());
    }

    fn call(&mut self, context: &mut EthEvmContext<DB>, inputs: &mut CallInputs) -> Option<CallOutcome> {
        if self.depth == 0 {
            self.is_call_without_input = inputs.input.is_empty();
        }
        if is_precompile(context, inputs) {
            self.depth += 1;
            self.counts.precompiles[precompile(inputs.bytecode_address)] += 1;
            return None;
        }
        self.enter_code(inputs);
        self.open_frame(inputs.transfers_value(), |internal| match inputs.scheme {
            CallScheme::Call => &mut internal.call,
            CallScheme::CallCode => &mut internal.call_code,
            CallScheme::DelegateCall => &mut internal.delegate_call,
            CallScheme::StaticCall => &mut internal.static_call,
        });
        None
    }

    fn call_end(&mut self, context: &mut EthEvmContext<DB>, inputs: &CallInputs, outcome: &mut CallOutcome) {
        if is_precompile(context, inputs) {
            self.depth -= 1;
        } else {
            self.close_frame(outcome.result.is_ok());
        }
    }

    fn create(&mut self, _: &mut EthEvmContext<DB>, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        self.open_frame(!inputs.value().is_zero(), |internal| match inputs.scheme() {
            CreateScheme::Create2 { .. } => &mut internal.create2,
            _ => &mut internal.create,
        });
        None
    }

    fn create_end(&mut self, _: &mut EthEvmContext<DB>, _: &CreateInputs, outcome: &mut CreateOutcome) {
        self.close_frame(outcome.result.is_ok());
    }
}

impl<DB: Database> Observer<DB> for Counter {
    const INSPECTS: bool = true;

    fn transaction_started(&mut self, _: usize) {
        self.depth = 0;
        self.transaction_depth = 0;
        self.is_call_without_input = false;
        self.opcodes_before = self.counts.opcodes.total();
    }

    fn transaction_finished(&mut self, _: usize, result: &ExecutionResult<HaltReason>, state: &EvmState) {
        let counts = &mut self.counts;
        counts.failed += u64::from(!result.is_success());
        counts.deepest = counts.deepest.max(self.transaction_depth);
        if counts.opcodes.total() > self.opcodes_before {
            counts.transactions_with_code += 1;
            counts.transaction_depths += self.transaction_depth;
        } else {
            counts.plain_transfers += u64::from(self.is_call_without_input);
        }
        for log in result.logs() {
            counts.logs_by_topics[log.topics().len()] += 1;
            counts.log_data_bytes += log.data.data.len() as u64;
        }
        self.count_state(state);
    }
}

fn is_precompile<DB: Database>(context: &EthEvmContext<DB>, inputs: &CallInputs) -> bool {
    context.journal().precompile_addresses().contains(&inputs.bytecode_address)
}

fn precompile(address: Address) -> usize {
    let number = U256::from_be_slice(address.as_slice());
    usize::try_from(number).ok().filter(|number| *number < 16).unwrap_or_default()
}

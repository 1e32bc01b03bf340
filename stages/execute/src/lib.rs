//! Executes blocks with revm through alloy-evm and checks them against their headers.
//!
//! One function runs a block, [`execute_block`]; one structure sits under the EVM, [`BlockState`]. The execute stage
//! runs them over the store and takes the witness out of the block state; the trace stage runs the same two over a
//! witness. So both see the same reads and the same result, whatever the source of the state.

mod access_list;
mod accesses;
mod account_state;
mod block_state;
mod bytecode;
mod check;
mod constantinople;
mod dao_fork;
mod error;
mod evm;
mod execute;
mod read_ahead;
mod readers;
mod receipts;
mod requests;
mod rules;
mod slice;
mod state_cache;
mod touched;
mod view_calls;

pub use access_list::AccessDifference;
pub use accesses::{AccountAccess, BlockPart, EtherMove, SlotAccess};
pub use block_state::BlockState;
pub use bytecode::CodeCache;
pub use check::{BlockResults, check_block, check_state_root};
pub use error::{ExecuteError, Mismatch, Read, ReadError, RequestFailure};
pub use execute::{Executed, NoObserver, Observer, TransactionGas, execute_block};
pub use readers::{ActiveReaders, DISK_THREADS, Readers};
pub use rules::BlockRules;
pub use slice::{ExecutedBlock, SliceExecutor, SliceInput, TransactionRoots};
pub use state_cache::{RowsAhead, StateCache};
pub use view_calls::ViewCalls;

//! Rows on their way to record batches: one file per dataset, which states each column once, in the table's order.
//!
//! A row borrows what is large. Rows go to a batch one by one; [`RowBatch::finish`] turns them into Arrow.

mod access_list;
mod authorization;
mod batch;
mod blocks;
mod logs;
mod ommers;
mod opcode;
mod opcodes;
mod trace_labels;
mod traces;
mod transactions;
mod withdrawals;

pub use authorization::AuthorizationRow;
pub use batch::RowBatch;
pub use blocks::{BlockRow, BlockRows};
pub use logs::{LogRow, LogRows};
pub use ommers::{OmmerRow, OmmerRows};
pub use opcode::Opcode;
pub use opcodes::{OpcodeRow, OpcodeRows};
pub use trace_labels::{CallType, RewardType, TraceType};
pub use traces::{TraceRow, TraceRows};
pub use transactions::{TransactionRow, TransactionRows};
pub use withdrawals::{WithdrawalRow, WithdrawalRows};

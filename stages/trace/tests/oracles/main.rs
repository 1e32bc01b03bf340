//! The traced rows against what other people's clients say of the same blocks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod assembler;
mod batches;
mod call_tracer;
mod empty_accounts;
mod flat_call_tracer;
mod frame_memory;
mod frames;
mod geth;
mod mainnet_blocks;
mod prestate_tracer;
mod replayed;
mod scene;
mod step_blocks;
mod step_failures;
mod step_row;
mod steps;
mod trace_row;
mod transaction_gas;
mod tree;
mod whole_blocks;

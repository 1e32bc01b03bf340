//! The traced rows against what other people's clients say of the same blocks.

mod batches;
mod call_tracer;
mod flat_call_tracer;
mod frames;
mod geth;
mod mainnet_blocks;
mod replayed;
mod trace_row;
mod tree;

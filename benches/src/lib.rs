//! What the benches run on: real blocks, and a large state; and what blocks are made of, counted.

mod dev_chain;
mod mix;
mod random_state;
mod real_blocks;

pub use dev_chain::{DevChain, Silent};
pub use mix::{BlockMix, BodyCounts, ExecutionCounts, Family, InternalCounts, OpcodeCounts};
pub use random_state::RandomState;
pub use real_blocks::RealBlocks;

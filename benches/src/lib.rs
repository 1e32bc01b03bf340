//! What the benches run on: real blocks, and a large state.

mod random_state;
mod real_blocks;

pub use random_state::RandomState;
pub use real_blocks::RealBlocks;

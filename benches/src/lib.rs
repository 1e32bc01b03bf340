//! What the benches run on: real blocks, and a large state; what they are compared with; and what blocks are made of,
//! counted.

mod bare_loop;
mod comparison;
mod cpu_time;
mod dev_chain;
mod disk;
mod extraction;
mod mix;
mod page_cache;
mod random_state;
mod real_blocks;
mod real_states;
mod replay;
mod small_chain;

pub use bare_loop::BareLoop;
pub use comparison::{Amount, Comparison, Measured, is_smoke_test};
pub use cpu_time::cpu_time;
pub use dev_chain::{DevChain, Silent, settings_of};
pub use disk::bytes_below;
pub use extraction::Extraction;
pub use mix::{BlockMix, BodyCounts, ExecutionCounts, Family, InternalCounts, OpcodeCounts};
pub use page_cache::{PageCache, enter, forget_files};
pub use random_state::RandomState;
pub use real_blocks::RealBlocks;
pub use real_states::RealStates;
pub use replay::Replay;
pub use small_chain::SmallChain;

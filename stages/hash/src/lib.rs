//! keccak256 of many inputs at a time, and what Ethereum makes of it over the items of a block: roots of ordered tries and
//! blooms of logs. Chains of such hashes are most of what checking a block takes without executing it.

mod bloom;
mod each;
mod ordered_root;
#[cfg(target_arch = "x86_64")]
mod permutation;

pub use bloom::LogBlooms;
pub use each::keccak256_each;
pub use ordered_root::ordered_root;

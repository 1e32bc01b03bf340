//! The nouns every stage shares: chain specifications, block ranges, blocks, state values, witnesses, and the
//! [`Stage`] trait. No database, no network, no EVM.

mod ancestry;
mod block;
mod change_set;
mod code;
mod difficulty;
pub mod durable;
mod fees;
mod fork_order;
mod forks;
mod genesis;
mod known_chain;
mod range;
mod rules;
mod spec;
mod stage;
mod state;
mod unpoisoned;
mod witness;

pub use alloy_hardforks::ForkCondition;
pub use ancestry::{Ancestor, Ancestry};
pub use block::{Block, Receipt, RecoveredBlock, Transaction};
pub use change_set::ChangeSet;
pub use code::CodeSource;
pub use durable::durable_step;
pub use fork_order::fork_keys;
pub use forks::ForkError;
pub use genesis::{GenesisAccount, GenesisBlock};
pub use known_chain::KnownChain;
pub use range::{BlockRange, ParseRangeError, RangeRequest, parse_count};
pub use rules::{OmmerError, RuleError};
pub use spec::{ChainSpec, Fork};
pub use stage::{
    Cancel, Context, Failure, Monitor, Progress, SliceLimits, SliceMeter, Stage, StageError, StageId,
};
pub use state::{Account, BlockChanges, StateReader, StorageChanges};
pub use unpoisoned::unpoisoned;
pub use witness::{Absence, AccountWitness, Witness, WitnessDecodeError, WitnessReads};

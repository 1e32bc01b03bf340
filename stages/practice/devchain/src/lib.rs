//! Makes practice chains: valid, deterministic, of any size, as life-like or as nasty as wanted.
//!
//! The README of this crate shows how near the default profile comes to real blocks.

mod abi;
mod actions;
mod census;
mod chain;
mod compiled;
mod compose;
mod demand;
mod dice;
mod draft;
mod error;
mod files;
mod forks;
mod generate;
mod genesis;
mod keys;
mod outline;
mod profile;
mod readme;
mod request;
mod roles;
mod scene;
mod schedule;
mod state;
mod town;
mod traffic;
mod withdrawals;

pub use census::Census;
pub use error::DevchainError;
pub use forks::{ForkPlan, ForkPlanError};
pub use generate::{Generated, generate};
pub use profile::Profile;
pub use request::{Branch, Request};

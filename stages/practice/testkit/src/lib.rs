//! What the tests of the other crates need: where the public vectors are, parsers of their files, and a state held in
//! memory to compare with.
//!
//! Nothing here is part of the program; it is only ever a dev-dependency.

pub mod blockchain_tests;
mod error;
pub mod expected_state;
mod file;
pub mod folder;
pub mod geth_tracers;
pub mod headstate;
mod number;
pub mod rows;
pub mod rpc_io;
pub mod state_map;
pub mod vectors;
pub mod witness_blocks;

pub use error::VectorError;

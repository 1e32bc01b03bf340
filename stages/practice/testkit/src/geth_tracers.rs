//! geth's tracer tests: one transaction each, the accounts it reads, and what a tracer says of it.
//!
//! The context becomes a block the way geth's own runner does it (eth/tracers/internal/tracetest/util.go): difficulty
//! from the context, or on a chain that starts merged the genesis block's mix hash as the random value; the blob base
//! fee from the genesis block as the parent. The runner applies the transaction alone: no block reward, no system
//! calls. So the header's gas used, state root and receipts root are left zero and must not be checked, and the state
//! difference of a `prestateTracer` is that of the transaction, not of the block.

mod json;

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use alloy::primitives::map::B256Map;
use alloy::primitives::{B256, Bytes};
use blockmill_chain::{ChainSpec, CodeSource, RecoveredBlock, Witness, WitnessReads};
use serde_json::Value;

use crate::{VectorError, file};

/// A test of one of geth's tracers.
#[derive(Debug, Clone)]
pub struct TracerTest {
    /// The path of the test's file.
    pub path: PathBuf,
    /// The folder it stands in: `call_tracer`, `call_tracer_flat`, `prestate_tracer` and so on.
    pub tracer: String,
    /// Options of the tracer (`{"withLog": true}`), `Null` where there are none.
    pub tracer_config: Value,
    /// The rules of the chain.
    pub spec: ChainSpec,
    /// A block with the one transaction.
    pub block: RecoveredBlock,
    /// The accounts of the file; what is missing does not exist.
    pub reads: WitnessReads,
    /// Their code, by hash.
    pub codes: B256Map<Bytes>,
    /// What geth's tracer said.
    pub result: Value,
}

impl TracerTest {
    /// Block and reads, ready to be replayed.
    pub fn witness(&self) -> Witness {
        Witness { block: self.block.clone(), reads: self.reads.clone() }
    }
}

impl CodeSource for TracerTest {
    type Error = Infallible;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, Infallible> {
        Ok(self.codes.get(&hash).cloned())
    }
}

/// The tests in a folder and the folders below it, sorted by path.
pub fn all(folder: &Path) -> Result<Vec<TracerTest>, VectorError> {
    file::json_files_below(folder)?.iter().map(|path| read(path)).collect()
}

/// Reads the test of one file.
pub fn read(path: &Path) -> Result<TracerTest, VectorError> {
    json::read(path)
}

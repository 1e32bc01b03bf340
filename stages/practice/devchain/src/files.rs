//! The files of a chain. `chain.rlp` has its name only when it is whole, and everything else is there by then.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use alloy::eips::eip7928::BlockAccessList;
use alloy::genesis::Genesis;
use alloy_rlp::Encodable;
use blockmill_chain::{Block, durable};

use crate::error::DevchainError;

/// The names inside the folder.
const GENESIS: &str = "genesis.json";
const CHAIN: &str = "chain.rlp";
const README: &str = "README.md";
/// What is being written.
const UNFINISHED: &str = "part";

/// Written at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// The files of a chain that is being made.
#[derive(Debug)]
pub(crate) struct ChainFiles {
    folder: PathBuf,
    part: PathBuf,
    chain: BufWriter<File>,
    /// A buffer for the RLP of one block.
    encoded: Vec<u8>,
}

impl ChainFiles {
    /// Begins in a folder that has no chain yet; what an interrupted run has left there is replaced.
    pub(crate) fn create(folder: &Path) -> Result<Self, DevchainError> {
        let (chain, part) = (folder.join(CHAIN), unfinished(folder, CHAIN));
        if chain.exists() {
            return Err(DevchainError::Exists { path: chain });
        }
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        let file = File::create(&part).map_err(|source| failed(&part, source))?;
        let chain = BufWriter::with_capacity(BUFFER_BYTES, file);
        Ok(Self { folder: folder.into(), part, chain, encoded: Vec::new() })
    }

    /// Writes the genesis file, in the shape that geth reads; it gets its name when the chain does.
    pub(crate) fn write_genesis(&self, genesis: &Genesis) -> Result<(), DevchainError> {
        let path = unfinished(&self.folder, GENESIS);
        let json = serde_json::to_vec_pretty(genesis)
            .map_err(|source| DevchainError::Json { path: path.clone(), source })?;
        durable::replace(&path, &json).map_err(|source| failed(&path, source))
    }

    /// Writes a block after the others, as `geth export` does: from Amsterdam on with its access list as fifth element. Returns
    /// its size in bytes.
    pub(crate) fn write_block(
        &mut self,
        block: &Block,
        access_list: Option<&BlockAccessList>,
    ) -> Result<u64, DevchainError> {
        self.encoded.clear();
        block.encode(&mut self.encoded);
        if let Some(list) = access_list {
            self.encoded = with_access_list(&self.encoded, list);
        }
        self.chain.write_all(&self.encoded).map_err(|source| failed(&self.part, source))?;
        Ok(self.encoded.len() as u64)
    }

    /// Writes the README, and gives genesis file and chain their names, the chain last.
    pub(crate) fn finish(mut self, readme: &str) -> Result<(), DevchainError> {
        let path = self.folder.join(README);
        durable::replace(&path, readme.as_bytes()).map_err(|source| failed(&path, source))?;
        let written = self.chain.flush().and_then(|()| self.chain.get_ref().sync_all());
        written.map_err(|source| failed(&self.part, source))?;
        for name in [GENESIS, CHAIN] {
            let part = unfinished(&self.folder, name);
            durable::rename(&part, &self.folder.join(name)).map_err(|source| failed(&part, source))?;
        }
        Ok(())
    }
}

/// Appends an element to the list that a block is.
fn with_access_list(block: &[u8], access_list: &BlockAccessList) -> Vec<u8> {
    let mut elements = block;
    // The block was encoded a moment ago: it is a list.
    let mut payload = alloy_rlp::Header::decode_bytes(&mut elements, true).unwrap_or_default().to_vec();
    access_list.encode(&mut payload);
    let mut encoded = Vec::with_capacity(payload.len() + 9);
    alloy_rlp::Header { list: true, payload_length: payload.len() }.encode(&mut encoded);
    encoded.extend(payload);
    encoded
}

/// What is not finished is of no use to anybody.
impl Drop for ChainFiles {
    fn drop(&mut self) {
        for name in [GENESIS, CHAIN] {
            // Most often it is not there any more, because it has its name.
            let _ = fs::remove_file(unfinished(&self.folder, name));
        }
    }
}

/// What a file is called before it is whole.
fn unfinished(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_added_extension(UNFINISHED)
}

fn failed(path: &Path, source: std::io::Error) -> DevchainError {
    DevchainError::Write { path: path.into(), source }
}

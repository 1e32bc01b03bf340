//! The files of a chain. `chain.rlp` has its name only when it is whole, and everything else is there by then.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use alloy::genesis::Genesis;
use alloy_rlp::Encodable;
use blockmill_chain::Block;

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
    /// One block.
    encoded: Vec<u8>,
}

impl ChainFiles {
    /// Begins in a folder that has no chain yet; what an interrupted run has left there is replaced.
    pub(crate) fn create(folder: &Path) -> Result<Self, DevchainError> {
        let (chain, part) = (folder.join(CHAIN), folder.join(CHAIN).with_added_extension(UNFINISHED));
        if chain.exists() {
            return Err(DevchainError::Exists { path: chain });
        }
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        let file = File::create(&part).map_err(|source| failed(&part, source))?;
        let chain = BufWriter::with_capacity(BUFFER_BYTES, file);
        Ok(Self { folder: folder.into(), part, chain, encoded: Vec::new() })
    }

    /// Writes the genesis file, in the shape that geth reads.
    pub(crate) fn write_genesis(&self, genesis: &Genesis) -> Result<(), DevchainError> {
        let path = self.folder.join(GENESIS);
        let json = serde_json::to_vec_pretty(genesis)
            .map_err(|source| DevchainError::Json { path: path.clone(), source })?;
        write_whole(&path, &json)
    }

    /// Writes a block behind the others; its size in bytes.
    pub(crate) fn write_block(&mut self, block: &Block) -> Result<u64, DevchainError> {
        self.encoded.clear();
        block.encode(&mut self.encoded);
        self.chain.write_all(&self.encoded).map_err(|source| failed(&self.part, source))?;
        Ok(self.encoded.len() as u64)
    }

    /// Writes the README, and gives the chain its name.
    pub(crate) fn finish(self, readme: &str) -> Result<(), DevchainError> {
        let Self { folder, part, chain, .. } = self;
        write_whole(&folder.join(README), readme.as_bytes())?;
        let written = chain.into_inner().map_err(|error| error.into_error()).and_then(|file| file.sync_all());
        written.map_err(|source| failed(&part, source))?;
        fs::rename(&part, folder.join(CHAIN)).map_err(|source| failed(&part, source))?;
        sync_folder(&folder)
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), DevchainError> {
    let written = File::create(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|source| failed(path, source))
}

fn sync_folder(folder: &Path) -> Result<(), DevchainError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|source| failed(folder, source))
}

fn failed(path: &Path, source: std::io::Error) -> DevchainError {
    DevchainError::Write { path: path.into(), source }
}

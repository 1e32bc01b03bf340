//! Consensus tests (`BlockchainTests` of ethereum/tests, `blockchain_tests` of ethereum/execution-spec-tests, EEST): small
//! chains with their genesis, the RLP of every block, and the state they end with.
//!
//! A test is one chain of one network, or several branches of which one wins. A block with a header in the file is
//! valid; one without must be refused, whatever the folder is called.

mod json;
mod network;

use std::path::{Path, PathBuf};

use alloy::genesis::Genesis;
use alloy::primitives::{B256, Bytes};
use blockmill_chain::{ChainSpec, GenesisBlock};

use crate::expected_state::ExpectedState;
use crate::{VectorError, file};

/// One test of a file.
#[derive(Debug, Clone)]
pub struct BlockchainTest {
    /// The file it stands in.
    pub path: PathBuf,
    /// The name of the test in the file.
    pub name: String,
    /// Its network as the file writes it (`ConstantinopleFix`, `BerlinToLondonAt5`).
    pub network: String,
    /// The rules of that network.
    pub spec: ChainSpec,
    /// The genesis block as a geth genesis file would have it.
    pub genesis: Genesis,
    /// Hash of the genesis block.
    pub genesis_hash: B256,
    /// State root of the genesis block.
    pub genesis_state_root: B256,
    /// RLP of the genesis block.
    pub genesis_rlp: Bytes,
    /// Blocks in the order of import, branches and invalid blocks among them.
    pub blocks: Vec<TestBlock>,
    /// Hash of the head once all blocks were imported.
    pub last_block_hash: B256,
    /// The state at that head.
    pub post: PostState,
    /// Whether the seals of its blocks are real.
    pub seal_engine: SealEngine,
}

/// One block of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestBlock {
    /// RLP of the block; of an invalid block sometimes not even that.
    pub rlp: Bytes,
    /// The header's hash and place, if the block is valid; a block without it must be refused.
    pub header: Option<TestHeader>,
    /// Why it must be refused (`TooMuchGasUsed`, `BlockException.INVALID_GAS_USED`; several with `|` between them, any of
    /// which will do); three invalid blocks of ethereum/tests come without a reason.
    pub expect_exception: Option<String>,
    /// The branch it belongs to, where the test names its branches.
    pub chain_name: Option<String>,
}

/// What a test says of a valid block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestHeader {
    /// The hash of the block.
    pub hash: B256,
    /// The hash of the block's parent.
    pub parent_hash: B256,
    /// The number of the block.
    pub number: u64,
}

/// The state a test ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostState {
    /// Every account of the state.
    Accounts(ExpectedState),
    /// Only the state root: the state is too large to write down.
    Root(B256),
}

/// How the blocks of a test are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealEngine {
    /// The blocks have no valid seals: proof of work must not be checked.
    NoProof,
    /// The blocks are sealed by proof of work.
    Ethash,
}

impl BlockchainTest {
    /// Accounts and header of block 0.
    pub fn genesis_block(&self) -> GenesisBlock {
        GenesisBlock::new(&self.genesis, &self.spec)
    }

    /// The blocks from genesis (without it) to the head: the branch that wins.
    pub fn canonical(&self) -> Result<Vec<&TestBlock>, VectorError> {
        let mut branch = Vec::new();
        let mut hash = self.last_block_hash;
        while hash != self.genesis_hash {
            let found = self.blocks.iter().find_map(|block| {
                block.header.filter(|header| header.hash == hash).map(|header| (block, header))
            });
            let (block, header) = found.filter(|_| branch.len() < self.blocks.len()).ok_or_else(|| {
                VectorError::BrokenChain { path: self.path.clone(), test: self.name.clone(), hash }
            })?;
            branch.push(block);
            hash = header.parent_hash;
        }
        branch.reverse();
        Ok(branch)
    }
}

impl TestBlock {
    /// Whether the block must be accepted.
    pub fn is_valid(&self) -> bool {
        self.header.is_some()
    }
}

/// The test files in a folder and the folders below it, sorted by path. Read them one at a time: all of them together
/// are large.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, VectorError> {
    file::json_files_below(folder)
}

/// Folders of EEST's tests that are left out, and why. Every other file is run.
pub const EEST_LEFT_OUT: [(&str, &str); 1] =
    [("zkevm", "it holds witnesses with trie nodes, under rules of Amsterdam that have changed since")];

/// The test files in a folder of EEST's tests that are run, sorted by path. What is left out is said on stderr; it is
/// a decision and no missing input, so CI does not fail for it.
#[expect(clippy::print_stderr, reason = "a reader of the test's output must see what was not run")]
pub fn eest_files(folder: &Path) -> Result<Vec<PathBuf>, VectorError> {
    let mut run = files(folder)?;
    for (name, reason) in EEST_LEFT_OUT {
        let all = run.len();
        run.retain(|path| !path.starts_with(folder.join(name)));
        eprintln!("left out: {} files in {name} of EEST: {reason}", all - run.len());
    }
    Ok(run)
}

/// The tests of one file, sorted by name.
pub fn read(path: &Path) -> Result<Vec<BlockchainTest>, VectorError> {
    json::read(path)
}

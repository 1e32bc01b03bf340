//! A generated chain, executed in memory from its genesis on; a window of it is counted.

use std::path::Path;

use alloy::primitives::{Address, B256, Bytes, U256};
use blockmill_benches::BlockMix;
use blockmill_chain::{
    Account, Ancestry, BlockChanges, ChainSpec, CodeSource, GenesisBlock, RecoveredBlock, StateReader,
};
use blockmill_execute::{BlockState, CodeCache, NoObserver, execute_block};
use blockmill_source::{ReadLimit, Source, read_genesis};
use blockmill_testkit::state_map::{MapState, UnknownBlockHash};

use crate::CODE_CACHE_BYTES;

/// Blocks that are decoded at once.
const BATCH: ReadLimit = ReadLimit { blocks: 1_024, bytes: 64 << 20 };

/// The whole state, and what executing on it needs.
struct DevChain {
    spec: ChainSpec,
    state: MapState,
    codes: CodeCache,
}

/// Counts the blocks of the chain in `folder` from `BLOCKMILL_DEVCHAIN_FROM` on, else without the first tenth: that is
/// where contracts are deployed.
pub(crate) fn mix(folder: &Path) -> BlockMix {
    let genesis =
        read_genesis(&folder.join("genesis.json")).expect("the folder has a genesis.json of geth's shape");
    let spec = ChainSpec::custom(&genesis).expect("the chain has known forks only");
    let mut source = Source::open(&[folder.join("chain.rlp")], &spec).expect("the folder has a chain.rlp");
    let state = MapState::new(&GenesisBlock::new(&genesis, &spec).accounts);
    let mut chain = DevChain { spec, state, codes: CodeCache::new(CODE_CACHE_BYTES) };
    let range = source.range();
    let from = first_counted().unwrap_or(range.start + range.len() / 10);
    let (mut mix, mut next, mut ancestry) = (BlockMix::default(), range.start, Ancestry::unknown());
    while next < range.end {
        let batch = source.read(next, &ancestry, BATCH).expect("the chain is undamaged");
        for sourced in batch {
            let block = &sourced.block;
            chain.add(block, (block.number() >= from).then_some(&mut mix));
            next = block.number() + 1;
            ancestry.push(block, sourced.total_difficulty);
        }
    }
    mix
}

fn first_counted() -> Option<u64> {
    let from = std::env::var("BLOCKMILL_DEVCHAIN_FROM").ok()?;
    Some(from.parse().expect("BLOCKMILL_DEVCHAIN_FROM is a block number"))
}

impl DevChain {
    /// Executes the next block; counts it where there is a count.
    fn add(&mut self, block: &RecoveredBlock, mix: Option<&mut BlockMix>) {
        if block.number() == 0 {
            return;
        }
        self.state.set_block_hash(block.number() - 1, block.header().parent_hash);
        let changes = match mix {
            Some(mix) => {
                mix.add(&self.spec, block, Before(&self.state), &self.codes).expect("the chain is valid")
            }
            None => self.execute(block),
        };
        self.state.apply(&changes);
    }

    fn execute(&self, block: &RecoveredBlock) -> BlockChanges {
        let delegations = self.spec.is_prague(block.header().timestamp);
        let mut state = BlockState::new(Before(&self.state), &self.codes, delegations);
        let executed = execute_block(&self.spec, block, &mut state, &mut NoObserver {}, |_| Ok(()));
        executed.expect("the chain is valid");
        state.changes()
    }
}

/// The state before a block.
struct Before<'a>(&'a MapState);

impl StateReader for Before<'_> {
    type Error = UnknownBlockHash;

    fn account(&self, address: Address) -> Result<Option<Account>, Self::Error> {
        self.0.account(address)
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, Self::Error> {
        self.0.storage(address, slot)
    }

    fn storage_of(&self, address: Address) -> Result<Vec<(U256, U256)>, Self::Error> {
        self.0.storage_of(address)
    }

    fn has_storage(&self, address: Address) -> Result<bool, Self::Error> {
        self.0.has_storage(address)
    }

    fn block_hash(&self, number: u64) -> Result<B256, Self::Error> {
        self.0.block_hash(number)
    }
}

impl CodeSource for Before<'_> {
    type Error = std::convert::Infallible;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, Self::Error> {
        self.0.code(hash)
    }
}

//! The chain that a data directory is for, and its first block.

use std::borrow::Cow;
use std::path::Path;

use alloy::consensus::Header;
use alloy::primitives::B256;
use blockmill_chain::{
    Absence, AccountWitness, Block, BlockChanges, ChainSpec, GenesisAccount, GenesisBlock, KnownChain,
    RecoveredBlock, WitnessReads,
};
use blockmill_source::{read_genesis, read_known_genesis};
use blockmill_store::{Identity, Store, StoreKind, StoredBlock};
use blockmill_trie::{EmptyState, StateTrie, TrieUpdates};

use crate::error::RunError;
use crate::settings::ChainChoice;

/// The chain of a run.
pub(crate) struct Chain {
    pub(crate) spec: ChainSpec,
    genesis_hash: B256,
    origin: Origin,
}

/// Where the genesis state comes from.
enum Origin {
    /// A file, which was read to know the chain's genesis hash.
    File(Box<GenesisState>),
    /// The program. It is unpacked where it is needed: for a new store, and a new witness of block 0.
    BuiltIn(KnownChain),
}

/// Block 0 with its state, which hashes to the known value where there is one.
#[derive(Clone)]
struct GenesisState {
    header: Header,
    changes: BlockChanges,
    /// The accounts, sorted by address: what the rows of block 0 are made from.
    accounts: Vec<AccountWitness>,
    /// The tries of the state, as rows.
    tries: TrieUpdates,
}

impl Chain {
    /// Finds the rules of the chain, and reads the genesis file if there is one: its state root is computed here, once.
    ///
    /// # Errors
    /// A genesis file that cannot be read, that schedules a fork which this build does not execute, or that is not of the
    /// chain with this name.
    pub(crate) fn resolve(choice: &ChainChoice, genesis: Option<&Path>) -> Result<Self, RunError> {
        match (choice, genesis) {
            (ChainChoice::GenesisFile(_), Some(_)) => Err(RunError::Usage(
                "--genesis goes with a chain known by name; the file given with --chain is the genesis already".into(),
            )),
            (ChainChoice::GenesisFile(path), None) => Self::read(path, None),
            (ChainChoice::Known(chain), Some(path)) => Self::read(path, Some(ChainSpec::known(*chain))),
            (ChainChoice::Known(chain), None) => Ok(Self {
                spec: ChainSpec::known(*chain),
                genesis_hash: chain.genesis_hash(),
                origin: Origin::BuiltIn(*chain),
            }),
        }
    }

    fn read(path: &Path, spec: Option<ChainSpec>) -> Result<Self, RunError> {
        let refused = |source| RunError::UnknownFork { path: path.into(), source };
        let (genesis, spec) = match spec {
            Some(spec) => (read_known_genesis(path)?, spec),
            None => {
                let genesis = read_genesis(path)?;
                let spec = ChainSpec::custom(&genesis).map_err(refused)?;
                (genesis, spec)
            }
        };
        let genesis = GenesisState::new(&GenesisBlock::new(&genesis, &spec))?;
        let actual = genesis.header.hash_slow();
        match spec.genesis_hash {
            Some(expected) if expected != actual => {
                Err(RunError::WrongGenesis { path: path.into(), chain: spec.name, expected, actual })
            }
            _ => Ok(Self { spec, genesis_hash: actual, origin: Origin::File(Box::new(genesis)) }),
        }
    }

    /// Block 0 with its state: one that is built in is unpacked here, and its root computed.
    fn genesis(&self) -> Result<Cow<'_, GenesisState>, RunError> {
        match &self.origin {
            Origin::File(genesis) => Ok(Cow::Borrowed(genesis)),
            Origin::BuiltIn(chain) => {
                GenesisState::new(&GenesisBlock::new(&chain.genesis(), &self.spec)).map(Cow::Owned)
            }
        }
    }

    /// The hash of block 0: that of the genesis file's block, or the known one.
    pub(crate) fn genesis_hash(&self) -> B256 {
        self.genesis_hash
    }

    /// Whether a store is another chain's only because a run began with that one's genesis, and executed
    /// nothing after it: a mistake that the right genesis corrects. What it stores was read from files, and
    /// can be again.
    pub(crate) fn is_free(&self, store: &Store, kind: StoreKind) -> Result<bool, RunError> {
        let is_other = store.identity()?.is_some_and(|held| {
            held.kind == StoreKind::Chain && held.first_block == 0 && held != self.identity(kind, 0)
        });
        Ok(is_other && store.execute_checkpoint()?.is_none_or(|last| last == 0))
    }

    fn identity(&self, kind: StoreKind, first_block: u64) -> Identity {
        let (chain_id, genesis_hash) = (self.spec.chain_id, self.genesis_hash);
        Identity { chain_id, genesis_hash, kind, first_block }
    }

    /// Makes a new store that of this chain; in an old one, checks that it is.
    pub(crate) fn adopt(&self, store: &Store, data_dir: &Path, kind: StoreKind) -> Result<(), RunError> {
        let held = store.identity()?;
        // A chain that starts from a state has no genesis to be compared with.
        let wanted = self.identity(kind, held.map_or(0, |held| held.first_block));
        match held {
            Some(held) if held == wanted => Ok(()),
            Some(held) => Err(RunError::ForeignDataDir {
                path: data_dir.into(),
                held: describe(&held),
                wanted: describe(&wanted),
            }),
            None => self.found(store, &wanted),
        }
    }

    /// Writes identity, and for a chain that is to be executed block 0 with its state, in one write.
    fn found(&self, store: &Store, identity: &Identity) -> Result<(), RunError> {
        let mut batch = store.batch();
        batch.put_identity(identity);
        if identity.kind == StoreKind::Chain {
            let genesis = self.genesis()?;
            let GenesisState { header, changes, accounts, tries } = genesis.as_ref();
            batch.put_changes(changes)?;
            batch.put_trie(tries)?;
            batch.set_trie_whole();
            batch.put_witness(0, &reads(header, accounts));
            batch.put_block(&stored(header.clone()))?;
            batch.set_source_checkpoint(0);
            batch.set_execute_checkpoint(0);
        }
        Ok(batch.commit_synced()?)
    }

    /// Block 0, as it is stored.
    pub(crate) fn genesis_block(&self) -> Result<StoredBlock, RunError> {
        Ok(stored(self.genesis()?.header.clone()))
    }

    /// Puts the witness of block 0, which was pruned when its rows were made.
    pub(crate) fn put_genesis_witness(&self, store: &Store) -> Result<(), RunError> {
        let genesis = self.genesis()?;
        let mut batch = store.batch();
        batch.put_witness(0, &reads(&genesis.header, &genesis.accounts));
        Ok(batch.commit_synced()?)
    }
}

impl GenesisState {
    fn new(block: &GenesisBlock) -> Result<Self, RunError> {
        let changes = block.changes();
        let mut trie = StateTrie::new(0);
        let root = trie.apply(&EmptyState, &changes)?;
        let accounts = block.accounts.iter().map(witness_of).collect();
        Ok(Self { header: block.header(root), tries: trie.take_updates(), accounts, changes })
    }
}

/// Nothing was read; in the place of reads stands what the block makes.
fn reads(header: &Header, accounts: &[AccountWitness]) -> WitnessReads {
    WitnessReads {
        absence: Absence::Exact,
        accounts: accounts.to_vec(),
        creation_checks: Vec::new(),
        block_hashes: Vec::new(),
        transaction_roots: Vec::new(),
        total_difficulty: Some(header.difficulty),
    }
}

fn witness_of(written: &GenesisAccount) -> AccountWitness {
    AccountWitness {
        address: written.address,
        account: Some(written.account),
        storage: written.storage.clone(),
    }
}

fn stored(header: Header) -> StoredBlock {
    let mut block = Block { header, body: Default::default() };
    if block.header.withdrawals_root.is_some() {
        block.body.withdrawals = Some(Default::default());
    }
    let hash = block.header.hash_slow();
    StoredBlock {
        total_difficulty: Some(block.header.difficulty),
        block: RecoveredBlock { hash, block, senders: Vec::new() },
        transaction_roots: Vec::new(),
    }
}

fn describe(identity: &Identity) -> String {
    let what = match identity.kind {
        StoreKind::Chain => "the chain",
        StoreKind::Witnesses => "single blocks with witnesses of the chain",
    };
    format!("{what} with id {} and genesis {}", identity.chain_id, identity.genesis_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chain_known_by_name_starts_with_its_genesis_without_a_file() {
        for known in KnownChain::ALL {
            let chain = Chain::resolve(&ChainChoice::Known(known), None).unwrap();
            let genesis = chain.genesis().unwrap();
            assert_eq!(genesis.header.hash_slow(), known.genesis_hash(), "{}", known.name());
        }
    }
}

//! Loads the state after a block from a dump into a new store.
//!
//! The store is filled aside and gets its name when the state root is that of the block's header: a run that ends before
//! leaves nothing that another would take for a state.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use alloy::consensus::Header;
use alloy::primitives::{B256, keccak256};
use blockmill_chain::{Account, Ancestry, BlockChanges, BlockRange, Cancel, Monitor, StageId, durable};
use blockmill_source::{DumpItem, ReadLimit, Source, SourceError, read_state_dump};
use blockmill_store::{Identity, Store, StoreError, StoreKind, StoreOptions};
use blockmill_trie::{RebuildError, RebuildOptions, Rebuilt, rebuild};

use super::error::{Roots, StateError};
use super::needed_blocks;
use crate::error::RunError;
use crate::genesis::Chain;
use crate::memory::Budget;
use crate::run::rebuild::store_dir;
use crate::settings::StateChoice;
use crate::stages::{batch_bytes, put_sourced};

/// Changes that are written at once, in bytes as they are in memory.
const BATCH_BYTES: usize = 16 << 20;
/// What an account and a slot take of it: key, value, the table's own share, and as much in the write.
const ACCOUNT_BYTES: usize = 256;
const SLOT_BYTES: usize = 160;
/// How often people are told how far it is.
const NOTE_INTERVAL: Duration = Duration::from_secs(10);
/// Accounts that are named where the root is wrong.
const SHOWN: usize = 5;

/// What loading a state needs.
pub(crate) struct StateLoad<'a> {
    pub(crate) state: &'a StateChoice,
    pub(crate) chain: &'a Chain,
    pub(crate) data_dir: &'a Path,
    pub(crate) budget: &'a Budget,
    pub(crate) cancel: &'a Cancel,
    pub(crate) monitor: &'a dyn Monitor,
}

impl StateLoad<'_> {
    /// Makes the store, unless it is there and starts from this state already.
    pub(crate) fn run(&self, source: Option<&mut Source>) -> Result<(), RunError> {
        let folder = store_dir(self.data_dir);
        if folder.exists() {
            return self.check_held(&folder);
        }
        let source = source.ok_or_else(|| {
            RunError::Usage(
                "--state goes with a --source: it has the block whose state root is compared".into(),
            )
        })?;
        let aside = self.data_dir.join("store.loading");
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(|e| StateError::io(&aside, e))?;
        }
        self.note(&format!(
            "loading the state after block {} from {}",
            self.state.block,
            self.state.file.display()
        ));
        let started = Instant::now();
        let store = Store::open(&aside, StoreOptions { budget_bytes: self.budget.store })?;
        let header = self.store_blocks(&store, source)?;
        let loaded = self.store_state(&store, header.state_root)?;
        let rebuilt = self.compute_tries(&store)?;
        self.check_root(&store, &header, &loaded, &rebuilt)?;
        self.finish(store)?;
        durable::rename(&aside, &folder).map_err(|e| StateError::io(&aside, e))?;
        self.note(&format!(
            "the state after block {} is loaded: {} accounts, {} slots, root as in the header; {:.0} rows/s",
            self.state.block,
            rebuilt.accounts,
            rebuilt.slots,
            (rebuilt.accounts + rebuilt.slots) as f64 / started.elapsed().as_secs_f64().max(1e-3),
        ));
        Ok(())
    }

    fn check_held(&self, folder: &Path) -> Result<(), RunError> {
        let store =
            Store::open_to_read(folder, StoreOptions { budget_bytes: StoreOptions::SMALLEST_BUDGET_BYTES })?;
        match store.identity()? {
            Some(identity) if identity.first_block == self.state.block => {
                self.note(&format!(
                    "the store starts from the state after block {} already",
                    self.state.block
                ));
                Ok(())
            }
            held => {
                let held = held.map_or(0, |identity| identity.first_block);
                let path = self.data_dir.to_path_buf();
                Err(StateError::OtherStart { path, held, wanted: self.state.block }.into())
            }
        }
    }

    /// Stores the block of the state with those before it that execution reaches back to; they follow each other.
    fn store_blocks(&self, store: &Store, source: &mut Source) -> Result<Header, RunError> {
        let block = self.state.block;
        let needed = needed_blocks(block);
        let mut given = source.range();
        let (mut ancestry, mut next) = (Ancestry::unknown(), needed.start);
        // Exports may begin with block 1: genesis is the chain's.
        if (needed.start, given.start) == (0, 1) {
            let genesis = self.chain.genesis_block()?;
            ancestry.push(&genesis.block, genesis.total_difficulty);
            let mut batch = store.batch();
            batch.put_block(&genesis)?;
            batch.commit()?;
            (given.start, next) = (0, 1);
        }
        let missing = match (given.start > needed.start, given.end < needed.end) {
            (true, _) => Some(BlockRange::new(needed.start, given.start.min(needed.end))),
            (false, true) => Some(BlockRange::new(given.end.max(needed.start), needed.end)),
            (false, false) => None,
        };
        if let Some(missing) = missing {
            return Err(StateError::MissingBlocks { block, needed, missing }.into());
        }
        while next < needed.end {
            let limit = ReadLimit { blocks: (needed.end - next) as usize, bytes: batch_bytes(self.budget) };
            let read = source.read(next, &ancestry, limit)?;
            let Some(last) = read.last() else {
                return Err(SourceError::OutOfRange { block: next, available: given }.into());
            };
            next = last.block.number() + 1;
            let mut batch = store.batch();
            for sourced in read {
                ancestry.push(&sourced.block, sourced.total_difficulty);
                put_sourced(&mut batch, &self.chain.spec, sourced)?;
            }
            batch.commit()?;
        }
        let last = ancestry.parent().ok_or(StoreError::UnknownBlock { number: block })?;
        let is_needed = self.chain.spec.merges_by_difficulty() && !last.header.difficulty.is_zero();
        match is_needed && last.total_difficulty.is_none() {
            true => Err(StateError::NoTotalDifficulty { block }.into()),
            false => Ok(last.header.clone()),
        }
    }

    /// Writes the accounts, slots and codes of the dump.
    fn store_state(&self, store: &Store, expected: B256) -> Result<Loaded, StateError> {
        let mut loading = Loading {
            load: self,
            store,
            expected,
            changes: BlockChanges::default(),
            bytes: 0,
            loaded: Loaded::default(),
            noted: Instant::now(),
        };
        read_state_dump(&self.state.file, self.data_dir, &mut |item| Ok(loading.take(item)?))?;
        loading.write()?;
        Ok(loading.loaded)
    }

    fn compute_tries(&self, store: &Store) -> Result<Rebuilt, StateError> {
        self.note("computing the state root of all accounts and slots");
        let options = RebuildOptions {
            folder: self.data_dir,
            memory_bytes: self.budget.trie_rebuild,
            cancel: self.cancel,
        };
        rebuild(store, &mut store.trie_rebuild(), &options).map_err(|error| match error {
            RebuildError::Interrupted => StateError::Interrupted,
            error => error.into(),
        })
    }

    fn check_root(
        &self,
        store: &Store,
        header: &Header,
        loaded: &Loaded,
        rebuilt: &Rebuilt,
    ) -> Result<(), StateError> {
        let (file, block) = (self.state.file.clone(), self.state.block);
        let roots = Box::new(Roots { expected: header.state_root, actual: rebuilt.root });
        let (listed, distinct) = (loaded.accounts + loaded.slots, rebuilt.accounts + rebuilt.slots);
        if listed > distinct {
            return Err(StateError::Doubled { file, block, listed, distinct, roots });
        }
        if roots.actual == roots.expected {
            return Ok(());
        }
        let (accounts, slots) = (rebuilt.accounts, rebuilt.slots);
        let samples = self.other_storage_roots(store)?;
        Err(StateError::WrongRoot { file, block, roots, accounts, slots, samples })
    }

    /// The first accounts whose slots do not give the root that the dump says, where it says one: it lacks preimages of them.
    fn other_storage_roots(&self, store: &Store) -> Result<Vec<String>, StateError> {
        let mut samples = Vec::new();
        read_state_dump(&self.state.file, self.data_dir, &mut |item| {
            if let DumpItem::Account { address, storage_root: Some(listed), .. } = item
                && samples.len() < SHOWN
            {
                let found = store.hashed_account(keccak256(address))?.map(|account| account.storage_root);
                if found != Some(listed) {
                    samples.push(format!("the slots of {address} are not all there or others"));
                }
            }
            Ok(())
        })?;
        Ok(samples)
    }

    /// Notes whose chain it is and how far it goes, and makes all of it last.
    fn finish(&self, store: Store) -> Result<(), StateError> {
        let block = self.state.block;
        let (chain_id, genesis_hash) = (self.chain.spec.chain_id, self.chain.genesis_hash());
        let mut batch = store.batch();
        batch.put_identity(&Identity { chain_id, genesis_hash, kind: StoreKind::Chain, first_block: block });
        batch.put_state_origin(&self.state.file.file_name().unwrap_or_default().to_string_lossy());
        batch.set_trie_whole();
        batch.set_source_checkpoint(block);
        batch.set_execute_checkpoint(block);
        batch.commit_synced()?;
        Ok(store.finish()?)
    }

    fn note(&self, message: &str) {
        self.monitor.note(StageId::Execute, message);
    }
}

/// How much of a dump was loaded.
#[derive(Debug, Default)]
struct Loaded {
    accounts: u64,
    slots: u64,
}

/// A dump on its way into a store.
struct Loading<'a> {
    load: &'a StateLoad<'a>,
    store: &'a Store,
    /// The root in the header.
    expected: B256,
    changes: BlockChanges,
    /// About what the changes take in memory.
    bytes: usize,
    loaded: Loaded,
    noted: Instant,
}

impl Loading<'_> {
    fn take(&mut self, item: DumpItem) -> Result<(), StateError> {
        if self.load.cancel.is_cancelled() {
            return Err(StateError::Interrupted);
        }
        match item {
            DumpItem::Root(listed) if listed == self.expected => {}
            DumpItem::Root(actual) => {
                let roots = Box::new(Roots { expected: self.expected, actual });
                let (file, block) = (self.load.state.file.clone(), self.load.state.block);
                return Err(StateError::OtherRoot { file, block, roots });
            }
            DumpItem::Account { address, nonce, balance, code, code_hash, .. } => {
                self.bytes += ACCOUNT_BYTES + code.len();
                if !code.is_empty() {
                    self.changes.code.insert(code_hash, code);
                }
                self.changes.accounts.insert(address, Some(Account { nonce, balance, code_hash }));
                self.loaded.accounts += 1;
            }
            // What is zero is not there.
            DumpItem::Slot { value, .. } if value.is_zero() => {}
            DumpItem::Slot { address, slot, value } => {
                self.changes.storage.entry(address).or_default().slots.insert(slot, value);
                self.bytes += SLOT_BYTES;
                self.loaded.slots += 1;
            }
        }
        if self.bytes >= BATCH_BYTES { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), StateError> {
        let mut batch = self.store.batch();
        batch.put_changes(&std::mem::take(&mut self.changes))?;
        batch.commit()?;
        self.bytes = 0;
        if self.noted.elapsed() >= NOTE_INTERVAL {
            self.noted = Instant::now();
            self.load
                .note(&format!("{} accounts and {} slots are read", self.loaded.accounts, self.loaded.slots));
        }
        Ok(())
    }
}

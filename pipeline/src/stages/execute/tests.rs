//! The stage by itself, on a store that a run has left and that was taken back to genesis.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use alloy::primitives::{Address, U256};
use blockmill_chain::{
    Account, BlockRange, Cancel, ChainSpec, Context, Monitor, Progress, RangeRequest, SliceLimits, Stage,
    StageError, StageId, WitnessReads,
};
use blockmill_execute::{CodeCache, RowsAhead, StateCache};
use blockmill_schemas::Dataset;
use blockmill_source::read_genesis;
use blockmill_store::{Store, StoreOptions};
use blockmill_testkit::vectors;
use blockmill_trie::StateTrie;

use super::committer::Committer;
use super::producer::Checker;
use super::step::StepError;
use super::{DiskReads, ExecuteStage};
use crate::memory::{Budget, Ledger};
use crate::settings::{ByteSize, ChainChoice, RootInterval, Settings, SliceSize};
use crate::stages::kept_blocks;
use crate::{QueueLimits, UnitLimits, compare_tries, rebuild, store_dir, unwind_state};

struct Silent;

impl Monitor for Silent {
    fn started(&self, _: StageId, _: BlockRange) {}
    fn advanced(&self, _: StageId, _: Progress) {}
    fn note(&self, _: StageId, _: &str) {}
}

/// A store with the blocks of a chain, its state at genesis; and the chain's rules.
fn at_genesis(chain: &str, data_dir: &Path) -> Option<(Store, ChainSpec)> {
    let folder = vectors::require(&format!("chains/{chain}"))?;
    let genesis = folder.join("genesis.json");
    let settings = Settings {
        chain: ChainChoice::GenesisFile(genesis.clone()),
        genesis: None,
        sources: vec![folder.join("chain.rlp")],
        checksums: false,
        state: None,
        data_dir: data_dir.into(),
        out: data_dir.join("out.duckdb"),
        range: RangeRequest::default(),
        datasets: vec![Dataset::Blocks],
        memory: ByteSize(1 << 30),
        threads: 2,
        root_interval: RootInterval::Slice,
        tables_only: false,
        rebuild_trie: false,
        keep_witnesses: false,
        precompiles: false,
        opcode_stack: false,
        units: UnitLimits::default(),
        queues: QueueLimits::default(),
        slices: SliceSize::default(),
    };
    rebuild(&settings, &Cancel::default(), &Silent).unwrap();
    let options = StoreOptions { budget_bytes: StoreOptions::SMALLEST_BUDGET_BYTES };
    let store = Store::open(store_dir(data_dir), options).unwrap();
    unwind_state(&store, 0, 1 << 20).unwrap();
    Some((store, ChainSpec::custom(&read_genesis(&genesis).unwrap()).unwrap()))
}

#[test]
fn a_trie_without_memory_and_slices_of_any_size_end_with_the_same_state() {
    for (chain, last) in [("execution-apis", 54), ("geth-ethtest", 600)] {
        let folder = tempfile::tempdir().unwrap();
        let Some((store, spec)) = at_genesis(chain, folder.path()) else { return };
        let codes = CodeCache::new(1 << 20);
        let ledger = &Ledger::new(Budget::split(ByteSize(1 << 30), 2).unwrap());
        let kept = &kept_blocks(ledger, 0);
        for (threads, blocks, root_interval) in [
            (1, 7, RootInterval::Slice),
            (2, 7, RootInterval::Slice),
            (2, 100, RootInterval::Blocks(1)),
            (1, 100, RootInterval::Blocks(5)),
            (2, 1, RootInterval::Blocks(3)),
        ] {
            let rows = BlockRange::new(0, last + 1);
            // Its nodes never fit, so every step is written by itself.
            let trie = StateTrie::new(0);
            let (store, spec, codes) = (&store, &spec, &codes);
            // Some accounts and slots: they come and go.
            let cache = &StateCache::new(4_000);
            let mut stage = ExecuteStage {
                store,
                spec,
                codes,
                kept,
                cache,
                disk_reads: DiskReads::default(),
                trie,
                root_interval,
                rows,
                threads,
                ledger,
            };
            let limits = SliceLimits { blocks, gas: u64::MAX, bytes: usize::MAX, time: Duration::MAX };
            let cancel = Cancel::default();
            let cx = Context { limits, cancel: &cancel, monitor: &Silent };
            while let Some(next) =
                stage.checkpoint().unwrap().map(|done| done + 1).filter(|next| *next <= last)
            {
                stage.execute(BlockRange::new(next, last + 1), &cx).unwrap();
                let done = stage.checkpoint().unwrap().unwrap();
                assert!(
                    done >= next && done < next + blocks,
                    "{chain}: a slice of {blocks} from {next} to {done}"
                );
            }
            let comparison = compare_tries(store, folder.path(), 1 << 20).unwrap();
            assert!(comparison.differences.is_none(), "{chain}: {:?}", comparison.differences);
            assert_eq!(comparison.root, comparison.root_in_header);
            unwind_state(store, 0, 1 << 20).unwrap();
        }
    }
}

#[test]
fn what_was_right_before_an_error_is_written_only_if_it_still_leads_to_its_root() {
    let folder = tempfile::tempdir().unwrap();
    let Some((store, spec)) = at_genesis("execution-apis", folder.path()) else { return };
    let codes = CodeCache::new(1 << 20);
    let ledger = &Ledger::new(Budget::split(ByteSize(1 << 30), 2).unwrap());
    let kept = &kept_blocks(ledger, 0);
    for (is_spoiled, written) in [(true, 0), (false, 3)] {
        let mut stage = ExecuteStage {
            store: &store,
            spec: &spec,
            codes: &codes,
            kept,
            cache: &StateCache::new(1 << 20),
            disk_reads: DiskReads::default(),
            trie: StateTrie::new(1 << 20),
            root_interval: RootInterval::Blocks(1),
            rows: BlockRange::new(0, 4),
            threads: 1,
            ledger,
        };
        let limits = SliceLimits { blocks: 3, gas: u64::MAX, bytes: usize::MAX, time: Duration::MAX };
        let cancel = Cancel::default();
        let notes = Notes::default();
        let cx = Context { limits, cancel: &cancel, monitor: &notes };
        let producer = stage.producer(RootInterval::Blocks(1));
        let mut committer = Committer::new(&store, &mut stage.trie, stage.rows, &notes, ledger);
        let produced = producer.produce(BlockRange::new(1, 4), &cx, &mut Checker::InTurn(&mut committer));
        assert!(produced.is_ok());
        if is_spoiled {
            let balance = U256::from(77);
            let account = Some(Account { balance, ..Account::default() });
            committer.changes().accounts.insert(Address::repeat_byte(7), account);
        }
        let later = StageError::failed(StageId::Execute, "the block after them is wrong");
        let Err(StepError::Failed(error)) = committer.finish(Err(later.into())) else { panic!() };
        assert_eq!(error.source.to_string(), "the block after them is wrong");
        assert_eq!(store.execute_checkpoint().unwrap(), Some(written));
        let notes = notes.0.into_inner().unwrap();
        assert_eq!(notes.iter().any(|note| note.contains("state root")), is_spoiled, "{notes:?}");
    }
}

#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Monitor for Notes {
    fn started(&self, _: StageId, _: BlockRange) {}
    fn advanced(&self, _: StageId, _: Progress) {}
    fn note(&self, _: StageId, message: &str) {
        self.0.lock().unwrap().push(message.into());
    }
}

/// What the witness of each block is, where slices have a few blocks, and where reads are said to wait for a disk.
fn witnesses(store: &Store, spec: &ChainSpec, last: u64, waits: bool) -> (Vec<WitnessReads>, RowsAhead) {
    let (codes, cache) = (CodeCache::new(1 << 20), StateCache::new(40_000));
    let ledger = &Ledger::new(Budget::split(ByteSize(1 << 30), 2).unwrap());
    let mut stage = ExecuteStage {
        store,
        spec,
        codes: &codes,
        kept: &kept_blocks(ledger, 0),
        cache: &cache,
        disk_reads: DiskReads::default(),
        trie: StateTrie::new(1 << 20),
        root_interval: RootInterval::Blocks(2),
        rows: BlockRange::new(0, last + 1),
        threads: 2,
        ledger,
    };
    let limits = SliceLimits { blocks: 9, gas: u64::MAX, bytes: usize::MAX, time: Duration::MAX };
    let cx = Context { limits, cancel: &Cancel::default(), monitor: &Silent };
    while stage.checkpoint().unwrap().is_some_and(|done| done < last) {
        let next = stage.checkpoint().unwrap().unwrap() + 1;
        let waited = if waits { Duration::from_secs(1) } else { Duration::ZERO };
        stage.disk_reads.slice_ended(waited, Duration::from_secs(1));
        stage.execute(BlockRange::new(next, last + 1), &cx).unwrap();
    }
    let witnesses = (1..=last).map(|number| store.witness(number).unwrap().unwrap()).collect();
    (witnesses, cache.rows_ahead())
}

#[test]
fn blocks_read_the_same_whether_or_not_others_read_ahead() {
    for (chain, last) in [("execution-apis", 54), ("geth-ethtest", 600)] {
        let folder = tempfile::tempdir().unwrap();
        let Some((store, spec)) = at_genesis(chain, folder.path()) else { return };
        let (alone, none) = witnesses(&store, &spec, last, false);
        assert_eq!(none, RowsAhead::default());
        unwind_state(&store, 0, 1 << 20).unwrap();
        let (together, ahead) = witnesses(&store, &spec, last, true);
        assert_eq!(together, alone, "{chain}");
        assert!(ahead.used > 0 && ahead.used <= ahead.read, "{chain}: {ahead:?}");
        unwind_state(&store, 0, 1 << 20).unwrap();
    }
}

//! Threads that read what the next blocks will, while the blocks before them are executed.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, Scope};

use blockmill_chain::{BlockRange, ChainSpec, CodeSource, RecoveredBlock, StateReader, unpoisoned};

use crate::bytecode::CodeCache;
use crate::read_ahead::read_ahead;
use crate::state_cache::{ReadAhead, StateCache};

/// Threads that read the store where they wait for a disk, as many as it serves at once: more are no faster.
pub const DISK_THREADS: usize = 16;
/// So many blocks after the one that is executed are read ahead: enough for the disk while a slice is written, and few enough
/// for their rows to have room, and for the state to be nearly what they will find.
const BLOCKS_AHEAD: u64 = 64;
/// Whoever has something to compute goes before them.
const NICENESS: i32 = 10;

/// Runs the transactions of later blocks on several threads, for what they read, while one thread executes.
pub struct Readers<'a, S, B> {
    spec: &'a ChainSpec,
    codes: &'a CodeCache,
    stored: &'a S,
    /// A block, or nothing where it cannot be read: its execution will say why.
    block: &'a (dyn Fn(u64) -> Option<Arc<B>> + Sync),
    rows: ReadAhead<'a>,
    end: u64,
    place: Mutex<Place<B>>,
    moved: Condvar,
}

/// Where the threads go on.
struct Place<B> {
    /// The block that is executed.
    executed: u64,
    /// The block that is read ahead.
    number: u64,
    /// The same, while it has transactions that no thread has taken.
    block: Option<Arc<B>>,
    /// The first of them.
    index: usize,
    is_over: bool,
}

impl<'a, S, B> Readers<'a, S, B>
where
    S: StateReader + CodeSource + Sync,
    B: AsRef<RecoveredBlock> + Send + Sync,
{
    /// Reads for blocks that are executed with `cache`, which knows of nothing that is not stored: for those from `from` on.
    pub fn new(
        spec: &'a ChainSpec,
        codes: &'a CodeCache,
        cache: &'a StateCache,
        stored: &'a S,
        block: &'a (dyn Fn(u64) -> Option<Arc<B>> + Sync),
        blocks: BlockRange,
        from: u64,
    ) -> Self {
        let number = from.max(blocks.start);
        let place = Place { executed: blocks.start, number, block: None, index: 0, is_over: false };
        Self {
            spec,
            codes,
            stored,
            block,
            rows: cache.read_ahead(),
            end: blocks.end,
            place: Mutex::new(place),
            moved: Condvar::new(),
        }
    }

    /// Starts as many threads as the system lets it. They end when what is returned is dropped.
    pub fn start<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) -> ActiveReaders<'scope, 'a, S, B> {
        for number in 0..DISK_THREADS {
            let thread = thread::Builder::new().name(format!("read-ahead-{number}"));
            if thread.spawn_scoped(scope, || self.work()).is_err() {
                break;
            }
        }
        ActiveReaders(self)
    }

    /// A block is executed now: it is too late to read ahead for it.
    pub fn executing(&self, number: u64) {
        self.place().executed = number;
        self.moved.notify_all();
    }

    /// The first block for which not everything was read.
    pub fn reached(&self) -> u64 {
        self.place().number
    }

    fn work(&self) {
        #[cfg(target_os = "linux")]
        // Of this thread only. Where it may not be changed, it stays as it is.
        let _ = rustix::process::setpriority_process(None, NICENESS);
        while let Some((number, block, first)) = self.next() {
            let mut first = Some(first);
            let next = || first.take().or_else(|| self.next_of(number));
            read_ahead(self.spec, self.codes, &self.rows, self.stored, (*block).as_ref(), next);
        }
    }

    /// The next transaction, with its block.
    fn next(&self) -> Option<(u64, Arc<B>, usize)> {
        let mut place = self.place();
        while !place.is_over {
            if place.number <= place.executed {
                (place.number, place.block) = (place.executed + 1, None);
            }
            let number = place.number;
            if number >= self.end || number > place.executed + BLOCKS_AHEAD {
                place = unpoisoned(self.moved.wait(place));
                continue;
            }
            if place.block.is_none() {
                (place.block, place.index) = ((self.block)(number), 0);
            }
            match (place.block.clone(), place.take()) {
                (Some(block), Some(index)) => return Some((number, block, index)),
                _ => (place.number, place.block) = (number + 1, None),
            }
        }
        None
    }

    /// The next transaction of the same block, while there is one and it is not executed.
    fn next_of(&self, number: u64) -> Option<usize> {
        let mut place = self.place();
        let goes_on = !place.is_over && place.number == number && place.executed < number;
        if goes_on { place.take() } else { None }
    }

    fn place(&self) -> MutexGuard<'_, Place<B>> {
        unpoisoned(self.place.lock())
    }
}

impl<B: AsRef<RecoveredBlock>> Place<B> {
    /// The next transaction of the block.
    fn take(&mut self) -> Option<usize> {
        let transactions = (**self.block.as_ref()?).as_ref().senders.len();
        let index = self.index;
        self.index += 1;
        (index < transactions).then_some(index)
    }
}

/// Threads that read ahead.
#[must_use = "they end when it is dropped"]
pub struct ActiveReaders<'r, 'a, S, B>(&'r Readers<'a, S, B>);

impl<S, B> Drop for ActiveReaders<'_, '_, S, B> {
    fn drop(&mut self) {
        unpoisoned(self.0.place.lock()).is_over = true;
        self.0.moved.notify_all();
    }
}

impl<S, B> fmt::Debug for Readers<'_, S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").field("end", &self.end).finish_non_exhaustive()
    }
}

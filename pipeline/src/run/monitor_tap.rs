//! Adds up what the stages report, on its way to the progress display and to `progress.json`.

use std::sync::Mutex;

use blockmill_chain::{BlockRange, Monitor, Progress, StageId, unpoisoned};

use crate::run::progress::ProgressFile;

/// Passes reports on and keeps their sums.
pub(crate) struct Tap<'a> {
    watcher: &'a dyn Monitor,
    file: &'a ProgressFile,
    done: Mutex<[Progress; StageId::ALL.len()]>,
}

impl<'a> Tap<'a> {
    pub(crate) fn new(watcher: &'a dyn Monitor, file: &'a ProgressFile) -> Self {
        Self { watcher, file, done: Mutex::default() }
    }

    /// What a stage has reported so far.
    pub(crate) fn done(&self, stage: StageId) -> Progress {
        unpoisoned(self.done.lock())[stage as usize]
    }
}

impl Monitor for Tap<'_> {
    fn started(&self, stage: StageId, range: BlockRange) {
        self.file.started(stage, range);
        self.watcher.started(stage, range);
    }

    fn advanced(&self, stage: StageId, progress: Progress) {
        let mut done = unpoisoned(self.done.lock());
        let sum = &mut done[stage as usize];
        sum.last_block = sum.last_block.max(progress.last_block);
        sum.blocks += progress.blocks;
        sum.transactions += progress.transactions;
        sum.gas += progress.gas;
        sum.rows += progress.rows;
        sum.bytes += progress.bytes;
        drop(done);
        self.file.advanced(stage, progress);
        self.watcher.advanced(stage, progress);
    }

    fn note(&self, stage: StageId, message: &str) {
        self.watcher.note(stage, message);
    }
}

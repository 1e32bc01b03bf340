//! Whether executing waits for a disk, and what then helps: many reads at a time.

use std::time::Duration;

use blockmill_execute::DISK_THREADS;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// From slice to slice: what is done where reads wait for a disk.
#[derive(Default)]
pub(crate) struct DiskReads {
    /// The threads that read what roots need, and the sign that others read ahead of execution; none where reads do not wait.
    pub(super) pool: Option<ThreadPool>,
    /// The first block that nobody has read ahead for.
    pub(super) reached: u64,
}

/// Reads wait where they take more than one part in so many of the time of a slice.
const PART: u32 = 4;

impl DiskReads {
    /// A slice took so long, in which reads of the store waited for so long: all threads together. Those who read ahead wait where
    /// execution would have, so that it is known again whether they are needed.
    pub(super) fn slice_ended(&mut self, waited: Duration, took: Duration) {
        let waits = waited > took / PART;
        if !waits {
            self.pool = None;
        } else if self.pool.is_none() {
            let threads = ThreadPoolBuilder::new().num_threads(DISK_THREADS);
            // Where the system lets nobody have so many threads, it goes on as before.
            self.pool = threads.thread_name(|number| format!("trie-{number}")).build().ok();
        }
    }
}

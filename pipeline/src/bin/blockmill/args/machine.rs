//! What of the machine a command may use: the arguments for it, and defaults that depend on the machine.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;

use blockmill_pipeline::{Budget, ByteSize, RunError};
use blockmill_store::{StoreOptions, are_few_open_files, raise_open_files};
use clap::Args;

use super::memory_limit::MemoryLimit;
use crate::text::count;

/// Where the machine does not say what it has.
const MEMORY_UNKNOWN: u64 = 4 << 30;
/// Threads that are taken at most: what no machine has cores for is a typing error.
const MOST_THREADS: usize = 1_024;

/// The arguments about memory and threads.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct MachineArgs {
    /// Memory for the whole process: 4GiB, 512MiB [default: half of what the machine has or the container may use; where
    /// that is too little, the least that works]
    #[arg(long, value_name = "SIZE", help_heading = "Resources")]
    memory: Option<ByteSize>,

    /// Threads [default: one per core, fewer where the memory does not suffice for all]
    #[arg(long, value_name = "N", help_heading = "Resources")]
    threads: Option<NonZeroUsize>,
}

/// The memory and threads that a command uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resources {
    pub(crate) memory: ByteSize,
    /// Where that number comes from, in words.
    pub(crate) memory_from: String,
    pub(crate) threads: usize,
}

impl MachineArgs {
    /// Memory and threads, with every default filled in.
    ///
    /// # Errors
    /// More memory than this process may use, less than works with so many threads, more threads than any
    /// machine has.
    pub(crate) fn resources(self) -> Result<Resources, RunError> {
        let resources = self.of(MemoryLimit::find(Path::new("/")), cores())?;
        resources.budget()?;
        Ok(resources)
    }

    fn of(self, limit: Option<MemoryLimit>, cores: usize) -> Result<Resources, RunError> {
        let given = self.threads.map(NonZeroUsize::get);
        if let Some(threads) = given.filter(|threads| *threads > MOST_THREADS) {
            let refused =
                format!("--threads {threads} is more than the {MOST_THREADS} that are taken at most");
            return Err(RunError::Usage(format!("{refused}: this machine has {cores} cores")));
        }
        if let (Some(memory), Some(limit)) = (self.memory, &limit)
            && memory.0 > limit.bytes
        {
            let refused = format!("--memory {memory} is more than {limit}");
            return Err(RunError::Usage(format!("{refused}: give less, or leave it out")));
        }
        let (memory, memory_from) = match (self.memory, &limit) {
            (Some(memory), _) => (memory, "given".to_owned()),
            (None, Some(limit)) => (default_memory(limit.bytes, given), format!("default for {limit}")),
            (None, None) => (default_memory(MEMORY_UNKNOWN, given), "default".to_owned()),
        };
        let suffices = |threads: &usize| Budget::least(*threads) <= memory;
        let most = || (1..=cores).rev().find(suffices).unwrap_or(1);
        Ok(Resources { memory, memory_from, threads: given.unwrap_or_else(most) })
    }
}

impl Resources {
    /// The defaults of this machine, for a command without these arguments that reads little; they may be
    /// less than a run needs.
    pub(crate) fn of_this_machine() -> Self {
        let defaults = MachineArgs::default().of(MemoryLimit::find(Path::new("/")), cores());
        defaults.unwrap_or_else(|_| {
            let memory = default_memory(MEMORY_UNKNOWN, None);
            Self { memory, memory_from: "default".to_owned(), threads: 1 }
        })
    }

    /// The split among the stages of a run.
    pub(crate) fn budget(&self) -> Result<Budget, RunError> {
        Ok(Budget::split(self.memory, self.threads)?)
    }

    /// Whether all stages of a run work at the same time.
    pub(crate) fn overlaps(&self) -> bool {
        self.budget().is_ok_and(|budget| budget.overlaps)
    }

    /// How the store is set up, in words.
    pub(crate) fn store_in_words(&self) -> Result<String, RunError> {
        let budget_bytes = self.budget()?.store;
        let rows = (StoreOptions { budget_bytes }).rows_with_whole_filters() / 1_000_000;
        let files = raise_open_files();
        let few = match are_few_open_files(files) {
            true => ", few for a chain as large as mainnet (`ulimit -n` raises them)",
            false => "",
        };
        Ok(format!(
            "store: {}; filters whole up to {} million rows, then in parts; {files} open files{few}",
            ByteSize(budget_bytes as u64),
            count(rows)
        ))
    }

    /// The order of the stages, in words.
    pub(crate) fn order_in_words(&self) -> &'static str {
        if self.overlaps() { "all at the same time" } else { "one at a time" }
    }
}

impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, memory_from, threads } = self;
        let threads = if *threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
        write!(f, "memory: {memory} ({memory_from}); {threads}; stages work {}", self.order_in_words())
    }
}

/// The number of cores, as the process may use them.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS)
}

/// Half of the memory. Where that is less than works, as much as works, if half as much again is there for what the process
/// takes beside it.
fn default_memory(available_bytes: u64, threads: Option<usize>) -> ByteSize {
    const MIB: u64 = 1 << 20;
    let half = ByteSize(available_bytes / 2 / MIB * MIB);
    let least = Budget::least(threads.unwrap_or(1));
    if half < least && available_bytes >= least.0 / 2 * 3 { least } else { half }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const GIB: u64 = 1 << 30;
    const MIB: u64 = 1 << 20;

    fn machine(bytes: u64) -> Option<MemoryLimit> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("proc")).unwrap();
        fs::write(root.path().join("proc/meminfo"), format!("MemTotal: {} kB", bytes / 1024)).unwrap();
        MemoryLimit::find(root.path())
    }

    fn resources(memory: Option<u64>, threads: Option<usize>, bytes: u64, cores: usize) -> (u64, usize) {
        let threads = threads.and_then(NonZeroUsize::new);
        let arguments = MachineArgs { memory: memory.map(ByteSize), threads };
        let resources = arguments.of(machine(bytes), cores).unwrap();
        (resources.memory.0 / MIB, resources.threads)
    }

    #[test]
    fn the_default_suffices_for_every_core_of_an_ordinary_machine() {
        for (gib, cores) in [(2, 2), (4, 8), (8, 8), (16, 16), (64, 64), (512, 192)] {
            let (memory, threads) = resources(None, None, gib * GIB, cores);
            assert_eq!(threads, cores, "{memory} MiB of {gib} GiB");
            assert!(Budget::split(ByteSize(memory * MIB), cores).is_ok(), "{memory} MiB of {gib} GiB");
        }
    }

    #[test]
    fn half_of_the_memory_is_taken() {
        assert_eq!(resources(None, None, 2 * GIB, 2).0, 1_024);
        assert_eq!(resources(None, None, 64 * GIB, 8).0, 32_768);
        assert_eq!(resources(None, None, 64 * GIB, 64).0, 32_768);
    }

    #[test]
    fn a_small_container_gets_what_works_and_a_host_of_many_cores_as_many_threads_as_it_has_memory_for() {
        assert_eq!(resources(None, None, 600 * MIB, 2), (384, 2));
        assert_eq!(resources(None, None, 600 * MIB, 64), (384, 3));
        assert_eq!(resources(None, None, GIB, 64), (512, 4));
        assert_eq!(resources(Some(GIB), None, 64 * GIB, 64), (1_024, 9));
        // As many as were asked for, where half as much again as they need is there.
        assert_eq!(resources(None, Some(8), 1_500 * MIB, 2), (854, 8));
        assert_eq!(resources(None, None, 500 * MIB, 2).0, 250, "too little, which is said");
    }

    #[test]
    fn what_the_machine_does_not_have_is_refused_with_both_numbers() {
        let refused = |arguments: MachineArgs| arguments.of(machine(8 * GIB), 4).unwrap_err().to_string();
        let memory = refused(MachineArgs { memory: Some(ByteSize(64 * GIB)), threads: None });
        assert!(
            memory.starts_with("--memory 64 GiB is more than the 8 GiB that this machine has ("),
            "{memory}"
        );
        assert!(memory.ends_with("/proc/meminfo): give less, or leave it out"), "{memory}");
        for threads in [MOST_THREADS + 1, usize::MAX] {
            let threads = refused(MachineArgs { memory: None, threads: NonZeroUsize::new(threads) });
            assert!(threads.ends_with("1024 that are taken at most: this machine has 4 cores"), "{threads}");
        }
    }
}

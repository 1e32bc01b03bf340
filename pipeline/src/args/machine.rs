//! Defaults that depend on the machine.

use std::fs;
use std::thread;

use blockmill_pipeline::ByteSize;

/// More than this helps little; whoever has it can say so.
const MEMORY_CAP: u64 = 4 << 30;
/// Each worker holds row builders and Parquet writers of its own, so many cores lift the cap.
const MEMORY_PER_THREAD: u64 = 128 << 20;
/// Where the machine does not say what it has.
const MEMORY_UNKNOWN: u64 = 4 << 30;

/// All cores.
pub(crate) fn default_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Half of the memory, at most 4 GiB (more only where more than 32 threads need it).
pub(crate) fn default_memory(threads: usize) -> ByteSize {
    share_of(machine_memory_bytes().unwrap_or(MEMORY_UNKNOWN), threads)
}

fn share_of(machine_bytes: u64, threads: usize) -> ByteSize {
    const MIB: u64 = 1 << 20;
    let cap = MEMORY_CAP.max(MEMORY_PER_THREAD.saturating_mul(threads as u64));
    ByteSize((machine_bytes / 2).min(cap) / MIB * MIB)
}

/// What this process may use: the machine's memory, or the container's share of it.
fn machine_memory_bytes() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_of_meminfo(&text));
    let container = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let container = container.and_then(|text| text.trim().parse().ok());
    machine.into_iter().chain(container).min()
}

/// proc(5): `MemTotal:       16384256 kB`, where kB means KiB.
fn total_of_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1 << 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use blockmill_pipeline::Budget;

    const GIB: u64 = 1 << 30;

    #[test]
    fn the_machines_memory_is_read_from_its_own_file() {
        let text = "MemTotal:       16384256 kB\nMemFree:         1 kB\n";
        assert_eq!(total_of_meminfo(text), Some(16_384_256 << 10));
        assert_eq!(total_of_meminfo("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn the_default_suffices_for_every_core_of_an_ordinary_machine() {
        for (gib, cores) in [(2, 2), (4, 8), (8, 8), (16, 16), (64, 64), (512, 192)] {
            let memory = share_of(gib * GIB, cores);
            assert!(Budget::split(memory, cores).is_ok(), "{memory} of {gib} GiB on {cores} cores");
        }
    }

    #[test]
    fn no_more_than_half_is_taken_and_no_more_than_helps() {
        assert_eq!(share_of(2 * GIB, 64), ByteSize(GIB));
        assert_eq!(share_of(64 * GIB, 8), ByteSize(4 * GIB));
        assert_eq!(share_of(64 * GIB, 64), ByteSize(8 * GIB));
    }
}

//! The split of the memory for frames.

use std::path::PathBuf;

/// What the call frames of a block may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameMemory {
    /// Bytes of memory for headers, payloads and the buffers that read both back; 1 MiB is the least that makes sense.
    /// A frame whose own payloads are larger is admitted alone.
    pub limit_bytes: usize,
    /// Where temporary files are made for what does not fit. They have no name, so that nothing is left of them however
    /// the process ends.
    pub folder: PathBuf,
}

impl FrameMemory {
    /// Memory without a limit, and never a file: for blocks that are known.
    pub fn unlimited() -> Self {
        Self { limit_bytes: usize::MAX, folder: PathBuf::new() }
    }
}

/// The memory for frames, split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares {
    /// Headers that have ended, and those read back.
    pub(super) slots_bytes: usize,
    /// Payloads, and those read back.
    pub(super) payloads_bytes: usize,
}

impl Shares {
    /// A quarter for headers: a call with the arguments of an ordinary function has three times as much payload.
    pub(super) fn of(limit_bytes: usize, open_bytes: usize) -> Self {
        let shared = limit_bytes.saturating_sub(open_bytes);
        let slots_bytes = shared / 4;
        Self { slots_bytes, payloads_bytes: shared - slots_bytes }
    }
}

//! Places where a test can end the process: right before and right behind each step that the disk keeps.

use std::io::Write;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of the step at which the process ends; only tests set it.
const VARIABLE: &str = "BLOCKMILL_STOP_AT_STEP";

static STOP_AT: LazyLock<Option<u64>> = LazyLock::new(|| std::env::var(VARIABLE).ok()?.parse().ok());
static STEPS: AtomicU64 = AtomicU64::new(0);

/// Says that a write is about to be made to last, or has been. Steps are counted through the process; at the one that the
/// environment names it ends at once, as by `kill -9`: nothing is closed, flushed or dropped.
pub fn durable_step(what: &str) {
    let Some(stop_at) = *STOP_AT else { return };
    let step = STEPS.fetch_add(1, Ordering::Relaxed) + 1;
    if step == stop_at {
        let _ = writeln!(std::io::stderr(), "stopped at step {step}: {what}");
        std::process::abort();
    }
}

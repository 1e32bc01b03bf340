//! Files and names that outlive a kill and a power cut, and the places where a test can end the process: before and after each
//! step that the disk keeps.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
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
        let _ = writeln!(io::stderr(), "stopped at step {step}: {what}");
        std::process::abort();
    }
}

/// Waits until the device has the names in a folder: without it a rename may be forgotten. The empty path is the working
/// directory.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    durable_step("before a folder is synced");
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

/// Gives a file or a folder, whose content the device has, another name, and waits until both parents have it.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    durable_step("before a rename");
    fs::rename(from, to)?;
    let (new, old) = (to.parent(), from.parent());
    new.into_iter().chain(old.filter(|_| old != new)).try_for_each(sync_folder)
}

/// Writes a file that does not exist yet, and waits until the device has its bytes. Its name lasts once its folder is synced.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    durable_step("an empty file is there");
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes a file aside (`.tmp` at the end of its name) and gives it its name: under `path` is the old file or the new one,
/// whole.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = path.with_added_extension("tmp");
    let mut file = File::create(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    rename(&aside, path)
}

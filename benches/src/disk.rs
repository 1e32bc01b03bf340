//! What lies on the disk.

use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of the files in a folder, or of a file; what goes while this looks counts as nothing.
pub fn bytes_below(path: &Path) -> u64 {
    let Ok(about) = fs::metadata(path) else { return 0 };
    if !about.is_dir() {
        return about.len();
    }
    let entries: Vec<PathBuf> =
        fs::read_dir(path).map(|all| all.flatten().map(|entry| entry.path()).collect()).unwrap_or_default();
    entries.iter().map(|entry| bytes_below(entry)).sum()
}

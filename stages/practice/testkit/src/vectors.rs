//! Where the public test vectors are.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The folder beside the workspace that people keep the vectors in. Looked for when a test runs, from the package that
/// cargo runs: several clones may share a target directory, and a path fixed when this crate was compiled would be that
/// of another one.
fn beside_workspace() -> Option<PathBuf> {
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?);
    let workspace = package.ancestors().find(|folder| folder.join("Cargo.lock").is_file())?;
    Some(workspace.join("../shared/data"))
}

/// The folder that `BLOCKMILL_VECTORS` names, else `../shared/data` beside the workspace; `None` where neither is a
/// folder.
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("BLOCKMILL_VECTORS").map(PathBuf::from);
    named.or_else(beside_workspace).filter(|folder| folder.is_dir())
}

/// A file or folder of the vectors; where it is missing, says on stderr that the test is skipped.
pub fn require(name: &str) -> Option<PathBuf> {
    let path = folder().map(|folder| folder.join(name)).filter(|path| path.exists());
    if path.is_none() {
        announce_skip(&format!(
            "the public vectors have no {name}; set BLOCKMILL_VECTORS (scripts/fetch_vectors.sh gets them)"
        ));
    }
    path
}

/// The files of `folder` and the folders below it whose name ends with one of `endings`, sorted by path.
pub fn files_below(folder: &Path, endings: &[&str]) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if ends_with_one_of(&path, endings) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn ends_with_one_of(path: &Path, endings: &[&str]) -> bool {
    let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    endings.iter().any(|ending| name.ends_with(ending))
}

/// Says on stderr that a test is skipped because the machine does not allow it, and why: elsewhere it runs, and CI passes.
#[expect(clippy::print_stderr, reason = "a test that did not run must be seen in the test log")]
pub fn announce_not_possible(reason: &str) {
    eprintln!("SKIPPED: {reason}");
}

/// Says on stderr that a test is skipped, and why.
///
/// # Panics
/// Where the variable `CI` is set: there a test that does not run has failed.
#[expect(clippy::print_stderr, reason = "a test that did not run must be seen in the test log")]
pub fn announce_skip(reason: &str) {
    eprintln!("SKIPPED: {reason}");
    assert!(std::env::var_os("CI").is_none(), "skipped in CI: {reason}");
}

//! `checksums_sha256.txt`: hash and name of every file of an archive, as servers of archives have it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use alloy::primitives::{B256, hex};
use blockmill_chain::durable;
use blockmill_source::{CHECKSUMS_WITH_NAMES, sha256_of};

use super::ArchiveError;

/// The list in a folder.
pub(super) struct ChecksumFile {
    path: PathBuf,
    by_name: BTreeMap<String, B256>,
}

impl ChecksumFile {
    /// Reads the list that is there, if one is. Lines that are none stay away: their files are written again.
    pub(super) fn open(folder: &Path) -> Result<Self, ArchiveError> {
        let path = folder.join(CHECKSUMS_WITH_NAMES);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            text => text.map_err(|e| ArchiveError::io(&path, e))?,
        };
        let entry = |line: &str| {
            let (hash, name) = line.split_once("  ")?;
            Some((name.to_owned(), hash.parse().ok()?))
        };
        Ok(Self { by_name: text.lines().filter_map(entry).collect(), path })
    }

    /// Whether the file is there and has the bytes that the list says.
    pub(super) fn has_whole(&self, name: &str, path: &Path) -> Result<bool, ArchiveError> {
        let Some(expected) = self.by_name.get(name).filter(|_| path.exists()) else { return Ok(false) };
        Ok(sha256_of(path, &mut |_| ()).map_err(|e| ArchiveError::io(path, e))? == *expected)
    }

    /// Lists a file instead of those that it takes the place of; the disk has the list afterwards.
    pub(super) fn set(&mut self, name: &str, sha256: B256, gone: &[PathBuf]) -> Result<(), ArchiveError> {
        self.by_name.insert(name.to_owned(), sha256);
        for name in gone.iter().filter_map(|path| path.file_name()?.to_str()) {
            self.by_name.remove(name);
        }
        let mut text = String::new();
        for (name, sha256) in &self.by_name {
            _ = writeln!(text, "{}  {name}", hex::encode(sha256));
        }
        durable::replace(&self.path, text.as_bytes()).map_err(|e| ArchiveError::io(&self.path, e))
    }
}

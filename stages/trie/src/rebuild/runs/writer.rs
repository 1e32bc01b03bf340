//! Writes a run: aside, and under its name only when it is whole.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use blockmill_chain::durable_step;

use super::block::{self, BLOCK_BYTES, HEAD_BYTES, MAX_ROW_BYTES};
use super::footer::{self, Footer};
use crate::rebuild::error::RebuildError;
use crate::rebuild::kind::{Entry, Kind};

/// What the names of unfinished files end with.
pub(super) const ASIDE: &str = "tmp";

/// A run that is being written. Dropped, it leaves a file that is swept.
pub(super) struct RunWriter<K: Kind> {
    path: PathBuf,
    aside: PathBuf,
    file: File,
    /// A block from its head on, which is filled in when it is full.
    block: Vec<u8>,
    /// The key before, in the same block.
    before: Option<K::Key>,
    rows: u64,
    blocks: u64,
}

impl<K: Kind> RunWriter<K> {
    pub(super) fn create(path: PathBuf) -> Result<Self, RebuildError> {
        let aside = path.with_extension(ASIDE);
        let file = File::create(&aside).map_err(RebuildError::io("create", &aside))?;
        let mut block = Vec::with_capacity(BLOCK_BYTES);
        block.resize(HEAD_BYTES, 0);
        Ok(Self { path, aside, file, block, before: None, rows: 0, blocks: 0 })
    }

    /// Adds a row; they come in the order of their keys.
    pub(super) fn push(&mut self, entry: &Entry<K>) -> Result<(), RebuildError> {
        if self.block.len() + MAX_ROW_BYTES > BLOCK_BYTES {
            self.end_block()?;
        }
        block::put_row::<K>(&mut self.block, self.before.as_ref(), entry);
        self.before = Some(entry.0);
        self.rows += 1;
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), RebuildError> {
        let (head, rows) = self.block.split_at_mut(HEAD_BYTES);
        let length = u32::try_from(rows.len()).expect("a block is a few kilobytes");
        head[..4].copy_from_slice(&length.to_le_bytes());
        head[4..].copy_from_slice(&block::checksum(self.blocks, rows).to_le_bytes());
        self.file.write_all(&self.block).map_err(RebuildError::io("write", &self.aside))?;
        self.block.truncate(HEAD_BYTES);
        self.before = None;
        self.blocks += 1;
        Ok(())
    }

    /// Makes the run durable under its name. `from` and `next` are the plain keys between which it was read.
    pub(super) fn seal(
        mut self,
        state: u64,
        from: K::Key,
        next: Option<K::Key>,
    ) -> Result<Footer<K::Key>, RebuildError> {
        if self.before.is_some() {
            self.end_block()?;
        }
        let footer = Footer { state, rows: self.rows, blocks: self.blocks, from, next };
        let bytes = footer::encode::<K>(&footer);
        self.file
            .write_all(&bytes)
            .and_then(|()| self.file.sync_all())
            .map_err(RebuildError::io("write", &self.aside))?;
        durable_step("before a sorted run gets its name");
        fs::rename(&self.aside, &self.path).map_err(RebuildError::io("rename", &self.aside))?;
        sync_folder_of(&self.path)?;
        Ok(footer)
    }
}

/// Waits until the device has the name.
fn sync_folder_of(path: &Path) -> Result<(), RebuildError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(RebuildError::io("sync", folder))
}

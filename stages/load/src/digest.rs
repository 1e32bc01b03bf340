//! The digest of loaded rows, computed anew.

use std::path::Path;

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_spill::{SpillError, digest_file};

use crate::create;
use crate::database::Database;
use crate::error::LoadError;
use crate::loaded::LoadedUnit;
use crate::query::{identifier, path_text, quoted};

impl Database {
    /// The tables whose rows of a loaded unit are not those that were extracted.
    pub fn changed_rows(&self, unit: &LoadedUnit, scratch: &Path) -> Result<Vec<Dataset>, LoadError> {
        let mut changed = Vec::new();
        for segment in &unit.segments {
            let digest = match self.digest(segment.dataset, unit.range, scratch) {
                // The columns are not those that were extracted.
                Err(LoadError::Digest { source, .. }) if matches!(*source, SpillError::Digest { .. }) => None,
                digest => Some(digest?),
            };
            if digest != Some(segment.digest) {
                changed.push(segment.dataset);
            }
        }
        Ok(changed)
    }

    /// The digest of a table's rows of these blocks: where they are what was loaded, that in `_loaded`. The rows are
    /// written to the file `scratch` on the way, which is then removed.
    pub fn digest(&self, dataset: Dataset, range: BlockRange, scratch: &Path) -> Result<[u8; 32], LoadError> {
        let statement = format!(
            "COPY (SELECT * FROM {} WHERE block_number >= {} AND block_number < {}) TO {} (FORMAT parquet, COMPRESSION lz4)",
            identifier(dataset.name()),
            range.start,
            range.end,
            quoted(path_text(scratch)?),
        );
        let failed = self.failed(&format!("read blocks {range} of {dataset}"));
        let digest = self.connection()?.execute(&statement, []).map_err(failed).and_then(|_| {
            digest_file(scratch, dataset, range)
                .map_err(|source| LoadError::Digest { path: self.path().into(), source: Box::new(source) })
        });
        // Also where it was written in part: why that was matters more than what becomes of it.
        let removed = create::remove_leftover(scratch);
        let digest = digest?;
        removed.map(|()| digest)
    }
}

//! Tables out of the database into Parquet files that any engine reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;

use crate::create;
use crate::database::Database;
use crate::disk;
use crate::error::LoadError;
use crate::query::{identifier, path_text, quoted};

/// What an export wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportStats {
    /// Files.
    pub files: u64,
    /// Rows in them.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The column that the name of a folder gives to its rows: hive's way, `first_block=100000`.
const PARTITION: &str = "first_block";

impl Database {
    /// Writes a table below `folder` as `TABLE/first_block=B/rows.parquet`, a file for every `partition_blocks` blocks of
    /// which some are loaded. It may be one without rows: engines need a file to know the columns. Rows keep their order and columns their types: DECIMAL(38,0) and TIMESTAMP as such, BLOB as BYTE_ARRAY,
    /// unsigned integers as unsigned, ENUM as text.
    ///
    /// A file has its name only when it is whole; one from before is replaced.
    pub fn export(
        &self,
        dataset: Dataset,
        folder: &Path,
        partition_blocks: u64,
    ) -> Result<ExportStats, LoadError> {
        let mut stats = ExportStats::default();
        let width = partition_blocks.max(1);
        for partition in self.partitions(dataset, width)? {
            let first = partition * width;
            let range = BlockRange::new(first, first.saturating_add(width));
            let place = folder.join(dataset.name()).join(format!("{PARTITION}={first}"));
            stats.files += 1;
            stats.rows += self.export_range(dataset, range, &place)?;
            stats.bytes += disk::file_bytes(&place.join(FILE));
        }
        Ok(stats)
    }

    /// The partitions that units of a table lie in: single blocks leave wide gaps.
    fn partitions(&self, dataset: Dataset, width: u64) -> Result<BTreeSet<u64>, LoadError> {
        let units = self.loaded()?;
        let of = units.iter().filter(|unit| unit.segments.iter().any(|segment| segment.dataset == dataset));
        Ok(of.flat_map(|unit| unit.range.start / width..unit.range.end.div_ceil(width)).collect())
    }

    fn export_range(&self, dataset: Dataset, range: BlockRange, place: &Path) -> Result<u64, LoadError> {
        fs::create_dir_all(place).map_err(io("create", place))?;
        let (aside, file) = (place.join(ASIDE), place.join(FILE));
        let statement = format!(
            "COPY (SELECT * FROM {} WHERE block_number >= {} AND block_number < {}) TO {} (FORMAT parquet, COMPRESSION zstd)",
            identifier(dataset.name()),
            range.start,
            range.end,
            quoted(path_text(&aside)?),
        );
        let failed = self.failed(&format!("export blocks {range} of {dataset} to {}", aside.display()));
        let rows = self.connection()?.execute(&statement, []).map_err(failed)? as u64;
        create::rename(&aside, &file).map_err(io("rename", &aside))?;
        Ok(rows)
    }
}

const FILE: &str = "rows.parquet";
const ASIDE: &str = "rows.parquet.partial";

fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> LoadError + use<> {
    let path: PathBuf = path.to_path_buf();
    move |source| LoadError::Io { doing, path, source }
}

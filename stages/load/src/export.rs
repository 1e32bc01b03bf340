//! Tables out of the database into Parquet files that any engine reads.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_schemas::sql::derivations;

use crate::database::Database;
use crate::disk;
use crate::error::LoadError;
use crate::export_folder::{ExportFolder, PARTITION};
use crate::query::{identifier, path_text, quoted};

/// A table that can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportTable {
    /// A loaded one: a file for so many blocks.
    Loaded(Dataset),
    /// A derived one, by its name: one file.
    Derived(&'static str),
}

impl ExportTable {
    /// Every table that a database can have.
    pub fn all() -> impl Iterator<Item = Self> {
        let derived = derivations().map(|derivation| Self::Derived(derivation.name()));
        Dataset::ALL.into_iter().map(Self::Loaded).chain(derived)
    }

    /// The name of the table, which also names its folder.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Loaded(dataset) => dataset.name(),
            Self::Derived(name) => name,
        }
    }
}

impl fmt::Display for ExportTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What an export wrote of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportStats {
    /// Number of files.
    pub files: u64,
    /// Number of rows in all files.
    pub rows: u64,
    /// Bytes of all files.
    pub bytes: u64,
}

/// An export under way. Its tables are written aside, one after the other; [`publish`](Self::publish) then puts them in the
/// place of what earlier exports left. Until then a reader of the folder sees the earlier export, and no part of this one.
#[derive(Debug)]
pub struct Export<'a> {
    database: &'a Database,
    folder: ExportFolder,
    partition_blocks: u64,
}

impl Database {
    /// Begins an export into `folder`, which is made where it does not exist and is locked until the export ends. A file
    /// holds `partition_blocks` blocks.
    pub fn export(&self, folder: &Path, partition_blocks: u64) -> Result<Export<'_>, LoadError> {
        let folder = ExportFolder::open(folder)?;
        Ok(Export { database: self, folder, partition_blocks: partition_blocks.max(1) })
    }

    /// The tables that can be exported: those that were loaded, with rows or without, and the derived ones that were made.
    pub fn exportable(&self) -> Result<Vec<ExportTable>, LoadError> {
        let loaded = self.loaded_datasets()?;
        let mut tables = Vec::new();
        for table in ExportTable::all() {
            let is_there = match table {
                ExportTable::Loaded(dataset) => loaded.contains(&dataset),
                ExportTable::Derived(name) => self.derived_end(name)?.is_some(),
            };
            tables.extend(is_there.then_some(table));
        }
        Ok(tables)
    }
}

impl Export<'_> {
    /// Writes a table aside. A loaded one becomes `TABLE/first_block=B/rows-DIGEST.parquet`, a file for every partition of
    /// which some blocks are loaded; it may be one without rows: engines need a file to know the columns. A derived one
    /// becomes `TABLE/rows-DIGEST.parquet`. Rows keep their order and columns their types: DECIMAL(38,0) and TIMESTAMP as
    /// such, BLOB as BYTE_ARRAY, unsigned integers as unsigned, ENUM as text.
    pub fn write(&self, table: ExportTable) -> Result<ExportStats, LoadError> {
        // What was written is of no use to anybody, and may be what fills the disk.
        self.written(table).inspect_err(|_| _ = self.folder.sweep())
    }

    fn written(&self, table: ExportTable) -> Result<ExportStats, LoadError> {
        self.folder.require_free(table.name())?;
        let mut stats = ExportStats::default();
        let select = format!("SELECT * FROM {}", identifier(table.name()));
        match table {
            ExportTable::Derived(name) => self.file(&mut stats, name, Path::new(name), &select)?,
            ExportTable::Loaded(dataset) => {
                for partition in self.partitions(dataset)? {
                    let first = partition * self.partition_blocks;
                    let range = BlockRange::new(first, first.saturating_add(self.partition_blocks));
                    let place = Path::new(dataset.name()).join(format!("{PARTITION}{first}"));
                    let (start, end) = (range.start, range.end);
                    let select = format!("{select} WHERE block_number >= {start} AND block_number < {end}");
                    self.file(&mut stats, &format!("blocks {range} of {dataset}"), &place, &select)?;
                }
            }
        }
        Ok(stats)
    }

    /// The partitions that units of a table lie in: single blocks leave wide gaps.
    fn partitions(&self, dataset: Dataset) -> Result<BTreeSet<u64>, LoadError> {
        let width = self.partition_blocks;
        let units = self.database.loaded()?;
        let of = units.iter().filter(|unit| unit.segments.iter().any(|segment| segment.dataset == dataset));
        Ok(of.flat_map(|unit| unit.range.start / width..unit.range.end.div_ceil(width)).collect())
    }

    fn file(&self, stats: &mut ExportStats, what: &str, place: &Path, select: &str) -> Result<(), LoadError> {
        let aside = self.folder.aside(place)?;
        let statement = format!(
            "COPY ({select}) TO {} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)",
            quoted(path_text(&aside)?),
        );
        let failed = self.database.failed(&format!("export {what} to {}", aside.display()));
        stats.rows += self.database.connection()?.execute(&statement, []).map_err(failed)? as u64;
        stats.files += 1;
        stats.bytes += disk::file_bytes(&self.folder.seal(&aside)?);
        Ok(())
    }

    /// Puts what was written in the place of what earlier exports left, of tables that are not written this time too; what
    /// export did not write stays where it is. Returns the tables that are gone.
    pub fn publish(self) -> Result<Vec<ExportTable>, LoadError> {
        let mut removed = Vec::new();
        for table in ExportTable::all() {
            if self.folder.publish(table.name())? {
                removed.push(table);
            }
        }
        self.folder.finish()?;
        Ok(removed)
    }
}

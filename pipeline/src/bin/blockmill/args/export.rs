//! The arguments of `export`.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr;

use blockmill_pipeline::RunError;
use clap::{Args, ValueEnum};

use super::values::TableList;
use super::{DatabaseArgs, MachineArgs};

const EXAMPLES: &str = "\
Examples:
  blockmill export ./parquet
  blockmill export ./parquet --datasets logs,erc20_transfers \\
      --partition blocks=1000000

  blockmill export ./archive --format ere
  blockmill export state.jsonl --format state

A table is a folder, and a range of blocks a folder in it, in hive's way; a derived
table is one file in its folder:
  SELECT * FROM read_parquet('parquet/logs/**/*.parquet') -- DuckDB
  pl.scan_parquet('parquet/logs')                         -- Polars
  spark.read.parquet('parquet/logs')                      -- Spark

The folder of a table holds the files of the last export that came to its end, and
no others: with another --partition, fewer tables or after 'unwind' too, the files
of earlier exports are gone. A new export is written aside, in the hidden folder
.parquet.blockmill-export beside ./parquet, and takes its place at the end: each
table's folder in one step, one table after the other within a moment. Who reads
sees a table as it was or as it is, and no row twice. A reader that listed the old
files and opens them later finds them missing, and has to read again; one that is
listing the partitions at that very moment may find only some of the new ones. An
export that is killed changes nothing before that moment; run it again. While it
runs, both exports take space. Files that export did not write are never removed.

An archive holds the blocks of the store: headers, bodies, and receipts where the
tables 'transactions' and 'logs' have them; files without receipts say so in their
names. Every block is checked against its header. checksums_sha256.txt lists the
files; the same chain gives the same bytes. Interrupted, it goes on when it is run
again. 'blockmill rebuild --source ./archive' reads it.

A state is every account and slot after the last executed block, as JSON, a line for
each account: 'blockmill rebuild --state FILE --state-block N' starts from it.";

/// The arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExportArgs {
    /// Folder to write to, or for a state the file; created where it does not exist. Tables and archives of earlier exports
    /// give way to this one
    #[arg(value_name = "PATH")]
    pub(crate) target: PathBuf,

    #[command(flatten)]
    pub(crate) place: DatabaseArgs,

    /// Tables to write, derived ones too: names with commas between them [default: all that were loaded or derived]
    #[arg(long, visible_alias = "tables", value_name = "LIST")]
    pub(crate) datasets: Option<TableList>,

    /// How loaded tables are split into files: one for so many blocks [default: blocks=100000]
    #[arg(long, value_name = "blocks=N")]
    pub(crate) partition: Option<Partition>,

    /// What to write: the tables as Parquet, or the chain in the store as an archive, or its state
    #[arg(long, value_enum, default_value_t = Format::Parquet)]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

/// What is exported, and in which format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables: Apache Parquet, compressed with zstd
    Parquet,
    /// Blocks: ere files, 8,192 blocks each, which geth, reth, nethermind and nimbus read too
    Ere,
    /// The state at the head, as reth's init-state reads it: PATH is a file
    State,
}

/// How tables are split into files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Blocks in a file.
    pub(crate) blocks: NonZeroU64,
}

impl ExportArgs {
    /// Refuses what goes with tables only.
    pub(crate) fn refuse_table_arguments(&self) -> Result<(), RunError> {
        match self.datasets.is_some() || self.partition.is_some() {
            true => Err(RunError::Usage(
                "--datasets and --partition are about tables: they go with --format parquet".into(),
            )),
            false => Ok(()),
        }
    }

    /// How tables are split into files, with the default filled in.
    pub(crate) fn partition(&self) -> Partition {
        const BLOCKS: NonZeroU64 = NonZeroU64::new(100_000).expect("it is not zero");
        self.partition.unwrap_or(Partition { blocks: BLOCKS })
    }
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_prefix("blocks=").and_then(|number| number.parse().ok());
        let blocks = number.ok_or("write blocks=N, the number of blocks in a file")?;
        Ok(Self { blocks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_a_number_of_blocks() {
        let blocks = |text: &str| text.parse::<Partition>().map(|partition| partition.blocks.get());
        assert_eq!(blocks("blocks=100000"), Ok(100_000));
        for wrong in ["100000", "blocks=0", "blocks=", "blocks=-1", "days=1"] {
            assert!(blocks(wrong).is_err(), "{wrong}");
        }
    }
}

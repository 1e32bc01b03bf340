//! What lies in the Parquet files.

use std::fs::File;
use std::path::Path;

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_spill::{SpillDir, TableDigest, UnitWriter};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, Encoding};
use parquet::file::metadata::ParquetMetaData;

use crate::rows::{BUDGET_BYTES, logs, transactions};

const RANGE: BlockRange = BlockRange { start: 0, end: 100 };

fn read(path: &Path) -> (ParquetMetaData, RecordBatch) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let metadata = reader.metadata().as_ref().clone();
    let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
    (metadata, concat_batches(&batches[0].schema(), &batches).unwrap())
}

#[test]
fn rows_are_read_back_as_they_were_written_with_the_same_digest() {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    let written = [(Dataset::Transactions, transactions(300)), (Dataset::Logs, logs(3000))];
    let mut writer =
        UnitWriter::create(&spill, RANGE, &[Dataset::Logs, Dataset::Transactions], BUDGET_BYTES).unwrap();
    for (dataset, batch) in &written {
        for start in (0..batch.num_rows()).step_by(97) {
            writer.write(*dataset, &batch.slice(start, 97.min(batch.num_rows() - start))).unwrap();
        }
    }
    let unit = writer.seal().unwrap();
    for (dataset, batch) in &written {
        let (_, found) = read(&spill.path(&unit, *dataset).unwrap());
        assert_eq!(found.columns(), batch.columns(), "{dataset}");
        let mut digest = TableDigest::new(dataset.name(), &found.schema());
        digest.update(&found).unwrap();
        assert_eq!(digest.finish(), unit.segment(*dataset).unwrap().digest);
    }
    spill.check(&unit).unwrap();
}

#[test]
fn row_groups_are_those_of_duckdb() {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    let mut writer = UnitWriter::create(&spill, RANGE, &[Dataset::Logs], BUDGET_BYTES).unwrap();
    let batch = logs(50_000);
    // More bytes in all than end a group by themselves.
    assert!(batch.get_array_memory_size() * 10 > 64 << 20);
    for _ in 0..10 {
        writer.write(Dataset::Logs, &batch).unwrap();
    }
    let unit = writer.seal().unwrap();
    let (metadata, _) = read(&spill.path(&unit, Dataset::Logs).unwrap());
    let groups: Vec<_> = metadata.row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(groups, [122_880, 122_880, 122_880, 122_880, 8_480]);
}

#[test]
fn memory_stays_within_the_budget_whatever_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    let budget_bytes = 256 << 10;
    let datasets = [Dataset::Logs, Dataset::Transactions];
    let mut writer = UnitWriter::create(&spill, RANGE, &datasets, budget_bytes).unwrap();
    for _ in 0..40 {
        writer.write(Dataset::Logs, &logs(500)).unwrap();
        writer.write(Dataset::Transactions, &transactions(50)).unwrap();
        assert!(writer.memory_bytes() <= budget_bytes, "{} bytes", writer.memory_bytes());
    }
    let unit = writer.seal().unwrap();
    let (metadata, rows) = read(&spill.path(&unit, Dataset::Logs).unwrap());
    assert!(metadata.num_row_groups() > 1, "row groups end early");
    assert_eq!(rows.num_rows(), 20_000);
    spill.check(&unit).unwrap();
}

#[test]
fn a_batch_above_the_budget_is_written_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    let mut writer = UnitWriter::create(&spill, RANGE, &[Dataset::Logs], 1).unwrap();
    for _ in 0..3 {
        writer.write(Dataset::Logs, &logs(100)).unwrap();
        assert_eq!(writer.memory_bytes(), 0);
    }
    assert_eq!(writer.seal().unwrap().rows(), 300);
}

#[test]
fn byte_strings_have_no_dictionary_and_everything_is_compressed_and_has_statistics() {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    let mut writer = UnitWriter::create(&spill, RANGE, &[Dataset::Transactions], BUDGET_BYTES).unwrap();
    writer.write(Dataset::Transactions, &transactions(1000)).unwrap();
    let unit = writer.seal().unwrap();
    let (metadata, _) = read(&spill.path(&unit, Dataset::Transactions).unwrap());
    let mut with_dictionary = Vec::new();
    for column in metadata.row_group(0).columns() {
        assert_eq!(column.compression(), Compression::LZ4_RAW);
        assert!(column.statistics().is_some(), "{}", column.column_path());
        if column.encodings().any(|encoding| encoding == Encoding::RLE_DICTIONARY) {
            with_dictionary.push(column.column_path().parts()[0].clone());
        }
    }
    for bytes in ["transaction_hash", "from_address", "input", "blob_versioned_hashes", "value", "value_u256"]
    {
        assert!(!with_dictionary.contains(&bytes.to_owned()), "{bytes}");
    }
    for repeating in ["block_number", "gas_limit", "transaction_type"] {
        assert!(with_dictionary.contains(&repeating.to_owned()), "{repeating}");
    }
}

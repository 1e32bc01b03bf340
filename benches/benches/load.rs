//! Rows of the default datasets into DuckDB, two threads, each time into a new database: sealed units through our loader,
//! and beside it DuckDB by hand, reading the same Parquet into the same tables. A run ends with a checkpoint: everything
//! is in the file. For the table of logs the appender, too, which is given rows that are in memory already.
//!
//! The units are the 46 real blocks again and again, as the load stage is given them: several in one transaction.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use arrow::array::{Array, AsArray};
use arrow::datatypes::{UInt32Type, UInt64Type};
use arrow::record_batch::RecordBatch;
use blockmill_benches::{Amount, Comparison, Extraction, RealBlocks, Replay, is_smoke_test};
use blockmill_chain::BlockRange;
use blockmill_load::{Database, LoadOptions};
use blockmill_schemas::Dataset;
use blockmill_spill::{SpillDir, Unit};
use criterion::{Criterion, criterion_group, criterion_main};
use duckdb::{Appender, Config, Connection};
use tempfile::TempDir;

/// How often the 46 blocks are loaded: 1.1 million rows.
const UNITS: u64 = 8;
const THREADS: usize = 2;
const MEMORY_BYTES: u64 = 2 << 30;

/// Units of some datasets.
struct Units {
    datasets: Vec<Dataset>,
    units: Vec<(Unit, PathBuf)>,
    _folder: TempDir,
}

impl Units {
    fn make(extraction: &Extraction<'_>, datasets: Vec<Dataset>) -> Result<Self, Box<dyn Error>> {
        let folder = TempDir::new()?;
        let spill = SpillDir::open(folder.path())?;
        let count = if is_smoke_test() { 1 } else { UNITS };
        let unit = |number| {
            let range = BlockRange::new(number, number + 1);
            let unit = extraction.into_spill(&spill, range)?;
            Ok((unit, spill.folder(range)))
        };
        let units = (0..count).map(unit).collect::<Result<_, Box<dyn Error>>>()?;
        Ok(Self { datasets, units, _folder: folder })
    }

    fn rows(&self) -> u64 {
        self.units.iter().map(|(unit, _)| unit.rows()).sum()
    }

    /// The Parquet files of a dataset as an SQL list; `None` where there are none.
    fn files(&self, dataset: Dataset) -> Option<String> {
        let segments = self.units.iter().filter_map(|(unit, folder)| {
            let segment = unit.segment(dataset).filter(|segment| segment.rows > 0)?;
            Some(format!("'{}'", folder.join(&segment.file_name).display()))
        });
        let files: Vec<_> = segments.collect();
        (!files.is_empty()).then(|| files.join(", "))
    }
}

/// The time of `load` on a new file with our tables.
fn timed(load: impl FnOnce(&Path) -> Result<Duration, Box<dyn Error>>) -> Duration {
    let folder = TempDir::new().expect("there is a folder for temporary files");
    load(&folder.path().join("out.duckdb")).expect("DuckDB loads what was sealed")
}

fn loader(units: &Units, path: &Path) -> Result<Duration, Box<dyn Error>> {
    let temp_dir = path.with_extension("temp");
    let options = LoadOptions { memory_bytes: MEMORY_BYTES, threads: THREADS, temp_dir };
    let mut database = Database::open(path, &options)?;
    // As the last load of a run.
    database.begin_final_load(THREADS)?;
    let started = Instant::now();
    database.load(&units.units)?;
    database.finish()?;
    Ok(started.elapsed())
}

/// A connection with our settings and the tables of these datasets.
fn by_hand(units: &Units, path: &Path) -> Result<Connection, Box<dyn Error>> {
    let config = Config::default()
        .threads(THREADS as i64)?
        .max_memory(&format!("{MEMORY_BYTES}B"))?
        .with("enable_external_file_cache", "false")?;
    let connection = Connection::open_with_flags(path, config)?;
    units.datasets.iter().try_for_each(|dataset| connection.execute_batch(dataset.ddl()))?;
    Ok(connection)
}

/// Runs one statement for each dataset that has files, all in one transaction.
fn with_statements(
    units: &Units,
    path: &Path,
    statement: impl Fn(Dataset, &str) -> String,
) -> Result<Duration, Box<dyn Error>> {
    let connection = by_hand(units, path)?;
    let started = Instant::now();
    connection.execute_batch("BEGIN")?;
    for dataset in &units.datasets {
        if let Some(files) = units.files(*dataset) {
            connection.execute_batch(&statement(*dataset, &files))?;
        }
    }
    connection.execute_batch("COMMIT; CHECKPOINT")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(started.elapsed())
}

fn insert(units: &Units, path: &Path) -> Result<Duration, Box<dyn Error>> {
    with_statements(units, path, |dataset, files| {
        format!("INSERT INTO {dataset} SELECT * FROM read_parquet([{files}])")
    })
}

fn copy(units: &Units, path: &Path) -> Result<Duration, Box<dyn Error>> {
    with_statements(units, path, |dataset, files| {
        let copy = |file| format!("COPY {dataset} FROM {file} (FORMAT parquet)");
        files.split(", ").map(copy).collect::<Vec<_>>().join("; ")
    })
}

/// Appends the same logs as often as there are units.
fn append(units: &Units, logs: &[RecordBatch], path: &Path) -> Result<Duration, Box<dyn Error>> {
    let connection = by_hand(units, path)?;
    let started = Instant::now();
    connection.execute_batch("BEGIN")?;
    let mut appender = connection.appender(Dataset::Logs.name())?;
    for batch in (0..units.units.len()).flat_map(|_| logs) {
        append_batch(&mut appender, batch)?;
    }
    appender.flush()?;
    drop(appender);
    connection.execute_batch("COMMIT; CHECKPOINT")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(started.elapsed())
}

fn append_batch(appender: &mut Appender<'_>, batch: &RecordBatch) -> duckdb::Result<()> {
    let numbers = batch.column(0).as_primitive::<UInt64Type>();
    let [transactions, logs] = [1, 2].map(|column| batch.column(column).as_primitive::<UInt32Type>());
    let fixed = [3, 4, 5, 6, 7].map(|column| batch.column(column).as_fixed_size_binary());
    let data = batch.column(8).as_binary::<i32>();
    for row in 0..batch.num_rows() {
        let [address, topic0, topic1, topic2, topic3] =
            fixed.map(|values| values.is_valid(row).then(|| values.value(row)));
        let place = (numbers.value(row), transactions.value(row), logs.value(row));
        let data = data.value(row);
        appender.append_row((place.0, place.1, place.2, address, topic0, topic1, topic2, topic3, data))?;
    }
    Ok(())
}

fn load(criterion: &mut Criterion) {
    let Some(blocks) = RealBlocks::read().expect("the vectors can be read") else { return };
    let replay = Replay::of_real(&blocks);
    let units = |datasets: Vec<Dataset>| {
        let extraction = Extraction::new(&blocks, replay.cache(), datasets.clone());
        Units::make(&extraction, datasets).expect("the vectors are valid")
    };
    let all = units(Dataset::defaults().collect());
    let amount = Amount::Of(all.rows(), "rows");
    Comparison::new("load")
        .timed("insert_by_hand", amount, || timed(|path| insert(&all, path)))
        .timed("loader", amount, || timed(|path| loader(&all, path)))
        .timed("copy_by_hand", amount, || timed(|path| copy(&all, path)))
        .run(criterion)
        .print();
    let logs = units(vec![Dataset::Logs]);
    let batches = Extraction::new(&blocks, replay.cache(), vec![Dataset::Logs]).batches();
    let batches: Vec<_> =
        batches.expect("the vectors are valid").into_iter().map(|(_, batch)| batch).collect();
    let amount = Amount::Of(logs.rows(), "rows");
    Comparison::new("load_logs")
        .timed("insert_by_hand", amount, || timed(|path| insert(&logs, path)))
        .timed("loader", amount, || timed(|path| loader(&logs, path)))
        .timed("appender", amount, || timed(|path| append(&logs, &batches, path)))
        .run(criterion)
        .print();
}

criterion_group!(benches, load);
criterion_main!(benches);

//! A database of the format as it was when it got its number, kept in `fixtures`: a change that the format number does not
//! tell of cannot read it any more.

use std::env;
use std::fs::File;
use std::io;

use blockmill_chain::BlockRange;
use blockmill_load::Verdict;
use flate2::Compression;
use flate2::write::{GzDecoder, GzEncoder};

use crate::Workbench;
use crate::verifying::{loaded, verify};

const FORMAT_1: &[u8] = include_bytes!("../../fixtures/v1.duckdb.gz");

#[test]
fn a_database_of_format_1_is_read_and_continued() {
    let bench = Workbench::new();
    let mut unpacked = GzDecoder::new(File::create(bench.database_path()).unwrap());
    io::Write::write_all(&mut unpacked, FORMAT_1).unwrap();
    unpacked.finish().unwrap();
    let mut database = bench.open();
    assert_eq!(database.meta("format").unwrap().as_deref(), Some("1"));
    let units = database.loaded().unwrap();
    let ranges: Vec<_> = units.iter().map(|unit| unit.range).collect();
    assert_eq!(ranges, [BlockRange::new(0, 3), BlockRange::new(3, 5)]);
    let scratch = bench.folder().join("digest.parquet");
    let datasets: Vec<_> = units[0].segments.iter().map(|segment| segment.dataset).collect();
    assert!(datasets.len() > 20, "{datasets:?}");
    for unit in &units {
        assert_eq!(database.changed_rows(unit, &scratch).unwrap(), [], "{}", unit.range);
    }
    // Datasets that came after it are not filled in it.
    let later = |missing: &[&str]| !datasets.iter().any(|dataset| missing.contains(&dataset.name()));
    for outcome in verify(&database) {
        match &outcome.verdict {
            Verdict::Holds => {}
            Verdict::Skipped { missing } if later(missing) => {}
            _ => panic!("{outcome:?}"),
        }
    }
    database.load(&[crate::chain::unit_of(bench.folder(), BlockRange::new(5, 6), &datasets, 0)]).unwrap();
    assert_eq!(database.checkpoint().unwrap(), Some(5));
}

/// `BLOCKMILL_FIXTURE` names the file, once for every format.
#[test]
#[ignore = "not a test: writes the fixture of a new format"]
fn write_a_fixture() {
    let Some(target) = env::var_os("BLOCKMILL_FIXTURE") else { return };
    let bench = Workbench::new();
    loaded(&bench).finish().unwrap();
    let mut packed = GzEncoder::new(File::create(target).unwrap(), Compression::best());
    io::copy(&mut File::open(bench.database_path()).unwrap(), &mut packed).unwrap();
    packed.finish().unwrap();
}

//! Damage is told, with the file that has it.

use std::fs;
use std::path::PathBuf;

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_spill::{SpillDir, SpillError, Unit};
use tempfile::TempDir;

use crate::rows::publish;

const RANGE: BlockRange = BlockRange { start: 0, end: 10 };

struct Published {
    _folder: TempDir,
    spill: SpillDir,
    unit: Unit,
    segment: PathBuf,
    manifest: PathBuf,
}

fn published() -> Published {
    let folder = tempfile::tempdir().unwrap();
    let spill = SpillDir::open(folder.path()).unwrap();
    let unit = publish(&spill, RANGE);
    let segment = spill.path(&unit, Dataset::Logs).unwrap();
    let manifest = spill.folder(RANGE).join("manifest.json");
    Published { _folder: folder, spill, unit, segment, manifest }
}

impl Published {
    /// The error after the manifest's text was changed.
    fn with_manifest(&self, change: impl Fn(&str) -> String) -> SpillError {
        let before = fs::read_to_string(&self.manifest).unwrap();
        let after = change(&before);
        assert_ne!(before, after, "nothing was changed");
        fs::write(&self.manifest, after).unwrap();
        let error = self.spill.units().unwrap_err();
        fs::write(&self.manifest, before).unwrap();
        assert!(error.to_string().contains("manifest.json"), "{error}");
        error
    }
}

#[test]
fn a_truncated_segment_is_an_error_with_both_lengths() {
    let it = published();
    let bytes = it.unit.bytes();
    fs::File::options().write(true).open(&it.segment).unwrap().set_len(bytes - 1).unwrap();
    match it.spill.units().unwrap_err() {
        SpillError::SegmentLength { path, expected, found } => {
            assert_eq!((path, expected, found), (it.segment, bytes, bytes - 1));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_missing_segment_is_an_error_with_its_name() {
    let it = published();
    fs::remove_file(&it.segment).unwrap();
    let error = it.spill.units().unwrap_err();
    assert!(matches!(&error, SpillError::SegmentMissing { path } if *path == it.segment), "{error}");
}

#[test]
fn a_segment_that_should_not_be_there_is_an_error() {
    let it = published();
    fs::write(it.spill.folder(RANGE).join("ommers.parquet"), "PAR1").unwrap();
    let error = it.spill.units().unwrap_err();
    assert!(matches!(error, SpillError::SegmentLength { expected: 0, found: 4, .. }), "{error}");
}

#[test]
fn a_flipped_bit_is_found_by_reading_again_wherever_it_is() {
    let it = published();
    let whole = fs::read(&it.segment).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(&it.segment, damaged).unwrap();
        let error = it.spill.check(&it.unit).unwrap_err();
        assert!(matches!(error, SpillError::SegmentDigest { what: "bytes", .. }), "byte {at}: {error}");
    }
    fs::write(&it.segment, whole).unwrap();
    it.spill.check(&it.unit).unwrap();
}

#[test]
fn rows_of_another_unit_are_found_by_reading_again() {
    let it = published();
    let mut other = it.unit.clone();
    other.segments[1].digest = other.segments[0].digest;
    let error = it.spill.check(&other).unwrap_err();
    assert!(
        matches!(&error, SpillError::SegmentDigest { path, what: "rows", .. } if *path == it.segment),
        "{error}"
    );
}

#[test]
fn a_manifest_of_another_unit_is_refused() {
    let it = published();
    let error = it.with_manifest(|text| text.replace("\"end_block\": 10", "\"end_block\": 11"));
    assert!(error.to_string().contains("blocks 0:11, the folder's name says 0:10"), "{error}");
}

#[test]
fn another_format_is_refused_by_its_number_even_where_its_fields_are_unknown() {
    let it = published();
    let error = it.with_manifest(|_| "{\"format\": 9, \"tables\": []}".into());
    assert!(matches!(error, SpillError::Format { found: 9, .. }), "{error}");
}

#[test]
fn a_manifest_that_is_not_one_is_refused_with_a_reason() {
    let it = published();
    let broken: [(&str, &str, &str); 6] = [
        ("{", "", "expected"),
        ("\"logs\"", "\"slogs\"", "no dataset called 'slogs'"),
        ("\"logs.parquet\"", "\"../logs.parquet\"", "not the file of 'logs'"),
        ("\"rows\": 10", "\"rows\": 0", "0 rows in"),
        ("\"digest\": \"", "\"digest\": \"zz", "a digest of 'ommers' cannot be read"),
        ("\"program_version\"", "\"programme_version\"", "unknown field"),
    ];
    for (from, to, reason) in broken {
        let error = it.with_manifest(|text| text.replacen(from, to, 1));
        assert!(matches!(error, SpillError::Manifest { .. }), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
    it.with_manifest(|text| text.replace("ommers", "logs"));
    it.with_manifest(|_| " ".repeat(2 << 20));
    it.with_manifest(|_| String::new());
}

#[test]
fn a_missing_manifest_is_an_error_with_its_path() {
    let it = published();
    fs::remove_file(&it.manifest).unwrap();
    let error = it.spill.units().unwrap_err();
    assert!(matches!(&error, SpillError::Io { path, .. } if *path == it.manifest), "{error}");
}

#[test]
fn strangers_and_overlaps_among_the_units_are_errors() {
    let it = published();
    let stranger = it.spill.folder(RANGE).with_file_name("0-10");
    fs::create_dir(&stranger).unwrap();
    let error = it.spill.units().unwrap_err();
    assert!(matches!(&error, SpillError::ForeignName { path } if *path == stranger), "{error}");
    fs::remove_dir(stranger).unwrap();
    publish(&it.spill, BlockRange::new(9, 12));
    let error = it.spill.units().unwrap_err();
    assert!(matches!(error, SpillError::Overlap { .. }), "{error}");
}

#[test]
fn a_manifest_with_another_digest_of_rows_is_refused() {
    let it = published();
    let digest = format!("{:02x}", it.unit.segments[0].digest[0]);
    let at = format!("\"digest\": \"{digest}");
    let other = if digest.starts_with('0') { "1" } else { "0" };
    let error = it.with_manifest(|text| text.replace(&at, &format!("\"digest\": \"{other}{}", &digest[1..])));
    assert!(error.to_string().contains("its manifest_digest is "), "{error}");
}

//! A sealed unit of the spill: its manifest, and whether its rows still have the digests that it names.

use std::path::Path;

use alloy::primitives::hex;
use blockmill_pipeline::ByteSize;
use blockmill_spill::{SpillDir, SpillError, Unit};

use super::CommandError;
use crate::text::{Align, TextTable, count, fields};

/// The lines of a unit.
pub(super) fn show(path: &Path) -> Result<Vec<String>, CommandError> {
    let no_unit = || CommandError::NoUnit { path: path.into() };
    let folder = path.canonicalize().map_err(|_| no_unit())?;
    let spill = folder.parent().and_then(Path::parent).ok_or_else(no_unit)?;
    let spill = SpillDir::open_read_only(spill);
    let unit = spill.units()?.into_iter().find(|unit| spill.folder(unit.range) == folder);
    let unit = unit.ok_or_else(no_unit)?;
    Ok(lines(&unit, &spill.check(&unit)))
}

fn lines(unit: &Unit, check: &Result<(), SpillError>) -> Vec<String> {
    let mut lines = fields(&[
        ("blocks", format!("{} (the end is exclusive)", unit.range)),
        ("made by", format!("blockmill {}, format {}", unit.program_version, unit.format)),
        ("rows", count(unit.rows())),
        ("bytes", ByteSize(unit.bytes()).to_string()),
        ("digests", check.as_ref().map_or_else(ToString::to_string, |()| "match the rows".to_owned())),
    ]);
    let right = Align::Right;
    let mut table = TextTable::new([
        ("dataset", Align::Left),
        ("rows", right),
        ("bytes", right),
        ("BLAKE3 digest", Align::Left),
    ]);
    for segment in &unit.segments {
        let bytes = ByteSize(segment.bytes).to_string();
        table.row([segment.dataset.to_string(), count(segment.rows), bytes, hex::encode(segment.digest)]);
    }
    lines.push(String::new());
    lines.extend(table.lines());
    lines
}

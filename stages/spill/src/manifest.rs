//! `manifest.json`: what a unit's folder must hold.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use blockmill_chain::{BlockRange, durable};
use blockmill_schemas::Dataset;
use serde::{Deserialize, Serialize};

use crate::error::SpillError;
use crate::name::{MANIFEST, segment_file};
use crate::unit::{FORMAT, Segment, Unit};

/// No manifest comes near this; a longer file is not one and is not read into memory.
const MANIFEST_MAX_BYTES: u64 = 1 << 20;

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: u32,
    program_version: String,
    start_block: u64,
    end_block: u64,
    segments: Vec<SegmentEntry>,
    /// BLAKE3 of this manifest as it is written with nothing here.
    manifest_digest: String,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SegmentEntry {
    dataset: String,
    file: String,
    rows: u64,
    bytes: u64,
    digest: String,
    file_digest: String,
}

/// The only field that every format has.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

/// Writes the manifest of a unit into its folder, durably.
pub(crate) fn write(folder: &Path, unit: &Unit) -> Result<(), SpillError> {
    let path = folder.join(MANIFEST);
    let failed = |e: serde_json::Error| SpillError::io("write", &path)(e.into());
    let mut manifest = Manifest::from(unit);
    manifest.manifest_digest = manifest.own_digest().map_err(failed)?;
    let mut json = serde_json::to_vec_pretty(&manifest).map_err(failed)?;
    json.push(b'\n');
    durable::write_new(&path, &json).map_err(SpillError::io("write", &path))
}

/// Reads the manifest in a unit's folder, and checks that it belongs there and that its files are there.
pub(crate) fn read(folder: &Path, range: BlockRange) -> Result<Unit, SpillError> {
    let path = folder.join(MANIFEST);
    let damaged = |reason: String| SpillError::Manifest { path: path.clone(), reason };
    let bytes = read_bounded(&path)?;
    let FormatOnly { format } = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
    if format != FORMAT {
        return Err(SpillError::Format { path, found: format });
    }
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
    let (own_digest, written) = (manifest.own_digest(), manifest.manifest_digest.clone());
    let own_digest = own_digest.map_err(|e| damaged(e.to_string()))?;
    let unit = manifest.into_unit().map_err(damaged)?;
    if unit.range != range {
        return Err(damaged(format!("it describes blocks {}, the folder's name says {range}", unit.range)));
    }
    if own_digest != written {
        return Err(damaged(format!("its manifest_digest is {written}, it should be {own_digest}")));
    }
    unit.segments.iter().try_for_each(|segment| check_file(folder, segment))?;
    Ok(unit)
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, SpillError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(SpillError::io("open", path))?;
    file.take(MANIFEST_MAX_BYTES).read_to_end(&mut bytes).map_err(SpillError::io("read", path))?;
    Ok(bytes)
}

fn check_file(folder: &Path, segment: &Segment) -> Result<(), SpillError> {
    let path = folder.join(&segment.file_name);
    let found = match std::fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && segment.rows == 0 => 0,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(SpillError::SegmentMissing { path });
        }
        Err(e) => return Err(SpillError::io("read", &path)(e)),
    };
    if found == segment.bytes {
        return Ok(());
    }
    Err(SpillError::SegmentLength { path, expected: segment.bytes, found })
}

impl From<&Unit> for Manifest {
    fn from(unit: &Unit) -> Self {
        let hex = |digest| blake3::Hash::from_bytes(digest).to_hex().to_string();
        let entry = |segment: &Segment| SegmentEntry {
            dataset: segment.dataset.name().to_owned(),
            file: segment.file_name.clone(),
            rows: segment.rows,
            bytes: segment.bytes,
            digest: hex(segment.digest),
            file_digest: hex(segment.file_digest),
        };
        Self {
            format: unit.format,
            program_version: unit.program_version.clone(),
            start_block: unit.range.start,
            end_block: unit.range.end,
            segments: unit.segments.iter().map(entry).collect(),
            manifest_digest: String::new(),
        }
    }
}

impl Manifest {
    fn own_digest(&self) -> Result<String, serde_json::Error> {
        let bare = Self { manifest_digest: String::new(), ..self.clone() };
        Ok(blake3::hash(&serde_json::to_vec_pretty(&bare)?).to_hex().to_string())
    }

    fn into_unit(self) -> Result<Unit, String> {
        let segments =
            self.segments.into_iter().map(SegmentEntry::into_segment).collect::<Result<Vec<_>, _>>()?;
        if !segments.is_sorted_by(|a, b| a.dataset < b.dataset) {
            return Err("its datasets are not in order, each once".into());
        }
        Ok(Unit {
            range: BlockRange::new(self.start_block, self.end_block),
            segments,
            format: self.format,
            program_version: self.program_version,
        })
    }
}

impl SegmentEntry {
    fn into_segment(self) -> Result<Segment, String> {
        let dataset = Dataset::by_name(&self.dataset)
            .ok_or_else(|| format!("there is no dataset called '{}'", self.dataset))?;
        if self.file != segment_file(dataset) {
            return Err(format!("'{}' is not the file of '{dataset}'", self.file));
        }
        if (self.rows == 0) != (self.bytes == 0) {
            return Err(format!("'{dataset}' has {} rows in {} bytes", self.rows, self.bytes));
        }
        let digest = |hex: &str| match blake3::Hash::from_hex(hex) {
            Ok(digest) => Ok(digest.into()),
            Err(e) => Err(format!("a digest of '{dataset}' cannot be read: {e}")),
        };
        Ok(Segment {
            dataset,
            rows: self.rows,
            bytes: self.bytes,
            digest: digest(&self.digest)?,
            file_digest: digest(&self.file_digest)?,
            file_name: self.file,
        })
    }
}

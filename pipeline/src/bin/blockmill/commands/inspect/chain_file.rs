//! Chain files: what kind they are and which blocks they hold. They are walked over, not checked.

use std::path::Path;

use blockmill_chain::{ChainSpec, KnownChain, Progress};
use blockmill_pipeline::{ByteSize, ExitCode};
use blockmill_source::{Checksums, FileSummary, Source, chain_files};

use super::CommandError;
use crate::monitor::{self, LogFormat, ProgressGauge, Unit};
use crate::text::{Align, TextTable, count};

/// The lines of a file, or of the files of a folder.
pub(super) fn show(path: &Path) -> Result<Vec<String>, CommandError> {
    // Which chain it is matters to the checks of a rebuild only.
    let source = Source::open(&[path.to_path_buf()], &ChainSpec::known(KnownChain::Mainnet))?;
    let mut lines: Vec<String> = table(source.files()).lines().collect();
    lines.extend(source.notes().iter().cloned());
    Ok(lines)
}

/// Verifies the checksums of a file, or of the files of a folder: lines about those that have none or another, and whether all
/// are as they are listed.
pub(super) fn verify(path: &Path, format: LogFormat) -> Result<(Vec<String>, ExitCode), CommandError> {
    let files = chain_files(path)?;
    let total = files.iter().map(|file| file.metadata().map_or(0, |metadata| metadata.len())).sum();
    let mut gauge = ProgressGauge::new(monitor::console(format), "sha256", Unit::Bytes, total);
    let (mut checksums, mut lines, mut code, mut right) =
        (Checksums::default(), Vec::new(), ExitCode::Done, 0);
    for file in &files {
        let mut read = |bytes| gauge.add(Progress { bytes, ..Progress::default() });
        match checksums.verify(file, &mut read) {
            Ok(()) => right += 1,
            Err(error) => {
                let is_other = error.is_verification();
                lines.push(format!("{} {error}", if is_other { "DIFFERS " } else { "FAILED  " }));
                code = if is_other || code == ExitCode::NotVerified {
                    ExitCode::NotVerified
                } else {
                    ExitCode::Failed
                };
            }
        }
    }
    gauge.finish();
    let all = count(files.len() as u64);
    lines.push(format!(
        "{} of {all} files ({}) have the SHA-256 that is listed",
        count(right),
        ByteSize(total)
    ));
    Ok((lines, code))
}

fn table(files: &[FileSummary]) -> TextTable {
    let right = Align::Right;
    let mut table = TextTable::new([
        ("first block", right),
        ("last block", right),
        ("blocks", right),
        ("size", right),
        ("file", Align::Left),
    ]);
    for file in files {
        table.row([
            count(file.first),
            count(file.last),
            count(file.blocks),
            ByteSize(file.bytes).to_string(),
            format!("{} ({})", file.path.display(), file.kind),
        ]);
    }
    table
}

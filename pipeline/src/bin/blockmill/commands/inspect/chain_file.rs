//! Chain files: what kind they are and which blocks they hold. They are walked over, not checked.

use std::path::Path;

use blockmill_chain::{ChainSpec, KnownChain};
use blockmill_pipeline::ByteSize;
use blockmill_source::{FileSummary, Source};

use super::CommandError;
use crate::text::{Align, TextTable, count};

/// The lines of a file, or of the files of a folder.
pub(super) fn show(path: &Path) -> Result<Vec<String>, CommandError> {
    // Which chain it is matters to the checks of a rebuild only.
    let source = Source::open(&[path.to_path_buf()], &ChainSpec::known(KnownChain::Mainnet))?;
    let mut lines: Vec<String> = table(source.files()).lines().collect();
    lines.extend(source.notes().iter().cloned());
    Ok(lines)
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

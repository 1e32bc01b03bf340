//! The folder `mainnet-blocks`: real blocks with their pre-state, one `NUMBER.json.gz` each.

use std::path::{Path, PathBuf};

use crate::{VectorError, file};

/// One of its files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WitnessBlockFile {
    /// Block number, from the file's name.
    pub number: u64,
    /// The path of the file.
    pub path: PathBuf,
}

/// The files of the folder, by block number.
pub fn list(folder: &Path) -> Result<Vec<WitnessBlockFile>, VectorError> {
    let files = file::json_files_below(folder)?.into_iter();
    let mut files = files.map(numbered).collect::<Result<Vec<_>, _>>()?;
    files.sort();
    Ok(files)
}

fn numbered(path: PathBuf) -> Result<WitnessBlockFile, VectorError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match name.split('.').next().unwrap_or_default().parse() {
        Ok(number) => Ok(WitnessBlockFile { number, path }),
        Err(_) => Err(VectorError::Name { path, expected: "a block number and .json or .json.gz" }),
    }
}

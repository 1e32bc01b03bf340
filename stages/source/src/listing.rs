//! From the paths that a user gives to the files that they mean.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::SourceError;
use crate::kind::FileKind;

/// A file to look at.
#[derive(Debug, Clone)]
pub(crate) struct ListedFile {
    pub(crate) path: PathBuf,
    /// The folder that it was found in; `None` where the user named the file itself.
    pub(crate) folder: Option<PathBuf>,
}

/// The files that are named, and those in named folders whose endings are known, each once; not recursive.
pub(crate) fn list(paths: &[PathBuf]) -> Result<Vec<ListedFile>, SourceError> {
    if paths.is_empty() {
        return Err(SourceError::NoPaths);
    }
    let mut files = Vec::new();
    for path in paths {
        if fs::metadata(path).map_err(|e| SourceError::io(path, e))?.is_dir() {
            files.extend(list_folder(path)?);
        } else {
            files.push(ListedFile { path: path.clone(), folder: None });
        }
    }
    without_repetitions(files)
}

fn list_folder(folder: &Path) -> Result<Vec<ListedFile>, SourceError> {
    let failed = |e| SourceError::io(folder, e);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if FileKind::is_name_known(&path) && path.is_file() {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(SourceError::EmptyFolder { folder: folder.into() });
    }
    paths.sort();
    Ok(paths.into_iter().map(|path| ListedFile { path, folder: Some(folder.into()) }).collect())
}

/// A file that is named and also lies in a named folder counts as named.
fn without_repetitions(mut files: Vec<ListedFile>) -> Result<Vec<ListedFile>, SourceError> {
    files.sort_by_key(|file| file.folder.is_some());
    let mut seen = HashSet::new();
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        let real = fs::canonicalize(&file.path).map_err(|e| SourceError::io(&file.path, e))?;
        if seen.insert(real) {
            kept.push(file);
        }
    }
    Ok(kept)
}

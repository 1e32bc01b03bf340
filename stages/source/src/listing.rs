//! From the paths that a user gives to the files that they mean.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::SourceError;
use crate::json;
use crate::kind::FileKind;

/// A file that the given paths name.
#[derive(Debug, Clone)]
pub(crate) struct ListedFile {
    pub(crate) path: PathBuf,
    /// The folder that it was found in; `None` where the user named the file itself.
    pub(crate) folder: Option<PathBuf>,
}

/// What the paths mean.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) files: Vec<ListedFile>,
    /// The files that were skipped, with the reason.
    pub(crate) notes: Vec<String>,
}

/// The files that a path means: itself, or those of a folder whose endings are known. Nothing in them is looked at.
///
/// # Errors
/// A path that is not there, and a folder without such files.
pub fn chain_files(path: &Path) -> Result<Vec<PathBuf>, SourceError> {
    Ok(list(&[path.to_path_buf()])?.files.into_iter().map(|file| file.path).collect())
}

/// The files that are named, and those in named folders whose endings are known, each once; not recursive.
pub(crate) fn list(paths: &[PathBuf]) -> Result<Listing, SourceError> {
    if paths.is_empty() {
        return Err(SourceError::NoPaths);
    }
    let (mut listing, mut skipped) = (Listing::default(), Vec::new());
    for path in paths {
        let metadata = fs::metadata(path).map_err(|e| SourceError::io(path, e))?;
        let named = ListedFile { path: path.clone(), folder: None };
        match reason_to_skip(path, metadata.len()) {
            _ if metadata.is_dir() => listing.add_folder(path)?,
            Some(reason) => skipped.push((named, reason)),
            None => listing.files.push(named),
        }
    }
    // Alone, what was named is looked at, and refused with its reason.
    for (file, reason) in skipped {
        match listing.files.is_empty() {
            true => listing.files.push(file),
            false => listing.skip(&file.path, reason),
        }
    }
    listing.files = without_repetitions(listing.files)?;
    Ok(listing)
}

/// Why a file is not read although its name has an ending of chain files.
fn reason_to_skip(path: &Path, bytes: u64) -> Option<&'static str> {
    let is_metadata = path.file_name()?.as_encoded_bytes().starts_with(b"._");
    match bytes {
        _ if is_metadata => Some("macOS keeps there what it knows of another file"),
        0 => Some("it is empty"),
        // As gzip, nothing has some twenty bytes and its name.
        ..512 if is_empty(path) => Some("what is packed in it is empty"),
        _ => None,
    }
}

fn is_empty(path: &Path) -> bool {
    json::unpacked(path)
        .and_then(|mut file| file.read(&mut [0]).map_err(|e| SourceError::io(path, e)))
        .is_ok_and(|read| read == 0)
}

impl Listing {
    fn add_folder(&mut self, folder: &Path) -> Result<(), SourceError> {
        let failed = |e| SourceError::io(folder, e);
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if FileKind::is_name_known(&path) && path.is_file() {
                paths.push(path);
            }
        }
        paths.sort();
        let before = self.files.len();
        for path in paths {
            let bytes = fs::metadata(&path).map_err(|e| SourceError::io(&path, e))?.len();
            let not_text = path.file_name().is_some_and(|name| name.to_str().is_none());
            match reason_to_skip(&path, bytes) {
                Some(reason) => self.skip(&path, reason),
                None if not_text => {
                    self.skip(&path, "its name is not UTF-8: rename it, or name the file itself")
                }
                None => self.files.push(ListedFile { path, folder: Some(folder.into()) }),
            }
        }
        match self.files.len() > before {
            true => Ok(()),
            false => Err(SourceError::EmptyFolder { folder: folder.into() }),
        }
    }

    fn skip(&mut self, path: &Path, reason: &str) {
        self.notes.push(format!("skipped {}: {reason}", path.display()));
    }
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

//! The folder of the runs: their names, which of them count, and what is swept.
//!
//! Runs of a kind are numbered as they are read from the flat state. A name says which numbers a run covers
//! (`slots-0003-0003.run`), for runs are merged into fewer (`slots-0000-0007.run`). Those that count cover all numbers
//! from 0 on without a gap; what a merged run covers, or lies behind a gap, is a leftover.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use super::footer::Footer;
use super::reader::read_footer;
use super::writer::{ASIDE, RunWriter};
use crate::rebuild::error::RebuildError;
use crate::rebuild::kind::{Accounts, Entry, Kind, Slots};

/// What the names of whole runs end with.
const WHOLE: &str = "run";

/// A folder of runs.
#[derive(Debug)]
pub(in crate::rebuild) struct Folder {
    path: PathBuf,
    state: u64,
}

/// A whole run.
#[derive(Debug)]
pub(in crate::rebuild) struct Run<K: Kind> {
    pub(super) path: PathBuf,
    /// The numbers it covers: the first.
    pub(super) first: u32,
    /// And the last.
    pub(in crate::rebuild) last: u32,
    pub(in crate::rebuild) footer: Footer<K::Key>,
}

impl Folder {
    /// Opens the folder, or makes it. Unfinished files are swept, and all runs if they are of another state.
    pub(in crate::rebuild) fn open(path: &Path, state: u64) -> Result<Self, RebuildError> {
        fs::create_dir_all(path).map_err(RebuildError::io("create", path))?;
        let folder = Self { path: path.to_owned(), state };
        for file in folder.files(ASIDE)? {
            sweep(&file)?;
        }
        folder.sweep_other_states::<Accounts>()?;
        folder.sweep_other_states::<Slots>()?;
        Ok(folder)
    }

    fn sweep_other_states<K: Kind>(&self) -> Result<(), RebuildError> {
        for Named { path, .. } in self.named::<K>()? {
            if read_footer::<K>(&path)?.state != self.state {
                sweep(&path)?;
            }
        }
        Ok(())
    }

    /// The runs of a kind that count, in the order of their numbers. The others are swept.
    pub(in crate::rebuild) fn runs<K: Kind>(&self) -> Result<Vec<Run<K>>, RebuildError> {
        let mut named = self.named::<K>()?;
        // Of those that begin at one number the one that covers most comes first: it is whole, so it is the one to keep.
        named.sort_by_key(|file| (file.first, Reverse(file.last)));
        let mut runs = Vec::new();
        for Named { first, last, path } in named {
            if first != runs.last().map_or(0, |run: &Run<K>| run.last + 1) {
                sweep(&path)?;
                continue;
            }
            let footer = read_footer::<K>(&path)?;
            let expected_from = runs.last().map_or(Some(K::Key::default()), |run: &Run<K>| run.footer.next);
            if expected_from != Some(footer.from) {
                return Err(RebuildError::damaged(&path, "it does not begin where the run before ends"));
            }
            runs.push(Run { path, first, last, footer });
        }
        Ok(runs)
    }

    /// Writes rows as the run of these numbers, read between these plain keys.
    pub(in crate::rebuild) fn write<K: Kind>(
        &self,
        (first, last): (u32, u32),
        (from, next): (K::Key, Option<K::Key>),
        rows: impl Iterator<Item = Result<Entry<K>, RebuildError>>,
    ) -> Result<Run<K>, RebuildError> {
        let path = self.path.join(format!("{}-{first:04}-{last:04}.{WHOLE}", K::NAME));
        let mut writer = RunWriter::<K>::create(path.clone())?;
        for row in rows {
            writer.push(&row?)?;
        }
        let footer = writer.seal(self.state, from, next)?;
        Ok(Run { path, first, last, footer })
    }

    /// Removes the folder: all is done.
    pub(in crate::rebuild) fn remove(self) -> Result<(), RebuildError> {
        fs::remove_dir_all(&self.path).map_err(RebuildError::io("remove", &self.path))
    }

    /// The files of a kind.
    fn named<K: Kind>(&self) -> Result<Vec<Named>, RebuildError> {
        let files = self.files(WHOLE)?.into_iter();
        Ok(files.filter_map(|path| Named::new::<K>(path)).collect())
    }

    fn files(&self, extension: &str) -> Result<Vec<PathBuf>, RebuildError> {
        let entries = fs::read_dir(&self.path).map_err(RebuildError::io("list", &self.path))?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut paths = paths.collect::<Result<Vec<_>, _>>().map_err(RebuildError::io("list", &self.path))?;
        paths.retain(|path| path.extension().is_some_and(|theirs| theirs == extension));
        Ok(paths)
    }
}

impl<K: Kind> Run<K> {
    /// Removes a run whose rows are in another one.
    pub(super) fn remove(self) -> Result<(), RebuildError> {
        sweep(&self.path)
    }
}

/// A file with the numbers in its name.
struct Named {
    first: u32,
    last: u32,
    path: PathBuf,
}

impl Named {
    /// `None` if it is not named as runs of this kind are.
    fn new<K: Kind>(path: PathBuf) -> Option<Self> {
        let name = path.file_stem()?.to_str()?;
        let (first, last) = name.strip_prefix(K::NAME)?.strip_prefix('-')?.split_once('-')?;
        Some(Self { first: first.parse().ok()?, last: last.parse().ok()?, path })
    }
}

fn sweep(path: &Path) -> Result<(), RebuildError> {
    fs::remove_file(path).map_err(RebuildError::io("remove", path))
}

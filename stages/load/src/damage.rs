//! A damaged database file: recognised, and moved out of the way.

use std::fs;
use std::path::{Path, PathBuf};

use crate::create::{followed, remove_leftover, wal_of, with_suffix};
use crate::database::Database;
use crate::error::LoadError;
use crate::open::LoadOptions;

impl Database {
    /// Why the file cannot be relied on; `None` where it is whole or not there. All loaded rows are read and
    /// digested, by way of the file `scratch`. `go_on` is asked before each unit; where it says no, the rest
    /// is not checked.
    ///
    /// # Errors
    /// The file could not be checked: another process has it open, or it is not one of ours.
    pub fn find_damage(
        path: &Path,
        options: &LoadOptions,
        scratch: &Path,
        go_on: impl Fn() -> bool,
    ) -> Result<Option<String>, LoadError> {
        if !path.exists() {
            return Ok(None);
        }
        match Self::open(path, options).and_then(|database| database.first_damage(scratch, go_on)) {
            Err(damaged @ LoadError::Damaged { .. }) => Ok(Some(damaged.to_string())),
            found => found,
        }
    }

    fn first_damage(&self, scratch: &Path, go_on: impl Fn() -> bool) -> Result<Option<String>, LoadError> {
        for unit in self.loaded()?.into_iter().take_while(|_| go_on()) {
            if let Some(dataset) = self.changed_rows(&unit, scratch)?.first() {
                let path = self.path().display();
                let range = unit.range;
                return Ok(Some(format!(
                    "{path}: rows of {dataset} in blocks {range} are not those that were loaded"
                )));
            }
        }
        Ok(None)
    }

    /// Gives a database file, and its write-ahead log, another name, which is returned. A link to it stays.
    pub fn set_aside(path: &Path) -> Result<PathBuf, LoadError> {
        let file = followed(path)?;
        let names = (1..).map(|number| with_suffix(&file, &format!(".damaged-{number}")));
        let aside = names.into_iter().find(|name| !name.exists()).unwrap_or_else(|| file.clone());
        // The log first: without its database it would stand in the way of a new one.
        let moves = [(wal_of(path), wal_of(&aside)), (file, aside.clone())];
        for (from, to) in moves.iter().filter(|(from, _)| from.exists()) {
            fs::rename(from, to).map_err(|source| LoadError::Io {
                doing: "set the damaged database aside",
                path: from.clone(),
                source,
            })?;
        }
        Ok(aside)
    }

    /// Closes the database and removes its file: of one that was made for a run that did not begin.
    pub fn discard(self) -> Result<(), LoadError> {
        let path = self.path().to_path_buf();
        drop(self);
        remove_leftover(&wal_of(&path))?;
        remove_leftover(&followed(&path)?)
    }
}

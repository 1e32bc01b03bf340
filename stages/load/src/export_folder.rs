//! The folder that exports write into: what a reader sees of it is one whole export, whenever a process ends.
//!
//! An export is written aside, then each table's folder changes places with the one that is there, in one step. A file
//! is named by a digest of its content, so that a reader who has listed the old files and opens them late reads what it
//! has listed or finds nothing, and never rows of two exports. A reader who lists the partitions one by one while they
//! change places can miss some of the new ones: paths cannot be listed at one moment over several folders.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use blockmill_chain::{durable, durable_step};
use fs4::{FileExt, TryLockError};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::error::LoadError;

/// How the folder of a partition begins, hive's way: `first_block=100000` is a column of its rows.
pub(crate) const PARTITION: &str = "first_block=";

/// A file's name while it is written; no pattern for Parquet files takes it.
const UNSEALED: &str = "rows.parquet.partial";
/// A file's name in exports of an earlier version.
const EARLIER: &str = "rows.parquet";
const DIGEST_DIGITS: usize = 16;

/// The folder of an export, locked.
#[derive(Debug)]
pub(crate) struct ExportFolder {
    folder: PathBuf,
    /// Tables that are written, and those that were replaced.
    new: PathBuf,
    old: PathBuf,
    /// The folder of both.
    staging: PathBuf,
    /// Holds the lock, where the file system has locks on folders.
    _lock: File,
}

impl ExportFolder {
    /// Makes the folder where it does not exist, locks it, and clears what a killed export left aside.
    pub(crate) fn open(folder: &Path) -> Result<Self, LoadError> {
        fs::create_dir_all(folder).map_err(io("create", folder))?;
        let folder = fs::canonicalize(folder).map_err(io("read", folder))?;
        let lock = File::open(&folder).map_err(io("open", &folder))?;
        if let Err(TryLockError::WouldBlock) = FileExt::try_lock(&lock) {
            return Err(LoadError::ExportInUse { path: folder });
        }
        let staging = staging(&folder);
        let (new, old) = (staging.join("new"), staging.join("old"));
        let place = Self { folder, new, old, staging, _lock: lock };
        place.sweep()?;
        Ok(place)
    }

    /// Refuses a table whose name in the folder is taken by something else than a folder.
    pub(crate) fn require_free(&self, table: &str) -> Result<(), LoadError> {
        let path = self.folder.join(table);
        match path.symlink_metadata() {
            Ok(metadata) if !metadata.is_dir() => Err(LoadError::ExportInTheWay { path }),
            _ => Ok(()),
        }
    }

    /// Where to write a file of `place`, a folder inside that of the export.
    pub(crate) fn aside(&self, place: &Path) -> Result<PathBuf, LoadError> {
        let folder = self.new.join(place);
        fs::create_dir_all(&folder).map_err(io("create", &folder))?;
        Ok(folder.join(UNSEALED))
    }

    /// Gives a file that is whole its name, and makes it last.
    pub(crate) fn seal(&self, aside: &Path) -> Result<PathBuf, LoadError> {
        let mut hasher = blake3::Hasher::new();
        let file = File::open(aside).map_err(io("open", aside))?;
        hasher.update_reader(&file).map_err(io("read", aside))?;
        file.sync_all().map_err(io("write", aside))?;
        durable_step("a file of an export is written aside");
        let digest = hasher.finalize().to_hex();
        let sealed = aside.with_file_name(format!("rows-{}.parquet", &digest[..DIGEST_DIGITS]));
        fs::rename(aside, &sealed).map_err(io("rename", aside))?;
        // The folder itself, that of its table, and the one of all tables.
        sealed.ancestors().skip(1).take_while(|folder| *folder != self.staging).try_for_each(sync)?;
        Ok(sealed)
    }

    /// Puts a table that was written into its place, and takes one away that was not. Returns whether it took one away.
    pub(crate) fn publish(&self, table: &str) -> Result<bool, LoadError> {
        let (new, place) = (self.new.join(table), self.folder.join(table));
        let is_there = place.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
        let removes = !new.exists() && is_there && holds_exported(&place);
        if !removes && !new.exists() {
            return Ok(false);
        }
        durable_step("before a table of an export is in its place");
        match (new.exists(), is_there) {
            (true, true) => self.exchange(table)?,
            (true, false) => fs::rename(&new, &place).map_err(io("rename", &new))?,
            (false, _) => self.put_away(table)?,
        }
        durable_step("a table of an export is in its place");
        Ok(removes)
    }

    /// The new folder of a table and the old one change places: no reader finds none, or both.
    fn exchange(&self, table: &str) -> Result<(), LoadError> {
        let (new, place) = (self.new.join(table), self.folder.join(table));
        match renameat_with(CWD, &new, CWD, &place, RenameFlags::EXCHANGE) {
            // A file system that cannot: for a moment the table is not there.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => self.replace(table),
            exchanged => exchanged.map_err(io::Error::from).map_err(io("exchange", &place)),
        }
    }

    fn replace(&self, table: &str) -> Result<(), LoadError> {
        let (new, place) = (self.new.join(table), self.folder.join(table));
        self.put_away(table)?;
        durable_step("a table of an export is gone for a moment");
        fs::rename(&new, &place).map_err(io("rename", &new))
    }

    fn put_away(&self, table: &str) -> Result<(), LoadError> {
        fs::create_dir_all(&self.old).map_err(io("create", &self.old))?;
        let place = self.folder.join(table);
        fs::rename(&place, self.old.join(table)).map_err(io("rename", &place))
    }

    /// Makes the exchange last before what was replaced is removed.
    pub(crate) fn finish(self) -> Result<(), LoadError> {
        [&self.folder, &self.new, &self.old]
            .into_iter()
            .filter(|folder| folder.exists())
            .try_for_each(sync)?;
        durable_step("before an earlier export is removed");
        self.sweep()
    }

    /// Removes what exports left: the part of one that was killed, and what was replaced. Anything else
    /// that lay among it goes back to its place.
    pub(crate) fn sweep(&self) -> Result<(), LoadError> {
        for tables in [&self.new, &self.old] {
            for table in entries(tables)? {
                self.clear(tables, &table)?;
            }
            remove_empty(tables)?;
        }
        remove_empty(&self.staging)
    }

    fn clear(&self, tables: &Path, path: &Path) -> Result<(), LoadError> {
        let inside = path.strip_prefix(tables).unwrap_or(path);
        let metadata = path.symlink_metadata().map_err(io("read", path))?;
        if metadata.is_dir() {
            entries(path)?.iter().try_for_each(|entry| self.clear(tables, entry))?;
            return remove_empty(path);
        }
        if is_exported(inside) {
            return fs::remove_file(path).map_err(io("remove", path));
        }
        let place = self.folder.join(inside);
        if place.symlink_metadata().is_ok() {
            return Err(LoadError::ExportInTheWay { path: place });
        }
        let parent = place.parent().unwrap_or(&self.folder);
        fs::create_dir_all(parent).map_err(io("create", parent))?;
        fs::rename(path, &place).map_err(io("rename", path))
    }
}

/// Where an export into a folder is written first: beside it, where no pattern that reads it matches, or
/// inside it, where it is a disk of its own or one may not write beside it.
fn staging(folder: &Path) -> PathBuf {
    const NAME: &str = ".blockmill-export";
    let inside = folder.join(NAME);
    let Some(name) = folder.file_name() else { return inside };
    let beside =
        folder.with_file_name([OsStr::new("."), name, OsStr::new(NAME)].into_iter().collect::<OsString>());
    let device = |path: &Path| path.metadata().map(|metadata| metadata.dev());
    match fs::create_dir_all(&beside).and_then(|()| Ok(device(&beside)? == device(folder)?)) {
        Ok(true) => beside,
        other => {
            if other.is_ok() {
                _ = fs::remove_dir(&beside);
            }
            inside
        }
    }
}

/// Whether a path inside the folder is one that exports write, or wrote in an earlier version.
fn is_exported(inside: &Path) -> bool {
    let parts: Vec<_> = inside.iter().map(|part| part.to_str().unwrap_or_default()).collect();
    let is_partition =
        |name: &str| name.strip_prefix(PARTITION).is_some_and(|block| block.parse::<u64>().is_ok());
    let is_sealed = |file: &str| {
        let digest = file.strip_prefix("rows-").and_then(|rest| rest.strip_suffix(".parquet"));
        digest.is_some_and(|digest| {
            digest.len() == DIGEST_DIGITS && digest.bytes().all(|digit| digit.is_ascii_hexdigit())
        })
    };
    match parts[..] {
        [_table, file] => is_sealed(file) || file == UNSEALED,
        [_table, partition, file] => {
            is_partition(partition) && (is_sealed(file) || [UNSEALED, EARLIER].contains(&file))
        }
        _ => false,
    }
}

/// Whether a table's folder has a file that an export wrote.
fn holds_exported(table: &Path) -> bool {
    let Some(folder) = table.parent() else { return false };
    let below = |path: &Path| entries(path).unwrap_or_default();
    let files =
        below(table).into_iter().flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] });
    files.into_iter().any(|path| path.strip_prefix(folder).is_ok_and(is_exported))
}

/// What lies in a folder; nothing where it does not exist.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let read = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(io("list", folder)),
    }
}

/// Removes a folder; not one that something lies in, nor one that is not there.
fn remove_empty(folder: &Path) -> Result<(), LoadError> {
    match fs::remove_dir(folder) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => Ok(()),
        removed => removed.map_err(io("remove", folder)),
    }
}

/// Waits until the device has the names in a folder.
fn sync(folder: impl AsRef<Path>) -> Result<(), LoadError> {
    let folder = folder.as_ref();
    durable::sync_folder(folder).map_err(io("sync", folder))
}

fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LoadError + use<> {
    let path = path.to_path_buf();
    move |source| LoadError::Io { doing, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_exports_give_are_theirs() {
        for theirs in [
            "logs/first_block=0/rows-0123456789abcdef.parquet",
            "logs/first_block=18000000/rows.parquet",
            "logs/first_block=0/rows.parquet.partial",
            "tokens/rows-0123456789abcdef.parquet",
            "tokens/rows.parquet.partial",
        ] {
            assert!(is_exported(Path::new(theirs)), "{theirs}");
        }
        for others in [
            "logs/notes.txt",
            "logs/rows.parquet",
            "logs/first_block=0/rows-2.parquet",
            "logs/first_block=0/rows-0123456789abcdeg.parquet",
            "logs/first_block=x/rows.parquet",
            "logs/year=2024/rows.parquet",
            "logs/first_block=0/more/rows.parquet",
            "rows.parquet",
        ] {
            assert!(!is_exported(Path::new(others)), "{others}");
        }
    }

    #[test]
    fn where_folders_cannot_be_exchanged_one_replaces_the_other() {
        let temp = tempfile::tempdir().unwrap();
        let folder = ExportFolder::open(&temp.path().join("export")).unwrap();
        let place = folder.folder.join("logs/first_block=0");
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join(EARLIER), "old").unwrap();
        fs::write(place.join("notes"), "kept").unwrap();
        let aside = folder.aside(Path::new("logs/first_block=0")).unwrap();
        fs::write(&aside, "new").unwrap();
        let name = folder.seal(&aside).unwrap().file_name().unwrap().to_owned();
        folder.replace("logs").unwrap();
        let staging = folder.staging.clone();
        folder.finish().unwrap();
        assert_eq!(fs::read_to_string(place.join(name)).unwrap(), "new");
        assert_eq!(fs::read_to_string(place.join("notes")).unwrap(), "kept");
        assert_eq!(entries(&place).unwrap().len(), 2);
        assert!(!staging.exists());
    }
}

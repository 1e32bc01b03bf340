//! SHA-256 of chain files, against the lists that servers of archives have beside them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use alloy::primitives::B256;
use sha2::{Digest, Sha256};

use crate::ere::is_era;
use crate::error::SourceError;

/// The list with a hash and a name on each line, as `sha256sum` writes it.
pub const CHECKSUMS_WITH_NAMES: &str = "checksums_sha256.txt";
/// The list with a hash on each line: that of the file of era 0, of era 1, and so on.
pub const CHECKSUMS_BY_ERA: &str = "checksums.txt";

/// The lists beside some files.
#[derive(Debug, Default)]
pub struct Checksums {
    folders: HashMap<PathBuf, Lists>,
}

/// The lists in a folder.
#[derive(Debug, Default)]
struct Lists {
    /// Hashes by name, with the list's path.
    by_name: Option<(PathBuf, HashMap<String, B256>)>,
    by_era: Option<(PathBuf, Vec<B256>)>,
}

impl Checksums {
    /// Verifies a file; `read` is told of the bytes as they are read.
    ///
    /// # Errors
    /// Another hash than the one that is listed; a folder without a list, or a list without the file; what cannot be read.
    pub fn verify(&mut self, file: &Path, read: &mut dyn FnMut(u64)) -> Result<(), SourceError> {
        let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
        let lists = match self.folders.entry(folder) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(new) => {
                let lists = Lists::read(new.key())?;
                new.insert(lists)
            }
        };
        let (list, expected) = lists.expected(file)?;
        let found = sha256_of(file, read).map_err(|e| SourceError::io(file, e))?;
        match found == expected {
            true => Ok(()),
            false => Err(SourceError::Checksum { file: file.into(), list: list.into(), expected, found }),
        }
    }
}

impl Lists {
    fn read(folder: &Path) -> Result<Self, SourceError> {
        let mut lists = Self::default();
        let path = folder.join(CHECKSUMS_WITH_NAMES);
        if let Some(text) = text_of(&path)? {
            let entries = text.lines().enumerate().map(|(line, text)| {
                let (hash, name) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
                // `sha256sum` marks files that it has read as binary.
                let name = name.trim().trim_start_matches('*').to_owned();
                match hash_of(hash).filter(|_| !name.is_empty()) {
                    Some(hash) => Ok((name, hash)),
                    None => Err(unreadable(&path, line, "a hash and a name")),
                }
            });
            lists.by_name = Some((path.clone(), entries.collect::<Result<_, _>>()?));
        }
        let path = folder.join(CHECKSUMS_BY_ERA);
        if let Some(text) = text_of(&path)? {
            let hashes = text
                .lines()
                .enumerate()
                .map(|(line, text)| hash_of(text).ok_or_else(|| unreadable(&path, line, "a hash")));
            lists.by_era = Some((path.clone(), hashes.collect::<Result<_, _>>()?));
        }
        Ok(lists)
    }

    /// The hash that a file must have, and the list that says so.
    fn expected(&self, file: &Path) -> Result<(&Path, B256), SourceError> {
        let name = file.file_name().and_then(|name| name.to_str());
        let named = self.by_name.as_ref().and_then(|(list, by_name)| Some((list, *by_name.get(name?)?)));
        let by_era = || {
            let (list, hashes) = self.by_era.as_ref()?;
            Some((list, *hashes.get(era_of(name?)?)?))
        };
        let found = named.or_else(by_era);
        found
            .map(|(list, hash)| (list.as_path(), hash))
            .ok_or_else(|| SourceError::NoChecksum { file: file.into() })
    }
}

/// The number of the era in the name of an archive, as in `mainnet-01896-…`.
fn era_of(name: &str) -> Option<usize> {
    name.split('-').find(|part| is_era(part))?.parse().ok()
}

/// 64 hex digits, with 0x before them or not.
fn hash_of(text: &str) -> Option<B256> {
    text.trim().parse().ok()
}

fn text_of(list: &Path) -> Result<Option<String>, SourceError> {
    match fs::read_to_string(list) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => text.map(Some).map_err(|e| SourceError::io(list, e)),
    }
}

fn unreadable(list: &Path, line: usize, what: &'static str) -> SourceError {
    SourceError::ChecksumList { list: list.into(), line: line + 1, what }
}

/// The SHA-256 of a file; `read` is told of the bytes as they are read.
pub fn sha256_of(file: &Path, read: &mut dyn FnMut(u64)) -> io::Result<B256> {
    const BUFFER_BYTES: usize = 1 << 20;
    let (mut file, mut hasher, mut buffer) = (File::open(file)?, Sha256::new(), vec![0; BUFFER_BYTES]);
    loop {
        let bytes = match file.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            bytes => bytes?,
        };
        if bytes == 0 {
            return Ok(B256::from_slice(&hasher.finalize()));
        }
        hasher.update(&buffer[..bytes]);
        read(bytes as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of "abc" (FIPS 180-2, appendix B.1).
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn folder(lists: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["mainnet-00000-11223344.ere", "mainnet-00001-11223344.ere"] {
            fs::write(folder.path().join(name), "abc").unwrap();
        }
        lists.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
        folder
    }

    fn verified(folder: &tempfile::TempDir, name: &str) -> Result<u64, SourceError> {
        let mut bytes = 0;
        Checksums::default().verify(&folder.path().join(name), &mut |read| bytes += read)?;
        Ok(bytes)
    }

    #[test]
    fn a_file_is_found_by_its_name_or_by_its_era() {
        let other = "00".repeat(32);
        for lists in [
            vec![(CHECKSUMS_WITH_NAMES, format!("{ABC}  mainnet-00001-11223344.ere\n"))],
            vec![(CHECKSUMS_WITH_NAMES, format!("0x{ABC} *mainnet-00001-11223344.ere"))],
            vec![(CHECKSUMS_BY_ERA, format!("0x{other}\n0x{ABC}\n"))],
            // The list with names is the more exact one.
            vec![
                (CHECKSUMS_WITH_NAMES, format!("{ABC}  mainnet-00001-11223344.ere\n")),
                (CHECKSUMS_BY_ERA, format!("{other}\n{other}\n")),
            ],
        ] {
            let lists: Vec<_> = lists.iter().map(|(name, text)| (*name, text.as_str())).collect();
            let folder = folder(&lists);
            assert_eq!(verified(&folder, "mainnet-00001-11223344.ere").unwrap(), 3, "{lists:?}");
            let refused = verified(&folder, "mainnet-00000-11223344.ere").unwrap_err();
            let by_name = lists.len() == 1 && lists[0].0 == CHECKSUMS_WITH_NAMES;
            assert_eq!(matches!(refused, SourceError::NoChecksum { .. }), by_name, "{refused}");
        }
    }

    #[test]
    fn another_hash_is_named_with_both() {
        let folder = folder(&[(CHECKSUMS_BY_ERA, &format!("{}\n", "12".repeat(32)))]);
        let refused = verified(&folder, "mainnet-00000-11223344.ere").unwrap_err();
        assert!(refused.is_verification());
        let said = refused.to_string();
        for part in ["mainnet-00000-11223344.ere", ABC, &"12".repeat(32), CHECKSUMS_BY_ERA] {
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn what_is_not_listed_or_cannot_be_read_is_an_error() {
        let name = "mainnet-00001-11223344.ere";
        let refused = |lists: &[(&str, &str)]| verified(&folder(lists), name).unwrap_err().to_string();
        assert!(refused(&[]).contains(CHECKSUMS_WITH_NAMES));
        assert!(refused(&[(CHECKSUMS_BY_ERA, ABC)]).contains("is in no list of checksums"));
        assert!(refused(&[(CHECKSUMS_BY_ERA, &format!("{ABC}\nnothing\n"))]).contains("line 2"));
        assert!(refused(&[(CHECKSUMS_WITH_NAMES, ABC)]).contains("line 1"));
        let folder = folder(&[(CHECKSUMS_WITH_NAMES, &format!("{ABC}  chain.rlp"))]);
        fs::write(folder.path().join("chain.rlp"), "abc").unwrap();
        assert_eq!(verified(&folder, "chain.rlp").unwrap(), 3);
    }
}

//! What kind of file a path names: by its ending and by its first bytes.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::era1::Era1File;
use crate::ere::EreFile;
use crate::error::SourceError;

/// What all files of one source are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Blocks in a row: era1 and ere files, and RLP exports.
    Chain,
    /// Single blocks, each with the state before it.
    Witnesses,
}

/// How one file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Up to 8,192 blocks with receipts and an accumulator.
    Era1,
    /// Up to 8,192 blocks of any time, in sections, perhaps with receipts.
    Ere,
    /// What geth's `export` writes: the RLP of block after block.
    Rlp,
    /// An RLP export, gzipped.
    RlpGzip,
    /// A block as `eth_getBlockByNumber` gives it, with the state before it.
    Witness,
    /// A witness file, gzipped.
    WitnessGzip,
}

impl FileKind {
    /// What a source of such files is.
    pub fn source_kind(self) -> SourceKind {
        match self {
            Self::Era1 | Self::Ere | Self::Rlp | Self::RlpGzip => SourceKind::Chain,
            Self::Witness | Self::WitnessGzip => SourceKind::Witnesses,
        }
    }

    /// What the name promises; `None` where its ending says nothing, or says only that it is gzipped.
    fn by_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        let endings = [
            (".era1", Self::Era1),
            (".ere", Self::Ere),
            (".erae", Self::Ere),
            (".rlp", Self::Rlp),
            (".rlp.gz", Self::RlpGzip),
            (".json", Self::Witness),
            (".json.gz", Self::WitnessGzip),
        ];
        endings.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, kind)| kind)
    }

    /// What the bytes are; where an archive has no end that tells, what the name promises.
    fn by_content(path: &Path, named: Option<Self>) -> Result<Option<Self>, SourceError> {
        let open = || File::open(path).map_err(|e| SourceError::io(path, e));
        let first = first_bytes(open()?).map_err(|e| SourceError::io(path, e))?;
        Ok(if let Some(rest) = first.strip_prefix(&E2STORE_MAGIC) {
            if rest.starts_with(&BEACON_BLOCK) {
                None
            } else if EreFile::is_one(path)? {
                Some(Self::Ere)
            } else if Era1File::is_one(path)? || named != Some(Self::Ere) {
                Some(Self::Era1)
            } else {
                named
            }
        } else if first.starts_with(&GZIP_MAGIC) {
            // What cannot be unpacked has no known content.
            match content(&first_bytes(MultiGzDecoder::new(open()?)).unwrap_or_default()) {
                Some(Self::Rlp) => Some(Self::RlpGzip),
                Some(Self::Witness) => Some(Self::WitnessGzip),
                _ => None,
            }
        } else {
            content(&first)
        })
    }

    /// What a file is, by name and content, which must not contradict each other.
    pub(crate) fn of(path: &Path) -> Result<Self, SourceError> {
        let named = Self::by_name(path);
        match (named, Self::by_content(path, named)?) {
            (Some(named), Some(found)) if named == found => Ok(found),
            (Some(named), _) => Err(SourceError::WrongKind { file: path.into(), named }),
            (None, Some(found)) => Ok(found),
            (None, None) => Err(SourceError::UnknownKind { file: path.into() }),
        }
    }

    /// Whether a file with this name is read when its folder is given.
    pub(crate) fn is_name_known(path: &Path) -> bool {
        Self::by_name(path).is_some()
            || path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"))
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Era1 => "an era1 file",
            Self::Ere => "an ere file",
            Self::Rlp => "an RLP export",
            Self::RlpGzip => "a gzipped RLP export",
            Self::Witness => "a witness file",
            Self::WitnessGzip => "a gzipped witness file",
        })
    }
}

/// The first bytes of a gzip file (RFC 1952).
pub(crate) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// An e2store Version entry: type 0x3265, no data. What follows tells the formats apart.
const E2STORE_MAGIC: [u8; 8] = [0x65, 0x32, 0, 0, 0, 0, 0, 0];

/// The type of the second entry of beacon archives (`.era`), which are not read.
const BEACON_BLOCK: [u8; 2] = [1, 0];

/// The first byte of an RLP list of 56 bytes or more, which every block is.
const LONG_LIST: std::ops::RangeInclusive<u8> = 0xf8..=0xff;

fn content(first: &[u8]) -> Option<FileKind> {
    let text = first.trim_ascii_start();
    match first {
        [byte, ..] if LONG_LIST.contains(byte) => Some(FileKind::Rlp),
        // Whether it is the JSON of a witness shows when it is read.
        _ if text.starts_with(b"{") || text.starts_with(b"[") => Some(FileKind::Witness),
        _ => None,
    }
}

fn first_bytes(reader: impl Read) -> io::Result<Vec<u8>> {
    /// Enough for every magic number, and for white space in front of JSON.
    const FIRST_BYTES: u64 = 64;
    let mut first = Vec::new();
    reader.take(FIRST_BYTES).read_to_end(&mut first)?;
    Ok(first)
}

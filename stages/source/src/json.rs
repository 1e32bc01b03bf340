//! JSON files, plain or gzipped, within a bound on what they unpack to.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use serde::de::DeserializeOwned;

use crate::error::{FilePlace, SourceError};
use crate::kind::GZIP_MAGIC;

/// No JSON file that this program reads is larger: the witness of the heaviest mainnet blocks unpacks to some 10 MiB,
/// the genesis file with the most accounts to a few.
const MAX_JSON_BYTES: u64 = 512 << 20;

/// Read from the file at a time.
pub(crate) const READ_BYTES: usize = 256 << 10;

/// Reads a whole file; `what` names what it should hold.
pub(crate) fn read<T: DeserializeOwned>(path: &Path, what: &'static str) -> Result<T, SourceError> {
    parse(&read_text(path, what)?, path, what)
}

/// The text of a file, unpacked.
pub(crate) fn read_text(path: &Path, what: &'static str) -> Result<Vec<u8>, SourceError> {
    let mut text = Vec::new();
    let read = open(path)?.read_to_end(&mut text);
    read.map_err(|source| SourceError::unpack(FilePlace::file(path), what, source))?;
    within_limit(text.len() as u64, path, what)?;
    Ok(text)
}

/// Reads the text of a file.
pub(crate) fn parse<T: DeserializeOwned>(
    text: &[u8],
    path: &Path,
    what: &'static str,
) -> Result<T, SourceError> {
    serde_json::from_slice(text).map_err(|source| SourceError::Json {
        place: FilePlace::file(path),
        what,
        source,
    })
}

/// Reads a file for a few of its fields without holding it in memory. Returns the bytes of JSON too. `None` where it is
/// JSON, but of another shape.
pub(crate) fn skim<T: DeserializeOwned>(
    path: &Path,
    what: &'static str,
) -> Result<Option<(T, usize)>, SourceError> {
    let mut text = BufReader::with_capacity(READ_BYTES, Counted::new(open(path)?));
    let skimmed = serde_json::from_reader(&mut text);
    let bytes = text.get_ref().bytes();
    within_limit(bytes, path, what)?;
    match skimmed {
        Ok(fields) => Ok(Some((fields, bytes as usize))),
        Err(error) if error.is_data() => Ok(None),
        Err(error) if error.is_io() => Err(SourceError::unpack(FilePlace::file(path), what, error.into())),
        Err(source) => Err(SourceError::Json { place: FilePlace::file(path), what, source }),
    }
}

fn within_limit(bytes: u64, path: &Path, what: &'static str) -> Result<(), SourceError> {
    if bytes <= MAX_JSON_BYTES {
        return Ok(());
    }
    Err(SourceError::TooLarge { place: FilePlace::file(path), what, limit_bytes: MAX_JSON_BYTES })
}

/// Opens a file; reading ends one byte past the limit at most.
fn open(path: &Path) -> Result<impl Read, SourceError> {
    Ok(unpacked(path)?.take(MAX_JSON_BYTES + 1))
}

/// Opens a file, unpacking it if it is gzipped. There is no limit: for readers that keep nothing of what they have read.
pub(crate) fn unpacked(path: &Path) -> Result<Box<dyn Read>, SourceError> {
    let failed = |e| SourceError::io(path, e);
    let mut file = BufReader::with_capacity(READ_BYTES, File::open(path).map_err(failed)?);
    let is_gzip = file.fill_buf().map_err(failed)?.starts_with(&GZIP_MAGIC);
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// Counts what is read.
pub(crate) struct Counted<R> {
    inner: R,
    bytes: u64,
}

impl<R> Counted<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, bytes: 0 }
    }

    /// Bytes read so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

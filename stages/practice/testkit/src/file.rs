//! Reading one vector file, plain or gzipped.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde::de::DeserializeOwned;

use crate::{VectorError, vectors};

/// The text of a file; unpacked where its name ends with `.gz`.
pub(crate) fn text(path: &Path) -> Result<String, VectorError> {
    let mut file = File::open(path).map_err(VectorError::read(path))?;
    let mut text = String::new();
    let read = match path.extension() {
        Some(ending) if ending == "gz" => MultiGzDecoder::new(file).read_to_string(&mut text),
        _ => file.read_to_string(&mut text),
    };
    read.map_err(VectorError::read(path))?;
    Ok(text)
}

/// A JSON file, plain or gzipped.
pub(crate) fn json<T: DeserializeOwned>(path: &Path) -> Result<T, VectorError> {
    serde_json::from_str(&text(path)?).map_err(VectorError::json(path))
}

/// Every JSON file in a folder and the folders below it, sorted by path.
pub(crate) fn json_files_below(folder: &Path) -> Result<Vec<PathBuf>, VectorError> {
    vectors::files_below(folder, &[".json", ".json.gz"]).map_err(VectorError::read(folder))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_reads_the_same_plain_and_gzipped() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, packed) = (folder.path().join("a.json"), folder.path().join("a.json.gz"));
        std::fs::write(&plain, "[1,2]").unwrap();
        let mut gzip = flate2::write::GzEncoder::new(File::create(&packed).unwrap(), Default::default());
        gzip.write_all(b"[1,2]").unwrap();
        gzip.finish().unwrap();
        assert_eq!(json::<Vec<u8>>(&plain).unwrap(), json::<Vec<u8>>(&packed).unwrap());
        assert_eq!(json_files_below(folder.path()).unwrap(), [plain, packed]);
    }

    #[test]
    fn an_error_names_the_file() {
        let error = json::<Vec<u8>>(Path::new("no/such.json")).unwrap_err();
        assert!(error.to_string().starts_with("no/such.json: cannot be read"), "{error}");
    }
}

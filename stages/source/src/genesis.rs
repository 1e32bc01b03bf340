//! Genesis files: geth's `genesis.json`, plain or gzipped.

use std::path::Path;

use alloy::genesis::Genesis;

use crate::error::SourceError;
use crate::json;

/// Reads a genesis file.
///
/// # Errors
/// The system's refusal, a damaged gzip stream, or JSON that is not a genesis.
pub fn read_genesis(path: &Path) -> Result<Genesis, SourceError> {
    json::read(path, "a genesis file")
}

//! Genesis files: geth's `genesis.json`, which Besu, Reth and Erigon read too, plain or gzipped; also inside a file that has
//! it as `genesis`.
//!
//! Read as geth reads it: numbers in any form and of any size, `alloc`, `gasLimit` and `difficulty` required, keys that are
//! not known (Besu's comments, private keys of test accounts) let pass.

mod number;
mod written;

use std::path::Path;

use alloy::genesis::Genesis;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::{FilePlace, SourceError};
use crate::json;

/// What the errors call it.
const WHAT: &str = "a genesis file";

/// Why JSON is not a genesis file that this program can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// Keys that geth requires are not there.
    #[error("{} missing: a genesis file as geth reads it has {}", named(.keys), if .keys.len() == 1 { "it" } else { "them" })]
    Missing {
        /// The missing keys.
        keys: Vec<&'static str>,
    },
    /// The chain is described as other clients do it.
    #[error(
        "this is a chainspec as Nethermind, OpenEthereum and Parity have them, which is not supported by Blockmill: give the \
         chain's genesis file as geth, Besu and Reth have it"
    )]
    Chainspec,
    /// Rules that only other clients have.
    #[error(
        "config.{key} is {value}: chains whose rules are changed in this way, as Besu and Quorum can, are not supported by \
         Blockmill"
    )]
    ForeignRule {
        /// The key in `config`.
        key: &'static str,
        /// The value, as the file has it.
        value: String,
    },
    /// A number is larger than its field in this program.
    #[error("{key} is {value}: numbers above {most} are not supported by Blockmill there")]
    TooLarge {
        /// The key that has the number.
        key: String,
        /// The value, as the file has it.
        value: String,
        /// The largest that is supported.
        most: &'static str,
    },
}

fn named(keys: &[&str]) -> String {
    match keys {
        [key] => format!("{key} is"),
        [first @ .., last] => format!("{} and {last} are", first.join(", ")),
        [] => "nothing is".into(),
    }
}

/// What tells the kinds of files apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GenesisShape {
    genesis: Option<IgnoredAny>,
    alloc: Option<IgnoredAny>,
    accounts: Option<IgnoredAny>,
    engine: Option<IgnoredAny>,
}

/// A genesis file inside another, as Besu's and Quorum's tools write it.
#[derive(Deserialize)]
struct Wrapped {
    genesis: written::WrittenGenesis,
}

/// Reads a genesis file.
///
/// # Errors
/// The system's refusal, a damaged gzip stream, JSON that is not a genesis, or one that this program cannot use.
pub fn read_genesis(path: &Path) -> Result<Genesis, SourceError> {
    read(path, written::WrittenGenesis::into_genesis)
}

/// Reads the genesis file of a chain whose rules are known: its `config` is not looked at, and need not be there.
///
/// # Errors
/// As [`read_genesis`].
pub fn read_known_genesis(path: &Path) -> Result<Genesis, SourceError> {
    read(path, written::WrittenGenesis::into_known_genesis)
}

fn read(
    path: &Path,
    meaning: impl Fn(written::WrittenGenesis) -> Result<Genesis, written::Refusal>,
) -> Result<Genesis, SourceError> {
    let text = number::quote_large(&json::read_text(path, WHAT)?);
    let shape: GenesisShape = json::parse(&text, path, WHAT)?;
    let written = match shape {
        GenesisShape { engine: Some(_), alloc: None, .. }
        | GenesisShape { genesis: Some(_), accounts: Some(_), .. } => {
            return Err(SourceError::Genesis { file: path.into(), source: GenesisError::Chainspec });
        }
        GenesisShape { genesis: Some(_), alloc: None, .. } => {
            json::parse::<Wrapped>(&text, path, WHAT)?.genesis
        }
        _ => json::parse::<written::WrittenGenesis>(&text, path, WHAT)?,
    };
    meaning(written).map_err(|error| match error {
        written::Refusal::Genesis(source) => SourceError::Genesis { file: path.into(), source },
        written::Refusal::Json(source) => {
            SourceError::Json { place: FilePlace::file(path), what: WHAT, source }
        }
    })
}

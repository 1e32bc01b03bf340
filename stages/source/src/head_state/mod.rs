//! Dumps of a whole state, as geth writes them:
//!
//! ```text
//! { "root": hash,
//!   "accounts": { address: { "balance", "nonce", "root", "codeHash", "code", "storage": { slot: value } } } }
//! ```
//!
//! which is what `geth dump` writes. With `--iterative`, and by `geth snapshot dump`, the root and every account are an
//! object of their own, one per line; such an account has its "address", as far as geth knew it, or only the "key" that
//! it has in the trie. [`SlotKeys`] says how the two write storage.
//!
//! A dump is read front to back; nothing of it is kept, and code is skipped: its hash stands beside it.

mod entries;
mod numbers;
mod short_strings;

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use alloy::consensus::constants::EMPTY_ROOT_HASH;
use alloy::primitives::{Address, B256, U256, keccak256};
use alloy_rlp::Decodable;
use serde::de::DeserializeSeed;
use serde_json::Deserializer;
use serde_json::de::IoRead;

use crate::error::{Place, SourceError};
use crate::json;
use entries::{LooseAccount, Reading, TopLevel};
use short_strings::{ShortStrings, StringTooLong};

/// What the errors call it.
const WHAT: &str = "a dump of the state";

/// A file with a whole state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadState {
    path: PathBuf,
    root: B256,
}

/// What a dump holds, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadEntry<'a> {
    /// A slot of the account that comes next.
    Slot(HeadSlot<'a>),
    /// An account, behind its slots.
    Account(HeadAccount),
}

/// An account without its storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadAccount {
    /// Its place in the file; the first is 0.
    pub ordinal: u64,
    /// Its address, where the file has it.
    pub address: Option<Address>,
    /// keccak256 of the address.
    pub hashed_address: B256,
    /// Nonce.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: U256,
    /// keccak256 of the code.
    pub code_hash: B256,
    /// Root of its storage trie.
    pub storage_root: B256,
}

/// A slot that is not zero. What its key and value mean depends on the [`SlotKeys`] of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadSlot<'a> {
    /// The place in the file of the account whose slot it is.
    pub account: u64,
    /// As in the file.
    pub key: B256,
    /// As in the file.
    pub value: &'a [u8],
}

/// How a file writes storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKeys {
    /// The slots themselves, and their values: `geth dump`.
    Plain,
    /// keccak256 of the slots, and the RLP of their values: `geth snapshot dump`, which has no addresses either.
    Hashed,
}

impl HeadSlot<'_> {
    /// The slot, where the file says which one it is.
    pub fn slot(&self, keys: SlotKeys) -> Option<U256> {
        (keys == SlotKeys::Plain).then(|| self.key.into())
    }

    /// The key in the storage trie.
    pub fn hashed_key(&self, keys: SlotKeys) -> B256 {
        match keys {
            SlotKeys::Plain => keccak256(self.key),
            SlotKeys::Hashed => self.key,
        }
    }

    /// The value; `None` where what is written cannot be one.
    pub fn value(&self, keys: SlotKeys) -> Option<U256> {
        match keys {
            SlotKeys::Plain => U256::try_from_be_slice(self.value),
            SlotKeys::Hashed => {
                let mut rest = self.value;
                U256::decode(&mut rest).ok().filter(|_| rest.is_empty())
            }
        }
    }
}

impl HeadState {
    /// Looks for the root of a dump, `.json` or `.json.gz`. It comes first in what geth writes.
    ///
    /// # Errors
    /// A file that cannot be read, or is not a dump.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let mut reading = Reading::of_root();
        let read = TopLevel(&mut reading).deserialize(&mut deserializer(path)?);
        match (reading.root, read) {
            // It ends at the root, as if that were an error.
            (Some(root), _) => Ok(Self { path: path.into(), root }),
            (None, Ok(())) => Err(malformed(path, "there is no 'root' of a state in it")),
            (None, Err(error)) => Err(failed(path, error)),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Root of the state.
    pub fn root(&self) -> B256 {
        self.root
    }

    /// Shows every account and slot to `visit`, until it returns an error. Returns how the slots are written, which is
    /// known only at the end.
    ///
    /// # Errors
    /// Those of `visit`, and a file that cannot be read or is not a dump of a whole state.
    pub fn read<E: From<SourceError>>(
        &self,
        visit: &mut dyn FnMut(HeadEntry<'_>) -> Result<(), E>,
    ) -> Result<SlotKeys, E> {
        let mut refused = None;
        let mut visit = |entry: HeadEntry<'_>| match visit(entry) {
            Ok(()) => true,
            Err(error) => {
                refused = Some(error);
                false
            }
        };
        let read = self.read_entries(Reading::of_everything(&mut visit));
        match refused {
            Some(error) => Err(error),
            None => read.map_err(E::from),
        }
    }

    fn read_entries(&self, mut reading: Reading<'_>) -> Result<SlotKeys, SourceError> {
        let failed = |error| failed(&self.path, error);
        let mut json = deserializer(&self.path)?;
        TopLevel(&mut reading).deserialize(&mut json).map_err(failed)?;
        while let Err(error) = json.end() {
            // More follows: another account, or what should not be there.
            if error.is_io() || reading.is_collected {
                return Err(failed(error));
            }
            LooseAccount(&mut reading).deserialize(&mut json).map_err(failed)?;
        }
        if reading.is_part {
            return Err(malformed(
                &self.path,
                "it holds only a part of the state, and says what comes 'next'",
            ));
        }
        if reading.accounts == 0 && self.root != EMPTY_ROOT_HASH {
            return Err(malformed(&self.path, "there is no account in it"));
        }
        Ok(reading.slot_keys())
    }
}

type Json = Deserializer<IoRead<BufReader<ShortStrings>>>;

fn deserializer(path: &Path) -> Result<Json, SourceError> {
    let text = ShortStrings::new(json::unpacked(path)?);
    Ok(Deserializer::from_reader(BufReader::with_capacity(json::READ_BYTES, text)))
}

fn malformed(path: &Path, problem: &str) -> SourceError {
    SourceError::Format { place: Place::file(path), problem: problem.into() }
}

fn failed(path: &Path, error: serde_json::Error) -> SourceError {
    let place = Place::file(path);
    if !error.is_io() {
        return SourceError::Json { place, what: WHAT, source: error };
    }
    let error = io::Error::from(error);
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(StringTooLong { limit_bytes }) => {
            SourceError::TooLarge { place, what: "a string", limit_bytes: *limit_bytes }
        }
        None => SourceError::unpack(place, WHAT, error),
    }
}

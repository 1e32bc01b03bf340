//! A whole state as another client dumps it, read as a stream: reth's and geth's forms.
//!
//! | form | what is in it |
//! |---|---|
//! | reth's `state.jsonl` | a line `{"root": …}`, then a line for each account: `balance`, `nonce`, `code`, `storage`, `address` |
//! | geth's `dump --iterative` | the same with geth's fields: `root` and `codeHash` of the account, and `key`, the hash of its address |
//! | geth's `dump` | one object `{"root": …, "accounts": {address: account, …}}` |
//!
//! Nothing is held but the slots of one account whose address comes after them, and of these only so many in memory.

mod account;
mod values;

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256, Bytes, U256};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::error::{FilePlace, SourceError};
use crate::json::{Counted, READ_BYTES, unpacked};
use account::{AccountSeed, AccountsSeed};
use values::Hash;

/// What a dump consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DumpItem {
    /// The state root, as the dump says.
    Root(B256),
    /// An account. Its slots follow before the next account.
    Account {
        /// Its address.
        address: Address,
        /// Its nonce.
        nonce: u64,
        /// Its balance in wei.
        balance: U256,
        /// Its code; empty where it has none.
        code: Bytes,
        /// keccak256 of the code.
        code_hash: B256,
        /// The root of its slots, where the dump says it.
        storage_root: Option<B256>,
    },
    /// A slot of the account before it.
    Slot {
        /// The address of the account.
        address: Address,
        /// The slot itself, not its hash.
        slot: U256,
        /// Its value.
        value: U256,
    },
}

/// Why the taker of items refuses one.
type Refusal = Box<dyn std::error::Error + Send + Sync>;

/// Where items go, and what parsing them needs besides.
pub(crate) struct Items<'a> {
    take: &'a mut dyn FnMut(DumpItem) -> Result<(), Refusal>,
    /// Why an item was refused: the parser's own error hides it.
    refused: Option<Refusal>,
    /// Where slots wait whose account is not known yet.
    folder: PathBuf,
    /// Accounts whose address the dump does not know.
    unnamed: u64,
    /// The hash of the first of them.
    first_unnamed: Option<String>,
}

impl Items<'_> {
    fn give<E: Error>(&mut self, item: DumpItem) -> Result<(), E> {
        (self.take)(item).map_err(|refused| {
            self.refused = Some(refused);
            E::custom("refused")
        })
    }
}

/// Why a dump was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The file cannot be read, or is no dump.
    #[error(transparent)]
    File(#[from] SourceError),
    /// The taker refused an item.
    #[error(transparent)]
    Refused(Refusal),
}

/// Reads a dump, plain or gzipped, and gives `take` each item; `folder` is for temporary files.
///
/// # Errors
/// The taker's refusal; what is no dump, with the place; accounts whose addresses the dump lacks.
pub fn read_state_dump(
    path: &Path,
    folder: &Path,
    take: &mut dyn FnMut(DumpItem) -> Result<(), Refusal>,
) -> Result<(), DumpError> {
    let folder = folder.to_path_buf();
    let mut items = Items { take, refused: None, folder, unnamed: 0, first_unnamed: None };
    let mut text = BufReader::with_capacity(READ_BYTES, Counted::new(unpacked(path)?));
    let io = |place, source| SourceError::unpack(place, WHAT, source);
    let mut is_first = true;
    loop {
        let left = skip_white(&mut text).map_err(|error| io(FilePlace::file(path), error))?;
        let offset = text.get_ref().bytes() - text.buffer().len() as u64;
        let place = || FilePlace::byte(path, offset);
        if left == 0 {
            break;
        }
        let mut parser = serde_json::Deserializer::from_reader(&mut text);
        let parsed = match is_first {
            true => FirstSeed(&mut items).deserialize(&mut parser),
            false => AccountSeed { items: &mut items, address: None }.deserialize(&mut parser),
        };
        if let Some(refused) = items.refused.take() {
            return Err(DumpError::Refused(refused));
        }
        parsed.map_err(|source| match source.is_io() {
            true => io(place(), source.into()),
            false => SourceError::Json { place: place(), what: WHAT, source },
        })?;
        is_first = false;
    }
    let problem = match (is_first, items.first_unnamed) {
        (true, _) => "the file is empty".to_owned(),
        (false, Some(first)) => format!(
            "the dump lacks the addresses of {} accounts (the first hashes to {first}): a node that was started with \
             --cache.preimages has them",
            items.unnamed
        ),
        (false, None) => return Ok(()),
    };
    Err(SourceError::Dump { file: path.into(), problem }.into())
}

const WHAT: &str = "a dump of the state, as geth's `dump` or reth's state.jsonl";

/// Passes over white space; how many bytes are ready then, none at the end.
fn skip_white(text: &mut impl BufRead) -> io::Result<usize> {
    loop {
        let ready = text.fill_buf()?;
        let white = ready.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let left = ready.len() - white;
        text.consume(white);
        if left > 0 || white == 0 {
            return Ok(left);
        }
    }
}

/// The first object: the root, and in geth's plain form all accounts.
struct FirstSeed<'a, 'b>(&'a mut Items<'b>);

impl<'de> DeserializeSeed<'de> for FirstSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FirstSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with the state's `root`, and in geth's form its `accounts`")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut fields: M) -> Result<(), M::Error> {
        let mut has_root = false;
        while let Some(name) = fields.next_key::<String>()? {
            match name.as_str() {
                "root" => {
                    has_root = true;
                    self.0.give(DumpItem::Root(fields.next_value::<Hash>()?.0))?;
                }
                "accounts" => fields.next_value_seed(AccountsSeed(self.0))?,
                // What `debug_accountRange` has where more accounts follow.
                "next" if fields.next_value::<Option<String>>()?.is_some() => {
                    return Err(M::Error::custom(
                        "the dump is a part of one: it names the account that comes next",
                    ));
                }
                "balance" | "address" => {
                    return Err(M::Error::custom("an account comes first, where the state's root should be"));
                }
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        match has_root {
            true => Ok(()),
            false => Err(M::Error::missing_field("root")),
        }
    }
}

#[cfg(test)]
mod tests;

//! Holds the end of every account's and slot's history in the tables against the store's state.

use std::cmp::Ordering;

use alloy::primitives::{hex, keccak256};
use blockmill_load::Database;
use blockmill_schemas::Dataset;
use blockmill_store::{Store, StoreError};

use crate::error::RunError;
use crate::head_state::{HeadState, NoHeadState};

/// A part of the state that a table has the history of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatePart {
    /// Balances: `balance_diffs`.
    Balances,
    /// Nonces: `nonce_diffs`.
    Nonces,
    /// `code_diffs`, compared by keccak256.
    Codes,
    /// `storage_diffs`; a slot that is zero is none.
    Slots,
}

/// What comparing a table with the store's state found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateDifferences {
    /// Accounts or slots that are not the same.
    pub count: u64,
    /// The first of them, for people.
    pub samples: Vec<String>,
}

/// Differences that are shown.
const SHOWN: usize = 5;

impl StatePart {
    /// Every part, in the order of the checks.
    pub const ALL: [Self; 4] = [Self::Balances, Self::Nonces, Self::Codes, Self::Slots];

    /// The table with the history of the part.
    pub fn dataset(self) -> Dataset {
        match self {
            Self::Balances => Dataset::BalanceDiffs,
            Self::Nonces => Dataset::NonceDiffs,
            Self::Codes => Dataset::CodeDiffs,
            Self::Slots => Dataset::StorageDiffs,
        }
    }

    /// Compares the end of each history in the table, which starts at genesis and ends with `last_block`, with the
    /// state; or says why there is no state to compare with.
    ///
    /// # Errors
    /// The store or the database cannot be read.
    pub fn compare(
        self,
        database: &Database,
        store: Option<&Store>,
        last_block: u64,
    ) -> Result<Result<StateDifferences, NoHeadState>, RunError> {
        let head = match HeadState::at(store, last_block)? {
            Ok(head) => head,
            Err(none) => return Ok(Err(none)),
        };
        let differences = match self {
            Self::Slots => MergeJoin::new(slots(head.store)).run(database, self)?,
            _ => MergeJoin::new(self.accounts(head.store)).run(database, self)?,
        };
        Ok(Ok(differences))
    }

    /// The last values of the table: `key` is an address, followed by the slot where there is one.
    fn last_values(self) -> &'static str {
        match self {
            Self::Balances => {
                "SELECT address AS key, coalesce(decimal_value::VARCHAR, u256_dec(large_value))::BLOB AS value
                 FROM (SELECT address, arg_max_null(to_value, (block_number, change_index)) AS decimal_value,
                     arg_max_null(to_value_u256, (block_number, change_index)) AS large_value
                     FROM balance_diffs GROUP BY address)
                 WHERE decimal_value IS NOT NULL OR large_value IS NOT NULL"
            }
            Self::Nonces => {
                "SELECT key, last_value::VARCHAR::BLOB AS value
                 FROM (SELECT address AS key, arg_max_null(to_value, (block_number, change_index)) AS last_value
                     FROM nonce_diffs GROUP BY address)
                 WHERE last_value IS NOT NULL"
            }
            Self::Codes => {
                "SELECT key, coalesce('h'::BLOB || last.hash, 'c'::BLOB || last.code) AS value
                 FROM (SELECT address AS key,
                         arg_max_null({'code': to_value, 'hash': to_value_hash}, (block_number, change_index)) AS last
                     FROM code_diffs GROUP BY address)
                 WHERE last.code IS NOT NULL OR last.hash IS NOT NULL"
            }
            Self::Slots => {
                "SELECT key, value
                 FROM (SELECT address || slot AS key, arg_max(to_value, (block_number, change_index)) AS value
                     FROM storage_diffs GROUP BY address, slot)
                 WHERE value <> u256(0)"
            }
        }
    }

    /// A value of the table as text.
    fn text(self, value: &[u8]) -> String {
        match self {
            Self::Balances | Self::Nonces => String::from_utf8_lossy(value).into_owned(),
            // Code, or its hash where it is long.
            Self::Codes => match value.split_first() {
                Some((b'h', hash)) => hex::encode_prefixed(hash),
                Some((_, code)) => keccak256(code).to_string(),
                None => String::new(),
            },
            Self::Slots => hex::encode_prefixed(value),
        }
    }

    /// The values of the store's accounts, keyed by address.
    fn accounts(self, store: &Store) -> impl Iterator<Item = Result<(Vec<u8>, String), StoreError>> {
        store.accounts().map(move |row| {
            let (address, account) = row?;
            let value = match self {
                Self::Balances => account.balance.to_string(),
                Self::Nonces => account.nonce.to_string(),
                Self::Codes | Self::Slots => account.code_hash.to_string(),
            };
            Ok((address.to_vec(), value))
        })
    }
}

/// The values of the store's slots, keyed by address and slot.
fn slots(store: &Store) -> impl Iterator<Item = Result<(Vec<u8>, String), StoreError>> {
    store.slots().map(|row| {
        let (address, slot, value) = row?;
        let key = [address.as_slice(), &slot.to_be_bytes::<32>()].concat();
        Ok((key, hex::encode_prefixed(value.to_be_bytes::<32>())))
    })
}

/// Walks through table and store together, both ascending.
struct MergeJoin<I> {
    store: I,
    /// The next key and value of the store.
    next: Option<(Vec<u8>, String)>,
    found: StateDifferences,
}

impl<I: Iterator<Item = Result<(Vec<u8>, String), StoreError>>> MergeJoin<I> {
    fn new(store: I) -> Self {
        Self { store, next: None, found: StateDifferences::default() }
    }

    fn run(mut self, database: &Database, part: StatePart) -> Result<StateDifferences, RunError> {
        self.advance()?;
        database.for_each_in_order(part.last_values(), |key, value| self.meet(key, &part.text(value)))?;
        while let Some((key, value)) = self.advance()? {
            self.differ(&key, None, Some(&value));
        }
        Ok(self.found)
    }

    /// Takes the store's next.
    fn advance(&mut self) -> Result<Option<(Vec<u8>, String)>, StoreError> {
        let following = self.store.next().transpose()?;
        Ok(std::mem::replace(&mut self.next, following))
    }

    /// A row of the table: what the store has before it, the table lacks.
    fn meet(&mut self, key: &[u8], value: &str) -> Result<(), RunError> {
        loop {
            let order =
                self.next.as_ref().map_or(Ordering::Greater, |(stored, _)| stored.as_slice().cmp(key));
            if order == Ordering::Greater {
                self.differ(key, Some(value), None);
                return Ok(());
            }
            let Some((stored_key, stored)) = self.advance()? else { return Ok(()) };
            if order == Ordering::Less {
                self.differ(&stored_key, None, Some(&stored));
                continue;
            }
            if stored != value {
                self.differ(key, Some(value), Some(&stored));
            }
            return Ok(());
        }
    }

    fn differ(&mut self, key: &[u8], in_table: Option<&str>, stored: Option<&str>) {
        const ADDRESS_BYTES: usize = 20;
        self.found.count += 1;
        if self.found.samples.len() < SHOWN {
            let (address, slot) = key.split_at(key.len().min(ADDRESS_BYTES));
            let slot = if slot.is_empty() {
                String::new()
            } else {
                format!(", slot {}", hex::encode_prefixed(slot))
            };
            let (in_table, stored) = (in_table.unwrap_or("nothing"), stored.unwrap_or("nothing"));
            let address = hex::encode_prefixed(address);
            self.found
                .samples
                .push(format!("{address}{slot}: the table ends with {in_table}, the state has {stored}"));
        }
    }
}

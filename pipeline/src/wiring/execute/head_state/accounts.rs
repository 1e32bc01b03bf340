//! The first pass: every account of the file, without its storage, and then those that it lacks.

use std::collections::BTreeMap;
use std::fmt::Display;

use alloy::primitives::{Address, B256, U256};
use blockmill_source::HeadAccount;
use blockmill_store::StoreError;
use blockmill_trie::TrieAccount;

use super::arrived::Arrived;
use super::census::Census;
use super::difference::{CompareError, Difference, Differences, Field, NONE, Name};

/// Accounts whose slots are compared; of any more only the storage root is. Some megabytes.
const MAX_STORAGES: usize = 10_000;

/// Accounts whose storage differs, by their places in the file.
pub(super) type Storages = BTreeMap<u64, Storage>;

/// Storage that differs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Storage {
    pub(super) account: Name<Address>,
    /// The hashed address.
    pub(super) owner: B256,
    pub(super) expected_root: B256,
    pub(super) actual_root: B256,
}

/// Takes one account after the other.
pub(super) struct Accounts<'a> {
    arrived: &'a Arrived<'a>,
    differences: Differences,
    census: Census,
    storages: Storages,
}

impl<'a> Accounts<'a> {
    pub(super) fn new(arrived: &'a Arrived<'a>) -> Self {
        let (differences, storages) = Default::default();
        Self { arrived, differences, census: Census::new(), storages }
    }

    pub(super) fn compare(&mut self, expected: &HeadAccount) -> Result<(), CompareError> {
        let hash = expected.hashed_address;
        let account = expected.address.map_or(Name::Hashed(hash), Name::Known);
        let Some(actual) = self.arrived.account(hash)? else {
            let expected = in_words(expected.nonce, expected.balance);
            return Ok(self.add(account, Field::Existence, expected, NONE)?);
        };
        self.census.take(hash);
        if expected.nonce != actual.nonce {
            self.add(account, Field::Nonce, expected.nonce, actual.nonce)?;
        }
        if expected.balance != actual.balance {
            self.add(account, Field::Balance, expected.balance, actual.balance)?;
        }
        if expected.code_hash != actual.code_hash {
            self.add(account, Field::CodeHash, expected.code_hash, actual.code_hash)?;
        }
        if expected.storage_root != actual.storage_root {
            self.put_storage(account, expected, &actual)?;
        }
        Ok(())
    }

    /// What has been found, and whose slots are to be compared.
    pub(super) fn finish(mut self) -> Result<(Differences, Storages), StoreError> {
        self.arrived.visit_accounts(|hash| self.census.add(hash))?;
        let missing = self.census.missing();
        for hash in missing.named {
            if let Some(account) = self.arrived.account(hash)? {
                let actual = in_words(account.nonce, account.balance);
                self.add(Name::Hashed(hash), Field::Existence, NONE, actual)?;
            }
        }
        self.differences.add_unnamed(missing.unnamed);
        Ok((self.differences, self.storages))
    }

    fn put_storage(
        &mut self,
        account: Name<Address>,
        expected: &HeadAccount,
        actual: &TrieAccount,
    ) -> Result<(), StoreError> {
        let (owner, expected_root, actual_root) =
            (expected.hashed_address, expected.storage_root, actual.storage_root);
        if self.storages.len() == MAX_STORAGES {
            return self.add(account, Field::StorageRoot, expected_root, actual_root);
        }
        let storage = Storage { account, owner, expected_root, actual_root };
        self.storages.insert(expected.ordinal, storage);
        Ok(())
    }

    fn add(
        &mut self,
        account: Name<Address>,
        field: Field,
        expected: impl Display,
        actual: impl Display,
    ) -> Result<(), StoreError> {
        self.differences.add(|| {
            let account = self.arrived.account_name(account)?;
            Ok(Difference { account, field, expected: expected.to_string(), actual: actual.to_string() })
        })
    }
}

fn in_words(nonce: u64, balance: U256) -> String {
    format!("nonce {nonce} and balance {balance}")
}

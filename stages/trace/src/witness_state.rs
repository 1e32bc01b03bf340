//! A witness as the state that its block is executed on.

use alloy::primitives::{Address, B256, Bytes, U256};
use blockmill_chain::{Absence, Account, AccountWitness, CodeSource, StateReader, WitnessReads};

use crate::error::WitnessError;

/// The reads of a witness, with code from elsewhere. Look-ups are binary searches: a block asks for each account and
/// slot once.
#[derive(Debug)]
pub struct WitnessState<'a, C> {
    reads: &'a WitnessReads,
    codes: &'a C,
}

impl<'a, C> WitnessState<'a, C> {
    /// The state before the block of a witness. `codes` has the code of the accounts in it.
    pub fn new(reads: &'a WitnessReads, codes: &'a C) -> Self {
        Self { reads, codes }
    }

    /// The account's entry; `None` where the witness leaves out what does not exist.
    fn entry(&self, address: Address) -> Result<Option<&'a AccountWitness>, WitnessError> {
        let accounts = &self.reads.accounts;
        match accounts.binary_search_by_key(&address, |account| account.address) {
            Ok(at) => Ok(Some(&accounts[at])),
            Err(_) => self.absent(WitnessError::MissingAccount { address }, None),
        }
    }

    fn absent<T>(&self, missing: WitnessError, nonexistent: T) -> Result<T, WitnessError> {
        match self.reads.absence {
            Absence::Exact => Err(missing),
            Absence::MeansNonexistent => Ok(nonexistent),
        }
    }
}

impl<C> StateReader for WitnessState<'_, C> {
    type Error = WitnessError;

    fn account(&self, address: Address) -> Result<Option<Account>, WitnessError> {
        Ok(self.entry(address)?.and_then(|entry| entry.account))
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, WitnessError> {
        let storage = self.entry(address)?.map_or(&[][..], |entry| &entry.storage);
        match storage.binary_search_by_key(&slot, |(key, _)| *key) {
            Ok(at) => Ok(storage[at].1),
            Err(_) => self.absent(WitnessError::MissingSlot { address, slot }, U256::ZERO),
        }
    }

    fn storage_of(&self, address: Address) -> Result<Vec<(U256, U256)>, WitnessError> {
        let storage = self.entry(address)?.map_or(&[][..], |entry| &entry.storage);
        Ok(storage.iter().copied().filter(|(_, value)| !value.is_zero()).collect())
    }

    /// As the execution that made the witness found it. A witness made elsewhere has no such checks: the slots that it lists
    /// are all that is known.
    fn has_storage(&self, address: Address) -> Result<bool, WitnessError> {
        let checks = &self.reads.creation_checks;
        match checks.binary_search_by_key(&address, |(checked, _)| *checked) {
            Ok(at) => Ok(checks[at].1),
            Err(_) => {
                let is_listed = !self.storage_of(address)?.is_empty();
                self.absent(WitnessError::MissingCreationCheck { address }, is_listed)
            }
        }
    }

    /// Missing is an error whatever absence means: the EVM asks only for ancestors that exist.
    fn block_hash(&self, number: u64) -> Result<B256, WitnessError> {
        let hashes = &self.reads.block_hashes;
        let at = hashes.binary_search_by_key(&number, |(number, _)| *number);
        at.map(|at| hashes[at].1).map_err(|_| WitnessError::MissingBlockHash { number })
    }

    fn is_whole(&self) -> bool {
        self.reads.absence == Absence::Exact
    }
}

impl<C: CodeSource> CodeSource for WitnessState<'_, C> {
    type Error = C::Error;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, C::Error> {
        self.codes.code(hash)
    }
}

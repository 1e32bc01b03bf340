//! The state that a test says it ends with.

use std::collections::BTreeMap;
use std::fmt;

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use blockmill_chain::Account;

/// One account of it, storage included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedAccount {
    /// Balance in wei.
    pub balance: U256,
    /// The account's nonce.
    pub nonce: u64,
    /// keccak256 of the code; of the empty string where there is none.
    pub code_hash: B256,
    /// The account's code.
    pub code: Bytes,
    /// The account's non-zero slots.
    pub storage: BTreeMap<U256, U256>,
}

impl ExpectedAccount {
    /// Takes the hash from the code; slots that are written down as zero are dropped.
    pub fn new(balance: U256, nonce: u64, code: Bytes, mut storage: BTreeMap<U256, U256>) -> Self {
        storage.retain(|_, value| !value.is_zero());
        let code_hash = if code.is_empty() { KECCAK_EMPTY } else { keccak256(&code) };
        Self { balance, nonce, code_hash, code, storage }
    }

    /// The account without its storage.
    pub fn account(&self) -> Account {
        Account { nonce: self.nonce, balance: self.balance, code_hash: self.code_hash }
    }
}

/// A whole state, by address.
pub type ExpectedState = BTreeMap<Address, ExpectedAccount>;

/// One place where a state is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The address of the account.
    pub address: Address,
    /// The part of it that differs.
    pub part: Part,
    /// What the test says, as people read it.
    pub expected: String,
    /// What the state has there.
    pub actual: String,
}

/// A part of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The account as such: it exists on one side only.
    Existence,
    /// Balance in wei.
    Balance,
    /// The nonce.
    Nonce,
    /// Hash of the code.
    CodeHash,
    /// The storage slot with this key.
    Slot(U256),
}

impl Difference {
    /// `None` where both sides are the same.
    pub(crate) fn new<T: PartialEq + fmt::Display>(
        address: Address,
        part: Part,
        expected: T,
        actual: T,
    ) -> Option<Self> {
        let differ = expected != actual;
        differ.then(|| Self { address, part, expected: expected.to_string(), actual: actual.to_string() })
    }

    /// The differences of two accounts, storage aside.
    pub(crate) fn of_accounts(
        address: Address,
        expected: Option<Account>,
        actual: Option<Account>,
    ) -> Vec<Self> {
        let (Some(expected), Some(actual)) = (expected, actual) else {
            let shown = |account: Option<Account>| account.map_or("absent".into(), |a| format!("{a:?}"));
            return Self::new(address, Part::Existence, shown(expected), shown(actual)).into_iter().collect();
        };
        let balance = Self::new(address, Part::Balance, expected.balance, actual.balance);
        let nonce = Self::new(address, Part::Nonce, expected.nonce, actual.nonce);
        let code_hash = Self::new(address, Part::CodeHash, expected.code_hash, actual.code_hash);
        [balance, nonce, code_hash].into_iter().flatten().collect()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, part, expected, actual } = self;
        write!(f, "{address} {part}: expected {expected}, actual {actual}")
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Existence => f.write_str("account"),
            Self::Balance => f.write_str("balance"),
            Self::Nonce => f.write_str("nonce"),
            Self::CodeHash => f.write_str("code hash"),
            Self::Slot(slot) => write!(f, "slot {slot:#x}"),
        }
    }
}

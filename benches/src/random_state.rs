//! A large state, the same every time: accounts, a twentieth of them contracts whose storages have a long tail.

use std::mem;

use alloy::primitives::{Address, B256, U256, keccak256};
use blockmill_chain::{Account, BlockChanges};
use blockmill_store::{Store, StoreError};

/// A state of so many accounts and slots.
#[derive(Debug, Clone)]
pub struct RandomState {
    /// Number of accounts.
    pub accounts: u64,
    /// Number of slots, about.
    pub slots: u64,
    /// Addresses of the largest contracts, largest first; the others have random ones.
    pub largest: Vec<Address>,
}

/// Accounts and slots written in one batch.
const BATCH_ROWS: u64 = 200_000;
/// One account in so many is a contract.
const CONTRACT_EVERY: u64 = 20;

impl RandomState {
    /// Writes the flat state.
    ///
    /// # Errors
    /// The store could not be written.
    pub fn write(&self, store: &Store) -> Result<(), StoreError> {
        let mut writer = Writer { store, changes: BlockChanges::default(), rows: 0 };
        for number in 0..self.accounts {
            let (address, slots) = (self.address(number), self.slots_of(number));
            let account = Account { nonce: number, balance: U256::from(number) << 40, ..Account::default() };
            writer.changes.accounts.insert(address, Some(account));
            writer.added()?;
            for slot in 0..slots {
                let value = U256::from(hash(&[number, slot]).0[0]) + U256::from(1);
                writer.changes.storage.entry(address).or_default().slots.insert(slot_key(slot), value);
                writer.added()?;
            }
        }
        writer.write()
    }

    /// How many slots the account has: the n-th contract about 1/n of what the first has (Zipf's law).
    pub fn slots_of(&self, account: u64) -> u64 {
        if !account.is_multiple_of(CONTRACT_EVERY) {
            return 0;
        }
        let contracts = self.accounts / CONTRACT_EVERY;
        let harmonic = (contracts as f64).ln() + 0.577_215_664_9;
        let first = self.slots as f64 / harmonic;
        (first / (account / CONTRACT_EVERY + 1) as f64).round() as u64
    }

    /// New values for `leaves` random leaves, about as blocks do it: two slots for each account, mostly of the large
    /// contracts; one in ten is new, one in ten goes.
    pub fn random_changes(&self, leaves: u64, seed: u64) -> BlockChanges {
        let mut changes = BlockChanges::default();
        for n in 0..leaves {
            let random = hash(&[seed, n]);
            let kind = random[0] % 10;
            let value = if kind == 0 { U256::ZERO } else { U256::from_be_bytes(random.0) >> 128 };
            let pick =
                u64::from_be_bytes([random[1], random[2], random[3], random[4], random[5], random[6], 0, 0]);
            if n.is_multiple_of(3) {
                let number = if kind == 1 { self.accounts + pick } else { pick % self.accounts };
                changes
                    .accounts
                    .insert(self.address(number), Some(Account { balance: value, ..Account::default() }));
            } else {
                let owner = self.owner_of_slot(pick);
                let of = self.slots_of(owner).max(1);
                let slot = if kind == 1 { of + pick } else { pick % of };
                changes.storage.entry(self.address(owner)).or_default().slots.insert(slot_key(slot), value);
            }
        }
        changes
    }

    /// A random number, the same for the same `n`.
    pub fn random(&self, n: u64) -> u64 {
        u64::from_be_bytes(hash(&[n, self.slots]).0[..8].try_into().unwrap_or_default())
    }

    /// A slot of a contract of middle size, or one that such a contract does not have.
    pub fn slot(&self, random: u64, is_present: bool) -> (Address, U256) {
        let contracts = self.accounts / CONTRACT_EVERY;
        let rank = (contracts as f64).powf(0.25 + 0.5 * (random as f64 / u64::MAX as f64)) as u64;
        let owner = rank.min(contracts - 1) * CONTRACT_EVERY;
        let slots = self.slots_of(owner).max(1);
        let slot = if is_present { random % slots } else { slots + random % self.slots };
        (self.address(owner), slot_key(slot))
    }

    /// The address of an account, by its number; numbers from that of the accounts on have none in the state.
    pub fn address(&self, number: u64) -> Address {
        let rank = number.is_multiple_of(CONTRACT_EVERY).then_some((number / CONTRACT_EVERY) as usize);
        let given = rank.and_then(|rank| self.largest.get(rank));
        given.copied().unwrap_or_else(|| Address::from_slice(&hash(&[number])[12..]))
    }

    /// A contract, as likely as it has slots.
    fn owner_of_slot(&self, random: u64) -> u64 {
        let contracts = (self.accounts / CONTRACT_EVERY) as f64;
        let rank = contracts.powf(random as f64 / u64::MAX as f64) - 1.0;
        (rank as u64).min(self.accounts / CONTRACT_EVERY - 1) * CONTRACT_EVERY
    }
}

/// Rows that are on their way into a store.
struct Writer<'a> {
    store: &'a Store,
    changes: BlockChanges,
    rows: u64,
}

impl Writer<'_> {
    /// A row is among the changes now.
    fn added(&mut self) -> Result<(), StoreError> {
        self.rows += 1;
        if self.rows < BATCH_ROWS { Ok(()) } else { self.write() }
    }

    fn write(&mut self) -> Result<(), StoreError> {
        let mut batch = self.store.batch();
        batch.put_changes(&mem::take(&mut self.changes))?;
        self.rows = 0;
        batch.commit()
    }
}

fn hash(numbers: &[u64]) -> B256 {
    keccak256(numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<_>>())
}

/// The key of a slot, as a mapping in a contract has it.
fn slot_key(slot: u64) -> U256 {
    U256::from_be_bytes(hash(&[slot, 1]).0)
}

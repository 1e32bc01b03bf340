//! What the tables say of a block against what its execution changed: diffs end where the state does, and ether that
//! moved, with fees, is all that changed balances.

use std::collections::BTreeMap;

use alloy::primitives::{Address, U256, keccak256};
use arrow::array::RecordBatch;
use blockmill_chain::{Account, BlockChanges, ChainSpec, StateReader, Witness};
use blockmill_execute::CodeCache;
use blockmill_schemas::Dataset;
use blockmill_testkit::rows::{Row, rows};
use blockmill_testkit::state_map::MapState;
use blockmill_trace::{FrameMemory, TableRows, TraceOptions, trace_block};

/// What can change: an account's balance, nonce and code hash, or a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    Balance,
    Nonce,
    CodeHash,
    Slot(U256),
}

/// Each field that is not what it was, with what it was and is; `None` where there is no account.
pub(crate) type Changed = BTreeMap<(Address, Field), (Option<U256>, Option<U256>)>;

/// The tables that are held against the changes.
pub(crate) struct Tables(Vec<(Dataset, RecordBatch)>);

impl Tables {
    /// Traces the block of a witness on the state of its parent.
    pub(crate) fn of(spec: &ChainSpec, witness: &Witness, codes: &CodeCache, parent: &MapState) -> Self {
        let datasets = vec![
            Dataset::Transactions,
            Dataset::NativeTransfers,
            Dataset::BalanceDiffs,
            Dataset::NonceDiffs,
            Dataset::CodeDiffs,
            Dataset::StorageDiffs,
        ];
        let options = TraceOptions { datasets, precompiles: false, opcode_stack: false };
        let mut tables = TableRows::new(&options, usize::MAX, FrameMemory::unlimited());
        let mut written = Vec::new();
        trace_block(spec, witness, codes, parent, &mut tables, &mut written).unwrap();
        tables.flush(&mut written).unwrap();
        Self(written)
    }

    pub(crate) fn rows(&self, dataset: Dataset) -> impl Iterator<Item = Row<'_>> {
        self.0.iter().filter(move |(of, _)| *of == dataset).flat_map(|(_, batch)| rows(batch))
    }

    /// The diffs of the block, those of one field made into one.
    pub(crate) fn diffs(&self) -> Changed {
        let mut changed = Changed::new();
        let mut add = |address, field, from, to| {
            let (_, last) = changed.entry((address, field)).or_insert((from, from));
            assert_eq!(*last, from, "{field:?} of {address} does not chain up");
            *last = to;
        };
        for row in self.rows(Dataset::BalanceDiffs) {
            let value = |name| row.amount(name);
            add(row.address("address").unwrap(), Field::Balance, value("from_value"), value("to_value"));
        }
        for row in self.rows(Dataset::NonceDiffs) {
            let value = |name| row.number(name).map(U256::from);
            add(row.address("address").unwrap(), Field::Nonce, value("from_value"), value("to_value"));
        }
        for row in self.rows(Dataset::CodeDiffs) {
            let hash = |code| U256::from_be_bytes(keccak256(code).0);
            // Long code is in `payloads`; the row has its hash.
            let value = |name| row.word(&format!("{name}_hash")).or_else(|| row.bytes(name).map(hash));
            add(row.address("address").unwrap(), Field::CodeHash, value("from_value"), value("to_value"));
        }
        for row in self.rows(Dataset::StorageDiffs) {
            let field = Field::Slot(row.word("slot").unwrap());
            add(row.address("address").unwrap(), field, row.word("from_value"), row.word("to_value"));
        }
        changed.retain(|_, (from, to)| from != to);
        changed
    }

    /// What each balance gained, modulo 2^256: transfers, less fees, and tips.
    pub(crate) fn gains(&self, witness: &Witness) -> BTreeMap<Address, U256> {
        let mut gains: BTreeMap<Address, U256> = BTreeMap::new();
        let mut add = |address: Option<Address>, wei: U256| {
            if let Some(address) = address {
                let gained = gains.entry(address).or_default();
                *gained = gained.wrapping_add(wei);
            }
        };
        for row in self.rows(Dataset::NativeTransfers) {
            let wei = row.amount("value").unwrap();
            add(row.address("from_address"), wei.wrapping_neg());
            add(row.address("to_address"), wei);
        }
        let header = witness.block.header();
        let base_fee = U256::from(header.base_fee_per_gas.unwrap_or(0));
        for row in self.rows(Dataset::Transactions) {
            let gas = U256::from(row.number("gas_used").unwrap());
            let price = row.decimal("effective_gas_price").unwrap();
            let blobs = row
                .number("blob_gas_used")
                .map(|gas| U256::from(gas) * row.decimal("blob_gas_price").unwrap());
            let fees = gas * price + blobs.unwrap_or_default();
            add(row.address("from_address"), fees.wrapping_neg());
            add(Some(header.beneficiary), gas * (price - base_fee));
        }
        gains.retain(|_, wei| !wei.is_zero());
        gains
    }
}

/// What each balance gained by the diffs, modulo 2^256: some tests have balances that no signed number holds.
pub(crate) fn gains(diffs: &Changed) -> BTreeMap<Address, U256> {
    let balances = diffs.iter().filter(|((_, field), _)| *field == Field::Balance);
    let wei = |balance: &Option<U256>| balance.unwrap_or_default();
    let gains = balances.map(|((address, _), (from, to))| (*address, wei(to).wrapping_sub(wei(from))));
    gains.filter(|(_, wei)| !wei.is_zero()).collect()
}

/// What a block changed on the state of its parent.
pub(crate) fn changed(parent: &MapState, changes: &BlockChanges) -> Changed {
    let mut changed = Changed::new();
    for (&address, &now) in &changes.accounts {
        let before = parent.account(address).unwrap();
        let mut add = |field, value: fn(Account) -> U256| {
            changed.insert((address, field), (before.map(value), now.map(value)));
        };
        add(Field::Balance, |account| account.balance);
        add(Field::Nonce, |account| U256::from(account.nonce));
        add(Field::CodeHash, |account| U256::from_be_bytes(account.code_hash.0));
    }
    for (&address, storage) in &changes.storage {
        let mut slots: BTreeMap<U256, U256> =
            storage.slots.iter().map(|(slot, value)| (*slot, *value)).collect();
        if storage.wiped {
            for (slot, _) in parent.storage_of(address).unwrap() {
                slots.entry(slot).or_insert(U256::ZERO);
            }
        }
        for (slot, now) in slots {
            let before = parent.storage(address, slot).unwrap();
            changed.insert((address, Field::Slot(slot)), (Some(before), Some(now)));
        }
    }
    changed.retain(|_, (from, to)| from != to);
    changed
}

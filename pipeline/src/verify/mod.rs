//! Checks an existing database: the SQL invariants of its tables, and the tables against the store they were made from.

mod blooms;
mod deep;
mod places;
mod receipts;
mod row;
mod state;
mod store;
mod windows;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use crate::error::RunError;
use crate::memory::CommandBudget;
use blockmill_chain::BlockRange;
use blockmill_load::{CheckOutcome, Database, LoadError, LoadedUnit, Verdict};
use blockmill_schemas::Dataset;
use blockmill_store::{Store, StoreError};

pub(crate) use places::Places;
pub(crate) use receipts::{Receipts, SIZES as RECEIPT_SIZES, receipts};
pub use state::{StateDifferences, StatePart};
pub use store::{StoreDamage, check_store};
pub(crate) use store::{check_body, check_header};

use blooms::other_blooms;
use row::{Read, Row};

/// What is to be checked.
pub struct Request<'a> {
    /// The database with the tables.
    pub database: &'a Database,
    /// The store, whose headers and state the tables are compared with, where there is one.
    pub store: Option<&'a Store>,
    /// Where temporary files go.
    pub scratch: &'a Path,
    /// Compute the state trie anew, and compare.
    pub deep: bool,
    /// Memory beside that of DuckDB and the store, which are open.
    pub budget: CommandBudget,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Name of the check.
    pub name: &'static str,
    /// What should hold, for people.
    pub description: &'static str,
    /// Whether it holds.
    pub outcome: Outcome,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// No row violates it.
    Holds,
    /// Rows violate it.
    Broken {
        /// In how many places.
        violations: u64,
        /// The first of them.
        samples: Vec<String>,
    },
    /// There is nothing to ask: a table or the store is not there.
    Skipped {
        /// The reason, in words.
        reason: String,
    },
    /// The check could not be asked: it may hold or not.
    Failed {
        /// The reason, in words.
        reason: String,
    },
}

impl Outcome {
    /// Broken where there are violations.
    fn of(violations: u64, samples: Vec<String>) -> Self {
        if violations == 0 { Self::Holds } else { Self::Broken { violations, samples } }
    }

    /// What was asked, or why not. What fails on a value in the tables or on a row of the store has found it: that is broken.
    ///
    /// # Errors
    /// DuckDB cannot read its file: nothing more can be asked of it.
    fn of_question(asked: Result<Self, RunError>) -> Result<Self, RunError> {
        match asked {
            Err(RunError::Load(error)) if matches!(*error, LoadError::Damaged { .. }) => {
                Err(RunError::Load(error))
            }
            Err(error) if is_about_data(&error) => {
                Ok(Self::Broken { violations: 1, samples: vec![error.to_string()] })
            }
            Err(error) => Ok(Self::Failed { reason: error.to_string() }),
            Ok(outcome) => Ok(outcome),
        }
    }
}

fn is_about_data(error: &RunError) -> bool {
    match error {
        RunError::Load(error) => error.is_about_values(),
        RunError::Store(error) => matches!(error, StoreError::Row { .. } | StoreError::MissingRow { .. }),
        RunError::Unreadable { .. } => true,
        _ => false,
    }
}

/// Runs every check; `report` is told each as soon as it is known. One that could not be run does not keep the others from
/// being run.
///
/// # Errors
/// The database cannot be read at all. A check that does not hold is not an error but a [`Finding`].
pub fn verify(request: &Request<'_>, report: &mut dyn FnMut(&Finding)) -> Result<(), RunError> {
    let units = match request.database.loaded() {
        Err(LoadError::BadLoadedTable { reason, .. }) => {
            report(&Finding {
                name: "loaded_units_can_be_read",
                description: "_loaded says which blocks lie in which table; the other checks go by it",
                outcome: Outcome::Broken { violations: 1, samples: vec![format!("_loaded: {reason}")] },
            });
            return Ok(());
        }
        units => units?,
    };
    request.database.verify(|outcome| report(&from_sql(outcome)))?;
    let mut report = |name, description, asked| -> Result<(), RunError> {
        report(&Finding { name, description, outcome: Outcome::of_question(asked)? });
        Ok(())
    };
    let state_block = request.database.meta("state_block")?.and_then(|block| block.parse().ok());
    if let Some(block) = state_block {
        report(
            "the_loaded_state_is_that_of_its_block",
            "the state that the chain starts from has the root of its block's header, and _meta says so",
            loaded_state(request, block),
        )?;
    }
    for check in [Comparison::BLOCKS, Comparison::TRANSACTIONS] {
        report(check.name, check.description, check.run(request, &units, state_block))?;
    }
    report(
        "logs_make_the_bloom_of_the_header",
        "the addresses and topics of a block's logs give exactly its header's bloom",
        blooms(request, &units),
    )?;
    for part in StatePart::ALL {
        let (name, description) = names(part);
        report(name, description, state(request, &units, part, state_block))?;
    }
    if request.deep {
        deep::report(request, &units, &mut report)?;
    }
    Ok(())
}

/// Takes the name of a check, what should hold, and what was found.
type Report<'a> =
    dyn FnMut(&'static str, &'static str, Result<Outcome, RunError>) -> Result<(), RunError> + 'a;

fn from_sql(outcome: &CheckOutcome) -> Finding {
    let outcome_of = match &outcome.verdict {
        Verdict::Holds => Outcome::Holds,
        Verdict::Broken { violations, samples } => {
            Outcome::Broken { violations: *violations, samples: samples.clone() }
        }
        Verdict::Failed { reason } => Outcome::Failed { reason: reason.clone() },
        Verdict::Skipped { missing } => {
            Outcome::Skipped { reason: format!("{} not loaded or derived", missing.join(", ")) }
        }
    };
    Finding { name: outcome.name, description: outcome.description, outcome: outcome_of }
}

fn blooms(request: &Request<'_>, units: &[LoadedUnit]) -> Result<Outcome, RunError> {
    let ranges = (loaded_range(units, Dataset::Blocks), loaded_range(units, Dataset::Logs));
    let (Some(blocks), Some(_)) = ranges else {
        return Ok(Outcome::Skipped { reason: "blocks or logs not loaded".into() });
    };
    Ok(other_blooms(request.database, blocks, request.budget.window)?.outcome())
}

fn names(part: StatePart) -> (&'static str, &'static str) {
    match part {
        StatePart::Balances => (
            "balance_diffs_end_at_the_state",
            "the last balance of every account in balance_diffs is the one that the store's state has",
        ),
        StatePart::Nonces => (
            "nonce_diffs_end_at_the_state",
            "the last nonce of every account in nonce_diffs is the one that the store's state has",
        ),
        StatePart::Codes => (
            "code_diffs_end_at_the_state",
            "the last code of every account in code_diffs is the one that the store's state has",
        ),
        StatePart::Slots => (
            "storage_diffs_end_at_the_state",
            "the last value of every slot in storage_diffs is the one that the store's state has",
        ),
    }
}

/// The root in `_meta` against the header of the block.
fn loaded_state(request: &Request<'_>, block: u64) -> Result<Outcome, RunError> {
    let Some(store) = request.store else { return Ok(no_store()) };
    let noted = request.database.meta("state_root")?;
    let header = store.header(block)?.ok_or(StoreError::UnknownBlock { number: block })?;
    let expected = header.state_root.to_string();
    Ok(match noted == Some(expected.clone()) {
        true => Outcome::Holds,
        false => Outcome::of(
            1,
            vec![format!("block {block} has {expected}, _meta {}", noted.unwrap_or("nothing".into()))],
        ),
    })
}

fn state(
    request: &Request<'_>,
    units: &[LoadedUnit],
    part: StatePart,
    state_block: Option<u64>,
) -> Result<Outcome, RunError> {
    let skipped = |reason: String| Ok(Outcome::Skipped { reason });
    let Some(range) = loaded_range(units, part.dataset()) else {
        return skipped(format!("{} not loaded", part.dataset()));
    };
    if range.start > 0 && Some(range.start) != state_block {
        return skipped(format!("{} does not start at genesis", part.dataset()));
    }
    Ok(match part.compare(request.database, request.store, range.end - 1)? {
        Err(why) => Outcome::Skipped { reason: why.to_string() },
        Ok(StateDifferences { count, samples }) => Outcome::of(count, samples),
    })
}

fn no_store() -> Outcome {
    Outcome::Skipped { reason: "the data directory holds no store".into() }
}

/// Blocks that are summed together: a handful of rows for a young chain, some thousands for mainnet.
const WINDOW_BLOCKS: u64 = 10_000;

/// Sums over some blocks. Equal sums on both sides leave no room for a block that is missing, doubled, or another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sums {
    blocks: u64,
    transactions: u64,
    gas: u128,
    /// Exclusive or of the first eight bytes of each block hash.
    hashes: u64,
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { blocks, transactions, gas, hashes } = self;
        write!(f, "blocks={blocks}, transactions={transactions}, gas={gas}, hash={hashes:#018x}")
    }
}

/// A table held against the store.
struct Comparison {
    name: &'static str,
    description: &'static str,
    dataset: Dataset,
    /// Blocks, transactions, gas and hashes of a group of rows; zero for what the table does not know.
    sums: &'static str,
    /// Leaves of the store's sums what the table knows.
    known: fn(Sums) -> Sums,
}

/// Blocks that the table and the store do not agree about.
struct ValueDifference {
    blocks: BlockRange,
    stored: Sums,
    in_table: Read<Sums>,
}

impl Comparison {
    const BLOCKS: Self = Self {
        name: "blocks_match_the_store",
        description: "hash, transaction count and gas of every block are those of its header in the store",
        dataset: Dataset::Blocks,
        sums: "count(*), sum(transaction_count), sum(gas_used), bit_xor(TRY_CAST('0x' || hex(block_hash)[1:16] AS UBIGINT))",
        known: |sums| sums,
    };

    const TRANSACTIONS: Self = Self {
        name: "transactions_match_the_store",
        description: "every block has as many transactions as in the store, and they used the gas of its header",
        dataset: Dataset::Transactions,
        sums: "0, count(*), sum(gas_used), 0",
        known: |sums| Sums { blocks: 0, hashes: 0, ..sums },
    };

    /// The block of a loaded state has its rows in the diffs alone.
    fn run(
        &self,
        request: &Request<'_>,
        units: &[LoadedUnit],
        state_block: Option<u64>,
    ) -> Result<Outcome, RunError> {
        let Some(store) = request.store else { return Ok(no_store()) };
        let Some(mut range) = loaded_range(units, self.dataset) else {
            return Ok(Outcome::Skipped { reason: format!("{} not loaded", self.dataset) });
        };
        if Some(range.start) == state_block {
            range.start += 1;
        }
        let mut places = Places::default();
        for window in self.differences(request.database, store, range, WINDOW_BLOCKS)? {
            for block in self.differences(request.database, store, window.blocks, 1)? {
                let ValueDifference { blocks, stored, in_table } = block;
                let in_table = in_table.map_or_else(|what| what, |sums| sums.to_string());
                places.add(format!("block {}: the store has {stored}; the table {in_table}", blocks.start));
            }
        }
        Ok(places.outcome())
    }

    /// Where the sums over `width` blocks each are not the same.
    fn differences(
        &self,
        database: &Database,
        store: &Store,
        range: BlockRange,
        width: u64,
    ) -> Result<Vec<ValueDifference>, RunError> {
        let tables = self.table_sums(database, range, width)?;
        let mut differences = Vec::new();
        for window in range.start / width..range.end.div_ceil(width) {
            let start = window * width;
            let blocks = BlockRange::new(start.max(range.start), (start + width).min(range.end));
            let stored = (self.known)(store_sums(store, blocks)?);
            let in_table = tables.get(&window).cloned().unwrap_or(Ok(Sums::default()));
            if in_table.as_ref() != Ok(&stored) {
                differences.push(ValueDifference { blocks, stored, in_table });
            }
        }
        Ok(differences)
    }

    /// The table's sums by window: the number of its first block, divided by `width`.
    fn table_sums(
        &self,
        database: &Database,
        range: BlockRange,
        width: u64,
    ) -> Result<BTreeMap<u64, Read<Sums>>, RunError> {
        let (table, sums, BlockRange { start, end }) = (self.dataset.name(), self.sums, range);
        let select = format!(
            "SELECT block_number // {width} AS block_window, {sums} FROM {table}
             WHERE block_number >= {start} AND block_number < {end} GROUP BY block_window"
        );
        let unreadable = |what| RunError::Unreadable { table, what };
        let window = |row: Row| -> Result<_, RunError> {
            Ok((row.number(0, "block_number").map_err(unreadable)?, sums_of(&row)))
        };
        Row::of(database, &select)?.map(window).collect()
    }
}

/// The sums in a row of [`Comparison::table_sums`].
fn sums_of(row: &Row) -> Read<Sums> {
    Ok(Sums {
        blocks: row.number(1, "the number of blocks")?,
        transactions: row.number(2, "the sum of transactions")?,
        gas: row.number(3, "the sum of gas")?,
        hashes: row.number(4, "the combination of hashes")?,
    })
}

/// From the first to the last block whose rows of a dataset are loaded.
fn loaded_range(units: &[LoadedUnit], dataset: Dataset) -> Option<BlockRange> {
    let has = |unit: &&LoadedUnit| unit.segments.iter().any(|segment| segment.dataset == dataset);
    let ranges = units.iter().filter(has).map(|unit| unit.range);
    ranges.reduce(|all, unit| BlockRange::new(all.start.min(unit.start), all.end.max(unit.end)))
}

fn store_sums(store: &Store, range: BlockRange) -> Result<Sums, StoreError> {
    let mut sums = Sums::default();
    for number in store.numbers(range) {
        let number = number?;
        let unknown = || StoreError::UnknownBlock { number };
        let hash = store.block_hash(number)?.ok_or_else(unknown)?;
        let [a, b, c, d, e, f, g, h, ..] = hash.0;
        sums.blocks += 1;
        sums.transactions += store.transaction_senders(number)?.ok_or_else(unknown)?.len() as u64;
        sums.gas += u128::from(store.header(number)?.ok_or_else(unknown)?.gas_used);
        sums.hashes ^= u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    }
    Ok(sums)
}

//! Holds transactions and logs against the receipts roots of the headers: SQL has no tries.

use std::collections::BTreeMap;

use crate::error::RunError;
use alloy::consensus::proofs::calculate_receipt_root;
use alloy::consensus::{Eip658Value, Receipt as ReceiptBody, ReceiptEnvelope, TxType};
use alloy::primitives::{Address, B256, Log, LogData};
use blockmill_chain::{BlockRange, Receipt};
use blockmill_load::Database;

use super::places::Places;
use super::row::{Read, Row};
use super::windows::RowSizes;

/// Receipts and logs: as texts, with what holds these, and as values. Data of a log are two characters a byte, in the rows that
/// DuckDB hands over and in ours, and the bytes themselves.
pub(crate) const SIZES: RowSizes = RowSizes {
    select: "SELECT block_number, 500 AS bytes FROM blocks WHERE BLOCKS
        UNION ALL SELECT block_number, 1500 FROM transactions WHERE BLOCKS
        UNION ALL SELECT block_number, 2000 + 8 * coalesce(octet_length(data), long_bytes, 0)
        FROM (SELECT block_number, data, data_hash FROM logs WHERE BLOCKS)
        LEFT JOIN (SELECT block_number AS long_block, payload_hash, sum(octet_length(piece)) AS long_bytes FROM payloads
            WHERE BLOCKS GROUP BY ALL)
        ON block_number = long_block AND data_hash = payload_hash",
    tables: &["blocks", "transactions", "logs"],
};

/// What the tables say of the receipts of a block.
pub(crate) enum Receipts {
    /// All of them.
    Whole(Vec<Receipt>),
    /// The receipts are from before Byzantium, and hold state roots that a witness which was made elsewhere
    /// does not have.
    RootsUnknown,
    /// A row of theirs cannot be read: where, and what is there.
    Unreadable(String),
}

/// What a row of `transactions` says of its receipt.
enum OfTransaction {
    Whole(Box<Receipt>),
    RootUnknown,
}

/// The blocks of `range` whose header has another receipts root than their rows in `transactions` and `logs` give, or where
/// one of these rows cannot be read. What is read together takes about `window_bytes`.
pub(super) fn other_receipts(
    database: &Database,
    range: BlockRange,
    window_bytes: usize,
) -> Result<Places, RunError> {
    let mut places = Places::default();
    let roots_are_unknown_before = roots_are_unknown_before(database)?;
    SIZES.for_each_window(database, range, window_bytes, |blocks| -> Result<(), RunError> {
        let mut receipts = receipts(database, blocks, roots_are_unknown_before, &mut places)?;
        for row in Row::of_blocks(database, "block_number, hex(receipts_root)", "blocks", blocks)? {
            let Some(number) = places.block_of(&row, "blocks") else { continue };
            let found = receipts.remove(&number).unwrap_or(Receipts::Whole(Vec::new()));
            match (row.fixed::<32>(1, "receipts_root"), found) {
                (Err(what), _) | (_, Receipts::Unreadable(what)) => {
                    places.add(format!("block {number}: {what}"))
                }
                (Ok(expected), Receipts::Whole(receipts))
                    if calculate_receipt_root(&receipts) != expected =>
                {
                    places.add(format!("block {number}: its transactions and logs give another root"));
                }
                (Ok(_), Receipts::Whole(_) | Receipts::RootsUnknown) => {}
            }
        }
        let without_header = receipts.keys();
        without_header.for_each(|number| {
            places.add(format!("block {number}: it has transactions or logs, but no row in blocks"))
        });
        Ok(())
    })?;
    Ok(places)
}

/// The first block whose receipts cannot lack their state roots: in a chain all of them were computed; of single blocks, those
/// from Byzantium on have none. London came later.
fn roots_are_unknown_before(database: &Database) -> Result<u64, RunError> {
    if database.meta("kind")?.as_deref() != Some("witnesses") {
        return Ok(0);
    }
    const FIRST: &str = "SELECT min(block_number) FROM (
        SELECT min(block_number) AS block_number FROM transactions WHERE status IS NOT NULL
        UNION ALL SELECT min(block_number) FROM blocks WHERE base_fee_per_gas IS NOT NULL)";
    let first = database.query_text(FIRST)?.rows.into_iter().flatten().next().flatten();
    let Some(first) = first else { return Ok(u64::MAX) };
    first
        .parse()
        .map_err(|_| RunError::Unreadable { table: "blocks", what: format!("block_number is {first}") })
}

/// The receipts of each block that has transactions or logs. Rows whose block cannot be read are in `places`.
pub(crate) fn receipts(
    database: &Database,
    blocks: BlockRange,
    roots_are_unknown_before: u64,
    places: &mut Places,
) -> Result<BTreeMap<u64, Receipts>, RunError> {
    const COLUMNS: &str =
        "block_number, transaction_index, transaction_type, status, hex(root), cumulative_gas_used";
    let Logs { mut logs, unreadable } = Logs::read(database, blocks, places)?;
    let mut receipts: BTreeMap<u64, Receipts> = BTreeMap::new();
    for row in Row::of_blocks(database, COLUMNS, "transactions", blocks)? {
        let Some(block) = places.block_of(&row, "transactions") else { continue };
        let index = row.number::<u64>(1, "transaction_index");
        let of_transaction = index.clone().and_then(|index| {
            let logs = logs.remove(&(block, index)).unwrap_or_default();
            receipt(&row, logs, block < roots_are_unknown_before)
        });
        let of_block = receipts.entry(block).or_insert(Receipts::Whole(Vec::new()));
        match of_transaction {
            Ok(OfTransaction::Whole(receipt)) => {
                if let Receipts::Whole(receipts) = of_block {
                    receipts.push(*receipt);
                }
            }
            Ok(OfTransaction::RootUnknown) => {
                if let Receipts::Whole(_) = of_block {
                    *of_block = Receipts::RootsUnknown;
                }
            }
            Err(what) => {
                let place =
                    index.map_or_else(|_| "a transaction".into(), |index| format!("transaction {index}"));
                if !matches!(of_block, Receipts::Unreadable(_)) {
                    *of_block = Receipts::Unreadable(format!("{place}: {what}"));
                }
            }
        }
    }
    for (block, transaction) in logs.into_keys() {
        let what = format!("transaction {transaction}: it has logs, but no row in transactions");
        receipts.insert(block, Receipts::Unreadable(what));
    }
    receipts.extend(unreadable.into_iter().map(|(block, what)| (block, Receipts::Unreadable(what))));
    Ok(receipts)
}

fn receipt(row: &Row, logs: Vec<Log>, root_may_be_unknown: bool) -> Read<OfTransaction> {
    let number = row.number::<u8>(2, "transaction_type")?;
    let kind = TxType::try_from(number)
        .map_err(|_| format!("transaction_type is {number}, and there is no such type"))?;
    let status = match (row.is_null(3), row.is_null(4)) {
        (true, true) if root_may_be_unknown => return Ok(OfTransaction::RootUnknown),
        (true, true) => return Err("status and root are NULL".into()),
        (false, false) => return Err("it has both a status and a root".into()),
        (true, false) => Eip658Value::PostState(row.fixed(4, "root")?),
        (false, true) => match row.number::<u8>(3, "status")? {
            status @ (0 | 1) => Eip658Value::Eip658(status == 1),
            other => return Err(format!("status is {other}")),
        },
    };
    let body = ReceiptBody { status, cumulative_gas_used: row.number(5, "cumulative_gas_used")?, logs };
    Ok(OfTransaction::Whole(Box::new(ReceiptEnvelope::from_typed(kind, body.with_bloom()))))
}

/// The logs of some blocks.
#[derive(Default)]
struct Logs {
    /// The logs of each transaction, by block and position.
    logs: BTreeMap<(u64, u64), Vec<Log>>,
    /// By block, a log that cannot be read: where, and what is there.
    unreadable: BTreeMap<u64, String>,
}

impl Logs {
    fn read(database: &Database, blocks: BlockRange, places: &mut Places) -> Result<Self, RunError> {
        const COLUMNS: &str = "block_number, transaction_index, log_index, hex(address), hex(topic0), hex(topic1), \
                               hex(topic2), hex(topic3), hex(coalesce(data, payload(block_number, data_hash)))";
        let mut found = Self::default();
        for row in Row::of_blocks(database, COLUMNS, "logs", blocks)? {
            let Some(block) = places.block_of(&row, "logs") else { continue };
            let index = row.number::<u64>(1, "transaction_index");
            match index.clone().and_then(|index| Ok((index, log(&row)?))) {
                Ok((index, log)) => found.logs.entry((block, index)).or_default().push(log),
                Err(what) => {
                    let transaction = index.map_or_else(|what| what, |index| format!("transaction {index}"));
                    let log = row
                        .number::<u64>(2, "log_index")
                        .map_or_else(|what| what, |log| format!("log {log}"));
                    found.unreadable.entry(block).or_insert(format!("{transaction}, {log}: {what}"));
                }
            }
        }
        Ok(found)
    }
}

fn log(row: &Row) -> Read<Log> {
    let address = Address::from(row.fixed::<20>(3, "address")?);
    let mut topics: Vec<B256> = Vec::new();
    for (at, topic) in (4..).zip(["topic0", "topic1", "topic2", "topic3"]) {
        if !row.is_null(at) {
            topics.push(row.fixed(at, topic)?);
        }
    }
    let data = LogData::new_unchecked(topics, row.bytes(8, "data")?.into());
    Ok(Log { address, data })
}

//! Holds transactions and logs against the receipts roots of the headers: SQL has no tries.

use std::collections::BTreeMap;

use alloy::consensus::proofs::calculate_receipt_root;
use alloy::consensus::{Eip658Value, Receipt as ReceiptBody, ReceiptEnvelope, TxType};
use alloy::primitives::{Address, B256, Bytes, Log, LogData, hex};
use blockmill_chain::{BlockRange, Receipt};
use blockmill_load::Database;
use blockmill_pipeline::RunError;

use super::blooms::windows_with_blocks;

/// Blocks looked at together: the data of their logs are held as text.
const WINDOW_BLOCKS: u64 = 10;

type Row = Vec<Option<String>>;
/// The logs of each transaction, by block and position.
type Logs = BTreeMap<(u64, u64), Vec<Log>>;

/// The blocks of `range` whose header has another receipts root than its rows in `transactions` and `logs` give.
pub(super) fn blocks_with_other_receipts(
    database: &Database,
    range: BlockRange,
) -> Result<Vec<u64>, RunError> {
    let mut found = Vec::new();
    for blocks in windows_with_blocks(database, range, WINDOW_BLOCKS)? {
        let mut receipts = receipts(database, blocks)?;
        for (number, expected) in roots_of_headers(database, blocks)? {
            match receipts.remove(&number).unwrap_or_else(|| Some(Vec::new())) {
                Some(receipts) if calculate_receipt_root(&receipts) != expected => found.push(number),
                _ => {}
            }
        }
    }
    Ok(found)
}

fn roots_of_headers(database: &Database, blocks: BlockRange) -> Result<Vec<(u64, B256)>, RunError> {
    let rows = rows(database, "block_number, hex(receipts_root)", "blocks", blocks)?;
    Ok(rows.iter().filter_map(|row| Some((number(row, 0)?, row[1].as_ref()?.parse().ok()?))).collect())
}

/// The receipts of each block; `None` where one is not whole. Foreign witnesses have no state roots for the receipts
/// before Byzantium.
fn receipts(
    database: &Database,
    blocks: BlockRange,
) -> Result<BTreeMap<u64, Option<Vec<Receipt>>>, RunError> {
    const COLUMNS: &str =
        "block_number, transaction_index, transaction_type, status, hex(root), cumulative_gas_used";
    let mut logs = logs(database, blocks)?;
    let mut receipts: BTreeMap<u64, Option<Vec<Receipt>>> = BTreeMap::new();
    for row in rows(database, COLUMNS, "transactions", blocks)? {
        let (Some(block), Some(index)) = (number(&row, 0), number(&row, 1)) else { continue };
        let receipt = receipt(&row, logs.remove(&(block, index)).unwrap_or_default());
        let of_block = receipts.entry(block).or_insert_with(|| Some(Vec::new()));
        match (of_block.as_mut(), receipt) {
            (Some(receipts), Some(receipt)) => receipts.push(receipt),
            _ => *of_block = None,
        }
    }
    Ok(receipts)
}

fn receipt(row: &Row, logs: Vec<Log>) -> Option<Receipt> {
    let kind = TxType::try_from(u8::try_from(number(row, 2)?).ok()?).ok()?;
    let status = match (&row[3], &row[4]) {
        (Some(status), _) => Eip658Value::Eip658(status == "1"),
        (None, Some(root)) => Eip658Value::PostState(root.parse().ok()?),
        (None, None) => return None,
    };
    let body = ReceiptBody { status, cumulative_gas_used: number(row, 5)?, logs };
    Some(ReceiptEnvelope::from_typed(kind, body.with_bloom()))
}

fn logs(database: &Database, blocks: BlockRange) -> Result<Logs, RunError> {
    const COLUMNS: &str = "block_number, transaction_index, log_index, hex(address), hex(topic0), hex(topic1), hex(topic2), \
                           hex(topic3), hex(data)";
    let mut logs = Logs::new();
    for row in rows(database, COLUMNS, "logs", blocks)? {
        let (Some(block), Some(index), Some(log)) = (number(&row, 0), number(&row, 1), log(&row)) else {
            continue;
        };
        logs.entry((block, index)).or_default().push(log);
    }
    Ok(logs)
}

fn log(row: &Row) -> Option<Log> {
    let address: Address = row[3].as_ref()?.parse().ok()?;
    let topics = row[4..8].iter().flatten().map(|topic| topic.parse().ok()).collect::<Option<Vec<B256>>>()?;
    let data = Bytes::from(hex::decode(row[8].as_ref()?).ok()?);
    Some(Log { address, data: LogData::new(topics, data)? })
}

/// Rows in the order of the chain: the columns begin with the block, and what orders its rows.
fn rows(database: &Database, columns: &str, table: &str, blocks: BlockRange) -> Result<Vec<Row>, RunError> {
    let BlockRange { start, end } = blocks;
    let select = format!(
        "SELECT {columns} FROM {table} WHERE block_number >= {start} AND block_number < {end} ORDER BY ALL"
    );
    Ok(database.query_text(&select)?.rows)
}

fn number(row: &Row, at: usize) -> Option<u64> {
    row.get(at)?.as_ref()?.parse().ok()
}

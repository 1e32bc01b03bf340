//! Holds the logs against the blooms of the headers: SQL has no keccak256, so this check is not among the `.sql` ones.

use std::collections::BTreeMap;

use alloy::primitives::{Bloom, BloomInput, hex};
use blockmill_chain::BlockRange;
use blockmill_load::Database;
use blockmill_pipeline::RunError;

/// Blocks looked at together; bounds what is held in memory.
const WINDOW_BLOCKS: u64 = 100;

/// The blocks of `range` whose header has another bloom than its rows in `logs` give.
pub(crate) fn blocks_with_another_bloom(
    database: &Database,
    range: BlockRange,
) -> Result<Vec<u64>, RunError> {
    let mut found = Vec::new();
    for blocks in windows_with_blocks(database, range, WINDOW_BLOCKS)? {
        let mut logged = blooms_of_logs(database, blocks)?;
        for (number, bloom) in blooms_of_headers(database, blocks)? {
            if logged.remove(&number).unwrap_or_default() != bloom {
                found.push(number);
            }
        }
    }
    Ok(found)
}

/// The range in windows of `width` blocks. Single blocks from witness files lie far apart: empty windows are left out.
pub(super) fn windows_with_blocks(
    database: &Database,
    range: BlockRange,
    width: u64,
) -> Result<Vec<BlockRange>, RunError> {
    let BlockRange { start, end } = range;
    let select = format!(
        "SELECT DISTINCT block_number // {width} FROM blocks
         WHERE block_number >= {start} AND block_number < {end} ORDER BY ALL"
    );
    let rows = database.query_text(&select)?.rows;
    let first_block = |row: &Vec<Option<String>>| Some(row.first()?.as_ref()?.parse::<u64>().ok()? * width);
    let window = |first: u64| BlockRange::new(first.max(start), (first + width).min(end));
    Ok(rows.iter().filter_map(first_block).map(window).collect())
}

fn blooms_of_headers(database: &Database, blocks: BlockRange) -> Result<BTreeMap<u64, Bloom>, RunError> {
    let BlockRange { start, end } = blocks;
    let select = format!(
        "SELECT block_number, hex(logs_bloom) FROM blocks WHERE block_number >= {start} AND block_number < {end}"
    );
    let mut blooms = BTreeMap::new();
    for row in database.query_text(&select)?.rows {
        let [Some(number), Some(bloom)] = &row[..] else { continue };
        if let (Ok(number), Ok(bloom)) = (number.parse(), bloom.parse()) {
            blooms.insert(number, bloom);
        }
    }
    Ok(blooms)
}

fn blooms_of_logs(database: &Database, blocks: BlockRange) -> Result<BTreeMap<u64, Bloom>, RunError> {
    let BlockRange { start, end } = blocks;
    let select = format!(
        "SELECT DISTINCT block_number, hex(address), hex(topic0), hex(topic1), hex(topic2), hex(topic3) FROM logs
         WHERE block_number >= {start} AND block_number < {end}"
    );
    let mut blooms: BTreeMap<u64, Bloom> = BTreeMap::new();
    for row in database.query_text(&select)?.rows {
        let Some((Some(number), items)) = row.split_first() else { continue };
        let Ok(number) = number.parse() else { continue };
        let bloom = blooms.entry(number).or_default();
        for item in items.iter().flatten().filter_map(|text| hex::decode(text).ok()) {
            bloom.accrue(BloomInput::Raw(&item));
        }
    }
    Ok(blooms)
}

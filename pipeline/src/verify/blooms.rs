//! Holds the logs against the blooms of the headers: SQL has no keccak256, so this check is not among the `.sql` ones.

use std::collections::BTreeMap;

use crate::error::RunError;
use alloy::primitives::{Bloom, BloomInput};
use blockmill_chain::BlockRange;
use blockmill_load::Database;

use super::places::Places;
use super::row::{Read, Row};
use super::windows::RowSizes;

/// Texts of a bloom, and of an address and up to four topics, with what holds them and what DuckDB hands them over in.
const SIZES: RowSizes = RowSizes {
    select: "SELECT block_number, 2000 AS bytes FROM blocks WHERE BLOCKS
        UNION ALL SELECT block_number, 1500 FROM logs WHERE BLOCKS",
    tables: &["blocks", "logs"],
};

/// The blocks of `range` whose header has another bloom than their rows in `logs` give, or where either cannot be read. What
/// is read together takes about `window_bytes`.
pub(super) fn other_blooms(
    database: &Database,
    range: BlockRange,
    window_bytes: usize,
) -> Result<Places, RunError> {
    let mut places = Places::default();
    SIZES.for_each_window(database, range, window_bytes, |blocks| -> Result<(), RunError> {
        let mut logged = blooms_of_logs(database, blocks, &mut places)?;
        for row in Row::of_blocks(database, "block_number, hex(logs_bloom)", "blocks", blocks)? {
            let Some(number) = places.block_of(&row, "blocks") else { continue };
            let logged = logged.remove(&number).unwrap_or(Ok(Bloom::ZERO));
            let expected = row.fixed::<256>(1, "logs_bloom").map(Bloom::from);
            match (expected, logged) {
                (Err(what), _) | (_, Err(what)) => places.add(format!("block {number}: {what}")),
                (Ok(expected), Ok(logged)) if expected != logged => {
                    places.add(format!("block {number}: its logs give another bloom"));
                }
                _ => {}
            }
        }
        logged
            .keys()
            .for_each(|number| places.add(format!("block {number}: it has logs, but no row in blocks")));
        Ok(())
    })?;
    Ok(places)
}

/// The bloom of each block's logs, or the first of them that cannot be read.
fn blooms_of_logs(
    database: &Database,
    blocks: BlockRange,
    places: &mut Places,
) -> Result<BTreeMap<u64, Read<Bloom>>, RunError> {
    let BlockRange { start, end } = blocks;
    let select = format!(
        "SELECT block_number, hex(address), hex(topic0), hex(topic1), hex(topic2), hex(topic3), min(transaction_index)
         FROM logs WHERE block_number >= {start} AND block_number < {end} GROUP BY ALL"
    );
    let mut blooms: BTreeMap<u64, Read<Bloom>> = BTreeMap::new();
    for row in Row::of(database, &select)? {
        let Some(number) = places.block_of(&row, "logs") else { continue };
        let bloom = blooms.entry(number).or_insert(Ok(Bloom::ZERO));
        if let Ok(of_block) = bloom
            && let Err(what) = accrue(of_block, &row)
        {
            let transaction = row.number::<u64>(6, "transaction_index");
            let place = transaction.map_or_else(|what| what, |index| format!("transaction {index}"));
            *bloom = Err(format!("{place}: {what} in a log"));
        }
    }
    Ok(blooms)
}

/// Adds the address and the topics of a log.
fn accrue(bloom: &mut Bloom, row: &Row) -> Read<()> {
    bloom.accrue(BloomInput::Raw(row.fixed::<20>(1, "address")?.as_slice()));
    for (at, topic) in (2..).zip(["topic0", "topic1", "topic2", "topic3"]) {
        if !row.is_null(at) {
            bloom.accrue(BloomInput::Raw(row.fixed::<32>(at, topic)?.as_slice()));
        }
    }
    Ok(())
}

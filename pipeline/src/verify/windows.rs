//! Blocks that are read together: as many as their rows fit into the memory that there is for them.

use crate::error::RunError;
use blockmill_chain::BlockRange;
use blockmill_load::Database;

use super::row::Row;

/// Blocks whose sizes are asked for together.
const STRETCH_BLOCKS: u64 = 10_000;

/// What the rows of a block take in memory.
pub(crate) struct RowSizes {
    /// A SELECT of `block_number` and `bytes`, for each row or for several. In it `BLOCKS` stands for the condition on
    /// `block_number` that every table is to be read with.
    pub(super) select: &'static str,
    /// The tables with these blocks.
    pub(super) tables: &'static [&'static str],
}

impl RowSizes {
    /// Takes `look` through the blocks of `range`, in windows that take about `limit_bytes` of memory; a block that takes more
    /// is looked at alone. Blocks without rows are in no window of their own: single blocks lie far apart.
    pub(crate) fn for_each_window<E: From<RunError>>(
        &self,
        database: &Database,
        range: BlockRange,
        limit_bytes: usize,
        mut look: impl FnMut(BlockRange) -> Result<(), E>,
    ) -> Result<(), E> {
        for stretch in self.stretches(database, range)? {
            let condition = condition(stretch);
            let select = format!(
                "SELECT block_number, sum(bytes) FROM ({}) GROUP BY block_number ORDER BY block_number",
                self.select.replace("BLOCKS", &condition)
            );
            let sizes = Row::of(database, &select)?.map(|row| size(&row)).collect::<Result<Vec<_>, _>>()?;
            windows(&sizes, limit_bytes as u128).into_iter().try_for_each(&mut look)?;
        }
        Ok(())
    }

    /// The parts of the range that have blocks at all.
    fn stretches(&self, database: &Database, range: BlockRange) -> Result<Vec<BlockRange>, RunError> {
        let condition = condition(range);
        let of_table = |table: &&str| {
            format!("SELECT block_number // {STRETCH_BLOCKS} AS stretch FROM {table} WHERE {condition}")
        };
        let rows = self.tables.iter().map(of_table).collect::<Vec<_>>().join(" UNION ALL ");
        let select = format!("SELECT DISTINCT stretch FROM ({rows}) ORDER BY stretch");
        let stretch = |row: Row| {
            let first =
                row.number::<u64>(0, "block_number").map_err(unreadable)?.saturating_mul(STRETCH_BLOCKS);
            let end = first.saturating_add(STRETCH_BLOCKS).min(range.end);
            Ok(BlockRange::new(first.max(range.start), end))
        };
        Row::of(database, &select)?.map(stretch).collect()
    }
}

fn condition(BlockRange { start, end }: BlockRange) -> String {
    format!("block_number >= {start} AND block_number < {end}")
}

fn size(row: &Row) -> Result<(u64, u128), RunError> {
    let number = row.number(0, "block_number").map_err(unreadable)?;
    Ok((number, row.number(1, "the size of its rows").map_err(unreadable)?))
}

fn unreadable(what: String) -> RunError {
    RunError::Unreadable { table: "blocks", what }
}

/// Blocks in ascending order, with what each takes, split into windows.
fn windows(sizes: &[(u64, u128)], limit_bytes: u128) -> Vec<BlockRange> {
    let mut windows: Vec<BlockRange> = Vec::new();
    let mut held = 0;
    for (number, bytes) in sizes {
        let end = number.saturating_add(1);
        match windows.last_mut().filter(|_| held + bytes <= limit_bytes) {
            Some(window) => {
                window.end = end;
                held += bytes;
            }
            None => {
                windows.push(BlockRange::new(*number, end));
                held = *bytes;
            }
        }
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_end_where_the_next_block_would_be_too_much_and_a_large_one_is_alone() {
        let sizes = [(0, 4), (1, 4), (2, 4), (7, 2), (8, 50), (9, 1), (20, 9), (21, 1)];
        let windows = windows(&sizes, 10);
        let ranges: Vec<_> = windows.iter().map(|window| (window.start, window.end)).collect();
        assert_eq!(ranges, [(0, 2), (2, 8), (8, 9), (9, 21), (21, 22)]);
    }
}

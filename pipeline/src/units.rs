//! How blocks are cut into units: the ranges whose rows are sealed, digested and loaded together.
//!
//! A cut depends on the chain and the tables alone, never on threads, budgets or interruptions, so that two machines that rebuild the
//! same chain compare unit by unit. Only the end of a run cuts a unit short.

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;

/// When a unit is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitLimits {
    /// Blocks.
    pub blocks: u64,
    /// Gas used by them: cost follows gas, not the number of blocks.
    pub gas: u64,
}

impl Default for UnitLimits {
    /// About a second of tracing on one core, and enough rows that a table's files are worth opening.
    fn default() -> Self {
        Self { blocks: 5_000, gas: 500_000_000 }
    }
}

impl UnitLimits {
    /// The limits for these tables: the same time, and so less gas where a block has many more rows.
    pub fn of(datasets: &[Dataset]) -> Self {
        let weight = datasets.iter().map(|dataset| dataset.cost_weight()).max().unwrap_or(1);
        let Self { blocks, gas } = Self::default();
        Self { blocks, gas: gas / weight }
    }
}

/// A block as the cutting sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlockCost {
    pub(crate) number: u64,
    pub(crate) gas: u64,
}

/// Cuts `blocks`, ascending and all behind `start`, into units. Every unit but the last is full; the last is given only
/// where it is full too, or where `is_last` says that no block will follow, and then it ends at `end`.
pub(crate) fn cut(
    limits: UnitLimits,
    start: u64,
    end: u64,
    blocks: impl IntoIterator<Item = BlockCost>,
    is_last: bool,
) -> Vec<BlockRange> {
    let mut units = Vec::new();
    let (mut from, mut count, mut gas) = (start, 0, 0);
    for block in blocks {
        count += 1;
        gas += block.gas;
        if count >= limits.blocks || gas >= limits.gas {
            units.push(BlockRange::new(from, block.number + 1));
            (from, count, gas) = (block.number + 1, 0, 0);
        }
    }
    if is_last && from < end {
        units.push(BlockRange::new(from, end));
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(gas: &[u64]) -> impl Iterator<Item = BlockCost> + '_ {
        gas.iter().enumerate().map(|(number, gas)| BlockCost { number: number as u64, gas: *gas })
    }

    const LIMITS: UnitLimits = UnitLimits { blocks: 3, gas: 10 };

    #[test]
    fn units_end_by_gas_or_by_blocks() {
        let units = cut(LIMITS, 0, 7, chain(&[1, 1, 1, 12, 4, 6, 1]), true);
        let ranges: Vec<_> = units.iter().map(|u| (u.start, u.end)).collect();
        assert_eq!(ranges, [(0, 3), (3, 4), (4, 6), (6, 7)]);
    }

    #[test]
    fn an_open_end_waits_for_more_blocks() {
        let units = cut(LIMITS, 0, 2, chain(&[1, 1]), false);
        assert!(units.is_empty());
    }

    #[test]
    fn a_dataset_with_many_rows_makes_units_smaller_and_nothing_else_does() {
        let defaults: Vec<_> = Dataset::defaults().collect();
        assert_eq!(UnitLimits::of(&defaults), UnitLimits::default());
        assert_eq!(UnitLimits::of(&[]), UnitLimits::default());
        let limits = UnitLimits::of(&[Dataset::Blocks, Dataset::Opcodes]);
        assert_eq!(limits, UnitLimits { blocks: 5_000, gas: 50_000_000 });
    }

    #[test]
    fn where_a_run_stopped_does_not_move_the_cuts() {
        let gas = [3, 9, 1, 1, 1, 20, 2, 2, 7, 7];
        let whole = cut(LIMITS, 0, 10, chain(&gas), true);
        let mut resumed = cut(LIMITS, 0, 5, chain(&gas[..5]), false);
        let next = resumed.last().map_or(0, |u| u.end);
        resumed.extend(cut(LIMITS, next, 10, chain(&gas).skip(next as usize), true));
        assert_eq!(whole, resumed);
    }
}

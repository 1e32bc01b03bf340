//! How blocks are split into units: the ranges whose rows are sealed, digested and loaded together.
//!
//! The split depends on the chain and the tables alone, never on threads, budgets or interruptions, so that
//! two machines that rebuild the same chain compare unit by unit. Only the end of a run cuts a unit short,
//! and one that a run with other limits has sealed, which stays as it is: limits are no promise.

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;

/// When a unit is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnitLimits {
    /// Number of blocks.
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

/// What a block costs beside its gas, in gas: an empty one has rows too.
const GAS_PER_BLOCK: u64 = 50_000;

/// What the cutter needs to know of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockCost {
    pub(crate) number: u64,
    pub(crate) gas: u64,
}

/// A unit with what tracing it is expected to cost, in gas. What a dataset costs multiplies all units of a run alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct UnitCost {
    pub(crate) range: BlockRange,
    pub(crate) cost: u64,
}

/// Cuts blocks into units as they come, in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Cutter {
    limits: UnitLimits,
    /// The first block of the unit that is not full yet.
    start: u64,
    blocks: u64,
    gas: u64,
}

impl Cutter {
    /// The first unit begins at `start`.
    pub(crate) fn new(limits: UnitLimits, start: u64) -> Self {
        Self { limits, start, blocks: 0, gas: 0 }
    }

    /// Where the unit begins that is not full yet.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// Goes on from `start`, after a unit that was cut before.
    pub(crate) fn skip_to(&mut self, start: u64) {
        *self = Self::new(self.limits, start);
    }

    /// Adds the next block; the unit that it fills.
    pub(crate) fn push(&mut self, block: BlockCost) -> Option<UnitCost> {
        self.blocks += 1;
        self.gas += block.gas;
        let is_full = self.blocks >= self.limits.blocks || self.gas >= self.limits.gas;
        is_full.then(|| self.cut(block.number + 1))
    }

    /// The last unit, cut short by the end of the run; `None` where the run ends with a full one.
    pub(crate) fn finish(&mut self, end: u64) -> Option<UnitCost> {
        (self.start < end).then(|| self.cut(end))
    }

    fn cut(&mut self, end: u64) -> UnitCost {
        let cost = self.gas + self.blocks * GAS_PER_BLOCK;
        let unit = UnitCost { range: BlockRange::new(self.start, end), cost };
        self.skip_to(end);
        unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: UnitLimits = UnitLimits { blocks: 3, gas: 10 };

    /// The units of a chain, looked at in pieces that end at `stops`.
    fn cut(gas: &[u64]) -> Vec<(u64, u64)> {
        let mut cutter = Cutter::new(LIMITS, 0);
        let blocks =
            gas.iter().enumerate().map(|(number, gas)| BlockCost { number: number as u64, gas: *gas });
        let mut units: Vec<_> = blocks.filter_map(|block| cutter.push(block)).collect();
        units.extend(cutter.finish(gas.len() as u64));
        units.iter().map(|unit| (unit.range.start, unit.range.end)).collect()
    }

    #[test]
    fn units_end_by_gas_or_by_blocks() {
        assert_eq!(cut(&[1, 1, 1, 12, 4, 6, 1]), [(0, 3), (3, 4), (4, 6), (6, 7)]);
    }

    #[test]
    fn an_end_with_a_full_unit_cuts_no_empty_one() {
        assert_eq!(cut(&[10, 10]), [(0, 1), (1, 2)]);
        assert_eq!(cut(&[]), []);
    }

    #[test]
    fn a_block_costs_something_without_gas() {
        let mut cutter = Cutter::new(LIMITS, 0);
        let units: Vec<_> = (0..3).filter_map(|number| cutter.push(BlockCost { number, gas: 0 })).collect();
        assert_eq!(units, [UnitCost { range: BlockRange::new(0, 3), cost: 3 * GAS_PER_BLOCK }]);
    }

    #[test]
    fn a_dataset_with_many_rows_makes_units_smaller_and_nothing_else_does() {
        let defaults: Vec<_> = Dataset::defaults().collect();
        assert_eq!(UnitLimits::of(&defaults), UnitLimits::default());
        assert_eq!(UnitLimits::of(&[]), UnitLimits::default());
        let limits = UnitLimits::of(&[Dataset::Blocks, Dataset::Opcodes]);
        assert_eq!(limits, UnitLimits { blocks: 5_000, gas: 50_000_000 });
    }
}

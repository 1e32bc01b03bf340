//! Rows of a state that came as a whole: what genesis has at block 0, at another block.

use blockmill_chain::{Absence, ChainSpec, CodeSource, RecoveredBlock, Witness, WitnessReads};
use blockmill_execute::{AccountAccess, BlockPart, Executed, Read, ReadError};
use blockmill_schemas::Dataset;

use crate::error::TraceError;
use crate::sink::RowSink;
use crate::table_rows::{BlockFacts, TableRows};
use crate::trace::Changes;

/// Adds the rows of a state to the tables of diffs, a part at a time: each account and slot as a change of the block that the
/// state is as of, from nothing. Other tables get no rows of that block, which is not executed.
pub struct StateRows<'a> {
    spec: &'a ChainSpec,
    witness: Witness,
    changes: Changes,
    rows: &'a mut TableRows,
}

impl<'a> StateRows<'a> {
    /// Begins with the state after `block`.
    pub fn new(
        spec: &'a ChainSpec,
        block: RecoveredBlock,
        rows: &'a mut TableRows,
    ) -> Result<Self, TraceError> {
        let reads = WitnessReads {
            absence: Absence::Exact,
            accounts: Vec::new(),
            creation_checks: Vec::new(),
            block_hashes: Vec::new(),
            transaction_roots: Vec::new(),
            total_difficulty: None,
        };
        rows.begin_state(block.number())?;
        Ok(Self { spec, witness: Witness { block, reads }, changes: Changes::default(), rows })
    }

    /// Adds accounts that follow those before. One with many slots may come several times, from the second time on as it is
    /// before and after.
    pub fn add<C: CodeSource>(
        &mut self,
        accounts: Vec<AccountAccess>,
        codes: &C,
        sink: &mut dyn RowSink,
    ) -> Result<(), TraceError> {
        let code = |hash| {
            let found = codes.code(hash);
            let failed =
                |source: C::Error| ReadError::Source { what: Read::Code(hash), source: source.into() };
            found.map_err(failed)?.ok_or(ReadError::MissingCode { hash })
        };
        let parts = [BlockPart { accounts, ..BlockPart::default() }];
        let facts = BlockFacts {
            spec: self.spec,
            witness: &self.witness,
            executed: &Executed::default(),
            parts: &parts,
            changes: &self.changes,
            codes: &code,
        };
        self.rows.extract_from(facts, sink, is_of_diffs)
    }
}

fn is_of_diffs(dataset: Dataset) -> bool {
    matches!(
        dataset,
        Dataset::BalanceDiffs | Dataset::NonceDiffs | Dataset::CodeDiffs | Dataset::StorageDiffs
    )
}

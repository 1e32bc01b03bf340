//! Makes store and tables agree where a run, an unwinding or the power ended between two of their writes.

use blockmill_chain::BlockRange;
use blockmill_load::Database;
use blockmill_schemas::Dataset;
use blockmill_spill::SpillDir;
use blockmill_store::{Store, StoreKind};

use super::{traced_end, unwind_state};
use crate::error::RunError;
use crate::genesis::Chain;
use crate::settings::Settings;

/// What a run has open before its stages start.
pub(crate) struct Reconciling<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) chain: &'a Chain,
    pub(crate) store: &'a Store,
    pub(crate) spill: &'a SpillDir,
}

/// Cuts tables that are ahead of the state, or of another branch, and takes the state back to the tables where the
/// witnesses between them are gone. Says what was done, for people.
pub(crate) fn reconcile(run: &Reconciling<'_>, database: &mut Database) -> Result<Vec<String>, RunError> {
    let Some(executed) = run.store.execute_checkpoint()?.filter(|_| run.is_chain()) else {
        return Ok(Vec::new());
    };
    let mut notes = Vec::new();
    let loaded = database.checkpoint()?;
    let agreed = run.agreed_end(database, executed)?;
    if loaded.is_some_and(|last| last + 1 > agreed) {
        let left = database.cut(agreed)?;
        let end = left.map_or("are empty".into(), |end| format!("end with block {}", end - 1));
        notes.push(format!("the tables were ahead of the store, or of another chain: they {end} now"));
    }
    run.spill.remove_beyond(executed + 1)?;
    notes.extend(run.step_back_to_tables(database, executed)?);
    Ok(notes)
}

impl Reconciling<'_> {
    fn is_chain(&self) -> bool {
        matches!(self.store.identity(), Ok(Some(identity)) if identity.kind == StoreKind::Chain)
    }

    /// Up to where, exclusive, the tables can be the store's: units of executed blocks whose last block is the stored one.
    fn agreed_end(&self, database: &Database, executed: u64) -> Result<u64, RunError> {
        let units = database.loaded()?;
        for unit in units.iter().rev().filter(|unit| unit.range.end <= executed + 1) {
            let has_hashes = unit.segments.iter().any(|segment| segment.dataset == Dataset::Blocks);
            let last = unit.range.end - 1;
            if !has_hashes || self.loaded_hash(database, last)? == self.stored_hash(last)? {
                return Ok(unit.range.end);
            }
        }
        Ok(0)
    }

    fn loaded_hash(&self, database: &Database, number: u64) -> Result<Option<String>, RunError> {
        let select = format!("SELECT hex0x(block_hash) FROM blocks WHERE block_number = {number}");
        let rows = database.query_text(&select)?.rows;
        Ok(rows.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
    }

    fn stored_hash(&self, number: u64) -> Result<Option<String>, RunError> {
        Ok(self.store.block_hash(number)?.map(|hash| hash.to_string()))
    }

    /// Blocks are traced from their witness. Where that of the next block is pruned, they are executed again.
    fn step_back_to_tables(&self, database: &Database, executed: u64) -> Result<Option<String>, RunError> {
        let loaded = database.checkpoint()?;
        let first_wanted = self.settings.range.start.unwrap_or(0);
        let next = traced_end(loaded.map(|last| last + 1), self.spill)?.max(first_wanted);
        if next > executed || self.has_witness(next)? {
            return Ok(None);
        }
        // Noted when a run is sure of what it will load: tables that are empty without it were never filled.
        let is_new = database.meta("first_block")?.is_none();
        if is_new && !self.settings.tables_only {
            return Err(RunError::TablesGone { path: self.settings.out.clone(), first: next });
        }
        unwind_state(self.store, next.saturating_sub(1))?;
        if next == 0 {
            self.chain.put_genesis_witness(self.store)?;
        }
        Ok(Some(format!(
            "the state was taken back to block {}: what follows is executed again",
            next.saturating_sub(1)
        )))
    }

    fn has_witness(&self, number: u64) -> Result<bool, RunError> {
        Ok(self.store.witness_numbers(BlockRange::new(number, number + 1)).next().transpose()?.is_some())
    }
}

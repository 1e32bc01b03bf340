//! Makes store and tables agree where a run, an unwinding or the power ended between two of their writes.

use blockmill_load::Database;
use blockmill_schemas::Dataset;
use blockmill_source::Source;
use blockmill_spill::SpillDir;
use blockmill_store::{Store, StoreKind};

use super::fork::read;
use super::{has_witness, traced_end, unwind_state};
use crate::error::RunError;
use crate::genesis::Chain;
use crate::settings::Settings;

/// What a run has open before its stages start.
pub(crate) struct Reconciling<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) chain: &'a Chain,
    pub(crate) store: &'a Store,
    pub(crate) spill: &'a SpillDir,
    pub(crate) source: Option<&'a mut Source>,
    /// Memory for the trie.
    pub(crate) trie_bytes: usize,
}

/// Cuts tables of another branch, and takes the state back to the tables where the witnesses between them are gone. Says
/// what was done, for people.
///
/// Tables may be ahead of the store: it has lost the end of its log, or is new. They stay, and the store catches up.
pub(crate) fn reconcile(mut run: Reconciling<'_>, database: &mut Database) -> Result<Vec<String>, RunError> {
    let is_chain = run.store.identity()?.is_some_and(|identity| identity.kind == StoreKind::Chain);
    let Some(executed) = run.store.execute_checkpoint()?.filter(|_| is_chain) else {
        return Ok(Vec::new());
    };
    let mut notes = Vec::new();
    let agreed = run.agreed_end(database)?;
    if database.checkpoint()?.is_some_and(|last| last + 1 > agreed) {
        let left = database.truncate(agreed)?;
        let end = left.map_or("are empty".into(), |end| format!("end with block {}", end - 1));
        notes.push(format!("the tables were of another branch: they {end} now"));
    }
    run.spill.remove_beyond(executed + 1)?;
    notes.extend(run.step_back_to_tables(database, executed)?);
    Ok(notes)
}

impl Reconciling<'_> {
    /// Up to where, exclusive, the tables are of the chain: the last block of the unit there is the one that is stored, or
    /// that the source has. Where neither has it, nothing speaks against it.
    fn agreed_end(&mut self, database: &Database) -> Result<u64, RunError> {
        let state_block = self.store.first_block()?;
        for unit in database.loaded()?.iter().rev() {
            // A state has no row in blocks; that it is the same one was compared before.
            if unit.range.start == state_block && state_block > 0 {
                return Ok(unit.range.end);
            }
            let has_hashes = unit.segments.iter().any(|segment| segment.dataset == Dataset::Blocks);
            let last = unit.range.end - 1;
            let known = if has_hashes { self.known_hash(last)? } else { None };
            if known.is_none() || known == self.loaded_hash(database, last)? {
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

    fn known_hash(&mut self, number: u64) -> Result<Option<String>, RunError> {
        let hash = match (self.store.block_hash(number)?, &mut self.source) {
            (Some(hash), _) => Some(hash),
            (None, Some(source)) if source.range().contains(number) => Some(read(source, number)?.hash),
            (None, _) => None,
        };
        Ok(hash.map(|hash| hash.to_string()))
    }

    /// Blocks are traced from their witness. Where that of the next block is pruned, they are executed again.
    fn step_back_to_tables(&self, database: &Database, executed: u64) -> Result<Option<String>, RunError> {
        let loaded = database.checkpoint()?;
        let first_block = self.store.first_block()?;
        let first_wanted = self.settings.range.start.unwrap_or(first_block);
        let next = traced_end(loaded.map(|last| last + 1), self.spill)?.max(first_wanted);
        if next > executed || has_witness(self.store, next)? {
            return Ok(None);
        }
        // The rows of a loaded state are made from the state itself, where it is still that.
        if next == first_block && executed == first_block && first_block > 0 {
            return Ok(None);
        }
        // Noted when a run is sure of what it will load: tables that are empty without it were never filled.
        let is_new = database.meta("first_block")?.is_none();
        if is_new && !self.settings.tables_only {
            return Err(RunError::TablesGone { path: self.settings.out.clone(), first: next });
        }
        if let (true, Some(end)) =
            (self.settings.tables_only, self.settings.range.end.filter(|end| *end <= executed))
        {
            return Err(RunError::StateWouldStay { next, end, executed });
        }
        let to = next.saturating_sub(1).max(first_block);
        unwind_state(self.store, to, self.trie_bytes)?;
        if next == 0 {
            self.chain.put_genesis_witness(self.store)?;
        }
        Ok(Some(format!("the state was taken back to block {to}: what follows is executed again")))
    }
}

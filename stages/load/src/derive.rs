//! Tables made out of the loaded ones, by ranges of blocks.

use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_schemas::sql::{DERIVED, Derivation};
use duckdb::{Connection, OptionalExt, params};

use crate::database::Database;
use crate::error::LoadError;
use crate::query::identifier;

/// What became of a derived table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The name of the table.
    pub name: &'static str,
    /// What the table holds, for people.
    pub description: &'static str,
    /// The work that was done on it.
    pub outcome: DerivedOutcome,
}

/// What was done about a derived table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DerivedOutcome {
    /// Blocks were taken up.
    Updated {
        /// The blocks whose rows were taken up.
        range: BlockRange,
        /// Rows in the table now.
        rows: u64,
    },
    /// The table was up to date.
    Current,
    /// These datasets were not loaded.
    Missing(Vec<Dataset>),
    /// The first loaded block is not genesis (nor the one of a loaded state, where that is enough), and the table would be wrong without what is before it.
    NotFromGenesis,
    /// The database holds single blocks, which have no last state and no days.
    NoChain,
}

impl Database {
    /// Brings every derived table up to the last loaded block; `report` sees each as soon as it is done. A table and how far
    /// it is are one transaction.
    pub fn derive(&mut self, mut report: impl FnMut(&Derived)) -> Result<(), LoadError> {
        for derivation in DERIVED {
            let outcome = self.bring_up_to_date(derivation)?;
            report(&Derived { name: derivation.name(), description: derivation.description(), outcome });
        }
        self.checkpoint_file()
    }

    fn bring_up_to_date(&mut self, derivation: &Derivation) -> Result<DerivedOutcome, LoadError> {
        let range = match self.blocks_to_derive(derivation)? {
            Ok(range) => range,
            Err(outcome) => return Ok(outcome),
        };
        let failed = self.failed(&format!("derive {} from blocks {range}", derivation.name()));
        let rows = self.transact(|connection| take_up(connection, derivation, range).map_err(failed))?;
        Ok(DerivedOutcome::Updated { range, rows })
    }

    /// The blocks that a table has not taken up, or why there are none.
    pub(crate) fn blocks_to_derive(
        &self,
        derivation: &Derivation,
    ) -> Result<Result<BlockRange, DerivedOutcome>, LoadError> {
        if self.meta("kind")?.as_deref() != Some("chain") {
            return Ok(Err(DerivedOutcome::NoChain));
        }
        let loaded = self.loaded_datasets()?;
        let missing: Vec<_> = derivation.needs().filter(|dataset| !loaded.contains(dataset)).collect();
        if !missing.is_empty() {
            return Ok(Err(DerivedOutcome::Missing(missing)));
        }
        let blocks = self.blocks_of_all(derivation)?;
        let state_block = self.meta("state_block")?;
        let starts_from_state =
            derivation.may_start_from_state() && state_block == Some(blocks.start.to_string());
        if derivation.is_from_genesis() && blocks.start > 0 && !starts_from_state {
            return Ok(Err(DerivedOutcome::NotFromGenesis));
        }
        let start = self.derived_end(derivation.name())?.unwrap_or(blocks.start);
        Ok(if start < blocks.end {
            Ok(BlockRange::new(start, blocks.end))
        } else {
            Err(DerivedOutcome::Current)
        })
    }

    /// The blocks that are loaded for every dataset that a table needs.
    fn blocks_of_all(&self, derivation: &Derivation) -> Result<BlockRange, LoadError> {
        let names: Vec<_> = derivation.needs().map(|dataset| format!("'{dataset}'")).collect();
        let select = format!(
            "SELECT max(start_block), min(end_block) FROM
                (SELECT min(start_block) AS start_block, max(end_block) AS end_block
                 FROM _loaded WHERE dataset IN ({}) GROUP BY dataset)",
            names.join(", ")
        );
        let range =
            self.connection()?.query_row(&select, [], |row| Ok(BlockRange::new(row.get(0)?, row.get(1)?)));
        range.map_err(self.failed("read what is loaded out of _loaded"))
    }

    /// Exclusive end of the blocks that a derived table has taken up; `None` where it was not made.
    pub fn derived_end(&self, name: &str) -> Result<Option<u64>, LoadError> {
        self.connection()?
            .query_row("SELECT end_block FROM _derived WHERE name = ?", [name], |row| row.get(0))
            .optional()
            .map_err(self.failed("read _derived"))
    }
}

/// Takes blocks up into a table, which is made where it is not there; the number of its rows.
fn take_up(connection: &Connection, derivation: &Derivation, range: BlockRange) -> duckdb::Result<u64> {
    connection.execute_batch(derivation.ddl())?;
    set_range(connection, range)?;
    connection.execute_batch(derivation.update())?;
    note(connection, derivation, range)?;
    let count = format!("SELECT count(*) FROM {}", identifier(derivation.name()));
    connection.query_row(&count, [], |row| row.get(0))
}

/// Tells a derivation's statements which blocks they are about.
pub(crate) fn set_range(connection: &Connection, range: BlockRange) -> duckdb::Result<()> {
    connection.execute_batch(&format!(
        "SET VARIABLE start_block = {}::UBIGINT; SET VARIABLE end_block = {}::UBIGINT",
        range.start, range.end
    ))
}

/// Writes down how far a table is.
pub(crate) fn note(
    connection: &Connection,
    derivation: &Derivation,
    range: BlockRange,
) -> duckdb::Result<()> {
    connection.execute("DELETE FROM _derived WHERE name = ?", [derivation.name()])?;
    connection.execute("INSERT INTO _derived VALUES (?, ?)", params![derivation.name(), range.end])?;
    Ok(())
}

//! Runs the checks of `schemas/checks` on an existing database.

use std::collections::BTreeSet;

use blockmill_schemas::Dataset;
use blockmill_schemas::sql::{CHECKS, Query};

use crate::database::Database;
use crate::error::LoadError;
use crate::forms::{self, other_columns};

/// Rows shown of a check that fails.
const SAMPLES: usize = 5;

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckOutcome {
    /// Name of the check.
    pub name: &'static str,
    /// What should hold, for people.
    pub description: &'static str,
    /// Whether it holds.
    pub verdict: Verdict,
}

/// Whether an invariant holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No row violates the invariant.
    Holds,
    /// Rows violate it.
    Broken {
        /// In how many places.
        violations: u64,
        /// The first of them, as `column=value` pairs.
        samples: Vec<String>,
    },
    /// The check could not be asked: it may hold or not.
    Failed {
        /// The error that the query gave.
        reason: String,
    },
    /// The check does not apply: these tables were not loaded or derived.
    Skipped {
        /// The tables it needs and that are not there.
        missing: Vec<&'static str>,
    },
}

impl Verdict {
    fn of_question(asked: Result<Self, LoadError>) -> Result<Self, LoadError> {
        match asked {
            Err(error @ (LoadError::Damaged { .. } | LoadError::Closed { .. })) => Err(error),
            Err(error) if error.is_about_values() => {
                Ok(Self::Broken { violations: 1, samples: vec![format!("error={error}")] })
            }
            Err(error) => Ok(Self::Failed { reason: error.to_string() }),
            Ok(verdict) => Ok(verdict),
        }
    }
}

impl Database {
    /// Runs every check, in order; `report` sees each outcome as soon as it is known. One that cannot be run keeps no other from
    /// being run; where it stumbles over a value in the tables, it has found something.
    ///
    /// # Errors
    /// The file cannot be read at all.
    pub fn verify(&self, mut report: impl FnMut(&CheckOutcome)) -> Result<Vec<CheckOutcome>, LoadError> {
        let loaded = self.loaded_datasets()?;
        let mut outcomes = Vec::new();
        let mut add = |name, description, asked| -> Result<(), LoadError> {
            let outcome = CheckOutcome { name, description, verdict: Verdict::of_question(asked)? };
            report(&outcome);
            outcomes.push(outcome);
            Ok(())
        };
        let (name, description) = forms::COLUMNS;
        add(name, description, self.other_columns())?;
        for ((name, description), sql) in [
            (forms::VALUES, forms::malformed_rows()),
            (forms::COUNTS, forms::miscounted_tables()),
            (forms::REACHES, forms::tables_beyond_their_units()),
        ] {
            add(name, description, self.run(name, &sql))?;
        }
        for check in CHECKS.iter() {
            let asked = self.missing(check, &loaded).and_then(|missing| match missing.is_empty() {
                true => self.run(check.name, check.sql),
                false => Ok(Verdict::Skipped { missing }),
            });
            add(check.name, check.description(), asked)?;
        }
        Ok(outcomes)
    }

    fn other_columns(&self) -> Result<Verdict, LoadError> {
        let failed = self.failed("read the tables' columns");
        let mut samples = other_columns(self.connection()?).map_err(failed)?;
        if samples.is_empty() {
            return Ok(Verdict::Holds);
        }
        let violations = samples.len() as u64;
        samples.truncate(SAMPLES);
        Ok(Verdict::Broken { violations, samples })
    }

    fn missing(&self, check: &Query, loaded: &BTreeSet<Dataset>) -> Result<Vec<&'static str>, LoadError> {
        let datasets = check.needs().filter(|dataset| !loaded.contains(dataset));
        let mut missing: Vec<_> = datasets.map(Dataset::name).collect();
        for name in check.needs_derived() {
            if self.derived_end(name)?.is_none() {
                missing.push(name);
            }
        }
        Ok(missing)
    }

    /// Most checks find nothing: one pass that stops at the first rows says so, and counting waits until it does not.
    fn run(&self, name: &str, sql: &str) -> Result<Verdict, LoadError> {
        let samples = self.query_text(&format!("SELECT * FROM (\n{sql}\n) LIMIT {SAMPLES}"))?;
        if samples.rows.is_empty() {
            return Ok(Verdict::Holds);
        }
        let count = format!("SELECT count(*) FROM (\n{sql}\n)");
        let violations = self
            .connection()?
            .query_row(&count, [], |row| row.get(0))
            .map_err(self.failed(&format!("run the check {name}")))?;
        Ok(Verdict::Broken { violations, samples: samples.lines().collect() })
    }
}

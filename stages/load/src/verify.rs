//! Runs the checks of `schemas/checks` on an existing database.

use std::collections::BTreeSet;

use blockmill_schemas::Dataset;
use blockmill_schemas::sql::{CHECKS, Query};

use crate::database::Database;
use crate::error::LoadError;

/// Rows shown of a check that fails.
const SAMPLES: usize = 5;

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckOutcome {
    /// Name of the check.
    pub name: &'static str,
    /// What should hold, for people.
    pub description: &'static str,
    /// Whether it does.
    pub verdict: Verdict,
}

/// Whether an invariant holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds in every row.
    Holds,
    /// It is broken.
    Broken {
        /// In how many places.
        violations: u64,
        /// The first of them, as `column=value` pairs.
        samples: Vec<String>,
    },
    /// It says nothing here: these tables were not loaded or derived.
    Skipped {
        /// The tables it needs and that are not there.
        missing: Vec<&'static str>,
    },
}

impl Database {
    /// Runs every check, in order; `report` sees each outcome as soon as it is known. An error means that a check
    /// could not be run, not that it failed.
    pub fn verify(&self, mut report: impl FnMut(&CheckOutcome)) -> Result<Vec<CheckOutcome>, LoadError> {
        let loaded = self.loaded_datasets()?;
        let run = |check: &Query| {
            let missing = self.missing(check, &loaded)?;
            let verdict = if missing.is_empty() { self.run(check)? } else { Verdict::Skipped { missing } };
            let outcome = CheckOutcome { name: check.name, description: check.description(), verdict };
            report(&outcome);
            Ok(outcome)
        };
        CHECKS.iter().map(run).collect()
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
    fn run(&self, check: &Query) -> Result<Verdict, LoadError> {
        let samples = self.query_text(&format!("SELECT * FROM (\n{}\n) LIMIT {SAMPLES}", check.sql))?;
        if samples.rows.is_empty() {
            return Ok(Verdict::Holds);
        }
        let count = format!("SELECT count(*) FROM (\n{}\n)", check.sql);
        let violations = self
            .connection()?
            .query_row(&count, [], |row| row.get(0))
            .map_err(self.failed(&format!("run the check {}", check.name)))?;
        Ok(Verdict::Broken { violations, samples: samples.lines().collect() })
    }
}

//! What a database holds, in figures, and what it answers to the example questions.

use std::collections::BTreeSet;

use blockmill_chain::KnownChain;
use blockmill_load::Database;
use blockmill_pipeline::RunError;
use blockmill_schemas::Dataset;
use blockmill_schemas::sql::Query;

/// How much a database holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contents {
    /// The name of the chain, or what tells it apart.
    pub(crate) chain: String,
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// The first and the last block that were loaded.
    pub(crate) blocks: Option<(u64, u64)>,
    /// The times in their headers, UTC.
    pub(crate) times: Option<(String, String)>,
    /// What is in each table that was filled.
    pub(crate) tables: Vec<TableContents>,
}

/// How much one table holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableContents {
    /// The dataset of the table.
    pub(crate) dataset: Dataset,
    /// Number of rows.
    pub(crate) rows: u64,
    /// What else can be counted in it, by name.
    pub(crate) facts: Vec<(String, u64)>,
}

/// What became of an example question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The rows that answer it.
    Given(AnswerRows),
    /// These datasets were not loaded.
    Skipped { missing: Vec<Dataset> },
}

/// The rows of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnswerRows {
    /// Its columns, in order.
    pub(crate) columns: Vec<AnswerColumn>,
    /// Values as text, in the order of the columns; `None` for NULL.
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnswerColumn {
    /// The name of the column.
    pub(crate) name: String,
    /// Whether the values of the column are numbers.
    pub(crate) is_number: bool,
}

/// What is worth counting in a table besides its rows: one row, a figure per column. One pass over few columns each.
const FACTS: [(Dataset, &str); 5] = [
    (
        Dataset::Blocks,
        "SELECT count(DISTINCT miner) AS 'fee recipients', count(*) FILTER (transaction_count = 0) AS empty,
             sum(gas_used) // 1000000 AS Mgas
         FROM blocks",
    ),
    (Dataset::Withdrawals, "SELECT count(DISTINCT validator_index) AS validators FROM withdrawals"),
    (
        Dataset::Transactions,
        "SELECT count(DISTINCT from_address) AS senders, count(*) FILTER (NOT success) AS failed FROM transactions",
    ),
    (Dataset::Logs, "SELECT count(DISTINCT address) AS contracts FROM logs"),
    (
        Dataset::Traces,
        "SELECT count(call_type) AS 'call frames', max(len(trace_address)) AS 'greatest depth',
             count(*) FILTER (trace_type = 'create' AND success) AS 'contracts created'
         FROM traces",
    ),
];

/// Counts what a database holds.
pub(crate) fn contents(database: &Database) -> Result<Contents, RunError> {
    let loaded = database.loaded_datasets()?;
    let mut tables = Vec::new();
    for table in database.table_stats()? {
        let dataset = Dataset::by_name(table.name).filter(|dataset| loaded.contains(dataset));
        if let (Some(dataset), Some(rows)) = (dataset, table.rows) {
            tables.push(TableContents { dataset, rows, facts: facts(database, dataset)? });
        }
    }
    Ok(Contents {
        chain: chain(database)?,
        bytes: database.file_bytes(),
        blocks: blocks(database)?,
        times: times(database, &loaded)?,
        tables,
    })
}

/// A chain by its name, or by its number.
fn chain(database: &Database) -> Result<String, RunError> {
    let genesis = database.meta("genesis_hash")?.and_then(|hash| hash.parse().ok());
    Ok(match (genesis.and_then(KnownChain::by_genesis), database.meta("chain_id")?) {
        (Some(chain), _) => chain.name().to_owned(),
        (None, Some(id)) => format!("chain id {id}"),
        (None, None) => "unknown".to_owned(),
    })
}

fn blocks(database: &Database) -> Result<Option<(u64, u64)>, RunError> {
    let units = database.loaded()?;
    let ends = units.first().zip(units.last());
    Ok(ends.map(|(first, last)| (first.range.start, last.range.end.saturating_sub(1))))
}

fn times(database: &Database, loaded: &BTreeSet<Dataset>) -> Result<Option<(String, String)>, RunError> {
    if !loaded.contains(&Dataset::Blocks) {
        return Ok(None);
    }
    let found = database.query_text("SELECT min(timestamp), max(timestamp) FROM blocks")?;
    let mut times = found.rows.into_iter().flatten();
    Ok(times.next().flatten().zip(times.next().flatten()))
}

fn facts(database: &Database, dataset: Dataset) -> Result<Vec<(String, u64)>, RunError> {
    let Some((_, select)) = FACTS.iter().find(|(of, _)| *of == dataset) else { return Ok(Vec::new()) };
    let found = database.query_text(select)?;
    let values = found.rows.into_iter().flatten();
    // There is no sum and no greatest value where there are no rows.
    let known =
        found.columns.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?.parse().ok()?)));
    Ok(known.collect())
}

/// Asks an example question.
pub(crate) fn answer(database: &Database, example: &Query) -> Result<Answer, RunError> {
    let loaded = database.loaded_datasets()?;
    let missing: Vec<_> = example.needs().filter(|dataset| !loaded.contains(dataset)).collect();
    if !missing.is_empty() {
        return Ok(Answer::Skipped { missing });
    }
    let columns = database.columns_of(example.sql)?.into_iter();
    let columns = columns.map(|(name, kind)| AnswerColumn { name, is_number: is_number(&kind) }).collect();
    Ok(Answer::Given(AnswerRows { columns, rows: database.query_text(example.sql)?.rows }))
}

/// Whether a type of DuckDB is one of numbers.
fn is_number(kind: &str) -> bool {
    let kind = kind.split('(').next().unwrap_or(kind);
    kind.ends_with("INT") || kind.ends_with("INTEGER") || matches!(kind, "DECIMAL" | "FLOAT" | "DOUBLE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_by_their_type() {
        for kind in ["UTINYINT", "INTEGER", "UBIGINT", "HUGEINT", "DECIMAL(38,18)", "DOUBLE"] {
            assert!(is_number(kind), "{kind}");
        }
        for kind in ["VARCHAR", "BLOB", "TIMESTAMP", "BOOLEAN", "INTEGER[]", "STRUCT(a INTEGER)"] {
            assert!(!is_number(kind), "{kind}");
        }
    }
}

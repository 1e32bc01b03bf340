//! `status`: how far each stage is.

use std::io::{self, Write};
use std::path::Path;

use blockmill_pipeline::{ByteSize, ExitCode, StageStatus, Status, status, store_dir};
use serde_json::{Value, json};

use super::CommandError;
use crate::args::Place;
use crate::monitor::LogFormat;
use crate::text::{Align, Table, count, fields};

/// Runs the command.
pub(crate) fn run(place: &Place, format: LogFormat) -> Result<ExitCode, CommandError> {
    let database = place.database()?;
    let data_dir = &place.data_dir.path;
    if !store_dir(data_dir).exists() && !database.exists() {
        return Err(CommandError::NoStore { path: data_dir.clone() });
    }
    print(&status(data_dir, &database)?, &database, format)?;
    Ok(ExitCode::Done)
}

/// Prints where everything stands, now or in front of a run.
pub(super) fn print(status: &Status, database: &Path, format: LogFormat) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match format {
        LogFormat::Json => writeln!(out, "{}", as_json(status, database)),
        LogFormat::Human | LogFormat::Plain => {
            lines(status, database).iter().try_for_each(|line| writeln!(out, "{line}"))
        }
    }
}

fn lines(status: &Status, database: &Path) -> Vec<String> {
    let mut lines = fields(&[
        ("chain", status.chain.clone()),
        ("last block wanted", or_dash(status.target, count)),
        ("database", database.display().to_string()),
    ]);
    lines.push(String::new());
    lines.extend(stage_table(&status.stages).lines());
    if !status.tables.is_empty() {
        let mut table = Table::new([("table", Align::Left), ("rows", Align::Right)]);
        status.tables.iter().for_each(|(name, rows)| table.row([name.clone(), count(*rows)]));
        lines.push(String::new());
        lines.extend(table.lines());
    }
    lines
}

fn stage_table(stages: &[StageStatus]) -> Table {
    let right = Align::Right;
    let mut table = Table::new([
        ("stage", Align::Left),
        ("last block", right),
        ("blocks behind", right),
        ("rows", right),
        ("bytes", right),
        ("a run would", Align::Left),
    ]);
    for stage in stages {
        table.row([
            stage.id.to_string(),
            or_dash(stage.checkpoint, count),
            count(stage.lag),
            or_dash(stage.rows, count),
            or_dash(stage.bytes, |bytes| ByteSize(bytes).to_string()),
            stage.next.clone(),
        ]);
    }
    table
}

fn or_dash(number: Option<u64>, text: impl Fn(u64) -> String) -> String {
    number.map_or_else(|| "-".to_owned(), text)
}

fn as_json(status: &Status, database: &Path) -> Value {
    let stage = |stage: &StageStatus| {
        json!({
            "stage": stage.id.name(),
            "checkpoint": stage.checkpoint,
            "lag": stage.lag,
            "rows": stage.rows,
            "bytes": stage.bytes,
            "next": stage.next,
        })
    };
    let table = |(name, rows): &(String, u64)| json!({ "table": name, "rows": rows });
    json!({
        "chain": status.chain,
        "target": status.target,
        "out": database.to_string_lossy(),
        "stages": status.stages.iter().map(stage).collect::<Vec<_>>(),
        "tables": status.tables.iter().map(table).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use blockmill_chain::StageId;

    fn status() -> Status {
        let stage = StageStatus {
            id: StageId::Load,
            checkpoint: None,
            lag: 54,
            rows: Some(1_200),
            bytes: None,
            next: "load blocks 0:54".into(),
        };
        Status {
            chain: "mainnet".into(),
            target: Some(53),
            stages: vec![stage],
            tables: vec![("blocks".into(), 54)],
        }
    }

    #[test]
    fn what_is_not_known_is_a_dash() {
        let lines = lines(&status(), Path::new("data/mainnet.duckdb"));
        assert_eq!(
            lines,
            [
                "chain              mainnet",
                "last block wanted  53",
                "database           data/mainnet.duckdb",
                "",
                "stage  last block  blocks behind   rows  bytes  a run would",
                "load            -             54  1,200      -  load blocks 0:54",
                "",
                "table   rows",
                "blocks    54",
            ]
        );
    }

    #[test]
    fn programs_get_the_same_as_people() {
        let json = as_json(&status(), Path::new("x.duckdb"));
        assert_eq!(json["stages"][0]["checkpoint"], Value::Null);
        assert_eq!(json["tables"][0]["rows"], 54);
    }
}

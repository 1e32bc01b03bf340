//! `status`: how far each stage is.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use alloy::primitives::hex;
use blockmill_load::TableStats;
use blockmill_pipeline::{
    ByteSize, ExitCode, RunProgress, StageProgress, StageStatus, Status, TablesStatus, status, store_dir,
};
use serde_json::{Value, json};

use super::CommandError;
use super::opened::retry_read;
use crate::args::{DatabaseArgs, Resources};
use crate::monitor::LogFormat;
use crate::text::{Align, TextTable, count, duration, fields, rate};

/// Prints where the stages and the tables are.
pub(crate) fn run(place: &DatabaseArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let database = place.database()?;
    let data_dir = &place.data_dir.path;
    if !store_dir(data_dir).exists() && !database.exists() {
        return Err(CommandError::NoStore { path: data_dir.clone() });
    }
    let status = retry_read(data_dir, || Ok(status(data_dir, &database)?))?;
    print(&status, &database, None, format)?;
    Ok(ExitCode::Done)
}

/// Prints where everything stands, now or in front of a run, which would use `resources`.
pub(super) fn print(
    status: &Status,
    database: &Path,
    resources: Option<&Resources>,
    format: LogFormat,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match format {
        LogFormat::Json => writeln!(out, "{}", as_json(status, database, resources)),
        LogFormat::Human | LogFormat::Plain => {
            lines(status, database, resources).iter().try_for_each(|line| writeln!(out, "{line}"))
        }
    }
}

/// Hex digits of a digest that people compare.
const SHOWN_DIGITS: usize = 16;

fn lines(status: &Status, database: &Path, resources: Option<&Resources>) -> Vec<String> {
    let mut facts = vec![
        ("chain", status.chain.clone()),
        ("last block wanted", or_dash(status.target, count)),
        ("database", database.display().to_string()),
    ];
    if let Some((block, origin)) = &status.state {
        facts.insert(1, ("starts from", format!("the state after block {}, from {origin}", count(*block))));
    }
    if let TablesStatus::NotCounted(why) = &status.tables {
        facts.push(("tables not counted", why.clone()));
    }
    if let Some(resources) = resources {
        facts.push(("memory", format!("{} ({})", resources.memory, resources.memory_from)));
        facts.push(("threads", resources.threads.to_string()));
        facts.push(("stages", resources.order_in_words().to_owned()));
    }
    let mut lines = fields(&facts);
    lines.push(String::new());
    lines.extend(stage_table(&status.stages).lines());
    lines.extend(status.run.iter().flat_map(run_lines));
    if let TablesStatus::Counted(rows) = &status.tables
        && !rows.is_empty()
    {
        let mut table =
            TextTable::new([("table", Align::Left), ("rows", Align::Right), ("digest", Align::Left)]);
        for TableStats { name, rows, digest } in rows {
            let digest = &hex::encode(digest)[..SHOWN_DIGITS];
            let (rows, digest) = rows.map_or(("not filled".into(), ""), |rows| (count(rows), digest));
            table.row([name.to_string(), rows, digest.to_owned()]);
        }
        lines.push(String::new());
        lines.extend(table.lines());
    }
    lines
}

fn stage_table(stages: &[StageStatus]) -> TextTable {
    let right = Align::Right;
    let mut table = TextTable::new([
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

/// What the run that is going on has done so far, and how long it will take at that speed.
fn run_lines(run: &RunProgress) -> Vec<String> {
    let right = Align::Right;
    let mut table = TextTable::new([
        ("this run", Align::Left),
        ("blocks", right),
        ("blocks/s", right),
        ("to block", right),
        ("left", right),
    ]);
    for stage in &run.stages {
        let (speed, left) = (speed(run, stage), left(run, stage));
        table.row([
            stage.id.to_string(),
            count(stage.blocks),
            rate(speed),
            or_dash(stage.range.end.checked_sub(1), count),
            if stage.next >= stage.range.end {
                "done".into()
            } else {
                left.map_or_else(|| "-".into(), duration)
            },
        ]);
    }
    let running = format!("process {} has been running for {}", run.process, duration(run.elapsed));
    [String::new(), running, String::new()].into_iter().chain(table.lines()).collect()
}

/// Blocks a second since the run began.
fn speed(run: &RunProgress, stage: &StageProgress) -> f64 {
    stage.blocks as f64 / run.elapsed.as_secs_f64().max(1.0)
}

/// How long a stage takes at the speed it had so far.
fn left(run: &RunProgress, stage: &StageProgress) -> Option<Duration> {
    let blocks = stage.range.end.saturating_sub(stage.next);
    Duration::try_from_secs_f64(blocks as f64 / speed(run, stage)).ok()
}

fn or_dash(number: Option<u64>, text: impl Fn(u64) -> String) -> String {
    number.map_or_else(|| "-".to_owned(), text)
}

fn as_json(status: &Status, database: &Path, resources: Option<&Resources>) -> Value {
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
    let stage_of_run = |run: &RunProgress, stage: &StageProgress| {
        json!({
            "stage": stage.id.name(),
            "blocks": stage.blocks,
            "blocks_per_second": speed(run, stage),
            "end_block": stage.range.end,
            "seconds_left": left(run, stage).map(|left| left.as_secs_f64()),
        })
    };
    let run = |run: &RunProgress| {
        json!({
            "process": run.process,
            "out": run.database.to_string_lossy(),
            "elapsed_seconds": run.elapsed.as_secs_f64(),
            "stages": run.stages.iter().map(|stage| stage_of_run(run, stage)).collect::<Vec<_>>(),
        })
    };
    let table = |TableStats { name, rows, digest }: &TableStats| json!({ "table": name, "rows": rows, "digest": rows.map(|_| hex::encode(digest)) });
    let (tables, why) = match &status.tables {
        TablesStatus::Counted(rows) => (Some(rows), None),
        TablesStatus::NotCounted(why) => (None, Some(why)),
    };
    let mut object = json!({
        "state_block": status.state.as_ref().map(|(block, _)| block),
        "state_origin": status.state.as_ref().map(|(_, origin)| origin),
        "chain": status.chain,
        "target": status.target,
        "out": database.to_string_lossy(),
        "run": status.run.as_ref().map(run),
        "stages": status.stages.iter().map(stage).collect::<Vec<_>>(),
        "tables": tables.map(|rows| rows.iter().map(table).collect::<Vec<_>>()),
        "tables_not_counted": why,
    });
    if let Some(resources) = resources {
        object["memory_bytes"] = resources.memory.0.into();
        object["memory_from"] = resources.memory_from.clone().into();
        object["threads"] = resources.threads.into();
        object["overlapped"] = resources.overlaps().into();
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use blockmill_chain::{BlockRange, StageId};

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
            state: None,
            chain: "mainnet".into(),
            target: Some(53),
            stages: vec![stage],
            run: None,
            tables: TablesStatus::Counted(vec![
                TableStats { name: "blocks", rows: Some(54), digest: [0xab; 32] },
                TableStats { name: "opcodes", rows: None, digest: [0; 32] },
            ]),
        }
    }

    #[test]
    fn what_is_not_known_is_a_dash() {
        let lines = lines(&status(), Path::new("data/mainnet.duckdb"), None);
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
                "table          rows  digest",
                "blocks           54  abababababababab",
                "opcodes  not filled",
            ]
        );
    }

    #[test]
    fn a_run_says_how_fast_it_is_and_how_long_it_will_take() {
        let load = StageProgress { id: StageId::Load, range: BlockRange::new(0, 100), next: 40, blocks: 40 };
        let run = RunProgress {
            process: 7,
            database: "/x.duckdb".into(),
            elapsed: Duration::from_secs(20),
            stages: vec![StageProgress { id: StageId::Trace, next: 0, blocks: 0, ..load }, load],
        };
        assert_eq!(
            run_lines(&run),
            [
                "",
                "process 7 has been running for 20s",
                "",
                "this run  blocks  blocks/s  to block  left",
                "trace          0       0.0        99     -",
                "load          40       2.0        99   30s",
            ]
        );
    }

    #[test]
    fn programs_get_the_same_as_people() {
        let json = as_json(&status(), Path::new("x.duckdb"), None);
        assert_eq!(json["stages"][0]["checkpoint"], Value::Null);
        assert_eq!(json["tables"][0]["rows"], 54);
        assert_eq!(json["tables"][0]["digest"], "ab".repeat(32));
        assert_eq!((&json["tables"][1]["rows"], &json["tables"][1]["digest"]), (&Value::Null, &Value::Null));
    }
}

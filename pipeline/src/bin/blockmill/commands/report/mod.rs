//! `report`: what a rebuilt database holds, and five questions with their answers.

mod json;
mod lines;

use std::io::{self, Write};

use blockmill_pipeline::ExitCode;
use blockmill_schemas::Dataset;
use blockmill_schemas::sql::EXAMPLES;

use super::{CommandError, opened};
use crate::args::DatabaseArgs;
use crate::monitor::LogFormat;
use crate::report::{answer, contents};

/// Runs the command. Each answer is printed before the next question is asked.
pub(crate) fn run(place: &DatabaseArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let path = place.database()?;
    let database =
        opened::database(&path, &place.data_dir.path, &opened::default_options(&place.data_dir.path))?;
    let contents = contents(&database)?;
    print(&match format {
        LogFormat::Json => vec![json::contents(&contents, &path)],
        LogFormat::Human | LogFormat::Plain => lines::contents(&contents, &path),
    })?;
    if contents.blocks.is_none() {
        return Ok(ExitCode::Done);
    }
    for (number, example) in (1..).zip(EXAMPLES) {
        let answer = answer(&database, example)?;
        print(&match format {
            LogFormat::Json => vec![json::answer(example, &answer)],
            LogFormat::Human | LogFormat::Plain => lines::answer(number, example, &answer),
        })?;
    }
    print(&match format {
        LogFormat::Json => Vec::new(),
        LogFormat::Human | LogFormat::Plain => lines::how_to_ask(&path, &contents),
    })?;
    Ok(ExitCode::Done)
}

fn print(lines: &[String]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Datasets as people and programs call them.
fn names(datasets: &[Dataset]) -> Vec<&'static str> {
    datasets.iter().map(|dataset| dataset.name()).collect()
}

/// What the tests of both forms print.
#[cfg(test)]
mod samples {
    use blockmill_schemas::Dataset;
    use blockmill_schemas::sql::Query;

    use crate::report::{Answer, AnswerColumn, AnswerRows, Contents, TableContents};

    pub(super) fn contents() -> Contents {
        let facts = vec![("senders".to_owned(), 27), ("failed".to_owned(), 0)];
        let tables = vec![
            TableContents { dataset: Dataset::Ommers, rows: 0, facts: Vec::new() },
            TableContents { dataset: Dataset::Transactions, rows: 1_249, facts },
        ];
        Contents {
            chain: "mainnet".into(),
            bytes: 3 << 20,
            blocks: Some((0, 1_053)),
            times: Some(("2015-07-30 15:26:13".into(), "2015-07-30 16:26:13".into())),
            tables,
        }
    }

    pub(super) fn answer_of(values: [Option<&str>; 2]) -> Answer {
        let column = |name: &str, is_number| AnswerColumn { name: name.into(), is_number };
        let columns = vec![column("error", false), column("calls", true)];
        Answer::Given(AnswerRows { columns, rows: vec![values.map(|value| value.map(str::to_owned)).into()] })
    }

    pub(super) const EXAMPLE: Query = Query {
        name: "calls",
        sql: "-- How many?\n-- needs traces\nSELECT error,\n    1 AS calls\nFROM t\n",
    };
}

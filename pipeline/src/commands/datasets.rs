//! `datasets`: what can be rebuilt, read from the catalogue and its DDL.

use std::io::{self, Write};

use blockmill_pipeline::ExitCode;
use blockmill_schemas::{Column, Dataset, markdown};

use super::CommandError;
use crate::args::DatasetsArgs;
use crate::text::{Align, Table, wrapped};

/// Runs the command.
pub(crate) fn run(arguments: &DatasetsArgs) -> Result<ExitCode, CommandError> {
    let lines = match arguments.name {
        None if arguments.markdown => vec![markdown().trim_end().to_owned()],
        None => catalogue(),
        Some(dataset) => describe(dataset),
    };
    let mut out = io::stdout().lock();
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    Ok(ExitCode::Done)
}

fn catalogue() -> Vec<String> {
    let columns = ["dataset", "filled", "made", "rows a transaction"];
    let mut table = Table::new(columns.map(|column| (column, Align::Left)));
    for dataset in Dataset::ALL {
        let filled = if dataset.is_default() { "by default" } else { "on demand" };
        table.row([
            dataset.name().into(),
            filled.into(),
            dataset.source().effort().into(),
            dataset.volume().into(),
        ]);
    }
    let mut lines: Vec<_> = table.lines().collect();
    lines.push(String::new());
    lines.push("blockmill datasets NAME shows the columns of one.".into());
    lines
}

/// Columns of text on a line.
const WIDTH: usize = 80;
const INDENT: &str = "    ";

fn describe(dataset: Dataset) -> Vec<String> {
    let mut lines = wrapped(&dataset.comment(), WIDTH);
    lines.push(String::new());
    for Column { name, definition, comment } in dataset.columns() {
        let mut declared = wrapped(&format!("{name} {definition}"), WIDTH - INDENT.len()).into_iter();
        lines.extend(declared.next());
        lines.extend(declared.map(|line| format!("{INDENT}{INDENT}{line}")));
        let about = wrapped(&comment, WIDTH - INDENT.len());
        lines.extend(about.into_iter().map(|line| format!("{INDENT}{line}")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_fits_a_terminal() {
        for line in Dataset::ALL.into_iter().flat_map(describe) {
            assert!(
                line.chars().count() <= WIDTH || !line.contains(' ') || line.contains("STRUCT"),
                "{line}"
            );
        }
    }
}

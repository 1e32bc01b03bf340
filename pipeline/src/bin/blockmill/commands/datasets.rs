//! `datasets`: what can be rebuilt, read from the catalogue and its DDL.

use std::io::{self, Write};

use blockmill_load::ExportTable;
use blockmill_pipeline::ExitCode;
use blockmill_schemas::sql::{Derivation, derivations};
use blockmill_schemas::{Column, Dataset, markdown};

use super::CommandError;
use crate::args::DatasetsArgs;
use crate::text::{Align, TextTable, wrapped};

/// Prints the datasets, or one with its columns.
pub(crate) fn run(arguments: &DatasetsArgs) -> Result<ExitCode, CommandError> {
    let lines = match arguments.name {
        None if arguments.markdown => vec![markdown().trim_end().to_owned()],
        None => catalogue(),
        Some(table) => describe(table),
    };
    let mut out = io::stdout().lock();
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    Ok(ExitCode::Done)
}

fn catalogue() -> Vec<String> {
    let columns = ["dataset", "filled", "made", "rows a transaction"];
    let mut table = TextTable::new(columns.map(|column| (column, Align::Left)));
    for dataset in Dataset::ALL {
        let filled = if dataset.is_default() { "by default" } else { "on demand" };
        table.row([
            dataset.name().into(),
            filled.into(),
            dataset.made_from().effort().into(),
            dataset.volume().into(),
        ]);
    }
    let mut lines: Vec<_> = table.lines().collect();
    lines.push(String::new());
    let derived: Vec<_> = derivations().map(Derivation::name).collect();
    lines.push(format!("blockmill derive makes further ones: {}.", derived.join(", ")));
    lines.push("blockmill datasets NAME shows the columns of one.".into());
    lines
}

/// Columns of text on a line.
const WIDTH: usize = 80;
const INDENT: &str = "    ";

fn describe(table: ExportTable) -> Vec<String> {
    let (comment, columns) = match table {
        ExportTable::Loaded(dataset) => (dataset.comment(), dataset.columns()),
        ExportTable::Derived(name) => derivations()
            .find(|derivation| derivation.name() == name)
            .map(|derivation| (derivation.comment(), derivation.columns()))
            .unwrap_or_default(),
    };
    let mut lines = wrapped(&comment, WIDTH);
    lines.push(String::new());
    for Column { name, definition, comment } in columns {
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
        for line in ExportTable::all().flat_map(describe) {
            assert!(
                line.chars().count() <= WIDTH || !line.contains(' ') || line.contains("STRUCT"),
                "{line}"
            );
        }
    }
}

//! `datasets`: what can be rebuilt, read from the catalogue and its DDL.

use std::io::{self, Write};

use blockmill_pipeline::ExitCode;
use blockmill_schemas::Dataset;

use super::CommandError;
use crate::text::{Align, Table, wrapped};

/// Runs the command.
pub(crate) fn run(name: Option<Dataset>) -> Result<ExitCode, CommandError> {
    let lines = name.map_or_else(catalogue, describe);
    let mut out = io::stdout().lock();
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    Ok(ExitCode::Done)
}

fn catalogue() -> Vec<String> {
    let columns = ["dataset", "filled", "made", "rows"];
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
    let ddl = dataset.ddl();
    let mut lines = wrapped(comment(ddl, "TABLE", dataset.name()).as_deref().unwrap_or_default(), WIDTH);
    lines.push(String::new());
    for Column { name, definition } in columns(ddl) {
        let mut declared = wrapped(&format!("{name} {definition}"), WIDTH - INDENT.len()).into_iter();
        lines.extend(declared.next());
        lines.extend(declared.map(|line| format!("{INDENT}{INDENT}{line}")));
        let about = comment(ddl, "COLUMN", &format!("{dataset}.{name}"));
        let about = wrapped(about.as_deref().unwrap_or_default(), WIDTH - INDENT.len());
        lines.extend(about.into_iter().map(|line| format!("{INDENT}{line}")));
    }
    lines
}

/// A column as the DDL declares it.
#[derive(Debug, PartialEq, Eq)]
struct Column<'a> {
    name: &'a str,
    /// Its type, and whether it may be NULL.
    definition: String,
}

/// The columns, from the lines between `CREATE TABLE … (` and `);`; the fields of a STRUCT may have lines of their own.
fn columns(ddl: &str) -> Vec<Column<'_>> {
    let body = ddl.lines().skip_while(|line| !line.starts_with("CREATE TABLE")).skip(1);
    let mut columns: Vec<Column<'_>> = Vec::new();
    let mut depth = 0;
    for line in body.take_while(|line| !line.starts_with(')')) {
        let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
        match (depth, line.trim().split_once(' '), columns.last_mut()) {
            (0, Some((name, _)), _) => {
                columns.push(Column { name, definition: words[name.len()..].trim_start().to_owned() });
            }
            (_, _, Some(column)) => {
                let gap = if column.definition.ends_with('(') || words.starts_with(')') { "" } else { " " };
                column.definition = format!("{}{gap}{words}", column.definition);
            }
            _ => {}
        }
        depth += line.matches('(').count();
        depth = depth.saturating_sub(line.matches(')').count());
    }
    columns
        .iter_mut()
        .for_each(|column| column.definition.truncate(column.definition.trim_end_matches(',').len()));
    columns
}

/// The text of a `COMMENT ON … IS '…';`.
fn comment(ddl: &str, kind: &str, name: &str) -> Option<String> {
    let start = format!("COMMENT ON {kind} {name} IS '");
    let text = ddl.lines().find_map(|line| line.strip_prefix(&start)?.strip_suffix("';"))?;
    Some(text.replace("''", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_every_dataset_has_a_type_and_a_comment() {
        for dataset in Dataset::ALL {
            let found = columns(dataset.ddl());
            let schema = dataset.arrow_schema();
            let expected: Vec<_> = schema.fields().iter().map(|field| field.name().clone()).collect();
            let names: Vec<_> = found.iter().map(|column| column.name.to_owned()).collect();
            assert_eq!(names, expected, "{dataset}");
            for Column { name, definition } in found {
                assert!(!definition.is_empty(), "{dataset}.{name} has no type");
                let about = comment(dataset.ddl(), "COLUMN", &format!("{dataset}.{name}"));
                assert!(about.is_some(), "{dataset}.{name} has no comment");
            }
            assert!(comment(dataset.ddl(), "TABLE", dataset.name()).is_some(), "{dataset} has no comment");
        }
    }

    #[test]
    fn a_struct_over_several_lines_is_one_column() {
        let ddl = "CREATE TABLE t (\n    a STRUCT(\n        x DECIMAL(38,0),\n        y BLOB\n    )[],\n    b BLOB NOT NULL\n);";
        let column = |name, definition: &str| Column { name, definition: definition.to_owned() };
        assert_eq!(
            columns(ddl),
            [column("a", "STRUCT(x DECIMAL(38,0), y BLOB)[]"), column("b", "BLOB NOT NULL")]
        );
    }

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

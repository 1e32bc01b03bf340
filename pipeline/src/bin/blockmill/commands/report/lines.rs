//! The report for people.

use std::path::Path;

use blockmill_pipeline::ByteSize;
use blockmill_schemas::sql::Query;

use crate::report::{Answer, AnswerColumn, AnswerRows, Contents, TableContents};
use crate::text::{Align, TextTable, count, cut, fields, grouped, shell_word, visible};

/// What the database holds: one screen at most.
pub(super) fn contents(contents: &Contents, path: &Path) -> Vec<String> {
    let Contents { chain, bytes, blocks, times, tables } = contents;
    let mut about = vec![
        ("database", format!("{} ({})", path.display(), ByteSize(*bytes))),
        ("chain", chain.clone()),
        ("blocks", blocks.map_or("none yet: run 'blockmill rebuild' again".to_owned(), range)),
    ];
    about.extend(times.iter().map(|(first, last)| ("time", format!("{first} to {last} UTC"))));
    let mut lines = fields(&about);
    if !tables.is_empty() {
        lines.push(String::new());
        lines.extend(contents_table(tables).lines());
    }
    lines
}

fn range((first, last): (u64, u64)) -> String {
    format!("{} to {}", count(first), count(last))
}

fn contents_table(tables: &[TableContents]) -> TextTable {
    let mut table = TextTable::new([("table", Align::Left), ("rows", Align::Right), ("with", Align::Left)]);
    for TableContents { dataset, rows, facts } in tables {
        let facts: Vec<_> =
            facts.iter().map(|(name, number)| format!("{name}: {}", count(*number))).collect();
        table.row([dataset.to_string(), count(*rows), facts.join(", ")]);
    }
    table
}

/// Before the SQL and its answer.
const INDENT: &str = "    ";

/// The question, the SQL to be copied, and the answer.
pub(super) fn answer(number: usize, example: &Query, answer: &Answer) -> Vec<String> {
    let mut lines = vec![String::new(), format!("{number}. {}", example.description()), String::new()];
    lines.extend(example.statement().map(|line| format!("{INDENT}{line}")));
    if let Some(last) = lines.last_mut() {
        last.push(';');
    }
    lines.push(String::new());
    let answer = match answer {
        Answer::Given(rows) => answer_table(rows),
        Answer::Skipped { missing } => {
            vec![format!("not asked: {} not loaded", super::names(missing).join(", "))]
        }
    };
    lines.extend(answer.into_iter().map(|line| format!("{INDENT}{line}")));
    lines
}

fn answer_table(AnswerRows { columns, rows }: &AnswerRows) -> Vec<String> {
    if rows.is_empty() {
        return vec!["no rows: there is nothing of this kind in the chain".to_owned()];
    }
    let align = |column: &AnswerColumn| if column.is_number { Align::Right } else { Align::Left };
    let mut table = TextTable::new(columns.iter().map(|column| (column.name.as_str(), align(column))));
    for row in rows {
        table.row(columns.iter().zip(row).map(|(column, value)| cell(column, value)).collect::<Vec<_>>());
    }
    table.lines().collect()
}

/// Letters of the longest value that is shown whole; an address has 42.
const CELL_WIDTH: usize = 44;

/// NULL is shown as nothing.
fn cell(column: &AnswerColumn, value: &Option<String>) -> String {
    let text = value.as_deref().unwrap_or_default();
    if column.is_number { grouped(text) } else { cut(&visible(text), CELL_WIDTH) }
}

/// Where to go from here.
pub(super) fn how_to_ask(path: &Path, contents: &Contents) -> Vec<String> {
    let table =
        contents.tables.first().map_or("_loaded".to_owned(), |table| format!("hex.{}", table.dataset));
    let path = path.display().to_string();
    let quoted = path.replace('\\', r"\\").replace('\'', r"\'");
    let ways = fields(&[
        ("shell", format!("duckdb -readonly {}", shell_word(&path))),
        (
            "Python",
            format!(
                "import duckdb; duckdb.connect('{quoted}', read_only=True).sql('FROM {table} LIMIT 5').show()"
            ),
        ),
        ("columns", "blockmill datasets NAME explains those of a table".to_owned()),
    ]);
    let mut lines =
        vec![String::new(), "Ask what you like (pip install duckdb duckdb-cli gets both):".to_owned()];
    lines.extend(ways.into_iter().map(|way| format!("  {way}")));
    lines
}

#[cfg(test)]
mod tests {
    use blockmill_schemas::Dataset;

    use super::super::samples::{EXAMPLE, answer_of, contents};
    use super::{CELL_WIDTH, answer, answer_table, how_to_ask};
    use crate::report::{Answer, AnswerRows, Contents};
    use std::path::Path;

    #[test]
    fn the_contents_come_first() {
        assert_eq!(
            super::contents(&contents(), Path::new("data/mainnet.duckdb")),
            [
                "database  data/mainnet.duckdb (3 MiB)",
                "chain     mainnet",
                "blocks    0 to 1,053",
                "time      2015-07-30 15:26:13 to 2015-07-30 16:26:13 UTC",
                "",
                "table          rows  with",
                "ommers            0",
                "transactions  1,249  senders: 27, failed: 0",
            ]
        );
        let empty = Contents { blocks: None, times: None, tables: Vec::new(), ..contents() };
        let lines = super::contents(&empty, Path::new("x"));
        assert_eq!(lines.last().unwrap(), "blocks    none yet: run 'blockmill rebuild' again");
    }

    #[test]
    fn an_answer_stands_below_its_question_and_its_sql() {
        assert_eq!(
            answer(2, &EXAMPLE, &answer_of([Some("out of\ngas"), Some("12345.5")])),
            [
                "",
                "2. How many?",
                "",
                "    SELECT error,",
                "        1 AS calls",
                "    FROM t;",
                "",
                "    error           calls",
                "    out of\\ngas  12,345.5",
            ]
        );
    }

    #[test]
    fn null_is_nothing_and_long_text_is_cut() {
        let Answer::Given(rows) = answer_of([Some(&"x".repeat(50)), None]) else { panic!("it was answered") };
        let long = format!("{}…", "x".repeat(CELL_WIDTH - 1));
        assert_eq!(answer_table(&rows)[1], long);
        let nothing = AnswerRows { rows: Vec::new(), ..rows };
        assert!(answer_table(&nothing)[0].starts_with("no rows"));
    }

    #[test]
    fn what_was_not_loaded_is_not_asked() {
        let skipped = Answer::Skipped { missing: vec![Dataset::Logs, Dataset::Traces] };
        assert_eq!(answer(1, &EXAMPLE, &skipped).last().unwrap(), "    not asked: logs, traces not loaded");
    }

    #[test]
    fn a_path_can_be_copied_into_a_shell_and_into_python() {
        let lines = how_to_ask(Path::new("it's.duckdb"), &contents());
        assert!(lines.iter().any(|line| line.ends_with(r"duckdb -readonly 'it'\''s.duckdb'")), "{lines:?}");
        assert!(
            lines.iter().any(|line| line.contains(r"connect('it\'s.duckdb', read_only=True)")),
            "{lines:?}"
        );
    }
}

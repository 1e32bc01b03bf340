//! The report for programs: an object per line.

use std::path::Path;

use blockmill_schemas::sql::Query;
use serde_json::{Number, Value, json};

use super::names;
use crate::report::{Answer, AnswerColumn, AnswerRows, Contents, TableContents};

/// What the database holds.
pub(super) fn contents(contents: &Contents, path: &Path) -> String {
    let Contents { chain, bytes, blocks, times, tables } = contents;
    let table = |TableContents { dataset, rows, facts }: &TableContents| {
        let facts: serde_json::Map<_, _> =
            facts.iter().map(|(name, number)| (name.replace(' ', "_"), json!(number))).collect();
        json!({ "table": dataset.name(), "rows": rows, "facts": facts })
    };
    json!({
        "event": "contents",
        "out": path.to_string_lossy(),
        "chain": chain,
        "bytes": bytes,
        "first_block": blocks.map(|(first, _)| first),
        "last_block": blocks.map(|(_, last)| last),
        "first_time": times.as_ref().map(|(first, _)| first),
        "last_time": times.as_ref().map(|(_, last)| last),
        "tables": tables.iter().map(table).collect::<Vec<_>>(),
    })
    .to_string()
}

/// A question with its answer, values whole.
pub(super) fn answer(example: &Query, answer: &Answer) -> String {
    let sql: Vec<_> = example.statement().collect();
    let mut event = json!({
        "event": "answer",
        "name": example.name,
        "question": example.description(),
        "sql": sql.join("\n"),
    });
    match answer {
        Answer::Given(AnswerRows { columns, rows }) => {
            let row = |row: &Vec<Option<String>>| -> Value {
                columns.iter().zip(row).map(|(column, value)| json_value(column, value)).collect()
            };
            event["columns"] = columns.iter().map(|column| column.name.as_str()).collect();
            event["rows"] = rows.iter().map(row).collect();
        }
        Answer::Skipped { missing } => event["missing"] = json!(names(missing)),
    }
    event.to_string()
}

/// Numbers are numbers, but for those that JSON has no word for.
fn json_value(column: &AnswerColumn, value: &Option<String>) -> Value {
    let Some(text) = value else { return Value::Null };
    let number = Some(text).filter(|_| column.is_number).and_then(|text| text.parse::<Number>().ok());
    number.map_or_else(|| json!(text), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{EXAMPLE, answer_of, contents};
    use super::{Answer, answer};
    use blockmill_schemas::Dataset;
    use serde_json::{Value, json};
    use std::path::Path;

    #[test]
    fn programs_get_values_whole_and_as_numbers() {
        let json = answer(&EXAMPLE, &answer_of([None, Some("12345.5")]));
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["columns"], json!(["error", "calls"]));
        assert_eq!(json["rows"], json!([[null, 12345.5]]));
        assert_eq!(json["sql"], "SELECT error,\n    1 AS calls\nFROM t");
        let json: Value = serde_json::from_str(&super::contents(&contents(), Path::new("x.duckdb"))).unwrap();
        assert_eq!(
            (&json["last_block"], &json["tables"][1]["facts"]["senders"]),
            (&json!(1_053), &json!(27))
        );
    }

    #[test]
    fn what_was_not_loaded_is_named() {
        let skipped = Answer::Skipped { missing: vec![Dataset::Logs, Dataset::Traces] };
        let json: Value = serde_json::from_str(&answer(&EXAMPLE, &skipped)).unwrap();
        assert_eq!(json["missing"], json!(["logs", "traces"]));
    }
}

//! What the DDL of a table says, read back out of it: the one place where columns and their meaning are written down.

use crate::Dataset;
use crate::sql::Derivation;

/// A column as its table declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name of the column.
    pub name: &'static str,
    /// Its type, and `NOT NULL` where it is. How DuckDB is to compress it is not part of that.
    pub definition: String,
    /// What the column holds, in which unit, and what NULL means.
    pub comment: String,
}

impl Dataset {
    /// What a row of the table is, and in what order rows come.
    pub fn comment(self) -> String {
        comment(self.ddl(), "TABLE", self.name())
    }

    /// The columns of the table, in order.
    pub fn columns(self) -> Vec<Column> {
        columns(self.ddl(), self.name())
    }
}

impl Derivation {
    /// What a row of the table is.
    pub fn comment(&self) -> String {
        comment(self.ddl(), "TABLE", self.name())
    }

    /// The columns of the table, in order.
    pub fn columns(&self) -> Vec<Column> {
        columns(self.ddl(), self.name())
    }
}

fn columns(ddl: &'static str, table: &str) -> Vec<Column> {
    let with_comment = |(name, definition): (&'static str, String)| Column {
        name,
        definition,
        comment: comment(ddl, "COLUMN", &format!("{table}.{name}")),
    };
    declared(ddl).into_iter().map(with_comment).collect()
}

/// Names and definitions, from the lines between `CREATE TABLE … (` and `);`; the fields of a STRUCT may have lines of
/// their own.
fn declared(ddl: &str) -> Vec<(&str, String)> {
    let body = ddl.lines().skip_while(|line| !line.starts_with("CREATE TABLE")).skip(1);
    let mut columns: Vec<(&str, String)> = Vec::new();
    let mut depth = 0;
    for line in body.take_while(|line| !line.starts_with(')')) {
        let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
        match (depth, line.trim().split_once(' '), columns.last_mut()) {
            (0, Some((name, _)), _) => columns.push((name, words[name.len()..].trim_start().to_owned())),
            (_, _, Some((_, definition))) => {
                let gap = if definition.ends_with('(') || words.starts_with(')') { "" } else { " " };
                *definition = format!("{definition}{gap}{words}");
            }
            _ => {}
        }
        depth += line.matches('(').count();
        depth = depth.saturating_sub(line.matches(')').count());
    }
    for (_, definition) in &mut columns {
        definition.truncate(definition.trim_end_matches(',').len());
        *definition = without_compression(definition);
    }
    columns
}

/// `BLOB USING COMPRESSION dictionary NOT NULL` without the method and what announces it.
fn without_compression(definition: &str) -> String {
    let Some((before, method)) = definition.split_once(" USING COMPRESSION ") else {
        return definition.to_owned();
    };
    let after = method.split_once(' ').map_or(String::new(), |(_, after)| format!(" {after}"));
    format!("{before}{after}")
}

/// The text of a `COMMENT ON … IS '…';`; empty where there is none.
fn comment(ddl: &str, kind: &str, name: &str) -> String {
    let start = format!("COMMENT ON {kind} {name} IS '");
    let text = ddl.lines().find_map(|line| line.strip_prefix(&start)?.strip_suffix("';"));
    text.unwrap_or_default().replace("''", "'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::derivations;

    #[test]
    fn every_column_of_every_dataset_has_a_type_and_a_comment() {
        for dataset in Dataset::ALL {
            let schema = dataset.arrow_schema();
            let expected: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            let columns = dataset.columns();
            assert_eq!(columns.iter().map(|column| column.name).collect::<Vec<_>>(), expected, "{dataset}");
            for Column { name, definition, comment } in columns {
                assert!(!definition.is_empty() && !comment.is_empty(), "{dataset}.{name}");
            }
            assert!(!dataset.comment().is_empty(), "{dataset}");
        }
        for derivation in derivations() {
            let columns = derivation.columns();
            assert!(columns.len() > 3, "{}", derivation.name());
            for Column { name, definition, comment } in columns {
                assert!(!definition.is_empty() && !comment.is_empty(), "{}.{name}", derivation.name());
            }
            assert!(!derivation.comment().is_empty(), "{}", derivation.name());
        }
    }

    #[test]
    fn how_a_column_is_compressed_is_not_its_type() {
        let ddl = "CREATE TABLE t (\n    a BLOB USING COMPRESSION uncompressed NOT NULL,\n    b BLOB USING COMPRESSION dictionary\n);";
        let columns = [("a", "BLOB NOT NULL"), ("b", "BLOB")];
        assert_eq!(declared(ddl), columns.map(|(name, definition)| (name, definition.to_owned())));
    }

    #[test]
    fn a_struct_over_several_lines_is_one_column() {
        let ddl = "CREATE TABLE t (\n    a STRUCT(\n        x DECIMAL(38,0),\n        y BLOB\n    )[],\n    b BLOB NOT NULL\n);";
        let columns = [("a", "STRUCT(x DECIMAL(38,0), y BLOB)[]"), ("b", "BLOB NOT NULL")];
        assert_eq!(declared(ddl), columns.map(|(name, definition)| (name, definition.to_owned())));
    }
}

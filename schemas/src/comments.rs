//! Comments of macros and of the columns of views, out of the SQL that makes them: what stands above a macro,
//! and what the column of a table says that a view shows. An item of a view's list may be followed by a
//! comment of its own.

use std::fmt::Write;

use crate::sql::{MACROS, VIEWS, derivations};
use crate::{Column, Dataset};

/// A macro as people call it, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macro {
    /// Its name with its parameters.
    pub signature: &'static str,
    /// What stands above it, in one line.
    pub comment: String,
    /// Whether it is a table macro.
    pub is_table: bool,
}

impl Macro {
    /// The name, without the parameters.
    pub fn name(&self) -> &'static str {
        self.signature.split('(').next().unwrap_or(self.signature)
    }
}

/// Every macro that people call, in the order of the file.
pub fn macros() -> Vec<Macro> {
    every_macro().into_iter().filter(|found| !found.signature.starts_with('_')).collect()
}

fn every_macro() -> Vec<Macro> {
    const CREATE: &str = "CREATE OR REPLACE MACRO ";
    let (mut found, mut above) = (Vec::new(), Vec::new());
    for line in MACROS.lines() {
        match (line.strip_prefix("-- "), line.strip_prefix(CREATE)) {
            (Some(text), _) => above.push(text),
            (_, Some(head)) => {
                let signature = head.find(')').map_or(head, |end| &head[..=end]);
                let comment = std::mem::take(&mut above).join(" ");
                found.push(Macro { signature, comment, is_table: head.ends_with(" AS TABLE") });
            }
            _ => above.clear(),
        }
    }
    found
}

/// A view: its schema and name, its SELECT, and its comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its schema: hex, etl, cryo.
    pub schema: &'static str,
    /// The name of the view, without the schema.
    pub name: &'static str,
    /// What the view shows.
    pub comment: String,
    body: &'static str,
}

/// Every view over loaded tables, in the order of the files.
pub fn views() -> Vec<View> {
    VIEWS.iter().flat_map(|script| views_in(script)).collect()
}

/// Every view over derived tables, which comes with its table.
pub fn derived_views() -> Vec<View> {
    derivations().flat_map(|derivation| views_in(derivation.ddl())).collect()
}

fn views_in(script: &'static str) -> impl Iterator<Item = View> {
    script.split("CREATE OR REPLACE VIEW ").skip(1).filter_map(view)
}

fn view(script: &'static str) -> Option<View> {
    let (name, body) = script.split_once(" AS\n")?;
    let (body, rest) = body.split_once(";\n")?;
    let (schema, name) = name.split_once('.')?;
    let comment = rest.lines().find_map(|line| {
        line.strip_prefix(&format!("COMMENT ON VIEW {schema}.{name} IS '"))?.strip_suffix("';")
    });
    Some(View { schema, name, comment: comment.unwrap_or_default().replace("''", "'"), body })
}

impl View {
    /// Whether the view shows rows of a table. Payloads are filled with every table that has any.
    fn reads(&self, dataset: Dataset) -> bool {
        let table = format!("main.{dataset}");
        let ends = |(at, _): (usize, &str)| !self.body[at + table.len()..].starts_with(is_word);
        dataset != Dataset::Payloads && self.body.match_indices(&table).any(ends)
    }

    /// Its columns with their comments, as far as the SQL tells.
    fn columns(&self) -> Vec<(&'static str, String)> {
        match Dataset::by_name(self.name) {
            Some(dataset) if self.schema == "hex" => self.columns_as_text(dataset),
            _ => self.items().iter().filter_map(|item| self.described(item)).collect(),
        }
    }

    /// The columns of a view in `hex`: those of the table, BLOBs as text, and what is joined.
    fn columns_as_text(&self, dataset: Dataset) -> Vec<(&'static str, String)> {
        /// What rows refer to by number.
        const JOINED: [(&str, &str); 3] = [
            (
                "transaction_hash",
                "0x-text: 32 bytes: the hash of the transaction. NULL outside transactions.",
            ),
            ("block_timestamp", "Time of the block, UTC."),
            ("amount_wei", "Wei credited."),
        ];
        let as_text = |Column { name, definition, comment }: Column| {
            let form = match definition.contains("BLOB") {
                true if name == "token_id" => "Decimal text: ",
                true => "0x-text: ",
                false => "",
            };
            let long = if comment.contains("8,192") { " This view has it in its place." } else { "" };
            (name, format!("{form}{comment}{long}"))
        };
        let mut columns: Vec<_> = dataset.columns().into_iter().map(as_text).collect();
        for (name, comment) in JOINED {
            if !columns.iter().any(|(there, _)| *there == name) && self.body.contains(&format!(" AS {name}"))
            {
                columns.push((name, comment.to_owned()));
            }
        }
        columns
    }

    /// The list of its outermost SELECT, each item with the comment that follows it.
    fn items(&self) -> Vec<(String, Option<&'static str>)> {
        let start = self.body.rfind("\nSELECT\n").map_or(0, |at| at + 1);
        let list = self.body[start..].lines().skip(1).take_while(|line| line.starts_with(' '));
        let (mut items, mut item, mut own, mut depth) = (Vec::new(), String::new(), None, 0_usize);
        for line in list {
            let (sql, comment) = line.split_once(" -- ").map_or((line, None), |(sql, own)| (sql, Some(own)));
            own = own.or(comment);
            item.push_str(sql.trim());
            depth += sql.matches('(').count();
            depth = depth.saturating_sub(sql.matches(')').count());
            match item.strip_suffix(',') {
                Some(whole) if depth == 0 => {
                    items.push((whole.to_owned(), own.take()));
                    item.clear();
                }
                _ => item.push(' '),
            }
        }
        items.push((item.trim().to_owned(), own));
        items
    }

    fn described(&self, (item, own): &(String, Option<&'static str>)) -> Option<(&'static str, String)> {
        let (expression, alias) =
            item.rsplit_once(" AS ").unwrap_or((item, item.rsplit('.').next().unwrap_or(item)));
        // A slice of the script, not of the item that was put together.
        let name =
            self.body.match_indices(alias).map(|(at, found)| &self.body[at..at + found.len()]).next()?;
        if let Some(own) = own {
            return Some((name, format!("{own}.").replace("..", ".")));
        }
        if name == "chain_id" {
            return Some((name, "The chain's id (EIP-155).".to_owned()));
        }
        let Column { comment, .. } = self.source(expression)?;
        // How to ask the table, and what the table does not have in its place.
        let of_the_table = ["sum_fee(", "sum_amount(", "own_gas(", "8,192"];
        let is_of_the_table = |sentence: &&str| of_the_table.iter().any(|words| sentence.contains(words));
        let sentences: Vec<_> = comment.split_inclusive(". ").filter(|text| !is_of_the_table(text)).collect();
        let comment = sentences.concat().trim_end().to_owned();
        let is_as_stored = !expression.contains(' ') && !expression.contains("u256");
        let text = match comment.split_once(". ") {
            Some((first, _)) if !is_as_stored => format!("{first}."),
            _ => comment,
        };
        let form = match alias.rsplit('_').next() {
            Some("binary") => " As 32 bytes, big-endian.",
            Some("string") => " As decimal text.",
            Some("f64") => " As DOUBLE.",
            _ if expression.starts_with("epoch(") => " As seconds since 1970.",
            _ if expression.contains("u256_dec(") => " As decimal text.",
            _ if expression.contains("hex0x(") => " As 0x-text.",
            _ => "",
        };
        Some((name, format!("{text}{form}")))
    }

    /// The first column of a table that an expression names: of the table before the dot, or of the first one that has it.
    fn source(&self, expression: &str) -> Option<Column> {
        let tables: Vec<Dataset> = self
            .body
            .split("main.")
            .skip(1)
            .filter_map(|text| Dataset::by_name(text.split(|c: char| !is_word(c)).next()?))
            .collect();
        let mut within = None;
        for word in expression.split(|c: char| !is_word(c)).filter(|word| !word.is_empty()) {
            if let Some(table) = Dataset::by_name(word) {
                within = Some(table);
                continue;
            }
            let word = word.strip_suffix("_u256").unwrap_or(word);
            let of = |table: &Dataset| table.columns().into_iter().find(|column| column.name == word);
            if let Some(column) = within.take().iter().chain(&tables).find_map(of) {
                return Some(column);
            }
        }
        None
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// `COMMENT ON` for every macro and every column of a view. They need both.
pub fn comments() -> String {
    let mut script = String::new();
    for found in every_macro() {
        let kind = if found.is_table { "MACRO TABLE" } else { "MACRO" };
        comment_on(&mut script, kind, found.name(), &found.comment);
    }
    for view in views() {
        for (column, comment) in view.columns() {
            comment_on(
                &mut script,
                "COLUMN",
                &format!("{}.{}.\"{column}\"", view.schema, view.name),
                &comment,
            );
        }
    }
    script
}

/// The comments of all tables and views, where only these datasets are filled, whose names stand between commas: the others,
/// and the views over them, say so.
pub fn comments_of_tables(filled: &str) -> String {
    let is_filled = |dataset: &Dataset| filled.split(',').any(|name| name == dataset.name());
    let mut script = String::new();
    for dataset in Dataset::ALL {
        let comment = match is_filled(&dataset) {
            true => dataset.comment(),
            false => {
                format!(
                    "Not filled in this database: a new one, made with --datasets +{dataset}, has it. {}",
                    dataset.comment()
                )
            }
        };
        comment_on(&mut script, "TABLE", dataset.name(), &comment);
    }
    for view in views() {
        let missing: Vec<_> =
            Dataset::ALL.into_iter().filter(|dataset| !is_filled(dataset) && view.reads(*dataset)).collect();
        let comment = match missing.iter().map(|dataset| dataset.name()).collect::<Vec<_>>().join(", ") {
            names if names.is_empty() => view.comment.clone(),
            names => format!("Without {names}, not filled in this database. {}", view.comment),
        };
        comment_on(&mut script, "VIEW", &format!("{}.{}", view.schema, view.name), &comment);
    }
    script
}

fn comment_on(script: &mut String, kind: &str, name: &str, comment: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(script, "COMMENT ON {kind} {name} IS '{}';", comment.replace('\'', "''"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment_of(schema: &str, name: &str, column: &str) -> String {
        let view = views().into_iter().find(|view| (view.schema, view.name) == (schema, name)).unwrap();
        view.columns().into_iter().find(|(found, _)| *found == column).unwrap().1
    }

    #[test]
    fn a_column_of_a_view_says_what_its_source_says_and_its_form() {
        for (schema, view, column, words) in [
            ("hex", "logs", "address", "0x-text: 20 bytes"),
            ("hex", "erc721_transfers", "token_id", "Decimal text: 32 bytes"),
            ("hex", "withdrawals", "amount_wei", "Wei"),
            ("etl", "blocks", "hash", "32 bytes: keccak256 of the RLP of the header."),
            ("etl", "blocks", "timestamp", "seconds since 1970"),
            ("etl", "transactions", "gas", "Gas that the transaction may use."),
            ("cryo", "native_transfers", "value_string", "Wei. As decimal text."),
            ("cryo", "transactions", "gas_price", "that the sender paid"),
        ] {
            let comment = comment_of(schema, view, column);
            assert!(comment.contains(words), "{schema}.{view}.{column}: {comment}");
        }
    }

    #[test]
    fn every_macro_says_what_it_is_for() {
        for found in every_macro() {
            assert!(found.comment.len() > 15 && found.signature.ends_with(')'), "{found:?}");
        }
        let own_gas = macros().into_iter().find(|found| found.name() == "own_gas").unwrap();
        assert!(own_gas.is_table && own_gas.signature == "own_gas(from_block, to_block)");
        assert!(!macros().iter().any(|found| found.name() == "_bytes"));
    }
}

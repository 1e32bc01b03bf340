//! The views in `hex`, made from the columns of the tables: every table with text instead of BLOB, and with what its rows refer to
//! by number.

use std::fmt::Write;

use arrow::datatypes::{DataType, Field, FieldRef};

use crate::Dataset;

/// What a view has besides: the amount in the unit of all other amounts.
const AMOUNT_IN_WEI: &str = "withdrawals.amount::DECIMAL(38,0) * 1000000000 AS amount_wei";

/// Creates or replaces the views. They need the tables and the macros.
pub(crate) fn views() -> String {
    let mut script = "CREATE SCHEMA IF NOT EXISTS hex;\n".to_owned();
    for dataset in Dataset::ALL {
        // Writing to a String cannot fail.
        let _ = write!(script, "\n{}", view(dataset));
    }
    script
}

/// LEFT joins, so that no row is lost where a dataset was left out.
fn view(dataset: Dataset) -> String {
    let schema = dataset.arrow_schema();
    let fields = schema.fields();
    let replaced: Vec<_> = fields
        .iter()
        .filter_map(|field| {
            let text = column_as_text(dataset, field)?;
            Some(format!("        {text} AS {}", field.name()))
        })
        .collect();
    let transaction = fields.iter().find(|field| field.name() == "transaction_index");
    let refers = transaction.filter(|_| dataset != Dataset::Transactions);
    let replace = match replaced.is_empty() {
        true => String::new(),
        false => format!(" REPLACE (\n{}\n    )", replaced.join(",\n")),
    };
    let mut items = vec![format!("    {dataset}.*{replace}")];
    let mut joins = String::new();
    let mut comment = format!("{dataset} with 0x-text instead of BLOB");
    if fields.iter().any(|field| field.name() == "token_id") {
        comment += ", the token id as decimal text";
    }
    if dataset == Dataset::Withdrawals {
        items.push(format!("    {AMOUNT_IN_WEI}"));
        comment += ", the amount in wei too";
    }
    if refers.is_some() {
        items.push("    hex0x(transactions.transaction_hash) AS transaction_hash".to_owned());
        joins += "\nLEFT JOIN main.transactions USING (block_number, transaction_index)";
        comment += ", the hash of the transaction";
    }
    if dataset != Dataset::Blocks {
        items.push("    blocks.timestamp AS block_timestamp".to_owned());
        joins += "\nLEFT JOIN main.blocks USING (block_number)";
        comment += " and the time of the block";
    }
    let unknown = match refers.is_some_and(|index| index.is_nullable()) {
        true => "; the hash is NULL outside transactions",
        false => "",
    };
    format!(
        "CREATE OR REPLACE VIEW hex.{dataset} AS\nSELECT\n{}\nFROM main.{dataset}{joins};\n\
         COMMENT ON VIEW hex.{dataset} IS '{comment}{unknown}.';\n",
        items.join(",\n")
    )
}

/// A column as text; `None` where it is not one of bytes.
fn column_as_text(dataset: Dataset, field: &Field) -> Option<String> {
    let column = format!("{dataset}.{}", field.name());
    if field.name() == "token_id" {
        return Some(format!("u256_dec({column})"));
    }
    match dataset.payload_hash(field.name()) {
        Some(hash) => {
            let payload = format!("payload({dataset}.block_number, {dataset}.{hash})");
            Some(format!("hex0x(coalesce({column}, {payload}))"))
        }
        None => as_text(field.data_type(), &column, 0),
    }
}

/// An expression with its byte strings as text; `None` where it has none. `depth` tells the items of lists within lists apart.
fn as_text(data_type: &DataType, expression: &str, depth: usize) -> Option<String> {
    match data_type {
        DataType::Binary | DataType::FixedSizeBinary(_) => Some(format!("hex0x({expression})")),
        DataType::Dictionary(_, values) => as_text(values, expression, depth),
        DataType::List(items) => {
            let item = format!("item_{depth}");
            let text = as_text(items.data_type(), &item, depth + 1)?;
            Some(format!("list_transform({expression}, lambda {item}: {text})"))
        }
        DataType::Struct(fields) => {
            let value = |field: &FieldRef| {
                let value = format!("{expression}.{}", field.name());
                let text = as_text(field.data_type(), &value, depth).unwrap_or(value);
                format!("'{}': {text}", field.name())
            };
            Some(format!("{{{}}}", fields.iter().map(value).collect::<Vec<_>>().join(", ")))
        }
        _ => None,
    }
}

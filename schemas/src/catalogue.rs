//! The catalogue as a page: `schemas/README.md` is this, and a test keeps it so.

use std::fmt::Write;

use crate::comments::{derived_views, macros, views};
use crate::sql::{CHECKS, EXAMPLES, QUERIES, derivations};
use crate::{Column, Dataset};

const INTRODUCTION: &str = "\
# Tables

Made by `blockmill datasets --markdown > schemas/README.md` from the DDL in `src/rows/`; a test keeps both the same. DuckDB shows the same
words: `SELECT * FROM duckdb_columns()`, column `comment`.

- Addresses (20 bytes), hashes and words (32 bytes, numbers big-endian) and byte strings are BLOBs. `bin('0x…')` and `hex0x(b)`
  convert; the schema `hex` has every table with text (lower case), the transaction's hash and the block's time.
  **0 rows?** `from_address = '0x…'` compares a BLOB with text: write `bin('0x…')`, or ask `hex`, in lower case.
- `block_number, transaction_index` name a transaction in every table.
- Wei and token amounts are DECIMAL(38,0). Where a value can be larger, the column is NULL and its twin `…_u256` has it as 32 bytes.
  **Sums**: `sum_amount(value, value_u256)` takes both and never overflows, which `sum(value)` does; `amount(value, value_u256)` is both
  as one number (BIGNUM; cast it to VARCHAR for pandas), `scaled(amount, decimals)` a DOUBLE of whole tokens or ether;
  `sum_fee(gas_used, effective_gas_price)` sums fees.
- Values of ENUM columns, and of `op`, are in their comments, and spelled as there: `op = 'sload'` is no error and finds nothing.
- Byte strings longer than 8,192 bytes are in `payloads`, in pieces: the column is NULL and its twin `…_hash` (keccak256) says which. The
  views in `hex`, `etl` and `cryo` show them in their place: `payload(block_number, input_hash)` puts the pieces together.
- Otherwise NULL means that there is none. Rows are in chain order. The view `chain` has the chain id and the blocks that are loaded.
- [Macros](#macros) give amounts, the state after a block, words and addresses out of bytes, and the gas of instructions.
  [`etl.*` and `cryo.*`](#views) are views with the columns of ethereum-etl and cryo.
- [From Python](python.md); [more questions](queries/README.md).

How tables belong together:

```mermaid
erDiagram
    blocks ||--o{ transactions : block_number
    blocks ||--o{ ommers : block_number
    blocks ||--o{ withdrawals : block_number
    transactions ||--|| transaction_gas : \"block_number, transaction_index\"
    transactions ||--o{ logs : \"block_number, transaction_index\"
    transactions ||--|{ traces : \"block_number, transaction_index\"
    transactions ||--o{ native_transfers : \"block_number, transaction_index\"
    transactions ||--|{ balance_diffs : \"block_number, transaction_index\"
    transactions ||--|{ nonce_diffs : \"block_number, transaction_index\"
    transactions ||--o{ code_diffs : \"block_number, transaction_index\"
    transactions ||--o{ storage_diffs : \"block_number, transaction_index\"
    transactions ||--o{ opcodes : \"block_number, transaction_index\"
    logs ||--o| erc20_transfers : \"block_number, log_index\"
    logs ||--o| erc20_approvals : \"block_number, log_index\"
    logs ||--o| erc721_transfers : \"block_number, log_index\"
    logs ||--o{ erc1155_transfers : \"block_number, log_index\"
    transactions ||--o{ payloads : \"block_number, …_hash\"
    traces ||--o{ payloads : \"block_number, …_hash\"
    traces ||--o| contracts : \"the n-th creation of the block\"
    traces ||--o{ opcodes : \"block_number, trace_index\"
```

Rows a transaction are those of 46 mainnet blocks from Frontier to Cancun (11,521 transactions). Bytes are those of whole blocks of
the DuckDB file, by `pragma_storage_info`, after 4,000 blocks of `blockmill devchain` (20,055 Mgas; 2,000 blocks for what is
filled on demand, an opcode-storm for `opcodes`).

| table | filled | made | rows a transaction | bytes a row | KiB a Mgas |
|---|---|---|---|---|---|
";

/// The text of `schemas/README.md`, generated from the SQL and its comments.
pub fn markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for dataset in Dataset::ALL {
        let filled = if dataset.is_default() { "by default" } else { "on demand" };
        let (made, volume) = (dataset.made_from().effort(), dataset.volume());
        let (row, mgas) = (dataset.facts().row_bytes, dataset.facts().mgas_kib);
        line(
            &mut page,
            format_args!("| [{dataset}](#{dataset}) | {filled} | {made} | {volume} | {row} | {mgas} |"),
        );
    }
    for dataset in Dataset::ALL {
        describe(&mut page, dataset.name(), &dataset.comment(), dataset.columns());
    }
    line(
        &mut page,
        format_args!(
            "\n## Derived tables\n\n`blockmill derive` makes these out of the others ([how](derived/README.md)):\n"
        ),
    );
    for derivation in derivations() {
        line(
            &mut page,
            format_args!("- [`{0}`](derived/{0}.sql): {1}", derivation.name(), derivation.description()),
        );
    }
    for derivation in derivations() {
        describe(&mut page, derivation.name(), &derivation.comment(), derivation.columns());
    }
    line(&mut page, format_args!("\n## Macros\n\nIn every database ([how](macros.sql)):\n"));
    for found in macros() {
        line(&mut page, format_args!("- `{}`: {}", found.signature, found.comment));
    }
    line(
        &mut page,
        format_args!("\n## Views\n\n`hex.*` has every table with text; those of other programs' columns:\n"),
    );
    for view in views().iter().chain(&derived_views()).filter(|view| view.schema != "hex") {
        line(&mut page, format_args!("- `{}.{}`: {}", view.schema, view.name, view.comment));
    }
    line(&mut page, format_args!("\n## Checks\n\n`blockmill verify` asks, of every database:\n"));
    for check in CHECKS {
        line(&mut page, format_args!("- `{}`: {}", check.name, check.description()));
    }
    line(&mut page, format_args!("\n## Examples\n\n`blockmill report` asks, of every database:\n"));
    for example in EXAMPLES {
        line(&mut page, format_args!("- [{}](examples/{}.sql)", example.description(), example.name));
    }
    line(&mut page, format_args!("\nAnd further [worked queries](queries/README.md):\n"));
    for query in QUERIES {
        line(&mut page, format_args!("- [{}](queries/{}.sql)", query.description(), query.name));
    }
    page
}

fn describe(page: &mut String, table: &str, comment: &str, columns: Vec<Column>) {
    line(page, format_args!("\n## {table}\n\n{comment}\n\n| column | type | |\n|---|---|---|"));
    for Column { name, definition, comment } in columns {
        let comment = comment.replace('|', "\\|");
        line(page, format_args!("| `{name}` | {definition} | {comment} |"));
    }
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_folder_is_current() {
        // Where the test runs, not where it was compiled: clones share their target directory.
        let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
        let page = std::fs::read_to_string(std::path::Path::new(&folder).join("README.md")).unwrap();
        assert!(page == markdown(), "run: blockmill datasets --markdown > schemas/README.md");
    }
}

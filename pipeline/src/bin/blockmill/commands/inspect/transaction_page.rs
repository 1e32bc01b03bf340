//! Everything that the tables know of a transaction: fee, calls, ether and tokens that it moved, logs, changes of the state.

use alloy::primitives::U256;
use alloy::primitives::utils::format_units;
use blockmill_load::Database;
use blockmill_pipeline::RunError;
use blockmill_schemas::Dataset;

use super::block::trimmed;
use crate::text::{Align, TextTable};

/// Rows of one kind.
///
/// `{at}` in the SELECT is the place of the transaction, `{tokens}` the derived table or an empty one. A cell `150:2` is shown as
/// 1.5, one with line feeds on several lines.
struct Section {
    title: &'static str,
    needs: &'static [Dataset],
    select: &'static str,
}

const SECTIONS: [Section; 6] = [
    Section {
        title: "fee",
        needs: &[Dataset::Blocks],
        select: "SELECT
                transactions.gas_used AS gas,
                effective_gas_price::VARCHAR || ':9' AS 'price in gwei',
                base_fee_per_gas::VARCHAR || ':9' AS 'base fee in gwei',
                fee(transactions.gas_used, effective_gas_price)::VARCHAR || ':18' AS 'paid in ether',
                fee(transactions.gas_used, base_fee_per_gas)::VARCHAR || ':18' AS 'burned in ether',
                fee(transactions.gas_used, effective_gas_price - coalesce(base_fee_per_gas, 0))::VARCHAR || ':18'
                    AS 'tip in ether',
                fee(transactions.blob_gas_used, blob_gas_price)::VARCHAR || ':18' AS 'for blobs in ether'
            FROM transactions JOIN blocks USING (block_number) WHERE {at}",
    },
    Section {
        title: "calls",
        needs: &[Dataset::Traces],
        select: "SELECT
                repeat('  ', len(trace_address)) || coalesce(call_type::VARCHAR, trace_type::VARCHAR) AS 'call',
                hex0x(to_address) AS 'to',
                amount(value, value_u256)::VARCHAR || ':18' AS ether,
                CASE
                    WHEN trace_type <> 'call' THEN NULL
                    WHEN input_hash IS NOT NULL THEN '(long)'
                    ELSE hex0x(selector(input))
                END AS selector,
                gas_used AS gas,
                concat_ws(': ', error, revert_reason) AS error
            FROM traces WHERE {at} ORDER BY trace_index",
    },
    Section {
        title: "ether",
        needs: &[Dataset::NativeTransfers],
        select: "SELECT
                transfer_type AS 'moved by',
                hex0x(from_address) AS 'from',
                hex0x(to_address) AS 'to',
                amount(value, value_u256)::VARCHAR || ':18' AS ether
            FROM native_transfers WHERE {at} ORDER BY transfer_index",
    },
    Section {
        title: "tokens",
        needs: &[
            Dataset::Erc20Transfers,
            Dataset::Erc20Approvals,
            Dataset::Erc721Transfers,
            Dataset::Erc1155Transfers,
        ],
        select: "WITH moved AS (
                SELECT log_index, 0 AS batch_index, 'transfer' AS what, token_address, from_address, to_address,
                    amount(value, value_u256)::VARCHAR AS units, NULL AS id
                FROM erc20_transfers WHERE {at}
                UNION ALL
                SELECT log_index, 0, 'approval', token_address, owner, spender, amount(value, value_u256)::VARCHAR, NULL
                FROM erc20_approvals WHERE {at}
                UNION ALL
                SELECT log_index, 0, 'transfer', token_address, from_address, to_address, NULL, token_id
                FROM erc721_transfers WHERE {at}
                UNION ALL
                SELECT log_index, batch_index, 'transfer', token_address, from_address, to_address,
                    amount(value, value_u256)::VARCHAR, token_id
                FROM erc1155_transfers WHERE {at}
            )
            SELECT
                log_index AS log,
                what,
                coalesce(symbol || ' ', '') || hex0x(token_address) AS token,
                hex0x(from_address) AS 'from',
                hex0x(to_address) AS 'to',
                units || CASE WHEN id IS NULL AND decimals < 78 THEN ':' || decimals ELSE '' END AS amount,
                u256_dec(id) AS id
            FROM moved LEFT JOIN {tokens} AS token ON token.address = token_address
            ORDER BY log_index, batch_index",
    },
    Section {
        title: "logs",
        needs: &[Dataset::Logs],
        select: "SELECT
                log_index AS log,
                hex0x(address) || chr(10) || concat_ws(chr(10), hex0x(topic0), hex0x(topic1), hex0x(topic2), hex0x(topic3))
                    AS 'address, topics',
                CASE
                    WHEN data_hash IS NOT NULL THEN payload_bytes(block_number, data_hash) || ' bytes'
                    ELSE array_to_string(regexp_extract_all(lower(hex(data)), '.{1,64}'), chr(10))
                END AS data
            FROM logs WHERE {at} ORDER BY log_index",
    },
    Section {
        title: "changes of the state",
        needs: &[Dataset::BalanceDiffs, Dataset::NonceDiffs, Dataset::CodeDiffs, Dataset::StorageDiffs],
        select: "SELECT hex0x(address) AS address, what, was AS 'from', becomes AS 'to' FROM (
                SELECT address, 1 AS kind, change_index, 'ether' AS what,
                    amount(from_value, from_value_u256)::VARCHAR || ':18' AS was,
                    amount(to_value, to_value_u256)::VARCHAR || ':18' AS becomes
                FROM balance_diffs WHERE {at}
                UNION ALL
                SELECT address, 2, change_index, 'nonce', from_value::VARCHAR, to_value::VARCHAR FROM nonce_diffs WHERE {at}
                UNION ALL
                SELECT address, 3, change_index, 'bytes of code',
                    coalesce(octet_length(from_value), payload_bytes(block_number, from_value_hash))::VARCHAR,
                    coalesce(octet_length(to_value), payload_bytes(block_number, to_value_hash))::VARCHAR
                FROM code_diffs WHERE {at}
                UNION ALL
                SELECT address, 4, change_index, 'slot ' || hex0x(slot), hex0x(from_value), hex0x(to_value)
                FROM storage_diffs WHERE {at}
            ) ORDER BY address, kind, change_index",
    },
];

/// The sections of the transaction at this place; those without rows are left out.
pub(super) fn sections(database: &Database, block: u64, index: u64) -> Result<Vec<String>, RunError> {
    let at = format!("block_number = {block} AND transaction_index = {index}");
    let tokens = match database.derived_end("tokens")? {
        Some(_) => "tokens",
        None => "(SELECT NULL::BLOB AS address, NULL AS symbol, NULL::UTINYINT AS decimals)",
    };
    let loaded = database.loaded_datasets()?;
    let mut lines = Vec::new();
    for Section { title, needs, select } in SECTIONS {
        let missing: Vec<_> =
            needs.iter().filter(|dataset| !loaded.contains(dataset)).map(|dataset| dataset.name()).collect();
        if !missing.is_empty() {
            lines.extend([String::new(), format!("{title}: {} not loaded", missing.join(", "))]);
            continue;
        }
        let found = database.query_text(&select.replace("{at}", &at).replace("{tokens}", tokens))?;
        if !found.rows.is_empty() {
            lines.extend([String::new(), format!("{title}:")]);
            lines.extend(table(&found.columns, &found.rows));
        }
    }
    Ok(lines)
}

/// The rows below the names of their columns; columns without values are left out.
fn table(columns: &[String], rows: &[Vec<Option<String>>]) -> Vec<String> {
    let cell = |text: &Option<String>| text.as_deref().map(shown).unwrap_or_default();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let is_used = |column: &usize| rows.iter().any(|row| !row[*column].is_empty());
    let used: Vec<usize> = (0..columns.len()).filter(is_used).collect();
    let is_number = |text: &String| text.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.');
    let align = |column: usize| match rows.iter().all(|row| is_number(&row[column])) {
        true => Align::Right,
        false => Align::Left,
    };
    let mut table = TextTable::new(used.iter().map(|column| (columns[*column].as_str(), align(*column))));
    for row in &rows {
        let cells: Vec<Vec<&str>> = used.iter().map(|column| row[*column].split('\n').collect()).collect();
        for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let part = |cell: &Vec<&str>| (*cell.get(line).unwrap_or(&"")).to_owned();
            table.row(cells.iter().map(part).collect::<Vec<_>>());
        }
    }
    table.lines().collect()
}

/// A cell for people: `150:2` is 1.5.
fn shown(text: &str) -> String {
    let scaled = text.split_once(':').and_then(|(units, decimals)| {
        let units: U256 = units.parse().ok()?;
        format_units(units, decimals.parse::<u8>().ok()?).ok()
    });
    scaled.map_or_else(|| text.to_owned(), |number| trimmed(&number).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_right_lines_below_each_other_and_empty_columns_nowhere() {
        let columns = ["call", "ether", "error", "data"].map(str::to_owned);
        let row = |cells: [&str; 4]| cells.map(|cell| Some(cell.to_owned())).to_vec();
        let rows = [row(["call", "1500000000000000000:18", "", "ab\ncd"]), row(["  create", "0:18", "", ""])];
        assert_eq!(
            table(&columns, &rows),
            ["call      ether  data", "call        1.5  ab", "                 cd", "  create      0"]
        );
        assert_eq!(shown("out of gas: 7"), "out of gas: 7");
    }
}

//! A transaction, out of the DuckDB file: the store has no index of transaction hashes.

use alloy::primitives::B256;

use super::{CommandError, opened, transaction_page};
use crate::args::DatabaseArgs;
use crate::text::fields;

/// The lines of a transaction: every column that has a value; where all is wanted, what other tables know of it as well.
pub(super) fn show(hash: B256, full: bool, place: &DatabaseArgs) -> Result<Vec<String>, CommandError> {
    let path = place.database()?;
    let database =
        opened::database(&path, &place.data_dir.path, &opened::default_options(&place.data_dir.path))?;
    // The view's text column could not be compared without making text of every row.
    let select = format!(
        "SELECT * FROM hex.transactions WHERE (block_number, transaction_index) IN
             (SELECT (block_number, transaction_index) FROM transactions WHERE transaction_hash = bin('{hash}'))"
    );
    let found = database.query_text(&select)?;
    let Some(row) = found.rows.into_iter().next() else {
        return Err(CommandError::NoTransaction { hash, path });
    };
    let pairs = found.columns.into_iter().zip(row);
    let known: Vec<_> = pairs.filter_map(|(name, value)| Some((name, value?))).collect();
    let mut lines = fields(&known);
    if full {
        let number = |column: &str| known.iter().find(|(name, _)| name == column)?.1.parse().ok();
        let at = number("block_number").zip(number("transaction_index"));
        let (block, index) = at.ok_or(CommandError::NoTransaction { hash, path })?;
        lines.extend(transaction_page::sections(&database, block, index)?);
    }
    Ok(lines)
}

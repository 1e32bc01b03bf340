//! Rows of a table as text, read back into values. A value that cannot be read is never taken for one that is not there.

use std::str::FromStr;

use crate::error::RunError;
use alloy::primitives::{FixedBytes, hex};
use blockmill_chain::BlockRange;
use blockmill_load::Database;

/// A row as text; columns go by their position, and by their name where one cannot be read.
pub(super) struct Row(Vec<Option<String>>);

/// A value, or what is in its place.
pub(super) type Read<T> = Result<T, String>;

impl Row {
    /// The rows of a SELECT. BLOBs are to be given as `hex(…)`.
    pub(super) fn of(
        database: &Database,
        select: &str,
    ) -> Result<impl Iterator<Item = Self> + use<>, RunError> {
        Ok(database.query_text(select)?.rows.into_iter().map(Self))
    }

    /// Rows of these blocks in the order of the chain: the columns begin with the block, and what orders its rows.
    pub(super) fn of_blocks(
        database: &Database,
        columns: &str,
        table: &str,
        blocks: BlockRange,
    ) -> Result<impl Iterator<Item = Self> + use<>, RunError> {
        let BlockRange { start, end } = blocks;
        let select = format!(
            "SELECT {columns} FROM {table} WHERE block_number >= {start} AND block_number < {end} ORDER BY ALL"
        );
        Self::of(database, &select)
    }

    pub(super) fn is_null(&self, at: usize) -> bool {
        self.0.get(at).is_none_or(Option::is_none)
    }

    pub(super) fn number<T: FromStr>(&self, at: usize, column: &str) -> Read<T> {
        let text = self.text(at, column)?;
        text.parse().map_err(|_| format!("{column} is {text}"))
    }

    pub(super) fn bytes(&self, at: usize, column: &str) -> Read<Vec<u8>> {
        hex::decode(self.text(at, column)?).map_err(|error| format!("{column} cannot be read: {error}"))
    }

    /// Bytes of a fixed width, as hashes and addresses are.
    pub(super) fn fixed<const WIDTH: usize>(&self, at: usize, column: &str) -> Read<FixedBytes<WIDTH>> {
        let bytes = self.bytes(at, column)?;
        let found = bytes.len();
        FixedBytes::try_from(&bytes[..]).map_err(|_| format!("{column} has {found} bytes instead of {WIDTH}"))
    }

    fn text(&self, at: usize, column: &str) -> Read<&str> {
        self.0.get(at).and_then(Option::as_deref).ok_or_else(|| format!("{column} is NULL"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_named_with_what_is_there() {
        let row = Row(vec![Some("-1".into()), None, Some("00ff".into()), Some("0g".into())]);
        assert_eq!(row.number::<u64>(0, "gas"), Err("gas is -1".into()));
        assert_eq!(row.number::<i64>(0, "gas"), Ok(-1));
        assert_eq!(row.number::<u64>(1, "gas"), Err("gas is NULL".into()));
        assert_eq!(row.fixed::<2>(2, "root").map(|root| root.0), Ok([0, 255]));
        assert_eq!(row.fixed::<32>(2, "root"), Err("root has 2 bytes instead of 32".into()));
        assert!(row.bytes(3, "data").unwrap_err().starts_with("data cannot be read: "));
        assert!(row.bytes(9, "data").is_err() && row.is_null(9) && row.is_null(1) && !row.is_null(0));
    }
}

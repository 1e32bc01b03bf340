//! The digest of a table's rows: equal for equal rows, however they were split into batches or encoded.
//!
//! Each block has a digest, made of its number and of one digest for each column, so that it does not matter where a batch ends.
//! That of more blocks is the sum of theirs, modulo 2^256: the digest of a range is the sum of those of its parts, whatever
//! parts it was made in.

mod canonical;
mod sink;
mod spelled;

use alloy::primitives::U256;
use arrow::array::{Array, AsArray};
use arrow::datatypes::{Schema, UInt64Type};
use arrow::record_batch::RecordBatch;

use canonical::CanonicalColumn;
use sink::Sink;

/// What the digest is over, in front of everything else.
const DOMAIN: &[u8] = b"blockmill table digest 1";

/// Why rows could not be digested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// The batch is of another table.
    #[error("a batch of '{table}' has the columns {found:?} where {expected:?} were announced")]
    Columns {
        /// The name of the table.
        table: String,
        /// The columns that were announced for the table.
        expected: Vec<String>,
        /// The columns of the batch.
        found: Vec<String>,
    },
    /// Rows do not say which block they are of.
    #[error("column 'block_number' of '{table}' is not the number of a block in each row")]
    BlockNumber {
        /// The table.
        table: String,
    },
    /// No canonical bytes are defined for a type.
    #[error("column '{column}' of '{table}' has type {found}, for which no digest is defined")]
    Type {
        /// The name of the table.
        table: String,
        /// The name of the column.
        column: String,
        /// The column's Arrow type.
        found: String,
    },
}

/// The column that says which block a row is of.
const BLOCK_NUMBER: &str = "block_number";

/// Digests the rows of one table as they pass, which come in the order of their blocks.
#[derive(Debug)]
pub struct TableDigest {
    table: String,
    names: Vec<String>,
    /// Of the blocks that have ended.
    sum: [u8; 32],
    rows: u64,
    /// The block whose rows come, and how many have come.
    block: Option<(u64, u64)>,
    /// Of its columns.
    hashers: Vec<blake3::Hasher>,
    scratch: Vec<u8>,
}

impl TableDigest {
    /// The digest of no rows.
    pub const NONE: [u8; 32] = [0; 32];

    /// Nothing digested yet of the table with this name and these columns.
    pub fn new(table: &str, schema: &Schema) -> Self {
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let hashers = names.iter().map(|_| blake3::Hasher::new()).collect();
        let (sum, rows, block) = (Self::NONE, 0, None);
        Self { table: table.to_owned(), names, sum, rows, block, hashers, scratch: Vec::new() }
    }

    /// The digest of the blocks of both.
    pub fn join(one: [u8; 32], other: [u8; 32]) -> [u8; 32] {
        U256::from_le_bytes(one).wrapping_add(U256::from_le_bytes(other)).to_le_bytes()
    }

    /// Rows digested so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes in the next rows. After an error the digest is of no use.
    pub fn update(&mut self, batch: &RecordBatch) -> Result<(), DigestError> {
        self.check_columns(batch)?;
        let numbers =
            batch.column_by_name(BLOCK_NUMBER).and_then(|array| array.as_primitive_opt::<UInt64Type>());
        let Some(numbers) = numbers.filter(|numbers| numbers.null_count() == 0) else {
            return Err(DigestError::BlockNumber { table: self.table.clone() });
        };
        let mut start = 0;
        for block in numbers.values().chunk_by(|left, right| left == right) {
            if self.block.is_some_and(|(number, _)| number != block[0]) {
                self.end_block();
            }
            self.add(block[0], &batch.slice(start, block.len()))?;
            start += block.len();
        }
        Ok(())
    }

    /// Rows of one block.
    fn add(&mut self, number: u64, rows: &RecordBatch) -> Result<(), DigestError> {
        for ((array, name), hasher) in rows.columns().iter().zip(&self.names).zip(&mut self.hashers) {
            let column = CanonicalColumn::new(array.as_ref()).ok_or_else(|| DigestError::Type {
                table: self.table.clone(),
                column: name.clone(),
                found: array.data_type().to_string(),
            })?;
            let mut sink = Sink::new(hasher, &mut self.scratch);
            column.put_all(rows.num_rows(), &mut sink);
            sink.flush();
        }
        let (_, before) = self.block.unwrap_or((number, 0));
        self.block = Some((number, before + rows.num_rows() as u64));
        self.rows += rows.num_rows() as u64;
        Ok(())
    }

    /// Adds the digest of the block whose rows have come: table name, its number, how many rows, and name and digest of each
    /// column.
    fn end_block(&mut self) {
        let Some((number, rows)) = self.block.take() else { return };
        let mut whole = blake3::Hasher::new();
        let mut sink = Sink::new(&mut whole, &mut self.scratch);
        sink.put_bytes(DOMAIN);
        sink.put_bytes(self.table.as_bytes());
        sink.put(&number.to_le_bytes());
        sink.put(&rows.to_le_bytes());
        for (name, hasher) in self.names.iter().zip(&mut self.hashers) {
            sink.put_bytes(name.as_bytes());
            sink.put(hasher.finalize().as_bytes());
            hasher.reset();
        }
        sink.flush();
        self.sum = Self::join(self.sum, whole.finalize().into());
    }

    /// The digest of all rows.
    pub fn finish(mut self) -> [u8; 32] {
        self.end_block();
        self.sum
    }

    fn check_columns(&self, batch: &RecordBatch) -> Result<(), DigestError> {
        let schema = batch.schema_ref();
        if schema.fields().iter().map(|field| field.name()).eq(&self.names) {
            return Ok(());
        }
        Err(DigestError::Columns {
            table: self.table.clone(),
            expected: self.names.clone(),
            found: schema.fields().iter().map(|field| field.name().clone()).collect(),
        })
    }
}

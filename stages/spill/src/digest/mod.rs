//! The digest of a table's rows: equal for equal rows, however they were cut into batches or encoded.
//!
//! Each column has a hasher of its own, so that it does not matter where one batch ends and the next begins.

mod canonical;
mod sink;
mod spelled;

use arrow::datatypes::Schema;
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
        /// The table.
        table: String,
        /// Its columns.
        expected: Vec<String>,
        /// Those of the batch.
        found: Vec<String>,
    },
    /// No canonical bytes are defined for a type.
    #[error("column '{column}' of '{table}' has type {found}, for which no digest is defined")]
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its Arrow type.
        found: String,
    },
}

/// Digests the rows of one table as they pass.
#[derive(Debug)]
pub struct TableDigest {
    table: String,
    names: Vec<String>,
    hashers: Vec<blake3::Hasher>,
    rows: u64,
    scratch: Vec<u8>,
}

impl TableDigest {
    /// Nothing digested yet of the table with this name and these columns.
    pub fn new(table: &str, schema: &Schema) -> Self {
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let hashers = names.iter().map(|_| blake3::Hasher::new()).collect();
        Self { table: table.to_owned(), names, hashers, rows: 0, scratch: Vec::new() }
    }

    /// Rows digested so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes in the next rows. After an error the digest is of no use.
    pub fn update(&mut self, batch: &RecordBatch) -> Result<(), DigestError> {
        self.check_columns(batch)?;
        for ((array, name), hasher) in batch.columns().iter().zip(&self.names).zip(&mut self.hashers) {
            let column = CanonicalColumn::new(array.as_ref()).ok_or_else(|| DigestError::Type {
                table: self.table.clone(),
                column: name.clone(),
                found: array.data_type().to_string(),
            })?;
            let mut sink = Sink::new(hasher, &mut self.scratch);
            column.put_all(batch.num_rows(), &mut sink);
            sink.flush();
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// The digest: table name, number of rows, and name and digest of each column.
    pub fn finish(self) -> [u8; 32] {
        let mut whole = blake3::Hasher::new();
        let mut scratch = Vec::new();
        let mut sink = Sink::new(&mut whole, &mut scratch);
        sink.put_bytes(DOMAIN);
        sink.put_bytes(self.table.as_bytes());
        sink.put(&self.rows.to_le_bytes());
        for (name, hasher) in self.names.iter().zip(&self.hashers) {
            sink.put_bytes(name.as_bytes());
            sink.put(hasher.finalize().as_bytes());
        }
        sink.flush();
        whole.finalize().into()
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

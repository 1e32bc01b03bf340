//! What every batch of rows can do, and the declaration that a dataset's rows are made from.

use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use crate::Dataset;

/// Rows of one dataset that wait to become a record batch.
pub trait RowBatch: Send {
    /// The dataset of the rows.
    fn dataset(&self) -> Dataset;

    /// How many rows wait.
    fn rows(&self) -> usize;

    /// Bytes of the values that wait. Buffers grow by doubling, so that they take at most about
    /// twice as much memory. Variable-size columns have 32-bit offsets: finish well before 2 GiB.
    fn bytes(&self) -> usize;

    /// Turns the rows into a record batch and leaves none.
    fn finish(&mut self) -> Result<RecordBatch, ArrowError>;
}

/// Declares a dataset: its row and its batch, its facts, then a line for each column with name, type in the row, column kind.
macro_rules! row_batch {
    (
        $(#[$row_doc:meta])*
        $dataset:ident: $row:ident $(<$a:lifetime>)? => $batch:ident;
        $facts:expr;
        $($(#[$doc:meta])* $name:ident: $value:ty => $column:ty,)*
    ) => {
        $(#[$row_doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $row $(<$a>)? {
            $($(#[$doc])* pub $name: $value,)*
        }

        #[doc = concat!("[`", stringify!($row), "`]s that wait to become a record batch.")]
        #[derive(Debug, Default)]
        pub struct $batch {
            rows: usize,
            bytes: usize,
            $($name: $column,)*
        }

        impl $batch {
            /// What people are told of the dataset, and what filling it takes.
            pub(crate) const FACTS: $crate::dataset::Facts = $facts;

            /// A batch without rows, which holds no memory yet.
            pub fn new() -> Self {
                Self::default()
            }

            /// Appends a row, column by column.
            pub fn push $(<$a>)? (&mut self, row: &$row $(<$a>)?) {
                self.rows += 1;
                $(self.bytes += $crate::columns::ColumnBuilder::push(&mut self.$name, row.$name);)*
            }

            /// The columns of a batch; built once.
            pub(crate) fn schema() -> arrow::datatypes::SchemaRef {
                static SCHEMA: std::sync::LazyLock<arrow::datatypes::SchemaRef> = std::sync::LazyLock::new(|| {
                    let fields = [$(<$column as $crate::columns::ColumnBuilder>::fields(stringify!($name)),)*].concat();
                    std::sync::Arc::new(arrow::datatypes::Schema::new(fields))
                });
                std::sync::Arc::clone(&SCHEMA)
            }
        }

        impl $crate::rows::RowBatch for $batch {
            fn dataset(&self) -> $crate::Dataset {
                $crate::Dataset::$dataset
            }

            fn rows(&self) -> usize {
                self.rows
            }

            fn bytes(&self) -> usize {
                self.bytes
            }

            fn finish(&mut self) -> Result<arrow::record_batch::RecordBatch, arrow::error::ArrowError> {
                (self.rows, self.bytes) = (0, 0);
                let arrays = [$($crate::columns::ColumnBuilder::finish(&mut self.$name),)*].concat();
                arrow::record_batch::RecordBatch::try_new(Self::schema(), arrays)
            }
        }
    };
}

pub(crate) use row_batch;

//! What is stored where: the catalogue of datasets, their DuckDB tables, and the Arrow batches that their rows travel
//! in. `src/rows/*.sql` is what the database is created from; tests hold the Rust side against it, column by column.

mod catalogue;
mod columns;
pub mod comments;
mod dataset;
mod ddl;
mod hex;
pub mod rows;
pub mod sql;

pub use catalogue::markdown;
pub use dataset::{Dataset, MadeFrom};
pub use ddl::Column;

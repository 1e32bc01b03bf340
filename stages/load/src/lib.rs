//! Moves sealed units of Parquet segments into a DuckDB file, one transaction at a time, and checks what lies there.
//!
//! Rows and the `_loaded` rows that account for them are committed together, so the checkpoint is read from the
//! output itself and cannot disagree with it. Nothing else in the program names duckdb.
//!
//! The database is an end product: it can always be rebuilt from the chain files or the store, and nothing here repairs
//! one; a damaged one is recognised and set aside.

mod create;
mod damage;
mod database;
mod derive;
mod digest;
mod disk;
mod error;
mod export;
mod export_folder;
mod forms;
mod loaded;
mod loader;
mod open;
mod ordered;
mod plan;
mod query;
mod shortage;
mod tokens;
mod truncate;
mod verify;

pub use database::{Database, TableStats};
pub use derive::{Derived, DerivedOutcome};
pub use error::LoadError;
pub use export::{Export, ExportStats, ExportTable};
pub use forms::{OWN_CHECKS, OwnCheck};
pub use loaded::{LoadedSegment, LoadedUnit};
pub use loader::LoadStats;
pub use open::LoadOptions;
pub use query::TextRows;
pub use shortage::Shortage;
pub use tokens::{Holder, Token, TokenCandidate};
pub use verify::{CheckOutcome, Verdict};

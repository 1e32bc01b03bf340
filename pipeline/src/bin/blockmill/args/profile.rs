//! Whether a long command is watched by the profiler, and where the profile goes.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

/// The arguments of long commands about profiles.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ProfileArgs {
    /// Write a flame graph of this run beside the DuckDB file (blockmill.duckdb: blockmill.flame.svg), to be opened in a
    /// browser
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) profile: Option<ProfileKind>,
}

/// What can be profiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileKind {
    /// CPU time, by thread and function
    Cpu,
}

/// The flame graph of a command that works on this DuckDB file.
pub(crate) fn flame_graph_of(database: &Path) -> PathBuf {
    database.with_extension("flame.svg")
}

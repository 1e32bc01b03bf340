//! `trace`: other tables out of retained witnesses.

use blockmill_pipeline::{ExitCode, retrace};

use super::{CommandError, job};
use crate::args::TraceArgs;
use crate::monitor::LogFormat;

/// Runs the command.
pub(crate) fn run(arguments: &TraceArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    job::run(retrace, &arguments.settings()?, format)
}

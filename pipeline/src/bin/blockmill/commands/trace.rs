//! `trace`: other tables out of retained witnesses.

use blockmill_pipeline::{ExitCode, retrace};

use super::{CommandError, job, profiled};
use crate::args::TraceArgs;
use crate::monitor::LogFormat;

/// Makes tables of retained witnesses.
pub(crate) fn run(arguments: &TraceArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let resources = arguments.machine.resources()?;
    let settings = arguments.settings(&resources)?;
    profiled::run(arguments.profile, &settings.out, format, || {
        job::run(retrace, &settings, &resources, format)
    })
}

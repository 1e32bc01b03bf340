//! `rebuild`: runs every stage to the target, or says what that would do.

use blockmill_pipeline::{ExitCode, dry_run, rebuild};

use super::opened::retry_read;
use super::{CommandError, job, profiled, status};
use crate::args::RebuildArgs;
use crate::monitor::LogFormat;

/// Rebuilds the tables, or with `--dry-run` says what that would do.
pub(crate) fn run(arguments: &RebuildArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let resources = arguments.machine.resources()?;
    let settings = arguments.settings(&resources)?;
    if arguments.dry_run {
        let status = retry_read(&settings.data_dir, || Ok(dry_run(&settings)?))?;
        status::print(&status, &settings.out, Some(&resources), format)?;
        return Ok(ExitCode::Done);
    }
    profiled::run(arguments.profile, &settings.out, format, || {
        job::run(rebuild, &settings, &resources, format)
    })
}

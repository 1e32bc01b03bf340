//! A long command under the profiler, where that is asked for.

use std::path::Path;

use blockmill_pipeline::ExitCode;

use super::CommandError;
use crate::args::{ProfileArgs, ProfileKind, flame_graph_of};
use crate::monitor::{self, LogFormat};
use crate::profile::{CpuProfile, ProfileSummary};
use crate::text::{count, duration};

/// Runs a command that works on a DuckDB file; its profile is written however it ends.
pub(super) fn run(
    arguments: ProfileArgs,
    database: &Path,
    format: LogFormat,
    command: impl FnOnce() -> Result<ExitCode, CommandError>,
) -> Result<ExitCode, CommandError> {
    let Some(ProfileKind::Cpu) = arguments.profile else { return command() };
    let profile = CpuProfile::start()?;
    let ended = command();
    match profile.finish(&flame_graph_of(database)) {
        Ok(summary) => monitor::console(format).announce(&described(summary.as_ref())),
        // What the command itself failed of matters more.
        Err(error) => return ended.and(Err(error.into())),
    }
    ended
}

fn described(summary: Option<&ProfileSummary>) -> String {
    match summary {
        None => "no profile: the run ended before a sample was taken".into(),
        Some(ProfileSummary { path, samples, cpu_time }) => format!(
            "profile: {} ({} samples, {} of CPU time); open it in a browser",
            path.display(),
            count(*samples),
            duration(*cpu_time)
        ),
    }
}

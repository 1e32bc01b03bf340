//! A long job: watched, stopped by Ctrl-C, summed up.

use std::sync::Arc;

use blockmill_chain::{Cancel, Monitor};
use blockmill_pipeline::{ExitCode, RunError, RunSummary, Settings};

use super::{CommandError, summary};
use crate::args::Resources;
use crate::interrupt;
use crate::monitor::{self, LogFormat};

/// Runs a job to its summary; what it may use is said first.
pub(super) fn run(
    job: impl FnOnce(&Settings, &Cancel, &dyn Monitor) -> Result<RunSummary, RunError>,
    settings: &Settings,
    resources: &Resources,
    format: LogFormat,
) -> Result<ExitCode, CommandError> {
    let cancel = Arc::new(Cancel::default());
    let console = monitor::console(format);
    console.announce(&resources.to_string());
    console.announce(&resources.store_in_words()?);
    interrupt::listen(Arc::clone(&cancel), Arc::clone(&console))?;
    let result = job(settings, &cancel, console.as_ref());
    console.finish();
    let ran = result?;
    match summary::print(&ran, settings, format).map_err(CommandError::from) {
        // Ctrl-C ends who reads the output too, as in `rebuild | tee log`: the rows are missing all the same.
        Err(error) if !(ran.interrupted && error.is_closed_output()) => Err(error),
        _ if ran.interrupted => Ok(ExitCode::Interrupted),
        _ => Ok(ExitCode::Done),
    }
}

//! The commands: each takes its arguments, does its work through the library, and prints what came of it.

mod datasets;
mod derive;
mod devchain;
mod error;
mod export;
mod export_archive;
mod export_state;
mod inspect;
mod job;
mod opened;
mod profiled;
mod rebuild;
mod report;
mod status;
mod summary;
mod trace;
mod unwind;
mod verify;

use blockmill_pipeline::ExitCode;

use crate::args::Command;
use crate::monitor::LogFormat;

pub(crate) use error::CommandError;

/// Runs a command to its exit code.
pub(crate) fn run(command: Command, format: LogFormat) -> Result<ExitCode, CommandError> {
    match command {
        Command::Rebuild(arguments) => rebuild::run(&arguments, format),
        Command::Trace(arguments) => trace::run(&arguments, format),
        Command::Status(place) => status::run(&place, format),
        Command::Verify(arguments) => verify::run(&arguments, format),
        Command::Report(place) => report::run(&place, format),
        Command::Unwind(arguments) => unwind::run(&arguments, format),
        Command::Inspect(arguments) => inspect::run(&arguments.target, format),
        Command::Derive(place) => derive::run(&place, format),
        Command::Export(arguments) => export::run(&arguments, format),
        Command::Devchain(arguments) => devchain::run(&arguments, format),
        Command::Datasets(arguments) => datasets::run(&arguments),
    }
}

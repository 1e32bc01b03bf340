//! `export --format state`: every account and slot at the head into a file.

use std::io::{self, Write};
use std::sync::Arc;

use blockmill_chain::Cancel;
use blockmill_pipeline::{ByteSize, CommandBudget, ExitCode, RunError, StateExport, export_state};
use serde_json::json;

use super::{CommandError, opened};
use crate::args::ExportArgs;
use crate::interrupt;
use crate::monitor::{self, LogFormat};
use crate::text::count;

/// Runs the command.
pub(crate) fn run(arguments: &ExportArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    arguments.refuse_table_arguments()?;
    let resources = arguments.machine.resources()?;
    let data_dir = &arguments.place.data_dir.path;
    let store = opened::store_with(data_dir, CommandBudget::archive(resources.memory).store)?;
    let cancel = Arc::new(Cancel::default());
    interrupt::listen(Arc::clone(&cancel), monitor::console(format))?;
    let exported = export_state(&store, &arguments.target, &cancel).map_err(RunError::from)?;
    let Some(StateExport { block, root, accounts, slots, bytes }) = exported else {
        monitor::console(format).announce("interrupted: nothing was written");
        return Ok(ExitCode::Interrupted);
    };
    let path = arguments.target.display();
    let line = match format {
        LogFormat::Json => json!({
            "event": "exported", "file": arguments.target, "block": block, "state_root": root, "accounts": accounts,
            "slots": slots, "bytes": bytes,
        })
        .to_string(),
        LogFormat::Human | LogFormat::Plain => format!(
            "{path}: the state after block {}, {} accounts, {} slots, {}",
            count(block),
            count(accounts),
            count(slots),
            ByteSize(bytes)
        ),
    };
    writeln!(io::stdout().lock(), "{line}")?;
    Ok(ExitCode::Done)
}

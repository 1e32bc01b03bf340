//! `unwind`: back to an earlier block.

use std::io::{self, Write};

use blockmill_pipeline::{CommandBudget, ExitCode, RunError, Unwound, store_dir, unwind};
use serde_json::json;

use super::{CommandError, opened};
use crate::args::UnwindArgs;
use crate::monitor::LogFormat;

/// Runs the command, and says where everything stands then.
pub(crate) fn run(arguments: &UnwindArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let resources = arguments.machine.resources()?;
    let data_dir = &arguments.place.data_dir.path;
    if !store_dir(data_dir).exists() {
        return Err(CommandError::NoStore { path: data_dir.clone() });
    }
    let budget = CommandBudget::unwind(resources.memory);
    let options = opened::options(&resources, budget.load, data_dir);
    let mut database = opened::database_to_write(&arguments.place.database()?, &options)?;
    let unwound = unwind(data_dir, &mut database, arguments.to, &budget)?;
    database.finish().map_err(RunError::from)?;
    writeln!(io::stdout().lock(), "{}", line(&unwound, format))?;
    Ok(ExitCode::Done)
}

fn line(unwound: &Unwound, format: LogFormat) -> String {
    let Unwound { tables, state, blocks } = *unwound;
    match format {
        LogFormat::Json => {
            json!({ "event": "unwound", "tables": tables, "state": state, "blocks": blocks }).to_string()
        }
        LogFormat::Human | LogFormat::Plain => {
            let tables = tables.map_or("are empty".into(), |last| format!("end with block {last}"));
            format!(
                "the store ends with block {blocks}, its state is as of block {state}; the tables {tables}"
            )
        }
    }
}

//! `export`: tables into Parquet files; blocks into an archive; the state into a file.

use std::io::{self, Write};
use std::path::Path;

use blockmill_load::{ExportStats, ExportTable};
use blockmill_pipeline::{ByteSize, CommandBudget, ExitCode};
use serde_json::json;

use super::{CommandError, export_archive, export_state, opened};
use crate::args::{ExportArgs, ExportFormat as Format};
use crate::monitor::LogFormat;
use crate::text::count;

/// Runs the command.
pub(crate) fn run(arguments: &ExportArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    match arguments.format {
        Format::Parquet => tables(arguments, format),
        Format::Ere => export_archive::run(arguments, format),
        Format::State => export_state::run(arguments, format),
    }
}

/// A table after the other is written aside, each told when it is; then all take their place.
fn tables(arguments: &ExportArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let path = arguments.place.database()?;
    let resources = arguments.machine.resources()?;
    let budget = CommandBudget::tables(resources.memory);
    let data_dir = &arguments.place.data_dir.path;
    let options = opened::options(&resources, budget.load, data_dir);
    let database = opened::database(&path, data_dir, &options)?;
    let there = database.exportable()?;
    let chosen = arguments.datasets.as_ref().map_or(&there, |list| &list.0);
    if let Some(missing) = chosen.iter().find(|table| !there.contains(table)) {
        return Err(match *missing {
            ExportTable::Loaded(dataset) => CommandError::NotLoaded { dataset, path },
            ExportTable::Derived(table) => CommandError::NotDerived { table, path },
        });
    }
    let export = database.export(&arguments.target, arguments.partition().blocks.get())?;
    for table in chosen {
        let stats = export.write(*table)?;
        writeln!(io::stdout().lock(), "{}", written(*table, &stats, format))?;
    }
    let removed = export.publish()?;
    writeln!(io::stdout().lock(), "{}", published(&arguments.target, chosen, &removed, format))?;
    Ok(ExitCode::Done)
}

fn written(table: ExportTable, stats: &ExportStats, format: LogFormat) -> String {
    let ExportStats { files, rows, bytes } = *stats;
    match format {
        LogFormat::Json => {
            json!({ "event": "written", "dataset": table.name(), "files": files, "rows": rows, "bytes": bytes })
                .to_string()
        }
        LogFormat::Human | LogFormat::Plain => {
            format!("{table}: {} rows in {} files, {}", count(rows), count(files), ByteSize(bytes))
        }
    }
}

fn published(folder: &Path, tables: &[ExportTable], removed: &[ExportTable], format: LogFormat) -> String {
    let names = |tables: &[ExportTable]| tables.iter().map(ExportTable::name).collect::<Vec<_>>();
    match format {
        LogFormat::Json => {
            json!({ "event": "exported", "folder": folder, "datasets": names(tables), "removed": names(removed) })
                .to_string()
        }
        LogFormat::Human | LogFormat::Plain => {
            let gone = match removed {
                [] => String::new(),
                _ => format!("; removed, as not in this export: {}", names(removed).join(", ")),
            };
            format!("{} holds these {} tables{gone}", folder.display(), count(tables.len() as u64))
        }
    }
}

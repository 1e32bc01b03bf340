//! `export`: tables into Parquet files.

use std::io::{self, Write};

use blockmill_load::ExportStats;
use blockmill_pipeline::{ByteSize, ExitCode};
use blockmill_schemas::Dataset;
use serde_json::json;

use super::{CommandError, opened};
use crate::args::ExportArgs;
use crate::monitor::LogFormat;
use crate::text::count;

/// Runs the command: a table after the other, each told when it is written.
pub(crate) fn run(arguments: &ExportArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let path = arguments.place.database()?;
    let database = opened::database(&path, &arguments.place.data_dir.path)?;
    let loaded = database.loaded_datasets()?;
    let chosen = match &arguments.datasets {
        None => loaded.iter().copied().collect(),
        Some(list) => Dataset::completed(&list.0),
    };
    if let Some(missing) = chosen.iter().find(|dataset| !loaded.contains(dataset)) {
        return Err(CommandError::NotLoaded { dataset: *missing, path });
    }
    for dataset in chosen {
        let stats = database.export(dataset, &arguments.folder, arguments.partition.blocks.get())?;
        writeln!(io::stdout().lock(), "{}", line(dataset, &stats, format))?;
    }
    Ok(ExitCode::Done)
}

fn line(dataset: Dataset, stats: &ExportStats, format: LogFormat) -> String {
    let ExportStats { files, rows, bytes } = *stats;
    match format {
        LogFormat::Json => {
            json!({ "event": "exported", "dataset": dataset.name(), "files": files, "rows": rows, "bytes": bytes })
                .to_string()
        }
        LogFormat::Human | LogFormat::Plain => {
            format!("{dataset}: {} rows in {} files, {}", count(rows), count(files), ByteSize(bytes))
        }
    }
}

//! `export --format ere`: the blocks of the store into an archive.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use blockmill_chain::Cancel;
use blockmill_pipeline::{
    ArchiveRequest, ArchivedFile, ByteSize, CommandBudget, ERA_BLOCKS, ExitCode, write_archive,
};
use serde_json::json;

use super::{CommandError, opened};
use crate::args::ExportArgs;
use crate::interrupt;
use crate::monitor::{self, LogFormat};
use crate::text::count;

/// Runs the command; each file is told when it is there.
pub(crate) fn run(arguments: &ExportArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    arguments.refuse_table_arguments()?;
    let resources = arguments.machine.resources()?;
    let budget = CommandBudget::archive(resources.memory);
    let data_dir = &arguments.place.data_dir.path;
    let store = opened::store_with(data_dir, budget.store)?;
    let path = arguments.place.database()?;
    // Only receipts are made from tables: where no file was named there need be none.
    let database = match path.exists() || arguments.place.out.is_some() {
        true => Some(opened::database(&path, data_dir, &opened::options(&resources, budget.load, data_dir))?),
        false => None,
    };
    let cancel = Arc::new(Cancel::default());
    interrupt::listen(Arc::clone(&cancel), monitor::console(format))?;
    let request = ArchiveRequest {
        store: &store,
        database: database.as_ref(),
        folder: &arguments.target,
        file_blocks: ERA_BLOCKS,
        window_bytes: budget.window,
        cancel: &cancel,
    };
    let (mut files, mut written) = (Vec::new(), Ok(()));
    let is_done = write_archive(&request, &mut |file| {
        if written.is_ok() {
            written = writeln!(io::stdout().lock(), "{}", line(file, format));
        }
        files.push(file.clone());
    })?;
    written?;
    if !is_done {
        monitor::console(format).announce("interrupted: the same command goes on after the last file");
        return Ok(ExitCode::Interrupted);
    }
    writeln!(io::stdout().lock(), "{}", summary(&arguments.target, &files, &path, format))?;
    Ok(ExitCode::Done)
}

fn line(file: &ArchivedFile, format: LogFormat) -> String {
    let ArchivedFile { path, range, bytes, has_receipts, was_there, superseded } = file;
    match format {
        LogFormat::Json => json!({
            "event": "written", "file": path, "first_block": range.start, "last_block": range.end - 1, "bytes": bytes,
            "receipts": has_receipts, "was_there": was_there, "removed": superseded,
        })
        .to_string(),
        LogFormat::Human | LogFormat::Plain => {
            let receipts = if *has_receipts { "" } else { ", no receipts" };
            let was_there = if *was_there { ", was there" } else { "" };
            let removed = superseded.iter().map(|path| format!(", instead of {}", path.display()));
            let removed: String = removed.collect();
            format!("{}: blocks {range}, {}{receipts}{was_there}{removed}", path.display(), ByteSize(*bytes))
        }
    }
}

fn summary(folder: &Path, files: &[ArchivedFile], database: &Path, format: LogFormat) -> String {
    let bytes = files.iter().map(|file| file.bytes).sum();
    let bare = files.iter().filter(|file| !file.has_receipts).count() as u64;
    match format {
        LogFormat::Json => json!({
            "event": "exported", "folder": folder, "files": files.len(), "bytes": bytes, "files_without_receipts": bare,
        })
        .to_string(),
        LogFormat::Human | LogFormat::Plain => {
            let files = count(files.len() as u64);
            let why = match bare {
                0 => String::new(),
                _ => format!(
                    "; {} of them without receipts, for {} does not have transactions and logs of all their blocks",
                    count(bare),
                    database.display()
                ),
            };
            format!("{} holds these {files} files, {}{why}", folder.display(), ByteSize(bytes))
        }
    }
}

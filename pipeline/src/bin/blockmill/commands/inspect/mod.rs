//! `inspect`: one thing, as it is stored.

mod account;
mod block;
mod chain_file;
mod signature;
mod transaction;
mod transaction_page;
mod unit;

use std::io::{self, Write};

use blockmill_pipeline::ExitCode;

use super::opened::retry_read;
use super::{CommandError, opened};
use crate::args::InspectTarget;
use crate::monitor::LogFormat;

/// Prints a block, a transaction or an account.
pub(crate) fn run(target: &InspectTarget, format: LogFormat) -> Result<ExitCode, CommandError> {
    let mut code = ExitCode::Done;
    let lines = match target {
        InspectTarget::Block { block, data_dir } => {
            retry_read(&data_dir.path, || block::show(*block, &data_dir.path))?
        }
        InspectTarget::Tx { hash, full, place } => transaction::show(*hash, *full, place)?,
        InspectTarget::Account { address, slots, proof: true, data_dir } => {
            retry_read(&data_dir.path, || account::prove(*address, slots, &data_dir.path))?
        }
        InspectTarget::Account { address, slots, proof: false, data_dir } => {
            retry_read(&data_dir.path, || account::show(*address, slots, &data_dir.path))?
        }
        InspectTarget::File { path, checksums: false } => chain_file::show(path)?,
        InspectTarget::File { path, checksums: true } => {
            let (lines, verified) = chain_file::verify(path, format)?;
            code = verified;
            lines
        }
        InspectTarget::Unit { path } => unit::show(path)?,
        InspectTarget::Signature { text } => signature::show(text)?,
    };
    let mut out = io::stdout().lock();
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    Ok(code)
}

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

/// Prints a block, a transaction or an account.
pub(crate) fn run(target: &InspectTarget) -> Result<ExitCode, CommandError> {
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
        InspectTarget::File { path } => chain_file::show(path)?,
        InspectTarget::Unit { path } => unit::show(path)?,
        InspectTarget::Signature { text } => signature::show(text)?,
    };
    let mut out = io::stdout().lock();
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    Ok(ExitCode::Done)
}

//! The state at the head, written as reth reads it: `{"root": …}`, then an account a line.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use alloy::primitives::{Address, B256, Bytes, U256, hex};
use blockmill_chain::{Account, Cancel, CodeSource, durable};
use blockmill_store::{Store, StoreError};

use super::StateError;
use super::accounts::for_each_account;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateExport {
    /// The block that the state is as of.
    pub block: u64,
    /// Its state root.
    pub root: B256,
    /// Accounts.
    pub accounts: u64,
    /// Slots.
    pub slots: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Writes the state after the last executed block to a file, which is there whole or not at all: accounts in the order of their
/// addresses, slots in theirs. `None` where it was cancelled.
///
/// # Errors
/// A store without state; a full disk.
pub fn export_state(store: &Store, path: &Path, cancel: &Cancel) -> Result<Option<StateExport>, StateError> {
    let block = store.execute_checkpoint()?.ok_or(StateError::NoState)?;
    let root = store.header(block)?.ok_or(StoreError::UnknownBlock { number: block })?.state_root;
    let aside = path.with_added_extension("tmp");
    let failed = |error| StateError::io(&aside, error);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&aside).map_err(failed)?);
    let written = write(store, root, &mut out, &failed, cancel);
    let (accounts, slots) = match written {
        Ok(written) => written,
        Err(error) => {
            drop(out);
            _ = std::fs::remove_file(&aside);
            return if matches!(error, StateError::Interrupted) { Ok(None) } else { Err(error) };
        }
    };
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    durable::rename(&aside, path).map_err(failed)?;
    Ok(Some(StateExport { block, root, accounts, slots, bytes }))
}

fn write(
    store: &Store,
    root: B256,
    out: &mut impl Write,
    failed: &impl Fn(io::Error) -> StateError,
    cancel: &Cancel,
) -> Result<(u64, u64), StateError> {
    writeln!(out, "{{\"root\":\"{root}\"}}").map_err(failed)?;
    let (mut accounts, mut slots) = (0, 0);
    for_each_account(store, cancel, |address, account, stored| {
        let code = store
            .code(account.code_hash)?
            .ok_or_else(|| StateError::Unreadable { what: format!("the code of {address} is missing") })?;
        begin_account(out, &account, &code).map_err(failed)?;
        let mut separator = ",\"storage\":{";
        for slot in stored {
            let (slot, value) = slot?;
            write!(out, "{separator}\"{}\":\"{}\"", word(slot), word(value)).map_err(failed)?;
            separator = ",";
            slots += 1;
        }
        let end = if separator == "," { "}" } else { "" };
        end_account(out, end, address).map_err(failed)?;
        accounts += 1;
        Ok(())
    })?;
    Ok((accounts, slots))
}

fn begin_account(out: &mut impl Write, account: &Account, code: &Bytes) -> io::Result<()> {
    write!(out, "{{\"balance\":\"{:#x}\",\"nonce\":\"{:#x}\"", account.balance, account.nonce)?;
    if code.is_empty() { Ok(()) } else { write!(out, ",\"code\":\"{}\"", hex::encode_prefixed(code)) }
}

fn end_account(out: &mut impl Write, end_of_storage: &str, address: Address) -> io::Result<()> {
    writeln!(out, "{end_of_storage},\"address\":\"{address:#x}\"}}")
}

fn word(value: U256) -> B256 {
    B256::from(value)
}

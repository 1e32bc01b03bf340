//! `contracts`: contract creations, with creator and code.

use alloy::primitives::{Address, B256, keccak256};
use blockmill_schemas::rows::{ContractRow, ContractRows};

use crate::error::TraceError;
use crate::frames::{FrameKind, FrameWalk};
use crate::outlet::Outlet;
use crate::trace::TracedBlock;

/// Adds a row per creation.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut ContractRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    let block = traced.block();
    let mut frames = FrameWalk::new(traced.frames, block.number());
    let mut create_index = 0;
    while let Some(visit) = frames.next()? {
        let header = &visit.frame.header;
        if !matches!(header.kind, FrameKind::Create | FrameKind::Create2) {
            continue;
        }
        let (init_code, code) = (visit.frame.input, header.to.map(|_| visit.frame.output));
        let init_code_hash = keccak256(init_code);
        let code_hash = code.map(|code| -> B256 { keccak256(code) });
        rows.push(&ContractRow {
            block_number: block.number(),
            transaction_index: visit.transaction_index,
            create_index,
            contract_address: header.to,
            deployer: sender(traced, visit.transaction_index),
            factory: header.from,
            init_code: outlet.hashed_payload(init_code, init_code_hash)?,
            code: match (code, code_hash) {
                (Some(code), Some(hash)) => outlet.hashed_payload(code, hash)?,
                _ => None,
            },
            init_code_hash,
            code_hash,
            success: visit.place.success,
        });
        create_index += 1;
        outlet.keep_limit(rows)?;
    }
    Ok(())
}

fn sender(traced: &TracedBlock<'_>, transaction: u32) -> Address {
    traced.block().senders[transaction as usize]
}

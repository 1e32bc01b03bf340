//! `traces`: balances of genesis or moved by the DAO fork, call frames as parity's `trace_block` lists them, then the
//! block's rewards.

use alloy::primitives::{Address, U256};
use blockmill_schemas::rows::{CallType, RewardType, TraceRow, TraceRows, TraceType};

use crate::dao_fork;
use crate::error::TraceError;
use crate::frames::{Frame, FrameEnd, FrameKind, FramePlace, FrameWalk, revert_reason};
use crate::outlet::Outlet;
use crate::rewards::Rewards;
use crate::trace::TracedBlock;

/// Adds a row per irregular movement, frame and reward.
pub(super) fn extract(
    traced: &TracedBlock<'_>,
    rows: &mut TraceRows,
    outlet: &mut Outlet<'_>,
) -> Result<(), TraceError> {
    let block = traced.block();
    let mut rows = BlockTraces { block_number: block.number(), trace_index: 0, rows, outlet };
    for (address, balance) in traced.genesis_balances() {
        rows.push_irregular(TraceType::Genesis, None, address, balance)?;
    }
    for (address, balance) in dao_fork::drained(traced.spec, traced.witness) {
        rows.push_irregular(TraceType::DaoFork, Some(address), dao_fork::REFUND_CONTRACT, balance)?;
    }
    rows.push_frames(traced)?;
    let Some(rewards) = Rewards::of(traced.spec, block) else { return Ok(()) };
    rows.push_reward(RewardType::Block, block.header().beneficiary, rewards.block)?;
    for (ommer, reward) in block.block.body.ommers.iter().zip(rewards.ommers) {
        rows.push_reward(RewardType::Uncle, ommer.beneficiary, reward)?;
    }
    Ok(())
}

/// The rows of one block, numbered through.
struct BlockTraces<'a, 'o> {
    block_number: u64,
    trace_index: u32,
    rows: &'a mut TraceRows,
    outlet: &'a mut Outlet<'o>,
}

impl BlockTraces<'_, '_> {
    fn push_frames(&mut self, traced: &TracedBlock<'_>) -> Result<(), TraceError> {
        let block_number = self.block_number;
        let mut frames = FrameWalk::new(traced.frames, block_number);
        while let Some(visit) = frames.next()? {
            let is_reverted = visit.frame.header.end == FrameEnd::Reverted;
            let reason = is_reverted.then(|| revert_reason(visit.frame.output)).flatten();
            let row = frame_row(&visit.frame, visit.place, reason.as_deref(), self.outlet)?;
            self.push(&TraceRow {
                block_number,
                transaction_index: Some(visit.transaction_index),
                trace_index: self.trace_index,
                transaction_success: Some(visit.transaction_success),
                ..row
            })?;
        }
        Ok(())
    }

    /// A balance that no frame and no reward accounts for: of genesis, or moved by the DAO fork.
    fn push_irregular(
        &mut self,
        trace_type: TraceType,
        from: Option<Address>,
        to: Address,
        value: U256,
    ) -> Result<(), TraceError> {
        self.push(&TraceRow {
            block_number: self.block_number,
            trace_index: self.trace_index,
            trace_type,
            from_address: from,
            to_address: Some(to),
            value: Some(value),
            success: true,
            ..NOTHING
        })
    }

    fn push_reward(&mut self, reward_type: RewardType, to: Address, value: U256) -> Result<(), TraceError> {
        self.push(&TraceRow {
            block_number: self.block_number,
            trace_index: self.trace_index,
            trace_type: TraceType::Reward,
            to_address: Some(to),
            value: Some(value),
            success: true,
            reward_type: Some(reward_type),
            ..NOTHING
        })
    }

    fn push(&mut self, row: &TraceRow<'_>) -> Result<(), TraceError> {
        self.rows.push(row);
        self.trace_index += 1;
        self.outlet.keep_limit(self.rows)
    }
}

/// What a frame says by itself. Nothing but an exceptional halt takes away the result: a revert has gas and output, as
/// in parity.
fn frame_row<'a>(
    frame: &Frame<'a>,
    place: FramePlace<'a>,
    revert_reason: Option<&'a str>,
    outlet: &mut Outlet<'_>,
) -> Result<TraceRow<'a>, TraceError> {
    let header = &frame.header;
    let call_type = call_type(header.kind);
    let is_call = call_type.is_some();
    let has_result = is_call && !matches!(header.end, FrameEnd::Halted(_));
    let input = is_call.then(|| outlet.frame_payload(frame.input, frame.input_id)).transpose()?;
    let output = has_result.then(|| outlet.frame_payload(frame.output, frame.output_id)).transpose()?;
    Ok(TraceRow {
        trace_address: place.trace_address,
        trace_type: trace_type(header.kind),
        call_type,
        from_address: Some(header.from),
        to_address: header.to,
        value: Some(header.value),
        gas: is_call.then_some(header.gas),
        gas_used: has_result.then_some(header.gas_used),
        input,
        output,
        subtraces: header.subtraces,
        error: header.end.error(),
        revert_reason,
        success: place.success,
        ..NOTHING
    })
}

/// A row in which nothing is said yet.
const NOTHING: TraceRow<'static> = TraceRow {
    block_number: 0,
    transaction_index: None,
    trace_index: 0,
    trace_address: &[],
    trace_type: TraceType::Call,
    call_type: None,
    from_address: None,
    to_address: None,
    value: None,
    gas: None,
    gas_used: None,
    input: None,
    output: None,
    subtraces: 0,
    error: None,
    revert_reason: None,
    success: false,
    transaction_success: None,
    reward_type: None,
};

fn trace_type(kind: FrameKind) -> TraceType {
    match kind {
        FrameKind::Call | FrameKind::CallCode | FrameKind::DelegateCall | FrameKind::StaticCall => {
            TraceType::Call
        }
        FrameKind::Create | FrameKind::Create2 => TraceType::Create,
        FrameKind::SelfDestruct => TraceType::Suicide,
    }
}

fn call_type(kind: FrameKind) -> Option<CallType> {
    match kind {
        FrameKind::Call => Some(CallType::Call),
        FrameKind::CallCode => Some(CallType::CallCode),
        FrameKind::DelegateCall => Some(CallType::DelegateCall),
        FrameKind::StaticCall => Some(CallType::StaticCall),
        FrameKind::Create => Some(CallType::Create),
        FrameKind::Create2 => Some(CallType::Create2),
        FrameKind::SelfDestruct => None,
    }
}

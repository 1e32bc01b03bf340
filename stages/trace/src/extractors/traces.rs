//! `traces`: call frames as parity's `trace_block` lists them, then the block's rewards.

use alloy::primitives::{Address, U256};
use blockmill_schemas::rows::{CallType, RewardType, TraceRow, TraceRows, TraceType};

use crate::frames::{Frame, FrameEnd, FrameKind, Place, Places, revert_reason};
use crate::rewards::Rewards;
use crate::trace::TracedBlock;

/// Adds a row per frame and per reward.
pub(super) fn extract(traced: &TracedBlock<'_>, rows: &mut TraceRows) {
    let block = traced.block();
    let mut rows = BlockTraces { block_number: block.number(), trace_index: 0, rows };
    for (index, frames) in traced.frames.iter().enumerate() {
        rows.push_transaction(index as u32, frames);
    }
    let Some(rewards) = Rewards::of(traced.spec, block) else { return };
    rows.push_reward(RewardType::Block, block.header().beneficiary, rewards.block);
    for (ommer, reward) in block.block.body.ommers.iter().zip(rewards.ommers) {
        rows.push_reward(RewardType::Uncle, ommer.beneficiary, reward);
    }
}

/// The rows of one block, numbered through.
struct BlockTraces<'a> {
    block_number: u64,
    trace_index: u32,
    rows: &'a mut TraceRows,
}

impl BlockTraces<'_> {
    fn push_transaction(&mut self, index: u32, frames: &[Frame]) {
        let succeeded = frames.first().is_some_and(|root| root.end == FrameEnd::Succeeded);
        let mut places = Places::default();
        for frame in frames {
            let reason = (frame.end == FrameEnd::Reverted).then(|| revert_reason(&frame.output)).flatten();
            let row = TraceRow {
                block_number: self.block_number,
                transaction_index: Some(index),
                trace_index: self.trace_index,
                transaction_success: Some(succeeded),
                ..frame_row(frame, places.enter(frame), reason.as_deref())
            };
            self.push(&row);
        }
    }

    fn push_reward(&mut self, reward_type: RewardType, to: Address, value: U256) {
        self.push(&TraceRow {
            block_number: self.block_number,
            trace_index: self.trace_index,
            trace_type: TraceType::Reward,
            to_address: Some(to),
            value: Some(value),
            success: true,
            reward_type: Some(reward_type),
            ..NOTHING
        });
    }

    fn push(&mut self, row: &TraceRow<'_>) {
        self.rows.push(row);
        self.trace_index += 1;
    }
}

/// What a frame says by itself. Nothing but an exceptional halt takes away the result: a revert has gas and output, as
/// in parity.
fn frame_row<'a>(frame: &'a Frame, place: Place<'a>, revert_reason: Option<&'a str>) -> TraceRow<'a> {
    let call_type = call_type(frame.kind);
    let is_call = call_type.is_some();
    let has_result = is_call && !matches!(frame.end, FrameEnd::Halted(_));
    TraceRow {
        trace_address: place.trace_address,
        trace_type: trace_type(frame.kind),
        call_type,
        from_address: Some(frame.from),
        to_address: frame.to,
        value: Some(frame.value),
        gas: is_call.then_some(frame.gas),
        gas_used: has_result.then_some(frame.gas_used),
        input: is_call.then_some(&frame.input),
        output: has_result.then_some(&frame.output),
        subtraces: frame.subtraces,
        error: frame.end.error(),
        revert_reason,
        success: place.success,
        ..NOTHING
    }
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

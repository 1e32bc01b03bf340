//! The header of a frame as bytes of a fixed number.

use alloy::primitives::{Address, U256};

use crate::frames::end::{FrameEnd, Halt};
use crate::frames::frame::{FrameHeader, FrameKind, PayloadId};

/// Where a payload stands in the log.
pub(super) type Span = PayloadId;

impl Span {
    pub(in crate::frames) const EMPTY: Self = Self { at: 0, length: 0 };
}

/// Bytes of a slot; [`SlotContent`] takes a few less.
pub(super) const SLOT_BYTES: usize = 128;
/// Room for one header.
pub(super) type Slot = [u8; SLOT_BYTES];
/// A slot whose frame has not ended.
pub(super) const VACANT: Slot = [0; SLOT_BYTES];

/// A frame that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlotContent {
    pub(super) header: FrameHeader,
    pub(super) input: Span,
    pub(super) output: Span,
}

impl SlotContent {
    pub(super) fn encode(&self) -> Slot {
        let (mut slot, header) = (VACANT, &self.header);
        let mut rest = &mut slot[..];
        put(&mut rest, [header.kind as u8, end_code(header.end), u8::from(header.to.is_some())]);
        put(&mut rest, header.depth.to_le_bytes());
        put(&mut rest, header.subtraces.to_le_bytes());
        put(&mut rest, header.from.into_array());
        put(&mut rest, header.to.unwrap_or_default().into_array());
        put(&mut rest, header.value.to_le_bytes::<32>());
        put(&mut rest, header.gas.to_le_bytes());
        put(&mut rest, header.gas_used.to_le_bytes());
        for span in [self.input, self.output] {
            put(&mut rest, span.at.to_le_bytes());
            put(&mut rest, span.length.to_le_bytes());
        }
        slot
    }

    /// `None` where the bytes are no frame's.
    pub(super) fn decode(slot: &Slot) -> Option<Self> {
        let rest = &mut &slot[..];
        let [kind, end, has_to] = take(rest)?;
        let header = FrameHeader {
            kind: *FrameKind::ALL.get(usize::from(kind))?,
            end: end_of(end)?,
            depth: u32::from_le_bytes(take(rest)?),
            subtraces: u32::from_le_bytes(take(rest)?),
            from: Address::new(take(rest)?),
            to: Some(Address::new(take(rest)?)).filter(|_| has_to == 1),
            value: U256::from_le_bytes::<32>(take(rest)?),
            gas: u64::from_le_bytes(take(rest)?),
            gas_used: u64::from_le_bytes(take(rest)?),
        };
        let mut span =
            || Some(Span { at: u64::from_le_bytes(take(rest)?), length: u32::from_le_bytes(take(rest)?) });
        Some(Self { header, input: span()?, output: span()? })
    }
}

/// Codes of ends; 0 is that of a vacant slot.
const SUCCEEDED: u8 = 1;
const REVERTED: u8 = 2;
const FIRST_HALT: u8 = 3;

fn end_code(end: FrameEnd) -> u8 {
    match end {
        FrameEnd::Succeeded => SUCCEEDED,
        FrameEnd::Reverted => REVERTED,
        FrameEnd::Halted(halt) => FIRST_HALT + halt as u8,
    }
}

fn end_of(code: u8) -> Option<FrameEnd> {
    match code {
        SUCCEEDED => Some(FrameEnd::Succeeded),
        REVERTED => Some(FrameEnd::Reverted),
        code => {
            let halt = Halt::ALL.get(usize::from(code.checked_sub(FIRST_HALT)?))?;
            Some(FrameEnd::Halted(*halt))
        }
    }
}

fn put<const N: usize>(rest: &mut &mut [u8], bytes: [u8; N]) {
    let (here, after) = std::mem::take(rest).split_at_mut(N);
    here.copy_from_slice(&bytes);
    *rest = after;
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (here, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*here)
}

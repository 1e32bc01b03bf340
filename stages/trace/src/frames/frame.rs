//! One call frame, as it is kept until its rows are written.

use alloy::primitives::{Address, U256};

use super::end::FrameEnd;

/// What opened a frame. A self-destruct runs nothing, but is listed as a frame without children below the one that
/// executed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// `CALL`, or a transaction to an account.
    Call,
    /// `CALLCODE`.
    CallCode,
    /// `DELEGATECALL`.
    DelegateCall,
    /// `STATICCALL`.
    StaticCall,
    /// `CREATE`, or a transaction without a recipient.
    Create,
    /// `CREATE2`.
    Create2,
    /// `SELFDESTRUCT`.
    SelfDestruct,
}

impl FrameKind {
    /// Every one, in the order of their discriminants.
    pub(super) const ALL: [Self; 7] = [
        Self::Call,
        Self::CallCode,
        Self::DelegateCall,
        Self::StaticCall,
        Self::Create,
        Self::Create2,
        Self::SelfDestruct,
    ];
}

/// What is known of a frame but its payloads. Frames are kept in the order in which they were entered; together with
/// [`depth`](Self::depth) that is the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    /// What opened the frame.
    pub(crate) kind: FrameKind,
    /// Frames above it; 0 for the root.
    pub(crate) depth: u32,
    /// Frames right below it.
    pub(crate) subtraces: u32,
    /// The account in whose context the call was made; of a self-destruct the contract that goes.
    pub(crate) from: Address,
    /// The account whose code runs, the contract created (`None` where none was), or who gets the balance.
    pub(crate) to: Option<Address>,
    /// Wei: sent along, inherited (`DELEGATECALL`), or the balance handed over.
    pub(crate) value: U256,
    /// Gas given to it.
    pub(crate) gas: u64,
    /// Gas that it and its children used, before refunds.
    pub(crate) gas_used: u64,
    /// How the frame ended.
    pub(crate) end: FrameEnd,
}

/// Identifies a payload of a block: equal payloads may differ in this, different ones always do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PayloadId {
    /// Byte offset among the payloads of the block.
    pub(crate) at: u64,
    /// Length in bytes.
    pub(crate) length: u32,
}

/// A frame of a transaction that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// All but its payloads.
    pub(crate) header: FrameHeader,
    /// Call data or init code.
    pub(crate) input: &'a [u8],
    pub(crate) input_id: PayloadId,
    /// What the frame returned or reverted with; of a creation the code.
    pub(crate) output: &'a [u8],
    pub(crate) output_id: PayloadId,
}

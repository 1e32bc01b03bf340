//! One frame.

use alloy::primitives::{Address, Bytes, U256};

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

/// A frame of a transaction. Frames are kept in the order in which they were entered; together with
/// [`depth`](Self::depth) that is the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// What opened it.
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
    /// Call data or init code.
    pub(crate) input: Bytes,
    /// What it returned or reverted with; of a creation the code.
    pub(crate) output: Bytes,
    /// How it ended.
    pub(crate) end: FrameEnd,
}

impl Frame {
    /// Bytes that the frame takes here and, with its trace address, in a row.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.depth as usize * size_of::<u32>() + self.input.len()
    }
}

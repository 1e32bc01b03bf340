//! How a frame ended, and parity's words for it.

use revm::interpreter::InstructionResult;

/// How a frame ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameEnd {
    /// What it did stays, unless a frame above it fails.
    Succeeded,
    /// `REVERT`: gas that is left goes back, and there is output.
    Reverted,
    /// It was not entered, or an exceptional halt used up its gas: why.
    Halted(&'static str),
}

impl FrameEnd {
    /// Why the frame failed; `None` where it did not.
    pub(crate) fn error(self) -> Option<&'static str> {
        match self {
            Self::Succeeded => None,
            Self::Reverted => Some("Reverted"),
            Self::Halted(reason) => Some(reason),
        }
    }

    pub(super) fn of(result: InstructionResult) -> Self {
        match result {
            result if result.is_ok() => Self::Succeeded,
            InstructionResult::Revert => Self::Reverted,
            other => Self::Halted(reason(other)),
        }
    }
}

/// The creator's nonce is at its limit (EIP-2681); revm gives this result no name of its own.
pub(super) const NONCE_OVERFLOW: FrameEnd = FrameEnd::Halted("nonce uint64 overflow");

/// Parity's word where it has one. Frames that are refused before they are entered have none, as parity does not list
/// them; they have geth's words, which its flatCallTracer and other clients use too.
fn reason(result: InstructionResult) -> &'static str {
    use InstructionResult as R;
    match result {
        R::OutOfGas
        | R::MemoryOOG
        | R::MemoryLimitOOG
        | R::PrecompileOOG
        | R::InvalidOperandOOG
        | R::ReentrancySentryOOG
        | R::CreateContractSizeLimit
        | R::CreateInitCodeSizeLimit => "Out of gas",
        R::OpcodeNotFound | R::InvalidFEOpcode | R::NotActivated | R::InvalidImmediateEncoding => {
            "Bad instruction"
        }
        R::InvalidJump => "Bad jump destination",
        R::StackUnderflow => "Stack underflow",
        R::StackOverflow => "Out of stack",
        R::OutOfOffset => "Out of bounds",
        R::PrecompileError => "Built-in failed",
        R::StateChangeDuringStaticCall | R::CallNotAllowedInsideStatic => "Mutable Call In Static Context",
        R::CreateContractStartingWithEF => "Invalid code",
        R::CallTooDeep => "max call depth exceeded",
        R::OutOfFunds | R::OverflowPayment => "insufficient balance for transfer",
        R::CreateCollision => "contract address collision",
        R::NonceOverflow => "nonce uint64 overflow",
        // What is left are successes, handled above, and results of other EVMs.
        _ => "Internal error",
    }
}

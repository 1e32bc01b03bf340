//! How a frame ended, and parity's words for it.

use revm::interpreter::InstructionResult;

/// How a frame ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameEnd {
    /// The frame's effects stay, unless a frame above it fails.
    Succeeded,
    /// `REVERT`: gas that is left goes back, and there is output.
    Reverted,
    /// The frame was not entered, or an exceptional halt used up its gas, for this reason.
    Halted(Halt),
}

impl FrameEnd {
    /// Why the frame failed; `None` where it did not.
    pub(crate) fn error(self) -> Option<&'static str> {
        match self {
            Self::Succeeded => None,
            Self::Reverted => Some("Reverted"),
            Self::Halted(halt) => Some(halt.word()),
        }
    }

    /// How a frame ended whose last instruction did so.
    pub(crate) fn of(result: InstructionResult) -> Self {
        match result {
            result if result.is_ok() => Self::Succeeded,
            InstructionResult::Revert => Self::Reverted,
            other => Self::Halted(Halt::of(other)),
        }
    }

    /// Whether gas was missing, for whatever it was to pay.
    pub(crate) fn is_out_of_gas(self) -> bool {
        self == Self::Halted(Halt::OutOfGas)
    }
}

macro_rules! halts {
    ($($halt:ident = $word:literal,)*) => {
        /// Why a frame was not entered, or what halted it. Parity's word where it has one. Frames that are refused
        /// before they are entered have none, as parity does not list them; they have geth's words, which its
        /// flatCallTracer and other clients use too.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Halt { $($halt,)* }

        impl Halt {
            /// Every one, in the order of their discriminants.
            pub(super) const ALL: &[Self] = &[$(Self::$halt,)*];

            fn word(self) -> &'static str {
                match self { $(Self::$halt => $word,)* }
            }
        }
    };
}

halts! {
    OutOfGas = "Out of gas",
    BadInstruction = "Bad instruction",
    BadJump = "Bad jump destination",
    StackUnderflow = "Stack underflow",
    OutOfStack = "Out of stack",
    OutOfBounds = "Out of bounds",
    BuiltInFailed = "Built-in failed",
    MutableCallInStaticContext = "Mutable Call In Static Context",
    InvalidCode = "Invalid code",
    TooDeep = "max call depth exceeded",
    InsufficientBalance = "insufficient balance for transfer",
    AddressCollision = "contract address collision",
    NonceOverflow = "nonce uint64 overflow",
    Internal = "Internal error",
}

impl Halt {
    fn of(result: InstructionResult) -> Self {
        use InstructionResult as R;
        match result {
            R::OutOfGas
            | R::MemoryOOG
            | R::MemoryLimitOOG
            | R::PrecompileOOG
            | R::InvalidOperandOOG
            | R::ReentrancySentryOOG
            | R::CreateContractSizeLimit
            | R::CreateInitCodeSizeLimit => Self::OutOfGas,
            R::OpcodeNotFound | R::InvalidFEOpcode | R::NotActivated | R::InvalidImmediateEncoding => {
                Self::BadInstruction
            }
            R::InvalidJump => Self::BadJump,
            R::StackUnderflow => Self::StackUnderflow,
            R::StackOverflow => Self::OutOfStack,
            R::OutOfOffset => Self::OutOfBounds,
            R::PrecompileError => Self::BuiltInFailed,
            R::StateChangeDuringStaticCall | R::CallNotAllowedInsideStatic => {
                Self::MutableCallInStaticContext
            }
            R::CreateContractStartingWithEF => Self::InvalidCode,
            R::CallTooDeep => Self::TooDeep,
            R::OutOfFunds | R::OverflowPayment => Self::InsufficientBalance,
            R::CreateCollision => Self::AddressCollision,
            R::NonceOverflow => Self::NonceOverflow,
            // What is left are successes, handled above, and results of other EVMs.
            _ => Self::Internal,
        }
    }
}

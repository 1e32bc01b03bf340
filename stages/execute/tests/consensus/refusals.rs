//! Why a block was refused, and whether that is what the tests call it.

use std::fmt;

use blockmill_chain::{OmmerError, RuleError};
use blockmill_execute::ExecuteError;
use blockmill_source::{Checked, SourceError};

/// What three invalid blocks have in the place of a reason.
pub(crate) const UNNAMED: &str = "(unnamed)";

/// Who refused a block, and why.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It could not be decoded, or does not fit its own header.
    Source(Box<SourceError>),
    /// Nobody knows its parent.
    UnknownParent,
    /// Its number is not that behind its parent's.
    Number,
    /// It breaks a rule that needs no execution.
    Rule(RuleError),
    /// It could not be executed, or gave something else than its header says.
    Execute(Box<ExecuteError>),
}

impl From<SourceError> for Refusal {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Rule { source, .. } => Self::Rule(*source),
            error => Self::Source(Box::new(error)),
        }
    }
}

impl From<RuleError> for Refusal {
    fn from(error: RuleError) -> Self {
        Self::Rule(error)
    }
}

impl From<ExecuteError> for Refusal {
    fn from(error: ExecuteError) -> Self {
        Self::Execute(Box::new(error))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => write!(f, "{error}"),
            Self::UnknownParent => f.write_str("its parent is unknown"),
            Self::Number => f.write_str("its number does not follow its parent's"),
            Self::Rule(error) => write!(f, "{error}"),
            Self::Execute(error) => write!(f, "{error}"),
        }
    }
}

impl Refusal {
    pub(crate) fn is_transactions_root(&self) -> bool {
        self.is_mismatch_in_file(Checked::TransactionsRoot)
    }

    /// Whether it is what a test calls `rule`.
    pub(crate) fn is_for(&self, rule: &str) -> bool {
        use OmmerError::{Ancestor, Parent, Twice};
        let header = self.header_rule();
        match rule {
            UNNAMED => true,
            "UnknownParent" => matches!(self, Self::UnknownParent),
            "InvalidNumber" => {
                matches!(self, Self::Number) || matches!(self.ommer(), Some(OmmerError::Number { .. }))
            }
            "InvalidTimestamp" | "InvalidTimestampOlderParent" => {
                matches!(header, Some(RuleError::Timestamp { .. }))
            }
            "InvalidGasLimit" | "InvalidGasLimit2" => {
                matches!(header, Some(RuleError::GasLimitStep { .. } | RuleError::GasLimitRange { .. }))
            }
            "TooMuchGasUsed" => matches!(header, Some(RuleError::GasUsed { .. })),
            "ExtraDataTooBig" => matches!(header, Some(RuleError::ExtraDataTooLong { .. })),
            "ExtraDataIncorrectDAO" => matches!(header, Some(RuleError::DaoMark)),
            "InvalidDifficulty" => {
                matches!(header, Some(RuleError::Difficulty { .. } | RuleError::WrongSideOfTheMerge { .. }))
            }
            "1559BlockImportImpossible_BaseFeeWrong" => matches!(header, Some(RuleError::BaseFee { .. })),
            "LegacyBlockImportImpossible2" => {
                matches!(header, Some(RuleError::MissingField { field: "base fee" }))
            }
            "ShanghaiBlockImportImpossible" => {
                matches!(header, Some(RuleError::EarlyField { field: "withdrawals root" }))
            }
            "ParisBlockImportImpossible" => {
                let is_missing =
                    matches!(header, Some(RuleError::MissingField { field: "withdrawals root" }));
                is_missing || self.is_without_withdrawals()
            }
            "RLP_ExpectedAsList" => self.is_without_withdrawals(),
            "INPUT_UNMARSHAL_ERROR" => self.source_is(|error| matches!(error, SourceError::Rlp { .. })),
            "3675PreParis1559BlockRejected" | "PostParisUncleHashIsNotEmpty" => {
                matches!(header, Some(RuleError::TooManyOmmers { most: 0, .. }))
            }
            "InvalidUnclesHash" => self.is_mismatch_in_file(Checked::OmmersHash),
            "InvalidTransactionsRoot" => self.is_transactions_root(),
            "UncleInChain" | "UncleIsAncestor" | "UncleIsBrother" => {
                matches!(self.ommer(), Some(Twice | Ancestor))
            }
            "InvalidUncleParentHash" | "UncleTooOld" | "UncleParentIsNotAncestor" => {
                matches!(self.ommer(), Some(Parent { .. }))
            }
            "InvalidGasUsed" => self.is_mismatch("gas used"),
            "InvalidLogBloom" => self.is_mismatch("logs bloom"),
            "InvalidReceiptsStateRoot" => self.is_mismatch("receipts root"),
            "InvalidStateRoot" => self.is_mismatch("state root"),
            // Nobody looks at the seal of proof of work. These blocks have another state root as well.
            "InvalidBlockNonce" => self.is_mismatch("state root"),
            _ => self.transaction().is_some_and(|reason| is_about(rule, reason)),
        }
    }

    /// The rule that its header breaks, or that of an ommer.
    fn header_rule(&self) -> Option<&RuleError> {
        match (self, self.ommer()) {
            (_, Some(OmmerError::Header(rule))) => Some(rule),
            (Self::Rule(rule), _) => Some(rule),
            _ => None,
        }
    }

    fn ommer(&self) -> Option<&OmmerError> {
        match self {
            Self::Rule(RuleError::Ommer { reason, .. }) => Some(reason),
            _ => None,
        }
    }

    fn transaction(&self) -> Option<&str> {
        match self {
            Self::Execute(error) => match &**error {
                ExecuteError::InvalidTransaction { reason, .. } => Some(reason),
                _ => None,
            },
            _ => None,
        }
    }

    fn is_mismatch(&self, field: &str) -> bool {
        match self {
            Self::Execute(error) => {
                matches!(&**error, ExecuteError::Mismatch { mismatch, .. } if mismatch.field == field)
            }
            _ => false,
        }
    }

    fn is_mismatch_in_file(&self, of: Checked) -> bool {
        self.source_is(|error| matches!(error, SourceError::Mismatch { checked, .. } if *checked == of))
    }

    fn is_without_withdrawals(&self) -> bool {
        self.source_is(|error| matches!(error, SourceError::WithdrawalsPresence { .. }))
    }

    fn source_is(&self, is: impl FnOnce(&SourceError) -> bool) -> bool {
        matches!(self, Self::Source(error) if is(error))
    }
}

/// What the EVM says of a transaction that breaks a rule of the tests.
fn is_about(rule: &str, reason: &str) -> bool {
    let said = match rule {
        "BlockGasLimitReached" | "TR_GasLimitReached" | "TR_FeeCapLessThanBlocksORGasLimitReached" => {
            "is more than blocks available gas"
        }
        "IntrinsicGas" | "TR_IntrinsicGas" | "TR_NoFundsOrGas" => "call gas cost",
        "TR_NoFunds" => "lack of funds",
        "TR_FeeCapLessThanBlocks" => "gas price is less than basefee",
        "TR_NonceTooLow" => "too low",
        "TR_TypeNotSupported" => "is not supported",
        "SenderNotEOAorNoCASH" => "senders with deployed code",
        _ => return false,
    };
    reason.contains(said)
}

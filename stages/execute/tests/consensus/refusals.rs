//! Why a block was refused.

use std::fmt;

use blockmill_chain::{OmmerError, RuleError};
use blockmill_execute::{ExecuteError, RequestFailure};
use blockmill_source::{Checked, SourceError};

/// Why a block was refused, by the part that refused it.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The block could not be decoded, or does not fit its own header.
    Source(Box<SourceError>),
    /// Its parent is unknown.
    UnknownParent,
    /// Its number is not one more than its parent's.
    Number,
    /// The block breaks a rule that needs no execution.
    Rule(RuleError),
    /// The block could not be executed, or gave something else than its header says.
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

    /// The rule that its header breaks, or that of an ommer.
    pub(crate) fn header_rule(&self) -> Option<&RuleError> {
        match (self, self.ommer()) {
            (_, Some(OmmerError::Header(rule))) => Some(rule),
            (Self::Rule(rule), _) => Some(rule),
            _ => None,
        }
    }

    /// What is wrong with an ommer.
    pub(crate) fn ommer(&self) -> Option<&OmmerError> {
        match self {
            Self::Rule(RuleError::Ommer { reason, .. }) => Some(reason),
            _ => None,
        }
    }

    /// Execution says this of a transaction that no valid block can hold.
    pub(crate) fn is_of_transaction(&self, said: &str) -> bool {
        self.executed(
            |error| matches!(error, ExecuteError::InvalidTransaction { reason, .. } if reason.contains(said)),
        )
    }

    /// Execution refused it for this.
    pub(crate) fn executed(&self, is: impl FnOnce(&ExecuteError) -> bool) -> bool {
        matches!(self, Self::Execute(error) if is(error))
    }

    /// A request contract is missing or fails.
    pub(crate) fn request_contract(&self, is: impl FnOnce(&RequestFailure) -> bool) -> bool {
        self.executed(|error| matches!(error, ExecuteError::RequestContract { failure, .. } if is(failure)))
    }

    /// The header says something else of this field than execution gives.
    pub(crate) fn is_mismatch(&self, field: &str) -> bool {
        self.executed(
            |error| matches!(error, ExecuteError::Mismatch { mismatch, .. } if mismatch.field == field),
        )
    }

    /// The header says something else than its own body gives.
    pub(crate) fn is_mismatch_in_file(&self, of: Checked) -> bool {
        self.source_is(|error| matches!(error, SourceError::Mismatch { checked, .. } if *checked == of))
    }

    /// Only one of header and body has withdrawals.
    pub(crate) fn is_without_withdrawals(&self) -> bool {
        self.source_is(|error| matches!(error, SourceError::WithdrawalsPresence { .. }))
    }

    /// The bytes are not those of a block: a value of the wrong length or type, or encoded in another way than consensus
    /// asks for.
    pub(crate) fn is_undecodable(&self) -> bool {
        self.source_is(|error| matches!(error, SourceError::Rlp { .. } | SourceError::Format { .. }))
    }

    /// No key can have made a signature.
    pub(crate) fn is_signature(&self) -> bool {
        self.source_is(|error| matches!(error, SourceError::Signature { .. }))
    }

    fn source_is(&self, is: impl FnOnce(&SourceError) -> bool) -> bool {
        matches!(self, Self::Source(error) if is(error))
    }
}

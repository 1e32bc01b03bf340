//! What the tests call the rules that invalid blocks break, and which refusals of ours answer to each name.
//!
//! Three dialects stand in one table: the names of ethereum/legacytests (`TR_NoFunds`), and the members of
//! `TransactionException` and `BlockException` of ethereum/execution-spec-tests (`NONCE_IS_MAX`), here without their class.
//! A name that is missing makes its test fail.

use blockmill_chain::{OmmerError, RuleError};
use blockmill_execute::{ExecuteError, RequestFailure};
use blockmill_source::Checked;

use crate::refusals::Refusal;

/// What three invalid blocks have in the place of a reason.
pub(crate) const UNNAMED: &str = "(unnamed)";

/// A name of a broken rule that the table lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no refusal is known for '{0}': add it to the table in consensus/rules.rs")]
pub(crate) struct UnknownRule(String);

/// Whether a refusal is for what the test says: one name, or several with `|` between them, of which any will do. All of
/// them must be known.
pub(crate) fn is_for(refusal: &Refusal, expected: &str) -> Result<bool, UnknownRule> {
    let mut found = false;
    for name in expected.split('|') {
        let member =
            ["TransactionException.", "BlockException."].iter().find_map(|class| name.strip_prefix(class));
        found |= answers(refusal, member.unwrap_or(name)).ok_or_else(|| UnknownRule(name.to_owned()))?;
    }
    Ok(found)
}

/// Whether a refusal answers to one name; `None` for an unknown name.
fn answers(refusal: &Refusal, name: &str) -> Option<bool> {
    use OmmerError::{Ancestor, Parent, Twice};
    let header = refusal.header_rule();
    Some(match name {
        UNNAMED => true,

        // Encoding.
        "INPUT_UNMARSHAL_ERROR"
        | "RLP_STRUCTURES_ENCODING"
        | "RLP_INVALID_FIELD_OVERFLOW_64"
        | "RLP_INVALID_ADDRESS"
        | "ADDRESS_TOO_SHORT"
        | "ADDRESS_TOO_LONG"
        | "NONCE_OVERFLOW"
        | "GASLIMIT_OVERFLOW"
        | "VALUE_OVERFLOW"
        | "GASPRICE_OVERFLOW"
        | "PRIORITY_OVERFLOW"
        | "RLP_LEADING_ZEROS_GASLIMIT"
        | "RLP_LEADING_ZEROS_GASPRICE"
        | "RLP_LEADING_ZEROS_VALUE"
        | "RLP_LEADING_ZEROS_NONCE"
        | "RLP_LEADING_ZEROS_R"
        | "RLP_LEADING_ZEROS_S"
        | "RLP_LEADING_ZEROS_V"
        | "RLP_LEADING_ZEROS_BASEFEE"
        | "RLP_LEADING_ZEROS_PRIORITY_FEE"
        | "RLP_LEADING_ZEROS_DATA_SIZE"
        | "RLP_LEADING_ZEROS_NONCE_SIZE"
        | "RLP_TOO_FEW_ELEMENTS"
        | "RLP_TOO_MANY_ELEMENTS"
        | "RLP_ERROR_EOF"
        | "RLP_ERROR_SIZE"
        | "RLP_ERROR_SIZE_LEADING_ZEROS"
        | "RLP_INVALID_DATA"
        | "RLP_INVALID_GASLIMIT"
        | "RLP_INVALID_NONCE"
        | "RLP_INVALID_TO"
        | "RLP_INVALID_ACCESS_LIST_ADDRESS_TOO_LONG"
        | "RLP_INVALID_ACCESS_LIST_ADDRESS_TOO_SHORT"
        | "RLP_INVALID_ACCESS_LIST_STORAGE_TOO_LONG"
        | "RLP_INVALID_ACCESS_LIST_STORAGE_TOO_SHORT"
        | "RLP_INVALID_HEADER"
        | "RLP_INVALID_VALUE"
        // The form of a transaction that travels between nodes, which is not the one in a block.
        | "TYPE_3_TX_WITH_FULL_BLOBS"
        // Their type has an address where others may have none: what lacks it is not of that type.
        | "TYPE_3_TX_CONTRACT_CREATION"
        | "TYPE_4_TX_CONTRACT_CREATION"
        | "TYPE_4_INVALID_AUTHORIZATION_FORMAT"
        // A signature that no key made leaves an authorization without effect: only one that has no place is refused.
        | "TYPE_4_INVALID_AUTHORITY_SIGNATURE"
        | "TYPE_4_INVALID_AUTHORITY_SIGNATURE_S_TOO_HIGH" => refusal.is_undecodable(),
        "INVALID_SIGNATURE_VRS"
        | "RLP_INVALID_SIGNATURE_R"
        | "RLP_INVALID_SIGNATURE_S"
        | "EC_RECOVERY_FAIL" => refusal.is_signature() || refusal.is_undecodable(),
        "RLP_ExpectedAsList" => refusal.is_without_withdrawals(),
        "RLP_WITHDRAWALS_NOT_READ" => refusal.is_without_withdrawals() || refusal.is_undecodable(),
        "INCORRECT_BLOCK_FORMAT" => {
            let is_field =
                matches!(header, Some(RuleError::MissingField { .. } | RuleError::EarlyField { .. }));
            is_field || refusal.is_without_withdrawals() || refusal.is_undecodable()
        }
        // A price of more than 128 bits, which no balance pays, has no place in the decoded transaction.
        "GASLIMIT_PRICE_PRODUCT_OVERFLOW" => {
            refusal.is_undecodable() || refusal.is_of_transaction("overflow payment")
        }
        "RLP_BLOCK_LIMIT_EXCEEDED" => matches!(header, Some(RuleError::BlockTooLarge { .. })),

        // Body and header.
        "InvalidUnclesHash" | "INVALID_UNCLES_HASH" => refusal.is_mismatch_in_file(Checked::OmmersHash),
        "InvalidTransactionsRoot" | "INVALID_TRANSACTIONS_ROOT" => refusal.is_transactions_root(),
        "INVALID_WITHDRAWALS_ROOT" => refusal.is_mismatch_in_file(Checked::WithdrawalsRoot),
        "INVALID_BLOCK_HASH" => refusal.is_mismatch_in_file(Checked::BlockHash),
        // A payload of the Engine API lists the hashes beside the block; in a file there is no such list.
        "INVALID_VERSIONED_HASHES" => false,

        // The header by itself and after its parent.
        "UnknownParent" | "UNKNOWN_PARENT" | "UNKNOWN_PARENT_ZERO" => {
            matches!(refusal, Refusal::UnknownParent)
        }
        "InvalidNumber" | "INVALID_BLOCK_NUMBER" => {
            matches!(refusal, Refusal::Number) || matches!(refusal.ommer(), Some(OmmerError::Number { .. }))
        }
        "InvalidTimestamp" | "InvalidTimestampOlderParent" | "INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT" => {
            matches!(header, Some(RuleError::Timestamp { .. }))
        }
        "InvalidGasLimit" | "InvalidGasLimit2" | "INVALID_GASLIMIT" => {
            matches!(header, Some(RuleError::GasLimitStep { .. } | RuleError::GasLimitRange { .. }))
        }
        "GASLIMIT_TOO_BIG" => matches!(header, Some(RuleError::GasLimitRange { .. })),
        "TooMuchGasUsed" | "INVALID_GAS_USED_ABOVE_LIMIT" => {
            matches!(header, Some(RuleError::GasUsed { .. }))
        }
        "ExtraDataTooBig" | "EXTRA_DATA_TOO_BIG" => {
            matches!(header, Some(RuleError::ExtraDataTooLong { .. }))
        }
        "ExtraDataIncorrectDAO" | "EXTRA_DATA_INVALID_DAO" => matches!(header, Some(RuleError::DaoMark)),
        "InvalidDifficulty" | "INVALID_DIFFICULTY" => {
            matches!(header, Some(RuleError::Difficulty { .. } | RuleError::WrongSideOfTheMerge { .. }))
        }
        "1559BlockImportImpossible_BaseFeeWrong" | "INVALID_BASEFEE_PER_GAS" => {
            matches!(header, Some(RuleError::BaseFee { .. }))
        }
        "INCORRECT_EXCESS_BLOB_GAS" => matches!(header, Some(RuleError::ExcessBlobGas { .. })),
        "BLOB_GAS_USED_ABOVE_LIMIT" | "TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED" => {
            matches!(header, Some(RuleError::BlobGasUsed { .. }))
        }
        // A transaction with more blobs than a block may have shows in the header, which is looked at first.
        "TYPE_3_TX_BLOB_COUNT_EXCEEDED" => {
            matches!(header, Some(RuleError::BlobGasUsed { .. })) || refusal.is_of_transaction("too many blobs")
        }
        "INCORRECT_BLOB_GAS_USED" => {
            matches!(header, Some(RuleError::BlobGasUsed { .. })) || refusal.is_mismatch("blob gas used")
        }
        "LegacyBlockImportImpossible2" | "IMPORT_IMPOSSIBLE_LEGACY" | "IMPORT_IMPOSSIBLE_LEGACY_WRONG_PARENT" => {
            matches!(header, Some(RuleError::MissingField { field: "base fee" }))
        }
        "IMPORT_IMPOSSIBLE_LONDON_WRONG_PARENT" => {
            matches!(header, Some(RuleError::EarlyField { field: "base fee" }))
        }
        "ShanghaiBlockImportImpossible" | "IMPORT_IMPOSSIBLE_SHANGHAI" => {
            matches!(header, Some(RuleError::EarlyField { field: "withdrawals root" }))
        }
        "ParisBlockImportImpossible" | "IMPORT_IMPOSSIBLE_PARIS_OVER_SHANGHAI" => {
            let is_missing = matches!(header, Some(RuleError::MissingField { field: "withdrawals root" }));
            is_missing || refusal.is_without_withdrawals()
        }
        "IMPORT_IMPOSSIBLE_PARIS_WRONG_POW"
        | "IMPORT_IMPOSSIBLE_PARIS_WRONG_POS"
        | "IMPORT_IMPOSSIBLE_LONDON_OVER_PARIS"
        | "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS" => {
            matches!(header, Some(RuleError::WrongSideOfTheMerge { .. } | RuleError::SealAfterTheMerge))
        }

        // Ommers.
        "3675PreParis1559BlockRejected"
        | "PostParisUncleHashIsNotEmpty"
        | "IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS" => {
            matches!(header, Some(RuleError::TooManyOmmers { most: 0, .. }))
        }
        "TOO_MANY_UNCLES" => matches!(header, Some(RuleError::TooManyOmmers { .. })),
        "UncleInChain"
        | "UncleIsAncestor"
        | "UncleIsBrother"
        | "UNCLE_IN_CHAIN"
        | "UNCLE_IS_ANCESTOR"
        | "UNCLE_IS_BROTHER" => matches!(refusal.ommer(), Some(Twice | Ancestor)),
        "InvalidUncleParentHash"
        | "UncleTooOld"
        | "UncleParentIsNotAncestor"
        | "UNCLE_PARENT_INCORRECT"
        | "UNCLE_UNKNOWN_PARENT" => matches!(refusal.ommer(), Some(Parent { .. })),

        // What execution gives.
        "InvalidGasUsed" | "INVALID_GAS_USED" => refusal.is_mismatch("gas used"),
        "InvalidLogBloom" | "INVALID_LOG_BLOOM" => refusal.is_mismatch("logs bloom"),
        "InvalidReceiptsStateRoot" | "INVALID_RECEIPTS_ROOT" => refusal.is_mismatch("receipts root"),
        "LOG_MISMATCH" => refusal.is_mismatch("logs bloom") || refusal.is_mismatch("receipts root"),
        "InvalidStateRoot" | "INVALID_STATE_ROOT" => refusal.is_mismatch("state root"),
        // The seal of proof of work is not checked. These blocks have another state root as well.
        "InvalidBlockNonce" => refusal.is_mismatch("state root"),
        "INVALID_REQUESTS" => refusal.is_mismatch("requests hash"),
        "INVALID_DEPOSIT_EVENT_LAYOUT" => refusal.executed(|error| matches!(error, ExecuteError::Deposit { .. })),
        "SYSTEM_CONTRACT_EMPTY" => refusal.request_contract(|failure| *failure == RequestFailure::NoCode),
        "SYSTEM_CONTRACT_CALL_FAILED" => {
            refusal.request_contract(|failure| *failure != RequestFailure::NoCode)
        }

        // The block access list (EIP-7928): the header's hash, the list in the file, its size.
        "INVALID_BLOCK_ACCESS_LIST"
        | "INVALID_BAL_HASH"
        | "INVALID_BAL_MISSING_ACCOUNT"
        | "INVALID_BAL_EXTRA_ACCOUNT"
        | "BLOCK_ACCESS_LIST_GAS_LIMIT_EXCEEDED" => {
            refusal.is_mismatch("block access list hash")
                || refusal.is_mismatch("block access list")
                || refusal.is_mismatch_in_file(Checked::AccessListHash)
                || refusal.executed(|error| matches!(error, ExecuteError::AccessList { .. }))
        }

        _ => refusal.is_of_transaction(said_of_transaction(name)?),
    })
}

/// What the EVM says of a transaction that breaks a rule; `None` for a name that is not known.
fn said_of_transaction(name: &str) -> Option<&'static str> {
    Some(match name {
        "BlockGasLimitReached"
        | "TR_GasLimitReached"
        | "TR_FeeCapLessThanBlocksORGasLimitReached"
        | "GAS_ALLOWANCE_EXCEEDED"
        | "GAS_USED_OVERFLOW" => "is more than blocks available gas",
        "GAS_LIMIT_EXCEEDS_MAXIMUM" => "is greater than the cap",
        "IntrinsicGas" | "TR_IntrinsicGas" | "TR_NoFundsOrGas" | "INTRINSIC_GAS_TOO_LOW" => "call gas cost",
        "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST" => "gas floor",
        "TR_NoFunds" | "INSUFFICIENT_ACCOUNT_FUNDS" => "lack of funds",
        "TR_FeeCapLessThanBlocks" | "INSUFFICIENT_MAX_FEE_PER_GAS" => "gas price is less than basefee",
        "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS" | "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2" => {
            "priority fee is greater than max fee"
        }
        "TR_NonceTooLow" | "NONCE_MISMATCH_TOO_LOW" => "too low, expected",
        "NONCE_MISMATCH_TOO_HIGH" => "too high, expected",
        "NONCE_IS_MAX" | "NONCE_TOO_BIG" => "nonce overflow",
        "SenderNotEOAorNoCASH" | "SENDER_NOT_EOA" => "senders with deployed code",
        "INITCODE_SIZE_EXCEEDED" => "create initcode size limit",
        "INVALID_CHAINID" => "invalid chain ID",
        "TR_TypeNotSupported" | "TYPE_NOT_SUPPORTED" => "is not supported",
        "TYPE_1_TX_PRE_FORK" => "Eip2930 is not supported",
        "TYPE_2_TX_PRE_FORK" => "Eip1559 is not supported",
        "TYPE_3_TX_PRE_FORK" | "TYPE_3_TX_ZERO_BLOBS_PRE_FORK" => "Eip4844 is not supported",
        "TYPE_4_TX_PRE_FORK" => "Eip7702 is not supported",
        "INSUFFICIENT_MAX_FEE_PER_BLOB_GAS" => "is greater than max fee per blob gas",
        "TYPE_3_TX_ZERO_BLOBS" => "empty blobs",
        "TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH" => "blob version not supported",
        "TYPE_4_EMPTY_AUTHORIZATION_LIST" => "empty authorization list",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_several_names_will_do_and_all_must_be_known() {
        let refusal = Refusal::UnknownParent;
        let (right, wrong) = ("BlockException.UNKNOWN_PARENT", "TransactionException.NONCE_IS_MAX");
        assert_eq!(is_for(&refusal, right), Ok(true));
        assert_eq!(is_for(&refusal, wrong), Ok(false));
        assert_eq!(is_for(&refusal, &format!("{wrong}|{right}")), Ok(true));
        let unknown = "BlockException.INVALID_MOON_PHASE";
        for expected in [unknown.to_owned(), format!("{right}|{unknown}"), format!("{unknown}|{right}")] {
            assert_eq!(is_for(&refusal, &expected), Err(UnknownRule(unknown.to_owned())));
        }
        assert_eq!(is_for(&refusal, ""), Err(UnknownRule(String::new())));
    }
}

//! The rules of consensus that a block can break.

use alloy::primitives::{B256, U256};

/// The rule that a block breaks, with the numbers that show it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The time must be later than the parent's.
    #[error("the timestamp {actual} is not later than the parent's, {parent}")]
    Timestamp {
        /// The header's time, in seconds since 1970.
        actual: u64,
        /// The parent's time, in seconds since 1970.
        parent: u64,
    },
    /// The gas limit may change by less than a 1024th of the parent's (EIP-1559: of twice the parent's at London).
    #[error("the gas limit {actual} is not within a 1024th of {parent}, which the parent allows")]
    GasLimitStep {
        /// The header's gas limit.
        actual: u64,
        /// That of the parent, doubled at London's first block.
        parent: u64,
    },
    /// The gas limit is between 5,000 and 2^63-1.
    #[error("the gas limit {actual} is not between 5000 and 2^63-1")]
    GasLimitRange {
        /// The header's gas limit.
        actual: u64,
    },
    /// No block uses more gas than its limit.
    #[error("the header says that {used} gas were used, of a limit of {limit}")]
    GasUsed {
        /// The header's `gasUsed`.
        used: u64,
        /// The header's `gasLimit`.
        limit: u64,
    },
    /// Extra data have at most 32 bytes.
    #[error("the extra data have {bytes} bytes, more than 32")]
    ExtraDataTooLong {
        /// The length of the extra data.
        bytes: usize,
    },
    /// The DAO fork's first ten blocks carry its mark (EIP-779).
    #[error(
        "the extra data are not 'dao-hard-fork', as they must be in the first ten blocks of the DAO fork"
    )]
    DaoMark,
    /// The difficulty follows from the parent.
    #[error("the difficulty is {actual}, the parent asks for {expected}")]
    Difficulty {
        /// What the parent asks for.
        expected: U256,
        /// The header's difficulty.
        actual: U256,
    },
    /// Proof of work ends when its total difficulty reaches a value, and not before (EIP-3675).
    #[error(
        "the block is one of proof of {kind}, but the total difficulty before it is {total}, and proof of work ends at {terminal}"
    )]
    WrongSideOfTheMerge {
        /// What the block is one of: `work` or `stake`.
        kind: &'static str,
        /// Total difficulty up to and with the parent.
        total: U256,
        /// Where proof of work ends.
        terminal: U256,
    },
    /// A signature over a chain id is one from Spurious Dragon on (EIP-155).
    #[error("transaction {transaction} is signed for a chain id, which is not valid before Spurious Dragon")]
    EarlyChainId {
        /// Index in the block.
        transaction: usize,
    },
    /// Difficulty and nonce are zero after the merge (EIP-3675).
    #[error("a block of proof of stake has a nonce or a difficulty")]
    SealAfterTheMerge,
    /// The base fee follows from the parent (EIP-1559).
    #[error("the base fee is {actual} wei, the parent asks for {expected}")]
    BaseFee {
        /// What the parent asks for.
        expected: u64,
        /// The header's base fee, in wei.
        actual: u64,
    },
    /// A field of the header came with a fork, and is there from then on.
    #[error("the header has no {field}")]
    MissingField {
        /// The name of the missing field.
        field: &'static str,
    },
    /// A field of the header came with a fork that is not active.
    #[error("the header has a {field}, which came with a later fork")]
    EarlyField {
        /// The name of the early field.
        field: &'static str,
    },
    /// The excess blob gas follows from the parent (EIP-4844).
    #[error("the excess blob gas is {actual}, the parent asks for {expected}")]
    ExcessBlobGas {
        /// What the parent asks for.
        expected: u64,
        /// The header's `excessBlobGas`.
        actual: u64,
    },
    /// Blob gas used is a number of whole blobs, and no more than a block may have (EIP-4844).
    #[error("the blob gas used is {actual}, which is no number of whole blobs up to {most}")]
    BlobGasUsed {
        /// The header's `blobGasUsed`.
        actual: u64,
        /// The most that a block may use.
        most: u64,
    },
    /// A block is no larger than this from Osaka on (EIP-7934).
    #[error("the block has {bytes} bytes, more than {most}")]
    BlockTooLarge {
        /// The length of the block's RLP.
        bytes: usize,
        /// The most there may be.
        most: usize,
    },
    /// There are at most two ommers, and none after the merge.
    #[error("the block has {count} ommers, more than the {most} there may be")]
    TooManyOmmers {
        /// How many it has.
        count: usize,
        /// How many it may have.
        most: usize,
    },
    /// An ommer breaks a rule.
    #[error("ommer {index} ({hash}): {reason}")]
    Ommer {
        /// The position of the ommer in the block.
        index: usize,
        /// The hash of the ommer.
        hash: B256,
        /// What is wrong with it.
        reason: OmmerError,
    },
}

/// What is wrong with an ommer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OmmerError {
    /// The same ommer is in this block or in one before already.
    #[error("it is an ommer already")]
    Twice,
    /// The ommer is a block of the chain.
    #[error("it is a block of the chain")]
    Ancestor,
    /// The ommer is a child of the block's own parent, or of no block in the last seven.
    #[error("its parent {parent} is not between two and seven blocks back")]
    Parent {
        /// The hash of the block's parent.
        parent: B256,
    },
    /// The number is not one more than the parent's.
    #[error("its number is {actual}, its parent's is followed by {expected}")]
    Number {
        /// The parent's number plus one.
        expected: u64,
        /// The number in the header.
        actual: u64,
    },
    /// Its header breaks a rule.
    #[error("{0}")]
    Header(Box<RuleError>),
}

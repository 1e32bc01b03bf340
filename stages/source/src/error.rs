//! What can go wrong with chain files, with the coordinates of where it did.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use alloy::consensus::crypto::RecoveryError;
use alloy::eips::eip7928::BlockAccessListValidationError;
use alloy::primitives::{Address, B256, U256, hex};
use blockmill_chain::{BlockRange, ForkError, RuleError};

use crate::checksums::{CHECKSUMS_BY_ERA, CHECKSUMS_WITH_NAMES};
use crate::genesis::GenesisError;
use crate::kind::FileKind;

/// Where in the input something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePlace {
    /// The path of the file.
    pub file: PathBuf,
    /// Byte offset in it; in a gzip file, in what it unpacks to.
    pub offset: Option<u64>,
    /// The number of the block there, where it is known.
    pub block: Option<u64>,
}

impl FilePlace {
    /// A place that is the whole file.
    pub(crate) fn file(file: &Path) -> Box<Self> {
        Box::new(Self { file: file.into(), offset: None, block: None })
    }

    /// A file that holds this one block.
    pub(crate) fn only_block(file: &Path, block: u64) -> Box<Self> {
        Box::new(Self { file: file.into(), offset: None, block: Some(block) })
    }

    /// A byte in a file.
    pub(crate) fn byte(file: &Path, offset: u64) -> Box<Self> {
        Box::new(Self { file: file.into(), offset: Some(offset), block: None })
    }

    /// A byte in a file, in a known block.
    pub(crate) fn block(file: &Path, offset: u64, block: u64) -> Box<Self> {
        Box::new(Self { file: file.into(), offset: Some(offset), block: Some(block) })
    }
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        let unpacked = self.file.extension().is_some_and(|ending| ending == "gz");
        match self.offset {
            Some(offset) if unpacked => write!(f, ", unpacked byte {offset}")?,
            Some(offset) => write!(f, ", byte {offset}")?,
            None => {}
        }
        self.block.map_or(Ok(()), |block| write!(f, ", block {block}"))
    }
}

/// A hash that was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// The header's hash against what the file says it is.
    BlockHash,
    /// The header's parent hash against the block before.
    ParentHash,
    /// The root of the transactions against the header.
    TransactionsRoot,
    /// The hash of the ommers against the header.
    OmmersHash,
    /// The root of the withdrawals against the header (EIP-4895).
    WithdrawalsRoot,
    /// The root of the file's receipts against the header.
    ReceiptsRoot,
    /// The hash of the file's block access list against the header (EIP-7928).
    AccessListHash,
    /// The root over an era1 file's blocks against what the file says it is.
    Accumulator,
    /// A transaction's hash against what the file says it is.
    TransactionHash,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BlockHash => "block hash",
            Self::ParentHash => "parent hash",
            Self::TransactionsRoot => "transactions root",
            Self::OmmersHash => "ommers hash",
            Self::WithdrawalsRoot => "withdrawals root",
            Self::ReceiptsRoot => "receipts root",
            Self::AccessListHash => "block access list hash",
            Self::Accumulator => "accumulator",
            Self::TransactionHash => "transaction hash",
        })
    }
}

/// Why a source cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No path was given.
    #[error("no source given: name an era1 or ere file, an RLP export, a witness file, or a folder of them")]
    NoPaths,
    /// The operating system refused to open or read a file.
    #[error("{place}: {source}; check the path and that you may read it")]
    Io {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// The operating system's error.
        source: io::Error,
    },
    /// A folder without any file that could be read.
    #[error(
        "{} holds no chain files: expected names ending in .era1, .ere, .erae, .rlp, .rlp.gz, .gz, .json or .json.gz (witness files)",
        .folder.display()
    )]
    EmptyFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// A named file that is nothing this program reads.
    #[error(
        "{} is neither an era1 or ere file, nor an RLP export, nor a witness file (a .gz may hold either of the last two)",
        .file.display()
    )]
    UnknownKind {
        /// The file.
        file: PathBuf,
    },
    /// The name promises something that the first bytes are not.
    #[error("{} is named like {named}, but its first bytes are not: it is damaged, incomplete or misnamed", .file.display())]
    WrongKind {
        /// The file.
        file: PathBuf,
        /// What the name promises.
        named: FileKind,
    },
    /// Chain files and witness files together.
    #[error(
        "{} is a chain file and {} a witness file: read them in separate runs",
        .chain.display(), .witness.display()
    )]
    MixedKinds {
        /// One of the chain files.
        chain: PathBuf,
        /// One of the witness files.
        witness: PathBuf,
    },
    /// Blocks are missing between two files.
    #[error(
        "blocks {missing} are missing between {} and {}: add the files that hold them",
        .before.display(), .after.display()
    )]
    Gap {
        /// The file before the gap.
        before: PathBuf,
        /// The file after the gap.
        after: PathBuf,
        /// What is missing, the end exclusive.
        missing: BlockRange,
    },
    /// Two blocks have the same number.
    #[error(
        "block {block} is {first_hash} in {first} and {second_hash} in {second}: equal blocks are taken once, these are of \
         different chains or branches; leave one of the files out"
    )]
    DifferentBlocks {
        /// The number that both have.
        block: u64,
        /// Where one of them is.
        first: Box<FilePlace>,
        /// The hash of the block at `first`.
        first_hash: B256,
        /// Where the other one is.
        second: Box<FilePlace>,
        /// The hash of the block at `second`.
        second_hash: B256,
    },
    /// The files begin with another genesis than the chain's.
    #[error(
        "{place}: this file is of a chain with another genesis: {} {actual}, {chain} starts with {expected}",
        if place.block == Some(0) { "its block 0 is" } else { "its block 1 follows" }
    )]
    OtherGenesis {
        /// The block that shows it.
        place: Box<FilePlace>,
        /// The name of the chain that was asked for.
        chain: String,
        /// The hash of its genesis.
        expected: B256,
        /// The genesis hash that the file implies.
        actual: B256,
    },
    /// A genesis file that this program cannot use.
    #[error("{}: {source}", .file.display())]
    Genesis {
        /// The file.
        file: PathBuf,
        /// Why the genesis file is refused.
        source: GenesisError,
    },
    /// Something that a chain may have, and this program has no room for.
    #[error("{place}: {what}, which is not supported by Blockmill; the file may well be whole")]
    Unsupported {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// The value that is too large, with the limit.
        what: String,
    },
    /// A block was asked for that no file holds.
    #[error("block {block} is not in the source, which holds {available} (the end is exclusive)")]
    OutOfRange {
        /// The number of the block that was asked for.
        block: u64,
        /// The blocks that the source holds.
        available: BlockRange,
    },
    /// A container or a field is not as its format prescribes.
    #[error("{place}: {problem}; the file is damaged or incomplete: fetch it again")]
    Format {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// What is wrong, with the values found.
        problem: String,
    },
    /// Compressed data cannot be unpacked: its length or checksum is wrong.
    #[error("{place}: cannot unpack {what}: {source}; the file is damaged or incomplete: fetch it again")]
    Unpack {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// What was to be unpacked.
        what: &'static str,
        /// The decoder's error.
        source: io::Error,
    },
    /// Something is larger than anything known, so that it was not read into memory.
    #[error(
        "{place}: {what} is larger than {limit_bytes} bytes, the most that Blockmill supports, and than anything known: most \
         likely the file is damaged or hostile"
    )]
    TooLarge {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// What is too large, in words.
        what: &'static str,
        /// The most that is read.
        limit_bytes: u64,
    },
    /// Bytes are not the RLP of what should be there.
    #[error("{place}: {what} cannot be decoded: {source}; the file is damaged: fetch it again")]
    Rlp {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// What was to be decoded.
        what: &'static str,
        /// The decoder's error.
        source: alloy_rlp::Error,
    },
    /// A file is not the JSON of what should be there.
    #[error("{place}: not {what}: {source}; the file is damaged, incomplete, or something else")]
    Json {
        /// The file; serde_json's message has line and column.
        place: Box<FilePlace>,
        /// What was to be read.
        what: &'static str,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// A dump of the state that does not have all of it.
    #[error("{}: {problem}", .file.display())]
    Dump {
        /// The file.
        file: PathBuf,
        /// What is missing, and what to do.
        problem: String,
    },
    /// A hash or root is not what it must be.
    #[error(
        "{place}: the {checked} is {actual}, it should be {expected}; the file is damaged, altered or of another chain: \
         fetch it again or leave it out"
    )]
    Mismatch {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// What was compared.
        checked: Checked,
        /// The value that it must have: that of the header, or for the accumulator that of the headers.
        expected: B256,
        /// The value that it has: that of the body or the receipts, or for the accumulator that in the file.
        actual: B256,
    },
    /// A file is not the one that a list of checksums was made of.
    #[error(
        "{}: its SHA-256 is {}, {} says {}; the file is damaged or another one: fetch it again",
        .file.display(), hex::encode(.found), .list.display(), hex::encode(.expected)
    )]
    Checksum {
        /// The file.
        file: PathBuf,
        /// The list.
        list: PathBuf,
        /// The hash in the list.
        expected: B256,
        /// The hash of the file.
        found: B256,
    },
    /// A file whose checksum is to be verified and is not known.
    #[error(
        "{} is in no list of checksums: {CHECKSUMS_WITH_NAMES} beside it would have its name, {CHECKSUMS_BY_ERA} a line for its \
         era",
        .file.display()
    )]
    NoChecksum {
        /// The file.
        file: PathBuf,
    },
    /// A list of checksums has something else on a line.
    #[error("{}, line {line}: not {what}; fetch the list again", .list.display())]
    ChecksumList {
        /// The list.
        list: PathBuf,
        /// The number of the line; the first is 1.
        line: usize,
        /// What should be there.
        what: &'static str,
    },
    /// A rule of consensus is broken that needs no execution.
    #[error(
        "{place}: {source}; no valid chain has this block: the file is altered, or of a chain with other rules"
    )]
    Rule {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// The broken rule, with the numbers that show it.
        source: Box<RuleError>,
    },
    /// A block access list that its header commits to is not one that consensus allows.
    #[error(
        "{place}: {source}; no valid chain has this block: the file is altered, or of a chain with other rules"
    )]
    AccessList {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// What is wrong with it.
        source: BlockAccessListValidationError,
    },
    /// A block under the rules of a fork that this build does not execute.
    #[error("{place}: {source}")]
    Fork {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// The fork, and why it is not executed.
        source: Box<ForkError>,
    },
    /// A header promises withdrawals that the body lacks, or the other way round.
    #[error(
        "{place}: only one of header and body has withdrawals; the file is damaged or altered: fetch it again"
    )]
    WithdrawalsPresence {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
    },
    /// A block does not follow the one before.
    #[error(
        "{place}: the block has number {actual}, {expected} should follow; the file is damaged or misses blocks"
    )]
    BlockNumber {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// The number after the one before.
        expected: u64,
        /// The number in the header.
        actual: u64,
    },
    /// The total difficulty is not the sum of the difficulties.
    #[error(
        "{place}: the total difficulty is {actual}, the difficulties add up to {expected}; fetch the file again"
    )]
    TotalDifficulty {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// The sum; boxed, as is the other, because errors travel in every result.
        expected: Box<U256>,
        /// What the file says.
        actual: Box<U256>,
    },
    /// A signature that no key can have made, or that EIP-2 forbids.
    #[error("{place}, transaction {transaction}: no sender can be recovered from the signature: {source}")]
    Signature {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// Index of the transaction in the block.
        transaction: usize,
        /// Why recovery failed.
        source: RecoveryError,
    },
    /// The file names another sender than the signature gives.
    #[error(
        "{place}, transaction {transaction}: the signature gives the sender {recovered}, the file says {written}"
    )]
    Sender {
        /// The file, and the offset and block in it where they are known.
        place: Box<FilePlace>,
        /// Index of the transaction in the block.
        transaction: usize,
        /// The sender that the signature gives.
        recovered: Address,
        /// The sender that the file names.
        written: Address,
    },
}

impl SourceError {
    /// Whether the chain data did not verify, in contrast to a refusal of the system or a wrong choice of files.
    pub fn is_verification(&self) -> bool {
        match self {
            Self::NoPaths
            | Self::Io { .. }
            | Self::EmptyFolder { .. }
            | Self::UnknownKind { .. }
            | Self::MixedKinds { .. }
            | Self::Gap { .. }
            | Self::DifferentBlocks { .. }
            | Self::Genesis { .. }
            | Self::Unsupported { .. }
            | Self::OutOfRange { .. }
            | Self::Dump { .. }
            | Self::NoChecksum { .. }
            | Self::ChecksumList { .. }
            | Self::Fork { .. } => false,
            Self::WrongKind { .. }
            | Self::Format { .. }
            | Self::Unpack { .. }
            | Self::TooLarge { .. }
            | Self::Rlp { .. }
            | Self::Json { .. }
            | Self::Mismatch { .. }
            | Self::Checksum { .. }
            | Self::OtherGenesis { .. }
            | Self::Rule { .. }
            | Self::AccessList { .. }
            | Self::WithdrawalsPresence { .. }
            | Self::BlockNumber { .. }
            | Self::TotalDifficulty { .. }
            | Self::Signature { .. }
            | Self::Sender { .. } => true,
        }
    }

    /// File, offset and block, where the error is about a place in a file.
    pub fn place(&self) -> Option<&FilePlace> {
        match self {
            Self::Io { place, .. }
            | Self::Format { place, .. }
            | Self::Unpack { place, .. }
            | Self::TooLarge { place, .. }
            | Self::Rlp { place, .. }
            | Self::Json { place, .. }
            | Self::Mismatch { place, .. }
            | Self::Rule { place, .. }
            | Self::AccessList { place, .. }
            | Self::Fork { place, .. }
            | Self::OtherGenesis { place, .. }
            | Self::Unsupported { place, .. }
            | Self::DifferentBlocks { second: place, .. }
            | Self::WithdrawalsPresence { place }
            | Self::BlockNumber { place, .. }
            | Self::TotalDifficulty { place, .. }
            | Self::Signature { place, .. }
            | Self::Sender { place, .. } => Some(place),
            _ => None,
        }
    }

    /// The file or folder that the error is about.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::EmptyFolder { folder: path }
            | Self::UnknownKind { file: path }
            | Self::WrongKind { file: path, .. }
            | Self::Checksum { file: path, .. }
            | Self::NoChecksum { file: path }
            | Self::Dump { file: path, .. }
            | Self::ChecksumList { list: path, .. }
            | Self::MixedKinds { witness: path, .. }
            | Self::Gap { after: path, .. }
            | Self::Genesis { file: path, .. } => Some(path),
            _ => self.place().map(|place| place.file.as_path()),
        }
    }

    pub(crate) fn io(file: &Path, source: io::Error) -> Self {
        Self::Io { place: FilePlace::file(file), source }
    }

    /// A failed read through a decompressor: the system's refusal, or data that cannot be unpacked.
    pub(crate) fn unpack(place: Box<FilePlace>, what: &'static str, source: io::Error) -> Self {
        match source.raw_os_error() {
            Some(_) => Self::Io { place, source },
            None => Self::Unpack { place, what, source },
        }
    }
}

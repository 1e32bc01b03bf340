//! What a state differs in from the one in a file.

use std::fmt;
use std::path::PathBuf;

use alloy::primitives::{Address, B256, U256};
use blockmill_source::SourceError;
use blockmill_store::StoreError;
use blockmill_trie::TrieError;

/// Differences named in an error.
const NAMED_DIFFERENCES: usize = 5;

/// In place of an account that does not exist.
pub(super) const NONE: &str = "none";

/// What came of looking at the file with the state that a wrong root should have led to.
#[derive(Debug)]
pub(crate) struct Compared {
    /// The file.
    pub(super) file: PathBuf,
    /// What was found.
    pub(super) outcome: Outcome,
}

#[derive(Debug)]
pub(super) enum Outcome {
    /// It is the state behind another block.
    AnotherBlock { root: B256 },
    /// It is this block's.
    Differs(Differences),
    /// It could not be compared.
    Failed(CompareError),
}

/// Why states could not be compared.
#[derive(Debug, thiserror::Error)]
pub(super) enum CompareError {
    #[error("{0}")]
    File(#[from] SourceError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Trie(#[from] TrieError),
    #[error("the state that execution arrived at could not be made once more")]
    NotArrived,
    #[error("the run was interrupted")]
    Cancelled,
}

/// How many differences there are, and the first of them.
#[derive(Debug, Default)]
pub(super) struct Differences {
    count: u64,
    named: Vec<Difference>,
}

/// One value that is not what it should be.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) account: Name<Address>,
    pub(super) field: Field,
    /// In the file.
    pub(super) expected: String,
    /// Where execution arrived.
    pub(super) actual: String,
}

/// Something by its own name, or by the hash that it is known under.
#[derive(Debug, Clone, Copy)]
pub(super) enum Name<T> {
    Known(T),
    Hashed(B256),
}

/// What differs of an account.
#[derive(Debug, Clone, Copy)]
pub(super) enum Field {
    /// One of the two has no such account.
    Existence,
    Nonce,
    Balance,
    CodeHash,
    /// Of its storage no more is known than the root.
    StorageRoot,
    Slot(Name<U256>),
}

impl Differences {
    /// Counts a difference; `name` is asked for it if it is one of the first.
    pub(super) fn add<E>(&mut self, name: impl FnOnce() -> Result<Difference, E>) -> Result<(), E> {
        self.count += 1;
        if self.named.len() < NAMED_DIFFERENCES {
            self.named.push(name()?);
        }
        Ok(())
    }

    /// Counts differences that have no name.
    pub(super) fn add_unnamed(&mut self, count: u64) {
        self.count += count;
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        match &self.outcome {
            Outcome::AnotherBlock { root } => write!(f, "{file} is the state of another block (root {root})"),
            Outcome::Differs(differences) => write!(f, "compared with {file}: {differences}"),
            Outcome::Failed(error) => write!(f, "it could not be compared with {file}: {error}"),
        }
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            0 => return f.write_str("no difference, so the file is not whole"),
            1 => f.write_str("1 difference")?,
            count => write!(f, "{count} differences")?,
        }
        for (at, difference) in self.named.iter().enumerate() {
            write!(f, "{}{difference}", if at == 0 { ": " } else { ", " })?;
        }
        match self.count - self.named.len() as u64 {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, field, expected, actual } = self;
        match field {
            Field::Existence => write!(f, "account {account}")?,
            Field::Nonce => write!(f, "nonce of {account}")?,
            Field::Balance => write!(f, "balance of {account}")?,
            Field::CodeHash => write!(f, "code hash of {account}")?,
            Field::StorageRoot => write!(f, "storage root of {account}")?,
            Field::Slot(Name::Known(slot)) => write!(f, "slot {slot:#x} of {account}")?,
            Field::Slot(slot) => write!(f, "slot {slot} of {account}")?,
        }
        write!(f, " (expected {expected}, actual {actual})")
    }
}

impl<T: fmt::Display> fmt::Display for Name<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(name) => name.fmt(f),
            Self::Hashed(hash) => write!(f, "with the hash {hash}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_five_differences_are_named_and_all_are_counted() {
        let mut differences = Differences::default();
        for nonce in 0..7 {
            let account = Name::Known(Address::ZERO);
            let field = if nonce == 1 { Field::Slot(Name::Known(U256::from(31))) } else { Field::Nonce };
            let (expected, actual) = (nonce.to_string(), "9".to_owned());
            differences.add(|| Ok::<_, StoreError>(Difference { account, field, expected, actual })).unwrap();
        }
        differences.add_unnamed(3);
        let text = differences.to_string();
        assert!(text.starts_with("10 differences: nonce of 0x0000"), "{text}");
        assert!(
            text.contains("slot 0x1f of 0x0000000000000000000000000000000000000000 (expected 1, actual 9),")
        );
        assert!(text.ends_with("(expected 4, actual 9) and 5 more"), "{text}");
    }
}

//! Contract code, found by its hash.

use alloy::primitives::{B256, Bytes};

/// Where code is looked up; content-addressed, so any source will do and the answer never changes.
pub trait CodeSource {
    /// Why a look-up failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The code with this hash, or `None` where the source does not have it.
    fn code(&self, hash: B256) -> Result<Option<Bytes>, Self::Error>;
}

impl<T: CodeSource + ?Sized> CodeSource for &T {
    type Error = T::Error;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, T::Error> {
        (**self).code(hash)
    }
}

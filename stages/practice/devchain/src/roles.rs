//! Keys with a purpose of their own; ordinary accounts come after them.

/// An index into all keys.
pub(crate) type KeyId = usize;

/// Deploys the contracts that all accounts use.
pub(crate) const DEPLOYER: KeyId = 0;

/// Deploys the deposit contract and nothing else, so that the genesis file can name its address.
pub(crate) const DEPOSITS_DEPLOYER: KeyId = 1;

/// Posts the batches of a rollup.
pub(crate) const SEQUENCER: KeyId = 2;

/// Deploys the contracts of storms.
pub(crate) const STORM_DEPLOYER: KeyId = 3;

/// How many there are.
pub(crate) const ROLES: usize = 4;

//! Locks in a program in which a panic ends the run.

use std::sync::{LockResult, PoisonError};

/// What a lock guards, also where a thread has panicked while it held it.
///
/// Nothing of it gets to the disk as if nothing had happened: threads run in scopes, which pass the panic on
/// at their end and so end the run. Until then the others have to come to their end too, and to say what they
/// know; and what a lock guards here is whole after every change. Rows and checkpoints are guarded by
/// transactions, not by locks.
pub fn unpoisoned<T>(locked: LockResult<T>) -> T {
    locked.unwrap_or_else(PoisonError::into_inner)
}

//! The store through its public doors.

#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

mod blocks;
mod change_sets;
mod crash;
mod damage;
mod folder;
mod reading;
mod samples;
mod state;
mod trie;
mod witnesses;

//! The whole path, from chain files to tables, through the library's and the binary's public doors.
//!
//! One binary: each links both engines. Tests that need the public vectors say so and pass where they are missing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access_lists;
mod any_way;
mod archives;
mod bad_input;
mod bit_flips;
mod chains;
mod closed_disk;
mod consensus;
mod crash_points;
mod crosscheck;
mod devchain;
mod examples;
mod extremes;
mod full_disk;
mod harness;
mod interruption;
mod last_state;
mod loaded_state;
mod memory;
mod resources;
mod retracing;
mod rpc_answers;
mod stored_state;
mod system_calls;
mod tries;
mod unwinding;
mod verifying;
mod witness_files;

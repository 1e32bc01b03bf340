//! A block with its prestate, in JSON.
#![no_main]

use blockmill_fuzz::{as_file, read_blocks};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| as_file("1.json", bytes, read_blocks));

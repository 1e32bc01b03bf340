//! An ere file as it comes.
#![no_main]

use blockmill_fuzz::{as_file, read_blocks};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| as_file("x.ere", bytes, read_blocks));

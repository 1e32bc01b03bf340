//! A gzipped RLP export: what unpacks to gigabytes is among them.
#![no_main]

use blockmill_fuzz::{as_file, read_blocks};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| as_file("x.rlp.gz", bytes, read_blocks));

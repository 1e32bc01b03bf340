//! A genesis file, in JSON.
#![no_main]

use blockmill_fuzz::as_file;
use blockmill_source::read_genesis;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| as_file("genesis.json", bytes, read_genesis));

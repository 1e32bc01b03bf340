//! A dump of a state, in JSON.
#![no_main]

use std::path::Path;

use blockmill_fuzz::as_file;
use blockmill_source::{HeadState, SourceError};
use libfuzzer_sys::fuzz_target;

fn read(path: &Path) -> Result<(), SourceError> {
    HeadState::open(path)?.read(&mut |_| Ok::<_, SourceError>(())).map(drop)
}

fuzz_target!(|bytes: &[u8]| as_file("headstate.json", bytes, read));

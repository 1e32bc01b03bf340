//! A dump of a whole state as it comes.
#![no_main]

use blockmill_fuzz::{as_file, scratch};
use blockmill_source::{DumpError, read_state_dump};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| as_file("state.jsonl", bytes, |path| {
    let folder = scratch("waiting").with_file_name("");
    match read_state_dump(path, &folder, &mut |_| Ok(())) {
        Err(DumpError::File(error)) => Err(error),
        Err(DumpError::Refused(refused)) => unreachable!("nothing refuses: {refused}"),
        Ok(()) => Ok(()),
    }
}));

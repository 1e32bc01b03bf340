//! Lists of checksums as they come, for a file that they may name.
#![no_main]

use blockmill_fuzz::{as_file, scratch};
use blockmill_source::{CHECKSUMS_BY_ERA, CHECKSUMS_WITH_NAMES, Checksums};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for list in [CHECKSUMS_WITH_NAMES, CHECKSUMS_BY_ERA] {
        as_file(list, bytes, |_| {
            let file = scratch("x-00001-00000000.ere");
            std::fs::write(&file, "abc").expect("the folder for temporary files can be written");
            Checksums::default().verify(&file, &mut |_| ())
        });
        std::fs::remove_file(scratch(list)).expect("it was just written");
    }
});

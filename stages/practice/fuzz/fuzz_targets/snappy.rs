//! Snappy frames as the header, the body and the receipts of the one block of an era1 file whose container is in order.
#![no_main]

use blockmill_fuzz::{as_file, read_blocks};
use libfuzzer_sys::fuzz_target;

/// Types of entries: <https://github.com/eth-clients/e2store-format-specs/blob/main/formats/era1.md>.
const VERSION: u16 = 0x3265;
const COMPRESSED_HEADER: u16 = 3;
const COMPRESSED_BODY: u16 = 4;
const COMPRESSED_RECEIPTS: u16 = 5;
const TOTAL_DIFFICULTY: u16 = 6;
const ACCUMULATOR: u16 = 7;
const BLOCK_INDEX: u16 = 0x3266;

fn append(file: &mut Vec<u8>, kind: u16, data: &[u8]) {
    file.extend(kind.to_le_bytes());
    file.extend((data.len() as u32).to_le_bytes());
    file.extend([0, 0]);
    file.extend(data);
}

fuzz_target!(|frames: &[u8]| {
    let mut file = Vec::new();
    append(&mut file, VERSION, &[]);
    let block = file.len() as i64;
    for kind in [COMPRESSED_HEADER, COMPRESSED_BODY, COMPRESSED_RECEIPTS] {
        append(&mut file, kind, frames);
    }
    append(&mut file, TOTAL_DIFFICULTY, &[0; 32]);
    append(&mut file, ACCUMULATOR, &[0; 32]);
    // The first block, where it is as seen from here, and how many there are.
    let index = [0, block - file.len() as i64, 1].map(i64::to_le_bytes).concat();
    append(&mut file, BLOCK_INDEX, &index);
    as_file("x.era1", &file, read_blocks);
});

//! What a revert says: the two errors that Solidity knows by itself, `Error(string)` and `Panic(uint256)`.

use alloy::primitives::U256;

/// keccak256 of `Error(string)`, first four bytes.
const ERROR_SELECTOR: [u8; 4] = [0x08, 0xc3, 0x79, 0xa0];
/// keccak256 of `Panic(uint256)`, first four bytes.
const PANIC_SELECTOR: [u8; 4] = [0x4e, 0x48, 0x7b, 0x71];

/// The text of a revert, as geth's callTracer decodes it; `None` where there is none.
pub(crate) fn revert_reason(output: &[u8]) -> Option<String> {
    let (selector, arguments) = output.split_first_chunk()?;
    let reason = match *selector {
        ERROR_SELECTOR => String::from_utf8_lossy(error_text(arguments)?).into_owned(),
        PANIC_SELECTOR => panic_text(word(arguments, 0)?),
        _ => return None,
    };
    (!reason.is_empty()).then_some(reason)
}

/// One argument of type `string`: the offset of its length, the length, the bytes.
fn error_text(arguments: &[u8]) -> Option<&[u8]> {
    let offset = usize::try_from(word(arguments, 0)?).ok()?;
    let length = usize::try_from(word(arguments, offset)?).ok()?;
    arguments.get(offset.checked_add(32)?..)?.get(..length)
}

fn word(bytes: &[u8], at: usize) -> Option<U256> {
    bytes.get(at..)?.first_chunk().map(|word| U256::from_be_bytes::<32>(*word))
}

/// The codes of the Solidity documentation, in geth's words.
fn panic_text(code: U256) -> String {
    let known = match u8::try_from(code) {
        Ok(0x00) => "generic panic",
        Ok(0x01) => "assert(false)",
        Ok(0x11) => "arithmetic underflow or overflow",
        Ok(0x12) => "division or modulo by zero",
        Ok(0x21) => "enum overflow",
        Ok(0x22) => "invalid encoded storage byte array accessed",
        Ok(0x31) => "out-of-bounds array access; popping on an empty array",
        Ok(0x32) => "out-of-bounds access of an array or bytesN",
        Ok(0x41) => "out of memory",
        Ok(0x51) => "uninitialized function",
        _ => return format!("unknown panic code: {code:#x}"),
    };
    known.into()
}

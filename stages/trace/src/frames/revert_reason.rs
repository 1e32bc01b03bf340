//! What a revert says: the two errors that Solidity knows by itself, `Error(string)` and `Panic(uint256)`.

use alloy::primitives::U256;
use blockmill_schemas::rows::MOST_BYTES_IN_PLACE;

/// keccak256 of `Error(string)`, first four bytes.
const ERROR_SELECTOR: [u8; 4] = [0x08, 0xc3, 0x79, 0xa0];
/// keccak256 of `Panic(uint256)`, first four bytes.
const PANIC_SELECTOR: [u8; 4] = [0x4e, 0x48, 0x7b, 0x71];

/// The text of a revert, as geth's callTracer decodes it; `None` where there is none, and where it does not fit into a row.
pub(crate) fn revert_reason(output: &[u8]) -> Option<String> {
    let (selector, arguments) = output.split_first_chunk()?;
    let reason = match *selector {
        ERROR_SELECTOR => String::from_utf8_lossy(error_text(arguments)?).into_owned(),
        PANIC_SELECTOR => panic_text(word(arguments, 0)?),
        _ => return None,
    };
    (1..=MOST_BYTES_IN_PLACE).contains(&reason.len()).then_some(reason)
}

/// One argument of type `string`: the offset of its length, the length, the bytes.
fn error_text(arguments: &[u8]) -> Option<&[u8]> {
    let offset = usize::try_from(word(arguments, 0)?).ok()?;
    let length = usize::try_from(word(arguments, offset)?).ok()?;
    // Checked before decoding: it may be megabytes.
    arguments.get(offset.checked_add(32)?..)?.get(..length).filter(|text| text.len() <= MOST_BYTES_IN_PLACE)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(selector: [u8; 4], words: &[u64]) -> Vec<u8> {
        let words = words.iter().flat_map(|word| U256::from(*word).to_be_bytes::<32>());
        selector.into_iter().chain(words).collect()
    }

    #[test]
    fn texts_and_panics_are_decoded() {
        let mut text = words(ERROR_SELECTOR, &[32, 5]);
        text.extend(b"enemy, padded with zeroes\0\0");
        assert_eq!(revert_reason(&text).as_deref(), Some("enemy"));
        let overflow = revert_reason(&words(PANIC_SELECTOR, &[0x11]));
        assert_eq!(overflow.as_deref(), Some("arithmetic underflow or overflow"));
        let unknown = revert_reason(&words(PANIC_SELECTOR, &[0x4711]));
        assert_eq!(unknown.as_deref(), Some("unknown panic code: 0x4711"));
    }

    #[test]
    fn what_says_nothing_has_no_reason() {
        assert_eq!(revert_reason(&[]), None);
        assert_eq!(revert_reason(&ERROR_SELECTOR), None);
        assert_eq!(revert_reason(&words(ERROR_SELECTOR, &[32, 0])), None, "an empty text");
        assert_eq!(revert_reason(&words(ERROR_SELECTOR, &[32, 1])), None, "a text longer than the data");
        assert_eq!(revert_reason(&words(ERROR_SELECTOR, &[u64::MAX, 1])), None, "an offset beyond the data");
        assert_eq!(revert_reason(&words([1, 2, 3, 4], &[32, 0])), None, "an error of the contract's own");
    }

    proptest! {
        #[test]
        fn no_output_makes_it_panic(selector in prop_oneof![Just(ERROR_SELECTOR), Just(PANIC_SELECTOR)], rest: Vec<u8>) {
            let _ = revert_reason(&[&selector[..], &rest].concat());
        }
    }
}

//! What the functions of tokens return, read as [the ABI](https://docs.soliditylang.org/en/latest/abi-spec.html) says and as
//! contracts that do not follow it mean.

use alloy::primitives::U256;

/// A word of the ABI.
const WORD: usize = 32;
/// A longer text is no name: it bounds what a page of tokens takes.
const MAX_TEXT_BYTES: usize = 4_096;

/// A `string`, or the `bytes32` that tokens returned before the standard had settled.
pub(crate) fn text(returned: &[u8]) -> Option<String> {
    if returned.len() == WORD {
        return fixed_text(returned);
    }
    let start = index(returned, 0)?;
    let bytes = index(returned, start)?;
    let start = start.checked_add(WORD)?;
    let text = returned.get(start..start.checked_add(bytes)?).filter(|text| text.len() <= MAX_TEXT_BYTES)?;
    Some(String::from_utf8_lossy(text).replace('\0', ""))
}

/// Text padded with zeros at the end. Anything else is no name: a number, or what a fallback returns.
fn fixed_text(word: &[u8]) -> Option<String> {
    let end = word.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let text = &word[..end];
    if text.contains(&0) { None } else { String::from_utf8(text.to_vec()).ok() }
}

/// The answer as a `uint256`.
pub(crate) fn number(returned: &[u8]) -> Option<U256> {
    word(returned, 0)
}

/// The answer as a `uint8`.
pub(crate) fn small_number(returned: &[u8]) -> Option<u8> {
    number(returned)?.try_into().ok()
}

/// Whether the answer is the `bool` true.
pub(crate) fn is_true(returned: &[u8]) -> bool {
    number(returned) == Some(U256::ONE)
}

fn word(returned: &[u8], at: usize) -> Option<U256> {
    Some(U256::from_be_slice(returned.get(at..at.checked_add(WORD)?)?))
}

/// An offset or a length.
fn index(returned: &[u8], at: usize) -> Option<usize> {
    word(returned, at)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use alloy::sol_types::SolValue;
    use proptest::prelude::*;

    use super::*;

    fn fixed(text: &[u8]) -> [u8; 32] {
        let mut word = [0; 32];
        word[..text.len()].copy_from_slice(text);
        word
    }

    #[test]
    fn names_are_strings_or_bytes32() {
        assert_eq!(text(&"Maker".to_owned().abi_encode()), Some("Maker".into()));
        assert_eq!(text(&String::new().abi_encode()), Some(String::new()));
        assert_eq!(text(&fixed(b"Maker")), Some("Maker".into()));
        assert_eq!(text(&fixed("Zürich".as_bytes())), Some("Zürich".into()));
        assert_eq!(text(&[b'x'; 32]), Some("x".repeat(32)));
    }

    #[test]
    fn what_is_no_name_is_none() {
        assert_eq!(text(&[]), None, "a destroyed contract");
        assert_eq!(text(&U256::from(1).to_be_bytes::<32>()), None, "a fallback that returns true");
        assert_eq!(text(&fixed(&[0xff, 0xfe])), None);
        assert_eq!(text(&"x".repeat(MAX_TEXT_BYTES + 1).abi_encode()), None);
        assert!(text(&"x".repeat(MAX_TEXT_BYTES).abi_encode()).is_some());
        let mut cut = "Maker".to_owned().abi_encode();
        cut.truncate(66);
        assert_eq!(text(&cut), None);
    }

    #[test]
    fn a_string_keeps_what_can_be_shown() {
        assert_eq!(text(&b"a\0b\xff".to_vec().abi_encode()), Some("ab\u{fffd}".into()));
    }

    #[test]
    fn numbers_are_their_first_word() {
        assert_eq!(number(&U256::MAX.to_be_bytes::<32>()), Some(U256::MAX));
        assert_eq!(number(&[1; 31]), None);
        assert_eq!(small_number(&U256::from(255).to_be_bytes::<32>()), Some(255));
        assert_eq!(small_number(&U256::from(256).to_be_bytes::<32>()), None);
        assert!(is_true(&true.abi_encode()) && !is_true(&false.abi_encode()) && !is_true(&[]));
        assert!(!is_true(&U256::from(2).to_be_bytes::<32>()));
    }

    proptest! {
        #[test]
        fn anything_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..200), offset in 0u64..300, length: u64) {
            let _ = text(&bytes);
            let words = [U256::from(offset), U256::from(length), U256::MAX];
            let mut hostile: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes::<32>()).collect();
            hostile.extend(bytes);
            let _ = text(&hostile);
        }

        #[test]
        fn any_short_string_comes_back(name in "[^\0]{0,80}") {
            prop_assert_eq!(text(&name.abi_encode()), Some(name));
        }
    }
}

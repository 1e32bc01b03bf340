//! A signature of an event, an error or a function: what it is called by in topics, in revert data and in calls.

use alloy::json_abi::{Event, Function};
use alloy::primitives::{hex, keccak256};

use super::CommandError;
use crate::text::fields;

/// Bytes of a selector.
const SELECTOR_BYTES: usize = 4;

/// The lines of a signature.
pub(super) fn show(text: &str) -> Result<Vec<String>, CommandError> {
    let bad = |reason: String| CommandError::NoSignature { text: text.into(), reason };
    let signature = canonical(text).map_err(bad)?;
    let hash = keccak256(&signature);
    Ok(fields(&[
        ("signature", signature),
        ("topic0 of the event", hash.to_string()),
        ("selector of the function or error", hex::encode_prefixed(&hash[..SELECTOR_BYTES])),
    ]))
}

/// The form that is hashed: the name and the types, aliases written out, without names, `indexed` and results.
fn canonical(text: &str) -> Result<String, String> {
    let as_event = Event::parse(text).map(|event| event.signature());
    let signature = as_event.or_else(|_| Function::parse(text).map(|function| function.signature()));
    let signature = signature.map_err(|error| error.to_string())?;
    let (name, types) = signature.split_once('(').ok_or("there are no parentheses")?;
    let mut written = format!("{name}(");
    for word in types.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()) {
        let (word, separator) = word.split_at(word.len() - 1);
        match word {
            "uint" | "int" => written += &format!("{word}256"),
            // Nothing between two separators, or the length of an array.
            _ if word.bytes().all(|letter| letter.is_ascii_digit()) || is_elementary(word) => written += word,
            _ => return Err(format!("'{word}' is not a type of the contract ABI")),
        }
        written += separator;
    }
    Ok(written)
}

/// Whether a word is an elementary type of the contract ABI. Structs are written as tuples, enums as uint8,
/// contracts as address.
fn is_elementary(word: &str) -> bool {
    let bits =
        |bits: &str| bits.parse().is_ok_and(|bits: u32| (8..=256).contains(&bits) && bits.is_multiple_of(8));
    match word {
        "address" | "bool" | "bytes" | "string" | "function" => true,
        _ => {
            match (word.strip_prefix("uint").or_else(|| word.strip_prefix("int")), word.strip_prefix("bytes"))
            {
                (Some(width), _) => bits(width),
                (_, Some(width)) => width.parse().is_ok_and(|bytes: u32| (1..=32).contains(&bytes)),
                _ => false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hashed_has_types_only() {
        for (text, expected) in [
            ("Transfer(address,address,uint256)", "Transfer(address,address,uint256)"),
            (
                "event Swap(address indexed sender, uint amount0In, int[2][] rest)",
                "Swap(address,uint256,int256[2][])",
            ),
            (
                "function f((bytes32,uint8)[3] calldata parts) external returns (bool)",
                "f((bytes32,uint8)[3])",
            ),
            (
                "InsufficientBalance(uint256 available, uint256 required)",
                "InsufficientBalance(uint256,uint256)",
            ),
            ("pause()", "pause()"),
        ] {
            assert_eq!(canonical(text).as_deref(), Ok(expected), "{text}");
        }
        for wrong in
            ["Transfer", "Transfer(adress)", "f(uint7)", "f(uint264)", "f(bytes33)", "f(", "(uint256)", ""]
        {
            assert!(canonical(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn topics_and_selectors_are_those_that_everybody_knows() {
        // EIP-20's events and functions.
        let lines = show("Transfer(address indexed from, address indexed to, uint256 value)").unwrap();
        assert!(lines[1].ends_with("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"));
        assert!(show("transfer(address,uint)").unwrap()[2].ends_with(" 0xa9059cbb"));
    }
}

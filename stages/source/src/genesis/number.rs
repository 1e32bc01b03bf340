//! Numbers as genesis files have them: geth writes its own as JSON numbers of any size, people as strings.

use std::fmt;

use alloy::primitives::U256;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// The most digits that are surely of a number which JSON readers keep whole (64 bits).
const SAFE_DIGITS: usize = 19;

/// The same JSON with whole numbers that may need more than 64 bits as strings: a JSON reader would round them.
pub(super) fn quote_large(json: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some(&first) = rest.first() {
        let length = match first {
            b'"' => string_length(rest),
            b'0'..=b'9' | b'-' => rest.iter().take_while(|byte| is_of_number(**byte)).count(),
            _ => 1,
        };
        let (token, after) = rest.split_at(length);
        let is_large = length > SAFE_DIGITS && token.iter().all(u8::is_ascii_digit);
        if is_large {
            quoted.push(b'"');
        }
        quoted.extend_from_slice(token);
        if is_large {
            quoted.push(b'"');
        }
        rest = after;
    }
    quoted
}

fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
}

/// The bytes of the string that `json` starts with, its quotes included.
fn string_length(json: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = json.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    json.len()
}

/// A JSON number, or a string: hexadecimal with 0x, or decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GenesisNumber(pub(super) U256);

/// Reads the string form. Like geth, nothing is zero.
pub(super) fn parse(text: &str) -> Option<U256> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        _ if text.is_empty() => Some(U256::ZERO),
        Some(digits) => U256::from_str_radix(digits, 16).ok(),
        None => U256::from_str_radix(text, 10).ok(),
    }
}

impl<'de> Deserialize<'de> for GenesisNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = GenesisNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a number of at most 256 bits, as a JSON number or a string, decimal or hexadecimal with 0x",
        )
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<GenesisNumber, E> {
        Ok(GenesisNumber(U256::from(value)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<GenesisNumber, E> {
        let number = parse(text).map(GenesisNumber);
        number.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_whole_numbers_outside_of_strings_are_quoted() {
        let quoted = |json: &str| String::from_utf8(quote_large(json.as_bytes())).unwrap();
        assert_eq!(quoted(r#"{"a":7083549724304467894614}"#), r#"{"a":"7083549724304467894614"}"#);
        for kept in [
            r#"{"a": 18446744073709551, "b": [1, -2.5e3]}"#,
            r#"{"a\": 7083549724304467894614": "7083549724304467894614\\"}"#,
            r#"{"a": 5.87500000000000000000000e22}"#,
            r#"{"a": "7083549724304467894614"#,
        ] {
            assert_eq!(quoted(kept), kept);
        }
    }

    #[test]
    fn numbers_are_read_in_every_form() {
        let read = |json: &str| serde_json::from_str::<GenesisNumber>(json).ok().map(|number| number.0);
        assert_eq!(read("12"), Some(U256::from(12)));
        assert_eq!(read(r#""0x0c""#), Some(U256::from(12)));
        assert_eq!(read(r#""0000012""#), Some(U256::from(12)));
        assert_eq!(read(r#""""#), Some(U256::ZERO));
        let most = format!("\"{}\"", U256::MAX);
        assert_eq!(read(&most), Some(U256::MAX));
        for wrong in ["-1", "1.5", r#""0x1g""#, r#""12f""#, "true", &format!("\"1{}\"", U256::MAX)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}

//! Numbers as test files write them: JSON numbers, decimal strings, hex strings with or without leading zeros.

use std::fmt;

use alloy::primitives::U256;
use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// Reads a 256-bit number; geth calls the two string forms `HexOrDecimal`.
pub(crate) fn u256<'de, D: Deserializer<'de>>(from: D) -> Result<U256, D::Error> {
    from.deserialize_any(NumberVisitor)
}

/// Reads a number that must fit 64 bits.
pub(crate) fn u64<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    u256(from)?.try_into().map_err(|_| Error::custom("the number does not fit 64 bits"))
}

/// Reads a number that must fit 64 bits, for a field that may be missing (with `#[serde(default)]`).
pub(crate) fn optional_u64<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    u64(from).map(Some)
}

/// A key or value of a storage map: hex of up to 32 bytes, with or without `0x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Word(pub(crate) U256);

impl<'de> serde::Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        let digits = text.strip_prefix("0x").unwrap_or(&text);
        hex(digits).map(Self).ok_or_else(|| Error::invalid_value(Unexpected::Str(&text), &"hex of 32 bytes"))
    }
}

fn hex(digits: &str) -> Option<U256> {
    if digits.is_empty() { Some(U256::ZERO) } else { U256::from_str_radix(digits, 16).ok() }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = U256;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a decimal string or a hex string with 0x")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<U256, E> {
        Ok(U256::from(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<U256, E> {
        let value = match text.strip_prefix("0x") {
            Some(digits) => hex(digits),
            None => U256::from_str_radix(text, 10).ok(),
        };
        value.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Holder(#[serde(deserialize_with = "u256")] U256);

    fn number(json: &str) -> Option<U256> {
        serde_json::from_str::<Holder>(json).ok().map(|holder| holder.0)
    }

    #[test]
    fn every_way_of_writing_a_number_is_read() {
        for written in ["22", "\"22\"", "\"0x16\"", "\"0x0016\""] {
            assert_eq!(number(written), Some(U256::from(22)), "{written}");
        }
        assert_eq!(number("\"0x\""), Some(U256::ZERO));
        assert_eq!(number("\"twelve\""), None);
        assert_eq!(number("-1"), None);
    }

    #[test]
    fn a_storage_word_needs_no_prefix() {
        let word = |json| serde_json::from_str::<Word>(json).ok().map(|word| word.0);
        assert_eq!(word("\"0100\""), Some(U256::from(256)));
        assert_eq!(word("\"0x0100\""), Some(U256::from(256)));
        assert_eq!(word("\"xyz\""), None);
    }
}

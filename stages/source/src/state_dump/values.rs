//! Numbers and hashes as dumps write them.

use std::borrow::Cow;
use std::fmt;

use alloy::primitives::{Address, B256, Bytes, U256, hex};
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A number: geth writes decimal text or a JSON number, reth hex with 0x.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number(pub(super) U256);

/// 32 bytes in hex, with 0x or without.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hash(pub(super) B256);

/// A slot or its value: hex of 32 bytes or fewer, with 0x or without.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word(pub(super) U256);

/// Bytes in hex, with 0x or without.
#[derive(Debug, Clone)]
pub(super) struct HexBytes(pub(super) Bytes);

fn without_prefix(text: &str) -> &str {
    text.strip_prefix("0x").unwrap_or(text)
}

/// An address in hex, with 0x or without.
pub(super) fn address(text: &str) -> Option<Address> {
    hex::decode(without_prefix(text)).ok().and_then(|bytes| Address::try_from(&bytes[..]).ok())
}

fn word(text: &str) -> Option<U256> {
    let digits = without_prefix(text);
    if digits.is_empty() { Some(U256::ZERO) } else { U256::from_str_radix(digits, 16).ok() }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of at most 256 bits: a JSON number, decimal text, or hex with 0x")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number(U256::from(value)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
        let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
        let number = U256::from_str_radix(digits, radix).ok().filter(|_| !digits.is_empty());
        number.map(Number).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// Reads text into `T`, or says what should be there.
fn parsed<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &expected))
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer, "32 bytes in hex", |text| without_prefix(text).parse().ok().map(Self))
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer, "at most 32 bytes in hex", |text| word(text).map(Self))
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = |text: &str| hex::decode(without_prefix(text)).ok();
        parsed(deserializer, "bytes in hex", |text| bytes(text).map(|bytes| Self(bytes.into())))
    }
}

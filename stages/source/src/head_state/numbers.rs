//! Numbers, hashes and names as dumps write them.

use std::fmt;

use alloy::primitives::{Address, B256, U256, hex};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// A JSON number, a decimal string, or a hexadecimal one with `0x`.
pub(super) struct Number(pub(super) U256);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Written;
        impl Visitor<'_> for Written {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
                Ok(Number(U256::from(value)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
                let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
                let value = U256::from_str_radix(digits, radix).ok().filter(|_| !digits.is_empty());
                value.map(Number).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        from.deserialize_any(Written)
    }
}

/// What an account is listed under: its address or, where geth did not know that, `pre(hash of the address)`.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Name {
    Address(Address),
    Hash(B256),
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let hash = text.strip_prefix("pre(").and_then(|rest| rest.strip_suffix(')'));
        let name = match hash {
            Some(hash) => hash.parse().map(Self::Hash),
            None => text.parse().map(Self::Address),
        };
        name.map_err(|error| format!("'{text}' is not an address: {error}"))
    }
}

/// The key of a slot: hexadecimal, up to 32 bytes.
#[derive(Deserialize)]
#[serde(try_from = "Digits")]
pub(super) struct Key(pub(super) B256);

impl TryFrom<Digits> for Key {
    type Error = String;

    fn try_from(digits: Digits) -> Result<Self, String> {
        let bytes = digits.0;
        let key = U256::try_from_be_slice(&bytes).map(|slot| Self(slot.into()));
        key.ok_or_else(|| {
            format!("{} is not a slot: it has {} bytes", hex::encode_prefixed(&bytes), bytes.len())
        })
    }
}

/// Bytes in hexadecimal digits, with or without `0x`; a leading zero may be missing.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Digits(pub(super) Vec<u8>);

impl TryFrom<String> for Digits {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.strip_prefix("0x").unwrap_or(&text);
        let zero = if digits.len().is_multiple_of(2) { "" } else { "0" };
        let bytes = hex::decode(format!("0x{zero}{digits}"));
        bytes.map(Self).map_err(|error| format!("'{text}' is not hexadecimal: {error}"))
    }
}

//! One account of a dump, or all of geth's plain form.

use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use tempfile::{SpooledTempFile, spooled_tempfile_in};

use super::values::{Hash, HexBytes, Number, Word, address};
use super::{DumpItem, Items};

/// Slots that wait in memory for their account's address; more of them wait in a file.
const WAITING_BYTES: usize = 4 << 20;
/// A slot and its value.
const SLOT_BYTES: usize = 64;

/// The accounts of geth's plain form, by address.
pub(super) struct AccountsSeed<'a, 'b>(pub(super) &'a mut Items<'b>);

impl<'de> DeserializeSeed<'de> for AccountsSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for AccountsSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of accounts by their addresses")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut accounts: M) -> Result<(), M::Error> {
        while let Some(name) = accounts.next_key::<String>()? {
            match address(&name) {
                Some(address) => {
                    accounts.next_value_seed(AccountSeed { items: self.0, address: Some(address) })?;
                }
                // `pre(0x…)`: geth did not know which address has this hash.
                None => {
                    accounts.next_value::<IgnoredAny>()?;
                    self.0.note_unnamed(name);
                }
            }
        }
        Ok(())
    }
}

impl Items<'_> {
    fn note_unnamed(&mut self, name: String) {
        self.unnamed += 1;
        self.first_unnamed.get_or_insert(name);
    }
}

/// One account; its address, where it is not among its fields.
pub(super) struct AccountSeed<'a, 'b> {
    pub(super) items: &'a mut Items<'b>,
    pub(super) address: Option<Address>,
}

impl<'de> DeserializeSeed<'de> for AccountSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for AccountSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an account")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut fields: M) -> Result<(), M::Error> {
        let (mut nonce, mut balance, mut code, mut storage_root) = (0, None, Bytes::new(), None);
        let (mut own_address, mut hash, mut code_hash) = (self.address, None, None);
        let mut waiting = Waiting { slots: None };
        while let Some(name) = fields.next_key::<String>()? {
            match name.as_str() {
                "balance" => balance = Some(fields.next_value::<Number>()?.0),
                "nonce" => {
                    if let Some(Number(number)) = fields.next_value::<Option<Number>>()? {
                        nonce = number.try_into().map_err(|_| M::Error::custom("a nonce above 2^64-1"))?;
                    }
                }
                "code" => {
                    code = fields.next_value::<Option<HexBytes>>()?.map(|code| code.0).unwrap_or_default()
                }
                "codeHash" => code_hash = fields.next_value::<Option<Hash>>()?.map(|hash| hash.0),
                "root" => storage_root = fields.next_value::<Option<Hash>>()?.map(|hash| hash.0),
                "key" => hash = fields.next_value::<Option<String>>()?,
                "address" => {
                    let text = fields.next_value::<Option<String>>()?;
                    let read = text.map(|text| {
                        address(&text).ok_or_else(|| M::Error::custom(format!("{text} is no address")))
                    });
                    let read = read.transpose()?;
                    if read.is_some() && own_address.is_some() && read != own_address {
                        return Err(M::Error::custom(
                            "the account has another address than the one it is listed under",
                        ));
                    }
                    own_address = own_address.or(read);
                }
                "storage" => {
                    let folder = &self.items.folder;
                    waiting
                        .slots
                        .get_or_insert_with(|| BufWriter::new(spooled_tempfile_in(WAITING_BYTES, folder)));
                    fields.next_value_seed(SlotsSeed(&mut waiting))?;
                }
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        let balance = balance.ok_or_else(|| M::Error::missing_field("balance"))?;
        let Some(address) = own_address else {
            self.items.note_unnamed(hash.ok_or_else(|| M::Error::missing_field("address"))?);
            return Ok(());
        };
        let code_hash = hash_of_code(address, &code, code_hash)?;
        self.items.give(DumpItem::Account { address, nonce, balance, code, code_hash, storage_root })?;
        waiting.give_to(self.items, address)
    }
}

/// geth gives the hash of code too: a dump that leaves code out (`--nocode`) has no whole state.
fn hash_of_code<E: Error>(address: Address, code: &Bytes, listed: Option<B256>) -> Result<B256, E> {
    // Most accounts have no code.
    let actual = if code.is_empty() { KECCAK_EMPTY } else { keccak256(code) };
    match listed {
        Some(hash) if hash != actual => Err(E::custom(format!(
            "the code of {address} hashes to {actual}, the dump says {hash}: was it made without code?"
        ))),
        _ => Ok(actual),
    }
}

/// Slots whose account is given after them.
struct Waiting {
    slots: Option<BufWriter<SpooledTempFile>>,
}

impl Waiting {
    fn give_to<E: Error>(self, items: &mut Items<'_>, address: Address) -> Result<(), E> {
        let Some(slots) = self.slots else { return Ok(()) };
        let failed = |error| E::custom(format!("slots cannot wait for their account: {error}"));
        let mut slots = slots.into_inner().map_err(|error| failed(error.into_error()))?;
        let end = slots.stream_position().map_err(failed)?;
        slots.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut slots = BufReader::new(slots);
        for _ in 0..end / SLOT_BYTES as u64 {
            let mut record = [0; SLOT_BYTES];
            slots.read_exact(&mut record).map_err(failed)?;
            let (slot, value) = record.split_at(SLOT_BYTES / 2);
            let (slot, value) = (U256::from_be_slice(slot), U256::from_be_slice(value));
            items.give(DumpItem::Slot { address, slot, value })?;
        }
        Ok(())
    }
}

/// An object of values by slots.
struct SlotsSeed<'a>(&'a mut Waiting);

impl<'de> DeserializeSeed<'de> for SlotsSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for SlotsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of values by slots")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut slots: M) -> Result<(), M::Error> {
        let Some(file) = &mut self.0.slots else { return Err(M::Error::custom("slots have no place")) };
        let failed = |error| M::Error::custom(format!("slots cannot wait for their account: {error}"));
        while let Some((slot, value)) = slots.next_entry::<Word, Word>()? {
            let record = [slot.0.to_be_bytes::<32>(), value.0.to_be_bytes::<32>()].concat();
            file.write_all(&record).map_err(failed)?;
        }
        Ok(())
    }
}

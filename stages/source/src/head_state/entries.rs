//! The objects of a dump, read field by field: an account or a slot is handed on as soon as it is known.

use std::fmt;

use alloy::primitives::{Address, B256, U256, keccak256};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::numbers::{Digits, Key, Name, Number};
use super::{HeadAccount, HeadEntry, HeadSlot, SlotKeys};

/// How far a file has been read.
pub(super) struct Reading<'v> {
    /// The root of the state.
    pub(super) root: Option<B256>,
    /// The accounts are one object, not one per line.
    pub(super) is_collected: bool,
    /// The file says that more accounts follow elsewhere.
    pub(super) is_part: bool,
    /// Accounts read.
    pub(super) accounts: u64,
    has_addresses: bool,
    /// Takes entries until it says `false`; with none, reading ends at the root.
    visit: Option<&'v mut dyn FnMut(HeadEntry<'_>) -> bool>,
}

impl<'v> Reading<'v> {
    pub(super) fn of_everything(visit: &'v mut dyn FnMut(HeadEntry<'_>) -> bool) -> Self {
        Self { visit: Some(visit), ..Self::of_root() }
    }

    pub(super) fn of_root() -> Self {
        Self {
            root: None,
            is_collected: false,
            is_part: false,
            has_addresses: false,
            accounts: 0,
            visit: None,
        }
    }

    /// How the slots are written, once all has been read.
    pub(super) fn slot_keys(&self) -> SlotKeys {
        if self.is_collected || self.has_addresses { SlotKeys::Plain } else { SlotKeys::Hashed }
    }

    /// Hands an entry on. Nothing but an error ends a parser early, so that is what there is where no more are wanted.
    fn give<E: Error>(&mut self, entry: HeadEntry<'_>) -> Result<(), E> {
        let wants_more = self.visit.as_mut().is_some_and(|visit| visit(entry));
        wants_more.then_some(()).ok_or_else(enough)
    }
}

fn enough<E: Error>() -> E {
    E::custom("no more is wanted")
}

/// Reads the first object of a file.
pub(super) struct TopLevel<'r, 'v>(pub(super) &'r mut Reading<'v>);

/// Reads an account that follows it.
pub(super) struct LooseAccount<'r, 'v>(pub(super) &'r mut Reading<'v>);

/// Reads the accounts in it.
struct Accounts<'r, 'v>(&'r mut Reading<'v>);

/// Reads the fields of an account.
struct Fields<'r, 'v> {
    reading: &'r mut Reading<'v>,
    name: Option<Name>,
}

/// Reads the slots of the account that is being read.
struct Slots<'r, 'v>(&'r mut Reading<'v>);

/// Implements `DeserializeSeed` for visitors of JSON objects.
macro_rules! read_objects {
    ($($visitor:ident)*) => {$(
        impl<'de> DeserializeSeed<'de> for $visitor<'_, '_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
                from.deserialize_map(self)
            }
        }
    )*};
}
read_objects! { TopLevel Accounts Fields Slots }

impl<'de> DeserializeSeed<'de> for LooseAccount<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        Fields { reading: self.0, name: None }.deserialize(from)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum TopField {
    Root,
    Accounts,
    Next,
    /// Of an account.
    Balance,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for TopLevel<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the root of a state")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let wants_entries = self.0.visit.is_some();
        while let Some(field) = map.next_key()? {
            match field {
                TopField::Root => {
                    self.0.root = Some(map.next_value()?);
                    if !wants_entries {
                        return Err(enough());
                    }
                }
                TopField::Accounts if wants_entries => {
                    self.0.is_collected = true;
                    map.next_value_seed(Accounts(self.0))?;
                }
                TopField::Balance => {
                    return Err(Error::custom("an account where the root of the state should be"));
                }
                TopField::Next => self.0.is_part = map.next_value::<Option<IgnoredAny>>()?.is_some(),
                TopField::Accounts | TopField::Other => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Accounts<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with accounts")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(name) = map.next_key()? {
            map.next_value_seed(Fields { reading: self.0, name: Some(name) })?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
    Balance,
    Nonce,
    Root,
    CodeHash,
    Storage,
    Address,
    Key,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for Fields<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut written = WrittenAccount::named(self.name);
        while let Some(field) = map.next_key()? {
            match field {
                Field::Balance => written.balance = Some(map.next_value::<Number>()?.0),
                Field::Nonce => written.nonce = Some(map.next_value::<Number>()?.0),
                Field::Root => written.storage_root = Some(map.next_value()?),
                Field::CodeHash => written.code_hash = Some(map.next_value()?),
                Field::Storage => map.next_value_seed(Slots(self.reading))?,
                Field::Address => written.address = map.next_value::<Option<_>>()?.or(written.address),
                Field::Key => written.hashed_address = Some(map.next_value()?),
                Field::Other => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        let account = written.checked(self.reading.accounts)?;
        self.reading.accounts += 1;
        self.reading.has_addresses |= account.address.is_some();
        self.reading.give(HeadEntry::Account(account))
    }
}

impl<'de> Visitor<'de> for Slots<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with slots")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some((Key(key), Digits(value))) = map.next_entry()? {
            let account = self.0.accounts;
            self.0.give(HeadEntry::Slot(HeadSlot { account, key, value: &value }))?;
        }
        Ok(())
    }
}

/// What has been read of an account.
#[derive(Default)]
struct WrittenAccount {
    address: Option<Address>,
    hashed_address: Option<B256>,
    nonce: Option<U256>,
    balance: Option<U256>,
    code_hash: Option<B256>,
    storage_root: Option<B256>,
}

impl WrittenAccount {
    fn named(name: Option<Name>) -> Self {
        match name {
            Some(Name::Address(address)) => Self { address: Some(address), ..Self::default() },
            Some(Name::Hash(hash)) => Self { hashed_address: Some(hash), ..Self::default() },
            None => Self::default(),
        }
    }

    /// The account, if it is one.
    fn checked<E: Error>(self, ordinal: u64) -> Result<HeadAccount, E> {
        let computed = self.address.map(keccak256);
        if let (Some(computed), Some(written)) = (computed, self.hashed_address)
            && computed != written
        {
            let address = self.address.unwrap_or_default();
            return Err(E::custom(format!("{written} is not the hash of the address {address:#x}")));
        }
        let nonce = self.nonce.ok_or_else(|| E::missing_field("nonce"))?;
        Ok(HeadAccount {
            ordinal,
            address: self.address,
            hashed_address: computed.or(self.hashed_address).ok_or_else(|| E::missing_field("address"))?,
            nonce: nonce.try_into().map_err(|_| E::custom(format!("{nonce} is too large for a nonce")))?,
            balance: self.balance.ok_or_else(|| E::missing_field("balance"))?,
            code_hash: self.code_hash.ok_or_else(|| E::missing_field("codeHash"))?,
            storage_root: self.storage_root.ok_or_else(|| E::missing_field("root"))?,
        })
    }
}

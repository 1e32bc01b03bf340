//! Dumps of a whole state.

use std::collections::BTreeMap;
use std::path::Path;

use alloy::primitives::{Address, B256, U256, keccak256};
use blockmill_source::{HeadAccount, HeadEntry, HeadState, SlotKeys, SourceError};
use blockmill_testkit::{headstate, vectors};

use crate::chains::gzip;
use crate::write;

const ROOT: &str = "6da8f636cdc85dbe8c1b5299e5db22f462c041febaf3b78cac1040152ee30b3b";
const STORAGE_ROOT: &str = "0x0ed2d94007a0eecee7c27c531d1249a18f6c48fe86c6d6e87c50b6943a5f015a";
const CODE_HASH: &str = "0x0345a365d2f4c5975b9f1599abe0a2ee76b7a3a731bc68781bd04c84e4858f50";
const ADDRESS: Address = Address::repeat_byte(0xab);

/// Slots as they are written.
type Slots = Vec<(B256, Vec<u8>)>;

/// What a file holds: accounts with their slots.
#[derive(Debug, Default)]
struct Content {
    accounts: Vec<(HeadAccount, Slots)>,
    keys: Option<SlotKeys>,
}

fn content(path: &Path) -> Result<Content, SourceError> {
    let mut content = Content::default();
    let mut slots = Vec::new();
    let keys = HeadState::open(path)?.read::<SourceError>(&mut |entry| {
        match entry {
            HeadEntry::Slot(slot) => {
                assert_eq!(slot.account, content.accounts.len() as u64);
                slots.push((slot.key, slot.value.to_vec()));
            }
            HeadEntry::Account(account) => content.accounts.push((account, std::mem::take(&mut slots))),
        }
        Ok(())
    })?;
    Ok(Content { keys: Some(keys), ..content })
}

fn content_of(text: &str) -> Result<Content, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    content(&write(folder.path(), "headstate.json", text.as_bytes()))
}

/// The fields of an account, and more.
fn fields(more: &str) -> String {
    format!(
        r#"{{"balance": "1000000001", "nonce": 7, "root": "{STORAGE_ROOT}", "codeHash": "{CODE_HASH}", "code": "0x33", {more}}}"#
    )
}

fn account(ordinal: u64, address: Option<Address>) -> HeadAccount {
    HeadAccount {
        ordinal,
        address,
        hashed_address: keccak256(ADDRESS),
        nonce: 7,
        balance: U256::from(1_000_000_001_u64),
        code_hash: CODE_HASH.parse().unwrap(),
        storage_root: STORAGE_ROOT.parse().unwrap(),
    }
}

#[test]
fn head_state_of_the_vectors_reads_as_another_reader_has_it() {
    for chain in ["execution-apis", "geth-ethtest"] {
        let Some(path) = vectors::require(&format!("chains/{chain}/headstate.json.gz")) else { return };
        let expected = headstate::read(&path).unwrap();
        assert_eq!(HeadState::open(&path).unwrap().root(), expected.root);
        let read = content(&path).unwrap();
        assert_eq!((read.keys, read.accounts.len()), (Some(SlotKeys::Plain), expected.accounts.len()));
        for (account, slots) in read.accounts {
            let expected = &expected.accounts[&account.address.unwrap()];
            let found = (account.balance, account.nonce, account.code_hash);
            assert_eq!(found, (expected.balance, expected.nonce, expected.code_hash));
            let slots = slots.into_iter().map(|(key, value)| (key.into(), U256::from_be_slice(&value)));
            assert_eq!(slots.collect::<BTreeMap<U256, U256>>(), expected.storage);
        }
    }
}

#[test]
fn head_state_may_be_gzipped_and_its_accounts_stand_before_the_root() {
    let text =
        format!(r#"{{"accounts": {{"{ADDRESS}": {}}}, "root": "{ROOT}"}}"#, fields(r#""storage": {}"#));
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in
        [("plain.json", text.clone().into_bytes()), ("packed.json.gz", gzip(text.as_bytes()))]
    {
        let path = write(folder.path(), name, &bytes);
        assert_eq!(HeadState::open(&path).unwrap().root(), ROOT.parse::<B256>().unwrap());
        let read = content(&path).unwrap();
        assert_eq!(read.accounts, [(account(0, Some(ADDRESS)), vec![])]);
    }
}

#[test]
fn head_state_of_one_account_per_line_names_slots_before_their_account() {
    let slots =
        format!(r#""storage": {{"0x05": "01a4"}}, "address": "{ADDRESS}", "key": "{}""#, keccak256(ADDRESS));
    let read =
        content_of(&format!("{{\"root\": \"0x{ROOT}\"}}\n{}\n{}\n", fields(&slots), fields(&slots))).unwrap();
    assert_eq!(read.keys, Some(SlotKeys::Plain));
    let slots = vec![(B256::with_last_byte(5), vec![1, 0xa4])];
    let expected = [(account(0, Some(ADDRESS)), slots.clone()), (account(1, Some(ADDRESS)), slots)];
    assert_eq!(read.accounts, expected);
}

#[test]
fn head_state_without_addresses_has_hashed_slots() {
    let more = format!(r#""storage": {{"{CODE_HASH}": "8201a4"}}, "key": "{}""#, keccak256(ADDRESS));
    let read = content_of(&format!("{{\"root\": \"0x{ROOT}\"}}\n{}\n", fields(&more))).unwrap();
    assert_eq!(read.keys, Some(SlotKeys::Hashed));
    let slots = vec![(CODE_HASH.parse().unwrap(), vec![0x82, 1, 0xa4])];
    assert_eq!(read.accounts, [(account(0, None), slots)]);
}

#[test]
fn head_state_lists_accounts_without_preimage_by_their_hash() {
    let accounts = format!(r#""pre({})": {}"#, keccak256(ADDRESS), fields(r#""storage": {}"#));
    let read = content_of(&format!(r#"{{"root": "{ROOT}", "accounts": {{{accounts}}}}}"#)).unwrap();
    assert_eq!((read.keys, read.accounts), (Some(SlotKeys::Plain), vec![(account(0, None), vec![])]));
}

#[test]
fn head_state_slots_mean_what_their_file_says() {
    let (key, value) = (B256::with_last_byte(3), [0x81, 0x80]);
    let slot = blockmill_source::HeadSlot { account: 0, key, value: &value };
    assert_eq!(slot.slot(SlotKeys::Plain), Some(U256::from(3)));
    assert_eq!(slot.hashed_key(SlotKeys::Plain), keccak256(key));
    assert_eq!(slot.value(SlotKeys::Plain), Some(U256::from(0x8180)));
    assert_eq!(slot.slot(SlotKeys::Hashed), None);
    assert_eq!(slot.hashed_key(SlotKeys::Hashed), key);
    assert_eq!(slot.value(SlotKeys::Hashed), Some(U256::from(0x80)));
    let slot = blockmill_source::HeadSlot { value: &[0x82, 0x80], ..slot };
    assert_eq!(slot.value(SlotKeys::Hashed), None);
}

#[test]
fn head_state_that_is_damaged_is_refused_with_its_name() {
    let with = |more: &str| format!(r#"{{"root": "{ROOT}", "accounts": {{"{ADDRESS}": {}}}}}"#, fields(more));
    let whole = with(r#""storage": {}"#);
    for (text, reason) in [
        ("{}".into(), "there is no 'root'"),
        ("[1]".into(), "not a dump of the state"),
        (fields(r#""storage": {}"#), "an account where the root of the state should be"),
        (r#"{"root": "0x12"}"#.into(), "not a dump of the state"),
        (format!(r#"{{"root": "{ROOT}"}}"#), "there is no account in it"),
        (whole[..whole.len() - 3].into(), "EOF while parsing"),
        (format!("{whole}{whole}"), "trailing characters"),
        (whole.replace("balance", "balans"), "missing field `balance`"),
        (whole.replace("1000000001", "ten"), "invalid value"),
        (whole.replace(": 7", r#": "99999999999999999999""#), "too large for a nonce"),
        (whole.replace(&format!("{ADDRESS}"), "0x12"), "'0x12' is not an address"),
        (with(&format!(r#""key": "{CODE_HASH}""#)), "is not the hash of the address"),
        (with(r#""storage": {"0x0x": "01"}"#), "is not hexadecimal"),
        (with(&format!(r#""storage": {{"{CODE_HASH}ff": "01"}}"#)), "is not a slot: it has 33 bytes"),
        (format!(r#"{{"root": "{ROOT}", "accounts": {{}}, "next": "AAAA"}}"#), "only a part of the state"),
    ] {
        let refused = content_of(&text).unwrap_err().to_string();
        assert!(refused.contains("headstate.json") && refused.contains(reason), "{reason}: {refused}");
    }
}

#[test]
fn head_state_that_was_cut_or_unpacks_to_an_endless_string_is_refused() {
    let text =
        format!(r#"{{"root": "{ROOT}", "accounts": {{"{ADDRESS}": {}}}}}"#, fields(r#""storage": {}"#));
    let folder = tempfile::tempdir().unwrap();
    let packed = gzip(text.as_bytes());
    let cut = write(folder.path(), "cut.json.gz", &packed[..packed.len() - 9]);
    assert!(matches!(content(&cut).unwrap_err(), SourceError::Unpack { .. }));
    let bomb = text.replace("1000000001", &r#"\""#.repeat(9 << 20));
    let bomb = write(folder.path(), "bomb.json.gz", &gzip(bomb.as_bytes()));
    let refused = content(&bomb).unwrap_err();
    assert!(matches!(refused, SourceError::TooLarge { .. }), "{refused}");
    assert!(matches!(HeadState::open(Path::new("nowhere.json")).unwrap_err(), SourceError::Io { .. }));
}

#[test]
fn head_state_is_read_until_the_visitor_has_enough() {
    let folder = tempfile::tempdir().unwrap();
    let line = fields(&format!(r#""address": "{ADDRESS}""#));
    let path =
        write(folder.path(), "s.json", format!("{{\"root\": \"{ROOT}\"}}\n{line}\nrubbish").as_bytes());
    let stopped = HeadState::open(&path).unwrap().read::<SourceError>(&mut |_| Err(SourceError::NoPaths));
    assert!(matches!(stopped, Err(SourceError::NoPaths)));
}

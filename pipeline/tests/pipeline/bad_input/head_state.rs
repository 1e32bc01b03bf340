//! With the right state at hand, a wrong state root is explained.

use std::fs;
use std::io::Write;
use std::path::Path;

use alloy::consensus::proofs::calculate_withdrawals_root;
use alloy::eips::eip4895::Withdrawal;
use alloy::primitives::{Address, B256, U256, hex, keccak256};
use blockmill_chain::Block;
use blockmill_pipeline::{ExitCode, Settings, dry_run};
use blockmill_testkit::vectors;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::refused_blocks::{decode, encode};
use super::{assert_nothing_published, assert_rebuilds, assert_refused};
use crate::harness::{Workplace, run};

/// The root that an altered last block and an altered file have in common.
const OTHER_ROOT: B256 = B256::repeat_byte(0x77);

/// Contracts of which both chains have the storage.
const HISTORY: &str = "0x0000F90827F1C53a10cb7A02335B175320002935";
const BEACON_ROOTS: &str = "0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02";

/// A run with a chain whose last block is altered, and with a file that holds the right state behind the genuine one.
fn altered(place: &Workplace, chain: &str, alter: impl FnOnce(&mut Block)) -> Option<Settings> {
    let file = vectors::require(&format!("chains/{chain}/headstate.json.gz"))?;
    let settings = place.chain(chain)?;
    let mut blocks = decode(&fs::read(&settings.sources[0]).unwrap());
    alter(blocks.last_mut().unwrap());
    let export = super::file(place, "chain.rlp", encode(&blocks));
    Some(Settings { sources: vec![export], head_state: Some(file), ..settings })
}

/// The dump of a chain, to be altered.
fn dump(chain: &str) -> Option<Value> {
    let path = vectors::require(&format!("chains/{chain}/headstate.json.gz"))?;
    Some(serde_json::from_reader(flate2::read::GzDecoder::new(fs::File::open(path).unwrap())).unwrap())
}

/// Asserts what is said where a file and the last block of execution-apis name another root, and the file is altered.
#[track_caller]
fn assert_explained(alter: impl FnOnce(&mut Value), words: &[&str]) {
    let Some(mut dump) = dump("execution-apis") else { return };
    dump["root"] = json!(OTHER_ROOT);
    alter(&mut dump["accounts"]);
    assert_explained_by(dump.to_string().as_bytes(), words);
}

#[track_caller]
fn assert_explained_by(file: &[u8], words: &[&str]) {
    for threads in [1, 2] {
        let place = Workplace::new();
        let other_root = |block: &mut Block| block.header.state_root = OTHER_ROOT;
        let Some(settings) = altered(&place, "execution-apis", other_root) else { return };
        let file = super::file(&place, "state.json", file);
        let settings = Settings { threads, head_state: Some(file), ..settings };
        let always = ["block 54 does not verify", "state root", "it changed 0x", "state.json", "run again"];
        assert_refused(&settings, ExitCode::NotVerified, &[words, &always].concat());
    }
}

#[test]
fn a_head_state_names_the_account_that_a_forged_withdrawal_pays() {
    let receiver = Address::repeat_byte(0xee);
    for (chain, number) in [("execution-apis", 54), ("geth-ethtest", 600)] {
        let place = Workplace::new();
        let forge = |block: &mut Block| {
            let withdrawals = block.body.withdrawals.as_mut().unwrap();
            withdrawals.push(Withdrawal { index: 9, validator_index: 9, address: receiver, amount: 3 });
            block.header.withdrawals_root = Some(calculate_withdrawals_root(withdrawals));
        };
        let Some(settings) = altered(&place, chain, forge) else { return };
        let difference = format!(
            "headstate.json.gz: 1 difference: account {receiver} (expected none, actual nonce 0 and balance \
             3000000000); nothing of it was published"
        );
        let block = format!("block {number} does not verify: state root");
        assert_refused(&settings, ExitCode::NotVerified, &[&block, &difference]);
    }
}

#[test]
fn a_head_state_names_the_slot_that_a_forged_beacon_root_writes() {
    for chain in ["execution-apis", "geth-ethtest"] {
        let place = Workplace::new();
        let mut timestamp = 0;
        let forge = |block: &mut Block| {
            timestamp = block.header.timestamp;
            block.header.parent_beacon_block_root = Some(B256::repeat_byte(0x5a));
        };
        let Some(settings) = altered(&place, chain, forge) else { return };
        // EIP-4788.
        let slot = timestamp % 8_191 + 8_191;
        let said = format!("1 difference: slot {slot:#x} of {BEACON_ROOTS} (expected 0x");
        let found = format!("actual 0x{})", "5a".repeat(32));
        assert_refused(&settings, ExitCode::NotVerified, &[&said, &found]);
    }
}

#[test]
fn a_head_state_with_another_balance_nonce_and_code_is_told_apart_in_each() {
    let alter = |accounts: &mut Value| {
        accounts[HISTORY]["balance"] = json!("12");
        accounts[HISTORY]["nonce"] = json!(34);
        accounts[HISTORY]["codeHash"] = json!(OTHER_ROOT);
    };
    let balance = format!("3 differences: nonce of {HISTORY} (expected 34, actual ");
    let words = [&balance, "balance of 0x0000F908", "(expected 12, actual ", "code hash of 0x0000F908"];
    assert_explained(alter, &words);
}

#[test]
fn a_head_state_that_lacks_accounts_and_has_others_names_both() {
    let other = Address::repeat_byte(0xcd);
    let alter = |accounts: &mut Value| {
        let account = accounts.as_object_mut().unwrap().remove(HISTORY).unwrap();
        accounts[other.to_string()] = account;
        accounts[other.to_string()].as_object_mut().unwrap().remove("key");
        accounts[other.to_string()].as_object_mut().unwrap().remove("address");
    };
    let words = [
        format!("2 differences: account {other} (expected nonce 0 and balance 1, actual none)"),
        format!("account {HISTORY} (expected none, actual nonce 0 and balance 1)"),
    ];
    assert_explained(alter, &words.each_ref().map(String::as_str));
}

/// Changes a slot, takes one away and adds one; the account's root is another then.
fn alter_slots(accounts: &mut Value) {
    accounts[HISTORY]["root"] = json!(OTHER_ROOT);
    let storage = accounts[HISTORY]["storage"].as_object_mut().unwrap();
    storage[&key(0x2d)] = json!("0180");
    storage.remove(&key(0x2e)).unwrap();
    storage.insert(key(0x1234), json!("0a"));
}

fn key(slot: u64) -> String {
    B256::from(U256::from(slot)).to_string()
}

/// What there is to say then.
const SLOTS: [&str; 5] = [
    "3 differences: ",
    "slot 0x2d of 0x0000F90827F1C53a10cb7A02335B175320002935 (expected 0x180, actual 0xe4165d5a",
    "slot 0x2e of 0x0000F90827F1C53a10cb7A02335B175320002935 (expected 0x0, actual 0x3c501abc",
    "of 0x0000F90827F1C53a10cb7A02335B175320002935 (expected 0xa, actual 0x0)",
    "; nothing of it was published",
];

#[test]
fn a_head_state_with_other_slots_is_told_apart_in_each() {
    assert_explained(alter_slots, &[SLOTS.as_slice(), &["slot 0x1234 of"]].concat());
}

/// One object per line: the accounts that `write` gives.
fn lines(write: impl Fn(Value) -> Value) -> Option<Vec<u8>> {
    let mut dump = dump("execution-apis")?;
    alter_slots(&mut dump["accounts"]);
    let mut lines = json!({ "root": OTHER_ROOT }).to_string();
    for account in dump["accounts"].as_object().unwrap().values() {
        lines.push('\n');
        lines.push_str(&write(account.clone()).to_string());
    }
    Some(lines.into_bytes())
}

#[test]
fn a_head_state_of_one_account_per_line_is_compared_likewise() {
    let Some(lines) = lines(|account| account) else { return };
    assert_explained_by(&lines, &[SLOTS.as_slice(), &["slot 0x1234 of"]].concat());
}

#[test]
fn a_head_state_from_a_snapshot_is_compared_by_hashes() {
    let hashed = |slot: (&String, &Value)| {
        let value = U256::from_str_radix(slot.1.as_str().unwrap(), 16).unwrap();
        (
            keccak256(slot.0.parse::<B256>().unwrap()).to_string(),
            hex::encode(alloy::rlp::encode(value)).into(),
        )
    };
    let write = |mut account: Value| {
        account.as_object_mut().unwrap().remove("address");
        if let Some(storage) = account.get_mut("storage") {
            *storage = Value::Object(storage.as_object().unwrap().iter().map(hashed).collect());
        }
        account
    };
    let Some(lines) = lines(write) else { return };
    let unknown = format!("slot with the hash {} of", keccak256(key(0x1234).parse::<B256>().unwrap()));
    assert_explained_by(&lines, &[SLOTS.as_slice(), &[&unknown]].concat());
}

#[test]
fn a_head_state_without_storage_shows_only_the_root_that_differs() {
    let alter = |accounts: &mut Value| {
        accounts[HISTORY]["root"] = json!(OTHER_ROOT);
        for account in accounts.as_object_mut().unwrap().values_mut() {
            account.as_object_mut().unwrap().remove("storage");
        }
    };
    let said = format!("1 difference: storage root of {HISTORY} (expected {OTHER_ROOT}, actual 0x");
    assert_explained(alter, &[&said]);
}

#[test]
fn a_head_state_with_many_differences_has_five_of_them_named() {
    let alter = |accounts: &mut Value| {
        for account in accounts.as_object_mut().unwrap().values_mut() {
            account["balance"] = json!("3");
        }
    };
    assert_explained(
        alter,
        &["114 differences: balance of 0x0000000000000000000000000000000000000000", " and 109 more;"],
    );
}

#[test]
fn a_head_state_that_is_the_state_arrived_at_is_said_not_to_be_whole() {
    assert_explained(|_| {}, &["no difference, so the file is not whole"]);
}

#[test]
fn a_head_state_of_another_block_is_said_to_be_that() {
    let place = Workplace::new();
    let Some(settings) = altered(&place, "execution-apis", |block| block.header.state_root.0[0] ^= 1) else {
        return;
    };
    let said =
        "headstate.json.gz is the state of another block (root 0x6da8f636cdc85dbe8c1b5299e5db22f462c041fe";
    let words = ["block 54 does not verify: state root", "it changed 0x", &said[..said.len() - 2]];
    assert_refused(&settings, ExitCode::NotVerified, &words);
    let without = Settings { head_state: None, ..settings };
    let said = run(&without).unwrap_err().to_string();
    assert!(!said.contains("headstate") && !said.contains("expected"), "{said}");
}

#[test]
fn a_head_state_that_is_damaged_leaves_the_refusal_as_it_is() {
    let Some(mut dump) = dump("execution-apis") else { return };
    dump["root"] = json!(OTHER_ROOT);
    // The root has to come first, or the damage shows at the start.
    let text = dump.to_string();
    let text = format!("{{\"root\":\"{OTHER_ROOT}\",{}", &text[1..text.len() - 200]);
    assert_explained_by(text.as_bytes(), &["it could not be compared with", "EOF while parsing"]);
}

#[test]
fn a_head_state_that_is_none_is_refused_before_anything_runs() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    let with = |path: &Path| Settings { head_state: Some(path.into()), ..settings.clone() };
    let missing = place.path("nowhere.json");
    let genesis = vectors::require("chains/execution-apis/genesis.json").unwrap();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(b"{\"root\": ").unwrap();
    let cut = super::file(&place, "cut.json.gz", packed.finish().unwrap());
    for (path, reason) in [
        (&missing, "No such file or directory"),
        (&genesis, "there is no 'root' of a state in it"),
        (&cut, "not a dump of the state"),
    ] {
        let name = path.display().to_string();
        assert_refused(&with(path), ExitCode::Usage, &["--head-state: ", &name, reason]);
        assert_eq!(dry_run(&with(path)).unwrap_err().exit_code(), ExitCode::Usage);
        assert_nothing_published(&settings.out);
        assert!(!settings.data_dir.exists());
    }
}

#[test]
fn a_head_state_changes_nothing_where_all_is_right() {
    let place = Workplace::new();
    let Some(settings) = altered(&place, "execution-apis", |_| {}) else { return };
    assert_rebuilds(&settings, 54);
}

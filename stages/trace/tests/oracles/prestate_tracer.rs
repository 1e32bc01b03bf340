//! Reads and diffs against geth's prestateTracer, without and with `diffMode`.

use std::collections::BTreeMap;

use alloy::primitives::{Address, U256, hex, keccak256};
use blockmill_schemas::Dataset;
use blockmill_testkit::geth_tracers::TracerTest;
use blockmill_testkit::rows::{Row, rows};
use serde_json::{Map, Value, json};

use crate::geth::{address, assert_same, data, quantity, replayed, tests};
use crate::replayed::Replayed;
use crate::trace_row::payload;

#[test]
fn reads_are_what_prestate_tracer_lists() {
    for test in tests("prestate_tracer").unwrap_or_default() {
        let (_, replayed) = replayed(&test);
        let includes_empty = test.tracer_config["includeEmpty"] == json!(true);
        let mut accounts = reads(&replayed);
        accounts.retain(|_, account| includes_empty || !account.is_empty());
        assert_same(&test, &said(&test, &accounts), &test.result);
    }
}

#[test]
fn diffs_are_what_prestate_tracer_says_in_diff_mode() {
    for test in tests("prestate_tracer_with_diff_mode").unwrap_or_default() {
        let (_, replayed) = replayed(&test);
        let Diffs { changed, pre_storage, post, deleted } = diffs(&replayed);
        let mut pre = reads(&replayed);
        pre.retain(|address, account| changed.contains_key(address) && !account.is_empty());
        for (address, account) in &mut pre {
            if !deleted.contains(address) {
                account.storage = pre_storage.get(address).cloned().unwrap_or_default();
            }
        }
        let ours = json!({ "pre": said(&test, &pre), "post": said(&test, &post) });
        assert_same(&test, &ours, &test.result);
    }
}

/// What is said of an account; geth leaves out what is unchanged or has its default value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Said {
    balance: Option<U256>,
    nonce: Option<u64>,
    code: Option<Vec<u8>>,
    storage: BTreeMap<U256, U256>,
}

impl Said {
    /// geth's notion of an account that was not there.
    fn is_empty(&self) -> bool {
        self.balance.is_none_or(|balance| balance.is_zero())
            && self.nonce.is_none_or(|nonce| nonce == 0)
            && self.code.as_ref().is_none_or(Vec::is_empty)
    }
}

type Accounts = BTreeMap<Address, Said>;

fn said(test: &TracerTest, accounts: &Accounts) -> Value {
    let without = |what: &str| test.tracer_config[what] == json!(true);
    let account = |(of, said): (&Address, &Said)| {
        let mut fields = Map::new();
        let mut set = |name: &str, value: Option<Value>| value.map(|value| fields.insert(name.into(), value));
        set("balance", said.balance.map(quantity));
        set("nonce", said.nonce.map(|nonce| json!(nonce)));
        set("code", said.code.as_ref().filter(|_| !without("disableCode")).map(|code| data(code)));
        set("codeHash", said.code.as_ref().map(|code| data(keccak256(code).as_slice())));
        let word = |number: &U256| hex::encode_prefixed(number.to_be_bytes::<32>());
        let storage: Map<_, _> = said.storage.iter().map(|(k, v)| (word(k), json!(word(v)))).collect();
        set("storage", (!storage.is_empty() && !without("disableStorage")).then_some(Value::Object(storage)));
        (address(*of).as_str().unwrap().to_owned(), Value::Object(fields))
    };
    Value::Object(accounts.iter().map(account).collect())
}

/// What the transaction read, account by account.
fn reads(replayed: &Replayed) -> Accounts {
    let payloads = replayed.payloads();
    let mut accounts = Accounts::new();
    each(replayed, Dataset::BalanceReads, |row| {
        // geth says zero of an account that is not there.
        accounts.entry(address_of(row)).or_default().balance = Some(row.amount("value").unwrap_or_default());
    });
    each(replayed, Dataset::NonceReads, |row| {
        accounts.entry(address_of(row)).or_default().nonce = row.number("value").filter(|nonce| *nonce > 0);
    });
    each(replayed, Dataset::CodeReads, |row| {
        accounts.entry(address_of(row)).or_default().code = payload(&payloads, row, "value");
    });
    each(replayed, Dataset::StorageReads, |row| {
        let account = accounts.entry(address_of(row)).or_default();
        account.storage.insert(row.word("slot").unwrap(), row.word("value").unwrap());
    });
    accounts
}

#[derive(Default)]
struct Diffs {
    /// Accounts with a change.
    changed: BTreeMap<Address, ()>,
    /// Slots that changed, with what they held, where that is not zero.
    pre_storage: BTreeMap<Address, BTreeMap<U256, U256>>,
    /// What changed, as it is now.
    post: Accounts,
    /// Accounts that are gone.
    deleted: Vec<Address>,
}

fn diffs(replayed: &Replayed) -> Diffs {
    let payloads = replayed.payloads();
    let mut diffs = Diffs::default();
    each(replayed, Dataset::BalanceDiffs, |row| match row.amount("to_value") {
        Some(balance) if Some(balance) != row.amount("from_value").or(Some(U256::ZERO)) => {
            diffs.post.entry(address_of(row)).or_default().balance = Some(balance);
        }
        Some(_) => {}
        None => diffs.deleted.push(address_of(row)),
    });
    each(replayed, Dataset::NonceDiffs, |row| match row.number("to_value") {
        Some(nonce) if nonce != row.number("from_value").unwrap_or(0) => {
            diffs.post.entry(address_of(row)).or_default().nonce = Some(nonce);
        }
        _ => {}
    });
    each(replayed, Dataset::CodeDiffs, |row| match payload(&payloads, row, "to_value") {
        Some(code) if code != payload(&payloads, row, "from_value").unwrap_or_default() => {
            diffs.post.entry(address_of(row)).or_default().code = Some(code);
        }
        _ => {}
    });
    each(replayed, Dataset::StorageDiffs, |row| {
        let (of, slot) = (address_of(row), row.word("slot").unwrap());
        let set = |value: U256, side: &mut BTreeMap<U256, U256>| {
            if !value.is_zero() {
                side.insert(slot, value);
            }
        };
        set(row.word("from_value").unwrap(), diffs.pre_storage.entry(of).or_default());
        set(row.word("to_value").unwrap(), &mut diffs.post.entry(of).or_default().storage);
    });
    diffs.post.retain(|address, _| !diffs.deleted.contains(address));
    diffs.changed.extend(diffs.post.keys().chain(&diffs.deleted).map(|address| (*address, ())));
    diffs
}

/// The rows of the transaction.
fn each<'a>(replayed: &'a Replayed, dataset: Dataset, visit: impl FnMut(Row<'a>)) {
    let rows = replayed.batch(dataset).into_iter().flat_map(rows);
    rows.filter(|row| row.index("transaction_index").is_some()).for_each(visit);
}

fn address_of(row: Row<'_>) -> Address {
    row.address("address").unwrap()
}

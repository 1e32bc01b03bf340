use std::fs;

use proptest::prelude::*;

use super::*;

const ROOT: &str = "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
const EMPTY_CODE: &str = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
const FIRST: &str = "0x0000000000000000000000000000000000000001";
const SECOND: &str = "0x0000000000000000000000000000000000000002";

fn items(text: &str) -> Result<Vec<DumpItem>, DumpError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.json");
    fs::write(&path, text).unwrap();
    let mut items = Vec::new();
    read_state_dump(&path, folder.path(), &mut |item| {
        items.push(item);
        Ok(())
    })?;
    Ok(items)
}

fn expected() -> Vec<DumpItem> {
    let account = |number, nonce, balance: u64, code: &[u8]| DumpItem::Account {
        address: Address::with_last_byte(number),
        nonce,
        balance: U256::from(balance),
        code: Bytes::copy_from_slice(code),
        code_hash: alloy::primitives::keccak256(code),
        storage_root: None,
    };
    let slot = |slot, value: u64| DumpItem::Slot {
        address: Address::with_last_byte(2),
        slot: U256::from(slot),
        value: U256::from(value),
    };
    vec![
        DumpItem::Root(ROOT.parse().unwrap()),
        account(1, 0, 17, &[]),
        account(2, 5, 0, &[0x60, 1]),
        slot(1_u64, 0x2a),
        slot(0, 255),
    ]
}

fn without_storage_roots(items: Vec<DumpItem>) -> Vec<DumpItem> {
    let without = |mut item: DumpItem| {
        if let DumpItem::Account { storage_root, .. } = &mut item {
            *storage_root = None;
        }
        item
    };
    items.into_iter().map(without).collect()
}

fn word(number: u8) -> String {
    format!("0x{:064x}", number)
}

#[test]
fn reths_lines_are_read() {
    let text = format!(
        "{{\"root\":\"0x{ROOT}\"}}\n{{\"balance\":\"0x11\",\"nonce\":0,\"code\":null,\"storage\":null,\"address\":\"{FIRST}\"}}\n\
         {{\"nonce\":\"0x5\",\"balance\":\"0x0\",\"code\":\"0x6001\",\"storage\":{{\"{}\":\"{}\",\"{}\":\"{}\"}},\"address\":\"{SECOND}\"}}\n",
        word(1),
        word(0x2a),
        word(0),
        word(255),
    );
    assert_eq!(items(&text).unwrap(), expected());
}

#[test]
fn geths_object_and_lines_are_read() {
    let code_hash = alloy::primitives::keccak256([0x60, 1]);
    let first = format!("\"balance\":\"17\",\"nonce\":0,\"root\":\"0x{ROOT}\",\"codeHash\":\"{EMPTY_CODE}\"");
    let second = format!(
        "\"balance\":\"0\",\"nonce\":5,\"root\":\"0x{ROOT}\",\"codeHash\":\"{code_hash}\",\"code\":\"0x6001\",\
         \"storage\":{{\"{}\":\"2a\",\"{}\":\"ff\"}}",
        word(1),
        word(0)
    );
    let named =
        |fields: &str, address: &str| format!("{{{fields},\"address\":\"{address}\",\"key\":\"0x{ROOT}\"}}");
    let object = format!(
        "{{\n \"root\": \"{ROOT}\",\n \"accounts\": {{ \"{FIRST}\": {}, \"{SECOND}\": {{{second}}} }}\n}}\n",
        named(&first, FIRST)
    );
    assert_eq!(without_storage_roots(items(&object).unwrap()), expected());
    let lines = format!("{{\"root\":\"{ROOT}\"}}\n{}\n{}\n", named(&first, FIRST), named(&second, SECOND));
    let read = items(&lines).unwrap();
    assert!(matches!(read[1], DumpItem::Account { storage_root: Some(_), .. }));
    assert_eq!(without_storage_roots(read), expected());
}

#[test]
fn accounts_without_addresses_are_counted_and_the_first_is_named() {
    let account = "{\"balance\":\"1\",\"nonce\":0}";
    let object =
        format!("{{\"root\":\"{ROOT}\",\"accounts\":{{\"pre(0xabc)\":{account},\"pre(0xdef)\":{account}}}}}");
    let lines = format!("{{\"root\":\"{ROOT}\"}}\n{{\"balance\":\"1\",\"nonce\":0,\"key\":\"0xabc\"}}\n");
    for (text, count) in [(object, "2 accounts"), (lines, "1 accounts")] {
        let refused = items(&text).unwrap_err().to_string();
        assert!(refused.contains(count) && refused.contains("0xabc"), "{refused}");
    }
}

#[test]
fn what_is_no_whole_dump_is_refused_with_its_place() {
    let refused = |text: &str| items(text).unwrap_err().to_string();
    assert!(refused("").contains("the file is empty"));
    assert!(
        refused(&format!("{{\"balance\":\"1\",\"address\":\"{FIRST}\"}}"))
            .contains("the state's root should be")
    );
    assert!(
        refused(&format!("{{\"root\":\"{ROOT}\",\"accounts\":{{}},\"next\":\"AAA=\"}}"))
            .contains("a part of one")
    );
    let root = format!("{{\"root\":\"{ROOT}\"}}\n");
    let cut = refused(&format!("{root}{{\"balance\":\"1\",\"addr"));
    assert!(cut.contains("dump.json, byte 76"), "{cut}");
    let nocode = format!("{root}{{\"balance\":\"1\",\"codeHash\":\"0x{ROOT}\",\"address\":\"{FIRST}\"}}");
    assert!(refused(&nocode).contains("was it made without code?"));
    for wrong in [
        "\"balance\":\"0x\"",
        "\"balance\":-1",
        "\"balance\":\"1\",\"nonce\":\"0x10000000000000000\"",
        "\"nonce\":1",
    ] {
        refused(&format!("{root}{{{wrong},\"address\":\"{FIRST}\"}}"));
    }
}

#[test]
fn more_slots_than_memory_holds_wait_in_a_file() {
    let slots: Vec<_> = (0..80_000).map(|slot| format!("\"0x{slot:064x}\":\"0x{:x}\"", slot + 1)).collect();
    let text = format!(
        "{{\"root\":\"{ROOT}\"}}{{\"balance\":\"1\",\"storage\":{{{}}},\"address\":\"{SECOND}\"}}",
        slots.join(",")
    );
    let read = items(&text).unwrap();
    assert_eq!(read.len(), 80_002);
    let last = DumpItem::Slot {
        address: Address::with_last_byte(2),
        slot: U256::from(79_999),
        value: U256::from(80_000),
    };
    assert_eq!(read.last(), Some(&last));
}

proptest! {
    #[test]
    fn garbage_is_never_a_panic(text in "[{}\":,a-z0-9 \\[\\]]{0,80}") {
        let _ = items(&format!("{{\"root\":\"{ROOT}\"}}{text}"));
        let _ = items(&text);
    }
}

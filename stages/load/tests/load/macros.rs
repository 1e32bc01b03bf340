//! The macros are exact for every 256-bit value.

use alloy::primitives::{U256, hex};
use blockmill_load::Database;
use proptest::prelude::*;

use crate::{Workbench, value};

/// A database for all cases of a test. It is closed by the test, not when the thread ends: DuckDB keeps thread-local
/// state of its own, which may be gone by then.
struct Sql {
    database: Database,
    _bench: Workbench,
}

impl Sql {
    fn new() -> Self {
        let bench = Workbench::new();
        Self { database: bench.open(), _bench: bench }
    }

    /// The value of an SQL expression.
    fn eval(&self, expression: &str) -> Option<String> {
        value(&self.database, &format!("SELECT {expression}"))
    }

    fn assert_round_trip(&self, word: U256) {
        let bytes = hex::encode(word.to_be_bytes::<32>());
        assert_eq!(self.eval(&format!("u256_dec(unhex('{bytes}'))")), Some(word.to_string()));
        assert_eq!(self.eval(&format!("lower(hex(u256('{word}')))")), Some(bytes));
    }
}

fn fails(expression: &str) -> String {
    let bench = Workbench::new();
    bench.open().query_text(&format!("SELECT {expression}")).unwrap_err().to_string()
}

/// Words of every size: most random 256-bit numbers are large.
fn word() -> impl Strategy<Value = U256> {
    (any::<[u8; 32]>(), 0..256usize).prop_map(|(bytes, shift)| U256::from_be_bytes(bytes) >> shift)
}

/// The values at which a limb overflows or a carry runs through.
fn edges() -> impl Iterator<Item = U256> {
    let ten = U256::from(10);
    let tens = (0..78u64).map(move |exponent| ten.pow(U256::from(exponent)));
    let twos = (0..256usize).map(|exponent| U256::from(1) << exponent);
    let powers = tens.chain(twos).flat_map(|power| [power - U256::from(1), power, power + U256::from(1)]);
    powers.chain([U256::MAX - U256::from(1), U256::MAX])
}

#[test]
fn uint256_is_exact_at_every_carry() {
    let sql = Sql::new();
    edges().for_each(|word| sql.assert_round_trip(word));
}

#[test]
fn uint256_is_exact_to_the_last_digit() {
    let sql = Sql::new();
    proptest!(|(word in word())| sql.assert_round_trip(word));
}

#[test]
fn bytes_and_hex_text_are_each_others_inverse() {
    let sql = Sql::new();
    proptest!(|(bytes in prop::collection::vec(any::<u8>(), 0..70))| {
        let text = format!("0x{}", hex::encode(&bytes));
        prop_assert_eq!(sql.eval(&format!("hex0x(bin('{text}'))")), Some(text.clone()));
        let upper = text.to_uppercase().replace("0X", "0x");
        prop_assert_eq!(sql.eval(&format!("octet_length(bin('{upper}'))")), Some(bytes.len().to_string()));
    });
}

#[test]
fn ether_and_gwei_lose_no_wei() {
    let sql = Sql::new();
    proptest!(|(wei in 0..10u128.pow(38))| {
        let (ether, below) = (wei / 10u128.pow(18), wei % 10u128.pow(18));
        prop_assert_eq!(sql.eval(&format!("eth({wei}::DECIMAL(38,0))")), Some(format!("{ether}.{below:018}")));
        let (gwei, below) = (wei / 10u128.pow(9), wei % 10u128.pow(9));
        prop_assert_eq!(sql.eval(&format!("gwei({wei}::DECIMAL(38,0))")), Some(format!("{gwei}.{below:09}")));
    });
}

/// An amount as the two columns have it.
fn columns(amount: U256) -> String {
    match amount < U256::from(10).pow(U256::from(38)) {
        true => format!("{amount}::DECIMAL(38,0), NULL"),
        false => format!("NULL, u256('{amount}')"),
    }
}

#[test]
fn amounts_are_one_number_at_every_carry() {
    let sql = Sql::new();
    let edges: Vec<_> = edges().collect();
    for amount in &edges {
        assert_eq!(sql.eval(&format!("amount({})::VARCHAR", columns(*amount))), Some(amount.to_string()));
    }
    // Compared and sorted as the numbers that they are.
    let rows: Vec<_> = edges.iter().map(|amount| format!("({})", columns(*amount))).collect();
    let sorted = format!(
        "array_to_string(list(amount(value, value_u256)::VARCHAR ORDER BY amount(value, value_u256)), ' ')
         FROM (VALUES {}) AS amounts(value, value_u256)",
        rows.join(", ")
    );
    let mut expected = edges.clone();
    expected.sort();
    let expected: Vec<_> = expected.iter().map(U256::to_string).collect();
    assert_eq!(sql.eval(&sorted), Some(expected.join(" ")));
}

#[test]
fn sums_of_amounts_and_fees_are_exact_at_every_size() {
    let sql = Sql::new();
    let sum = |rows: &[String]| {
        let rows = rows.join(", ");
        sql.eval(&format!("sum_amount(value, value_u256)::VARCHAR FROM (VALUES {rows}) t(value, value_u256)"))
    };
    // Two of the largest are 2^257 - 2, which no U256 holds.
    let most = U256::MAX.to_string();
    let twice = "231584178474632390847141970017375815706539969331281128078915168015826259279870";
    assert_eq!(
        sum(&[format!("(NULL, u256('{most}'))"), format!("(NULL, u256('{most}'))")]).as_deref(),
        Some(twice)
    );
    assert_eq!(sum(&["(NULL::DECIMAL(38,0), NULL::BLOB)".into()]), None);
    proptest!(|(words in prop::collection::vec(word(), 1..20))| {
        let rows: Vec<_> = words.iter().map(|word| format!("({})", columns(*word >> 8))).collect();
        let expected: U256 = words.iter().map(|word| *word >> 8).sum();
        prop_assert_eq!(sum(&rows), Some(expected.to_string()));
    });
    proptest!(|(gas in 0..1u64 << 63, price in 0..10u128.pow(38), (less, shift) in (0..64u32, 0..127u32))| {
        let (gas, price) = (gas >> less, price >> shift);
        let expected = (U256::from(gas) * U256::from(price)).to_string();
        let (gas, price) = (format!("{gas}::UBIGINT"), format!("{price}::DECIMAL(38,0)"));
        prop_assert_eq!(sql.eval(&format!("fee({gas}, {price})::VARCHAR")), Some(expected.clone()));
        prop_assert_eq!(sql.eval(&format!("sum_fee({gas}, {price})::VARCHAR")), Some(expected));
    });
    let unknown = "sum_fee(gas, price) FROM (VALUES (1::UBIGINT, 1::DECIMAL(38,0)), (1, NULL)) t(gas, price)";
    assert_eq!(sql.eval(unknown), None, "a price that is not known makes no sum");
}

#[test]
fn scaled_amounts_are_right_to_fifteen_digits() {
    let sql = Sql::new();
    assert_eq!(sql.eval("scaled(1500000000000000000::DECIMAL(38,0), 18)").as_deref(), Some("1.5"));
    assert_eq!(sql.eval("scaled(amount(NULL, u256('1' || repeat('0', 77))), 18)").as_deref(), Some("1e+59"));
    assert_eq!(sql.eval("scaled(7, 0)").as_deref(), Some("7.0"));
}

#[test]
fn macros_take_what_columns_hold() {
    let sql = Sql::new();
    assert_eq!(sql.eval("eth(1500000000000000000::UBIGINT)").as_deref(), Some("1.500000000000000000"));
    assert_eq!(sql.eval("gwei(7)").as_deref(), Some("0.000000007"));
    assert_eq!(sql.eval("u256_dec(bin('0x0100'))").as_deref(), Some("256"));
    assert_eq!(sql.eval("u256_dec(''::BLOB)").as_deref(), Some("0"));
    assert_eq!(sql.eval("hex0x(u256(256))"), Some(format!("0x{}0100", "0".repeat(60))));
}

#[test]
fn null_in_is_null_out() {
    let sql = Sql::new();
    for null in [
        "u256_dec(NULL::BLOB)",
        "u256(NULL)",
        "bin(NULL)",
        "hex0x(NULL)",
        "eth(NULL)",
        "gwei(NULL)",
        "amount(NULL, NULL)",
        "sum_amount(NULL, NULL)",
        "scaled(NULL, 18)",
        "scaled(1, NULL)",
        "fee(NULL, 1)",
        "fee(1, NULL)",
        "sum_fee(NULL, 1)",
        "number(NULL::BLOB)",
        "word(NULL, 0)",
        "address_of(NULL)",
        "selector(NULL)",
        "balance_at(NULL, 1)",
    ] {
        assert_eq!(sql.eval(null), None, "{null}");
    }
}

#[test]
fn nonsense_is_refused_with_the_name_of_the_macro() {
    for text in ["bin('ff')", "bin('0xf')", "bin('0xgg')", "bin('')"] {
        assert!(fails(text).contains("bin() takes 0x-text"), "{text}: {}", fails(text));
    }
    for text in ["u256('-1')", "u256('1.5')", "u256('')", "u256('0x5')", "u256(repeat('1', 79))"] {
        assert!(fails(text).contains("u256() takes decimal digits"), "{text}: {}", fails(text));
    }
    let over = "u256('115792089237316195423570985008687907853269984665640564039457584007913129639936')";
    assert!(fails(over).contains("below 2^256"), "{}", fails(over));
    let short = "address_of('0x1234')";
    assert!(
        fails(short).contains("address_of() takes 32 bytes as BLOB or 0x-text, not 2"),
        "{}",
        fails(short)
    );
    let long = "u256_dec(unhex(repeat('00', 33)))";
    assert!(fails(long).contains("at most 32 bytes"), "{}", fails(long));
}

#[test]
fn an_account_or_a_slot_of_the_wrong_form_is_no_account_without_a_balance() {
    let sql = Sql::new();
    let fails =
        |expression: &str| sql.database.query_text(&format!("SELECT {expression}")).unwrap_err().to_string();
    let account = format!("'0x{}'", "ab".repeat(20));
    for name in ["balance_at", "balance_u256_at", "nonce_at", "code_at"] {
        for (wrong, words) in [
            ("'0xabcd'", format!("{name}() takes 20 bytes as BLOB or 0x-text, not 2")),
            ("unhex('abcd')", format!("{name}() takes 20 bytes as BLOB or 0x-text, not 2")),
            ("'abcd'", "bin() takes 0x-text".to_owned()),
        ] {
            let said = fails(&format!("{name}({wrong}, 1)"));
            assert!(said.contains(&words), "{name}({wrong}): {said}");
        }
    }
    let said = fails(&format!("storage_at({account}, '0x00', 1)"));
    assert!(said.contains("storage_at() takes 32 bytes as BLOB or 0x-text, not 1"), "{said}");
    let said = fails("storage_at('0x00', u256(0), 1)");
    assert!(said.contains("storage_at() takes 20 bytes as BLOB or 0x-text, not 1"), "{said}");
}

#[test]
fn words_are_decoded_by_hand() {
    let sql = Sql::new();
    let is = |expression: &str, expected: Option<&str>| {
        assert_eq!(sql.eval(expression).as_deref(), expected, "{expression}");
    };
    let address = "ab".repeat(20);
    let data = format!("0x{}{address}{}{}", "00".repeat(12), "ff".repeat(32), "07".repeat(31));
    for data in [format!("'{data}'"), format!("bin('{data}')")] {
        is(&format!("hex0x(address_of(word({data}, 0)))"), Some(&format!("0x{address}")));
        is(&format!("number(word({data}, 1))::VARCHAR"), Some(&U256::MAX.to_string()));
        is(&format!("address_of(word({data}, 1))"), None);
        // The last word is not whole.
        is(&format!("word({data}, 2)"), None);
    }
    // An error without arguments, one with, Error(string); bytes that are none.
    for (output, expected) in
        [("18ff0ee4", Some("0x18ff0ee4")), ("18ff0ee400", Some("0x18ff0ee4")), ("18ff", None)]
    {
        is(&format!("hex0x(selector(unhex('{output}')))"), expected);
        is(&format!("hex0x(selector('0x{output}'))"), expected);
    }
    // As text 10 sorts before 9.
    is(
        "array_to_string(list(number(n)::VARCHAR ORDER BY number(n)), ' ') FROM (VALUES (u256(10)), (u256(9)), \
         (u256('1' || repeat('0', 77))), ('\\x08'::BLOB)) t(n)",
        Some(&format!("8 9 10 1{}", "0".repeat(77))),
    );
}

#[test]
fn balances_of_tokens_are_amounts_too() {
    let sql = Sql::new();
    let negative = format!("-{}", "9".repeat(80));
    let rows = format!(
        "(7::DECIMAL(38,0), NULL::TEXT), (-{n}, NULL), ({n}, NULL), (NULL, '{negative}')",
        n = "9".repeat(38)
    );
    let of = |aggregate: &str| {
        sql.eval(&format!("{aggregate}::VARCHAR FROM (VALUES {rows}) t(balance, balance_text)"))
    };
    let expected = format!("-{}2", "9".repeat(79));
    assert_eq!(of("sum_amount(balance, balance_text)"), Some(expected.clone()));
    assert_eq!(of("sum(amount(balance, balance_text))"), Some(expected));
    assert_eq!(of("min(amount(balance, balance_text))"), Some(negative));
}

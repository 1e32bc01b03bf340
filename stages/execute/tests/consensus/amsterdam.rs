//! The EIPs of Amsterdam (EIP-7773), each with gas and values computed by hand from its text: no second client here knows the
//! fork yet.
//!
//! What transactions of this test cost: 12,000 for the sender, 3,000 for a recipient other than the sender,
//! 6,000 for wei that go there (EIP-2780); 183,600 gas of state for a new account, 97,920 for a new slot,
//! 1,530 for a byte of code (EIP-8037).

use alloy::consensus::TxEip2930;
use alloy::eips::eip2930::{AccessList, AccessListItem};
use alloy::eips::eip4788::SYSTEM_ADDRESS;
use alloy::primitives::{Address, B256, Log, TxKind, U256, b256};
use blockmill_chain::Fork;

use crate::scene::{BASE_FEE, COINBASE, GAS_PRICE, Played, SENDER, Scene, signed, transaction};

const CONTRACT: Address = Address::repeat_byte(0x11);
const OTHER: Address = Address::repeat_byte(0x22);

const NEW_ACCOUNT: u64 = 183_600;
const NEW_SLOT: u64 = 97_920;
const TRANSFER: B256 = b256!("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

/// A transaction to [`CONTRACT`], which has this code.
fn run(code: &[u8]) -> Played {
    let scene =
        Scene::new(Fork::Amsterdam).with(CONTRACT, 1, 100, code, &[(7, 1)]).with(OTHER, 1, 5, &[], &[]);
    scene.play(&[transaction(0, TxKind::Call(CONTRACT), &[], 0, 5_000_000)]).unwrap()
}

fn gas_paid(played: &Played) -> u64 {
    played.executed.receipts.last().unwrap().cumulative_gas_used()
}

fn transfer_log(from: Address, to: Address, wei: u64) -> Log {
    let topics = vec![TRANSFER, from.into_word(), to.into_word()];
    Log::new_unchecked(SYSTEM_ADDRESS, topics, U256::from(wei).to_be_bytes::<32>().into())
}

/// PUSH20 of an address.
fn push(address: Address) -> Vec<u8> {
    [&[0x73], address.as_slice()].concat()
}

/// CALL with wei, all gas, no data; the result is popped.
fn call(to: Address, wei: u8) -> Vec<u8> {
    [&[0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, wei][..], &push(to), &[0x5a, 0xf1, 0x50]].concat()
}

#[test]
fn eip_2780_a_transfer_costs_what_its_parts_cost() {
    let stranger = Address::repeat_byte(0x77);
    let play = |to, value| {
        let scene = Scene::new(Fork::Amsterdam).with(OTHER, 1, 5, &[], &[]);
        gas_paid(&scene.play(&[transaction(0, TxKind::Call(to), &[], value, 400_000)]).unwrap())
    };
    assert_eq!(play(SENDER, 1), 12_000, "to oneself");
    assert_eq!(play(OTHER, 0), 15_000, "without wei");
    assert_eq!(play(stranger, 0), 15_000, "without wei, to an account that does not exist");
    assert_eq!(play(OTHER, 1), 21_000, "to an account that exists");
    assert_eq!(play(stranger, 1), 21_000 + NEW_ACCOUNT, "to a new account");
}

#[test]
fn eip_2780_a_transaction_that_cannot_pay_for_a_new_account_is_included_and_fails() {
    let stranger = Address::repeat_byte(0x77);
    let scene = Scene::new(Fork::Amsterdam);
    let played =
        scene.play(&[transaction(0, TxKind::Call(stranger), &[], 1, 21_000 + NEW_ACCOUNT - 1)]).unwrap();
    assert_eq!(played.statuses(), [false]);
    assert_eq!(gas_paid(&played), 21_000 + NEW_ACCOUNT - 1, "all of it");
    assert_eq!(played.account(stranger), None);
    assert_eq!(played.account(SENDER).unwrap().nonce, 1);
}

#[test]
fn eip_8037_a_block_uses_the_larger_of_both_kinds_of_gas() {
    // Two transfers that make accounts: 2 × 21,000 to execute, 2 × 183,600 of state.
    let to = |last| TxKind::Call(Address::with_last_byte(last));
    let transfers = [transaction(0, to(0xe1), &[], 1, 300_000), transaction(1, to(0xe2), &[], 1, 300_000)];
    let played = Scene::new(Fork::Amsterdam).play(&transfers).unwrap();
    assert_eq!(played.executed.gas_used, 2 * NEW_ACCOUNT);
    assert_eq!(gas_paid(&played), 2 * (21_000 + NEW_ACCOUNT), "receipts add up what was paid");
    let tips = u64::from(2u8) * (21_000 + NEW_ACCOUNT) * (GAS_PRICE - BASE_FEE);
    assert_eq!(played.account(COINBASE).unwrap().balance, U256::from(tips), "and so do the fees");
}

#[test]
fn eip_8037_and_8038_a_new_slot_costs_access_write_and_state() {
    // PUSH1 9, PUSH1 0, SSTORE.
    let written = run(&[0x60, 9, 0x60, 0, 0x55]);
    assert_eq!(gas_paid(&written), 15_000 + 6 + 2_100 + 10_000 + NEW_SLOT);
    assert_eq!(written.slot(CONTRACT, 0), U256::from(9));
    // Of a slot that held something: no state.
    assert_eq!(gas_paid(&run(&[0x60, 9, 0x60, 7, 0x55])), 15_000 + 6 + 2_100 + 10_000);
    // Set and cleared again in one transaction: the state is given back at once, the write by refund, a fifth at most.
    let (first, second) = (6 + 2_100 + 10_000, 6 + 100);
    let before_refund = 15_000 + first + second;
    let undone = run(&[0x60, 9, 0x60, 0, 0x55, 0x60, 0, 0x60, 0, 0x55]);
    assert_eq!(gas_paid(&undone), before_refund - before_refund / 5);
    assert_eq!(undone.executed.gas_used, before_refund, "EIP-7778: the block counts without refunds");
}

#[test]
fn eip_8038_cold_accounts_cost_3000_and_the_size_of_code_a_second_read() {
    // BALANCE, POP.
    assert_eq!(gas_paid(&run(&[&push(OTHER)[..], &[0x31, 0x50]].concat())), 15_000 + 3 + 3_000 + 2);
    // EXTCODESIZE, POP.
    assert_eq!(gas_paid(&run(&[&push(OTHER)[..], &[0x3b, 0x50]].concat())), 15_000 + 3 + 3_000 + 100 + 2);
}

#[test]
fn eip_8038_a_call_with_wei_writes_an_account() {
    // Six pushes and GAS: 20; access 3,000; write 9,000 and stipend 2,300, of which all comes back; POP 2.
    assert_eq!(gas_paid(&run(&call(OTHER, 3))), 15_000 + 20 + 3_000 + 9_000 + 2);
    let stranger = Address::repeat_byte(0x77);
    assert_eq!(gas_paid(&run(&call(stranger, 3))), 15_000 + 20 + 3_000 + 9_000 + NEW_ACCOUNT + 2);
}

#[test]
fn eip_7976_a_byte_of_calldata_costs_64_at_least() {
    let play = |input: &[u8], gas| {
        let scene = Scene::new(Fork::Amsterdam).with(OTHER, 1, 5, &[], &[]);
        scene.play(&[transaction(0, TxKind::Call(OTHER), input, 0, gas)])
    };
    let floor = 15_000 + 64 * 100;
    assert_eq!(gas_paid(&play(&[0; 100], 50_000).unwrap()), floor, "zeros count like others");
    assert_eq!(gas_paid(&play(&[1; 100], floor).unwrap()), floor);
    let error = play(&[1; 100], floor - 1).err().unwrap().to_string();
    assert!(error.contains("transaction 0") && error.contains("gas floor"), "{error}");
}

#[test]
fn eip_7981_bytes_of_access_lists_cost_64_each() {
    let play = |gas_limit| {
        let item = AccessListItem { address: CONTRACT, storage_keys: vec![B256::ZERO] };
        let listed = TxEip2930 {
            chain_id: 1,
            gas_price: GAS_PRICE.into(),
            gas_limit,
            to: TxKind::Call(OTHER),
            access_list: AccessList(vec![item]),
            ..TxEip2930::default()
        };
        Scene::new(Fork::Amsterdam).with(OTHER, 1, 5, &[], &[]).play_all(vec![signed(listed)])
    };
    // EIP-8038: 2,900 for an address and 2,000 for a slot; 20 and 32 bytes besides.
    let gas = 15_000 + 2_900 + 2_000 + 64 * (20 + 32);
    assert_eq!(gas_paid(&play(gas).unwrap()), gas);
    assert!(play(gas - 1).err().unwrap().to_string().contains("transaction 0"));
}

#[test]
fn eip_7708_each_movement_of_ether_to_another_account_is_logged() {
    let scene = Scene::new(Fork::Amsterdam)
        .with(CONTRACT, 1, 100, &[call(OTHER, 3), call(OTHER, 0), call(CONTRACT, 0)].concat(), &[])
        .with(OTHER, 1, 5, &[], &[]);
    let played = scene.play(&[transaction(0, TxKind::Call(CONTRACT), &[], 8, 1_000_000)]).unwrap();
    let logs = played.executed.receipts[0].logs();
    assert_eq!(logs[..2], [transfer_log(SENDER, CONTRACT, 8), transfer_log(CONTRACT, OTHER, 3)]);
    // To itself, by transaction: no log.
    let to_oneself = Scene::new(Fork::Amsterdam);
    let played = to_oneself.play(&[transaction(0, TxKind::Call(SENDER), &[], 8, 100_000)]).unwrap();
    assert!(played.executed.receipts[0].logs().is_empty());
    // A frame that reverts takes its logs along.
    let reverts = Scene::new(Fork::Amsterdam)
        .with(CONTRACT, 1, 100, &[&call(OTHER, 3)[..], &[0x60, 0, 0x60, 0, 0xfd]].concat(), &[])
        .with(OTHER, 1, 5, &[], &[]);
    let played = reverts.play(&[transaction(0, TxKind::Call(CONTRACT), &[], 8, 1_000_000)]).unwrap();
    assert!(played.executed.receipts[0].logs().is_empty());
}

#[test]
fn eip_8246_self_destruct_burns_nothing() {
    // Init code of a contract that gets 9 wei and destroys itself in favour of itself: ADDRESS, SELFDESTRUCT.
    let created = SENDER.create(0);
    let played = Scene::new(Fork::Amsterdam)
        .play(&[transaction(0, TxKind::Create, &[0x30, 0xff], 9, 500_000)])
        .unwrap();
    assert_eq!(played.statuses(), [true]);
    let account = played.account(created).unwrap();
    assert_eq!(
        (account.nonce, account.balance),
        (0, U256::from(9)),
        "the balance stays, the rest is cleared"
    );
    // After a write: the slot is cleared, too.
    let stores = [0x60, 9, 0x60, 0, 0x55, 0x30, 0xff];
    let played =
        Scene::new(Fork::Amsterdam).play(&[transaction(0, TxKind::Create, &stores, 9, 900_000)]).unwrap();
    assert_eq!(played.slot(created, 0), U256::ZERO);
    assert_eq!(played.account(created).unwrap().balance, U256::from(9));
}

#[test]
fn eip_7843_slotnum_is_the_headers() {
    // SLOTNUM, PUSH1 7, SSTORE; slot 7 held something.
    let played = run(&[0x4b, 0x60, 7, 0x55]);
    assert_eq!(played.slot(CONTRACT, 7), U256::from(77));
    assert_eq!(gas_paid(&played), 15_000 + 2 + 3 + 2_100 + 10_000);
}

#[test]
fn eip_8024_the_stack_is_reached_further_down() {
    let push_all = |count: u8| (1..=count).flat_map(|value| [0x60, value]).collect::<Vec<u8>>();
    let store = [0x60, 7, 0x55];
    // DUPN 17: 17 + 111 = 128; of 20 values the 17th from the top is 4.
    let played = run(&[&push_all(20)[..], &[0xe6, 128], &store].concat());
    assert_eq!(played.slot(CONTRACT, 7), U256::from(4));
    // SWAPN 17: the 18th from the top, 3, with the top.
    let played = run(&[&push_all(20)[..], &[0xe7, 128], &store].concat());
    assert_eq!(played.slot(CONTRACT, 7), U256::from(3));
    // EXCHANGE 1, 2: 16 × 0 + 1 = 1, and 1 ^ 143 = 142: the second and third swap, so that the top is followed by 18.
    let played = run(&[&push_all(20)[..], &[0xe8, 142, 0x50], &store].concat());
    assert_eq!(played.slot(CONTRACT, 7), U256::from(18));
    // An immediate that is forbidden, 91, is a halt.
    assert_eq!(run(&[&push_all(20)[..], &[0xe6, 91]].concat()).statuses(), [false]);
    // Before Amsterdam there is no such instruction.
    let osaka =
        Scene::new(Fork::Osaka).with(CONTRACT, 1, 0, &[&push_all(20)[..], &[0xe6, 128]].concat(), &[]);
    let played = osaka.play(&[transaction(0, TxKind::Call(CONTRACT), &[], 0, 100_000)]).unwrap();
    assert_eq!(played.statuses(), [false]);
}

#[test]
fn eip_7954_code_may_have_64_kibibytes() {
    // PUSH3 size, PUSH1 0, RETURN: so many zeros as code.
    let init = |size: u32| [&[0x62][..], &size.to_be_bytes()[1..], &[0x60, 0, 0xf3]].concat();
    let play = |fork, size| {
        let creation = transaction(
            0,
            TxKind::Create,
            &init(size),
            0,
            if fork == Fork::Osaka { 16_000_000 } else { 120_000_000 },
        );
        let mut scene = Scene::new(fork);
        scene.gas_limit = 200_000_000;
        scene.play(&[creation]).unwrap()
    };
    let largest = play(Fork::Amsterdam, 0x10000);
    assert_eq!(largest.statuses(), [true]);
    // 12,000 + 12,000 for the creation; 7 bytes of input, of which the zeros at 4 and others at 16 gas, and a word of init code
    // at 2; memory of 2,048 words; 6 for each word of code, and 1,530 for each byte.
    let input = init(0x10000);
    let zeros = input.iter().filter(|byte| **byte == 0).count() as u64;
    let calldata = 4 * zeros + 16 * (input.len() as u64 - zeros);
    let memory = 3 * 2_048 + 2_048 * 2_048 / 512;
    let state = NEW_ACCOUNT + 1_530 * 65_536;
    assert_eq!(gas_paid(&largest), 24_000 + calldata + 2 + 6 + memory + 6 * 2_048 + state);
    assert_eq!(play(Fork::Amsterdam, 0x10001).statuses(), [false]);
    assert_eq!(play(Fork::Osaka, 0x6001).statuses(), [false], "24 KiB before");
}

//! What geth answered over JSON-RPC about a chain, told again by the tables and the store of a rebuild.
//!
//! An answer is built out of SQL (or, for the state at the head, out of the store) as the JSON that geth sends, and
//! compared field by field: values, and whether a field is null or absent. How many exchanges are compared is written
//! down per method, so that none can drop out unseen.

mod calls;
mod compare;
mod head_state;
mod json;
mod objects;
mod past_state;
mod raw;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use alloy::consensus::proofs::calculate_receipt_root;
use blockmill_chain::ChainSpec;
use blockmill_pipeline::{ChainChoice, Settings};
use blockmill_schemas::Dataset;
use blockmill_source::read_genesis;
use blockmill_store::Store;
use blockmill_testkit::rpc_io::{self, RpcFile};
use blockmill_testkit::vectors;
use serde_json::{Value, json};

use self::compare::differences;
use crate::harness::{Tables, Workplace, run};

/// The chain that geth was asked about.
const CHAIN: &str = "execution-apis";

/// How many exchanges of each method are compared: all that are there but those of `NOT_COMPARED`.
const COMPARED: [(&str, usize); 17] = [
    ("debug_getRawBlock", 2),
    ("debug_getRawReceipts", 2),
    ("debug_getRawTransaction", 1),
    ("debug_traceBlockByHash", 1),
    ("debug_traceBlockByNumber", 6),
    ("debug_traceTransaction", 2),
    ("eth_call", 5),
    ("eth_getBalance", 4),
    ("eth_getBlockByNumber", 10),
    ("eth_getBlockReceipts", 8),
    ("eth_getCode", 4),
    ("eth_getLogs", 6),
    ("eth_getProof", 4),
    ("eth_getStorageAt", 3),
    ("eth_getTransactionByHash", 9),
    ("eth_getTransactionCount", 4),
    ("eth_getTransactionReceipt", 9),
];

const REFUSED: &str = "geth refuses the request: how a server does that is not on the chain";
const SENDS: &str = "calls from an account with value and a price";

/// The files whose exchanges are not compared, and why.
const NOT_COMPARED: [(&str, &str); 14] = [
    ("debug_getRawBlock/get-invalid-number", REFUSED),
    ("debug_getRawReceipts/get-invalid-number", REFUSED),
    ("debug_getRawTransaction/get-invalid-hash", REFUSED),
    ("debug_traceBlockByHash/trace-block-not-found", REFUSED),
    ("debug_traceBlockByHash/trace-genesis", REFUSED),
    ("debug_traceBlockByNumber/trace-block-invalid-number", REFUSED),
    ("debug_traceBlockByNumber/trace-genesis", REFUSED),
    ("debug_traceTransaction/trace-unknown-tx", REFUSED),
    ("eth_call/call-callenv-options-eip1559", SENDS),
    ("eth_getLogs/filter-error-future-block-range", REFUSED),
    ("eth_getLogs/filter-error-invalid-blockHash-and-range", REFUSED),
    ("eth_getLogs/filter-error-reversed-block-range", REFUSED),
    ("eth_getStorageAt/get-storage-invalid-key", REFUSED),
    ("eth_getStorageAt/get-storage-invalid-key-too-large", REFUSED),
];

/// The fields of geth's answers that are not compared: what no table has of an instruction.
const FIELDS_NOT_COMPARED: [&str; 2] = ["memory", "storage"];
/// The instructions in geth's answers, of which every other value is compared.
const INSTRUCTIONS: usize = 1_959;

/// Values of accounts and slots in geth's answers.
const STATE_VALUES: usize = 28;

/// The rebuilt chain and geth's answers about it.
struct Chain {
    answers: PathBuf,
    tables: Mutex<Tables>,
    store: Store,
    spec: ChainSpec,
    /// Below the others, which have files open in it: fields are dropped in order.
    _place: Workplace,
}

impl Chain {
    /// `None` where the vectors are missing.
    fn rebuild() -> Option<Self> {
        let answers = vectors::require(&format!("chains/{CHAIN}/rpc"))?;
        let place = Workplace::new();
        let datasets = Dataset::ALL.to_vec();
        let settings = Settings { datasets, opcode_stack: true, ..place.chain(CHAIN)? };
        run(&settings).unwrap();
        let ChainChoice::GenesisFile(genesis) = settings.chain else { panic!("a chain of its own") };
        let spec = ChainSpec::custom(&read_genesis(&genesis).unwrap()).unwrap();
        let (tables, store) = (Mutex::new(place.tables()), place.store());
        Some(Self { answers, tables, store, spec, _place: place })
    }

    /// The chain of this process. It is removed with the last test that holds it; a static would leave its
    /// files.
    fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<Chain>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let chain = shared.upgrade().or_else(|| Self::rebuild().map(Arc::new))?;
        *shared = Arc::downgrade(&chain);
        Some(chain)
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of every block, as a parameter.
    fn numbers(&self) -> impl Iterator<Item = Value> {
        let head = tables::number_of(&self.tables(), &json!("latest")).unwrap();
        (0..=head).map(|number| json!(format!("{number:#x}")))
    }

    /// What the tables and the store answer.
    fn answer(&self, method: &str, params: &[Value]) -> Value {
        let (tables, store) = (&*self.tables(), &self.store);
        match method {
            "debug_getRawBlock" => raw::block(tables, store, params),
            "debug_getRawReceipts" => raw::receipts(tables, params),
            "debug_getRawTransaction" => raw::transaction(tables, params),
            "debug_traceBlockByHash" | "debug_traceBlockByNumber" => tables::trace_block(tables, params),
            "debug_traceTransaction" => tables::trace_transaction(tables, params),
            "eth_getBlockByNumber" => tables::block(tables, params),
            "eth_getBlockReceipts" => tables::block_receipts(tables, params),
            "eth_getLogs" => tables::logs(tables, params),
            "eth_getTransactionByHash" => tables::transaction(tables, params),
            "eth_getTransactionReceipt" => tables::receipt(tables, params),
            "eth_call" => calls::call(&self.spec, store, params),
            "eth_getBalance" if !is_at_head(tables, method, params) => past_state::balance(tables, params),
            "eth_getBalance" => head_state::balance(store, params),
            "eth_getCode" => head_state::code(store, params),
            "eth_getProof" => head_state::proof(store, params),
            "eth_getStorageAt" => head_state::storage_at(store, params),
            "eth_getTransactionCount" => head_state::nonce(store, params),
            _ => panic!("no answer to {method}"),
        }
    }
}

/// Whether a question about the state asks for that at the head, which is the store's; the diffs have every other too.
fn is_at_head(tables: &Tables, method: &str, params: &[Value]) -> bool {
    past_state::block_of(tables, method, params) == tables::number_of(tables, &json!("latest"))
}

/// `method/file`, as `NOT_COMPARED` has it.
fn name_of(file: &RpcFile) -> String {
    let method = file.path.parent().unwrap().file_name().unwrap().to_string_lossy();
    format!("{method}/{}", file.path.file_stem().unwrap().to_string_lossy())
}

fn is_compared(file: &RpcFile) -> bool {
    let name = name_of(file);
    NOT_COMPARED.iter().all(|(left_out, _)| *left_out != name)
}

/// Compares every exchange of these methods.
fn compare(methods: &[&str]) {
    let Some(chain) = Chain::shared() else { return };
    for method in methods {
        let files = rpc_io::of_method(&chain.answers, method).unwrap();
        let compared: usize =
            files.iter().filter(|file| is_compared(file)).map(|file| compare_file(&chain, file)).sum();
        assert_eq!(COMPARED.iter().find(|(name, _)| name == method), Some(&(*method, compared)));
    }
}

/// How many exchanges the file has, all of them alike.
fn compare_file(chain: &Chain, file: &RpcFile) -> usize {
    for exchange in &file.exchanges {
        let name = name_of(file);
        let geths = match &exchange.answer {
            Ok(answer) => answer.clone(),
            Err(error) if exchange.method == "eth_call" => json!({ "code": error["code"] }),
            Err(error) => panic!("{name}: geth refused: {error}"),
        };
        let ours = chain.answer(&exchange.method, exchange.params.as_array().unwrap());
        assert_eq!(differences(&ours, &geths, &FIELDS_NOT_COMPARED), Vec::<String>::new(), "{name}");
    }
    file.exchanges.len()
}

#[test]
fn blocks_are_as_geth_has_them() {
    compare(&["eth_getBlockByNumber", "debug_getRawBlock"]);
}

#[test]
fn transactions_are_as_geth_has_them() {
    compare(&["eth_getTransactionByHash", "debug_getRawTransaction"]);
}

#[test]
fn receipts_are_as_geth_has_them() {
    compare(&["eth_getTransactionReceipt", "eth_getBlockReceipts", "debug_getRawReceipts"]);
}

#[test]
fn logs_are_found_as_geth_finds_them() {
    compare(&["eth_getLogs"]);
}

#[test]
fn accounts_and_storage_at_the_head_are_as_geth_has_them() {
    compare(&[
        "eth_getBalance",
        "eth_getCode",
        "eth_getProof",
        "eth_getStorageAt",
        "eth_getTransactionCount",
    ]);
}

#[test]
fn the_diffs_tell_the_state_of_any_block_as_geth_does() {
    let Some(chain) = Chain::shared() else { return };
    let methods =
        ["eth_getBalance", "eth_getCode", "eth_getProof", "eth_getStorageAt", "eth_getTransactionCount"];
    let mut values = 0;
    for method in methods {
        let files = rpc_io::of_method(&chain.answers, method).unwrap();
        for exchange in files.into_iter().filter(is_compared).flat_map(|file| file.exchanges) {
            let params = exchange.params.as_array().unwrap();
            values += past_state::compare(&chain.tables(), method, params, &exchange.answer.unwrap());
        }
    }
    assert_eq!(values, STATE_VALUES);
}

#[test]
fn calls_return_what_they_return_at_geth() {
    compare(&["eth_call"]);
}

#[test]
fn instructions_are_as_geth_traces_them() {
    compare(&["debug_traceBlockByHash", "debug_traceBlockByNumber", "debug_traceTransaction"]);
}

#[test]
fn geths_answers_have_as_many_instructions_as_are_thought_compared() {
    let Some(answers) = vectors::require(&format!("chains/{CHAIN}/rpc")) else { return };
    let methods = ["debug_traceBlockByHash", "debug_traceBlockByNumber", "debug_traceTransaction"];
    let files = methods.into_iter().flat_map(|method| rpc_io::of_method(&answers, method).unwrap());
    let exchanges = files.filter(is_compared).flat_map(|file| file.exchanges);
    let texts = exchanges.map(|exchange| exchange.answer.unwrap().to_string());
    assert_eq!(texts.map(|text| text.matches("\"gasCost\":").count()).sum::<usize>(), INSTRUCTIONS);
}

#[test]
fn the_tables_of_all_forks_break_no_check() {
    let Some(chain) = Chain::shared() else { return };
    assert_eq!(chain.tables().broken_checks(), Vec::<String>::new());
    assert!(chain.tables().count("opcodes") > INSTRUCTIONS as u64);
}

#[test]
fn every_answer_is_compared_or_left_out_by_name() {
    let Some(answers) = vectors::require(&format!("chains/{CHAIN}/rpc")) else { return };
    let files = rpc_io::all(&answers).unwrap();
    let mut compared = BTreeMap::new();
    for file in files.iter().filter(|file| is_compared(file)) {
        for exchange in &file.exchanges {
            *compared.entry(exchange.method.as_str()).or_insert(0) += 1;
        }
    }
    assert_eq!(compared, BTreeMap::from(COMPARED));
    let left_out: BTreeSet<_> = files.iter().filter(|file| !is_compared(file)).map(name_of).collect();
    assert_eq!(left_out, BTreeSet::from(NOT_COMPARED.map(|(name, _)| name.to_owned())));
}

// geth's answers are samples; the next two look at every block.

#[test]
fn the_tables_hold_the_chain_file_byte_for_byte_but_for_the_headers_of_ommers() {
    let Some(chain) = Chain::shared() else { return };
    let path = vectors::require(&format!("chains/{CHAIN}/chain.rlp")).unwrap();
    let blocks = chain.numbers().skip(1).map(|number| {
        let block = chain.answer("debug_getRawBlock", &[number]);
        alloy::hex::decode(block.as_str().unwrap()).unwrap()
    });
    assert!(blocks.flatten().eq(std::fs::read(path).unwrap()));
}

#[test]
fn the_tables_hold_every_receipt_that_the_receipts_roots_commit_to() {
    let Some(chain) = Chain::shared() else { return };
    for number in chain.numbers() {
        let receipts = raw::envelopes(&chain.tables(), &number);
        let block = chain.answer("eth_getBlockByNumber", &[number, json!(false)]);
        assert_eq!(block["receiptsRoot"], json!(calculate_receipt_root(&receipts)));
    }
}

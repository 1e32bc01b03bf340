//! Real blocks: the bare loop over alloy-evm with everything in memory, our replay from witnesses, and the same with
//! the rows of all default datasets. One core; the ratios within one run are what counts.

use alloy::consensus::transaction::Recovered;
use alloy_evm::block::{BlockExecutor, BlockExecutorFactory};
use alloy_evm::eth::receipt_builder::AlloyReceiptBuilder;
use alloy_evm::eth::spec::EthSpec;
use alloy_evm::eth::{EthBlockExecutionCtx, EthBlockExecutorFactory, EthEvmFactory};
use alloy_evm::{EvmEnv, EvmFactory};
use blockmill_benches::RealBlocks;
use blockmill_chain::Witness;
use blockmill_execute::{BlockState, CodeCache, NoObserver, execute_block};
use blockmill_schemas::Dataset;
use blockmill_trace::{FrameMemory, TableRows, TraceOptions, WitnessState, trace_block};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use revm::bytecode::Bytecode;
use revm::database::{CacheDB, EmptyDB, State};
use revm::database_interface::WrapDatabaseRef;
use revm::state::AccountInfo;

/// The state of a witness as revm's own in-memory database has it, code analysed beforehand.
fn in_memory(blocks: &RealBlocks, witness: &Witness) -> CacheDB<EmptyDB> {
    let mut database = CacheDB::new(EmptyDB::new());
    for account in &witness.reads.accounts {
        let Some(state) = account.account else { continue };
        let code = blocks.codes.get(&state.code_hash).map(|code| Bytecode::new_raw(code.clone()));
        let info = AccountInfo {
            balance: state.balance,
            nonce: state.nonce,
            code_hash: state.code_hash,
            account_id: None,
            code: Some(code.unwrap_or_default()),
        };
        database.insert_account_info(account.address, info);
        for (slot, value) in &account.storage {
            database.insert_account_storage(account.address, *slot, *value).expect("memory does not fail");
        }
    }
    for (number, hash) in &witness.reads.block_hashes {
        database.cache.block_hashes.insert(alloy::primitives::U256::from(*number), *hash);
    }
    database
}

fn bare_loop(blocks: &RealBlocks, witness: &Witness, database: &CacheDB<EmptyDB>) -> u64 {
    let factory = EthBlockExecutorFactory::new(
        AlloyReceiptBuilder::default(),
        EthSpec::mainnet(),
        EthEvmFactory::default(),
    );
    let header = witness.block.header();
    let env = EvmEnv::for_eth_block(header, EthSpec::mainnet(), 1, blocks.spec.blob_params(header.timestamp));
    let mut state = State::builder().with_database(WrapDatabaseRef(database)).build();
    let evm = factory.evm_factory().create_evm(&mut state, env);
    let body = &witness.block.block.body;
    let context = EthBlockExecutionCtx {
        parent_hash: header.parent_hash,
        parent_beacon_block_root: header.parent_beacon_block_root,
        ommers: &body.ommers,
        withdrawals: body.withdrawals.as_ref().map(|w| w.as_slice().into()),
        extra_data: header.extra_data.clone(),
        tx_count_hint: Some(body.transactions.len()),
        slot_number: None,
    };
    let mut executor = factory.create_executor(evm, context);
    executor.apply_pre_execution_changes().expect("the vectors are valid");
    for (transaction, sender) in body.transactions.iter().zip(&witness.block.senders) {
        let transaction: alloy::consensus::TxEnvelope = transaction.clone().into();
        executor
            .execute_transaction(Recovered::new_unchecked(&transaction, *sender))
            .expect("the vectors are valid");
    }
    executor.finish().expect("the vectors are valid").1.gas_used
}

fn replay(blocks: &RealBlocks, witness: &Witness, codes: &CodeCache) -> u64 {
    let reader = WitnessState::new(&witness.reads, blocks);
    let delegations = blocks.spec.is_prague(witness.block.header().timestamp);
    let mut state = BlockState::new(reader, codes, delegations);
    let executed = execute_block(&blocks.spec, &witness.block, &mut state, &mut NoObserver {}, |_| Ok(()));
    executed.expect("the vectors are valid").gas_used
}

fn real_blocks(criterion: &mut Criterion) {
    let Some(blocks) = RealBlocks::read().expect("the vectors can be read") else { return };
    let codes = CodeCache::new(1 << 30);
    let databases: Vec<_> = blocks.witnesses.iter().map(|witness| in_memory(&blocks, witness)).collect();
    let mut group = criterion.benchmark_group("real_blocks");
    group.throughput(Throughput::Elements(blocks.gas()));
    group.sample_size(20);
    group.bench_function("bare_loop", |bencher| {
        let one = |(witness, database)| bare_loop(&blocks, witness, database);
        bencher.iter(|| blocks.witnesses.iter().zip(&databases).map(one).sum::<u64>());
    });
    group.bench_function("replay", |bencher| {
        bencher.iter(|| blocks.witnesses.iter().map(|witness| replay(&blocks, witness, &codes)).sum::<u64>());
    });
    for (name, datasets) in [
        ("trace_without_frames", vec![Dataset::Blocks, Dataset::Transactions, Dataset::Logs]),
        ("trace_all_default", Dataset::defaults().collect()),
    ] {
        let options = TraceOptions { datasets, precompiles: false, opcode_stack: false };
        group.bench_function(name, |bencher| bencher.iter(|| trace_all(&blocks, &codes, &options)));
    }
    group.finish();
}

fn trace_all(blocks: &RealBlocks, codes: &CodeCache, options: &TraceOptions) -> u64 {
    let mut rows = TableRows::new(options, usize::MAX, FrameMemory::unlimited());
    for witness in &blocks.witnesses {
        trace_block(&blocks.spec, witness, codes, blocks, &mut rows, &mut Vec::new())
            .expect("the vectors are valid");
    }
    rows.rows()
}

criterion_group!(benches, real_blocks);
criterion_main!(benches);

//! Blocks under the rules of a fork that this build does not execute.

use std::path::Path;

use alloy::consensus::constants::EMPTY_WITHDRAWALS;
use alloy::consensus::{BlockBody, EMPTY_OMMER_ROOT_HASH, Header};
use alloy::primitives::B256;
use alloy_rlp::Header as RlpHeader;
use blockmill_chain::{Block, ChainSpec, Fork, ForkCondition};
use blockmill_source::{SourceError, decode_block};

use crate::mainnet;

const BOGOTA: u64 = 1_900_000_000;

fn with_bogota() -> ChainSpec {
    mainnet().with_fork(Fork::Bogota, ForkCondition::Timestamp(BOGOTA))
}

fn header(timestamp: u64) -> Header {
    Header { number: 30_000_000, timestamp, ommers_hash: EMPTY_OMMER_ROOT_HASH, ..Header::default() }
}

fn refused(rlp: &[u8], spec: &ChainSpec) -> SourceError {
    decode_block(rlp, spec, Path::new("new.rlp")).unwrap_err()
}

#[track_caller]
fn assert_refused_by_name(rlp: &[u8]) {
    let refused = refused(rlp, &with_bogota());
    let said = refused.to_string();
    assert!(matches!(refused, SourceError::Fork { .. }) && !refused.is_verification(), "{said}");
    assert!(said.starts_with("new.rlp, byte 0, block 30000000: "), "{said}");
    assert!(said.contains("Bogota, which began on mainnet at the time 1900000000"), "{said}");
    assert!(said.ends_with("a newer blockmill is needed"), "{said}");
}

#[test]
fn a_block_of_a_fork_that_is_not_executed_is_refused_by_the_forks_name() {
    let rlp = |timestamp| alloy_rlp::encode(Block { header: header(timestamp), body: Default::default() });
    assert_refused_by_name(&rlp(BOGOTA));
    // The last block before it is judged by the rules that hold there.
    let refused = refused(&rlp(BOGOTA - 1), &with_bogota());
    assert!(matches!(refused, SourceError::Rule { .. }), "{refused}");
}

#[test]
fn so_is_one_that_the_fork_gave_another_shape() {
    /// The RLP of a list with these items, and one more that no block of today has.
    fn list_with_more(items: &[u8]) -> Vec<u8> {
        const SOMETHING: u8 = 0x01;
        let mut list = Vec::new();
        RlpHeader { list: true, payload_length: items.len() + 1 }.encode(&mut list);
        list.extend_from_slice(items);
        list.push(SOMETHING);
        list
    }
    let block = |timestamp| {
        let mut items = alloy_rlp::encode(header(timestamp));
        // Transactions, ommers.
        items.extend([0xc0, 0xc0]);
        list_with_more(&items)
    };
    assert_refused_by_name(&block(BOGOTA));
    let refused = refused(&block(BOGOTA - 1), &with_bogota());
    assert!(matches!(refused, SourceError::Rlp { .. }), "{refused}");
}

#[test]
fn a_header_of_a_fork_without_a_date_is_no_fault_of_the_file() {
    let header = Header {
        base_fee_per_gas: Some(7),
        withdrawals_root: Some(EMPTY_WITHDRAWALS),
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: Some(B256::ZERO),
        block_access_list_hash: Some(B256::ZERO),
        slot_number: Some(1),
        ..header(BOGOTA)
    };
    let body = BlockBody { withdrawals: Some(Default::default()), ..BlockBody::default() };
    let refused = refused(&alloy_rlp::encode(Block { header, body }), &mainnet());
    let SourceError::Fork { source, .. } = &refused else { panic!("{refused}") };
    let said = source.to_string();
    assert!(said.starts_with("the header has a block access list hash, which came with Amsterdam"), "{said}");
}

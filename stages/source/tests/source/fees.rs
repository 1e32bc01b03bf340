//! Base fee and excess blob gas, computed from the parent and held against every header of other clients' chains.

use blockmill_chain::{ChainSpec, GenesisBlock};
use blockmill_source::read_genesis;
use blockmill_testkit::vectors;

use crate::{BATCH, read_all};

/// How many headers of a chain have a base fee, and how many blob gas; all of them as the rules say.
fn compared(chain: &str) -> Option<(usize, usize)> {
    let folder = vectors::require(&format!("chains/{chain}"))?;
    let genesis = read_genesis(&folder.join("genesis.json")).unwrap();
    let spec = ChainSpec::custom(&genesis).unwrap();
    let mut parent = GenesisBlock::new(&genesis, &spec).header(Default::default());
    let (mut base_fees, mut blobs) = (0, 0);
    for sourced in read_all(&[folder.join("chain.rlp")], &spec, BATCH).unwrap() {
        let header = sourced.block.header();
        assert_eq!(header.base_fee_per_gas, spec.base_fee(&parent), "base fee of block {}", header.number);
        let excess = spec.excess_blob_gas(&parent, header.timestamp);
        assert_eq!(header.excess_blob_gas, excess, "excess blob gas of block {}", header.number);
        base_fees += usize::from(header.base_fee_per_gas.is_some());
        blobs += usize::from(header.blob_gas_used.is_some_and(|used| used > 0));
        parent = header.clone();
    }
    Some((base_fees, blobs))
}

#[test]
fn fees_across_every_fork_are_those_of_the_rules() {
    let Some((base_fees, blobs)) = compared("execution-apis") else { return };
    assert!(base_fees > 20 && blobs > 0, "{base_fees} base fees, {blobs} blocks with blobs");
}

#[test]
fn fees_of_longer_chains_are_those_of_the_rules() {
    for (chain, blocks) in [("geth-ethtest", 600), ("hive-sync", 3_000)] {
        let Some((base_fees, _)) = compared(chain) else { return };
        assert_eq!(base_fees, blocks, "{chain}");
    }
}

//! Real mainnet blocks as witnesses of other programs.

use blockmill_chain::KnownChain;
use blockmill_pipeline::{ChainChoice, Settings, UnitLimits};
use blockmill_testkit::vectors;

use crate::harness::{Workplace, run};

fn traced(threads: usize) -> Option<Workplace> {
    let folder = vectors::require("mainnet-blocks")?;
    let place = Workplace::new();
    let settings = place.settings(ChainChoice::Known(KnownChain::Mainnet), vec![folder]);
    // Small units, so that threads have something to share.
    let units = UnitLimits { blocks: 3, gas: 30_000_000 };
    run(&Settings { threads, units, ..settings }).unwrap();
    Some(place)
}

#[test]
fn real_blocks_replay_from_their_witnesses_to_the_same_tables_on_any_number_of_threads() {
    let (Some(one), Some(two)) = (traced(1), traced(2)) else { return };
    let tables = two.tables();
    assert_eq!(tables.count("blocks"), 46);
    assert_eq!(tables.count("transactions"), 11_521);
    assert_eq!(tables.broken_checks(), Vec::<String>::new());
    assert_eq!(one.tables().contents(), tables.contents());
}

#[test]
fn a_range_may_end_between_two_blocks_and_be_continued_later() {
    let Some(folder) = vectors::require("mainnet-blocks") else { return };
    let place = Workplace::new();
    let until = |end: &str| {
        let settings = place.settings(ChainChoice::Known(KnownChain::Mainnet), vec![folder.clone()]);
        Settings { range: format!(":{end}").parse().unwrap(), ..settings }
    };
    // Between blocks 9,068,998 and 10,760,440.
    assert_eq!(run(&until("10M")).unwrap().last_block, Some(9_068_998));
    let early = place.tables().count("blocks");
    assert_eq!(run(&until("20M")).unwrap().last_block, Some(19_934_116));
    assert!(0 < early && early < 46);
    assert_eq!(place.tables().count("blocks"), 46);
}

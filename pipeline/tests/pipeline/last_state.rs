//! What is made of the tables and the state at the head together: tokens, and the comparison of the two.

use blockmill_devchain::{Profile, Request};
use blockmill_load::{Database, DerivedOutcome, LoadOptions};
use blockmill_pipeline::{ChainChoice, NoHeadState, Settings, StatePart, TokensOutcome, derive_tokens};
use blockmill_store::Store;

use crate::devchain::make;
use crate::harness::{Tables, Workplace, run};

fn open(place: &Workplace) -> Database {
    let options = LoadOptions { memory_bytes: 256 << 20, threads: 1, temp_dir: place.path("temp") };
    Database::open(&place.out(), &options).unwrap()
}

/// Derives everything; what became of the tokens.
fn derive(place: &Workplace, store: Option<&Store>, chain: &ChainChoice) -> TokensOutcome {
    let mut database = open(place);
    database.derive(|_| {}).unwrap();
    let outcome = derive_tokens(&mut database, store, chain).unwrap();
    database.finish().unwrap();
    outcome
}

fn rows(tables: &Tables, select: &str) -> Vec<String> {
    tables.query(select).lines().collect()
}

/// From Amsterdam on the gas of a header is not what its transactions pay for (EIP-7778, EIP-8037).
#[test]
fn days_burn_what_transactions_pay_for_and_not_what_headers_count() {
    let place = Workplace::new();
    let request = Request {
        gas_per_block: 2_000_000,
        accounts: 100,
        forks: "amsterdam@0".parse().unwrap(),
        ..Request::new(Profile::MainnetMix, 20, 3)
    };
    let (_, settings) = make(&place, &request);
    run(&settings).unwrap();
    derive(&place, None, &settings.chain);
    let tables = place.tables();
    // What genesis and withdrawals gave, less what accounts have at the end, as nothing else makes or burns ether here.
    let burned = "SELECT (SELECT sum(value) FROM native_transfers WHERE from_address IS NULL)
        - (SELECT sum(balance) FROM account_balances) - (SELECT sum(blob_fees) FROM daily_stats)
        - (SELECT coalesce(sum(value), 0) FROM native_transfers WHERE to_address IS NULL)";
    let of_days = "SELECT sum(base_fees) FROM daily_stats";
    assert_eq!(tables.value(of_days), tables.value(burned));
    let of_headers = "SELECT sum(gas_used::HUGEINT * base_fee_per_gas::HUGEINT) FROM blocks";
    assert_ne!(tables.value(of_days), tables.value(of_headers), "the chain tells both apart");
    assert_eq!(rows(&tables, "SELECT day FROM daily_stats WHERE fees <> base_fees + tips"), [""; 0]);
}

#[test]
fn tokens_are_asked_who_they_are() {
    let place = Workplace::new();
    let (_, settings) = make(&place, &Request::new(Profile::MainnetMix, 120, 1));
    run(&settings).unwrap();
    let store = place.store();
    let made = derive(&place, Some(&store), &settings.chain);
    let TokensOutcome::Derived(derived) = made else { panic!("{made:?}") };
    assert!(matches!(derived.outcome, DerivedOutcome::Updated { rows: 26, .. }), "{derived:?}");
    let tables = place.tables();
    assert_eq!(tables.broken_checks(), Vec::<String>::new());
    // Every ERC-20 token there adds up: all holders together have what totalSupply() says.
    // (A pool locks its first thousand units at the zero address, which no table counts as a holder.)
    assert_eq!(
        rows(&tables, "SELECT * FROM tokens WHERE standard = 'erc20' AND NOT balances_agree"),
        [""; 0]
    );
    let unequal = "SELECT hex0x(address), total_supply, held
        FROM tokens JOIN (SELECT token_address AS address, sum(balance) AS held
            FROM erc20_balances
            WHERE token_address NOT IN (SELECT token_address FROM erc20_balances WHERE balance IS NULL)
            GROUP BY token_address) USING (address)
        WHERE held + if(name = 'Pool share', 1000, 0) IS DISTINCT FROM total_supply";
    assert_eq!(rows(&tables, unequal), [""; 0]);
    // A name as a string, as bytes32, as a constant of the code; no name at all; a supply beyond 10^38-1.
    let named = "SELECT DISTINCT name, symbol, decimals, standard FROM tokens
        WHERE name IN ('Grindstones', 'Water Wheels', 'Pool share') OR name IS NULL
            OR address IN (SELECT address FROM logs WHERE topic1 IS NULL
                AND topic0 = bin('0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'))
        ORDER BY ALL";
    assert_eq!(rows(&tables, named), EXPECTED_NAMES);
    assert_eq!(
        tables.value("SELECT count(*) FROM tokens WHERE total_supply_u256 IS NOT NULL").as_deref(),
        Some("1")
    );
    assert_eq!(
        tables.value("SELECT count(*) FROM etl.tokens WHERE block_number IS NULL").as_deref(),
        Some("0")
    );

    let again = derive(&place, Some(&store), &settings.chain);
    assert!(matches!(again, TokensOutcome::Derived(derived) if derived.outcome == DerivedOutcome::Current));
}

const EXPECTED_NAMES: [&str; 5] = [
    "name=Grindstones, symbol=GRIND, decimals=NULL, standard=erc721",
    "name=Old Millstone, symbol=OLD, decimals=18, standard=erc20",
    "name=Pool share, symbol=POOL, decimals=18, standard=erc20",
    "name=Water Wheels, symbol=WHEEL, decimals=NULL, standard=erc721",
    "name=NULL, symbol=NULL, decimals=NULL, standard=erc1155",
];

#[test]
fn without_the_state_after_the_last_block_no_contract_is_asked() {
    let place = Workplace::new();
    let (_, settings) = make(&place, &Request::new(Profile::MainnetMix, 6, 1));
    run(&Settings { range: "0:4".parse().unwrap(), ..settings.clone() }).unwrap();
    let no_state = |store: Option<&Store>, chain: &ChainChoice| match derive(&place, store, chain) {
        TokensOutcome::NoState(why) => why,
        made @ TokensOutcome::Derived(_) => panic!("{made:?}"),
    };
    assert_eq!(no_state(None, &settings.chain), NoHeadState::NoStore);
    let mainnet = ChainChoice::Known(blockmill_chain::KnownChain::Mainnet);
    assert_eq!(no_state(Some(&place.store()), &mainnet), NoHeadState::OtherChain);
    let other = Workplace::new();
    let (_, settings) = make(&other, &Request::new(Profile::MainnetMix, 6, 1));
    run(&settings).unwrap();
    let other = other.store();
    let ahead = NoHeadState::OtherBlock { state: Some(6), tables: 3 };
    assert_eq!(no_state(Some(&other), &settings.chain), ahead);
    let compared = StatePart::Balances.compare(place.tables().database(), Some(&other), 3).unwrap();
    assert_eq!(compared, Err(ahead));
}

#[test]
fn tables_of_another_chain_do_not_end_at_the_state() {
    let places = [1, 2].map(|seed| {
        let place = Workplace::new();
        let (_, settings) = make(&place, &Request::new(Profile::MainnetMix, 20, seed));
        run(&settings).unwrap();
        place
    });
    let tables = places.each_ref().map(Workplace::tables);
    let stores = places.each_ref().map(Workplace::store);
    for part in StatePart::ALL {
        let differences = |of: usize, with: usize| {
            part.compare(tables[of].database(), Some(&stores[with]), 20).unwrap().unwrap()
        };
        assert_eq!(differences(0, 0).count, 0);
        let [some, others] = [differences(0, 1), differences(1, 0)];
        assert!(some.count > 0 && some.samples.len() == 5, "{part:?}: {some:?}");
        // Compared either way, the number of differences is the same.
        assert_eq!(some.count, others.count, "{part:?}");
        assert!(some.samples[0].contains("the table ends with "), "{some:?}");
    }
}

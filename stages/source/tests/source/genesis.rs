//! Genesis files.

use alloy::genesis::Genesis;
use alloy::primitives::{Address, B256, U256};
use blockmill_chain::{ChainSpec, GenesisBlock, KnownChain};
use blockmill_source::{GenesisError, SourceError, read_genesis, read_known_genesis};
use blockmill_testkit::vectors;

use crate::write;

#[test]
fn the_public_genesis_files_are_read() {
    let Some(folder) = vectors::require("genesis") else { return };
    for (name, accounts) in [("mainnet", 8_893), ("sepolia", 15), ("holesky", 317), ("hoodi", 335)] {
        let genesis = read_known_genesis(&folder.join(format!("{name}.json.gz"))).unwrap();
        assert_eq!(genesis.alloc.len(), accounts, "{name}");
    }
}

#[test]
fn what_is_compiled_in_is_what_the_public_genesis_files_say() {
    for chain in KnownChain::ALL {
        let Some(path) = vectors::require(&format!("genesis/{}.json.gz", chain.name())) else { return };
        let spec = ChainSpec::known(chain);
        let [written, packed] = [read_known_genesis(&path).unwrap(), chain.genesis()].map(|genesis| {
            let block = GenesisBlock::new(&genesis, &spec);
            (block.header(B256::ZERO), block.accounts)
        });
        let again = "run scripts/python/pack_genesis.py and commit what it writes";
        assert!(packed == written, "the packed genesis of {} is another: {again}", chain.name());
    }
}

#[test]
fn what_is_not_a_genesis_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let broken = write(folder.path(), "genesis.json", b"{ \"alloc\": ");
    let refused = read_genesis(&broken).unwrap_err();
    assert!(matches!(refused, SourceError::Json { .. }) && refused.to_string().contains("genesis.json"));
}

/// A genesis file in which every part can be exchanged.
const GENESIS: &str = r#"{
    "config": { "chainId": 7, "homesteadBlock": 0, "terminalTotalDifficulty": 7083549724304467894614 },
    "gasLimit": "0x1c9c380", "difficulty": "0x400000000000003039", "baseFeePerGas": "0x3b9aca00",
    "alloc": { "328809bc894f92807417d2dad6b7c998c1afdac6": { "balance": "1" } }
}"#;

fn read(text: &str) -> Result<Genesis, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    read_genesis(&write(folder.path(), "genesis.json", text.as_bytes()))
}

/// The same file with some of its text exchanged.
fn altered(from: &str, to: &str) -> String {
    assert!(GENESIS.contains(from));
    GENESIS.replace(from, to)
}

#[test]
fn numbers_of_any_size_are_read_in_both_forms() {
    let total: U256 = "7083549724304467894614".parse().unwrap();
    for written in ["7083549724304467894614", "\"7083549724304467894614\"", "\"0x180000000000012156\""] {
        let genesis = read(&altered("7083549724304467894614", written)).unwrap();
        let expected = if written.contains('x') { "0x180000000000012156".parse().unwrap() } else { total };
        assert_eq!(genesis.config.terminal_total_difficulty, Some(expected), "{written}");
    }
    let holder: Address = "328809bc894f92807417d2dad6b7c998c1afdac6".parse().unwrap();
    for balance in ["100000000000000000000000", "\"100000000000000000000000\"", "\"0x152d02c7e14af6800000\""]
    {
        let genesis = read(&altered("\"balance\": \"1\"", &format!("\"balance\": {balance}"))).unwrap();
        assert_eq!(genesis.alloc[&holder].balance.to_string(), "100000000000000000000000", "{balance}");
    }
    for difficulty in ["1180591620717411315769", "\"1180591620717411315769\""] {
        let genesis = read(&altered("\"0x400000000000003039\"", difficulty)).unwrap();
        assert_eq!(genesis.difficulty.to_string(), "1180591620717411315769", "{difficulty}");
    }
    for fee in ["18446744073709551615", "\"18446744073709551615\"", "\"0xffffffffffffffff\""] {
        let genesis = read(&altered("\"0x3b9aca00\"", fee)).unwrap();
        assert_eq!(genesis.base_fee_per_gas, Some(u64::MAX.into()), "{fee}");
    }
    let never =
        read(&altered("\"homesteadBlock\": 0", "\"homesteadBlock\": 100000000000000000000000")).unwrap();
    assert_eq!(never.config.homestead_block, Some(u64::MAX));
}

#[test]
fn a_number_without_room_is_named_and_not_replaced() {
    let refused = |from, to| read(&altered(from, to)).unwrap_err();
    for fee in ["18446744073709551616", "\"18446744073709551616\"", "\"0x10000000000000000\""] {
        let error = refused("\"0x3b9aca00\"", fee);
        assert!(!error.is_verification());
        let said = error.to_string();
        assert!(
            said.contains(
                "genesis.json: baseFeePerGas is 18446744073709551616: numbers above 2^64-1 are not supported"
            ),
            "{said}"
        );
    }
    let said = refused("\"chainId\": 7", "\"chainId\": 340282366920938463463374607431768211456").to_string();
    assert!(said.contains("config.chainId is 340282366920938463463374607431768211456"), "{said}");
}

#[test]
fn what_geth_requires_is_missed_by_name() {
    let missing = |from, to| match read(&altered(from, to)).unwrap_err() {
        SourceError::Genesis { source: GenesisError::Missing { keys }, .. } => keys,
        other => panic!("{other}"),
    };
    assert_eq!(missing("\"alloc\"", "\"accounts\""), ["alloc"]);
    assert_eq!(missing("\"gasLimit\"", "\"gas\""), ["gasLimit"]);
    assert_eq!(missing("\"difficulty\"", "\"hardness\""), ["difficulty"]);
    assert_eq!(missing("\"config\"", "\"params\""), ["config"]);
    assert_eq!(missing("\"chainId\": 7", "\"networkId\": 7"), ["config.chainId"]);
    let said = read("{}").unwrap_err().to_string();
    assert!(said.contains("config, alloc, gasLimit and difficulty are missing"), "{said}");
}

#[test]
fn genesis_files_of_other_clients_are_read_or_refused_by_name() {
    let plain = read(GENESIS).unwrap();
    let besu = altered(
        "\"balance\": \"1\"",
        "\"balance\": \"1\", \"privateKey\": \"8f2a\", \"comment\": \"a test account\"",
    );
    assert_eq!(read(&besu).unwrap(), plain);
    assert_eq!(
        read(&format!("{{\"genesis\": {GENESIS}, \"blockchain\": {{\"nodes\": 4}}}}")).unwrap(),
        plain
    );
    let other_case = altered(
        "\"alloc\"",
        "\"mixhash\": \"0x0101010101010101010101010101010101010101010101010101010101010101\", \"alloc\"",
    );
    assert_eq!(read(&other_case).unwrap().mix_hash, B256::repeat_byte(1));
    for (rule, words) in [
        ("\"contractSizeLimit\": 2147483647", "config.contractSizeLimit is 2147483647"),
        ("\"zeroBaseFee\": true", "config.zeroBaseFee is true"),
        ("\"ethash\": {\"fixeddifficulty\": 100}", "config.ethash.fixeddifficulty is 100"),
    ] {
        let said =
            read(&altered("\"chainId\": 7", &format!("\"chainId\": 7, {rule}"))).unwrap_err().to_string();
        assert!(said.contains(words) && said.contains("not supported"), "{said}");
    }
    let harmless = altered(
        "\"chainId\": 7",
        "\"chainId\": 7, \"ethash\": {}, \"contractSizeLimit\": 24576, \"zeroBaseFee\": false",
    );
    assert!(read(&harmless).is_ok());
    let spelled = "\"CHAINID\": 7, \"eip150block\": 0, \"eip158Block\": 5, \"constantinopleFixBlock\": 9";
    let config = read(&altered("\"chainId\": 7", spelled)).unwrap().config;
    assert_eq!((config.chain_id, config.eip150_block), (7, Some(0)));
    assert_eq!((config.eip155_block, config.petersburg_block), (Some(5), Some(9)));
    let chainspec = r#"{ "name": "x", "engine": { "Ethash": {} }, "params": { "networkID": "0x7" },
        "genesis": { "difficulty": "0x1", "gasLimit": "0x1c9c380" }, "accounts": {} }"#;
    let said = read(chainspec).unwrap_err().to_string();
    assert!(
        said.contains("genesis.json: this is a chainspec as Nethermind") && said.contains("not supported"),
        "{said}"
    );
}

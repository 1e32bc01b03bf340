//! The README beside a chain: what is in it, and how it was made.

use std::fmt::Write;

use alloy::primitives::B256;

use crate::census::Census;
use crate::genesis::CHAIN_ID;
use crate::request::Request;

/// The text of the chain's `README.md`.
pub(crate) fn text(request: &Request, census: &Census, genesis_hash: B256, head_hash: B256) -> String {
    let Request { blocks, seed, profile, gas_per_block, accounts, forks, branch } = request;
    let branch = branch.map_or(String::new(), |branch| format!(" --branch {branch}"));
    let mut out = String::new();
    let mut line = |text: String| {
        // A String takes all that it is given.
        let _ = writeln!(out, "{text}");
    };
    line(format!("# A practice chain: {profile}\n"));
    line(format!(
        "{}, made by Blockmill {}; not a chain of real value.\n",
        profile.about(),
        env!("CARGO_PKG_VERSION")
    ));
    line("The same arguments make the same bytes:\n".to_owned());
    line(format!(
        "    blockmill devchain --out DIR --blocks {blocks} --seed {seed} --profile {profile} \\\n        \
         --gas-per-block {gas_per_block} --accounts {accounts} --forks {forks}{branch}\n"
    ));
    line("Into tables:\n".to_owned());
    line("    blockmill rebuild --chain genesis.json --source chain.rlp --root-interval 1\n".to_owned());
    line(format!("| | |\n|---|---|\n| chain id | {CHAIN_ID} |\n| genesis hash | `{genesis_hash}` |"));
    line(format!("| head hash | `{head_hash}` |"));
    for (name, count) in numbers(census) {
        line(format!("| {name} | {count} |"));
    }
    line("\n## Forks\n\n| fork | from block |\n|---|--:|".to_owned());
    forks.reached_by(*blocks).steps().for_each(|(fork, block)| line(format!("| {fork} | {block} |")));
    line("\n## Transactions\n\n| type (EIP-2718) | count |\n|--:|--:|".to_owned());
    census.by_type.iter().for_each(|(kind, count)| line(format!("| {kind} | {count} |")));
    line("\n| what for | count |\n|---|--:|".to_owned());
    census.by_kind.iter().for_each(|(label, count)| line(format!("| {label} | {count} |")));
    line(LIMITS.to_owned());
    out
}

/// What a reader of the chain must not take for more than it is.
const LIMITS: &str = "
## What it is not

Everything in a header that execution or the body decides is right: roots, bloom, gas, base fee, blob gas, requests,
difficulty, ommers. The seals of mined blocks are not: no nonce was searched for, and a client that checks
ethash refuses them. Blobs are named by hashes, there are none. Votes, validators and the beacon chain do not exist.";

fn numbers(census: &Census) -> [(&'static str, u64); 13] {
    [
        ("blocks after genesis", census.blocks),
        ("transactions", census.transactions),
        ("failed transactions", census.failed),
        ("contract creations", census.creations),
        ("gas used", census.gas_used),
        ("gas of the heaviest block", census.most_gas),
        ("logs", census.logs),
        ("blobs", census.blobs),
        ("ommers", census.ommers),
        ("withdrawals", census.withdrawals),
        ("blocks' lists of requests", census.requests),
        ("accounts at the head", census.accounts),
        ("slots at the head", census.slots),
    ]
}

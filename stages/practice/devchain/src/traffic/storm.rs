//! Transactions that are cheap for their sender and long for a tracer.

use std::collections::VecDeque;

use alloy::primitives::{Address, Bytes, U256};
use alloy::sol_types::{SolCall, SolValue};
use blockmill_chain::Fork;

use super::Traffic;
use crate::abi::{CallLoop, DeepRecursion, Spinner};
use crate::compiled::{Compiled, Target};
use crate::draft::Draft;
use crate::error::DevchainError;
use crate::roles::STORM_DEPLOYER;
use crate::scene::Scene;
use crate::town::Deployment;

/// Blocks full of cheap opcodes.
pub(crate) struct Storm {
    compiled: Compiled,
    places: Option<Places>,
    deployments: VecDeque<Draft>,
    /// How many transactions were made; the first has over a million steps wherever a block can hold it.
    made: u64,
}

#[derive(Debug, Clone, Copy)]
struct Places {
    sled: Address,
    spinner: Address,
    recursion: Address,
    loops: Address,
}

/// Steps of the first transaction.
const MILLION_STEPS: u64 = 1_100_000;

/// How many steps one round of [`sled_code`] takes; each costs one gas but for the few that lead back.
const SLED_STEPS: u64 = 4_000;

/// Bytes of input that the calls of a transaction carry at most, all together: each of them is a row, and as many bytes
/// go into the table.
const INPUT_BYTES: u64 = 64 << 20;

impl Storm {
    pub(crate) fn new(compiled: Compiled) -> Self {
        Self { compiled, places: None, deployments: VecDeque::new(), made: 0 }
    }

    fn build(&mut self, scene: &Scene<'_>, nonces: &[u64]) -> Result<Places, DevchainError> {
        let target = if scene.is_active(Fork::Cancun) { Target::Modern } else { Target::Legacy };
        let mut deployment =
            Deployment::new(&self.compiled, target, scene.keys, STORM_DEPLOYER, nonces[STORM_DEPLOYER]);
        let places = Places {
            sled: deployment.deploy_code(sled_code(), 0),
            spinner: deployment.deploy("Spinner", &[], 0)?,
            recursion: deployment.deploy("DeepRecursion", &[], 0)?,
            loops: deployment.deploy("CallLoop", &[], 0)?,
        };
        self.deployments = deployment.into_drafts();
        self.places = Some(places);
        Ok(places)
    }

    /// Makes a transaction that uses about `gas`.
    fn draft(&mut self, scene: &mut Scene<'_>, places: Places, gas: u64) -> Draft {
        self.made += 1;
        if self.made == 1 && scene.most_expected_gas() > MILLION_STEPS {
            return sled(scene, places, MILLION_STEPS);
        }
        match scene.dice.below(100) {
            0..40 => sled(scene, places, gas),
            40..55 => spin(scene, places, gas),
            55..75 => recurse(scene, places),
            _ => call_in_a_loop(scene, places, gas),
        }
    }
}

impl Traffic for Storm {
    fn next(&mut self, scene: &mut Scene<'_>, nonces: &[u64]) -> Result<Option<Draft>, DevchainError> {
        let places = match self.places {
            Some(places) => places,
            None => self.build(scene, nonces)?,
        };
        if let Some(draft) = self.deployments.pop_front() {
            return Ok(Some(draft));
        }
        let shares = scene.dice.between(2, 12);
        let gas = (scene.block.target_gas / shares).clamp(100_000, scene.most_expected_gas());
        Ok(Some(self.draft(scene, places, gas)))
    }
}

fn sled(scene: &mut Scene<'_>, places: Places, gas: u64) -> Draft {
    let rounds = U256::from(gas.div_ceil(SLED_STEPS));
    let sender = scene.someone();
    let draft = Draft::call(sender, places.sled, rounds.abi_encode(), gas + 25_000);
    Draft { label: "storm: cheap opcodes", ..draft }
}

fn spin(scene: &mut Scene<'_>, places: Places, gas: u64) -> Draft {
    const GAS_PER_LOOP: u64 = 40;
    let input = Spinner::spinCall { loops: U256::from(gas / GAS_PER_LOOP) }.abi_encode();
    let sender = scene.someone();
    Draft { label: "storm: tight loops", ..Draft::call(sender, places.spinner, input, gas) }
}

/// A recursion as deep as it goes: 1,024 frames, or until a frame has too little gas for another. Since
/// EIP-150 each gets 63 of 64 parts of what its caller has, and an end comes after some hundreds whatever is
/// offered.
fn recurse(scene: &mut Scene<'_>, places: Places) -> Draft {
    const DEPTH: u64 = 1_100;
    /// Nearly all that is offered comes back.
    const GAS: u64 = 350_000;
    let input = DeepRecursion::recurseCall { depth: U256::from(DEPTH) }.abi_encode();
    let sender = scene.someone();
    // A quarter of the block: unlike what is used, what is offered takes room from others.
    let offered = scene.block.gas_limit / 4;
    Draft { label: "storm: deep recursion", ..Draft::call(sender, places.recursion, input, GAS) }
        .with_gas_limit(offered)
}

fn call_in_a_loop(scene: &mut Scene<'_>, places: Places, gas: u64) -> Draft {
    const GAS_PER_CALL: u64 = 175;
    let input_bytes = *scene.dice.pick(&[4, 36, 1_000, 10_000, 50_000]);
    let calls = (gas / GAS_PER_CALL).min(INPUT_BYTES / input_bytes).max(1);
    // An address where nothing is.
    let target = scene.dice.stranger();
    let (calls_word, bytes_word) = (U256::from(calls), U256::from(input_bytes));
    let input = CallLoop::runCall { target, calls: calls_word, inputBytes: bytes_word }.abi_encode();
    let sender = scene.someone();
    let expected = 30_000 + calls * GAS_PER_CALL + memory_gas(input_bytes);
    Draft { label: "storm: calls in a loop", ..Draft::call(sender, places.loops, input, expected) }
        .with_gas_limit(expected + 60_000)
}

/// What so much memory costs.
fn memory_gas(bytes: u64) -> u64 {
    let words = bytes.div_ceil(32);
    3 * words + words * words / 512
}

/// Creation code of a contract that runs over [`SLED_STEPS`] JUMPDESTs as often as the first word of its input says.
fn sled_code() -> Bytes {
    // PUSH1 0 CALLDATALOAD, then from 3 on: JUMPDEST…, PUSH1 1 SWAP1 SUB DUP1 PUSH1 3 JUMPI STOP
    let mut runtime = vec![0x60, 0x00, 0x35];
    runtime.extend(std::iter::repeat_n(0x5b, SLED_STEPS as usize));
    runtime.extend([0x60, 0x01, 0x90, 0x03, 0x80, 0x60, 0x03, 0x57, 0x00]);
    let [.., high, low] = runtime.len().to_be_bytes();
    // PUSH2 length DUP1 PUSH1 12 PUSH1 0 CODECOPY PUSH1 0 RETURN
    let mut code = vec![0x61, high, low, 0x80, 0x60, 0x0c, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3];
    code.extend(runtime);
    code.into()
}

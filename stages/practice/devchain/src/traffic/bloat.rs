//! Accounts without end.
//!
//! Under Homestead's prices a contract could create an empty account for a hundred gas, and did so some
//! nineteen million times (mainnet's blocks 2.3 to 2.7 million). Tangerine Whistle raised the price
//! (EIP-150), Spurious Dragon had touched empty accounts removed (EIP-161), and a sweep touched them all.

use std::collections::VecDeque;

use alloy::primitives::{Address, U256};
use alloy::sol_types::SolCall;
use blockmill_chain::Fork;

use super::Traffic;
use crate::abi::{Bloater, Scatter, Sweeper};
use crate::compiled::{Compiled, Target};
use crate::draft::Draft;
use crate::error::DevchainError;
use crate::roles::DEPLOYER;
use crate::scene::Scene;
use crate::town::Deployment;

/// Attack, then sweep, then accounts that are paid for.
pub(crate) struct Bloat {
    compiled: Compiled,
    places: Option<Places>,
    deployments: VecDeque<Draft>,
    /// Empty accounts made so far, and how many of them were swept. They are numbered from 1: number 0 has the zero address.
    made: u64,
    swept: u64,
    /// Accounts with a wei each.
    paid: u64,
}

#[derive(Debug, Clone, Copy)]
struct Places {
    bloater: Address,
    sweeper: Address,
    scatter: Address,
}

/// Gas for one account, under the rules that each of them is for.
const BLOAT_GAS: u64 = 130;
const SWEEP_GAS: u64 = 775;
const SCATTER_GAS: u64 = 34_500;

/// Accounts that are paid for are numbered from here on, so that none of them is one that was swept.
const PAID_FROM: u64 = 1 << 40;

impl Bloat {
    pub(crate) fn new(compiled: Compiled) -> Self {
        Self { compiled, places: None, deployments: VecDeque::new(), made: 0, swept: 0, paid: 0 }
    }

    fn build(&mut self, scene: &Scene<'_>, nonces: &[u64]) -> Result<Places, DevchainError> {
        let mut deployment =
            Deployment::new(&self.compiled, Target::Legacy, scene.keys, DEPLOYER, nonces[DEPLOYER]);
        let places = Places {
            bloater: deployment.deploy("Bloater", &[], 0)?,
            sweeper: deployment.deploy("Sweeper", &[], 0)?,
            scatter: deployment.deploy("Scatter", &[], 0)?,
        };
        self.deployments = deployment.into_drafts();
        self.places = Some(places);
        Ok(places)
    }

    fn bloat(&mut self, scene: &mut Scene<'_>, places: Places, gas: u64) -> Draft {
        let (start, count) = (1 + self.made, gas / BLOAT_GAS);
        self.made += count;
        let input = Bloater::bloatCall { start: U256::from(start), count: U256::from(count) };
        let draft = Draft::call(scene.someone(), places.bloater, input.abi_encode(), gas + 60_000);
        Draft { label: "bloat: empty accounts", ..draft }
    }

    fn sweep(&mut self, scene: &mut Scene<'_>, places: Places, gas: u64) -> Draft {
        let (start, count) = (1 + self.swept, (gas / SWEEP_GAS).min(self.made - self.swept));
        self.swept += count;
        let input = Sweeper::sweepCall { start: U256::from(start), count: U256::from(count) };
        let expected = 25_000 + count * SWEEP_GAS;
        let draft = Draft::call(scene.someone(), places.sweeper, input.abi_encode(), expected);
        Draft { label: "bloat: sweeps", ..draft }
    }

    fn scatter(&mut self, scene: &mut Scene<'_>, places: Places, gas: u64) -> Draft {
        let (start, count) = (PAID_FROM + self.paid, (gas / SCATTER_GAS).max(1));
        self.paid += count;
        let input = Scatter::scatterCall { start: U256::from(start), count: U256::from(count) };
        let expected = 30_000 + count * SCATTER_GAS;
        let draft = Draft::call(scene.someone(), places.scatter, input.abi_encode(), expected);
        Draft { label: "bloat: accounts with a wei", ..draft }.with_value(U256::from(count))
    }
}

impl Traffic for Bloat {
    fn next(&mut self, scene: &mut Scene<'_>, nonces: &[u64]) -> Result<Option<Draft>, DevchainError> {
        let places = match self.places {
            Some(places) => places,
            None => self.build(scene, nonces)?,
        };
        if let Some(draft) = self.deployments.pop_front() {
            return Ok(Some(draft));
        }
        if scene.dice.percent(30) {
            let (sender, to) = (scene.someone(), scene.recipient());
            let transfer = Draft::transfer(sender, to, scene.dice.amount(14, 18));
            return Ok(Some(Draft { label: "ether: transfers", ..transfer }));
        }
        let gas = (scene.block.target_gas / 4).min(scene.most_expected_gas());
        Ok(Some(match scene.is_active(Fork::Tangerine) {
            false => self.bloat(scene, places, gas),
            true if scene.is_active(Fork::SpuriousDragon) && self.swept < self.made => {
                self.sweep(scene, places, gas)
            }
            true => self.scatter(scene, places, gas),
        }))
    }
}

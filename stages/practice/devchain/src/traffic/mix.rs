//! Ordinary life: a town of contracts is built, then all accounts use it. When Cancun comes, a new town is
//! built.

use std::collections::VecDeque;

use blockmill_chain::Fork;

use super::Traffic;
use crate::actions::{self, Leftovers, Turn};
use crate::compiled::{Compiled, Target};
use crate::draft::Draft;
use crate::error::DevchainError;
use crate::roles::DEPLOYER;
use crate::scene::Scene;
use crate::town::{Deployment, Town};

/// The traffic of the profiles `mainnet-mix` and `forks`.
pub(crate) struct Mix {
    compiled: Compiled,
    tokens: usize,
    town: Option<(Target, Town)>,
    /// What puts the town there.
    deployments: VecDeque<Draft>,
    leftovers: Leftovers,
}

impl Mix {
    /// A town that is large enough for so many blocks.
    pub(crate) fn new(compiled: Compiled, blocks: u64) -> Self {
        /// A short chain should not be all deployments.
        const BLOCKS_PER_TOKEN: u64 = 25;
        let tokens = (blocks / BLOCKS_PER_TOKEN).clamp(4, 24) as usize;
        let (town, deployments, leftovers) = Default::default();
        Self { compiled, tokens, town, deployments, leftovers }
    }

    fn build_town(&mut self, target: Target, scene: &Scene<'_>, nonces: &[u64]) -> Result<(), DevchainError> {
        let mut deployment = Deployment::new(&self.compiled, target, scene.keys, DEPLOYER, nonces[DEPLOYER]);
        let town = deployment.town(scene.keys, self.tokens)?;
        self.deployments = deployment.into_drafts();
        self.leftovers = Leftovers::default();
        self.town = Some((target, town));
        Ok(())
    }
}

impl Traffic for Mix {
    fn next(&mut self, scene: &mut Scene<'_>, nonces: &[u64]) -> Result<Option<Draft>, DevchainError> {
        let target = if scene.is_active(Fork::Cancun) { Target::Modern } else { Target::Legacy };
        let is_built = self.town.as_ref().is_some_and(|(built_for, _)| *built_for == target);
        if !is_built && self.deployments.is_empty() {
            self.build_town(target, scene, nonces)?;
        }
        if let Some(draft) = self.deployments.pop_front() {
            return Ok(Some(draft));
        }
        let Some((_, town)) = &self.town else { return Ok(None) };
        Ok(actions::any(&mut Turn { scene, town, leftovers: &mut self.leftovers, nonces }))
    }
}

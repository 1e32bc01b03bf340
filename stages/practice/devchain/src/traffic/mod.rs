//! The sources of the transactions of a block, by profile.

mod bloat;
mod fill;
mod mix;
mod skewed;
mod storm;

use crate::compiled::Compiled;
use crate::draft::Draft;
use crate::error::DevchainError;
use crate::profile::Profile;
use crate::request::Request;
use crate::scene::Scene;

pub(crate) use fill::{Filler, Unsigned};
pub(crate) use skewed::storm_weight;

/// A source of transactions.
pub(crate) trait Traffic {
    /// The next transaction; `None` where there is none for this block. `nonces` are those that the keys will use next.
    fn next(&mut self, scene: &mut Scene<'_>, nonces: &[u64]) -> Result<Option<Draft>, DevchainError>;
}

/// The traffic that a request asks for.
pub(crate) fn of(request: &Request) -> Result<Box<dyn Traffic>, DevchainError> {
    let compiled = Compiled::read()?;
    Ok(match request.profile {
        Profile::MainnetMix | Profile::Forks => Box::new(mix::Mix::new(compiled, request.blocks)),
        Profile::OpcodeStorm => Box::new(storm::Storm::new(compiled)),
        Profile::StateBloat => Box::new(bloat::Bloat::new(compiled)),
        Profile::Skewed => Box::new(skewed::Skewed::new(compiled, request.blocks)?),
        Profile::Empty => Box::new(Silence),
    })
}

/// Traffic without transactions.
struct Silence;

impl Traffic for Silence {
    fn next(&mut self, _: &mut Scene<'_>, _: &[u64]) -> Result<Option<Draft>, DevchainError> {
        Ok(None)
    }
}

//! The contracts as `scripts/contracts.sh` compiled them.

use std::collections::BTreeMap;

use alloy::primitives::Bytes;
use serde::Deserialize;

use crate::error::DevchainError;

const COMPILED: &str = include_str!("../contracts/compiled.json");

/// For which rules a contract is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// Homestead: it runs under all of them.
    Legacy,
    /// Cancun: it runs from there on, with the opcodes that compilers write today.
    Modern,
}

/// Creation code by name and target.
#[derive(Debug, Deserialize)]
pub(crate) struct Compiled {
    contracts: BTreeMap<String, Codes>,
}

#[derive(Debug, Deserialize)]
struct Codes {
    legacy: Option<Bytes>,
    modern: Option<Bytes>,
}

impl Compiled {
    /// Reads what is compiled in.
    pub(crate) fn read() -> Result<Self, DevchainError> {
        serde_json::from_str(COMPILED).map_err(|error| DevchainError::Contracts(error.to_string()))
    }

    /// The creation code of a contract, without its constructor's arguments.
    pub(crate) fn code(&self, name: &str, target: Target) -> Result<&Bytes, DevchainError> {
        let codes = self.contracts.get(name);
        let code = codes.and_then(|codes| match target {
            Target::Legacy => codes.legacy.as_ref(),
            Target::Modern => codes.modern.as_ref(),
        });
        code.ok_or_else(|| DevchainError::Contracts(format!("no {name} for {target:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contract_of_the_town_is_there() {
        let compiled = Compiled::read().unwrap();
        assert!(compiled.code("Erc20", Target::Legacy).unwrap().len() > 1_000);
        assert!(compiled.code("Create2Factory", Target::Modern).is_ok());
        assert!(compiled.code("Create2Factory", Target::Legacy).is_err(), "CREATE2 came with Constantinople");
    }
}

//! What a DuckDB file says it holds, compared with what a run would put in.

use blockmill_load::Database;
use blockmill_store::StoreKind;

use crate::error::RunError;
use crate::genesis::Chain;
use crate::settings::Settings;

/// Notes in a new file what its tables will be; in an old one, checks that this run would write the same.
pub(crate) fn adopt(
    database: &mut Database,
    settings: &Settings,
    chain: &Chain,
    kind: StoreKind,
    first_block: u64,
) -> Result<(), RunError> {
    let datasets: Vec<_> = settings.datasets.iter().map(|dataset| dataset.name()).collect();
    let kind = match kind {
        StoreKind::Chain => "chain",
        StoreKind::Witnesses => "witnesses",
    };
    let facts = [
        ("chain_id", chain.spec.chain_id.to_string(), "--chain"),
        ("genesis_hash", chain.genesis_hash()?.to_string(), "--chain or --genesis"),
        ("kind", kind.to_string(), "--source"),
        ("datasets", datasets.join(","), "--datasets"),
        ("precompiles", settings.precompiles.to_string(), "--precompiles"),
        ("first_block", first_block.to_string(), "--range"),
        ("unit_blocks", settings.units.blocks.to_string(), "the unit limits"),
        ("unit_gas", settings.units.gas.to_string(), "the unit limits"),
    ];
    for (key, value, option) in facts {
        match database.meta(key)? {
            Some(held) if held != value => {
                let reason = format!(
                    "its tables were made with {key} = {held}, this run has {value}: give the same {option}, or another --out and --data-dir"
                );
                return Err(RunError::ForeignOut { path: settings.out.clone(), reason });
            }
            Some(_) => {}
            None => database.set_meta(key, &value)?,
        }
    }
    Ok(())
}

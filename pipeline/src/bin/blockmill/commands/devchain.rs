//! `devchain`: makes a practice chain, and says what is in it.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use blockmill_chain::Cancel;
use blockmill_devchain::{Census, Generated, generate};
use blockmill_pipeline::{ByteSize, ExitCode, peak_rss_bytes};
use serde_json::json;

use super::CommandError;
use crate::args::DevchainArgs;
use crate::interrupt;
use crate::monitor::{self, LogFormat, ProgressGauge, Unit};
use crate::text::{count, duration, mgas};

/// Generates a chain and prints what is in it.
pub(crate) fn run(arguments: &DevchainArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let request = arguments.request();
    let cancel = Arc::new(Cancel::default());
    let console = monitor::console(format);
    interrupt::listen(Arc::clone(&cancel), Arc::clone(&console))?;
    let (started, mut gauge) =
        (Instant::now(), ProgressGauge::new(Arc::clone(&console), "devchain", Unit::Blocks, request.blocks));
    let result = generate(&request, &arguments.out, &cancel, &mut |progress| gauge.add(progress));
    gauge.finish();
    let Some(generated) = result? else {
        console.announce("interrupted: no chain was made; the same command begins anew");
        return Ok(ExitCode::Interrupted);
    };
    let took = started.elapsed();
    let mut out = io::stdout().lock();
    match format {
        LogFormat::Json => writeln!(out, "{}", as_json(&generated, &arguments.out, took))?,
        LogFormat::Human | LogFormat::Plain => {
            lines(&generated, &arguments.out, took).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
    }
    Ok(ExitCode::Done)
}

fn lines(generated: &Generated, out: &Path, took: Duration) -> Vec<String> {
    let Census { blocks, transactions, gas_used, bytes, accounts, slots, .. } = generated.census;
    let out = out.display();
    vec![
        format!(
            "{out} holds a chain of {} blocks, {} transactions, {} Mgas ({}).",
            count(blocks),
            count(transactions),
            mgas(gas_used as f64),
            ByteSize(bytes)
        ),
        format!("State at its head: {} accounts, {} slots.", count(accounts), count(slots)),
        format!("Took {}, peak memory {}.", duration(took), ByteSize(peak_rss_bytes())),
        "Next:".to_owned(),
        format!("  blockmill rebuild --chain {out}/genesis.json --source {out}/chain.rlp"),
    ]
}

fn as_json(generated: &Generated, out: &Path, took: Duration) -> serde_json::Value {
    let Generated { census, genesis_hash, head_hash } = generated;
    json!({
        "event": "summary",
        "out": out.to_string_lossy(),
        "blocks": census.blocks,
        "transactions": census.transactions,
        "gas": census.gas_used,
        "bytes": census.bytes,
        "accounts": census.accounts,
        "slots": census.slots,
        "genesis_hash": genesis_hash,
        "head_hash": head_hash,
        "elapsed_seconds": took.as_secs_f64(),
        "peak_rss_bytes": peak_rss_bytes(),
    })
}

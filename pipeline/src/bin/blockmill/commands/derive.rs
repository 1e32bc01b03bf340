//! `derive`: tables made out of the loaded ones.

use std::io::{self, Write};
use std::path::Path;

use blockmill_load::{Derived, DerivedOutcome};
use blockmill_pipeline::{CommandBudget, ExitCode, NoHeadState, TokensOutcome, derive_tokens};
use serde_json::{Value, json};

use super::{CommandError, opened, profiled};
use crate::args::DeriveArgs;
use crate::monitor::LogFormat;
use crate::text::count;

/// Runs the command: a table after the other, each told when it is done.
pub(crate) fn run(arguments: &DeriveArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let path = arguments.place.database()?;
    profiled::run(arguments.profile, &path, format, || derive(arguments, &path, format))
}

fn derive(arguments: &DeriveArgs, path: &Path, format: LogFormat) -> Result<ExitCode, CommandError> {
    let DeriveArgs { place, chain, .. } = arguments;
    let data_dir = &place.data_dir.path;
    let resources = arguments.machine.resources()?;
    let budget = CommandBudget::tables(resources.memory);
    let options = opened::options(&resources, budget.load, data_dir);
    let mut database = opened::database_to_write(path, &options)?;
    let mut printed = Ok(());
    database.derive(|derived| {
        if printed.is_ok() {
            printed = writeln!(io::stdout().lock(), "{}", line(derived, format));
        }
    })?;
    printed?;
    let store = opened::store_if_any(data_dir, budget.store)?;
    let tokens = match derive_tokens(&mut database, store.as_ref(), chain)? {
        TokensOutcome::Derived(derived) => line(&derived, format),
        TokensOutcome::NoState(why) => no_tokens(&why, format),
    };
    writeln!(io::stdout().lock(), "{tokens}")?;
    Ok(ExitCode::Done)
}

fn no_tokens(why: &NoHeadState, format: LogFormat) -> String {
    let outcome = format!("not made: {why}");
    match format {
        LogFormat::Json => json!({ "event": "derived", "table": "tokens", "outcome": outcome }).to_string(),
        LogFormat::Human | LogFormat::Plain => format!("tokens: {outcome}"),
    }
}

fn line(derived: &Derived, format: LogFormat) -> String {
    match format {
        LogFormat::Json => object(derived).to_string(),
        LogFormat::Human | LogFormat::Plain => {
            format!("{}: {} ({})", derived.name, outcome(&derived.outcome), derived.description)
        }
    }
}

fn outcome(outcome: &DerivedOutcome) -> String {
    match outcome {
        DerivedOutcome::Updated { range, rows } => {
            format!("blocks {} to {}, {} rows now", range.start, range.end - 1, count(*rows))
        }
        DerivedOutcome::Current => "up to date".into(),
        DerivedOutcome::Missing(datasets) => {
            let names: Vec<_> = datasets.iter().map(|dataset| dataset.name()).collect();
            format!("not made: {} not loaded", names.join(", "))
        }
        DerivedOutcome::NotFromGenesis => "not made: the first loaded block is not genesis".into(),
        DerivedOutcome::NoChain => "not made: these are single blocks, not a chain".into(),
    }
}

fn object(derived: &Derived) -> Value {
    let mut object = json!({ "event": "derived", "table": derived.name });
    match &derived.outcome {
        DerivedOutcome::Updated { range, rows } => {
            object["first_block"] = range.start.into();
            object["last_block"] = (range.end - 1).into();
            object["rows"] = (*rows).into();
        }
        other => object["outcome"] = outcome(other).into(),
    }
    object
}

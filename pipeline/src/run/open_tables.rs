//! The DuckDB file of a run: opened, and a damaged one set aside first where that was asked for.

use blockmill_chain::{Cancel, Monitor, StageId};
use blockmill_load::{Database, LoadOptions};

use crate::error::RunError;
use crate::memory::Budget;
use crate::run::rebuild::create;
use crate::settings::Settings;

/// Opens the tables; makes them where there are none.
pub(crate) fn open_tables(settings: &Settings, budget: &Budget) -> Result<Database, RunError> {
    if let Some(parent) = settings.out.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create(parent)?;
    }
    Ok(Database::open(&settings.out, &options(settings, budget))?)
}

/// Reads all tables, and moves the file away if it cannot be relied on: what it held is then made again. Where the look is
/// cancelled nothing is moved.
pub(crate) fn set_damaged_tables_aside(
    settings: &Settings,
    budget: &Budget,
    cancel: &Cancel,
    monitor: &dyn Monitor,
) -> Result<(), RunError> {
    let options = options(settings, budget);
    create(&options.temp_dir)?;
    let scratch = options.temp_dir.join("digest.parquet");
    let go_on = || !cancel.is_cancelled();
    let Some(damage) = Database::find_damage(&settings.out, &options, &scratch, go_on)? else {
        return Ok(());
    };
    let aside = Database::set_aside(&settings.out)?;
    monitor.note(StageId::Load, &format!("{damage}: it is called {} now, and made again", aside.display()));
    Ok(())
}

/// Where stages run beside a load DuckDB gets half of the threads: one of its own that has nothing to do yet asks for work
/// again and again. With two, one for DuckDB made a whole rebuild 6 to 10 % faster.
fn options(settings: &Settings, budget: &Budget) -> LoadOptions {
    let threads = if budget.overlaps { settings.threads / 2 } else { settings.threads };
    LoadOptions {
        memory_bytes: budget.load,
        threads: threads.max(1),
        temp_dir: settings.data_dir.join("duckdb-temp"),
    }
}

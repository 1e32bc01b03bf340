//! SIGINT (Ctrl-C), SIGTERM and SIGHUP: the first signal asks for a stop, a second one ends the process at
//! once.

use std::process;
use std::sync::Arc;

use blockmill_chain::Cancel;
use blockmill_pipeline::ExitCode;

use crate::commands::CommandError;
use crate::monitor::Console;

/// Listens to SIGINT, SIGTERM and SIGHUP for the rest of the process's life.
pub(crate) fn listen(cancel: Arc<Cancel>, console: Arc<dyn Console>) -> Result<(), CommandError> {
    let on_signal = move || {
        if cancel.is_cancelled() {
            console.announce("stopped at once; run the same command again");
            process::exit(ExitCode::Interrupted as i32);
        }
        cancel.cancel();
        console.announce("stopping at the next block; press Ctrl-C again to stop at once");
    };
    ctrlc::set_handler(on_signal).map_err(CommandError::Signals)
}

//! How the work's progress is told: bars on a terminal, lines for a log, JSON for a program. All on the standard error;
//! the standard output belongs to results.

mod board;
mod gauge;
mod json;
mod plain;
mod tally;
mod terminal;

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use blockmill_chain::Monitor;
use clap::ValueEnum;
use indicatif::ProgressBar;

use crate::commands::CommandError;
use crate::remedy::remedy;

pub(crate) use gauge::{ProgressGauge, Unit};
use json::JsonConsole;
use plain::PlainConsole;
use terminal::TerminalConsole;

/// How progress, errors and summaries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Progress bars, redrawn in place
    Human,
    /// One JSON object per line
    Json,
    /// One line of text per event
    Plain,
}

impl LogFormat {
    /// Bars where a person looks, lines where they are kept.
    pub(crate) fn of_this_terminal() -> Self {
        if io::stderr().is_terminal() { Self::Human } else { Self::Plain }
    }
}

/// A monitor that can also say something of its own, and is told when the work is over.
pub(crate) trait Console: Monitor {
    /// Says something that belongs to no stage.
    fn announce(&self, message: &str);

    /// Shows a bar among its own, where it has any.
    fn add_bar(&self, _bar: ProgressBar) -> Option<ProgressBar> {
        None
    }

    /// Shows what has not been shown yet: the work is over.
    fn finish(&self);
}

/// The console for a format.
pub(crate) fn console(format: LogFormat) -> Arc<dyn Console> {
    match format {
        // Bars need a terminal to be redrawn on.
        LogFormat::Human if io::stderr().is_terminal() => Arc::new(TerminalConsole::new()),
        LogFormat::Human | LogFormat::Plain => Arc::new(PlainConsole::new(Box::new(io::stderr()))),
        LogFormat::Json => Arc::new(JsonConsole::new(Box::new(io::stderr()))),
    }
}

/// The one place that prints errors.
pub(crate) fn print_error(format: LogFormat, error: &CommandError) {
    let message = match remedy(error) {
        Some(remedy) => format!("{error}; {remedy}"),
        None => error.to_string(),
    };
    let line = match format {
        LogFormat::Json => json::error_line(&message, error.exit_code()),
        LogFormat::Human | LogFormat::Plain => format!("error: {message}"),
    };
    // There is no place to report that the standard error is closed.
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
pub(crate) mod collecting {
    //! A writer whose text can be read afterwards.

    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    pub(crate) struct Collected(Arc<Mutex<Vec<u8>>>);

    impl Collected {
        pub(crate) fn lines(&self) -> Vec<String> {
            let bytes = self.0.lock().unwrap().clone();
            String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
        }
    }

    impl Write for Collected {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}

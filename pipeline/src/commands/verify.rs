//! `verify`: prints every check as it is known, and whether all hold.

use std::io::{self, Write};
use std::path::Path;

use blockmill_pipeline::ExitCode;
use serde_json::{Value, json};

use super::{CommandError, opened, profiled};
use crate::args::VerifyArgs;
use crate::monitor::LogFormat;
use crate::verify::{Finding, Outcome, Request, verify};

/// Runs the command.
pub(crate) fn run(arguments: &VerifyArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let path = arguments.place.database()?;
    profiled::run(arguments.profile, &path, format, || check(arguments, &path, format))
}

fn check(arguments: &VerifyArgs, path: &Path, format: LogFormat) -> Result<ExitCode, CommandError> {
    let data_dir = &arguments.place.data_dir.path;
    let database = opened::database(path, data_dir)?;
    // A database may have travelled without the store that it was made from.
    let store = opened::store_if_any(data_dir)?;
    let request = Request { database: &database, store: store.as_ref(), data_dir, deep: arguments.deep };
    let mut printer = Printer { format, tally: Tally::default(), written: Ok(()) };
    verify(&request, &mut |finding| printer.print(finding))?;
    printer.finish()
}

#[derive(Debug, Default)]
struct Tally {
    holding: u64,
    broken: u64,
    skipped: u64,
}

struct Printer {
    format: LogFormat,
    tally: Tally,
    /// The first failure to write; the checks go on, because the exit code tells too.
    written: io::Result<()>,
}

impl Printer {
    fn print(&mut self, finding: &Finding) {
        match finding.outcome {
            Outcome::Holds => self.tally.holding += 1,
            Outcome::Broken { .. } => self.tally.broken += 1,
            Outcome::Skipped { .. } => self.tally.skipped += 1,
        }
        let lines = match self.format {
            LogFormat::Json => vec![as_json(finding).to_string()],
            LogFormat::Human | LogFormat::Plain => lines(finding),
        };
        self.write(&lines);
    }

    fn finish(mut self) -> Result<ExitCode, CommandError> {
        let Tally { holding, broken, skipped } = self.tally;
        self.write(&match self.format {
            LogFormat::Json => {
                vec![
                    json!({ "event": "summary", "holding": holding, "broken": broken, "skipped": skipped })
                        .to_string(),
                ]
            }
            LogFormat::Human | LogFormat::Plain => {
                vec![
                    String::new(),
                    format!("{holding} checks hold, {broken} are broken, {skipped} were skipped"),
                ]
            }
        });
        let code = if broken > 0 { ExitCode::NotVerified } else { ExitCode::Done };
        match self.written.map_err(CommandError::from) {
            Err(error) if !error.is_closed_output() => Err(error),
            _ => Ok(code),
        }
    }

    fn write(&mut self, lines: &[String]) {
        if self.written.is_ok() {
            let mut out = io::stdout().lock();
            self.written = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
        }
    }
}

fn lines(finding: &Finding) -> Vec<String> {
    let Finding { name, description, outcome } = finding;
    match outcome {
        Outcome::Holds => vec![format!("ok       {name}")],
        Outcome::Skipped { reason } => vec![format!("skipped  {name}: {reason}")],
        Outcome::Broken { violations, samples } => {
            let places = if *violations == 1 { "1 place".to_owned() } else { format!("{violations} places") };
            let first = format!("BROKEN   {name}: {places}");
            let what = format!("         should hold: {description}");
            let samples = samples.iter().map(|sample| format!("         {sample}"));
            [first, what].into_iter().chain(samples).collect()
        }
    }
}

fn as_json(finding: &Finding) -> Value {
    let Finding { name, description, outcome } = finding;
    let mut event = json!({ "event": "check", "name": name, "description": description });
    match outcome {
        Outcome::Holds => event["outcome"] = json!("holds"),
        Outcome::Broken { violations, samples } => {
            event["outcome"] = json!("broken");
            event["violations"] = json!(violations);
            event["samples"] = json!(samples);
        }
        Outcome::Skipped { reason } => {
            event["outcome"] = json!("skipped");
            event["reason"] = json!(reason);
        }
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(outcome: Outcome) -> Finding {
        Finding { name: "blocks_are_contiguous", description: "No number is left out.", outcome }
    }

    fn broken() -> Finding {
        finding(Outcome::Broken { violations: 2, samples: vec!["block_number=7".into()] })
    }

    #[test]
    fn a_broken_check_says_what_should_hold_and_where_it_does_not() {
        assert_eq!(
            lines(&broken()),
            [
                "BROKEN   blocks_are_contiguous: 2 places",
                "         should hold: No number is left out.",
                "         block_number=7",
            ]
        );
    }

    #[test]
    fn a_skipped_check_says_why() {
        let skipped = finding(Outcome::Skipped { reason: "blocks not loaded".into() });
        assert_eq!(lines(&skipped), ["skipped  blocks_are_contiguous: blocks not loaded"]);
        assert_eq!(as_json(&skipped)["reason"], "blocks not loaded");
    }

    #[test]
    fn one_broken_check_decides_the_exit_code() {
        let mut printer = Printer { format: LogFormat::Json, tally: Tally::default(), written: Ok(()) };
        // The reader has gone: the code must tell all the same.
        printer.written = Err(io::ErrorKind::BrokenPipe.into());
        printer.print(&finding(Outcome::Holds));
        printer.print(&broken());
        assert_eq!(printer.finish().unwrap(), ExitCode::NotVerified);
    }
}

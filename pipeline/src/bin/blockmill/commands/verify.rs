//! `verify`: prints every check as it is known, and whether all hold.

use std::env;
use std::io::{self, Write};
use std::path::Path;

use blockmill_pipeline::{CommandBudget, ExitCode, RunError};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{CommandError, opened, profiled};
use crate::args::VerifyArgs;
use crate::monitor::{LogFormat, print_error};
use blockmill_pipeline::verify::{Finding, Outcome, Request, verify};

/// Runs the checks and prints their outcomes; the exit code says whether all hold.
pub(crate) fn run(arguments: &VerifyArgs, format: LogFormat) -> Result<ExitCode, CommandError> {
    let path = arguments.place.database()?;
    profiled::run(arguments.profile, &path, format, || check(arguments, &path, format))
}

fn check(arguments: &VerifyArgs, path: &Path, format: LogFormat) -> Result<ExitCode, CommandError> {
    let data_dir = &arguments.place.data_dir.path;
    let resources = arguments.machine.resources()?;
    let budget = CommandBudget::verify(resources.memory);
    let options = opened::options(&resources, budget.load, data_dir);
    // A database may have travelled without the store that it was made from.
    let store = opened::store_if_any(data_dir, budget.store)?;
    let database = opened::database(path, data_dir, &options)?;
    let temp = (!opened::is_writable(data_dir)).then(tempfile::tempdir).transpose();
    let temp = temp.map_err(|source| RunError::CreateDir { path: env::temp_dir(), source })?;
    let scratch = temp.as_ref().map_or(data_dir.as_path(), TempDir::path);
    let deep = arguments.deep;
    let request = Request { database: &database, store: store.as_ref(), scratch, deep, budget };
    let mut printer = Printer { format, tally: Verdicts::default(), written: Ok(()) };
    let ended = verify(&request, &mut |finding| printer.print(finding));
    printer.finish(ended.map_err(CommandError::from))
}

#[derive(Debug, Default)]
struct Verdicts {
    holding: u64,
    broken: u64,
    skipped: u64,
    failed: u64,
}

struct Printer {
    format: LogFormat,
    tally: Verdicts,
    /// The first failure to write; the checks go on, because the exit code tells too.
    written: io::Result<()>,
}

impl Printer {
    fn print(&mut self, finding: &Finding) {
        match finding.outcome {
            Outcome::Holds => self.tally.holding += 1,
            Outcome::Broken { .. } => self.tally.broken += 1,
            Outcome::Skipped { .. } => self.tally.skipped += 1,
            Outcome::Failed { .. } => self.tally.failed += 1,
        }
        let lines = match self.format {
            LogFormat::Json => vec![as_json(finding).to_string()],
            LogFormat::Human | LogFormat::Plain => lines(finding),
        };
        self.write(&lines);
    }

    /// The last lines, and the code: that something is broken says more than that something could not be asked.
    fn finish(mut self, ended: Result<(), CommandError>) -> Result<ExitCode, CommandError> {
        let Verdicts { holding, broken, skipped, failed } = self.tally;
        self.write(&match self.format {
            LogFormat::Json => {
                vec![
                    json!({
                        "event": "summary", "holding": holding, "broken": broken, "skipped": skipped, "failed": failed
                    })
                    .to_string(),
                ]
            }
            LogFormat::Human | LogFormat::Plain => {
                let asked = format!("{holding} checks hold, {broken} are broken, {skipped} were skipped");
                let failed =
                    if failed > 0 { format!(", {failed} could not be run") } else { String::new() };
                vec![String::new(), asked + &failed]
            }
        });
        let code = match (broken, failed) {
            (0, 0) => ExitCode::Done,
            (0, _) => ExitCode::Failed,
            _ => ExitCode::NotVerified,
        };
        match ended {
            Err(error) if code == ExitCode::NotVerified => print_error(self.format, &error),
            ended => ended?,
        }
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
        Outcome::Failed { reason } => vec![format!("FAILED   {name}: {reason}")],
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
        Outcome::Failed { reason } => {
            event["outcome"] = json!("failed");
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
        let mut printer = Printer { format: LogFormat::Json, tally: Verdicts::default(), written: Ok(()) };
        // The reader has gone: the code must tell all the same.
        printer.written = Err(io::ErrorKind::BrokenPipe.into());
        printer.print(&finding(Outcome::Holds));
        printer.print(&broken());
        assert_eq!(printer.finish(Ok(())).unwrap(), ExitCode::NotVerified);
    }

    #[test]
    fn a_check_that_could_not_be_run_fails_the_command_and_hides_none_that_is_broken() {
        let failed = finding(Outcome::Failed { reason: "the disk is full".into() });
        assert_eq!(lines(&failed), ["FAILED   blocks_are_contiguous: the disk is full"]);
        let end = |findings: &[Finding], ended| {
            let written = Err(io::ErrorKind::BrokenPipe.into());
            let mut printer = Printer { format: LogFormat::Json, tally: Verdicts::default(), written };
            findings.iter().for_each(|finding| printer.print(finding));
            printer.finish(ended)
        };
        let error = || Err(CommandError::from(io::Error::other("the file is damaged")));
        let holds = finding(Outcome::Holds);
        assert_eq!(end(&[holds.clone(), failed.clone()], Ok(())).unwrap(), ExitCode::Failed);
        assert_eq!(end(&[broken(), failed], Ok(())).unwrap(), ExitCode::NotVerified);
        assert_eq!(end(&[broken()], error()).unwrap(), ExitCode::NotVerified);
        assert!(end(&[holds], error()).is_err());
    }
}

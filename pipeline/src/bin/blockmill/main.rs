//! The command line: reads arguments, runs one command, prints, and chooses the exit code.

mod args;
mod commands;
mod interrupt;
mod monitor;
mod profile;
mod remedy;
mod report;
mod text;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;

/// One allocator for Rust, RocksDB and what libduckdb takes from malloc: glibc keeps memory that was freed.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let format = cli.log.unwrap_or_else(monitor::LogFormat::of_this_terminal);
    let code = match commands::run(cli.command, format) {
        Ok(code) => code,
        Err(error) => {
            if !error.is_closed_output() {
                monitor::print_error(format, &error);
            }
            error.exit_code()
        }
    };
    ExitCode::from(code as u8)
}

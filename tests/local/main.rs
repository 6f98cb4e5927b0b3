//! `cargo run`: the local stack, from the command line.

mod cli;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    cli::log();
    match cli::run(cli::Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => cli::failed(error.as_ref()),
    }
}

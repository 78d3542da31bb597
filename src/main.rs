//! Parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    memoranda::cli::run(std::env::args_os())
}

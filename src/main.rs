//! Parse, run, exit code.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: heap::MiMalloc = heap::MiMalloc;

fn main() -> ExitCode {
    heap::give_back_at_once();
    memoranda::cli::run(std::env::args_os())
}

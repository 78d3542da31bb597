//! Parse, run, exit code.

use std::process::ExitCode;

/// The system's allocator keeps each hashing thread's 19 MiB for itself: a cold start with many
/// clients then holds hundreds of MiB for good. This one gives them back, and is faster.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    memoranda::cli::run(std::env::args_os())
}

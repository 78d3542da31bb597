//! What is logged, and where: standard error, always.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::core::error::{Error, Result};

/// Sets logging up for the process.
///
/// Whatever the level, other crates speak only of errors: at lower levels some print whole
/// messages, and with them what a caller said.
///
/// # Errors
/// `INVALID_ARGUMENT` for a level that there isn't.
pub(super) fn set_up(level: Option<&str>, usual: LevelFilter) -> Result<()> {
    let level = match level {
        None => usual,
        Some(text) => text
            .parse()
            .map_err(|_| Error::invalid("log", "must be one of: off, error, warn, info, debug"))?,
    };
    let ours_or_an_error = filter_fn(move |event| {
        *event.level() <= level
            && (event.target().starts_with("memoranda") || *event.level() == tracing::Level::ERROR)
    });
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .with_filter(ours_or_an_error);
    // Fails only where a test has set it up already; then that one holds.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    Ok(())
}

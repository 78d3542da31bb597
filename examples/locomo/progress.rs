//! What people see while it runs, on standard error.

use std::io::Write as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How long a reader without a terminal waits for a line.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// A line on standard error. A reader that has gone away is no failure.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A bar on a terminal; elsewhere a line now and then.
pub(crate) struct Progress {
    bar: ProgressBar,
    what: String,
    said_at: Instant,
}

impl Progress {
    pub(crate) fn new(what: String, length: usize) -> Self {
        let style = ProgressStyle::with_template("{msg}  {wide_bar}  {pos}/{len}  {eta}")
            .expect("the template is sound");
        // Hidden by itself where standard error is no terminal.
        let bar = ProgressBar::new(length as u64).with_style(style).with_message(what.clone());
        Self { bar, what, said_at: Instant::now() }
    }

    pub(crate) fn advance(&mut self, steps: usize) {
        self.bar.inc(steps as u64);
        if self.bar.is_hidden() && self.said_at.elapsed() > LINE_EVERY {
            let length = self.bar.length().unwrap_or_default();
            say(&format!("{}: {} of {length}", self.what, self.bar.position()));
            self.said_at = Instant::now();
        }
    }

    /// Takes the bar away and leaves a line in its place.
    pub(crate) fn end(self, line: &str) {
        self.bar.finish_and_clear();
        say(line);
    }
}

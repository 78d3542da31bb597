//! What went wrong, and what to do about it.

/// A failure that ends the run: a sentence, and the next step if one is known.
#[derive(Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) fix: Option<String>,
}

/// What the functions of this program return.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), fix: None }
    }

    /// Adds the next step.
    pub(crate) fn with_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Says where it happened, before what happened.
    pub(crate) fn under(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }
}

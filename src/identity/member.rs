//! People of a team: their e-mail, their standing, and the code by which they come in.

use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::key::{self, NotAKey};
use crate::core::error::{Error, Result};
use crate::core::secret::Secret;
use crate::core::text;

const PREFIX: &str = "memoinvite_";

/// How many days an invitation can be taken up.
pub const INVITED_FOR_DAYS: i64 = 7;

/// Where a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Standing {
    Invited,
    Active,
    Removed,
}

impl Standing {
    /// The name on the wire and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Standing::Invited => "invited",
            Standing::Active => "active",
            Standing::Removed => "removed",
        }
    }

    /// Reads [`Standing::as_str`]; anything else is `Removed`, the safe reading.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "invited" => Standing::Invited,
            "active" => Standing::Active,
            _ => Standing::Removed,
        }
    }
}

/// An invitation's code: whoever has it becomes that member. Shown once, kept as its hash.
///
/// 43 random base62 characters and 6 of checksum, as in an API key: so much is random that a plain
/// SHA-256 gives nothing away.
#[derive(Debug)]
pub struct Invitation(Secret);

impl Invitation {
    /// Makes a new code from the operating system's randomness.
    ///
    /// # Panics
    /// When the operating system gives no randomness.
    #[must_use]
    pub fn generate() -> Self {
        Self(Secret::new(key::with_secret(PREFIX.to_owned())))
    }

    /// Reads a code, checking its form and checksum without touching anything else.
    ///
    /// # Errors
    /// [`NotAKey`] when the form or the checksum is wrong.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let secret = text.strip_prefix(PREFIX).ok_or(NotAKey)?;
        key::check_secret(text, secret)?;
        Ok(Self(Secret::new(text.to_owned())))
    }

    /// The code, for the one answer that shows it.
    #[must_use]
    pub fn whole(&self) -> &Secret {
        &self.0
    }

    /// What is kept of it: SHA-256, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        use std::fmt::Write as _;
        Sha256::digest(self.0.expose()).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// Checks an e-mail address and gives it as it is kept and compared: without blanks around it, in
/// lower case.
///
/// # Errors
/// `INVALID_ARGUMENT` naming `email`.
pub fn email(given: &str) -> Result<String> {
    let email = given.trim().to_lowercase();
    let is_plausible = email.len() <= 254
        && !email.contains(|c: char| c.is_whitespace() || c.is_control())
        && email.split_once('@').is_some_and(|(name, host)| {
            (1..=64).contains(&name.len()) && !host.is_empty() && !host.contains('@')
        });
    if is_plausible {
        return Ok(email);
    }
    Err(Error::invalid("email", "must be an e-mail address, such as ada@example.org"))
}

/// Checks a display name and gives it without blanks around it.
///
/// # Errors
/// `INVALID_ARGUMENT` naming `display_name`.
pub fn display_name(given: &str) -> Result<String> {
    let name = given.trim();
    if name.is_empty() || text::chars(name) > 100 {
        return Err(Error::invalid("display_name", "must be 1 to 100 characters, not blank"));
    }
    if name.contains(['\n', '\t']) || text::has_control(name) {
        return Err(Error::invalid("display_name", "must be one line without control characters"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_invitation_reads_back_and_hashes_alike() {
        let made = Invitation::generate();

        let read = Invitation::parse(made.whole().expose()).expect("reads back");

        assert_eq!(read.hash(), made.hash());
        assert_eq!(made.hash().len(), 64);
        assert_ne!(made.hash(), Invitation::generate().hash());
    }

    #[test]
    fn a_mistyped_invitation_is_none() {
        let made = Invitation::generate().whole().expose().to_owned();
        let last = if made.ends_with('a') { 'b' } else { 'a' };
        let mistyped = format!("{}{last}", &made[..made.len() - 1]);

        for text in ["", "memoinvite_", &mistyped, &made[1..], &format!("{made} ")] {
            assert!(Invitation::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_email_is_compared_in_lower_case_and_without_blanks() {
        assert_eq!(email(" Ada@Example.ORG ").expect("valid"), "ada@example.org");
        for bad in ["", "ada", "@x", "a@", "a@b@c", "a b@c", "a@b\u{7}"] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }
}

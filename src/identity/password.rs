//! Passwords of members, by the advice of NIST SP 800-63B: long enough, not guessed at once, and
//! no other rules of composition.

use unicode_normalization::UnicodeNormalization;

use crate::core::error::{Error, Result};
use crate::core::secret::Secret;
use crate::core::text;

/// How many characters a password has at least.
const LEAST: usize = 12;
/// How many it has at most.
const MOST: usize = 128;

/// The commonest of twelve characters or more, and what our own name suggests.
const COMMON: [&str; 34] = [
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789012345",
    "1234567890123456",
    "012345678910",
    "123456123456",
    "1q2w3e4r5t6y",
    "1q2w3e4r5t6y7u8i",
    "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv",
    "abcdefghijkl",
    "abcdefghijklmnop",
    "abcdefghijklmnopqrstuvwxyz",
    "administrator",
    "administrator1",
    "changeme1234",
    "changemechangeme",
    "correcthorsebatterystaple",
    "correct horse battery staple",
    "iloveyou1234",
    "letmeinletmein",
    "memoranda123",
    "memoranda1234",
    "memorandamemoranda",
    "password1234",
    "password12345",
    "password123456",
    "passwordpassword",
    "qwerty123456",
    "qwertyqwerty",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiopasdfghjkl",
];

/// A password as it is hashed and compared: characters that look alike are written alike (NFKC),
/// whichever keyboard they come from.
#[must_use]
pub fn normal(given: &Secret) -> Secret {
    Secret::new(given.expose().nfkc().collect())
}

/// Checks a new password and gives it as it is hashed. `known` is what an attacker knows of the
/// member: e-mail, name.
///
/// # Errors
/// `INVALID_ARGUMENT` naming `password`; never a part of it.
pub fn checked(given: &Secret, known: &[&str]) -> Result<Secret> {
    let password = normal(given);
    let length = text::chars(password.expose());
    if !(LEAST..=MOST).contains(&length) {
        return Err(Error::invalid("password", format!("must be {LEAST} to {MOST} characters")));
    }
    let folded = Secret::new(password.expose().to_lowercase());
    let is_known = |text: &&str| {
        let text = text.nfkc().collect::<String>().to_lowercase();
        folded.expose() == text || folded.expose() == text.split('@').next().unwrap_or_default()
    };
    if COMMON.contains(&folded.expose()) || is_repeated(folded.expose()) {
        return Err(Error::invalid("password", "must not be one of the commonest")
            .with_fix("choose a few words that don't belong together"));
    }
    if known.iter().any(is_known) {
        return Err(Error::invalid("password", "must not be the member's e-mail or name"));
    }
    Ok(password)
}

/// Whether it is one or two characters over and over.
fn is_repeated(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    chars.windows(3).all(|three| three[0] == three[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(password: &str) -> Option<String> {
        let known = ["ada.lovelace@example.org", "Augusta Ada King"];
        let checked = checked(&Secret::new(password.to_owned()), &known);
        checked.err().map(|error| error.message().to_owned())
    }

    #[test]
    fn twelve_to_a_hundred_and_twenty_eight_characters_of_any_kind_are_taken() {
        for password in ["a quiet tea", "ünïcödé çhà"] {
            assert!(refusal(password).is_some_and(|message| message.contains("12 to 128")));
            assert_eq!(refusal(&format!("{password}!")), None);
        }
        let long = "é语".repeat(64);
        assert_eq!(refusal(&format!("{}x", &long[..long.len() - 3])), None);
        assert!(refusal(&format!("{long}x")).is_some());
    }

    #[test]
    fn what_is_guessed_at_once_is_refused() {
        for password in [
            "PasswordPassword",
            "correct horse battery staple",
            "aaaaaaaaaaaa",
            "ababababababab",
            "Ada.Lovelace@Example.org",
            "ada.lovelace",
            "augusta ada king",
        ] {
            let message = refusal(password).unwrap_or_default();

            assert!(message.starts_with("`password` must not be"), "{password}: {message}");
            assert!(!message.contains(password));
        }
    }

    #[test]
    fn the_commonest_are_long_enough_to_be_chosen() {
        assert!(COMMON.iter().all(|common| text::chars(common) >= LEAST));
        assert!(COMMON.iter().all(|common| *common == common.to_lowercase()));
    }

    #[test]
    fn one_password_from_two_keyboards_is_the_same() {
        let (composed, apart) = ("caf\u{e9} au lait", "cafe\u{301} au lait");

        let hashed = |text: &str| normal(&Secret::new(text.to_owned()));

        assert!(hashed(composed).matches(&hashed(apart)));
    }
}

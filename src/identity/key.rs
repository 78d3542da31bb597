//! The format of API keys: `memo_<key-id>_<secret>`.
//!
//! The secret is 43 random base62 characters (256 bits) and 6 of checksum over all that precedes
//! them. A mistyped key is so refused before the database or argon2 is asked, and secret scanners
//! have a pattern to match. The checksum is CRC-32 in base62; it guards against typing errors, not
//! against forgers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::core::secret::Secret;

const ID_CHARS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_LENGTH: usize = 12;
const RANDOM_LENGTH: usize = 43;
const CHECKSUM_LENGTH: usize = 6;
const PREFIX: &str = "memo_";
const OWN_AGENT: &str = "key-";

/// The public part of a key, by which it is found: 12 of `a-z0-9`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; ID_LENGTH]);

impl KeyId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a key id is ASCII")
    }
}

impl FromStr for KeyId {
    type Err = NotAKey;
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let bytes: [u8; ID_LENGTH] = text.as_bytes().try_into().map_err(|_| NotAKey)?;
        bytes.iter().all(|byte| ID_CHARS.contains(byte)).then_some(Self(bytes)).ok_or(NotAKey)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|NotAKey| serde::de::Error::custom("must be the id of a key"))
    }
}

/// The text is not an API key: wrong form, or its checksum doesn't hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAKey;

/// A whole API key, secret included. Shown once, at creation.
#[derive(Debug, Clone)]
pub struct ApiKey {
    id: KeyId,
    whole: Secret,
}

impl ApiKey {
    /// Makes a new key from the operating system's randomness.
    ///
    /// # Panics
    /// When the operating system gives no randomness: nothing safe can be done then.
    #[must_use]
    pub fn generate() -> Self {
        Self::with_id(KeyId(std::array::from_fn(|_| ID_CHARS[uniform(ID_CHARS.len())])))
    }

    /// Makes a new secret under a key's id: a rotation.
    ///
    /// # Panics
    /// As [`ApiKey::generate`].
    #[must_use]
    pub fn with_id(id: KeyId) -> Self {
        Self { id, whole: Secret::new(with_secret(format!("{PREFIX}{id}_"))) }
    }

    /// Reads a key, checking its form and checksum without touching anything else.
    ///
    /// # Errors
    /// [`NotAKey`] when the form or the checksum is wrong.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let (id, secret) =
            text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')).ok_or(NotAKey)?;
        let id: KeyId = id.parse()?;
        check_secret(text, secret)?;
        Ok(Self { id, whole: Secret::new(text.to_owned()) })
    }

    /// The public part.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The whole key, for the one answer that shows it and for hashing.
    #[must_use]
    pub fn whole(&self) -> &Secret {
        &self.whole
    }
}

/// A beginning, and after it a new secret with the checksum over all of it.
pub(super) fn with_secret(mut whole: String) -> String {
    for _ in 0..RANDOM_LENGTH {
        whole.push(char::from(BASE62[uniform(BASE62.len())]));
    }
    let checksum = checksum(&whole);
    whole.push_str(&checksum);
    whole
}

/// Checks the form of the secret at the end of a text, and its checksum.
pub(super) fn check_secret(text: &str, secret: &str) -> Result<(), NotAKey> {
    if secret.len() != RANDOM_LENGTH + CHECKSUM_LENGTH
        || !secret.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        return Err(NotAKey);
    }
    let (body, seen) = text.split_at(text.len() - CHECKSUM_LENGTH);
    if checksum(body) == seen { Ok(()) } else { Err(NotAKey) }
}

/// The id of a key's own agent, as long as it has named no other.
#[must_use]
pub fn own_agent(id: KeyId) -> String {
    format!("{OWN_AGENT}{id}")
}

/// The key whose own agent a slug names, if it has that form. Nobody else may take such a slug:
/// key ids are public, and history belongs to the key that made it.
#[must_use]
pub fn owner_of_agent(slug: &str) -> Option<KeyId> {
    slug.strip_prefix(OWN_AGENT).and_then(|id| id.parse().ok())
}

/// The first 12 characters of any key with this id: `memo_` and the beginning of the id.
#[must_use]
pub fn preview(id: KeyId) -> String {
    format!("{PREFIX}{id}").chars().take(12).collect()
}

/// A uniform number below `bound` (at most 64), by rejection.
fn uniform(bound: usize) -> usize {
    loop {
        let mut byte = [0_u8; 1];
        getrandom::fill(&mut byte).expect("the operating system gives randomness");
        let number = usize::from(byte[0] & 63);
        if number < bound {
            return number;
        }
    }
}

/// CRC-32 (IEEE 802.3) as six base62 digits.
fn checksum(text: &str) -> String {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1));
        }
    }
    let mut number = !crc as usize;
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[number % 62];
        number /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_key_has_the_published_form_and_reads_back() {
        let form = regex::Regex::new("^memo_[a-z0-9]{12}_[A-Za-z0-9]{49}$").expect("valid");
        for _ in 0..200 {
            let key = ApiKey::generate();

            assert!(form.is_match(key.whole().expose()));
            let read = ApiKey::parse(key.whole().expose()).expect("reads back");
            assert_eq!(read.id(), key.id());
        }
    }

    #[test]
    fn any_one_mistyped_character_is_noticed() {
        let key = ApiKey::generate();
        let text = key.whole().expose();
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
            let mistyped = String::from_utf8(bytes).expect("ASCII");

            assert_eq!(ApiKey::parse(&mistyped).err(), Some(NotAKey), "position {at}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "memo_", "memo__", "Bearer memo_x", "memo_abcdefghijkl_short", "mémo_é"]
        {
            assert_eq!(ApiKey::parse(text).err(), Some(NotAKey), "{text}");
        }
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let key = ApiKey::generate();

        let shown = format!("{key:?}");

        assert!(!shown.contains(key.whole().expose()));
        assert!(!shown.contains(&key.whole().expose()[18..]));
    }

    #[test]
    fn the_checksum_is_crc32() {
        // The check value of CRC-32/ISO-HDLC for "123456789" is 0xCBF43926.
        let mut number = 0_usize;
        for digit in checksum("123456789").bytes() {
            number = number * 62
                + BASE62.iter().position(|candidate| *candidate == digit).expect("base62");
        }

        assert_eq!(number, 0xCBF4_3926);
    }
}

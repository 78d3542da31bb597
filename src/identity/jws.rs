//! Signed texts: JWS in its compact form (RFC 7515) with HMAC-SHA-256, and nothing else of it.
//!
//! The algorithm is fixed here, not read from the token: a header must say exactly what ours say,
//! so that there is nothing to choose and nothing to confuse. That is also why this is no library's:
//! of the many algorithms that one brings we would have to switch all but one off.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;

use crate::core::secret::Secret;

/// Longer than any token of ours; nothing longer is looked at.
const MOST_BYTES: usize = 4096;

/// The text is no token that we could have signed. Says no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forged;

/// The one member of a header that differs between two tokens.
#[derive(Deserialize)]
struct Named {
    kid: String,
}

/// The header of every token that is signed by a key of this name.
fn header(kid: &str) -> String {
    json!({ "alg": "HS256", "typ": "JWT", "kid": kid }).to_string()
}

/// Signs a payload under the name of a key.
pub(super) fn sign(kid: &str, key: &Secret, payload: &[u8]) -> Secret {
    let mut token =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header(kid)), URL_SAFE_NO_PAD.encode(payload));
    let signature = mac(key, &token).finalize().into_bytes();
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Secret::new(token)
}

/// A token that has the right form, and isn't to be believed yet.
pub(super) struct Unverified<'t> {
    kid: String,
    signed: &'t str,
    payload: &'t str,
    signature: Vec<u8>,
}

impl<'t> Unverified<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`Forged`] when it hasn't three parts, or its header isn't one of ours.
    pub(super) fn read(token: &'t str) -> Result<Self, Forged> {
        if token.len() > MOST_BYTES {
            return Err(Forged);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Forged)?;
        let (given, payload) = signed.split_once('.').ok_or(Forged)?;
        let given = decoded(given)?;
        let Named { kid } = serde_json::from_slice(&given).map_err(|_| Forged)?;
        // Byte for byte: another algorithm, a member more or one that stands twice isn't ours.
        if header(&kid).as_bytes() != given {
            return Err(Forged);
        }
        Ok(Self { kid, signed, payload, signature: decoded(signature)? })
    }

    /// Which key it says has signed it.
    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    /// The payload, if this key has signed it. Compares in constant time.
    ///
    /// # Errors
    /// [`Forged`] when it hasn't.
    pub(super) fn payload(&self, key: &Secret) -> Result<Vec<u8>, Forged> {
        mac(key, self.signed).verify_slice(&self.signature).map_err(|_| Forged)?;
        decoded(self.payload)
    }
}

/// The bytes of one part. Strict: each has one spelling, without padding or stray bits.
fn decoded(part: &str) -> Result<Vec<u8>, Forged> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Forged)
}

fn mac(key: &Secret, text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Secret {
        Secret::new("a key for tests".to_owned())
    }

    fn token_with(header: &str) -> String {
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(b"{}"));
        let signature = mac(&key(), &signed).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn read(token: &str) -> Result<Vec<u8>, Forged> {
        Unverified::read(token)?.payload(&key())
    }

    #[test]
    fn the_signature_is_that_of_the_standards_example() {
        // RFC 4231, test case 2.
        let mac = mac(&Secret::new("Jefe".to_owned()), "what do ya want for nothing?");

        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let bytes: Vec<String> =
            mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(bytes.concat(), expected);
    }

    #[test]
    fn what_was_signed_reads_back_under_its_own_key_alone() {
        let token = sign("sgn_1", &key(), b"payload");
        let read = Unverified::read(token.expose()).expect("ours");

        assert_eq!(read.kid(), "sgn_1");
        assert_eq!(read.payload(&key()).as_deref(), Ok(&b"payload"[..]));
        assert_eq!(read.payload(&Secret::new("another".to_owned())), Err(Forged));
    }

    #[test]
    fn any_changed_character_is_noticed() {
        let token = sign("sgn_1", &key(), b"{\"a\":1}").expose().to_owned();

        for at in 0..token.len() {
            for other in ["A", "B", "_", ".", "=", " "] {
                let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
                assert!(changed == token || read(&changed) == Err(Forged), "{at}: {changed}");
            }
            assert_eq!(read(&token[..at]), Err(Forged), "cut at {at}");
        }
    }

    #[test]
    fn a_header_says_exactly_what_ours_say() {
        assert!(read(&token_with(r#"{"alg":"HS256","typ":"JWT","kid":"k"}"#)).is_ok());
        for header in [
            r#"{"alg":"none","typ":"JWT","kid":"k"}"#,
            r#"{"alg":"hs256","typ":"JWT","kid":"k"}"#,
            r#"{"alg":"HS384","typ":"JWT","kid":"k"}"#,
            r#"{"alg":["HS256"],"typ":"JWT","kid":"k"}"#,
            r#"{"alg":"HS256","typ":"JOSE","kid":"k"}"#,
            r#"{"alg":"HS256","typ":"JWT"}"#,
            r#"{"typ":"JWT","kid":"k"}"#,
            r#"{"alg":"HS256","typ":"JWT","kid":null}"#,
            r#"{"alg":"none","alg":"HS256","typ":"JWT","kid":"k"}"#,
            r#"{"alg":"HS256","typ":"JWT","kid":"k","crit":["exp"]}"#,
            r#"{"alg":"HS256","typ":"JWT","kid":"k","jwk":{}}"#,
            r#"{"kid":"k","alg":"HS256","typ":"JWT"}"#,
            r#"{ "alg":"HS256","typ":"JWT","kid":"k"}"#,
            r#"["k"]"#,
            "",
        ] {
            assert_eq!(read(&token_with(header)), Err(Forged), "{header}");
        }
    }
}

//! Requests that may come again: the same key of the same caller gives the same answer, on every
//! server of a team.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::core::clock::{DAY_MS, Timestamp};
use crate::core::error::{Code, Error, Result};
use crate::identity::permit::Permit;
use crate::store::WriteTx;
use crate::store::retries::Answered;

/// For how long an answer is kept at least, in milliseconds.
const KEPT_FOR: i64 = 2 * DAY_MS;

/// A request that is to be done once.
#[derive(Debug, Clone)]
pub(super) struct Once {
    key: String,
    hash: [u8; 32],
}

impl Once {
    /// The request of these arguments, which must serialize without the key itself.
    ///
    /// # Errors
    /// `INTERNAL` where they don't serialize.
    pub(super) fn new(key: String, arguments: &impl Serialize) -> Result<Self> {
        let mut arguments = serde_json::to_value(arguments).map_err(Error::internal)?;
        without_nulls(&mut arguments);
        let hash = Sha256::digest(arguments.to_string().as_bytes()).into();
        Ok(Self { key, hash })
    }

    /// What was answered before, if it was.
    ///
    /// # Errors
    /// `CONFLICT` when that was another request.
    pub(super) fn answered<T: DeserializeOwned>(
        &self,
        tx: &mut dyn WriteTx,
        permit: &Permit,
    ) -> Result<Option<T>> {
        let Some(before) = tx.answered(permit, &self.key)? else { return Ok(None) };
        if before.hash != self.hash {
            return Err(Error::new(
                Code::Conflict,
                "this `idempotency_key` came with other arguments before",
            )
            .with_fix("choose a new key for each new request"));
        }
        serde_json::from_str(&before.answer).map(Some).map_err(Error::internal)
    }

    /// Notes the answer, for when it comes again.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub(super) fn note(
        &self,
        tx: &mut dyn WriteTx,
        permit: &Permit,
        answer: &impl Serialize,
        at: Timestamp,
    ) -> Result<()> {
        let answer = serde_json::to_string(answer).map_err(Error::internal)?;
        let answered = Answered { hash: self.hash, answer };
        tx.note_answer(permit, &self.key, &answered, at, at.plus_millis(-KEPT_FOR))
    }
}

/// What is left out and what is `null` are one: a later version with more fields must find the same.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(all) => all.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

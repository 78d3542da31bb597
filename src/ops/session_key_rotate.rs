//! `session_key_rotate`: another secret signs the team's session tokens from now on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::identity::session::{HOUR_MS, MOST_HOURS, SigningKey};
use crate::store::sessions::SessionFilter;

pub struct SessionKeyRotate;

/// How.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// True ends every session of the team at once
    end_now: Option<bool>,
}

/// What signs now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// The name of what signs from now on, as the header of tokens holds it
    kid: String,
    rotated_at: Timestamp,
    /// Until when older tokens still hold; absent when none does
    #[serde(skip_serializing_if = "Option::is_none")]
    old_until: Option<Timestamp>,
    /// How many sessions were ended
    sessions_ended: u64,
}

impl Operation for SessionKeyRotate {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "session_key_rotate",
        title: "Rotate the signing key of sessions",
        description: include_str!("../../tools/session_key_rotate.md"),
        scope: Scope::Admin,
        least_role: Role::Owner,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: false,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Post, path: "/sessions/keys/rotate", status: 200 },
        cli: Some(Cli { path: &["session", "rotate-key"], positional: None }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let (at, ends_now) = (call.at, input.end_now.unwrap_or(false));
        let fresh = SigningKey::generate(call.next_id());
        // No token lives longer than this, so none is cut short.
        let until = at.plus_millis(i64::from(MOST_HOURS) * HOUR_MS);
        call.change(move |tx, permit| {
            let (mut old_until, mut sessions_ended) = (None, 0);
            if ends_now {
                tx.delete_signing_keys(permit)?;
                // Requests that are under way have their tokens checked already: their rows stop them.
                sessions_ended = tx.end_sessions(permit, &SessionFilter::default(), at)?;
            } else if tx.signing_key(permit)?.is_some() {
                tx.retire_signing_key(permit, until, at)?;
                old_until = Some(until);
            }
            tx.add_signing_key(permit, &fresh, at)?;
            let act = Act {
                object_kind: "signing_key",
                object_id: fresh.kid.to_string(),
                summary: json!({ "old_until": old_until, "sessions_ended": sessions_ended }),
            };
            let kid = fresh.kid.to_string();
            Ok(Done::Changed(Output { kid, rotated_at: at, old_until, sessions_ended }, act))
        })
        .await
    }
}

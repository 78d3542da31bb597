//! The trail.

use serde_json::json;

use super::Answer;
use super::ask::Ask;

pub(super) async fn verify(ask: &Ask<'_>) -> Answer {
    let names = [("expect_sequence", "expect_sequence"), ("expect_hash", "expect_hash")];
    ask.call("activity_verify", &names, json!({})).await
}

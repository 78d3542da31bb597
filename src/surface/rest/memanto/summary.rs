//! What a day brought.

use serde_json::{Value, json};

use super::ask::Ask;
use super::{Answer, shape};
use crate::core::error::{Code, Error};

pub(super) async fn daily(ask: &Ask<'_>) -> Answer {
    let agent = ask.in_path("agent_id");
    let more = json!({ "agents": [agent] });
    let day = ask.call("daily_summary", &[("date", "date")], more).await.map_err(named)?;
    let sessions = sessions(ask, &day).await?;
    let count = |name: &str| day["counts"][name].as_u64().unwrap_or(0);
    let changes: u64 = ["created", "changed", "superseded", "expired", "forgotten", "restored"]
        .iter()
        .map(|name| count(name))
        .sum();
    let status = if changes == 0 && sessions == 0 { "no_sessions" } else { "success" };
    Ok(json!({
        "agent_id": agent,
        "session_id": ask.session()?,
        "namespace": shape::namespace(agent),
        "date": day["date"],
        "summary": {
            "status": status,
            "summary_path": null,
            "sessions_count": sessions,
            "counts": day["counts"],
            "conflicts": day["conflicts"],
            "confirmed": day["confirmed"],
            "decisions": day["decisions"],
            "telling": day["telling"],
            "markdown": day["markdown"],
        },
        "export": {
            "output_path": null,
            "total_memories": count("created"),
            "per_type_counts": day["by_type"],
        },
    }))
}

/// A date that is none, in the words that programs written for that API look for.
fn named(error: Error) -> Error {
    if error.code() == Code::InvalidArgument && error.message().starts_with("`date`") {
        return Error::new(Code::InvalidArgument, "Invalid summary identifier")
            .with_fix("send a date such as 2026-11-22, or none for today");
    }
    error
}

/// How many of the agent's sessions ran on that day.
async fn sessions(ask: &Ask<'_>, day: &Value) -> crate::core::error::Result<usize> {
    let agent = ask.in_path("agent_id");
    let arguments = json!({ "agent_id": agent, "all": true, "limit": 100 });
    let listed = ask.call_plain("session_list", arguments).await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (from, until) = (text(&day["from"]), text(&day["until"]));
    let sessions = listed["sessions"].as_array().into_iter().flatten();
    let ran = |session: &&Value| {
        // Times are all of one form, so their order is that of their letters.
        let end = session["ended_at"].as_str().or_else(|| session["expires_at"].as_str());
        text(&session["started_at"]) <= until && end.unwrap_or_default() >= from.as_str()
    };
    Ok(sessions.filter(ran).count())
}

//! Loading a conversation, and asking its questions.

use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::dataset::{Conversation, Turn};
use crate::failure::{Failure, Result};
use crate::progress::{Progress, say};
use crate::report::{Loaded, Report};
use crate::server::Server;

/// How many memories `remember` takes at once.
const BATCH: usize = 100;

#[derive(Deserialize)]
struct Recalled {
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    source: Option<String>,
    source_ref: Option<String>,
}

#[derive(Deserialize)]
struct Remembered {
    items: Vec<Kept>,
}

#[derive(Deserialize)]
struct Kept {
    duplicate_of: Option<Value>,
}

/// Remembers the turns that the server doesn't hold yet.
pub(crate) async fn load(
    server: &Server,
    conversation: &Conversation,
    report: &mut Report,
) -> Result<()> {
    let Conversation { sample_id, turns, .. } = conversation;
    let held = held(server, conversation).await?;
    let rest = &turns[held..];
    let mut duplicates = 0;
    if rest.is_empty() {
        say(&format!("{sample_id}: all {held} turns are on the server already"));
    } else {
        if held > 0 {
            say(&format!("{sample_id}: {held} turns are on the server already, the rest follows"));
        }
        let mut progress = Progress::new(format!("{sample_id}: remembering"), rest.len());
        for (at, batch) in rest.chunks(BATCH).enumerate() {
            let items: Vec<Value> = batch.iter().map(|turn| memory(sample_id, turn)).collect();
            let begun = Instant::now();
            let kept: Remembered =
                server.call("remember", json!({ "items": items })).await.map_err(|failure| {
                    failure.under(&format!("remember, from turn {}", held + at * BATCH))
                })?;
            report.add_batch(begun.elapsed());
            if kept.items.len() != batch.len() {
                return Err(Failure::new("`remember` answered for another number of memories"));
            }
            duplicates += kept.items.iter().filter(|kept| kept.duplicate_of.is_some()).count();
            progress.advance(batch.len());
        }
        progress.end(&format!("{sample_id}: {} turns remembered", rest.len()));
    }
    let loaded = Loaded { sample_id: sample_id.clone(), turns: turns.len(), held, duplicates };
    report.add_conversation(loaded, conversation.left_out);
    Ok(())
}

/// How many turns, from the first, the server holds already.
///
/// Turns are remembered in order and a batch is kept whole or not at all, so the last turn among the
/// newest memories tells: a load that was cut short goes on where it ended.
async fn held(server: &Server, conversation: &Conversation) -> Result<usize> {
    let sample_id = &conversation.sample_id;
    let asked = json!({ "tags": [sample_id], "limit": BATCH });
    let newest: Recalled =
        server.call("recall", asked).await.map_err(|failure| failure.under("recall"))?;
    let is_held = |turn: &Turn| {
        newest.hits.iter().any(|hit| {
            hit.source.as_deref() == Some("locomo") && hit.source_ref.as_ref() == Some(&turn.dia_id)
        })
    };
    match conversation.turns.iter().rposition(is_held) {
        Some(last) => Ok(last + 1),
        None if newest.hits.is_empty() => Ok(0),
        None => Err(Failure::new(format!(
            "the server has memories with the tag `{sample_id}` that aren't of this file"
        ))
        .with_fix("use a server without them: memoranda serve --data EMPTY-FOLDER")),
    }
}

/// A turn as an item of `remember`.
fn memory(sample_id: &str, turn: &Turn) -> Value {
    let mut memory = json!({
        "content": turn.content,
        "speaker": turn.speaker,
        "thread": turn.thread,
        "position": turn.position,
        "source": "locomo",
        "source_ref": turn.dia_id,
        "tags": [sample_id],
    });
    if let Some(occurred_at) = &turn.occurred_at {
        memory["occurred_at"] = json!(occurred_at);
    }
    memory
}

/// Recalls every question, one after the other, and counts its evidence.
pub(crate) async fn ask(
    server: &Server,
    conversation: &Conversation,
    report: &mut Report,
) -> Result<()> {
    let Conversation { sample_id, questions, .. } = conversation;
    let mut progress = Progress::new(format!("{sample_id}: asking"), questions.len());
    for question in questions {
        let asked = json!({ "query": question.text, "tags": [sample_id], "limit": report.limit });
        let begun = Instant::now();
        let found: Recalled =
            server.call("recall", asked).await.map_err(|failure| failure.under("recall"))?;
        let took = begun.elapsed();
        // A memory without a reference keeps its rank: it was in the way.
        let returned: Vec<String> =
            found.hits.into_iter().map(|hit| hit.source_ref.unwrap_or_default()).collect();
        report.add_query(question, &returned, took);
        progress.advance(1);
    }
    progress.end(&format!("{sample_id}: {} questions asked", questions.len()));
    Ok(())
}

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memoranda::cli::compose::House;
use serde_json::{Value, json};

use super::{Home, Served};
use crate::support::Caller;
use crate::surface::probe::{intact_chain, mcp_call};

const CLIENTS: usize = 16;
const ROUNDS: usize = 3;
/// The server is killed when so many calls of a round were answered.
const ANSWERED: usize = 150;

/// Remembers until the server is gone; gives the ids and contents that were answered for.
async fn remember_on(
    caller: Caller,
    name: String,
    answered: Arc<AtomicUsize>,
) -> Vec<(String, String)> {
    let mut kept = Vec::new();
    for number in 0.. {
        let content = format!("{name}x{number} stands here.");
        let call = mcp_call(&caller, "remember", &json!({ "content": content }));
        let Ok(response) = call.send().await else { break };
        let Ok(body) = response.bytes().await else { break };
        let body: Value = serde_json::from_slice(&body).expect("JSON, if it is whole");
        let id = body["result"]["structuredContent"]["id"].as_str().expect("an id").to_owned();
        kept.push((id, content));
        answered.fetch_add(1, Ordering::SeqCst);
    }
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_every_answered_memory_is_there_and_the_trail_is_whole() {
    let home = Home::new();
    let key = home.init();
    let mut kept: Vec<(String, String)> = Vec::new();

    for round in 0..ROUNDS {
        let served = Served::start(&home);
        let answered = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let name = format!("round{round}client{client}");
                tokio::spawn(remember_on(served.caller(&key), name, Arc::clone(&answered)))
            })
            .collect();
        while answered.load(Ordering::SeqCst) < ANSWERED {
            tokio::task::yield_now().await;
        }
        served.kill();
        for client in clients {
            kept.extend(client.await.expect("no panic"));
        }
    }

    assert!(kept.len() >= ROUNDS * ANSWERED);
    let served = Served::start(&home);
    let caller = served.caller(&key);
    for (id, content) in &kept {
        let memory = caller.ok("memory_get", json!({ "id": id })).await;
        assert_eq!(memory["content"], **content);
        let word = content.split(' ').next().expect("a word");
        let found = caller.ok("recall", json!({ "query": word, "limit": 1 })).await;
        assert_eq!(found["hits"][0]["id"], **id, "{word}: {found}");
    }
    let counted = caller.ok("brief", json!({})).await["memories"].as_u64().expect("a count");
    served.stop();

    let house = House::open(&home.data()).expect("opens");
    let events = intact_chain(&house).await;
    house.close().await;
    let in_trail = events.iter().filter(|event| event.operation == "remember").count();
    assert_eq!(counted, in_trail as u64, "a memory without its event, or an event without");
    assert!(in_trail >= kept.len());
    let path = home.data().join(memoranda::store::sqlite::FILE_NAME);
    let database = rusqlite::Connection::open(path).expect("opens");
    let sound: String =
        database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checks");
    assert_eq!(sound, "ok");
}

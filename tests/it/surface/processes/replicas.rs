//! The binary on PostgreSQL: set up, served by two processes, and one of them killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memoranda::cli::compose::House;
use memoranda::core::clock::SystemClock;
use memoranda::store::Store;
use memoranda::store::postgres::Postgres;
use serde_json::{Value, json};

use super::{Home, Served};
use crate::cluster::{Database, cluster};
use crate::support::Caller;
use crate::surface::probe::{intact_chain, mcp_call};

fn serve(home: &Home, database: &Database) -> Served {
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("MEMORANDA_DATABASE", database.url());
    Served::from(command)
}

#[test]
fn the_command_line_works_on_the_database_of_a_url() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.empty_database());
    let url = database.url();

    let made = home.run(&["init", "--json", "--team", "north", "--database", &url]).json();
    home.run(&["init", "--json", "--database", &url]).refused(65, "ALREADY_EXISTS");
    home.run(&["remember", "Ana owns the billing service.", "--database", &url]);
    let found = home.run(&["recall", "who owns billing?", "--json", "--database", &url]).json();

    assert_eq!(found["hits"][0]["content"], "Ana owns the billing service.");
    assert!(made["key"].as_str().is_some_and(|key| key.starts_with("memo_")));
    let shown = made["data"].as_str().expect("where it is");
    assert!(shown.starts_with("postgres://") && !shown.contains('@'), "{shown}");
    assert!(!home.data().exists(), "the embedded database was not made");
}

#[test]
fn a_url_that_cannot_be_used_is_refused_and_never_repeated() {
    let home = Home::new();
    for (url, exit, code) in [
        ("mysql://ada:hunter2@127.0.0.1/x", 64, "INVALID_ARGUMENT"),
        ("postgres://ada:hunter2@127.0.0.1:notaport/x", 64, "INVALID_ARGUMENT"),
        ("postgres://ada:hunter2@127.0.0.1:1/x", 75, "UNAVAILABLE"),
    ] {
        let mut command = home.command(&["brief", "--log", "debug"]);
        command.env("MEMORANDA_DATABASE", url);

        let ended = super::Ended::of(command.output().expect("the binary starts"));

        ended.refused(exit, code);
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
    let help = home.run(&["config"]);
    assert!(help.out.contains("MEMORANDA_DATABASE"));
}

/// Remembers until the server is gone; gives the ids that were answered for.
async fn remember_on(caller: Caller, name: String, answered: Arc<AtomicUsize>) -> Vec<String> {
    let mut kept = Vec::new();
    for number in 0..120 {
        let content = json!({ "content": format!("{name}x{number} stands here.") });
        let Ok(response) = mcp_call(&caller, "remember", &content).send().await else { break };
        let Ok(body) = response.bytes().await else { break };
        let body: Value = serde_json::from_slice(&body).expect("JSON, if it is whole");
        let id = body["result"]["structuredContent"]["id"].as_str().expect("an id").to_owned();
        kept.push(id);
        answered.fetch_add(1, Ordering::SeqCst);
    }
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn when_one_of_two_servers_is_killed_nothing_that_was_answered_is_lost() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.empty_database());
    let made = home.run(&["init", "--json", "--database", &database.url()]).json();
    let key = made["key"].as_str().expect("a key");
    let (dies, stays) = (serve(&home, &database), serve(&home, &database));
    let answered = Arc::new(AtomicUsize::new(0));

    let clients: Vec<_> = (0..8)
        .map(|number| {
            let server = if number % 2 == 0 { &dies } else { &stays };
            let name = format!("client{number}");
            tokio::spawn(remember_on(server.caller(key), name, Arc::clone(&answered)))
        })
        .collect();
    while answered.load(Ordering::SeqCst) < 100 {
        tokio::task::yield_now().await;
    }
    dies.kill();
    let mut kept = Vec::new();
    for client in clients {
        kept.extend(client.await.expect("no panic"));
    }

    let caller = stays.caller(key);
    for id in &kept {
        caller.ok("memory_get", json!({ "id": id })).await;
    }
    assert!(kept.len() >= 4 * 120, "the other server's clients noticed nothing");
    let counted = caller.ok("brief", json!({})).await["memories"].as_u64().expect("a count");
    stays.stop();
    let store = Store::new(Postgres::open(&database.url(), None).expect("opens"));
    let house = House::over(store, Arc::new(SystemClock));
    let events = intact_chain(&house).await;
    let in_trail = events.iter().filter(|event| event.operation == "remember").count();
    assert_eq!(counted, in_trail as u64, "a memory without its event, or an event without");
    assert!(in_trail >= kept.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_says_which_database_it_is_on_without_its_user() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.empty_database());
    let served = serve(&home, &database);

    let (code, out, err) = served.stop();

    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("memo_"), "the first start shows the owner's key");
    assert!(!out.contains(&database.url()) && !err.contains(&database.url()));
}

//! Streams of what has changed, among processes: two servers on one database, a client that started
//! the program, one that forwards.

use serde_json::{Value, json};

use super::{Home, LONGEST, Piped, Served, request, stateless};
use crate::cluster::{Database, cluster};
use crate::support::Caller;
use crate::surface::listening::{Stream, remember, tag};

const BRIEF: &str = "memoranda://brief";

fn serve(home: &Home, database: &Database) -> Served {
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("MEMORANDA_DATABASE", database.url());
    Served::from(command)
}

/// A key of the team.
async fn key(owner: &Caller, title: &str) -> (String, Value) {
    let made = owner.ok("key_create", json!({ "title": title, "role": "editor" })).await;
    (made["key"].as_str().expect("a key").to_owned(), made["key_id"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_on_one_server_is_heard_on_another_by_those_who_may() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.empty_database());
    let made = home.run(&["init", "--json", "--database", &database.url()]).json();
    let owner_key = made["key"].as_str().expect("a key");
    let (here, there) = (serve(&home, &database), serve(&home, &database));
    let owner = here.caller(owner_key);
    let ((ada_key, _), (bob_key, bob_id)) = (key(&owner, "Ada").await, key(&owner, "Bob").await);
    let (ada, bob) = (here.caller(&ada_key), there.caller(&bob_key));
    let (marker, tagged) = remember(&ada, "We drink tea.", json!({})).await;
    let (private, id) = remember(&ada, "I like milk.", json!({ "visibility": "agent" })).await;
    let mut stream = Stream::of(&bob, &[BRIEF, &private, &marker]).await;

    tag(&ada, &id, "mine").await;
    tag(&ada, &tagged, "drinks").await;
    let of_what_is_private = stream.heard_until(&marker).await;
    remember(&ada, "We eat bread.", json!({})).await;
    let of_the_team = stream.heard().await;
    owner.ok("key_revoke", json!({ "key_id": bob_id })).await;
    let end = stream.ends_with().await;

    assert_eq!(of_what_is_private, [marker.as_str()]);
    assert_eq!((of_the_team.as_str(), end), (BRIEF, json!("INVALID_API_KEY")));
    assert_eq!(there.stop().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_an_open_stream_stops_when_it_is_told_to() {
    let home = Home::new();
    let key = home.init();
    let served = Served::start(&home);
    let mut stream = Stream::of(&served.caller(&key), &[BRIEF]).await;

    let (code, ..) = tokio::task::spawn_blocking(move || served.stop()).await.expect("stops");

    assert_eq!(code, Some(0));
    let end = stream.next().await.expect("it says so");
    assert_eq!(end["result"]["resultType"], "complete", "{end}");
}

/// Asks a process for a stream of what changes in the brief.
fn listen(client: &mut Piped, id: u32) {
    let asked = json!({ "notifications": { "resourceSubscriptions": [BRIEF] } });
    client.write(&request(id, "subscriptions/listen", stateless("walker", asked)));
    let acknowledged = client.read();
    let accepted = &acknowledged["params"]["notifications"]["resourceSubscriptions"];
    assert_eq!(accepted, &json!([BRIEF]), "{acknowledged}");
}

fn heard(client: &Piped) -> Value {
    let message = client.read();
    assert_eq!(message["method"], "notifications/resources/updated", "{message}");
    assert_eq!(message["params"]["uri"], BRIEF);
    message["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"].clone()
}

#[test]
fn a_client_that_started_the_program_hears_what_another_process_remembers() {
    let home = Home::new();
    home.init();
    let mut client = Piped::start(&home);
    listen(&mut client, 5);

    home.run(&["remember", "We drink tea."]);

    assert_eq!(heard(&client), 5);
    assert_eq!(client.end().0, Some(0));
}

#[test]
fn a_client_has_so_many_streams_open_and_no_more() {
    let home = Home::new();
    let mut client = Piped::start(&home);
    for id in 1..=8 {
        listen(&mut client, id);
    }
    let asked = || stateless("walker", json!({ "notifications": {} }));

    client.write(&request(9, "subscriptions/listen", asked()));
    let refused = client.read();
    let cancelled = json!({ "requestId": 3 });
    client.write(
        &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled })
            .to_string(),
    );
    // The place is free a moment after the cancellation was read.
    let since = std::time::Instant::now();
    let again = loop {
        client.write(&request(10, "subscriptions/listen", asked()));
        let answer = client.read();
        if answer["error"].is_null() {
            break answer;
        }
        assert!(since.elapsed() < LONGEST, "{answer}");
    };

    assert_eq!(refused["error"]["data"]["code"], "RATE_LIMITED", "{refused}");
    assert_eq!(again["method"], "notifications/subscriptions/acknowledged", "{again}");
}

#[test]
fn a_stream_is_forwarded_and_cancelled() {
    let (home, own) = (Home::new(), Home::new());
    let key = home.init();
    let served = Served::start(&home);
    let mut command = own.command(&["stdio"]);
    command.env("MEMORANDA_URL", &served.url).env("MEMORANDA_API_KEY", &key);
    let mut client = Piped::from(command);
    listen(&mut client, 5);
    listen(&mut client, 6);

    home.run(&["remember", "We drink tea."]);
    let both = [heard(&client), heard(&client)];
    let cancelled = json!({ "requestId": 5 });
    client.write(
        &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled })
            .to_string(),
    );
    client.ask(7, "tools/list", stateless("walker", json!({})));
    home.run(&["remember", "We drink milk."]);
    let one = heard(&client);
    let (code, frames, _) = client.end();

    assert!(both.contains(&json!(5)) && both.contains(&json!(6)), "{both:?}");
    assert_eq!((one, code), (json!(6), Some(0)));
    assert_eq!(frames, Vec::<Value>::new());
}

#[test]
fn when_the_server_goes_a_forwarded_stream_ends_with_an_answer() {
    let (home, own) = (Home::new(), Home::new());
    let key = home.init();
    let served = Served::start(&home);
    let mut command = own.command(&["stdio"]);
    command.env("MEMORANDA_URL", &served.url).env("MEMORANDA_API_KEY", &key);
    let mut client = Piped::from(command);
    listen(&mut client, 5);

    served.kill();

    let end = client.read();
    assert_eq!((&end["id"], &end["error"]["data"]["code"]), (&json!(5), &json!("UNAVAILABLE")));
}

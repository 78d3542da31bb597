use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::{Home, LONGEST, Piped, Served, ended, signal};

#[test]
fn a_server_told_to_stop_lets_a_running_call_finish() {
    let home = Home::new();
    let key = home.init();
    let mut served = Served::start(&home);
    let address = served.url.trim_start_matches("http://").to_owned();
    let body = json!({ "content": "Said while it was ending." }).to_string();
    let head = format!(
        "POST /v1/memories HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    let mut connection = TcpStream::connect(&address).expect("connects");
    connection.set_read_timeout(Some(LONGEST)).expect("a time-out");

    connection.write_all(head.as_bytes()).expect("written");
    let mut go_on = [0; 25];
    connection.read_exact(&mut go_on).expect("the call has begun");
    signal(&served.process, "TERM");
    // It has heard us once nobody new is let in.
    while TcpStream::connect(&address).is_ok() {
        std::thread::yield_now();
    }
    connection.write_all(body.as_bytes()).expect("written");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("an answer, and the end");

    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    assert_eq!(ended(&mut served.process).code(), Some(0));
    assert_eq!(home.run(&["recall", "ending", "--json"]).json()["count"], 1);
}

#[test]
fn a_server_that_stopped_has_folded_its_log_in() {
    let home = Home::new();
    home.init();

    let (code, ..) = Served::start(&home).stop();

    assert_eq!(code, Some(0));
    let wal = home.data().join("memoranda.db-wal");
    assert_eq!(std::fs::metadata(wal).map_or(0, |file| file.len()), 0);
}

#[tokio::test]
async fn when_a_key_was_last_used_is_written_at_the_end() {
    let home = Home::new();
    let key = home.init();
    let served = Served::start(&home);
    served.caller(&key).ok("whoami", json!({})).await;

    served.stop();

    let list = home.run(&["key", "list", "--json"]).json();
    assert!(list["keys"][0]["last_used_at"].is_string(), "{list}");
}

#[tokio::test]
async fn a_server_and_a_client_on_one_folder_both_write() {
    let home = Home::new();
    let key = home.init();
    let served = Served::start(&home);
    let caller = served.caller(&key);
    let mut client = Piped::start(&home);
    client.initialize("walker");

    let writing = tokio::task::spawn_blocking(move || {
        for number in 0..40 {
            let result = client.call("remember", json!({ "content": format!("Walker {number}.") }));
            assert_eq!(result["isError"], false, "{result}");
        }
        client.end().0
    });
    for number in 0..40 {
        caller.ok("remember", json!({ "content": format!("Server {number}.") })).await;
    }

    assert_eq!(writing.await.expect("no panic"), Some(0));
    for word in ["walker", "server"] {
        let found = caller.ok("recall", json!({ "query": word, "limit": 100 })).await;
        let hits = found["hits"].as_array().expect("hits");
        let has_word = |hit: &&Value| {
            hit["content"].as_str().is_some_and(|content| content.to_lowercase().starts_with(word))
        };
        assert_eq!(hits.iter().filter(has_word).count(), 40);
    }
    served.stop();
    let house = memoranda::cli::compose::House::open(&home.data()).expect("opens");
    assert_eq!(crate::surface::probe::intact_chain(&house).await.len(), 82, "and two first uses");
    house.close().await;
}

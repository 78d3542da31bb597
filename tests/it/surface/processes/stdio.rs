use memoranda::ops::spec::Toolset;
use serde_json::{Value, json};

use crate::surface::lists;

use super::{Home, Piped, hello, request, signal, stateless, unknown_key};

#[test]
fn an_agent_needs_no_key_and_no_setting_up() {
    let home = Home::new();
    let mut client = Piped::start(&home);

    let hello = client.initialize("walker");
    let tools = client.ask(2, "tools/list", json!({}));
    client.call("remember", json!({ "content": "We drink tea." }));
    let found = client.call("recall", json!({ "query": "tea" }));

    assert_eq!(hello["protocolVersion"], "2025-06-18");
    assert!(tools["result"]["tools"].as_array().is_some_and(|tools| tools.len() >= 8));
    assert_eq!(found["structuredContent"]["hits"][0]["content"], "We drink tea.");
    assert_eq!(client.end().0, Some(0));
}

#[test]
fn the_stateless_era_works_without_initialize() {
    let home = Home::new();
    let mut client = Piped::start(&home);

    let found = client.ask(1, "server/discover", stateless("walker", json!({})));
    let call = stateless("walker", json!({ "name": "whoami", "arguments": {} }));
    let who = client.ask(2, "tools/call", call);

    let versions = found["result"]["supportedVersions"].as_array().cloned().unwrap_or_default();
    assert!(versions.contains(&json!("2026-07-28")), "{found}");
    assert_eq!(who["result"]["structuredContent"]["agent"]["id"], "walker", "{who}");
}

#[test]
fn the_agent_is_named_by_its_client() {
    let home = Home::new();

    for (client, id) in [("walker", "walker"), ("Claude Code", "claude-code"), ("日本", "agent")]
    {
        let mut piped = Piped::start(&home);
        piped.initialize(client);
        let who = piped.call("whoami", json!({}))["structuredContent"].clone();

        assert_eq!(who["agent"]["id"], id, "{who}");
        assert_eq!(who["agent"]["display_name"], client);
        assert_eq!((&who["credential_kind"], &who["role"]), (&json!("local"), &json!("owner")));
        assert!(who["member"].is_string());
    }
}

#[test]
fn standard_output_holds_frames_alone_even_where_everything_is_logged() {
    let home = Home::new();
    let mut command = home.command(&["stdio"]);
    command.env("MEMORANDA_LOG", "debug");
    let mut client = Piped::from(command);

    client.initialize("walker");
    client.call("remember", json!({ "content": "Said in confidence." }));
    client.call("remember", json!({ "contnet": "x" }));
    client.write("this is no frame");
    let (code, rest, err) = client.end();

    // Every line was read as a frame: `Piped` takes nothing else.
    assert_eq!(code, Some(0), "{rest:?}");
    assert!(err.contains("remember"), "something is logged: {err}");
    assert!(!err.contains("confidence"), "no memory's text is logged: {err}");
}

#[test]
fn what_was_asked_before_the_end_of_input_is_answered() {
    let home = Home::new();
    let mut client = Piped::start(&home);

    client.write(&request(0, "initialize", hello("walker")));
    client.write(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
    for number in 1..=20 {
        let arguments = json!({ "content": format!("Tea {number}.") });
        client.write(&request(
            number,
            "tools/call",
            json!({ "name": "remember", "arguments": arguments }),
        ));
    }
    let (code, frames, err) = client.end();

    let mut ids: Vec<u64> = frames.iter().filter_map(|frame| frame["id"].as_u64()).collect();
    ids.sort_unstable();
    assert_eq!((code, ids), (Some(0), (0..=20).collect()), "{err}");
    assert_eq!(home.run(&["recall", "tea", "--json", "--limit", "100"]).json()["count"], 20);
}

#[test]
fn it_ends_at_the_end_of_input_before_a_word_was_said() {
    let home = Home::new();

    assert_eq!(Piped::start(&home).end().0, Some(0));
}

#[test]
fn it_ends_cleanly_when_told_to_stop() {
    let home = Home::new();
    let mut client = Piped::start(&home);
    client.initialize("walker");
    client.call("remember", json!({ "content": "Tea." }));

    signal(&client.process, "TERM");
    let (code, _, err) = client.ended();

    assert_eq!(code, Some(0), "{err}");
    let wal = home.data().join("memoranda.db-wal");
    assert!(std::fs::metadata(wal).map_or(0, |file| file.len()) == 0, "the log is folded in");
}

#[test]
fn a_key_of_the_environment_makes_it_that_keys_agent() {
    let home = Home::new();
    home.init();
    let made = home.run(&["key", "create", "Scout", "--agent", "scout", "--json"]).json();
    let key = made["key"].as_str().expect("a key");

    for (arguments, variable) in [
        (&["stdio"][..], "MEMORANDA_API_KEY"),
        (&["stdio", "--api-key-env", "OTHER_NAME"], "OTHER_NAME"),
    ] {
        let mut command = home.command(arguments);
        command.env(variable, key);
        let mut client = Piped::from(command);
        client.initialize("walker");
        let who = client.call("whoami", json!({}))["structuredContent"].clone();

        assert_eq!(
            (&who["agent"]["id"], &who["role"]),
            (&json!("scout"), &json!("editor")),
            "{variable}"
        );
        assert_eq!(who["key_id"], made["key_id"]);
    }
}

#[test]
fn an_agent_id_of_the_environment_is_the_agents_name() {
    let home = Home::new();
    let mut command = home.command(&["stdio"]);
    command.env("MEMORANDA_AGENT_ID", "scout");
    let mut client = Piped::from(command);

    client.initialize("walker");

    assert_eq!(client.call("whoami", json!({}))["structuredContent"]["agent"]["id"], "scout");
}

#[test]
fn a_wrong_key_says_so_in_the_result_with_the_next_step() {
    let home = Home::new();
    home.init();

    for key in [unknown_key(), "memo_mistyped".to_owned()] {
        let mut command = home.command(&["stdio"]);
        command.env("MEMORANDA_API_KEY", &key);
        let mut client = Piped::from(command);
        client.initialize("walker");
        let result = client.call("whoami", json!({}));

        assert_eq!(
            (&result["isError"], &result["structuredContent"]["code"]),
            (&json!(true), &json!("INVALID_API_KEY"))
        );
        assert!(result["structuredContent"]["fix"].is_string());
        let list = client.ask(3, "tools/list", json!({}));
        assert_eq!(list["error"]["data"]["code"], "INVALID_API_KEY", "{list}");
        let (code, _, err) = client.end();
        assert_eq!(code, Some(0));
        assert!(!err.contains(&key));
    }
}

#[test]
fn a_key_revoked_while_its_client_runs_stops_at_the_next_call() {
    let home = Home::new();
    home.init();
    let made = home.run(&["key", "create", "Scout", "--json"]).json();
    let mut command = home.command(&["stdio"]);
    command.env("MEMORANDA_API_KEY", made["key"].as_str().expect("a key"));
    let mut client = Piped::from(command);
    client.initialize("walker");
    client.call("remember", json!({ "content": "Tea." }));

    home.run(&["key", "revoke", made["key_id"].as_str().expect("an id")]);
    let result = client.call("remember", json!({ "content": "Milk." }));

    assert_eq!(result["structuredContent"]["code"], "INVALID_API_KEY");
    let found = home.run(&["recall", "milk", "--json"]).json();
    assert!(!found.to_string().contains("Milk."), "{found}");
}

#[test]
fn a_malformed_line_is_answered_and_the_next_one_works() {
    let home = Home::new();
    let mut client = Piped::start(&home);
    client.initialize("walker");

    for bad in ["{nope", "zebra", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",}"] {
        client.write(bad);
        let answer = client.read();

        assert_eq!(
            (&answer["error"]["code"], &answer["id"]),
            (&json!(-32700), &Value::Null),
            "{answer}"
        );
        assert!(!answer.to_string().contains("zebra"));
    }
    assert_eq!(client.call("whoami", json!({}))["isError"], false);
}

#[test]
fn toolsets_are_chosen_by_flag() {
    let home = Home::new();
    let mut client = Piped::from(home.command(&["stdio", "--toolsets", "admin"]));
    client.initialize("walker");

    let tools = client.ask(2, "tools/list", json!({}))["result"]["tools"].clone();

    let names: Vec<_> = tools.as_array().expect("tools").iter().map(|tool| &tool["name"]).collect();
    assert_eq!(names, lists::expected(&[Toolset::Admin]));
}

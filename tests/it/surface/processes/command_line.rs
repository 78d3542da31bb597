use serde_json::json;

use super::{Ended, Home, Served, unknown_key};

#[test]
fn what_is_remembered_is_recalled_as_json_and_for_a_reader() {
    let home = Home::new();

    let kept = home.run(&["remember", "We drink tea.", "--tags", "drink,green", "--json"]).json();
    let found = home.run(&["recall", "tea", "--json"]).json();
    let shown = home.run(&["recall", "tea"]);

    let hit = &found["hits"][0];
    assert_eq!((&hit["id"], &hit["tags"]), (&kept["id"], &json!(["drink", "green"])));
    assert!(hit["author"]["member"].is_string() && hit["author"]["agent"].is_null());
    assert_eq!(shown.code, Some(0));
    assert!(shown.out.contains("We drink tea.") && shown.err.is_empty(), "{}", shown.out);
}

#[test]
fn a_memory_is_read_changed_and_forgotten() {
    let home = Home::new();
    let kept = home.run(&["remember", "We drink tea.", "--json"]).json();
    let id = kept["id"].as_str().expect("an id");

    let changed =
        home.run(&["memory", "update", id, "--content", "We drink milk.", "--json"]).json();
    let whole = home.run(&["memory", "get", id, "--versions", "--json"]).json();
    home.run(&["forget", id, "--reason", "Neither.", "--json"]).json();

    assert_eq!((&changed["version"], &whole["content"]), (&json!(2), &json!("We drink milk.")));
    assert_eq!(whole["versions"].as_array().map(Vec::len), Some(2));
    home.run(&["memory", "get", id]).refused_without_fix(66, "NOT_FOUND");
}

impl Ended {
    fn refused_without_fix(&self, exit: i32, code: &str) {
        assert_eq!((self.code, self.out.as_str()), (Some(exit), ""), "{}", self.err);
        assert!(self.err.contains(&format!("[{code}]")), "{}", self.err);
    }
}

#[test]
fn text_may_come_from_standard_input() {
    use std::io::Write;
    use std::process::Stdio;
    let home = Home::new();
    let mut command = home.command(&["remember", "-", "--json"]);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");

    process.stdin.take().expect("piped").write_all("Two\nlines.\n".as_bytes()).expect("written");
    let kept = Ended::of(process.wait_with_output().expect("ends")).json();

    let id = kept["id"].as_str().expect("an id");
    assert_eq!(home.run(&["memory", "get", id, "--json"]).json()["content"], "Two\nlines.");
}

#[test]
fn keys_are_made_listed_and_revoked() {
    let home = Home::new();
    home.init();

    let made =
        home.run(&["key", "create", "Scout", "--operations", "recall,brief", "--json"]).json();
    let id = made["key_id"].as_str().expect("an id");
    let listed = home.run(&["key", "list"]);
    let revoked = home.run(&["key", "revoke", id, "--json"]).json();
    let keys = home.run(&["key", "list", "--json"]).json();

    assert_eq!(made["operations"], json!(["recall", "brief"]));
    let secret = &made["key"].as_str().expect("a key")[18..];
    assert!(listed.out.contains("Scout") && !listed.out.contains(secret), "{}", listed.out);
    assert_eq!(revoked["status"], "revoked");
    let scout = keys["keys"].as_array().expect("keys").iter().find(|key| key["title"] == "Scout");
    assert_eq!(scout.expect("listed")["status"], "revoked");
}

#[test]
fn refusals_end_with_the_exit_code_of_the_table() {
    let home = Home::new();
    home.init();
    home.run(&["key", "create", "Taken"]);

    home.run(&["remember", " "]).refused_without_fix(64, "INVALID_ARGUMENT");
    home.run(&["recall", "tea", "--limit", "0"]).refused_without_fix(64, "INVALID_ARGUMENT");
    home.run(&["key", "create", "Taken"]).refused(65, "ALREADY_EXISTS");
    home.run(&["key", "revoke", "abcdefghijkl"]).refused_without_fix(66, "NOT_FOUND");
    let secret = format!("the key is {}", unknown_key());
    let refused = home.run(&["remember", &secret]);
    refused.refused(64, "SECRET_ARGUMENT");
    assert!(!refused.err.contains("memo_"), "{}", refused.err);
}

#[test]
fn stored_text_cannot_steer_the_terminal() {
    let home = Home::new();
    home.run(&["remember", "Red \u{1b}[31m tea \u{7}.", "--json"]).json();

    let shown = home.run(&["recall", "tea"]);

    assert!(shown.out.contains("tea") && !shown.out.contains(['\u{1b}', '\u{7}']), "{}", shown.out);
}

#[test]
fn the_same_commands_work_on_a_server() {
    let home = Home::new();
    let key = home.init();
    let served = Served::start(&home);
    let own = Home::new();
    let on_server = |arguments: &[&str]| {
        let mut command = own.command(arguments);
        command.args(["--url", &served.url]).env("MEMORANDA_API_KEY", &key);
        Ended::of(command.output().expect("the binary starts"))
    };

    let kept = on_server(&["remember", "We drink tea.", "--tags", "drink", "--json"]).json();
    let id = kept["id"].as_str().expect("an id");
    let found = on_server(&["recall", "tea", "--json"]).json();
    let whole = on_server(&["memory", "get", id, "--versions", "--json"]).json();
    let made = on_server(&["key", "create", "Scout", "--json"]).json();
    let keys = on_server(&["key", "list", "--json"]).json();
    on_server(&["key", "revoke", made["key_id"].as_str().expect("an id"), "--json"]).json();
    let activity = on_server(&["activity", "list", "--operation", "remember", "--json"]).json();
    on_server(&["forget", id, "--json"]).json();

    assert_eq!((&found["hits"][0]["id"], &whole["tags"]), (&kept["id"], &json!(["drink"])));
    assert_eq!((&keys["count"], &activity["count"]), (&json!(2), &json!(1)));
    on_server(&["memory", "get", id]).refused_without_fix(66, "NOT_FOUND");
    on_server(&["recall", "tea", "--limit", "0"]).refused_without_fix(64, "INVALID_ARGUMENT");
    assert!(!own.data().exists(), "a server's command makes no database here");
}

#[test]
fn a_wrong_key_no_key_and_no_server_are_told_apart() {
    let home = Home::new();
    let key = home.init();
    let served = Served::start(&home);
    let with = |url: &str, key: Option<&str>| {
        let mut command = home.command(&["recall", "tea", "--url", url]);
        if let Some(key) = key {
            command.env("MEMORANDA_API_KEY", key);
        }
        Ended::of(command.output().expect("the binary starts"))
    };

    with(&served.url, Some(&unknown_key())).refused(77, "INVALID_API_KEY");
    with(&served.url, None).refused(77, "UNAUTHENTICATED");
    let url = served.url.clone();
    served.stop();
    let down = with(&url, Some(&key));

    down.refused(75, "UNAVAILABLE");
    assert!(down.err.contains(&url) && !down.err.contains(&key), "{}", down.err);
}

#[test]
fn a_header_breaking_key_is_refused_and_not_sent() {
    let home = Home::new();
    home.init();
    let served = Served::start(&home);
    let mut command = home.command(&["recall", "tea", "--url", &served.url]);
    command.env("MEMORANDA_API_KEY", "memo_x\r\nX-Evil: yes");

    let ended = Ended::of(command.output().expect("the binary starts"));

    assert!(ended.code.is_some_and(|code| [64, 75, 77].contains(&code)), "{:?}", ended.code);
    assert!(!ended.err.contains("Evil"), "{}", ended.err);
}

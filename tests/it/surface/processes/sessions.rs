use reqwest::Method;
use serde_json::json;

use super::{Ended, Home, Served};
use crate::support::Caller;

async fn status(caller: &Caller) -> u16 {
    caller.rest(Method::GET, "/v1/sessions/current", None).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_outlives_the_server_and_no_log_line_holds_its_token() {
    let home = Home::new();
    let key = home.init();
    let logging = || {
        let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("MEMORANDA_LOG", "trace");
        Served::from(command)
    };
    let served = logging();
    let owner = served.caller(&key);
    owner.ok("agent_create", json!({ "agent_id": "scout" })).await;
    let token = owner.activated("scout").await.session.expect("a token");
    let active = served.caller(&key).with_session(&token);
    active.ok("remember", json!({ "content": "Tea." })).await;
    let longer = active.rest(Method::POST, "/v1/sessions/extend", None).await;
    let forged = format!("{}AAAA", &token[..token.len() - 4]);
    assert_eq!(status(&active.with_session(&forged)).await, 401);
    assert_eq!(status(&served.caller(&token)).await, 401);
    let (_, out, first_log) = served.stop();

    let served = logging();
    let again = served.caller(&key).with_session(&token);
    assert_eq!(status(&again).await, 200, "what signs lies in the data folder");
    let (_, _, second_log) = served.stop();

    assert!(first_log.contains("session_activate"), "something is logged: {first_log}");
    let longer = longer.body["session_token"].as_str().expect("a token").to_owned();
    for text in [&out, &first_log, &second_log] {
        for part in [&token, &longer, &forged].iter().flat_map(|token| token.split('.')) {
            assert!(!text.contains(part), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_sessions_work_on_a_server_and_need_one_to_begin() {
    let home = Home::new();
    let key = home.init();
    home.run(&["agent", "create", "scout"]);
    home.run(&["session", "activate", "scout"]).refused(77, "PERMISSION_DENIED");
    let served = Served::start(&home);
    let on_server = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.args(["--url", &served.url, "--json"]).env("MEMORANDA_API_KEY", &key);
        Ended::of(command.output().expect("the binary starts")).json()
    };

    let made = on_server(&["session", "activate", "scout"]);
    let listed = home.run(&["session", "list", "--json"]).json();
    let ended = on_server(&["session", "end", "scout"]);
    let rotated = home.run(&["session", "rotate-key", "--end-now", "--json"]);

    assert_eq!(
        (&listed["count"], &listed["sessions"][0]["session_id"]),
        (&json!(1), &made["session_id"])
    );
    assert_eq!(ended["sessions"][0]["session_id"], made["session_id"]);
    assert!(rotated.out.contains("sgn_"), "{}\n{}", rotated.out, rotated.err);
}

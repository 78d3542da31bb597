use std::net::TcpListener;

use serde_json::json;

use super::{Home, Piped, Served};

#[test]
fn a_first_start_prints_the_key_and_client_configuration_once() {
    let home = Home::new();
    let (code, out, err) = Served::start(&home).stop();
    let again = Served::start(&home).stop();

    let key = out.split_whitespace().find(|word| word.starts_with("memo_")).expect("a key");
    assert_eq!((code, key.len()), (Some(0), 67));
    assert!(out.contains(&format!("--header \"Authorization: Bearer {key}\"")), "{out}");
    assert!(out.contains("claude mcp add") && out.contains("\"mcpServers\""), "{out}");
    assert!(!err.contains("memo_"), "{err}");
    assert_eq!((again.0, again.1.as_str()), (Some(0), ""));
    assert!(!again.2.contains("memo_"));
}

#[tokio::test]
async fn the_printed_key_works_and_the_configuration_names_the_address() {
    let home = Home::new();
    let served = Served::start(&home);
    let printed: Vec<String> =
        std::iter::from_fn(|| served.out.0.recv_timeout(super::LONGEST).ok())
            .take_while(|line| !line.starts_with("Give each agent"))
            .collect();
    let printed = printed.join("\n");

    let key = printed.split_whitespace().find(|word| word.starts_with("memo_")).expect("a key");
    let who = served.caller(key).ok("whoami", json!({})).await;

    assert_eq!((&who["team"], &who["role"]), (&json!("local"), &json!("owner")));
    assert!(printed.contains(&format!("{}/mcp", served.url)), "{printed}");
}

#[test]
fn init_makes_the_team_and_tells_programs_the_key() {
    let home = Home::new();

    let made = home.run(&["init", "--json", "--team", "rookery"]).json();

    assert_eq!(made["team"], "rookery");
    let key = made["key"].as_str().expect("a key");
    assert_eq!(key[5..17], *made["key_id"].as_str().expect("an id"));
    assert_eq!(made["data"], home.data().display().to_string());
    assert_eq!(made.as_object().map(serde_json::Map::len), Some(4));
}

#[test]
fn a_second_init_is_refused_and_changes_nothing() {
    let home = Home::new();
    home.init();
    let keys = home.run(&["key", "list", "--json"]).json();

    home.run(&["init", "--json"]).refused(65, "ALREADY_EXISTS");

    assert_eq!(home.run(&["key", "list", "--json"]).json(), keys);
}

#[test]
fn init_after_stdio_gives_the_team_its_first_key() {
    let home = Home::new();
    let mut client = Piped::start(&home);
    client.initialize("walker");
    client.call("remember", json!({ "content": "Before any key." }));
    client.end();

    home.init();

    let found = home.run(&["recall", "key", "--json"]).json();
    assert_eq!(found["count"], 1);
}

#[test]
fn a_port_in_use_is_told_and_the_folder_stays_untouched() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();

    let ended = home.run(&["serve", "--listen", &address]);

    ended.refused(75, "UNAVAILABLE");
    assert!(ended.err.contains(&address) && ended.err.contains("--listen"), "{}", ended.err);
    assert!(!home.data().exists());
}

#[test]
fn a_folder_that_cannot_be_made_is_told_with_a_way_out() {
    let home = Home::new();
    std::fs::write(home.data(), "a file, not a folder").expect("written");
    let below = home.data().join("deeper");
    let below = below.to_str().expect("UTF-8");

    for arguments in [
        &["serve", "--listen", "127.0.0.1:0", "--data", below][..],
        &["init", "--data", below],
        &["stdio", "--data", below],
        &["remember", "Tea.", "--data", below],
    ] {
        let ended = home.run(arguments);
        ended.refused(77, "PERMISSION_DENIED");
        assert!(ended.err.contains("--data"), "{}", ended.err);
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let home = Home::new();
    home.init();
    let path = home.data().join(memoranda::store::sqlite::FILE_NAME);
    let database = rusqlite::Connection::open(&path).expect("opens");
    let sql = "INSERT INTO migrations (name) VALUES ('9999_from_the_future')";
    database.execute(sql, []).expect("inserted");
    drop(database);
    let before = std::fs::read(&path).expect("reads");

    for arguments in
        [&["serve", "--listen", "127.0.0.1:0"][..], &["init"], &["stdio"], &["recall", "tea"]]
    {
        home.run(arguments).refused(65, "CONFLICT");
    }

    assert_eq!(std::fs::read(&path).expect("reads"), before);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let home = Home::new();
    std::fs::create_dir(home.data()).expect("made");
    let path = home.data().join(memoranda::store::sqlite::FILE_NAME);
    let text = "This is no database, and it is long enough to be seen as none. ".repeat(100);
    std::fs::write(&path, &text).expect("written");

    home.run(&["recall", "tea"]).refused(75, "UNAVAILABLE");

    assert_eq!(std::fs::read_to_string(&path).expect("reads"), text);
}

#[test]
fn bad_flags_are_told_as_such() {
    let home = Home::new();

    for arguments in [
        &["serve", "--zebra"][..],
        &["zebra"],
        &[],
        &["key"],
        &["key", "create"],
        &["serve", "--listen", "nowhere"],
        &["serve", "--listen", "0.0.0.0:0"],
        &["serve", "--log", "loudly"],
        &["serve", "--public-url", "zebra"],
        &["init", "--team", "two words"],
        &["recall", "tea", "--limit", "ten"],
        &["recall", "tea", "--config", "/nowhere/at/all.toml"],
    ] {
        let ended = home.run(arguments);
        assert_eq!(
            (ended.code, ended.out.as_str()),
            (Some(64), ""),
            "{arguments:?}: {}",
            ended.err
        );
        assert!(!ended.err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn help_and_version_go_to_standard_output_with_success() {
    let home = Home::new();

    for arguments in [
        &["--help"][..],
        &["--version"],
        &["serve", "--help"],
        &["key", "create", "--help"],
        &["help", "config"],
    ] {
        let ended = home.run(arguments);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(ended.out.len() > 10, "{arguments:?}");
    }
}

#[test]
fn without_a_folder_named_the_data_lies_in_the_persons_home() {
    let home = Home::new();
    let mut command = home.command(&["remember", "Tea.", "--json"]);
    let output = command.env_remove("MEMORANDA_DATA").output().expect("the binary starts");

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(home.0.path().join(".local/share/memoranda/memoranda.db").is_file());
    assert!(!home.data().exists());
}

#[cfg(unix)]
#[test]
fn the_folder_and_the_database_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.init();

    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("is there").permissions().mode() & 0o777
    };
    assert_eq!(mode(&home.data()), 0o700);
    for file in std::fs::read_dir(home.data()).expect("a folder") {
        assert_eq!(mode(&file.expect("a file").path()), 0o600);
    }
}

#[test]
fn a_line_of_the_configuration_file_is_read_and_a_bad_one_named() {
    let home = Home::new();
    let file = home.0.path().join("memoranda.toml");
    let path = file.to_str().expect("UTF-8");
    std::fs::write(&file, "log = \"off\"\nzebra = 1\n").expect("written");

    let ended = home.run(&["recall", "tea", "--config", path]);

    ended.refused(64, "INVALID_ARGUMENT");
    assert!(ended.err.contains("line 2") && !ended.err.contains("zebra"), "{}", ended.err);
}

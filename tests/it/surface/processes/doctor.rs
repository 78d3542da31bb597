//! `memoranda doctor`: what it finds, what it says to do, and that it changes nothing.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{Ended, Home, Served};
use crate::cluster::{Database, cluster};

fn asked(mut command: Command) -> Ended {
    Ended::of(command.output().expect("the binary starts"))
}

fn doctor(home: &Home, arguments: &[&str]) -> Ended {
    let mut all = vec!["doctor", "--json", "--listen", "127.0.0.1:0"];
    all.extend(arguments);
    asked(home.command(&all))
}

/// What was found, and whether all is well; the exit code says the same.
fn found(ended: &Ended) -> Value {
    let answer: Value = serde_json::from_str(&ended.out).expect("JSON");
    let is_well = answer["is_well"].as_bool().expect("a boolean");
    assert_eq!(ended.code, Some(i32::from(!is_well)), "{answer}");
    answer
}

/// The state of a check and what it says, with what to do next.
fn check(ended: &Ended, name: &str) -> (String, String) {
    let answer = found(ended);
    let checks = answer["checks"].as_array().expect("a list");
    let one = checks.iter().find(|one| one["check"] == name);
    let one = one.unwrap_or_else(|| panic!("no check `{name}`: {answer:#}"));
    let state = one["state"].as_str().expect("a state").to_owned();
    assert_eq!(state != "ok", one["fix"].is_string(), "{one}");
    (state, format!("{} {}", one["says"], one["fix"]))
}

/// Names, sizes and times of all that is in a folder.
fn seen(folder: &Path) -> BTreeMap<String, (u64, Option<std::time::SystemTime>)> {
    let entries = std::fs::read_dir(folder).expect("lists").flatten();
    let kept = entries.filter(|entry| !entry.file_name().to_string_lossy().ends_with("-shm"));
    kept.map(|entry| {
        let metadata = entry.metadata().expect("there");
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, (metadata.len(), metadata.modified().ok()))
    })
    .collect()
}

#[test]
fn a_sound_folder_is_well_and_is_left_as_it_was() {
    let home = Home::new();
    let key = home.init();
    home.run(&["remember", "We drink tea."]);
    let before = seen(&home.data());
    let mut command = home.command(&["doctor", "--json", "--listen", "127.0.0.1:0"]);
    command.env("MEMORANDA_API_KEY", &key);

    let ended = asked(command);

    for name in ["settings", "data folder", "disk", "database", "integrity", "schema", "full text"]
    {
        assert_eq!(check(&ended, name).0, "ok", "{name}: {}", ended.out);
    }
    for name in ["activity trail", "key", "address", "model", "vectors", "clock"] {
        assert_eq!(check(&ended, name).0, "ok", "{name}: {}", ended.out);
    }
    let after = seen(&home.data());
    assert_eq!(before.get("memoranda.db"), after.get("memoranda.db"));
    assert!(!ended.out.contains(&key) && !ended.err.contains(&key));
}

#[test]
fn what_waits_for_vectors_is_told_until_they_are_made() {
    let home = Home::new();
    home.init();
    for text in ["We drink tea.", "We drink milk."] {
        let mut command = home.command(&["remember", text]);
        command.env("MEMORANDA_NO_MODEL", "true");
        assert_eq!(asked(command).code, Some(0));
    }
    let waiting = doctor(&home, &[]);
    let mut without = home.command(&["doctor", "--json", "--listen", "127.0.0.1:0"]);
    without.env("MEMORANDA_NO_MODEL", "true");

    let (state, says) = check(&waiting, "vectors");

    assert_eq!(state, "warn");
    assert!(says.contains("2 texts wait for those of all-MiniLM-L6-v2"), "{says}");
    assert_eq!(check(&asked(without), "vectors").0, "ok");
    let served = Served::start(&home);
    let made = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        check(&doctor(&home, &[]), "vectors").0 == "ok"
    });
    assert!(made, "the server makes them");
    let (_, _, log) = served.stop();
    assert!(log.contains("texts wait for vectors"), "{log}");
}

#[test]
fn it_works_while_a_server_runs_and_finds_it() {
    let home = Home::new();
    home.init();
    let served = Served::start(&home);
    let address = served.url.trim_start_matches("http://").to_owned();

    let ended = asked(home.command(&["doctor", "--json", "--listen", &address]));

    let (state, says) = check(&ended, "address");
    assert!(state == "ok" && says.contains("answers"), "{says}");
    assert_eq!(served.stop().0, Some(0));
}

#[test]
fn what_is_not_there_yet_is_said_and_not_made() {
    let home = Home::new();

    let ended = doctor(&home, &[]);

    assert_eq!(check(&ended, "data folder").0, "warn");
    assert_eq!(check(&ended, "database").0, "warn");
    assert_eq!(ended.code, Some(0), "nothing has failed");
    assert!(!home.data().exists());
}

#[test]
fn a_folder_that_is_open_to_others_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.init();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(home.data(), open).expect("set");

    let (state, says) = check(&doctor(&home, &[]), "data folder");

    assert!(state == "warn" && says.contains("chmod 700"), "{says}");
}

#[test]
fn a_damaged_file_an_altered_trail_and_a_lost_index_fail() {
    let damage = |sql: &str| {
        let home = Home::new();
        home.init();
        home.run(&["remember", "We drink tea."]);
        let file = Connection::open(home.data().join("memoranda.db")).expect("opens");
        file.execute_batch(sql).expect("runs");
        drop(file);
        let ended = doctor(&home, &[]);
        assert_eq!(ended.code, Some(1), "{}", ended.out);
        ended
    };

    let altered = damage("UPDATE activity SET summary = '{}' WHERE sequence = 1");
    let unindexed = damage("DELETE FROM memory_words");
    let newer = damage("INSERT INTO migrations (name) VALUES ('9999_later')");
    let home = Home::new();
    home.init();
    std::fs::write(home.data().join("memoranda.db"), [7_u8; 8192]).expect("written");
    let damaged = doctor(&home, &[]);

    let (state, says) = check(&altered, "activity trail");
    assert!(state == "fail" && says.contains("event 1"), "{says}");
    assert_eq!(check(&unindexed, "full text").0, "fail");
    assert_eq!(check(&newer, "schema").0, "fail");
    assert_eq!(check(&damaged, "database").0, "fail");
}

#[test]
fn an_older_schema_is_said_and_left_as_it_is() {
    let home = Home::new();
    home.init();
    let path = home.data().join("memoranda.db");
    let file = Connection::open(&path).expect("opens");
    file.execute_batch("DELETE FROM migrations WHERE name > '0002'").expect("runs");
    drop(file);

    let (state, says) = check(&doctor(&home, &[]), "schema");

    assert!(state == "warn" && says.contains("behind"), "{says}");
    let file = Connection::open(&path).expect("opens");
    let steps: i64 =
        file.query_row("SELECT count(*) FROM migrations", [], |row| row.get(0)).expect("counts");
    assert_eq!(steps, 1);
}

#[test]
fn a_key_that_is_not_let_in_fails_and_is_not_shown() {
    let home = Home::new();
    home.init();
    let unknown = super::unknown_key();
    let mut command = home.command(&["doctor", "--listen", "127.0.0.1:0"]);
    command.env("MEMORANDA_API_KEY", &unknown);

    let ended = asked(command);

    assert_eq!(ended.code, Some(1));
    assert!(ended.out.lines().any(|line| line.starts_with("fail  key ")), "{}", ended.out);
    let secret = &unknown[18..];
    assert!(!ended.out.contains(secret) && !ended.err.contains(secret));
}

#[test]
fn settings_that_are_mistyped_are_named() {
    let home = Home::new();
    home.init();
    let file = home.data().join("config.toml");
    std::fs::write(&file, "log = \"info\"\nlissen = \"127.0.0.1:1\"\n").expect("written");
    let mut mistyped = home.command(&["doctor", "--json", "--listen", "127.0.0.1:0"]);
    mistyped.env("MEMORANDA_LISSEN", "127.0.0.1:1");

    let variable = check(&asked(mistyped), "settings");
    let line = check(&doctor(&home, &["--config", file.to_str().expect("UTF-8")]), "settings");

    assert!(variable.0 == "warn" && variable.1.contains("MEMORANDA_LISSEN"), "{variable:?}");
    assert!(line.0 == "fail" && line.1.contains("line 2"), "{line:?}");
}

#[test]
fn an_address_that_is_taken_or_open_to_all_fails() {
    let home = Home::new();
    home.init();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let at = |listen: &str| {
        check(&asked(home.command(&["doctor", "--json", "--listen", listen])), "address")
    };

    let answering = std::thread::spawn(move || {
        // Whoever connects is hung up on, so that nobody waits for an answer.
        let _ = taken.accept();
        taken
    });
    let (other, beyond) = (at(&address), at("0.0.0.0:7420"));

    assert!(other.0 == "fail" && other.1.contains("another program"), "{other:?}");
    assert!(beyond.0 == "fail" && beyond.1.contains("--public-url"), "{beyond:?}");
    drop(answering.join());
}

#[test]
fn a_server_elsewhere_is_asked_whether_it_is_ready_and_lets_the_key_in() {
    let (home, own) = (Home::new(), Home::new());
    let key = home.init();
    let served = Served::start(&home);
    let asking = |url: &str| {
        let mut command = own.command(&["doctor", "--json", "--url", url]);
        command.env("MEMORANDA_API_KEY", &key);
        asked(command)
    };

    let there = asking(&served.url);
    served.kill();
    let gone = asking("http://127.0.0.1:1");

    assert_eq!((check(&there, "server").0, check(&there, "key").0), ("ok".into(), "ok".into()));
    assert_eq!((check(&gone, "server").0, gone.code), ("fail".into(), Some(1)));
    assert!(!own.data().exists());
}

#[test]
fn on_postgresql_it_says_what_the_server_is_and_changes_nothing() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), Database::new().expect("there is a cluster"));
    let empty = cluster.empty_database();
    home.run(&["init", "--json", "--database", &database.url()]).json();
    home.run(&["remember", "We drink tea.", "--database", &database.url()]);

    let ended = doctor(&home, &["--database", &database.url()]);
    let of_none = doctor(&home, &["--database", &empty.url()]);
    database.change("CREATE EXTENSION vector");
    let installed = doctor(&home, &["--database", &database.url()]);
    database.change("DELETE FROM memory_words");
    let unindexed = doctor(&home, &["--database", &database.url()]);
    let nowhere = "postgres://ada:hunter2@127.0.0.1:1/x";
    let unreachable = doctor(&home, &["--database", nowhere]);

    // The tests' own server doesn't wait for the disk, which is told.
    let (state, says) = check(&ended, "database");
    assert!(state == "fail" && says.contains("fsync"), "{says}");
    for name in ["schema", "full text", "activity trail", "clocks", "pgvector"] {
        assert_eq!(check(&ended, name).0, "ok", "{name}: {}", ended.out);
    }
    assert!(check(&ended, "pgvector").1.contains("CREATE EXTENSION vector"));
    let (state, says) = check(&installed, "pgvector");
    assert!(state == "ok" && says.contains("; 0 teams have their vectors indexed"), "{says}");
    assert_eq!(check(&of_none, "schema").0, "warn");
    assert_eq!(empty.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), ["0"]);
    assert_eq!(check(&unindexed, "full text").0, "fail");
    assert_eq!(check(&unreachable, "database").0, "fail");
    assert!(!unreachable.out.contains("hunter2") && !unreachable.err.contains("hunter2"));
    assert_eq!(found(&unreachable)["is_well"], json!(false));
}

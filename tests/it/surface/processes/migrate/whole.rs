use std::collections::BTreeSet;

use memoranda::store::moving::{ASIDE, ASIDE_COLUMNS};
use serde_json::{Value, json};

use super::{Ended, Home, Served, assert_lives_on, beside, lived};
use crate::cluster::cluster;

/// Moves what a team has lived through to PostgreSQL and back.
async fn there_and_back(how: &str) {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.empty_database());
    let lived = lived(&home).await;
    let (here, there, back) = (home.place(), database.url() + how, home.other("back"));

    let moved = home.moved(&here, &there, &["--json"]).json();
    let returned = home.moved(&there, &back, &["--json", "--batch", "7"]).json();

    assert_eq!(moved["tables"], returned["tables"]);
    let rows = |of: &str| {
        let tables = moved["tables"].as_array().expect("tables");
        tables.iter().find(|table| table["table"] == of).expect("a table")["rows"].as_u64()
    };
    assert_eq!((rows("memories"), rows("memory_words")), (Some(32), Some(30)), "{moved}");
    for later in ["sessions", "signing_keys", "memory_links", "retention_policies", "erasures"] {
        assert!(rows(later) >= Some(1), "{later}: {moved}");
    }
    home.assert_equal(&here, &back);
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("MEMORANDA_DATABASE", database.url());
    assert_lives_on(&Served::from(command), &lived).await;
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("MEMORANDA_DATA", super::folder(&back));
    assert_lives_on(&Served::from(command), &lived).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_moves_to_postgresql_and_back_and_nothing_is_lost() {
    there_and_back("").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_moves_to_tables_that_are_divided() {
    there_and_back("?partitions=3").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_moves_between_databases_of_one_engine() {
    let Some(cluster) = cluster() else { return };
    let home = Home::new();
    let lived = lived(&home).await;
    let (first, second) = (cluster.empty_database(), cluster.empty_database());
    let (here, copy) = (home.place(), home.other("copy"));

    home.moved(&here, &copy, &["--quiet"]);
    home.moved(&copy, &first.url(), &["--quiet"]);
    home.moved(&first.url(), &second.url(), &["--quiet"]);

    home.assert_equal(&here, &second.url());
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("MEMORANDA_DATABASE", second.url());
    assert_lives_on(&Served::from(command), &lived).await;
}

/// The names of all tables, without those that are how another is kept.
fn tables_of_sqlite(home: &Home) -> BTreeSet<String> {
    let connection = home.beside();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'memory\\_words\\_%' ESCAPE '\\'";
    let mut statement = connection.prepare(sql).expect("sound");
    let names = statement.query_map([], |row| row.get(0)).expect("runs");
    names.map(|name| name.expect("a name")).collect()
}

#[test]
fn every_table_is_moved_or_has_a_reason_to_stay() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.empty_database());
    home.init();
    let there = home.other("there");

    let planned = home.moved(&home.place(), &database.url(), &["--dry-run", "--json"]).json();
    home.moved(&home.place(), &database.url(), &["--json", "--quiet"]).json();
    home.moved(&database.url(), &there, &["--json", "--quiet"]).json();

    let moved: BTreeSet<String> = planned["tables"]
        .as_array()
        .expect("tables")
        .iter()
        .map(|table| table["table"].as_str().expect("a name").to_owned())
        .collect();
    let on_postgres: BTreeSet<String> = database
        .ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        .into_iter()
        .collect();
    for there in [tables_of_sqlite(&home), on_postgres] {
        let aside: BTreeSet<&str> = ASIDE.iter().map(|(name, _)| *name).collect();
        let lost: Vec<_> = there
            .iter()
            .filter(|name| !moved.contains(*name) && !aside.contains(&***name))
            .collect();
        assert!(lost.is_empty(), "neither moved nor listed: {lost:?}");
        assert!(moved.is_subset(&there), "moved from nowhere");
    }
    assert!(moved.iter().all(|name| ASIDE.iter().all(|(aside, _)| aside != name)));
}

#[test]
fn what_stays_behind_is_there_to_stay() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.database());
    home.init();
    let sqlite = tables_of_sqlite(&home);

    for (table, reason) in ASIDE {
        let on_postgres = database.ask(&format!("SELECT to_regclass('{table}') IS NOT NULL"));
        let is_a_table = sqlite.contains(table) || on_postgres == ["t"];
        assert_eq!(is_a_table, table != "moving", "{table}");
        assert!(!reason.is_empty());
    }
    for (table, column, _) in ASIDE_COLUMNS {
        let sql = format!("SELECT {column} FROM {table}");
        assert!(home.beside().prepare(&sql).is_ok(), "{sql}");
    }
}

#[test]
fn values_of_every_kind_arrive_as_they_were() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.empty_database());
    home.init();
    for number in 0..3 {
        home.run(&["remember", &format!("Tea {number}."), "--json"]).json();
    }
    let extremes =
        "UPDATE memories SET occurred_at = ?1, valid_from = ?2, confidence = ?3, speaker = ?4
                    WHERE entry = ?5";
    let rows: [(i64, i64, f64, &str); 3] = [
        (i64::MIN, i64::MAX, 0.1 + 0.2, ""),
        (0, -1, f64::MIN_POSITIVE, "{\"a\": 1}, NULL, \\N, \"quoted\", 'single', {}"),
        (1 << 53, (1 << 53) + 1, f64::MAX, "\u{1}\t\r\n\u{85}\u{2028}\u{10ffff}é e\u{301}"),
    ];
    for (entry, (one, two, real, text)) in (1..).zip(rows) {
        let changed = home.beside().execute(extremes, (one, two, real, text, entry));
        assert_eq!(changed.expect("changed"), 1);
    }
    let back = home.other("back");

    home.moved(&home.place(), &database.url(), &["--quiet"]);
    home.moved(&database.url(), &back, &["--quiet"]);

    let read = |connection: rusqlite::Connection| -> Vec<(i64, i64, u64, String)> {
        let sql =
            "SELECT occurred_at, valid_from, confidence, speaker FROM memories ORDER BY memory_id";
        let mut statement = connection.prepare(sql).expect("sound");
        let rows = statement.query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, f64>(2)?.to_bits(), row.get(3)?))
        });
        rows.expect("runs").map(|row| row.expect("a row")).collect()
    };
    let expected = rows.map(|(one, two, real, text)| (one, two, real.to_bits(), text.to_owned()));
    assert_eq!(read(beside(&back)), expected);
}

#[test]
fn a_dry_run_changes_nothing() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.empty_database());
    home.init();
    home.run(&["remember", "Tea.", "--json"]).json();
    let nowhere = home.other("nowhere");

    let planned = home.moved(&home.place(), &database.url(), &["--dry-run", "--json"]).json();
    let new = home.moved(&home.place(), &nowhere, &["--dry-run", "--json"]).json();

    let memories = json!({ "table": "memories", "rows": 1 });
    assert!(planned["tables"].as_array().expect("tables").contains(&memories), "{planned}");
    assert_eq!((&planned["target"], &new["target"]), (&json!("empty"), &json!("empty")));
    assert_eq!(database.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), ["0"]);
    assert!(!home.0.path().join("nowhere").exists());
    home.moved(&home.place(), &database.url(), &["--quiet"]);
    let filled = home.moved(&home.place(), &database.url(), &["--dry-run", "--json"]).json();
    assert_eq!(filled["target"], "filled");
}

#[test]
fn progress_goes_to_standard_error_and_can_be_left_out() {
    let home = Home::new();
    home.init();
    home.run(&["remember", "Tea.", "--json"]).json();

    let told = home.moved(&home.place(), &home.other("one"), &["--json"]);
    let quiet = home.moved(&home.place(), &home.other("two"), &["--quiet"]);

    assert!(told.err.contains("copying memories: 0 of 1 rows"), "{}", told.err);
    assert!(serde_json::from_str::<Value>(&told.out).is_ok(), "{}", told.out);
    assert_eq!((quiet.code, quiet.err.as_str()), (Some(0), ""));
    assert!(quiet.out.contains("read again and compared"), "{}", quiet.out);
}

#[test]
fn without_names_it_moves_from_the_folder_to_the_database_that_are_set() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.empty_database());
    home.init();
    let mut command = home.command(&["migrate", "--quiet"]);
    command.env("MEMORANDA_DATABASE", database.url());

    assert_eq!(Ended::of(command.output().expect("runs")).code, Some(0));

    home.assert_equal(&home.place(), &database.url());
    home.run(&["migrate"]).refused(64, "INVALID_ARGUMENT");
}

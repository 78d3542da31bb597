use std::process::Stdio;

use serde_json::{Value, json};

use super::{Home, count};
use crate::cluster::{Database, cluster};
use crate::surface::processes::{LONGEST, Served, ended, lines};

/// Where a run is killed, one after the other: when it says that it does this.
const KILLED_AT: [&str; 7] = [
    "reading memories:",
    "copying activity:",
    "copying memories:",
    "copying memories:",
    "copying memory_versions:",
    "indexing memory_words:",
    "checking memories:",
];

/// A database with enough in it for a run to be killed in the midst of a table.
async fn filled(home: &Home) {
    let key = home.init();
    let served = Served::start(home);
    let owner = served.caller(&key);
    for turn in 0..3 {
        let item = |number| json!({ "content": format!("Tea number {turn}x{number}."), "tags": ["drink"] });
        let items: Vec<Value> = (0..100).map(item).collect();
        owner.ok("remember", json!({ "items": items })).await;
    }
    for number in 0..20 {
        owner.ok("remember", json!({ "content": format!("Milk number {number}.") })).await;
    }
    assert_eq!(served.stop().0, Some(0));
}

/// Runs a move until it says this, and kills it; gives what it said.
fn killed(home: &Home, from: &str, to: &str, at: &str) -> Vec<String> {
    let mut command = home.moving(from, to, &["--batch", "1"]);
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starts");
    let (said, _) = lines(process.stderr.take().expect("piped"));
    let mut all = Vec::new();
    loop {
        let line = said.recv_timeout(LONGEST).unwrap_or_else(|_| panic!("it never says {at}"));
        let is_here = line.starts_with(at);
        all.push(line);
        if is_here {
            break;
        }
    }
    process.kill().expect("a child");
    ended(&mut process);
    all.extend(said.iter());
    all
}

/// The row up to which the target notes that everything is done, and how many of its table there are.
fn noted(to: &str, database: Option<&Database>) -> Option<(String, u64)> {
    let sql = "SELECT note FROM moving";
    let note = match database {
        Some(database) => {
            let is_there = database.ask("SELECT to_regclass('moving') IS NOT NULL")[0] == "t";
            is_there.then(|| database.ask(sql).pop()).flatten()
        }
        None if super::folder(to).exists() => {
            super::beside(to).query_row(sql, [], |row| row.get(0)).ok()
        }
        None => None,
    };
    let note: Value = serde_json::from_str(&note?).expect("JSON");
    let row = &note["at"]["Row"];
    Some((row["table"].as_str()?.to_owned(), row["rows"].as_u64()?))
}

fn survives_being_killed(home: &Home, from: &str, to: &str, database: Option<&Database>) {
    for at in KILLED_AT {
        let before = noted(to, database);
        let said = killed(home, from, to, at);
        if let Some(database) = database {
            // What the dead program had sent is over once its lock is free.
            database.ask("SELECT pg_advisory_xact_lock(5715426918420017)");
        }

        if let Some((table, rows)) = &before {
            let goes_on = format!("copying {table}: {rows} of ");
            assert!(said.iter().any(|line| line.starts_with(&goes_on)), "{goes_on}: {said:#?}");
        }
        if let Some((table, rows)) = noted(to, database) {
            assert_eq!(
                count(to, database, &table),
                rows,
                "the note and the rows are of one moment"
            );
        }
    }
    // Nothing starts on what isn't whole.
    let mut brief = home.command(&["brief"]);
    match database {
        Some(database) => brief.env("MEMORANDA_DATABASE", database.url()),
        None => brief.env("MEMORANDA_DATA", super::folder(to)),
    };
    super::Ended::of(brief.output().expect("runs")).refused(65, "CONFLICT");
    home.moved(from, to, &["--verify", "--quiet"]).refused(65, "CONFLICT");

    let moved = home.moved(from, to, &["--json"]).json();

    assert_eq!(moved["is_resumed"], true);
    home.assert_equal(from, to);
    let notes = "SELECT count(*) FROM migrations WHERE name = '~moving'";
    let left = match database {
        Some(database) => database.ask(notes)[0] == "0",
        None => super::beside(to).query_row(notes, [], |row| row.get(0)) == Ok(0),
    };
    assert!(left, "it is a database like any other");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_to_postgresql_goes_on_where_it_was_killed() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.empty_database());
    filled(&home).await;

    survives_being_killed(&home, &home.place(), &database.url(), Some(&database));

    let found = home.run(&["recall", "tea", "--json", "--database", &database.url()]).json();
    assert!(found["count"].as_u64() > Some(5), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_to_sqlite_goes_on_where_it_was_killed() {
    let Some(cluster) = cluster() else { return };
    let (home, database) = (Home::new(), cluster.empty_database());
    filled(&home).await;
    home.moved(&home.place(), &database.url(), &["--json"]).json();

    survives_being_killed(&home, &database.url(), &home.other("back"), None);

    home.assert_equal(&home.place(), &home.other("back"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_has_changed_is_refused_until_the_move_begins_again() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.empty_database();
    for is_shared in [true, false] {
        let home = Home::new();
        filled(&home).await;
        let to = if is_shared { database.url() } else { home.other("to") };
        killed(&home, &home.place(), &to, "copying memory_versions:");
        home.run(&["remember", "More tea.", "--json"]).json();

        let refused = home.moved(&home.place(), &to, &["--quiet"]);
        let stays = home.moved(&home.place(), &to, &["--dry-run", "--json"]).json();
        let anew = home.moved(&home.place(), &to, &["--restart", "--json"]).json();

        refused.refused(65, "CONFLICT");
        assert!(refused.err.contains("--restart"), "{}", refused.err);
        assert_eq!((&stays["target"], &anew["is_resumed"]), (&json!("begun"), &json!(false)));
        home.assert_equal(&home.place(), &to);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_moves_into_one_database_one_fills_it_and_it_is_whole() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.empty_database();
    for is_shared in [true, false] {
        let home = Home::new();
        filled(&home).await;
        let to = if is_shared { database.url() } else { home.other("to") };
        let both: Vec<_> = (0..2)
            .map(|_| {
                let mut command = home.moving(&home.place(), &to, &["--batch", "20"]);
                command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starts")
            })
            .collect();

        let both: Vec<_> =
            both.into_iter().map(|one| one.wait_with_output().expect("ends")).collect();

        let codes: Vec<_> = both.iter().map(|one| one.status.code()).collect();
        let is_sound = codes.iter().all(|code| [Some(0), Some(65)].contains(code));
        assert!(is_sound, "{codes:?} {}", String::from_utf8_lossy(&both[0].stderr));
        if !codes.contains(&Some(0)) {
            // Each stopped the other; what is there goes on.
            home.moved(&home.place(), &to, &["--json"]).json();
        }
        home.assert_equal(&home.place(), &to);
    }
}

//! The suites again, with two servers on one PostgreSQL and callers who ask them in turn: what holds
//! for one server and a file holds among replicas.

use std::process::Command;

use crate::cluster::cluster;
use crate::support::{ENGINE, NEAR};

/// What is run: the suites in which the database has a say.
const SUITES: [&str; 5] = [
    "surface::isolation",
    "surface::life",
    "surface::listening",
    "surface::recall",
    "surface::sessions",
];

/// The same for a database that indexes vectors, in which some hundreds of candidates stand for all.
const SUITES_OF_RECALL: [&str; 3] =
    ["surface::isolation", "surface::recall", "surface::life::proposals"];

#[test]
fn the_suites_hold_with_two_servers_on_one_database() {
    // One floods the database in SQLite's own words.
    hold("postgres", &SUITES, "more_memories_than_a_unit_takes");
}

#[test]
fn what_recall_shows_holds_where_the_database_finds_the_nearest_vectors() {
    hold(NEAR, &SUITES_OF_RECALL, "nothing");
}

fn hold(engine: &str, suites: &[&str], except: &str) {
    if std::env::var_os(ENGINE).is_some() || cluster().is_none() {
        return;
    }

    let ran = Command::new(std::env::current_exe().expect("this program"))
        .args(suites)
        .args(["--skip", except])
        .env(ENGINE, engine)
        .output()
        .expect("runs");

    let out = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{out}\n{}", String::from_utf8_lossy(&ran.stderr));
    assert!(out.contains("test result: ok.") && !out.contains(" 0 passed"), "{out}");
}

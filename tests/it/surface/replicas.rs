//! The suites again, with two servers on one PostgreSQL and callers who ask them in turn: what holds
//! for one server and a file holds among replicas.

use std::process::Command;

use crate::cluster::cluster;
use crate::support::ENGINE;

/// What is run: the suites in which the database has a say.
const SUITES: [&str; 5] = [
    "surface::isolation",
    "surface::life",
    "surface::listening",
    "surface::recall",
    "surface::sessions",
];

#[test]
fn the_suites_hold_with_two_servers_on_one_database() {
    if std::env::var_os(ENGINE).is_some() || cluster().is_none() {
        return;
    }

    let ran = Command::new(std::env::current_exe().expect("this program"))
        .args(SUITES)
        // It floods the database in SQLite's own words.
        .args(["--skip", "more_memories_than_a_unit_takes"])
        .env(ENGINE, "postgres")
        .output()
        .expect("runs");

    let out = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{out}\n{}", String::from_utf8_lossy(&ran.stderr));
    assert!(out.contains("test result: ok.") && !out.contains(" 0 passed"), "{out}");
}
